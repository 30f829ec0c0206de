// The memory for bodies of unfinished requests: in total, of one account, of strangers.
#include "gateway/io/body_budget.hpp"

#include <gtest/gtest.h>

namespace hikyaku::gateway::io {
namespace {

TEST(body_budget, an_owner_gets_half_and_strangers_share_a_sixteenth) {
    body_budget budget(1600);
    EXPECT_TRUE(budget.try_take(7, 800));
    EXPECT_FALSE(budget.try_take(7, 1));
    EXPECT_TRUE(budget.try_take(body_budget::stranger, 100));
    EXPECT_FALSE(budget.try_take(body_budget::stranger, 1));
    EXPECT_TRUE(budget.try_take(8, 700));
    EXPECT_FALSE(budget.try_take(8, 1));  // the total is used up
    EXPECT_EQ(budget.taken(), 1600U);
}

TEST(body_budget, what_is_given_back_can_be_taken_again) {
    body_budget budget(1600);
    ASSERT_TRUE(budget.try_take(7, 800));
    budget.give_back(7, 300);
    EXPECT_EQ(budget.taken(), 500U);
    EXPECT_TRUE(budget.try_take(7, 300));
    budget.give_back(7, 800);
    budget.give_back(9, 0);
    EXPECT_EQ(budget.taken(), 0U);
    EXPECT_FALSE(budget.try_take(7, 801));
    EXPECT_TRUE(budget.try_take(7, 800));
}

}  // namespace
}  // namespace hikyaku::gateway::io
