// Receipts in every shape that carriers write them, through the engine: each finds its message and
// none becomes a reply, whichever PDU and field it stands in.
#include <gtest/gtest.h>

#include "gateway/model/tables.hpp"
#include "tests/support/engine_fixture.hpp"

namespace hikyaku::gateway {
namespace {

namespace table = model::table;
using testing::engine_world;
using namespace std::chrono_literals;

struct receipt_shape {
    const char* what;
    std::string text;  // ID stands for the message id
    State state = State::delivered;
    bool final = true;
    std::uint32_t error = 0;
    std::string error_text = {};
    std::string stat = {};
    bool told_by_text = true;  // also without the receipt bits of esm_class
};

std::vector<receipt_shape> shapes() {
    const std::string head = "id:ID sub:001 dlvrd:001 ";
    const std::string dates = "submit date:2601010000 done date:2601010001 ";
    std::vector<receipt_shape> all{
        {"appendix B, ten digits", head + dates + "stat:DELIVRD err:000 text:Hello"},
        {"twelve digits",
         head + "submit date:260101000000 done date:260101000100 stat:DELIVRD err:000 text:Hello"},
        {"fourteen digits",
         head +
             "submit date:20260101000000 done date:20260101000100 stat:DELIVRD err:000 text:Hello"},
        {"without sub and dlvrd", "id:ID " + dates + "stat:DELIVRD err:000 text:Hello"},
        {"without text", head + dates + "stat:DELIVRD err:000"},
        {"Text with a capital", head + dates + "stat:DELIVRD err:000 Text:Hello"},
        {"an empty text", head + dates + "stat:DELIVRD err:000 text:"},
        {"err of one digit", head + dates + "stat:UNDELIV err:7 text:x", State::undeliverable, true,
         7, "7"},
        {"err of five digits", head + dates + "stat:UNDELIV err:12345 text:x", State::undeliverable,
         true, 12345, "12345"},
        {"err of letters", head + dates + "stat:UNDELIV err:EXP text:x", State::undeliverable, true,
         0, "EXP"},
        {"fields in another order",
         "stat:DELIVRD err:000 done date:2601010001 submit date:2601010000 dlvrd:001 sub:001 "
         "id:ID"},
        {"the id last, without a space behind it", "stat:DELIVRD id:ID"},
        {"stat last", "id:ID " + dates + "stat:DELIVRD"},
        {"separated by commas",
         "id:ID,sub:001,dlvrd:001,submit date:2601010000,done date:2601010001,stat:DELIVRD,err:000,"
         "text:Hello"},
        {"written with capitals", "ID:ID SUB:001 DLVRD:001 STAT:DELIVRD ERR:000"},
    };
    struct word {
        const char* stat;
        State state;
        bool final;
    };
    for (const auto& [stat, state, final] : {
             word{"EXPIRED", State::expired, true},
             word{"DELETED", State::deleted, true},
             word{"UNDELIV", State::undeliverable, true},
             word{"REJECTD", State::rejected, true},
             word{"UNKNOWN", State::unknown, true},
             word{"FAILED", State::undeliverable, true},
             word{"DELIVERED", State::delivered, true},
             word{"ACCEPTD", State::submitted, false},
             word{"ENROUTE", State::submitted, false},
             word{"BUFFRED", State::submitted, false},
             word{"BUFFERD", State::submitted, false},
             word{"ACKED", State::submitted, false},
             word{"NOCRED", State::unknown, true},
             word{"DND", State::unknown, true},
             word{"2", State::unknown, true},
         }) {
        const bool usual = state == State::submitted && std::string_view(stat) == "ENROUTE";
        all.push_back({stat, head + dates + "stat:" + stat + " err:000 text:x", state, final, 0,
                       usual ? "" : "000", usual ? "" : stat});
    }
    return all;
}

enum class carried { short_message, payload, data_sm };

class receipt_shapes : public ::testing::Test {
protected:
    engine_world world;

    void SetUp() override {
        world.settings.accounts[0].numbers = {"Shop"};
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
    void hand_in(carried by, std::string_view text, std::uint8_t esm_class,
                 const std::function<void(smpp::tlv_writer&)>& more = nullptr) {
        std::vector<std::uint8_t> buffer;
        smpp::tlv_writer tlvs(buffer);
        if (more) more(tlvs);
        const smpp::octet_view octets{reinterpret_cast<const std::uint8_t*>(text.data()),
                                      text.size()};
        if (by != carried::short_message && !text.empty())
            tlvs.octets(smpp::tag::message_payload, octets);
        if (by == carried::data_sm) {
            smpp::data_sm request;
            request.source_addr = "819012345678";
            request.destination_addr = "Shop";
            request.esm_class = esm_class;
            world.gateway->on_data_sm(bind_id{1}, ++sequence_, request, tlvs.list(), world.now());
        } else {
            smpp::deliver_sm request;
            request.source_addr = "819012345678";
            request.destination_addr = "Shop";
            request.esm_class = esm_class;
            if (by == carried::short_message) request.short_message = octets;
            world.gateway->on_deliver_sm(bind_id{1}, ++sequence_, request, tlvs.list(),
                                         world.now());
        }
        world.settle();
    }

private:
    std::uint32_t sequence_ = 0;
};

TEST_F(receipt_shapes, every_one_in_every_place) {
    std::uint64_t number = 0;
    for (const auto& shape : shapes()) {
        for (const auto by : {carried::short_message, carried::payload, carried::data_sm}) {
            for (const auto esm_class : std::initializer_list<std::uint8_t>{0x04, 0x00}) {
                SCOPED_TRACE(std::string(shape.what) + " " + std::to_string(int(by)) + " " +
                             std::to_string(int{esm_class}));
                const auto carrier_id = "k" + std::to_string(++number);
                const auto id = sent_with_id(carrier_id);
                auto text = shape.text;
                text.replace(text.rfind("ID"), 2, carrier_id);
                hand_in(by, text, esm_class);
                EXPECT_EQ(world.state_of(id), shape.state);
                ASSERT_EQ(world.deliveries(), number);
                const auto& event = world.outputs->delivered.back().event;
                EXPECT_EQ(event.kind, EventKind::receipt);
                EXPECT_EQ(event.message, id);
                EXPECT_EQ(event.final, shape.final);
                EXPECT_EQ(event.error, shape.error);
                EXPECT_EQ(event.error_text, shape.error_text);
                if (!shape.stat.empty()) EXPECT_EQ(event.told.stat, shape.stat);
                world.acknowledge_delivery(world.outputs->delivered.back());
            }
        }
    }
    EXPECT_EQ(world.gateway->count().replies, 0U);
    EXPECT_EQ(world.gateway->count().receipts, number);
    EXPECT_EQ(world.entries(table::unmatched), 0U);
}

TEST_F(receipt_shapes, in_tlvs_only) {
    for (const auto by : {carried::short_message, carried::data_sm}) {
        for (const auto esm_class : std::initializer_list<std::uint8_t>{0x04, 0x00}) {
            for (const bool digits : {false, true}) {
                const auto carrier_id = "t" + std::to_string(world.deliveries());
                const auto id = sent_with_id(carrier_id);
                hand_in(by, "", esm_class, [&](smpp::tlv_writer& tlvs) {
                    const std::vector<std::uint8_t> error =
                        digits ? std::vector<std::uint8_t>{'0', '2', '7'}
                               : std::vector<std::uint8_t>{3, 0, 27};
                    tlvs.cstring(smpp::tag::receipted_message_id, carrier_id)
                        .u8(smpp::tag::message_state, 5)
                        .octets(smpp::tag::network_error_code, error);
                });
                EXPECT_EQ(world.state_of(id), State::undeliverable);
                EXPECT_EQ(world.outputs->delivered.back().event.error, 27U);
                world.acknowledge_delivery(world.outputs->delivered.back());
            }
        }
    }
    EXPECT_EQ(world.gateway->count().replies, 0U);
}

// What says by its esm_class that it is a receipt and cannot be read is kept for the operator and
// counted, but no application ever reads it as a reply.
TEST_F(receipt_shapes, an_unreadable_one_is_kept_and_never_a_reply) {
    std::uint64_t unreadable = 0;
    for (const auto* const text :
         {"", "nothing of use", "stat:DELIVRD err:000", "id: stat:DELIVRD", "\xFF\xFE\x01"}) {
        for (const auto by : {carried::short_message, carried::payload, carried::data_sm}) {
            hand_in(by, text, 0x04);
            EXPECT_EQ(world.gateway->count().receipts_unreadable, ++unreadable) << text;
        }
    }
    hand_in(carried::short_message, "id:nobody stat:DELIVRD", 0x04);
    EXPECT_EQ(world.gateway->count().receipts_unmatched, 1U);
    EXPECT_EQ(world.entries(table::unmatched), unreadable + 1);
    EXPECT_EQ(world.outputs->acknowledged.size(), unreadable + 1);
    EXPECT_EQ(world.gateway->count().replies, 0U);
    EXPECT_EQ(world.deliveries(), 0U);
}

}  // namespace
}  // namespace hikyaku::gateway
