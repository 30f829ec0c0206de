// Receipts find their message: any order, any bind, any dialect, days later, once.
#include <gtest/gtest.h>

#include "gateway/model/tables.hpp"
#include "tests/support/engine_fixture.hpp"

namespace hikyaku::gateway {
namespace {

using smpp::command_status;
namespace table = model::table;
using testing::engine_world;
using namespace std::chrono_literals;

class receipts : public ::testing::Test {
protected:
    engine_world world;

    void ready() {
        world.start();
        world.bind_up(1);
        world.session_up(100, engine_world::shop, 100);
    }
    message_id sent_with_id(std::string_view carrier_message_id) {
        const auto id = world.submit("Hello");
        world.respond(world.outputs->sent.back(), carrier_message_id);
        return id;
    }
    const testing::kept_event& last_event() { return world.outputs->delivered.back().event; }
};

TEST_F(receipts, response_then_receipt) {
    ready();
    const auto id = sent_with_id("A1");
    EXPECT_EQ(world.state_of(id), State::submitted);
    EXPECT_EQ(world.account().queued, 0U);
    EXPECT_EQ(world.entries(table::queue), 0U);
    EXPECT_EQ(world.young_entries(table::receipt_index), 1U);
    world.advance(3s);
    world.receipt("A1", "DELIVRD");
    ASSERT_EQ(world.deliveries(), 1U);
    EXPECT_EQ(last_event().message, id);
    EXPECT_EQ(last_event().state, State::delivered);
    EXPECT_TRUE(last_event().final);
    EXPECT_EQ(last_event().parts, 1U);
    EXPECT_EQ(last_event().parts_delivered, 1U);
    EXPECT_EQ(last_event().destination, "819012345678");
    const auto view = world.gateway->find(engine_world::shop, id);
    ASSERT_TRUE(view.has_value());
    EXPECT_EQ(view->state, State::delivered);
    EXPECT_EQ(view->segments[0].carrier, "alpha");
    EXPECT_EQ(view->segments[0].carrier_message_id, "A1");
    EXPECT_EQ(view->segments[0].attempts, 1U);
    EXPECT_EQ(view->done_ms, world.now().wall_ms);
}

TEST_F(receipts, acknowledged_only_after_the_commit) {
    ready();
    sent_with_id("A1");
    world.commits_itself = false;
    world.hand_in_receipt(1, "A1", "DELIVRD", "819012345678");
    world.turn();
    ASSERT_TRUE(world.write_batches());
    EXPECT_TRUE(world.outputs->acknowledged.empty());
    EXPECT_EQ(world.deliveries(), 0U);
    world.report_batches();
    ASSERT_EQ(world.outputs->acknowledged.size(), 1U);
    EXPECT_EQ(world.outputs->acknowledged[0].bind, bind_id{1});
    EXPECT_EQ(world.outputs->acknowledged[0].sequence, 1U);
    EXPECT_EQ(world.outputs->acknowledged[0].request, smpp::command_id::deliver_sm);
    EXPECT_EQ(world.outputs->acknowledged[0].status, command_status::esme_rok);
    world.turn();
    EXPECT_EQ(world.deliveries(), 1U);
}

TEST_F(receipts, before_the_response) {
    ready();
    const auto id = world.submit("Hello");
    world.receipt("A1", "DELIVRD");
    EXPECT_EQ(world.entries(table::unmatched), 1U);
    EXPECT_EQ(world.deliveries(), 0U);
    world.respond(world.outputs->sent[0], "A1");
    EXPECT_EQ(world.state_of(id), State::delivered);
    EXPECT_EQ(world.deliveries(), 1U);
    EXPECT_EQ(world.entries(table::unmatched), 0U);
    EXPECT_EQ(world.entries(table::queue), 0U);
    EXPECT_EQ(world.gateway->count().receipts_early, 1U);
    EXPECT_EQ(world.account().queued, 0U);
}

TEST_F(receipts, in_the_same_turn_as_the_response) {
    ready();
    const auto id = world.submit("Hello");
    world.gateway->on_response(bind_id{1}, world.outputs->sent[0].token, command_status::esme_rok,
                               "A1", world.now());
    world.hand_in_receipt(1, "A1", "DELIVRD", "819012345678");
    world.settle();
    EXPECT_EQ(world.state_of(id), State::delivered);
    EXPECT_EQ(world.deliveries(), 1U);
}

TEST_F(receipts, in_the_same_turn_before_the_response) {
    ready();
    const auto id = world.submit("Hello");
    world.hand_in_receipt(1, "A1", "DELIVRD", "819012345678");
    world.gateway->on_response(bind_id{1}, world.outputs->sent[0].token, command_status::esme_rok,
                               "A1", world.now());
    world.settle();
    EXPECT_EQ(world.state_of(id), State::delivered);
    EXPECT_EQ(world.deliveries(), 1U);
    EXPECT_EQ(world.outputs->acknowledged.size(), 1U);
    EXPECT_EQ(world.gateway->count().receipts_unmatched, 0U);  // the store was not asked to keep it
    EXPECT_EQ(world.entries(table::unmatched), 0U);
}

TEST_F(receipts, those_that_wait_for_the_turns_end_keep_all_they_say) {
    ready();
    world.submit("Hello");  // in flight, so that receipts wait
    std::string text =
        "id:zz0 sub:001 dlvrd:001 submit date:2601010000 done date:2601010001 stat:UNDELIV err:034 "
        "text:Hello";
    std::string source = "819012345678";
    for (char digit = '9'; digit >= '1'; --digit) {
        text[5] = digit;
        world.hand_in_deliver_sm(1, text, source, "Shop", 0x04);
    }
    text.assign(text.size(), '?');  // the driver reads on into the same buffers
    source.assign(source.size(), '?');
    world.settle();
    ASSERT_EQ(world.entries(table::unmatched), 9U);
    EXPECT_EQ(world.gateway->count().receipts_unmatched, 9U);
    world.crash_and_start();  // what is matched below has been read from the store
    world.bind_up(1);
    ASSERT_EQ(world.outputs->sent.size(), 1U);
    world.respond(world.outputs->sent[0], "zz1");
    world.session_up(100);
    EXPECT_EQ(world.delivered_states(), std::vector<State>{State::undeliverable});
    EXPECT_EQ(world.entries(table::unmatched), 8U);
}

TEST_F(receipts, acknowledged_only_after_the_commit_when_it_has_waited_for_the_turns_end) {
    ready();
    world.submit("Hello");
    world.commits_itself = false;
    world.hand_in_receipt(1, "A1", "DELIVRD", "819012345678");
    world.turn();
    ASSERT_TRUE(world.write_batches());
    EXPECT_TRUE(world.outputs->acknowledged.empty());
    world.report_batches();
    EXPECT_EQ(world.outputs->acknowledged.size(), 1U);
    EXPECT_EQ(world.entries(table::unmatched), 1U);
}

TEST_F(receipts, an_intermediate_one_is_told_before_the_final_one_of_the_same_turn) {
    ready();
    auto wanted = engine_world::text_to("819012345678", "Hello");
    wanted.registered_delivery = 0x11;
    const auto id = world.submit(std::move(wanted));
    world.hand_in_receipt(1, "A1", "ENROUTE", "819012345678");
    world.gateway->on_response(bind_id{1}, world.outputs->sent[0].token, command_status::esme_rok,
                               "A1", world.now());
    world.hand_in_receipt(1, "A1", "DELIVRD", "819012345678");
    world.settle();
    EXPECT_EQ(world.state_of(id), State::delivered);
    EXPECT_EQ(world.deliveries(), 2U);
    EXPECT_EQ(world.gateway->count().receipts_duplicate, 0U);
}

TEST_F(receipts, an_early_final_one_wins_over_an_early_intermediate_one) {
    for (const bool final_first : {false, true}) {
        SCOPED_TRACE(final_first);
        engine_world own;
        own.start();
        own.bind_up(1);
        const auto id = own.submit("Hello");
        own.receipt("A1", final_first ? "DELIVRD" : "ENROUTE");
        own.receipt("A1", final_first ? "ENROUTE" : "DELIVRD");
        own.respond(own.outputs->sent[0], "A1");
        EXPECT_EQ(own.state_of(id), State::delivered);
    }
}

TEST_F(receipts, early_ones_survive_a_crash) {
    ready();
    world.submit("Hello");
    world.receipt("A1", "DELIVRD");
    world.crash_and_start();
    world.bind_up(1);
    ASSERT_EQ(world.outputs->sent.size(), 1U);  // sent again: the response was never seen
    world.respond(world.outputs->sent[0], "A1");
    world.session_up(100);
    EXPECT_EQ(world.delivered_states(), std::vector<State>{State::delivered});
    EXPECT_EQ(world.entries(table::unmatched), 0U);
    EXPECT_LT(world.gateway->count().receipts_unmatched, 2U);  // a counter never goes back
}

TEST_F(receipts, a_repeated_receipt_changes_nothing) {
    ready();
    const auto id = sent_with_id("A1");
    world.receipt("A1", "DELIVRD");
    world.receipt("A1", "DELIVRD");
    world.receipt("A1", "EXPIRED");
    EXPECT_EQ(world.deliveries(), 1U);
    EXPECT_EQ(world.state_of(id), State::delivered);
    EXPECT_EQ(world.gateway->count().receipts_duplicate, 2U);
    EXPECT_EQ(world.outputs->acknowledged.size(), 3U);
    EXPECT_EQ(world.entries(table::unmatched), 0U);
}

TEST_F(receipts, late_after_a_restart) {
    ready();
    const auto id = sent_with_id("A1");
    world.crash_and_start();
    world.leap(48h);
    world.bind_up(7);
    world.session_up(100);
    world.receipt("A1", "UNDELIV", "034", 7);
    EXPECT_EQ(world.state_of(id), State::undeliverable);
    ASSERT_EQ(world.deliveries(), 1U);
    EXPECT_EQ(last_event().error, 34U);
}

TEST_F(receipts, on_any_bind_of_the_carrier_but_of_no_other_carrier) {
    ready();
    world.bind_up(2);
    world.bind_up(3, engine_world::beta);
    const auto id = sent_with_id("A1");
    world.receipt("A1", "DELIVRD", "000", 3);
    EXPECT_EQ(world.state_of(id), State::submitted);
    EXPECT_EQ(world.entries(table::unmatched), 1U);
    world.receipt("A1", "DELIVRD", "000", 2);
    EXPECT_EQ(world.state_of(id), State::delivered);
}

TEST_F(receipts, in_another_dialect_than_the_response) {
    ready();
    const auto hexadecimal = sent_with_id("1A2B");
    const auto decimal = sent_with_id("0000070000");
    world.receipt("6699", "DELIVRD");
    world.receipt("11170", "DELIVRD");
    EXPECT_EQ(world.state_of(hexadecimal), State::delivered);
    EXPECT_EQ(world.state_of(decimal), State::delivered);
}

TEST_F(receipts, a_guessed_form_never_takes_a_strangers_message) {
    ready();
    const auto mine = sent_with_id("6699");
    world.hand_in_receipt(1, "1a2b", "UNDELIV", "819099999999");
    world.settle();
    EXPECT_EQ(world.state_of(mine), State::submitted);
    EXPECT_EQ(world.entries(table::unmatched), 1U);
}

TEST_F(receipts, registered_delivery_is_obeyed) {
    struct row {
        std::uint8_t asked;
        std::string_view stat;
        bool told;
    };
    for (const auto& [asked, stat, told] :
         {row{0, "DELIVRD", false}, row{0, "UNDELIV", false}, row{1, "DELIVRD", true},
          row{1, "UNDELIV", true}, row{2, "DELIVRD", false}, row{2, "UNDELIV", true},
          row{3, "DELIVRD", true}, row{3, "UNDELIV", false}, row{1, "ENROUTE", false},
          row{0x11, "ENROUTE", true}, row{0x10, "ENROUTE", true}, row{0x10, "DELIVRD", false}}) {
        engine_world own;
        own.start();
        own.bind_up(1);
        own.session_up(100);
        auto message = engine_world::text_to("819012345678", "Hello");
        message.registered_delivery = asked;
        const auto id = own.submit(std::move(message));
        own.respond(own.outputs->sent[0], "A1");
        own.receipt("A1", stat);
        EXPECT_EQ(own.deliveries(), told ? 1U : 0U) << int{asked} << " " << stat;
        EXPECT_EQ(own.state_of(id) == State::submitted, stat == "ENROUTE");
        for (const auto& one : own.outputs->delivered)
            EXPECT_EQ(one.event.final, stat != "ENROUTE");
    }
}

class multipart : public receipts {
protected:
    message_id submit_parts(std::size_t parts) {
        return world.submit(
            engine_world::text_to("819012345678", std::string(153 * (parts - 1) + 50, 'x')));
    }
    void respond_all() {
        const auto sent = world.outputs->sent;
        for (std::size_t i = 0; i < sent.size(); ++i)
            world.respond(sent[i], "part" + std::to_string(i));
    }
};

TEST_F(multipart, delivered_when_all_parts_are) {
    ready();
    const auto id = submit_parts(3);
    ASSERT_EQ(world.outputs->sent.size(), 3U);
    EXPECT_EQ(world.outputs->sent[0].esm_class, 0x40);
    EXPECT_EQ(world.outputs->sent[2].octets.substr(4, 2), "\x03\x03");
    respond_all();
    world.receipt("part2", "DELIVRD");
    world.receipt("part0", "DELIVRD");
    EXPECT_EQ(world.deliveries(), 0U);
    EXPECT_EQ(world.state_of(id), State::submitted);
    world.receipt("part1", "DELIVRD");
    ASSERT_EQ(world.deliveries(), 1U);
    EXPECT_EQ(last_event().state, State::delivered);
    EXPECT_EQ(last_event().parts, 3U);
    EXPECT_EQ(last_event().parts_delivered, 3U);
}

TEST_F(multipart, one_failed_part_fails_the_message_and_tells_its_error) {
    ready();
    submit_parts(3);
    respond_all();
    world.receipt("part0", "DELIVRD");
    world.receipt("part1", "UNDELIV", "021");
    EXPECT_EQ(world.deliveries(), 0U);
    world.receipt("part2", "DELIVRD");
    ASSERT_EQ(world.deliveries(), 1U);
    EXPECT_EQ(last_event().state, State::undeliverable);
    EXPECT_EQ(last_event().error, 21U);
    EXPECT_EQ(last_event().parts_delivered, 2U);
}

TEST_F(multipart, a_refused_part_stops_the_rest) {
    world.start();
    world.bind_up(1, engine_world::alpha, 2);
    world.session_up(100);
    const auto id = submit_parts(4);
    ASSERT_EQ(world.outputs->sent.size(), 2U);
    world.respond(world.outputs->sent[0], "part0");
    ASSERT_EQ(world.outputs->sent.size(), 3U);
    world.refuse(world.outputs->sent[1], command_status::esme_rinvdstadr);
    EXPECT_EQ(world.outputs->sent.size(), 3U);
    EXPECT_EQ(world.deliveries(), 0U);
    world.respond(world.outputs->sent[2], "part2");
    ASSERT_EQ(world.deliveries(), 1U);
    EXPECT_EQ(last_event().state, State::rejected);
    EXPECT_EQ(last_event().error, 0x0BU);
    EXPECT_EQ(world.state_of(id), State::rejected);
    EXPECT_EQ(world.account().queued, 0U);
    world.receipt("part0", "DELIVRD");  // still finds its segment
    EXPECT_EQ(world.deliveries(), 1U);
    EXPECT_EQ(world.gateway->find(engine_world::shop, id)->segments[0].state, State::delivered);
}

TEST_F(multipart, receipts_before_the_responses_and_between_them) {
    ready();
    const auto id = submit_parts(2);
    world.receipt("part1", "DELIVRD");
    world.respond(world.outputs->sent[0], "part0");
    world.receipt("part0", "DELIVRD");
    EXPECT_EQ(world.deliveries(), 0U);
    world.respond(world.outputs->sent[1], "part1");
    EXPECT_EQ(world.deliveries(), 1U);
    EXPECT_EQ(world.state_of(id), State::delivered);
}

TEST_F(multipart, sent_again_after_a_crash_between_the_responses) {
    world.start();
    world.bind_up(1, engine_world::alpha, 2);
    const auto id = submit_parts(2);
    world.respond(world.outputs->sent[0], "part0");
    world.crash_and_start();
    world.session_up(100);
    world.bind_up(1, engine_world::alpha, 1);
    ASSERT_GE(world.outputs->sent.size(), 1U);
    world.receipt("part0", "DELIVRD");  // of the attempt before the crash
    world.accept_everything(true);
    world.advance(1s);
    EXPECT_EQ(world.state_of(id), State::delivered);
    EXPECT_EQ(world.deliveries(), 1U);
    EXPECT_EQ(world.account().queued, 0U);
}

TEST_F(receipts, unreadable_and_unknown_ones_are_kept_counted_and_acknowledged) {
    ready();
    world.hand_in_deliver_sm(1, "nothing of use", "819012345678", "Shop", 0x04);
    world.settle();
    world.receipt("nobody", "DELIVRD");
    EXPECT_EQ(world.gateway->count().receipts_unreadable, 1U);
    EXPECT_EQ(world.gateway->count().receipts_unmatched, 1U);
    EXPECT_EQ(world.entries(table::unmatched), 2U);
    EXPECT_EQ(world.outputs->acknowledged.size(), 2U);
}

TEST_F(receipts, in_data_sm_with_tlvs_only) {
    ready();
    const auto id = sent_with_id("A1");
    std::vector<std::uint8_t> buffer;
    smpp::tlv_writer tlvs(buffer);
    tlvs.cstring(smpp::tag::receipted_message_id, "A1").u8(smpp::tag::message_state, 5);
    smpp::data_sm request;
    request.source_addr = "819012345678";
    request.esm_class = 0x04;
    world.gateway->on_data_sm(bind_id{1}, 44, request, tlvs.list(), world.now());
    world.settle();
    EXPECT_EQ(world.state_of(id), State::undeliverable);
    ASSERT_EQ(world.outputs->acknowledged.size(), 1U);
    EXPECT_EQ(world.outputs->acknowledged[0].request, smpp::command_id::data_sm);
    EXPECT_EQ(world.outputs->acknowledged[0].sequence, 44U);
}

}  // namespace
}  // namespace hikyaku::gateway
