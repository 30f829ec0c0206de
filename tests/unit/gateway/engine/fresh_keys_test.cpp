// fresh_keys: what is under way and what is kept for a while, with their bounds.
#include "gateway/engine/receiving/fresh_keys.hpp"
#include "tests/unit/gateway/engine/start.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace hikyaku::gateway {
namespace {

using namespace std::chrono_literals;

constexpr model::receipt_target first{7, 0, 1};
constexpr model::receipt_target second{8, 2, 1};

std::vector<std::uint64_t> messages_of(const fresh_keys& keys, std::string_view key) {
    std::vector<std::uint64_t> found;
    keys.visit(key, [&found](const model::receipt_target& target) {
        found.push_back(target.message);
        return true;
    });
    return found;
}

TEST(fresh_keys, a_key_is_found_before_and_for_a_while_after_its_commit) {
    fresh_keys keys(10, 20s);
    keys.add("one", first);
    EXPECT_EQ(keys.only("one"), first);
    keys.committed({"one", first}, start);
    keys.forget_old(start + 19s);
    EXPECT_EQ(keys.only("one"), first);
    keys.forget_old(start + 20s);
    EXPECT_FALSE(keys.has("one"));
    EXPECT_EQ(keys.only("one"), std::nullopt);
}

TEST(fresh_keys, what_is_under_way_stays_however_many_others_come) {
    fresh_keys keys(2, 20s);
    keys.add("slow", first);
    for (int i = 0; i < 5; ++i) {
        const auto key = std::to_string(i);
        keys.add(key, second);
        keys.committed({key.c_str(), second}, start);
    }
    EXPECT_EQ(keys.only("slow"), first);
    EXPECT_FALSE(keys.has("2"));
    EXPECT_EQ(keys.only("3"), second);
    EXPECT_EQ(keys.only("4"), second);
}

TEST(fresh_keys, a_key_that_comes_again_speaks_of_both_messages_each_for_its_own_time) {
    fresh_keys keys(10, 20s);
    keys.add("one", first);
    keys.committed({"one", first}, start);
    keys.add("one", second);
    EXPECT_EQ(keys.only("one"), std::nullopt);
    EXPECT_EQ(messages_of(keys, "one"), (std::vector<std::uint64_t>{8, 7}));  // youngest first
    keys.forget_old(start + 20s);  // the time of the first one is over, the second is under way
    EXPECT_EQ(keys.only("one"), second);
    keys.committed({"one", second}, start + 25s);
    keys.forget_old(start + 44s);
    EXPECT_EQ(keys.only("one"), second);
    keys.forget_old(start + 45s);
    EXPECT_FALSE(keys.has("one"));
}

TEST(fresh_keys, a_later_attempt_of_the_same_segment_takes_the_place_of_the_earlier_one) {
    fresh_keys keys(10, 20s);
    keys.add("one", first);
    const model::receipt_target again{first.message, first.segment, 2};
    keys.add("one", again);
    EXPECT_EQ(keys.only("one"), again);
    keys.committed({"one", first}, start);
    keys.committed({"one", again}, start);
    keys.forget_old(start + 20s);
    EXPECT_FALSE(keys.has("one"));
}

TEST(fresh_keys, of_one_key_only_so_many_are_kept_and_all_that_are_under_way) {
    fresh_keys keys(1000, 20s);
    constexpr auto most = fresh_keys::of_one_key_max;
    for (std::uint64_t i = 0; i < 2 * most; ++i)
        keys.add("same", {i, 0, 1});
    EXPECT_EQ(messages_of(keys, "same").size(), 2 * most);
    for (std::uint64_t i = 0; i < 2 * most; ++i)
        keys.committed({"same", {i, 0, 1}}, start);
    for (std::uint64_t i = 2 * most; i < 4 * most; ++i) {
        keys.add("same", {i, 0, 1});
        keys.committed({"same", {i, 0, 1}}, start);
    }
    EXPECT_LE(messages_of(keys, "same").size(), 2 * most);
    EXPECT_EQ(messages_of(keys, "same").front(), 4 * most - 1);
    keys.forget_old(start + 20s);
    EXPECT_FALSE(keys.has("same"));
}

TEST(fresh_keys, the_key_of_a_message_that_is_gone_is_forgotten_unless_another_has_it) {
    fresh_keys keys(10, 20s);
    keys.add("one", first);
    keys.forget("one", first.message);  // not on disk yet
    EXPECT_EQ(keys.only("one"), first);
    keys.committed({"one", first}, start);
    keys.add("one", second);
    keys.forget("one", first.message);
    EXPECT_EQ(keys.only("one"), second);
    keys.committed({"one", second}, start);
    keys.forget("one", second.message);
    EXPECT_FALSE(keys.has("one"));
    keys.forget_old(start + 20s);
}

}  // namespace
}  // namespace hikyaku::gateway
