// Windows that adapt to what a carrier answers, its congestion_state, and message ids that are not
// there or were read in the wrong way.
#include <gtest/gtest.h>

#include "gateway/model/tables.hpp"
#include "tests/support/engine_fixture.hpp"

namespace hikyaku::gateway {
namespace {

using smpp::command_status;
namespace table = model::table;
using testing::engine_world;
using namespace std::chrono_literals;

class carrier_pace : public ::testing::Test {
protected:
    engine_world world;

    void ready(std::uint32_t window = 8) {
        world.start();
        world.bind_up(1, engine_world::alpha, window);
        world.session_up(100, engine_world::shop, 100);
    }
    void submit(int messages) {
        for (int i = 0; i < messages; ++i)
            world.submit("Hello " + std::to_string(i));
    }
    carrier_view alpha() { return world.gateway->carriers()[0]; }
    [[nodiscard]] std::vector<testing::sent_segment> sent_from(std::size_t first) const {
        return {world.outputs->sent.begin() + static_cast<std::ptrdiff_t>(first),
                world.outputs->sent.end()};
    }
    /// Answers those of `open` without letting the engine send between them.
    void answer_all(const std::vector<testing::sent_segment>& open, command_status status) {
        for (const auto& one : open)
            world.gateway->on_response(
                one.bind, one.token, status,
                status == command_status::esme_rok ? "x" + std::to_string(++ids_) : "",
                world.now());
        world.settle();
    }

private:
    int ids_ = 0;
};

TEST_F(carrier_pace, refusals_halve_the_window_and_good_answers_bring_it_back) {
    for (const auto refusal : {command_status::esme_rthrottled, command_status::esme_rmsgqful}) {
        SCOPED_TRACE(static_cast<int>(refusal));
        engine_world own;
        own.start();
        own.bind_up(1, engine_world::alpha, 8);
        for (int i = 0; i < 30; ++i)
            own.submit("Hello");
        ASSERT_EQ(own.outputs->sent.size(), 8U);
        const auto open = own.outputs->sent;
        for (const auto& one : open)
            own.gateway->on_response(one.bind, one.token, refusal, "", own.now());
        own.settle();
        EXPECT_EQ(own.gateway->carriers()[0].window, 4U);  // eight refusals, one round trip
        EXPECT_EQ(own.gateway->carriers()[0].window_max, 8U);
        own.advance(2s);  // the pause after throttling
        EXPECT_EQ(own.outputs->sent.size(), 8U + 4U);
        own.accept_everything();
        own.advance(5s);
        EXPECT_EQ(own.gateway->carriers()[0].window, 8U);
        EXPECT_EQ(own.gateway->queued(), 0U);
    }
}

TEST_F(carrier_pace, a_refused_message_keeps_its_place) {
    world.settings.carriers[0].throttle_pause = 100ms;
    ready(1);
    submit(3);
    ASSERT_EQ(world.outputs->sent.size(), 1U);
    world.refuse(world.outputs->sent[0], command_status::esme_rthrottled);
    world.advance(1s);
    ASSERT_EQ(world.outputs->sent.size(), 2U);
    EXPECT_EQ(world.outputs->sent[1].octets, world.outputs->sent[0].octets);
    EXPECT_EQ(world.outputs->sent[1].octets, "Hello 0");
}

TEST_F(carrier_pace, other_carriers_are_not_touched) {
    config::route route;
    route.name = "beta";
    route.order = 0;
    route.prefixes = {"44"};
    route.targets = {{.carrier = "beta"}};
    world.settings.routes.push_back(route);
    ready();
    world.bind_up(2, engine_world::beta, 8);
    submit(8);
    const auto open = world.outputs->sent;
    answer_all(open, command_status::esme_rthrottled);
    world.submit(engine_world::text_to("447911123456", "Hello"));
    EXPECT_EQ(world.outputs->sent.back().bind, bind_id{2});
    EXPECT_EQ(world.gateway->carriers()[0].window, 4U);
    EXPECT_EQ(world.gateway->carriers()[1].window, 8U);
}

TEST_F(carrier_pace, timeouts_and_slow_answers_count_too) {
    world.settings.carriers[0].window_delay_target = 200ms;
    ready();
    submit(20);
    world.advance(300ms);
    const auto first = world.outputs->sent;
    ASSERT_EQ(first.size(), 8U);
    world.respond(first[0], "a");
    EXPECT_EQ(alpha().window, 4U);  // slower than the target
    EXPECT_EQ(world.outputs->sent.size(), 8U);
    world.advance(1ms);  // what is sent from now on was sent after the cut
    for (std::size_t i = 1; i < 7; ++i)
        world.respond(first[i], "b" + std::to_string(i));
    EXPECT_EQ(alpha().window, 4U);
    ASSERT_EQ(world.outputs->sent.size(), 8U + 3U);
    world.advance(1s);
    world.fail(world.outputs->sent[9], attempt_failure::timed_out);
    EXPECT_EQ(alpha().window, 2U);
}

TEST_F(carrier_pace, a_window_that_is_not_adaptive_stays) {
    world.settings.carriers[0].window_adaptive = false;
    ready();
    submit(8);
    answer_all(std::vector(world.outputs->sent), command_status::esme_rthrottled);
    EXPECT_EQ(alpha().window, 8U);
}

TEST_F(carrier_pace, a_congested_carrier_is_given_less_and_recovers) {
    ready(20);
    submit(100);
    ASSERT_EQ(world.outputs->sent.size(), 20U);
    world.gateway->on_congestion(bind_id{1}, 95, world.now());
    answer_all(sent_from(0), command_status::esme_rok);
    // (100 - 95) / 11 of 20 segments.
    EXPECT_EQ(alpha().window, 9U);
    EXPECT_EQ(alpha().congestion, 95U);
    EXPECT_EQ(alpha().in_flight, 9U);
    world.gateway->on_congestion(bind_id{1}, 100, world.now());
    answer_all(sent_from(20), command_status::esme_rok);
    EXPECT_EQ(alpha().in_flight, 1U);
    world.gateway->on_congestion(bind_id{1}, 20, world.now());
    world.settle();
    EXPECT_EQ(alpha().in_flight, 20U);
}

TEST_F(carrier_pace, a_congestion_that_is_not_confirmed_ends) {
    ready(20);
    world.gateway->on_congestion(bind_id{1}, 100, world.now());
    submit(100);
    EXPECT_EQ(alpha().in_flight, 1U);
    world.advance(9s);
    EXPECT_EQ(alpha().in_flight, 1U);
    world.advance(2s);
    EXPECT_EQ(alpha().in_flight, 20U);
}

TEST_F(carrier_pace, congestion_slows_the_rate_as_well) {
    world.settings.carriers[0].contract_rate = config::rate{10, 1000ms};
    ready(20);
    world.accept_everything();
    world.advance(2s);
    submit(200);
    const auto in_ten_seconds = [&](std::uint8_t state) {
        const auto before = world.outputs->sent.size();
        for (int second = 0; second < 10; ++second) {
            world.gateway->on_congestion(bind_id{1}, state, world.now());
            world.advance(1s);
        }
        return world.outputs->sent.size() - before;
    };
    EXPECT_NEAR(static_cast<double>(in_ten_seconds(80)), 98, 3);
    EXPECT_NEAR(static_cast<double>(in_ten_seconds(97)), 27, 3);  // 3/11 of it
}

TEST_F(carrier_pace, the_end_of_a_congestion_ends_its_pause) {
    world.settings.carriers[0].contract_rate = config::rate{1, 1000ms};
    ready();
    world.accept_everything();
    world.advance(2s);
    world.gateway->on_congestion(bind_id{1}, 100, world.now());
    submit(2);
    world.advance(5s);
    EXPECT_EQ(world.outputs->sent.size(), 1U);  // a twentieth of the rate
    world.gateway->on_congestion(bind_id{1}, 0, world.now());
    world.advance(1s);
    EXPECT_EQ(world.outputs->sent.size(), 2U);
}

// Message ids.

TEST_F(carrier_pace, an_accepted_segment_without_an_id_stays_submitted) {
    ready();
    const auto id = world.submit("Hello");
    world.respond(world.outputs->sent[0], "");
    EXPECT_EQ(world.state_of(id), State::submitted);
    EXPECT_EQ(world.entries(table::queue), 0U);  // it is not sent again
    EXPECT_EQ(world.young_entries(table::receipt_index), 0U);
    // A receipt can name nobody, not even by the address: it is kept as unmatched.
    world.receipt("4711", "DELIVRD");
    EXPECT_EQ(world.state_of(id), State::submitted);
    EXPECT_EQ(world.entries(table::unmatched), 1U);
    world.crash_and_start();
    world.bind_up(1);
    EXPECT_TRUE(world.outputs->sent.empty());
    EXPECT_EQ(world.state_of(id), State::submitted);
}

struct correction {
    const char* what;
    config::message_id_form wrong_response, wrong_receipt, response, receipt;
    const char *in_response, *in_receipt;
};

std::ostream& operator<<(std::ostream& out, const correction& one) {
    return out << one.what;
}

class corrected_ids : public carrier_pace, public ::testing::WithParamInterface<correction> {
protected:
    void set_forms(config::message_id_form response, config::message_id_form receipt) {
        world.settings.carriers[0].response_id = response;
        world.settings.carriers[0].receipt_id = receipt;
    }
};

// The carrier's dialect was configured wrongly; after it is put right and the gateway started anew,
// the receipts that found nothing are tried again, and later ones find older messages too.
TEST_P(corrected_ids, unmatched_receipts_are_tried_again) {
    const auto& how = GetParam();
    set_forms(how.wrong_response, how.wrong_receipt);
    ready();
    const auto early = world.submit("Hello");
    world.respond(world.outputs->sent[0], how.in_response);
    world.receipt(how.in_receipt, "DELIVRD");
    ASSERT_EQ(world.state_of(early), State::submitted);
    ASSERT_EQ(world.entries(table::unmatched), 1U);
    // The same again: nothing is tried, nothing is lost.
    world.crash_and_start();
    EXPECT_EQ(world.entries(table::unmatched), 1U);
    EXPECT_EQ(world.gateway->count().receipts_replayed, 0U);

    world.advance(2s);
    set_forms(how.response, how.receipt);
    world.crash_and_start();
    world.session_up(100);
    EXPECT_EQ(world.state_of(early), State::delivered);
    EXPECT_EQ(world.entries(table::unmatched), 0U);
    EXPECT_EQ(world.gateway->count().receipts_replayed, 1U);
    EXPECT_EQ(world.delivered_states(), std::vector<State>{State::delivered});
}

TEST_P(corrected_ids, receipts_that_come_after_the_correction_find_older_messages) {
    const auto& how = GetParam();
    set_forms(how.wrong_response, how.wrong_receipt);
    ready();
    const auto id = world.submit("Hello");
    world.respond(world.outputs->sent[0], how.in_response);
    world.advance(2s);
    set_forms(how.response, how.receipt);
    world.crash_and_start();
    world.crash_and_start();  // the former form is remembered over further starts
    world.bind_up(1);
    world.receipt(how.in_receipt, "UNDELIV");
    EXPECT_EQ(world.state_of(id), State::undeliverable);
    // A message of the new time is not found under an old form.
    const auto other = world.submit("Hello");
    world.respond(world.outputs->sent.back(), how.in_response);
    world.receipt(how.in_receipt, "DELIVRD");
    EXPECT_EQ(world.state_of(other), State::delivered);
}

TEST_P(corrected_ids, a_reload_puts_them_right_without_a_start) {
    const auto& how = GetParam();
    set_forms(how.wrong_response, how.wrong_receipt);
    ready();
    const auto early = world.submit("Hello");
    world.respond(world.outputs->sent[0], how.in_response);
    world.receipt(how.in_receipt, "DELIVRD");
    ASSERT_EQ(world.state_of(early), State::submitted);
    world.advance(2s);
    world.reload([&](config::settings& file) {
        file.carriers[0].response_id = how.response;
        file.carriers[0].receipt_id = how.receipt;
    });
    EXPECT_EQ(world.state_of(early), State::delivered);
    EXPECT_EQ(world.entries(table::unmatched), 0U);
    EXPECT_EQ(world.gateway->count().receipts_replayed, 1U);
    world.reload([](config::settings&) {});
    EXPECT_EQ(world.gateway->count().receipts_replayed, 1U);
}

// Keys stored under the former form leave with their messages too.
TEST_P(corrected_ids, retention_erases_keys_of_the_former_form) {
    const auto& how = GetParam();
    world.settings.store.retention = 48h;
    set_forms(how.wrong_response, how.wrong_receipt);
    ready();
    const auto id = world.submit("Hello");
    world.respond(world.outputs->sent[0], how.in_response);
    // As a version before schema 3 stored it.
    const auto of_id = model::receipt_key(1, canonical_id(how.in_response, how.wrong_response));
    store::batch changes;
    changes.put(table::receipt_keys,
                model::receipt_entry_key(of_id, {static_cast<std::uint64_t>(id), 0, 1}), 1);
    const store::batch* one[] = {&changes};
    ASSERT_TRUE(world.store().apply(one));
    world.leap(40h);
    set_forms(how.response, how.receipt);
    world.crash_and_start();
    world.leap(20h);
    world.advance(3min);
    EXPECT_EQ(world.entries(table::messages), 0U);
    EXPECT_EQ(world.entries(table::receipt_keys), 0U);
}

using form = config::message_id_form;
INSTANTIATE_TEST_SUITE_P(
    dialects, corrected_ids,
    ::testing::Values(correction{"taken as text, is hex to decimal", form::text, form::text,
                                 form::hexadecimal, form::decimal, "00001A2B", "6699"},
                      correction{"taken as text in capitals", form::text, form::text,
                                 form::hexadecimal, form::decimal, "1A2B", "6699"},
                      correction{"both taken as decimal, response is hex", form::decimal,
                                 form::decimal, form::hexadecimal, form::decimal, "1a2b", "6699"},
                      correction{"ten digits of decimal taken as hex", form::hexadecimal,
                                 form::decimal, form::decimal, form::decimal, "0000070000",
                                 "70000"},
                      correction{"decimal to hex taken as decimal to decimal", form::decimal,
                                 form::decimal, form::decimal, form::hexadecimal, "6699", "1A2B"},
                      correction{"text with zeros and case, is automatic", form::text, form::text,
                                 form::automatic, form::automatic, "ABC", "0x0ABC"}));

}  // namespace
}  // namespace hikyaku::gateway
