// What bounds the engine's memory, with bounds so small that they are met: nothing goes beyond
// them, and what has no place in memory is still found in the store.
#include <gtest/gtest.h>

#include "gateway/model/records.hpp"
#include "gateway/model/tables.hpp"
#include "tests/support/engine_fixture.hpp"

namespace hikyaku::gateway {
namespace {

using smpp::command_status;
namespace table = model::table;
using testing::engine_world;
using namespace std::chrono_literals;

class caps : public ::testing::Test {
protected:
    engine_world world;

    std::vector<message_id> submit(std::size_t count, bool at_most_once = false) {
        std::vector<message_id> ids;
        for (std::size_t i = 0; i < count; ++i) {
            auto message = engine_world::text_to("819012345678", "x");
            message.at_most_once = at_most_once;
            ids.push_back(world.submit(std::move(message)));
        }
        return ids;
    }
    std::size_t in_state(const std::vector<message_id>& ids, State state) {
        return static_cast<std::size_t>(std::ranges::count_if(
            ids, [&](auto id) { return world.state_of(id) == state; }));
    }
    testing::sent_segment segment(std::size_t index) { return world.outputs->sent.at(index); }
};

TEST_F(caps, attempts_with_a_late_response_are_forgotten_oldest_first) {
    world.limits.late_attempts_max = 4;
    world.start();
    world.bind_up(1, engine_world::alpha, 10);
    const auto ids = submit(10, true);
    for (std::size_t i = 0; i < 10; ++i) {
        world.fail(segment(i), attempt_failure::timed_out);
        EXPECT_LE(world.gateway->memory().late, 4U);
    }
    for (std::size_t i = 0; i < 10; ++i)
        world.respond(segment(i), "A" + std::to_string(i));
    EXPECT_EQ(world.gateway->count().late_responses, 10U) << "all of them are counted";
    for (std::size_t i = 0; i < 10; ++i)
        EXPECT_EQ(world.state_of(ids[i]), i < 6 ? State::queued : State::submitted) << i;
    // A forgotten attempt's slot belongs to another one: its response must not end that.
    const auto next = submit(4);
    for (std::size_t i = 0; i < 6; ++i)
        world.respond(segment(i), "B" + std::to_string(i));
    EXPECT_EQ(in_state(next, State::queued), 4U);
}

TEST_F(caps, ids_of_earlier_attempts_are_forgotten_oldest_first_with_their_keys) {
    constexpr std::size_t attempts = 13, kept = 8;
    world.settings.store.retention = std::chrono::hours{100};
    world.start();
    world.bind_up(1);
    auto message = engine_world::text_to("819012345678", "x");
    message.expires_ms = world.now().wall_ms + 72 * 3'600'000LL;
    const auto id = world.submit(std::move(message));
    for (std::size_t i = 1; i < attempts; ++i) {
        world.fail(segment(i - 1), attempt_failure::timed_out);
        world.advance(20min);
        ASSERT_EQ(world.outputs->sent.size(), i + 1);
    }
    for (std::size_t i = 0; i < attempts; ++i)
        world.respond(segment(i), "A" + std::to_string(i));
    const auto stored = [&] {
        const auto view = world.store().read();
        store::record_reader reader;
        const auto key = model::message_key(static_cast<std::uint64_t>(id));
        const auto* outcome =
            reader.read<model::record::Outcome>(view.get(table::outcomes, key).value());
        return outcome->segments()->Get(0)->earlier_ids()->size();
    };
    EXPECT_EQ(stored(), kept);
    EXPECT_EQ(world.young_entries(table::receipt_index), attempts);
    world.receipt("A1", "DELIVRD");  // the record has forgotten it, the index has not
    EXPECT_EQ(world.state_of(id), State::delivered);
    world.leap(200h);
    world.advance(30s);
    EXPECT_EQ(world.entries(table::messages), 0U);
}

TEST_F(caps, an_id_that_a_carrier_gives_again_and_again_keeps_its_key) {
    constexpr std::size_t attempts = 13;
    world.start();
    world.bind_up(1);
    const auto id = world.submit("x");
    for (std::size_t i = 1; i < attempts; ++i) {
        world.fail(segment(i - 1), attempt_failure::timed_out);
        world.advance(20min);
    }
    ASSERT_EQ(world.outputs->sent.size(), attempts);
    for (std::size_t i = 0; i < attempts; ++i)
        world.respond(segment(i), "same");
    world.receipt("same", "DELIVRD");
    EXPECT_EQ(world.state_of(id), State::delivered);
}

TEST_F(caps, the_id_of_the_last_attempt_keeps_its_key_when_an_earlier_one_had_the_same) {
    world.start();
    world.bind_up(1);
    const auto id = world.submit("x");
    const std::vector<std::string> ids{"Y", "X", "b", "c", "d", "e", "f", "g", "h", "X"};
    for (std::size_t i = 1; i < ids.size(); ++i) {
        world.fail(segment(i - 1), attempt_failure::timed_out);
        world.advance(20min);
    }
    ASSERT_EQ(world.outputs->sent.size(), ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i)
        world.respond(segment(i), ids[i]);
    world.advance(30s);
    world.receipt("X", "DELIVRD");
    EXPECT_EQ(world.state_of(id), State::delivered);
}

TEST_F(caps, messages_that_rest_are_no_more_than_may_and_the_others_have_their_receipts_too) {
    world.limits.resting_max = 4;
    world.start();
    world.bind_up(1, engine_world::alpha, 100);
    world.session_up(100, engine_world::shop, 100);
    const auto ids = submit(10);
    for (std::size_t i = 0; i < 10; ++i) {
        world.respond(segment(i), "A" + std::to_string(i));
        EXPECT_LE(world.gateway->memory().resting, 4U);
    }
    EXPECT_EQ(world.gateway->memory().resting, 4U);
    EXPECT_EQ(world.gateway->memory().live, 0U);
    for (std::size_t i = 0; i < 10; ++i)
        world.receipt("A" + std::to_string(i), "DELIVRD");
    EXPECT_EQ(in_state(ids, State::delivered), 10U);
    EXPECT_EQ(world.deliveries(), 10U);
    EXPECT_EQ(world.entries(table::unmatched), 0U);
    const auto more = submit(3);
    for (std::size_t i = 10; i < 13; ++i)
        world.respond(segment(i), "A" + std::to_string(i));
    world.advance(19s);
    EXPECT_EQ(world.gateway->memory().resting, 3U);
    world.advance(2s);
    EXPECT_EQ(world.gateway->memory().resting, 0U);
    EXPECT_EQ(world.gateway->memory().live, 0U);
    EXPECT_EQ(in_state(more, State::submitted), 3U);
}

TEST_F(caps, receipts_before_their_response_beyond_the_bound_stay_in_the_store) {
    world.limits.early_max = 4;
    world.start();
    world.bind_up(1, engine_world::alpha, 100);
    const auto ids = submit(6);
    for (std::size_t i = 0; i < 6; ++i) {
        world.receipt("E" + std::to_string(i), "DELIVRD");
        EXPECT_LE(world.gateway->memory().early, 4U);
    }
    EXPECT_EQ(world.entries(table::unmatched), 6U);
    for (std::size_t i = 0; i < 6; ++i)
        world.respond(segment(i), "E" + std::to_string(i));
    for (std::size_t i = 0; i < 6; ++i)
        EXPECT_EQ(world.state_of(ids[i]), i < 2 ? State::submitted : State::delivered) << i;
    EXPECT_EQ(world.entries(table::unmatched), 2U);
    EXPECT_EQ(world.gateway->memory().early, 0U);
    for (std::size_t i = 0; i < 2; ++i)
        world.receipt("E" + std::to_string(i), "DELIVRD");  // when they come again
    EXPECT_EQ(in_state(ids, State::delivered), 6U);
}

TEST_F(caps, a_start_reads_no_more_early_receipts_than_may) {
    world.start();
    world.bind_up(1, engine_world::alpha, 100);
    submit(6);
    for (std::size_t i = 0; i < 6; ++i)
        world.receipt("E" + std::to_string(i), "DELIVRD");
    EXPECT_EQ(world.gateway->memory().early, 6U);
    world.limits.early_max = 4;
    world.crash_and_start();
    EXPECT_EQ(world.gateway->memory().early, 4U);
    EXPECT_EQ(world.entries(table::unmatched), 6U);
}

TEST_F(caps, events_beyond_the_bound_are_read_from_the_store_in_order) {
    world.limits.outbox_ready_max = 4;
    world.start();
    world.bind_up(1, engine_world::alpha, 100);
    world.accept_everything(true);
    const auto ids = submit(30);
    EXPECT_EQ(world.gateway->memory().outbox_ready_most, 4U);
    EXPECT_EQ(world.account().outbox_smpp, 30U);
    world.session_up(100, engine_world::shop, 3);
    std::size_t answered = 0;
    const auto expect_bound = [&] { EXPECT_LE(world.gateway->memory().outbox_ready_most, 7U); };
    for (; answered < 10; ++answered) {
        world.acknowledge_delivery(world.outputs->delivered.at(answered));
        expect_bound();
    }
    world.session_down(100);  // three come back, beside those in memory
    expect_bound();
    world.session_up(101, engine_world::shop, 3);
    const auto again = world.deliveries() - 3;  // first of the second session
    for (std::size_t i = again; i < world.deliveries(); ++i)
        world.acknowledge_delivery(world.outputs->delivered.at(i));
    std::vector<message_id> told;
    for (std::size_t i = 0; i < world.deliveries(); ++i)
        if (i < answered || i >= again) told.push_back(world.outputs->delivered[i].event.message);
    EXPECT_EQ(told, ids);
    EXPECT_EQ(world.entries(table::outbox), 0U);
    EXPECT_EQ(world.account().outbox_smpp, 0U);
}

TEST_F(caps, queues_beyond_the_bound_are_read_from_the_store_and_each_has_its_reserve) {
    world.limits.flow_ready_max = 16;
    world.limits.ready_total_max = 24;
    world.limits.flow_ready_reserved = 2;
    world.start();
    for (std::uint8_t priority = 0; priority < 4; ++priority) {
        for (int i = 0; i < 40; ++i) {
            auto message = engine_world::text_to("8190" + std::to_string(100'000 + i), "x");
            message.priority = priority;
            world.submit(std::move(message), i % 2 == 0 ? engine_world::shop : engine_world::bank);
            const auto held = world.gateway->memory();
            EXPECT_LE(held.ready, 24U + 2U * held.flows);
        }
    }
    EXPECT_EQ(world.gateway->memory().flows, 8U);
    EXPECT_GE(world.gateway->memory().ready, 24U);
    EXPECT_EQ(world.account().queued, 80U);
    // Full as memory is, somebody else's message at once has a place.
    world.accept_everything();
    world.bind_up(1, engine_world::alpha, 5);
    world.advance(1s);
    EXPECT_EQ(world.outputs->sent.size(), 160U);
    EXPECT_EQ(world.entries(table::queue), 0U);
    EXPECT_EQ(world.account().queued, 0U);
    EXPECT_EQ(world.gateway->memory().ready, 0U);
    std::map<std::pair<std::uint8_t, bool>, std::vector<std::string>> by_flow;
    for (const auto& one : world.outputs->sent) {
        const bool even = (one.destination.back() - '0') % 2 == 0;
        by_flow[{one.priority, even}].push_back(one.destination);
    }
    for (const auto& [flow, order] : by_flow) {
        EXPECT_EQ(order.size(), 20U);
        EXPECT_TRUE(std::ranges::is_sorted(order)) << int{flow.first};
    }
}

TEST_F(caps, a_dead_carriers_backlog_fills_memory_and_the_reserve_is_anothers) {
    world.limits.flow_ready_max = 16;
    world.limits.ready_total_max = 24;
    world.limits.flow_ready_reserved = 2;
    world.settings.routes[0].prefixes = {"81"};
    world.settings.routes.push_back(world.settings.routes[0]);
    world.settings.routes[1].name = "germany";
    world.settings.routes[1].prefixes = {"49"};
    world.settings.routes[1].targets = {{.carrier = "beta"}};
    world.start();
    submit(30);
    for (int i = 0; i < 30; ++i)
        world.submit("x", engine_world::bank);
    EXPECT_GE(world.gateway->memory().ready, 24U);
    world.accept_everything();
    world.bind_up(2, engine_world::beta);
    for (int i = 0; i < 5; ++i)
        world.submit(engine_world::text_to("4915112345678", "Hallo"));
    world.advance(1s);
    EXPECT_EQ(world.outputs->sent.size(), 5U);
    EXPECT_EQ(world.account().queued, 30U);
    EXPECT_EQ(world.account(engine_world::bank).queued, 30U);
}

}  // namespace
}  // namespace hikyaku::gateway
