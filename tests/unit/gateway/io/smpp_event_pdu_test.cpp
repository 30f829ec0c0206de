#include "gateway/io/smpp_event_pdu.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "smpp/pdu/encode.hpp"
#include "tests/unit/gateway/io/times.hpp"

namespace hikyaku::gateway::io {
namespace {

using testing_support::noon;

std::string_view text_of(smpp::octet_view octets) {
    return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

/// What differs between the events of this file; a plain final receipt otherwise.
struct facts {
    EventKind kind = EventKind::receipt;
    State state = State::delivered;
    bool final = true;
    std::int64_t at = noon;
    std::uint32_t error = 0;
    std::string error_text;
    told_error told;
    std::uint8_t data_coding = 0;
    std::uint8_t esm_class = 0;
    std::string short_message;
    std::vector<std::uint8_t> tlvs;
    std::uint64_t message = 123456789012345678U;
    std::uint64_t shown_id = 0;
    std::uint32_t alias = 0;
    std::uint16_t part = 0;
};

/// The event, written and read again.
class event_holder {
public:
    explicit event_holder(const facts& of) {
        const address_view source{5, 0, "ACME"}, destination{1, 1, "4917012345"};
        if (of.kind == EventKind::reply) {
            reply_event reply;
            reply.at_ms = of.at;
            reply.source = source;
            reply.destination = destination;
            reply.octets = smpp::text::octets_of(of.short_message);
            reply.data_coding = of.data_coding;
            reply.esm_class = of.esm_class;
            reply.tlvs = of.tlvs;
            write_event(builder_, reply);
            return;
        }
        receipt_event receipt;
        receipt.at_ms = of.at;
        receipt.message = message_id{of.message};
        receipt.shown_id = message_id{of.shown_id};
        receipt.alias = of.alias;
        receipt.part = of.part;
        receipt.source = source;
        receipt.destination = destination;
        receipt.state = of.state;
        receipt.final = of.final;
        receipt.submitted_ms = noon;
        receipt.done_ms = noon + 61'000;
        receipt.error = of.told.view();
        receipt.error.error = of.error;
        receipt.error.error_text = of.error_text;
        receipt.parts = 3;
        receipt.parts_delivered = 3;
        write_event(builder_, receipt);
    }
    [[nodiscard]] outbox_event get() {
        return read_event(reader_, {reinterpret_cast<const char*>(builder_.GetBufferPointer()),
                                    builder_.GetSize()})
            .value();
    }

private:
    flatbuffers::FlatBufferBuilder builder_;
    store::record_reader reader_;
};

TEST(event_pdu, makes_a_receipt_with_swapped_addresses) {
    event_holder event(facts{});
    event_pdu_scratch scratch;
    const auto pdu = event_pdu_of(event.get(), {}, scratch);
    ASSERT_EQ(pdu.header.command_id, smpp::command_id::deliver_sm);
    const auto& body = std::get<smpp::deliver_sm>(pdu.body);
    EXPECT_EQ(body.source_addr, "4917012345");
    EXPECT_EQ(body.source_addr_ton, 1);
    EXPECT_EQ(body.source_addr_npi, 1);
    EXPECT_EQ(body.destination_addr, "ACME");
    EXPECT_EQ(body.dest_addr_ton, 5);
    EXPECT_EQ(body.dest_addr_npi, 0);
    EXPECT_EQ(body.esm_class, 0x04);
    EXPECT_EQ(body.data_coding, 0);
    EXPECT_EQ(text_of(body.short_message),
              "id:123456789012345678 sub:003 dlvrd:003 submit date:2601011200 "
              "done date:2601011201 stat:DELIVRD err:000 text:");
    EXPECT_EQ(pdu.tlvs.cstring(smpp::tag::receipted_message_id), "123456789012345678");
    EXPECT_EQ(pdu.tlvs.u8(smpp::tag::message_state), 2);
    std::vector<std::uint8_t> octets;
    EXPECT_FALSE(smpp::encode(octets, pdu).has_error());
}

TEST(event_pdu, leaves_tlvs_out_for_accounts_that_do_not_want_them) {
    event_holder event(facts{});
    event_pdu_scratch scratch;
    EXPECT_TRUE(event_pdu_of(event.get(), {.tlvs = false}, scratch).tlvs.empty());
}

TEST(event_pdu, marks_an_intermediate_receipt) {
    event_holder event(facts{.state = State::submitted, .final = false, .at = noon + 5'000});
    event_pdu_scratch scratch;
    const auto pdu = event_pdu_of(event.get(), {}, scratch);
    const auto& body = std::get<smpp::deliver_sm>(pdu.body);
    EXPECT_EQ(body.esm_class, 0x20);
    EXPECT_NE(text_of(body.short_message).find("stat:ENROUTE"), std::string_view::npos);
    EXPECT_NE(text_of(body.short_message).find("done date:2601011200"), std::string_view::npos);
    EXPECT_EQ(pdu.tlvs.u8(smpp::tag::message_state), 1);
}

TEST(event_pdu, writes_the_state_and_the_error) {
    struct test_case {
        State state;
        std::string_view stat;
        int message_state;
    };
    for (const auto& one : std::vector<test_case>{{State::delivered, "DELIVRD", 2},
                                                  {State::expired, "EXPIRED", 3},
                                                  {State::deleted, "DELETED", 4},
                                                  {State::undeliverable, "UNDELIV", 5},
                                                  {State::unknown, "UNKNOWN", 7},
                                                  {State::rejected, "REJECTD", 8}}) {
        event_holder event(facts{.state = one.state, .error = 11});
        event_pdu_scratch scratch;
        const auto pdu = event_pdu_of(event.get(), {}, scratch);
        const auto text = std::string(text_of(std::get<smpp::deliver_sm>(pdu.body).short_message));
        EXPECT_NE(text.find("stat:" + std::string(one.stat) + " err:011"), std::string::npos)
            << text;
        EXPECT_EQ(pdu.tlvs.u8(smpp::tag::message_state), one.message_state);
    }
}

TEST(event_pdu, hands_the_error_on_as_the_carrier_wrote_it) {
    struct row {
        std::uint32_t error;
        std::string_view text, with_tlvs, without;
    };
    for (const auto& each :
         {row{31, "01F", "01F", "01F"}, row{2050, "2050", "2050", "2050"},
          row{0, "0x0A", "0x0A", "0x0A"}, row{7, "7", "7", "7"}, row{0, "", "000", "000"},
          row{11, "", "011", "011"}, row{1024, "", "1024", "1024"}, row{0, "0", "0", "0"},
          // network_error_code says what err does not
          row{2050, "000", "000", "2050"}}) {
        event_holder event(facts{.state = State::undeliverable,
                                 .error = each.error,
                                 .error_text = std::string(each.text)});
        for (const bool tlvs : {true, false}) {
            event_pdu_scratch scratch;
            const auto pdu = event_pdu_of(event.get(), {.tlvs = tlvs}, scratch);
            const auto text = text_of(std::get<smpp::deliver_sm>(pdu.body).short_message);
            const auto wanted = fmt::format(" err:{} text:", tlvs ? each.with_tlvs : each.without);
            EXPECT_NE(text.find(wanted), std::string_view::npos) << text << " wants " << wanted;
        }
    }
}

TEST(event_pdu, hands_stat_and_network_error_code_on_in_tlvs) {
    struct row {
        State state;
        std::string_view stat, in_text;
        bool in_tlv;
    };
    using namespace std::string_literals;
    for (const auto& code : {"\x03\x08\x02"s, "\x03"s, "\x03\0\0\x22"s, "301"s, ""s}) {
        for (const auto& each : {row{State::unknown, "NOCRED", "UNKNOWN", true},
                                 row{State::undeliverable, "UNDELIV", "UNDELIV", false},
                                 row{State::undeliverable, "undeliv", "UNDELIV", true},
                                 row{State::submitted, "ACCEPTD", "ENROUTE", true},
                                 row{State::delivered, "", "DELIVRD", false}}) {
            facts of{.state = each.state, .final = each.state != State::submitted};
            of.told.source = ErrorSource::receipt;
            of.told.stat = each.stat;
            of.told.network_code = code;
            event_holder event(of);
            event_pdu_scratch scratch;
            const auto pdu = event_pdu_of(event.get(), {}, scratch);
            const auto text = text_of(std::get<smpp::deliver_sm>(pdu.body).short_message);
            EXPECT_NE(text.find(fmt::format(" stat:{} ", each.in_text)), std::string_view::npos);
            const auto info = pdu.tlvs.cstring(smpp::tag::additional_status_info_text);
            EXPECT_EQ(info.value_or("none"), each.in_tlv ? each.stat : "none");
            const auto handed = pdu.tlvs.find(smpp::tag::network_error_code);
            EXPECT_EQ(handed.has_value(), !code.empty());
            EXPECT_EQ(handed ? text_of(*handed) : "", code);
            EXPECT_TRUE(event_pdu_of(event.get(), {.tlvs = false}, scratch).tlvs.empty());
        }
    }
}

TEST(event_pdu, passes_a_reply_as_it_came) {
    const std::vector<std::uint8_t> tlvs{0x02, 0x04, 0x00, 0x02, 0x00, 0x07,
                                         0x04, 0x24, 0x00, 0x01, 0x41};
    event_holder event(facts{.kind = EventKind::reply,
                             .data_coding = 8,
                             .esm_class = 0x40,
                             .short_message = std::string("\x05\x00\x03\x01\x02\x01\x00K", 8),
                             .tlvs = tlvs});
    event_pdu_scratch scratch;
    const auto pdu = event_pdu_of(event.get(), {}, scratch);
    const auto& body = std::get<smpp::deliver_sm>(pdu.body);
    EXPECT_EQ(body.source_addr, "ACME");  // not swapped: source is the phone
    EXPECT_EQ(body.destination_addr, "4917012345");
    EXPECT_EQ(body.esm_class, 0x40);
    EXPECT_EQ(body.data_coding, 8);
    EXPECT_EQ(text_of(body.short_message), std::string_view("\x05\x00\x03\x01\x02\x01\x00K", 8));
    EXPECT_EQ(pdu.tlvs.u16(smpp::tag::user_message_reference), 7);
    EXPECT_FALSE(pdu.tlvs.find(smpp::tag::message_payload));  // the octets are in short_message
}

TEST(event_pdu, puts_a_long_reply_into_message_payload) {
    const std::string octets(255, 'x');
    event_holder event(facts{.kind = EventKind::reply, .short_message = octets});
    event_pdu_scratch scratch;
    const auto pdu = event_pdu_of(event.get(), {}, scratch);
    EXPECT_TRUE(std::get<smpp::deliver_sm>(pdu.body).short_message.empty());
    const auto payload = pdu.tlvs.find(smpp::tag::message_payload);
    ASSERT_TRUE(payload);
    EXPECT_EQ(text_of(*payload), octets);
}

std::string receipt_text(const facts& of, const event_pdu_form& form) {
    event_holder event(of);
    event_pdu_scratch scratch;
    const auto pdu = event_pdu_of(event.get(), form, scratch);
    return std::string(text_of(std::get<smpp::deliver_sm>(pdu.body).short_message));
}

TEST(event_pdu, e23_dates_in_the_form_the_account_wants) {
    using config::receipt_dates;
    EXPECT_NE(receipt_text({}, {.dates = receipt_dates::twelve_digits})
                  .find("submit date:260101120000 done date:260101120101 stat"),
              std::string::npos);
    EXPECT_NE(receipt_text({}, {.dates = receipt_dates::fourteen_digits})
                  .find("submit date:20260101120000 done date:20260101120101 stat"),
              std::string::npos);
}

TEST(event_pdu, e22_the_id_is_the_one_of_the_response) {
    const event_pdu_form hexadecimal{.ids = config::id_form::hexadecimal};
    EXPECT_TRUE(receipt_text({}, hexadecimal).starts_with("id:1b69b4ba630f34e sub"));
    EXPECT_TRUE(receipt_text({.shown_id = 77}, {}).starts_with("id:77 sub"));
    EXPECT_TRUE(receipt_text({.shown_id = 77, .alias = 0xABC}, {}).starts_with("id:abc sub"));
    event_holder event(facts{.alias = 0xABC});
    event_pdu_scratch scratch;
    const auto pdu = event_pdu_of(event.get(), {}, scratch);
    EXPECT_EQ(pdu.tlvs.cstring(smpp::tag::receipted_message_id), "abc");
}

TEST(event_pdu, e23_the_receipt_of_one_segment_counts_that_one) {
    EXPECT_NE(receipt_text({.part = 2}, {}).find(" sub:001 dlvrd:001 "), std::string::npos);
    EXPECT_NE(
        receipt_text({.state = State::undeliverable, .part = 2}, {}).find(" sub:001 dlvrd:000 "),
        std::string::npos);
}

TEST(event_pdu, e23_a_receipt_as_data_sm) {
    event_holder event(facts{});
    event_pdu_scratch scratch;
    const auto pdu = event_pdu_of(event.get(), {.pdu = config::receipt_pdu::data_sm}, scratch);
    ASSERT_EQ(pdu.header.command_id, smpp::command_id::data_sm);
    const auto& body = std::get<smpp::data_sm>(pdu.body);
    EXPECT_EQ(body.source_addr, "4917012345");
    EXPECT_EQ(body.destination_addr, "ACME");
    EXPECT_EQ(body.esm_class, 0x04);
    const auto payload = pdu.tlvs.find(smpp::tag::message_payload);
    ASSERT_TRUE(payload);
    EXPECT_TRUE(text_of(*payload).starts_with("id:123456789012345678 sub:003"));
    EXPECT_EQ(pdu.tlvs.u8(smpp::tag::message_state), 2);
    std::vector<std::uint8_t> octets;
    EXPECT_FALSE(smpp::encode(octets, pdu).has_error());
}

TEST(event_pdu, a_reply_as_data_sm) {
    event_holder event(facts{.kind = EventKind::reply, .short_message = "YES"});
    event_pdu_scratch scratch;
    const auto pdu = event_pdu_of(event.get(), {.pdu = config::receipt_pdu::data_sm}, scratch);
    ASSERT_EQ(pdu.header.command_id, smpp::command_id::data_sm);
    EXPECT_EQ(std::get<smpp::data_sm>(pdu.body).source_addr, "ACME");
    const auto payload = pdu.tlvs.find(smpp::tag::message_payload);
    ASSERT_TRUE(payload);
    EXPECT_EQ(text_of(*payload), "YES");
}

TEST(event_pdu, e23_without_tlvs_a_reply_keeps_only_those_of_its_text) {
    const std::vector<std::uint8_t> tlvs{0x02, 0x04, 0x00, 0x02, 0x00, 0x07,  // reference
                                         0x02, 0x0E, 0x00, 0x01, 0x02,        // sar_total
                                         0x14, 0x00, 0x00, 0x01, 0x41,        // a vendor's
                                         0x04, 0x24, 0x00, 0x01, 0x41};       // payload
    event_holder event(facts{.kind = EventKind::reply, .tlvs = tlvs});
    event_pdu_scratch scratch;
    const auto pdu = event_pdu_of(event.get(), {.tlvs = false}, scratch);
    EXPECT_FALSE(pdu.tlvs.find(smpp::tag::user_message_reference));
    EXPECT_FALSE(pdu.tlvs.find(0x1400));
    EXPECT_EQ(pdu.tlvs.u8(smpp::tag::sar_total_segments), 2);
    EXPECT_TRUE(pdu.tlvs.find(smpp::tag::message_payload));
}

TEST(event_pdu, e02_a_client_of_3_3_gets_deliver_sm_without_tlvs) {
    config::account account;
    account.delivery.pdu = config::receipt_pdu::data_sm;
    account.delivery.dates = config::receipt_dates::fourteen_digits;
    account.id_form = config::id_form::hexadecimal;
    const auto old = event_form_of(account, 0x33);
    EXPECT_FALSE(old.tlvs);
    EXPECT_EQ(old.pdu, config::receipt_pdu::deliver_sm);
    EXPECT_EQ(old.dates, config::receipt_dates::fourteen_digits);
    EXPECT_EQ(old.ids, config::id_form::hexadecimal);
    const auto current = event_form_of(account, 0x34);
    EXPECT_TRUE(current.tlvs);
    EXPECT_EQ(current.pdu, config::receipt_pdu::data_sm);
    account.delivery.tlvs = false;
    EXPECT_FALSE(event_form_of(account, 0x50).tlvs);
}

}  // namespace
}  // namespace hikyaku::gateway::io
