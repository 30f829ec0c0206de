// Receipts that wait for the response which names their message.
#include "gateway/engine/receiving/early_receipts.hpp"

#include <gtest/gtest.h>

namespace hikyaku::gateway {
namespace {

early_receipt with_keys(std::vector<std::string> keys) {
    early_receipt one;
    one.keys = std::move(keys);
    return one;
}

TEST(early_receipts, wait_under_each_key_until_they_are_forgotten) {
    early_receipts kept(10);
    kept.add(with_keys({"a", "b"}));
    kept.add(with_keys({"b"}));
    EXPECT_EQ(kept.waiting("a"), std::vector<std::uint64_t>{1});
    EXPECT_EQ(kept.waiting("b"), (std::vector<std::uint64_t>{1, 2}));
    kept.forget(1);
    EXPECT_TRUE(kept.waiting("a").empty());
    EXPECT_EQ(kept.waiting("b"), std::vector<std::uint64_t>{2});
}

TEST(early_receipts, a_key_that_comes_twice_counts_once) {
    early_receipts kept(10);
    kept.add(with_keys({"a", "b", "a", "b"}));
    EXPECT_EQ(kept.waiting("a"), std::vector<std::uint64_t>{1});
    kept.forget(1);
    EXPECT_TRUE(kept.empty());
    EXPECT_TRUE(kept.waiting("a").empty());
}

TEST(early_receipts, one_is_forgotten_by_its_place_in_the_store) {
    early_receipts kept(10);
    for (std::uint64_t counter : {5, 6}) {
        auto one = with_keys({"a", "b"});
        one.position = {1, 1000, counter};
        kept.add(std::move(one));
    }
    kept.forget({"a"}, {1, 1000, 7});
    kept.forget({"c"}, {1, 1000, 6});
    EXPECT_EQ(kept.size(), 2U);
    kept.forget({"c", "b", "a"}, {1, 1000, 6});
    EXPECT_EQ(kept.waiting("a"), std::vector<std::uint64_t>{1});
}

TEST(early_receipts, the_oldest_are_forgotten_above_the_limits) {
    early_receipts kept(20);
    for (std::size_t i = 0; i < early_receipts::of_one_key_max + 1; ++i)
        kept.add(with_keys({"a", "a"}));
    EXPECT_EQ(kept.waiting("a").size(), early_receipts::of_one_key_max);
    EXPECT_EQ(kept.waiting("a").front(), 2U);
    for (int i = 0; i < 30; ++i)
        kept.add(with_keys({std::to_string(i)}));
    EXPECT_EQ(kept.size(), 20U);
}

}  // namespace
}  // namespace hikyaku::gateway
