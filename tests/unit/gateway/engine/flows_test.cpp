// Who goes next: priorities, fairness between accounts, and flows that come back from a pause.
#include "gateway/engine/messages/flows.hpp"

#include <gtest/gtest.h>

#include <map>

namespace hikyaku::gateway {
namespace {

class flows : public ::testing::Test {
protected:
    flow_set set;
    std::vector<std::unique_ptr<live_message>> made;
    std::uint64_t next_id = 1;
    double clock = 0;  // of the one carrier that serves them all

    flows() {
        set.set_start([this](const flow&) { return clock; });
    }

    live_message& message(std::int64_t not_before = 0) {
        made.push_back(std::make_unique<live_message>());
        made.back()->id = message_id{next_id};
        made.back()->position = {1, 0, 1, not_before, next_id++};
        return *made.back();
    }
    static flow& at(flow_set& in, std::uint32_t route, std::uint8_t priority, std::uint32_t account,
                    std::uint32_t weight) {
        return in.at(route_id{route}, priority, account_id{account}, weight);
    }
    void fill(flow& to, std::size_t count) {
        for (std::size_t i = 0; i < count; ++i)
            set.push_back(to, message());
    }
    /// Hands out one message; the account it came from, 0 = nothing was servable.
    template <class Servable>
    std::uint32_t serve(std::uint8_t priority, Servable&& servable) {
        auto* next = set.pick(priority, servable);
        if (next == nullptr) return 0;
        flow_set::charge(*next, clock);
        set.pop_front(*next);
        return stored(next->account);
    }
    std::uint32_t serve() {
        return serve(
            0, [](const flow&) { return true; });
    }
};

TEST_F(flows, one_flow_for_each_route_priority_and_account) {
    auto& first = at(set, 1, 0, 1, 1);
    EXPECT_EQ(&at(set, 1, 0, 1, 1), &first);
    EXPECT_NE(&at(set, 2, 0, 1, 1), &first);
    EXPECT_NE(&at(set, 1, 1, 1, 1), &first);
    EXPECT_NE(&at(set, 1, 0, 2, 1), &first);
    EXPECT_EQ(set.all().size(), 4U);
    EXPECT_EQ(at(set, 1, 0, 9, 0).weight, 1U);  // nobody is starved by a weight of 0
}

TEST_F(flows, accounts_share_by_weight) {
    fill(at(set, 1, 0, 1, 1), 1000);
    fill(at(set, 1, 0, 2, 3), 1000);
    std::map<std::uint32_t, int> served;
    for (int i = 0; i < 1200; ++i) {
        ++served[serve()];
        EXPECT_LE(std::abs(served[2] - 3 * served[1]), 6) << i;  // even on the way, not in lumps
    }
    EXPECT_NEAR(served[1], 300, 2);
    EXPECT_NEAR(served[2], 900, 2);
}

TEST_F(flows, a_single_message_goes_right_after_what_a_bulk_has_already_sent) {
    fill(at(set, 1, 0, 1, 1), 10000);
    for (int i = 0; i < 5000; ++i)
        ASSERT_EQ(serve(), 1U);
    fill(at(set, 1, 0, 2, 1), 1);
    EXPECT_EQ(serve(), 2U);
    EXPECT_EQ(serve(), 1U);
}

TEST_F(flows, a_flow_that_was_idle_does_not_collect_credit) {
    fill(at(set, 1, 0, 2, 1), 1);
    ASSERT_EQ(serve(), 2U);
    fill(at(set, 1, 0, 1, 1), 1000);
    for (int i = 0; i < 500; ++i)
        ASSERT_EQ(serve(), 1U);
    fill(at(set, 1, 0, 2, 1), 100);
    std::map<std::uint32_t, int> served;
    for (int i = 0; i < 100; ++i)
        ++served[serve()];
    EXPECT_NEAR(served[2], 50, 1);
}

TEST_F(flows, a_flow_that_was_blocked_does_not_starve_the_others_when_it_is_back) {
    fill(at(set, 1, 0, 1, 1), 1000);
    fill(at(set, 1, 0, 2, 1), 1000);
    const auto only_first = [](const flow& one) { return one.account == account_id{1}; };
    for (int i = 0; i < 500; ++i)
        ASSERT_EQ(serve(0, only_first), 1U);
    std::map<std::uint32_t, int> served;
    for (int i = 0; i < 20; ++i)
        ++served[serve()];
    EXPECT_NEAR(served[1], 10, 1);
    EXPECT_NEAR(served[2], 10, 1);
}

TEST_F(flows, the_traffic_of_a_fast_carrier_does_not_level_the_weights_on_a_slow_one) {
    fill(at(set, 1, 0, 1, 4), 1000);
    fill(at(set, 1, 0, 2, 1), 1000);
    fill(at(set, 2, 0, 3, 1), 4000);
    double slow = 0, fast = 0;
    std::map<std::uint32_t, int> served;
    for (int i = 0; i < 500; ++i) {
        auto* next = set.pick(0, [](const flow& one) { return one.route == route_id{1}; });
        flow_set::charge(*next, slow);
        set.pop_front(*next);
        ++served[stored(next->account)];
        for (int j = 0; j < 6; ++j) {
            auto* other = set.pick(0, [](const flow& one) { return one.route == route_id{2}; });
            flow_set::charge(*other, fast);
            set.pop_front(*other);
        }
    }
    EXPECT_NEAR(served[1], 400, 2);
    EXPECT_NEAR(served[2], 100, 2);
}

TEST_F(flows, priorities_are_lists_of_their_own) {
    fill(at(set, 1, 0, 1, 1), 2);
    fill(at(set, 1, 3, 2, 1), 1);
    const auto all = [](const flow&) { return true; };
    EXPECT_EQ(serve(3, all), 2U);
    EXPECT_EQ(serve(3, all), 0U);
    EXPECT_EQ(serve(0, all), 1U);
}

TEST_F(flows, nothing_servable_gives_nothing_and_nothing_is_lost) {
    fill(at(set, 1, 0, 1, 1), 1);
    EXPECT_EQ(serve(0, [](const flow&) { return false; }), 0U);
    EXPECT_EQ(serve(), 1U);
    EXPECT_EQ(serve(), 0U);
    EXPECT_EQ(set.ready_total(), 0U);
    fill(at(set, 1, 0, 1, 1), 1);
    EXPECT_EQ(serve(), 1U);
}

TEST_F(flows, put_back_keeps_the_order_of_what_was_taken_together) {
    auto& to = at(set, 1, 0, 1, 1);
    fill(to, 6);
    std::vector<live_message*> taken;
    for (int i = 0; i < 3; ++i) {
        taken.push_back(to.ready.front());
        set.pop_front(to);
        EXPECT_EQ(taken.back()->where, live_message::place::idle);
    }
    for (auto* one : taken)
        set.put_back(to, *one);
    std::vector<std::uint64_t> order;
    for (const auto* one : to.ready)
        order.push_back(static_cast<std::uint64_t>(one->id));
    EXPECT_EQ(order, (std::vector<std::uint64_t>{1, 2, 3, 4, 5, 6}));
    set.put_back(to, message(-5));  // due before all of them, whatever its id
    EXPECT_EQ(to.ready.front()->id, message_id{7});
    EXPECT_EQ(set.ready_total(), 7U);
}

TEST_F(flows, takes_one_out_of_the_middle) {
    auto& to = at(set, 1, 0, 1, 1);
    fill(to, 3);
    auto& middle = *to.ready[1];
    set.remove(to, middle);
    EXPECT_EQ(middle.where, live_message::place::idle);
    EXPECT_EQ(to.ready.size(), 2U);
    EXPECT_EQ(set.ready_total(), 2U);
}

TEST_F(flows, memory_is_bounded_and_a_full_memory_keeps_room_for_every_flow) {
    const engine_limits limits;
    const auto full = limits.ready_total_max / limits.flow_ready_max;
    for (std::uint32_t account = 1; account <= full; ++account) {
        auto& bulk = at(set, 1, 0, account, 1);
        fill(bulk, limits.flow_ready_max);
        EXPECT_FALSE(set.has_room(bulk));
    }
    auto& other = at(set, 1, 0, 1000, 1);
    EXPECT_TRUE(set.has_room(other));
    fill(other, limits.flow_ready_reserved);
    EXPECT_FALSE(set.has_room(other));
}

}  // namespace
}  // namespace hikyaku::gateway
