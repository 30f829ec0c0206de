// fresh_keys: what is under way and what is kept for a while, with their bounds.
#include "gateway/engine/fresh_keys.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace hikyaku::gateway {
namespace {

using namespace std::chrono_literals;

const steady_time start{1000s};
constexpr store::receipt_target first{7, 0, 1};
constexpr store::receipt_target second{8, 2, 1};

TEST(fresh_keys, a_key_is_found_before_and_for_a_while_after_its_commit) {
    fresh_keys keys(10, 20s);
    keys.add("one", first);
    EXPECT_EQ(keys.find("one"), first);
    EXPECT_TRUE(keys.under_way("one"));
    keys.committed("one", start);
    EXPECT_FALSE(keys.under_way("one"));
    keys.forget_old(start + 19s);
    EXPECT_EQ(keys.find("one"), first);
    keys.forget_old(start + 20s);
    EXPECT_EQ(keys.find("one"), std::nullopt);
}

TEST(fresh_keys, what_is_under_way_stays_however_many_others_come) {
    fresh_keys keys(2, 20s);
    keys.add("slow", first);
    for (int i = 0; i < 5; ++i) {
        const auto key = std::to_string(i);
        keys.add(key, second);
        keys.committed(std::string(key), start);
    }
    EXPECT_EQ(keys.find("slow"), first);
    EXPECT_EQ(keys.find("2"), std::nullopt);
    EXPECT_EQ(keys.find("3"), second);
    EXPECT_EQ(keys.find("4"), second);
}

TEST(fresh_keys, a_key_that_comes_again_belongs_to_the_younger_message) {
    fresh_keys keys(10, 20s);
    keys.add("one", first);
    keys.committed("one", start);
    keys.add("one", second);
    EXPECT_EQ(keys.find("one"), second);
    keys.forget_old(start + 20s);  // the time of the first one is over, the second is under way
    EXPECT_EQ(keys.find("one"), second);
    keys.committed("one", start + 25s);
    keys.forget_old(start + 44s);
    EXPECT_EQ(keys.find("one"), second);
    keys.forget_old(start + 45s);
    EXPECT_EQ(keys.find("one"), std::nullopt);
}

TEST(fresh_keys, the_key_of_a_message_that_is_gone_is_forgotten_unless_another_has_it) {
    fresh_keys keys(10, 20s);
    keys.add("one", first);
    keys.forget("one", first.message);  // not on disk yet
    EXPECT_EQ(keys.find("one"), first);
    keys.committed("one", start);
    keys.forget("one", second.message);
    EXPECT_EQ(keys.find("one"), first);
    keys.forget("one", first.message);
    EXPECT_EQ(keys.find("one"), std::nullopt);
}

}  // namespace
}  // namespace hikyaku::gateway
