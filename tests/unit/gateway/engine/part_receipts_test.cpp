// One receipt for each segment, where the account wants it.
#include <gtest/gtest.h>

#include "gateway/model/tables.hpp"
#include "tests/support/engine_fixture.hpp"

namespace hikyaku::gateway {
namespace {

using smpp::command_status;
namespace table = model::table;
using testing::engine_world;
using namespace std::chrono_literals;

class part_receipts : public ::testing::Test {
protected:
    engine_world world;

    message_id two_segments(std::uint8_t registered_delivery) {
        world.settings.accounts[0].delivery.parts = config::receipt_parts::each;
        world.start();
        world.bind_up(1);
        world.session_up(100);
        auto message = engine_world::text_to("819012345678", std::string(200, 'a'));
        message.origin = Origin::smpp;
        message.registered_delivery = registered_delivery;
        return world.submit(std::move(message));
    }
    using told = std::vector<std::pair<std::uint16_t, State>>;
    told parts() {
        told all;
        for (const auto& one : world.outputs->delivered)
            all.emplace_back(one.event.part, one.event.state);
        return all;
    }
};

TEST_F(part_receipts, each_segment_is_told_when_it_is_final) {
    const auto id = two_segments(1);
    ASSERT_EQ(world.outputs->sent.size(), 2U);
    world.respond(world.outputs->sent[0], "A1");
    world.respond(world.outputs->sent[1], "A2");
    world.receipt("A2", "DELIVRD");
    EXPECT_EQ(parts(), (told{{2, State::delivered}}));
    EXPECT_EQ(world.outputs->delivered[0].event.message, id);
    EXPECT_EQ(world.outputs->delivered[0].event.parts, 1);
    EXPECT_EQ(world.outputs->delivered[0].event.parts_delivered, 1);
    world.acknowledge_delivery(world.outputs->delivered[0]);
    world.crash_and_start();
    world.bind_up(1);
    world.session_up(100);
    world.receipt("A2", "DELIVRD");  // repeated
    world.receipt("A1", "UNDELIV", "034");
    EXPECT_EQ(parts(), (told{{1, State::undeliverable}}));
    EXPECT_EQ(world.outputs->delivered[0].event.error, 34U);
    EXPECT_EQ(world.outputs->delivered[0].event.parts_delivered, 0);
    EXPECT_EQ(world.state_of(id), State::undeliverable);
}

TEST_F(part_receipts, segments_that_are_never_sent_are_told_too) {
    two_segments(1);
    world.refuse(world.outputs->sent[0], command_status::esme_rinvdstadr);
    world.respond(world.outputs->sent[1], "A2");
    EXPECT_EQ(parts(), (told{{1, State::rejected}}));
    world.receipt("A2", "DELIVRD");
    EXPECT_EQ(parts(), (told{{1, State::rejected}, {2, State::delivered}}));
}

TEST_F(part_receipts, a_receipt_that_came_twice_before_it_could_be_placed_is_told_once) {
    world.settings.accounts[0].delivery.parts = config::receipt_parts::each;
    world.settings.accounts[0].at_most_once = true;
    world.start();
    world.bind_up(1);
    world.session_up(100);
    auto message = engine_world::text_to("819012345678", std::string(200, 'a'));
    message.origin = Origin::smpp;
    world.submit(std::move(message));
    ASSERT_EQ(world.outputs->sent.size(), 2U);
    world.bind_down(1, attempt_failure::outcome_unknown,
                    {world.outputs->sent[0], world.outputs->sent[1]});
    world.bind_up(2);
    auto other = engine_world::text_to("819012345678", "Hello");
    world.submit(std::move(other));  // in flight to the same phone: nobody can tell whose it is
    ASSERT_EQ(world.outputs->sent.size(), 3U);
    world.hand_in_receipt(2, "lost", "DELIVRD", "819012345678");
    world.settle();
    EXPECT_EQ(parts(), told{});
    world.respond(world.outputs->sent[2], "B1");
    world.hand_in_receipt(2, "lost", "DELIVRD", "819012345678");
    world.settle();
    EXPECT_EQ(parts(), (told{{1, State::delivered}}));
}

// Without this the segment that waits was never told of: nothing of the message is queued any more.
TEST_F(part_receipts, a_refusal_for_good_ends_the_segment_that_waits_for_its_outcome) {
    world.settings.accounts[0].delivery.parts = config::receipt_parts::each;
    world.settings.accounts[0].at_most_once = true;
    world.start();
    world.bind_up(1);
    world.session_up(100);
    auto message = engine_world::text_to("819012345678", std::string(200, 'a'));
    message.origin = Origin::smpp;
    world.submit(std::move(message));
    ASSERT_EQ(world.outputs->sent.size(), 2U);
    const auto lost = world.outputs->sent[0];
    world.gateway->on_attempt_failed(lost.bind, lost.token, attempt_failure::timed_out,
                                     world.now());
    world.settle();
    EXPECT_EQ(parts(), told{});
    world.refuse(world.outputs->sent[1], smpp::command_status::esme_rinvdstadr);
    world.settle();
    EXPECT_EQ(parts(), (told{{1, State::unknown}, {2, State::rejected}}));
}

// Without this a start found a message in the queue of which nothing is left to be sent.
TEST_F(part_receipts, a_crash_while_what_has_its_receipt_is_sent_again_leaves_nothing_queued) {
    const auto id = two_segments(1);
    world.respond(world.outputs->sent[0], "A1");
    world.crash_and_start();
    world.bind_up(2);
    world.session_up(100);
    world.advance(3s);
    ASSERT_EQ(world.outputs->sent.size(),
              2U);  // both once more, the first is in flight from now on
    world.hand_in_receipt(2, "A1", "DELIVRD", "819012345678");
    world.settle();
    world.respond(world.outputs->sent[1], "B2");
    world.hand_in_receipt(2, "B2", "DELIVRD", "819012345678");
    world.settle();
    EXPECT_EQ(world.state_of(id), State::queued);
    world.crash_and_start();
    world.bind_up(3);
    world.session_up(100);
    world.advance(3s);
    EXPECT_EQ(world.outputs->sent.size(), 0U);
    EXPECT_EQ(world.state_of(id), State::delivered);
    EXPECT_EQ(world.entries(table::queue), 0U);
}

TEST_F(part_receipts, expired_and_cancelled_segments_are_told) {
    world.settings.accounts[0].delivery.parts = config::receipt_parts::each;
    world.start();
    world.session_up(100);
    auto message = engine_world::text_to("819012345678", std::string(200, 'a'));
    message.origin = Origin::smpp;
    const auto id = world.submit(std::move(message));
    ASSERT_EQ(world.gateway->cancel(engine_world::shop, id, {session_id{1}, 1}, world.now()),
              refusal::none);
    world.settle();
    EXPECT_EQ(parts(), (told{{1, State::deleted}, {2, State::deleted}}));
}

TEST_F(part_receipts, registered_delivery_is_honoured_for_each) {
    const struct {
        std::uint8_t registered_delivery;
        told expected;
    } cases[] = {
        {0, {}},
        {1, {{1, State::delivered}, {2, State::undeliverable}}},
        {2, {{2, State::undeliverable}}},
        {3, {{1, State::delivered}}},
        {0x11, {{1, State::submitted}, {1, State::delivered}, {2, State::undeliverable}}},
    };
    for (const auto& [registered_delivery, expected] : cases) {
        for (const bool each : {true, false}) {
            engine_world own;
            own.settings.accounts[0].delivery.parts =
                each ? config::receipt_parts::each : config::receipt_parts::one;
            own.start();
            own.bind_up(1);
            own.session_up(100);
            auto message = engine_world::text_to("819012345678", std::string(200, 'a'));
            message.origin = Origin::smpp;
            message.registered_delivery = registered_delivery;
            own.submit(std::move(message));
            own.respond(own.outputs->sent[0], "A1");
            own.respond(own.outputs->sent[1], "A2");
            own.receipt("A1", "ACCEPTD");
            own.receipt("A1", "DELIVRD");
            own.receipt("A2", "UNDELIV");
            told all;
            for (const auto& one : own.outputs->delivered)
                all.emplace_back(one.event.part, one.event.state);
            if (each) {
                EXPECT_EQ(all, expected) << int{registered_delivery};
                continue;
            }
            told aggregated;
            if ((registered_delivery & 0x10) != 0) aggregated.push_back({0, State::submitted});
            const bool wanted = (registered_delivery & 3) == 1 || (registered_delivery & 3) == 2;
            if (wanted) aggregated.push_back({0, State::undeliverable});
            EXPECT_EQ(all, aggregated) << int{registered_delivery};
        }
    }
}

TEST_F(part_receipts, a_message_of_one_segment_has_the_usual_receipt) {
    world.settings.accounts[0].delivery.parts = config::receipt_parts::each;
    world.start();
    world.bind_up(1);
    world.session_up(100);
    auto message = engine_world::text_to("819012345678", "Hello");
    message.origin = Origin::smpp;
    world.submit(std::move(message));
    world.respond(world.outputs->sent[0], "A1");
    world.receipt("A1", "DELIVRD");
    EXPECT_EQ(parts(), (told{{0, State::delivered}}));
}

}  // namespace
}  // namespace hikyaku::gateway
