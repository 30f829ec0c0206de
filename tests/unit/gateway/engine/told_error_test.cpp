// What carriers say of the end of a segment, from the receipt or the refusal to the view of the
// message and the event, over a restart too.
#include "gateway/engine/told_error.hpp"

#include <gtest/gtest.h>

#include "tests/support/engine_fixture.hpp"

namespace hikyaku::gateway {
namespace {

using smpp::command_status;
using testing::engine_world;

class told_errors : public ::testing::Test {
protected:
    engine_world world;

    void SetUp() override {
        world.start();
        world.bind_up(1);
        world.session_up(100);
    }
    message_id sent_with_id(std::string_view carrier_message_id) {
        auto message = engine_world::text_to("819012345678", "Hello");
        message.registered_delivery = 0x11;  // intermediate ones too
        const auto id = world.submit(std::move(message));
        world.respond(world.outputs->sent.back(), carrier_message_id);
        return id;
    }
    void receipt(std::string_view text, const std::vector<std::uint8_t>& code = {}) {
        std::vector<std::uint8_t> raw;
        smpp::tlv_writer tlvs(raw);
        if (!code.empty()) tlvs.octets(smpp::tag::network_error_code, code);
        smpp::deliver_sm request;
        request.source_addr = "819012345678";
        request.destination_addr = "Shop";
        request.esm_class = 0x04;
        request.short_message = smpp::text::octets_of(text);
        world.gateway->on_deliver_sm(bind_id{1}, ++sequence_, request, tlvs.list(), world.now());
        world.settle();
    }
    segment_view segment_of(message_id id) {
        const auto found = world.gateway->find(engine_world::shop, id);
        return found ? found->segments.at(0) : segment_view{};
    }
    const told_error& last_told() { return world.outputs->delivered.back().event.told; }

private:
    std::uint32_t sequence_ = 0;
};

void expect_same(const told_error& is, const told_error& wanted) {
    EXPECT_EQ(is.error, wanted.error);
    EXPECT_EQ(is.error_text, wanted.error_text);
    EXPECT_EQ(is.source, wanted.source);
    EXPECT_EQ(is.stat, wanted.stat);
    EXPECT_EQ(is.network_code, wanted.network_code);
    EXPECT_EQ(is.info, wanted.info);
}

told_error of_receipt(std::uint32_t number, std::string text, std::string stat,
                      std::string code = {}) {
    told_error told;
    told.error = number;
    told.error_text = std::move(text);
    told.source = ErrorSource::receipt;
    told.stat = std::move(stat);
    told.network_code = std::move(code);
    return told;
}

TEST_F(told_errors, of_a_receipt_are_in_the_event_and_the_view_over_a_restart) {
    const auto id = sent_with_id("A1");
    receipt("id:A1 stat:NOCRED err:2050", {3, 8, 2});
    const auto wanted = of_receipt(2050, "2050", "NOCRED", "\x03\x08\x02");
    EXPECT_EQ(world.state_of(id), State::unknown);
    expect_same(last_told(), wanted);
    expect_same(segment_of(id), wanted);
    world.crash_and_start();
    expect_same(segment_of(id), wanted);
}

TEST_F(told_errors, of_an_intermediate_receipt_are_told_at_once_and_replaced_at_the_end) {
    const auto id = sent_with_id("A1");
    receipt("id:A1 stat:BUFFRED err:027", {3, 0, 27});
    ASSERT_EQ(world.deliveries(), 1U);
    EXPECT_FALSE(world.outputs->delivered[0].event.final);
    expect_same(last_told(), of_receipt(27, "027", "BUFFRED", {"\x03\0\x1B", 3}));
    world.acknowledge_delivery(world.outputs->delivered[0]);
    receipt("id:A1 stat:DELIVRD err:000");
    ASSERT_EQ(world.deliveries(), 2U);
    expect_same(last_told(), {});  // kept short: there is no error
    EXPECT_EQ(segment_of(id).error, 0U);
}

TEST_F(told_errors, of_a_refusal_name_who_refused_and_why) {
    auto message = engine_world::text_to("819012345678", "Hello");
    message.registered_delivery = 1;
    const auto id = world.submit(std::move(message));
    const auto sent = world.outputs->sent.back();
    const std::string long_text(300, 'n');
    world.gateway->on_response(sent.bind, sent.token, command_status{0x400}, "", world.now(),
                               {.info = long_text});
    world.settle();
    auto wanted = refusal_error(command_status{0x400}, {.info = long_text.substr(0, 255)});
    EXPECT_EQ(wanted.source, ErrorSource::response);
    expect_same(last_told(), wanted);
    expect_same(segment_of(id), wanted);
    world.crash_and_start();
    expect_same(segment_of(id), wanted);
}

TEST_F(told_errors, our_own_refusal_is_no_carriers) {
    const auto id = world.submit(engine_world::text_to("819012345678", "Hello"));
    const auto sent = world.outputs->sent.back();
    world.gateway->on_response(sent.bind, sent.token, command_status::esme_rinvparlen, "",
                               world.now(), {.info = {}, .own = true});
    world.settle();
    EXPECT_EQ(world.state_of(id), State::rejected);
    expect_same(segment_of(id), own_error(command_status::esme_rinvparlen));
}

TEST_F(told_errors, of_refusals_are_forgotten_when_a_carrier_accepts) {
    world.responder = nullptr;
    const auto id = world.submit(engine_world::text_to("819012345678", "Hello"));
    const auto first = world.outputs->sent.back();
    world.gateway->on_response(first.bind, first.token, command_status::esme_rsyserr, "",
                               world.now(), {.info = "later"});
    world.settle();
    EXPECT_EQ(segment_of(id).info, "later");
    world.advance(std::chrono::minutes(10));
    ASSERT_EQ(world.outputs->sent.size(), 2U);
    world.respond(world.outputs->sent.back(), "A1");
    expect_same(segment_of(id), {});
}

TEST_F(told_errors, words_in_no_list_are_counted_by_carrier) {
    sent_with_id("A1");
    for (const char* text : {"id:A1 stat:NOCRED err:1", "id:nobody stat:2 err:1 text:",
                             "id:A1 stat:DELIVERED err:000", "stat:DND err:3 text:"})
        receipt(text);
    EXPECT_EQ(world.gateway->carriers()[0].unknown_stats, 3U);
    EXPECT_EQ(world.outputs->unknown_stats, (std::vector<std::string>{"NOCRED", "2", "DND"}));
}

TEST(told_error, records_of_before_have_their_number_and_text) {
    flatbuffers::FlatBufferBuilder fb;
    const auto text = fb.CreateString("EXP");
    model::record::EventBuilder event(fb);
    event.add_error(7);
    event.add_error_text(text);
    fb.Finish(event.Finish());
    const auto& stored = *flatbuffers::GetRoot<model::record::Event>(fb.GetBufferPointer());
    const auto read = error_in(stored.error(), stored.error_text(), stored.details());
    EXPECT_EQ(read.error, 7U);
    EXPECT_EQ(read.error_text, "EXP");
    EXPECT_EQ(read.source, ErrorSource::unsaid);
    EXPECT_EQ(read.stat, "");
    EXPECT_EQ(read.network_code, "");
    EXPECT_TRUE(read.is_told(State::undeliverable));
}

}  // namespace
}  // namespace hikyaku::gateway
