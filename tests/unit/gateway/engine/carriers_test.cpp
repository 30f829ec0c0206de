// The carriers as the engine sees them: choice among targets, pauses, and what a refusal means.
#include "gateway/engine/directory/carriers.hpp"
#include "tests/unit/gateway/engine/start.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace hikyaku::gateway {
namespace {

using smpp::command_status;
using std::chrono::milliseconds;
using namespace std::chrono_literals;

class carriers : public ::testing::Test {
protected:
    static carrier_id id_of(std::size_t index) {
        return carrier_id{static_cast<std::uint32_t>(index + 1)};
    }
    std::vector<config::carrier> settings = std::vector<config::carrier>(3);
    carrier_set states;
    route_state route;

    void SetUp() override {
        for (auto& one : settings)
            one.contract_rate = std::nullopt;
        for (std::size_t i = 0; i < settings.size(); ++i) {
            std::shared_ptr<const config::carrier> own(std::shared_ptr<void>(), &settings[i]);
            auto& made = states.emplace(id_of(i), std::move(own), id_of(i), start);
            made.binds.push_back({bind_id{i + 1}, 10, 0, true});
        }
    }
    void targets(std::vector<std::pair<std::uint32_t, std::uint32_t>> weight_and_priority) {
        route.targets.clear();
        for (std::size_t i = 0; i < weight_and_priority.size(); ++i) {
            route.targets.push_back(
                {id_of(i), weight_and_priority[i].first, weight_and_priority[i].second, 0});
        }
    }
    std::optional<std::size_t> choose(std::uint32_t excluded = 0) {
        return choose_target(route, excluded, states, start);
    }
};

TEST_F(carriers, share_by_weight_smoothly) {
    targets({{5, 0}, {1, 0}, {1, 0}});
    std::string order;
    for (int i = 0; i < 14; ++i)
        order += static_cast<char>('a' + *choose());
    EXPECT_EQ(order, "aabacaaaabacaa");
}

TEST_F(carriers, a_higher_tier_is_used_only_when_the_lower_is_down) {
    targets({{1, 1}, {1, 0}, {1, 0}});
    std::map<std::size_t, int> count;
    for (int i = 0; i < 10; ++i)
        ++count[*choose()];
    EXPECT_EQ(count[0], 0);
    EXPECT_EQ(count[1], 5);
    states[id_of(1)].binds.clear();
    EXPECT_EQ(choose(), 2U);
    states[id_of(2)].paused_by_operator = true;
    EXPECT_EQ(choose(), 0U);
    states[id_of(0)].binds[0].can_transmit = false;
    EXPECT_EQ(choose(), std::nullopt);
    EXPECT_EQ(look_at(route, 0, states, start), availability::all_down);
}

TEST_F(carriers, a_busy_tier_is_waited_for) {
    targets({{1, 0}, {1, 1}, {1, 1}});
    states[id_of(0)].binds[0].in_flight = 10;
    EXPECT_EQ(choose(), std::nullopt);
    EXPECT_EQ(look_at(route, 0, states, start), availability::busy);
    states[id_of(0)].binds[0].in_flight = 9;
    EXPECT_EQ(look_at(route, 0, states, start), availability::ready);
    EXPECT_EQ(choose(), 0U);
    states[id_of(0)].throttle(start);
    EXPECT_EQ(look_at(route, 0, states, start), availability::busy);
}

TEST_F(carriers, excluded_targets_are_passed_over) {
    targets({{1, 0}, {1, 0}, {1, 1}});
    for (int i = 0; i < 4; ++i)
        EXPECT_EQ(choose(0b001), 1U);
    EXPECT_EQ(choose(0b011), 2U);
    EXPECT_EQ(choose(0b111), std::nullopt);
    EXPECT_EQ(look_at(route, 0b111, states, start), availability::none_left);
    states[id_of(2)].binds.clear();
    EXPECT_EQ(look_at(route, 0b011, states, start), availability::all_down);
}

TEST_F(carriers, the_roomiest_transmitting_bind_takes_the_next) {
    auto& one = states[id_of(0)];
    one.binds = {{bind_id{1}, 10, 5, true}, {bind_id{2}, 10, 2, true}, {bind_id{3}, 10, 0, false}};
    EXPECT_EQ(one.next_bind(start)->id, bind_id{2});
    one.binds[1].in_flight = 10;
    EXPECT_EQ(one.next_bind(start)->id, bind_id{1});
    one.binds[0].in_flight = 10;
    EXPECT_EQ(one.next_bind(start), nullptr);
    EXPECT_EQ(one.bind(bind_id{3})->id, bind_id{3});
    EXPECT_EQ(one.bind(bind_id{4}), nullptr);
}

std::vector<std::uint64_t> taken_in_one_turn(carrier_state& by, int segments, steady_time now) {
    std::vector<std::uint64_t> taken;
    by.begin_turn();
    for (int i = 0; i < segments; ++i) {
        auto* next = by.next_bind(now);
        ++next->in_flight;
        taken.push_back(static_cast<std::uint64_t>(next->id));
    }
    return taken;
}

TEST_F(carriers, segments_of_one_turn_share_a_bind_until_another_has_a_quarter_more_room) {
    auto& one = states[id_of(0)];
    one.binds = {{bind_id{1}, 40, 0, true}, {bind_id{2}, 40, 0, true}, {bind_id{3}, 40, 0, true}};
    const auto taken = taken_in_one_turn(one, 33, start);
    EXPECT_EQ(std::set(taken.begin(), taken.end()), (std::set<std::uint64_t>{1, 2, 3}));
    for (std::size_t i = 0; i < taken.size(); ++i)
        EXPECT_EQ(taken[i], taken[i / 11 * 11]) << i;  // the quarter, and one
    // A congested carrier leaves a part of the windows: the quarter is of that part.
    for (auto& bind : one.binds)
        bind.in_flight = 0;
    one.on_congestion(90, start);
    const auto limit = one.limit_of(one.binds[0], start);
    ASSERT_LT(limit, 40U);
    const auto fewer = taken_in_one_turn(one, static_cast<int>(limit / 4) + 2, start);
    EXPECT_EQ(fewer[0], fewer[limit / 4]);
    EXPECT_NE(fewer[0], fewer[limit / 4 + 1]);
}

TEST_F(carriers, turns_with_little_to_send_take_the_binds_in_turn) {
    auto& one = states[id_of(0)];
    one.binds = {{bind_id{1}, 40, 0, true}, {bind_id{2}, 40, 0, true}, {bind_id{3}, 40, 0, true}};
    std::vector<std::uint64_t> taken;
    for (int turn = 0; turn < 4; ++turn) {
        taken.push_back(taken_in_one_turn(one, 2, start).back());
        for (auto& bind : one.binds)
            bind.in_flight = 0;
    }
    EXPECT_EQ(taken, (std::vector<std::uint64_t>{2, 3, 1, 2}));
    one.binds[2].can_transmit = false;  // whose turn it would be
    EXPECT_EQ(taken_in_one_turn(one, 1, start).front(), 1U);
}

TEST_F(carriers, a_turn_does_not_begin_with_a_bind_that_is_silent) {
    auto& one = states[id_of(0)];
    one.binds = {{bind_id{1}, 40, 0, true}, {bind_id{2}, 40, 1, true}, {bind_id{3}, 40, 0, true}};
    for (int turn = 0; turn < 6; ++turn) {  // 2 has one request without response
        EXPECT_NE(taken_in_one_turn(one, 1, start).front(), 2U);
        one.binds[0].in_flight = one.binds[2].in_flight = 0;
    }
    one.binds[1].in_flight = 0;
    one.binds[1].unanswered = 1;  // it has timed out meanwhile
    for (int turn = 0; turn < 6; ++turn) {
        EXPECT_NE(taken_in_one_turn(one, 1, start).front(), 2U);
        one.binds[0].in_flight = one.binds[2].in_flight = 0;
    }
    one.binds[1].unanswered = 1000;
    one.binds[0].can_transmit = one.binds[2].can_transmit = false;
    EXPECT_EQ(taken_in_one_turn(one, 1, start).front(), 2U);  // there is no other
}

TEST_F(carriers, a_window_of_one_or_a_bind_that_went_away_leaves_the_others) {
    auto& one = states[id_of(0)];
    one.binds = {{bind_id{1}, 1, 0, true}, {bind_id{2}, 1, 0, true}};
    ++one.next_bind(start)->in_flight;
    EXPECT_EQ(one.next_bind(start)->id, bind_id{2});
    one.binds.pop_back();
    EXPECT_EQ(one.next_bind(start), nullptr);
    one.binds.front().in_flight = 0;
    EXPECT_EQ(one.next_bind(start)->id, bind_id{1});
    one.binds.clear();
    EXPECT_EQ(one.next_bind(start), nullptr);
}

TEST_F(carriers, throttle_pauses_double_up_to_thirty_seconds_and_end_with_an_acceptance) {
    auto& one = states[id_of(0)];
    auto now = start;
    for (const auto pause : {1000ms, 2000ms, 4000ms, 8000ms, 16000ms, 30000ms, 30000ms}) {
        one.throttle(now);
        EXPECT_FALSE(one.can_send(now + pause - 1ms)) << pause.count();
        EXPECT_TRUE(one.can_send(now + pause)) << pause.count();
        one.throttle(now + 1ms);  // of the same window: changes nothing
        now += pause;
    }
    one.accepted();
    one.throttle(now);
    EXPECT_TRUE(one.can_send(now + 1000ms));
}

TEST(retry_table, configured_rules_replace_the_built_in_ones) {
    config::carrier carrier;
    carrier.retries[0x58] = {config::retry_rule::action::retry, 5s, 60s, 4};
    carrier.retries[0x400] = {config::retry_rule::action::next_carrier, 1s, 2s, 3};
    carrier.retries[0x08] = {config::retry_rule::action::fail, 1s, 2s, 3};
    const auto table = make_retry_table(carrier);
    const auto throttled = rule_for(table, command_status::esme_rthrottled);
    EXPECT_EQ(throttled.then, refusal_action::retry);
    EXPECT_EQ(throttled.delay, 5s);
    EXPECT_EQ(throttled.delay_max, 60s);
    EXPECT_EQ(throttled.attempts_max, 4U);
    EXPECT_EQ(rule_for(table, command_status{0x400}).then, refusal_action::next_carrier);
    EXPECT_EQ(rule_for(table, command_status::esme_rsyserr).then, refusal_action::fail);
}

TEST(retry_table, built_in_rules) {
    struct row {
        command_status status;
        refusal_action then;
    };
    for (const auto& [status, then] :
         {row{command_status::esme_rthrottled, refusal_action::throttle},
          row{command_status::esme_rmsgqful, refusal_action::throttle},
          row{command_status::esme_rsyserr, refusal_action::retry},
          row{command_status::esme_rx_t_appn, refusal_action::retry},
          row{command_status::esme_rsubmitfail, refusal_action::retry},
          row{command_status::esme_rinvbndsts, refusal_action::next_carrier},
          row{command_status::esme_rinvcmdid, refusal_action::next_carrier},
          row{command_status::esme_rinvdstadr, refusal_action::fail},
          row{command_status{0x4FF}, refusal_action::fail}})
        EXPECT_EQ(rule_for({}, status).then, then) << static_cast<unsigned>(status);
}

TEST(backoff, doubles_up_to_its_longest_with_a_quarter_of_jitter) {
    const refusal_rule rule{refusal_action::retry, 1000ms, 10000ms, 10};
    struct row {
        std::uint32_t attempts;
        milliseconds least;
    };
    for (const auto& [attempts, least] : {row{1, 1000ms}, row{2, 2000ms}, row{3, 4000ms},
                                          row{4, 8000ms}, row{5, 10000ms}, row{60000, 10000ms}}) {
        EXPECT_EQ(backoff(rule, attempts, 0), least);
        std::uint64_t random = 1;
        bool jitter = false;
        for (int i = 0; i < 1000; ++i) {
            random = random * 6364136223846793005ULL + 1442695040888963407ULL;
            const auto delay = backoff(rule, attempts, random);
            EXPECT_GE(delay, least);
            EXPECT_LT(delay, least * 5 / 4);
            jitter = jitter || delay > least;
        }
        EXPECT_TRUE(jitter);
    }
    EXPECT_EQ(backoff({refusal_action::retry, 2ms, 2ms, 1}, 1, 12345), 2ms);
}

}  // namespace
}  // namespace hikyaku::gateway
