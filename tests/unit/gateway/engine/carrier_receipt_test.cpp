// Receipts as carriers write them: what is one, what it says, and which message it means.
#include "gateway/engine/receiving/carrier_receipt.hpp"

#include <gtest/gtest.h>

#include "smpp/pdu/constants.hpp"
#include "smpp/text/octets.hpp"
#include "smpp/text/packing.hpp"

namespace hikyaku::gateway {
namespace {

using config::message_id_form;
namespace tag = smpp::tag;

constexpr std::string_view canonical_text =
    "id:A1B2 sub:001 dlvrd:001 submit date:2601010000 done date:2601010001 stat:UNDELIV err:042 "
    "text:Hello";

/// A carrier's message with TLVs built on the spot.
struct built_message {
    std::vector<std::uint8_t> buffer;
    smpp::tlv_writer tlvs{buffer};
    carrier_message message;

    explicit built_message(std::string_view text, std::uint8_t esm_class = 0,
                           std::uint8_t data_coding = 0) {
        message.esm_class = esm_class;
        message.data_coding = data_coding;
        message.octets = smpp::text::octets_of(text);
    }
    const carrier_message& done() {
        message.tlvs = tlvs.list();
        return message;
    }
};

TEST(carrier_receipt, kind_by_esm_class_then_tlvs_then_text) {
    constexpr auto receipt = carrier_message_kind::receipt;
    constexpr auto reply = carrier_message_kind::reply;
    struct row {
        std::uint8_t esm_class;
        bool tlv_id, tlv_state;
        std::string_view text;
        carrier_message_kind kind;
    };
    for (const auto& [esm_class, tlv_id, tlv_state, text, kind] :
         {row{0x04, false, false, "", receipt}, row{0x04, false, false, "hello", receipt},
          row{0x20, false, false, canonical_text, receipt},
          row{0x44, false, false, canonical_text, receipt},
          row{0x08, false, false, canonical_text, reply}, row{0x10, true, true, "", reply},
          row{0x00, true, true, "", receipt}, row{0x00, true, false, "hello", reply},
          row{0x00, false, true, "hello", reply}, row{0x00, false, false, canonical_text, receipt},
          row{0x00, false, false, "my id: 5", reply}, row{0x00, false, false, "STOP", reply},
          row{0x40, false, false, "hello", reply}}) {
        built_message made(text, esm_class);
        if (tlv_id) made.tlvs.cstring(tag::receipted_message_id, "A1");
        if (tlv_state) made.tlvs.u8(tag::message_state, 2);
        EXPECT_EQ(kind_of(made.done()), kind) << int{esm_class} << " " << text;
    }
}

std::string utf16(std::string_view ascii, bool little, std::string_view mark = {}) {
    std::string out(mark);
    for (const char c : ascii) {
        out += little ? c : '\0';
        out += little ? '\0' : c;
    }
    return out;
}

TEST(carrier_receipt, data_coding_is_a_hint) {
    constexpr std::string_view text =
        "id:S213112420 sub:001 dlvrd:001 submit date:170609163650 done date:170609163657 "
        "stat:DELIVRD err:000 text:";
    const std::string forms[] = {
        std::string(text),
        utf16(text, false),
        utf16(text, true),
        utf16(text, false, "\xFE\xFF"),
        utf16(text, true, "\xFF\xFE"),
        smpp::text::pack_segment(smpp::text::octets_of(text), false),
    };
    for (std::size_t form = 0; form < std::size(forms); ++form) {
        for (const int data_coding : {0, 1, 3, 4, 8, 0xF4, 24}) {
            for (const int esm_class : {0, 4}) {
                built_message made(forms[form], static_cast<std::uint8_t>(esm_class),
                                   static_cast<std::uint8_t>(data_coding));
                ASSERT_EQ(kind_of(made.done()), carrier_message_kind::receipt)
                    << form << " " << data_coding << " " << esm_class;
                const auto receipt = read_receipt(made.done());
                EXPECT_EQ(receipt.id, "S213112420") << form << " " << data_coding;
                EXPECT_EQ(receipt.state, State::delivered) << form << " " << data_coding;
            }
        }
    }
}

TEST(carrier_receipt, utf_16_may_repeat_a_text_of_any_script) {
    const std::u16string_view text = u"id:S2 sub:001 stat:DELIVRD err:000 text:こんにちは 😀";
    for (const std::u16string_view mark : {u"", u"\uFEFF"}) {
        for (const bool little : {false, true}) {
            std::string octets;
            for (const char16_t unit : std::u16string(mark) + std::u16string(text)) {
                const char high = static_cast<char>(unit >> 8);
                const char low = static_cast<char>(unit & 0xFF);
                octets += little ? low : high;
                octets += little ? high : low;
            }
            for (const int data_coding : {0, 3, 8}) {
                for (const int esm_class : {0, 4}) {
                    built_message made(octets, static_cast<std::uint8_t>(esm_class),
                                       static_cast<std::uint8_t>(data_coding));
                    ASSERT_EQ(kind_of(made.done()), carrier_message_kind::receipt)
                        << little << data_coding << esm_class << !mark.empty();
                    EXPECT_EQ(read_receipt(made.done()).id, "S2");
                    EXPECT_EQ(read_content(made.done()).text, "こんにちは 😀");
                }
            }
        }
    }
}

TEST(carrier_receipt, any_octets_have_a_kind) {
    // "Hi" and a surrogate pair, in both orders, with a mark and without; a lone half; torn.
    using namespace std::string_view_literals;
    for (const std::string_view octets :
         {"\0H\0i\xD8\x3D\xDE\0"sv, "H\0i\0\x3D\xD8\0\xDE"sv, "\xFE\xFF\xD8\x3D\xDE\0"sv,
          "\xFF\xFE\x3D\xD8\0\xDE"sv, "\0H\xD8\x3D"sv, "\0\xD8"sv, "\xD8\0"sv, "\0"sv, "\xFE\xFF"sv,
          "\xFE\xFF\xD8"sv}) {
        for (const auto data_coding : std::initializer_list<std::uint8_t>{0, 4, 8}) {
            built_message made(octets, 0, data_coding);
            EXPECT_EQ(kind_of(made.done()), carrier_message_kind::reply);
            built_message receipt(octets, 4, data_coding);
            EXPECT_EQ(read_receipt(receipt.done()).id, "");
        }
    }
}

TEST(carrier_receipt, a_sentence_with_words_like_fields_is_a_reply) {
    for (const std::string_view text :
         {"my id: 5 and the stat: DELIVRD thanks", "id:5 stat:DELIVRD thanks",
          "Your message said id:12 stat:UNDELIV, why?", "hello id:1 stat:DELIVRD",
          "id: 5 and stat: DELIVRD"}) {
        built_message made(text);
        EXPECT_EQ(kind_of(made.done()), carrier_message_kind::reply) << text;
        built_message labelled(text, 4);
        EXPECT_EQ(kind_of(labelled.done()), carrier_message_kind::receipt) << text;
    }
    for (const std::string_view text :
         {"id:5 stat:DELIVRD", "id:5 stat:DELIVRD err:000 text:any words at all",
          "id:5,stat:UNDELIV;err:12", "id: 5 stat: DELIVRD mcc:440 mnc:10",
          "stat:DELIVRD id:5 submit date:2601010000 done date:2601010001"}) {
        built_message made(text);
        EXPECT_EQ(kind_of(made.done()), carrier_message_kind::receipt) << text;
    }
}

TEST(carrier_receipt, blanks_around_an_id_do_not_count) {
    using enum config::message_id_form;
    for (const std::string_view id : {"A1 ", " A1", "A1   ", "A1\t", "A1\r\n"}) {
        for (const auto form : {text, decimal, hexadecimal, automatic})
            EXPECT_EQ(canonical_id(id, form), canonical_id("A1", form)) << id;
        built_message made("stat:DELIVRD", 4);
        made.tlvs.cstring(tag::receipted_message_id, id);
        EXPECT_EQ(read_receipt(made.done()).id, "A1");
    }
}

TEST(carrier_receipt, the_id_of_the_text_is_kept_beside_another_in_the_tlv) {
    built_message made(canonical_text, 4);
    made.tlvs.cstring(tag::receipted_message_id, "C3");
    EXPECT_EQ(read_receipt(made.done()).id, "C3");
    EXPECT_EQ(read_receipt(made.done()).text_id, "A1B2");
    built_message same(canonical_text, 4);
    same.tlvs.cstring(tag::receipted_message_id, "A1B2 ");
    EXPECT_EQ(read_receipt(same.done()).text_id, "");
}

TEST(carrier_receipt, one_that_is_read_over_another_has_nothing_of_it) {
    built_message full("id:A1B2 stat:NOCRED err:042", 4);
    full.tlvs.cstring(tag::receipted_message_id, "C3");
    full.tlvs.octets(tag::network_error_code, std::vector<std::uint8_t>{3, 0, 1});
    auto receipt = read_receipt(full.done());
    EXPECT_FALSE(receipt.text_id.empty() || receipt.unknown_stat.empty() || receipt.stat.empty() ||
                 receipt.error_text.empty() || receipt.network_code.empty() || receipt.error == 0 ||
                 !receipt.final);
    read_receipt(built_message("id:D4 stat:ENROUTE", 4).done(), receipt);
    EXPECT_EQ(receipt.id, "D4");
    EXPECT_EQ(receipt.text_id, "");
    EXPECT_EQ(receipt.state, State::submitted);
    EXPECT_FALSE(receipt.final);
    EXPECT_EQ(receipt.error, 0U);
    EXPECT_EQ(receipt.error_text + receipt.stat + receipt.network_code + receipt.info, "");
    EXPECT_EQ(receipt.unknown_stat, "");
}

TEST(carrier_receipt, reads_the_text) {
    built_message made(canonical_text, 0x04);
    const auto receipt = read_receipt(made.done());
    EXPECT_EQ(receipt.id, "A1B2");
    EXPECT_EQ(receipt.state, State::undeliverable);
    EXPECT_TRUE(receipt.final);
    EXPECT_EQ(receipt.error, 42U);
    EXPECT_EQ(receipt.error_text, "042");
    EXPECT_EQ(receipt.stat, "UNDELIV");
}

TEST(carrier_receipt, states_and_finality) {
    struct row {
        std::string_view stat;
        std::uint8_t esm_class;
        State state;
        bool final;
    };
    for (const auto& [stat, esm_class, state, final] :
         {row{"DELIVRD", 4, State::delivered, true}, row{"EXPIRED", 4, State::expired, true},
          row{"DELETED", 4, State::deleted, true}, row{"UNDELIV", 4, State::undeliverable, true},
          row{"REJECTD", 4, State::rejected, true}, row{"UNKNOWN", 4, State::unknown, true},
          row{"ENROUTE", 4, State::submitted, false}, row{"ACCEPTD", 4, State::submitted, false},
          row{"DELIVRD", 0x20, State::delivered, false}}) {
        const auto text = "id:1 stat:" + std::string(stat) + " err:000";
        built_message made(text, esm_class);
        const auto receipt = read_receipt(made.done());
        EXPECT_EQ(receipt.state, state) << stat;
        EXPECT_EQ(receipt.final, final) << stat;
    }
}

TEST(carrier_receipt, tlvs_win_over_the_text) {
    built_message made(canonical_text, 0x04);
    made.tlvs.cstring(tag::receipted_message_id, "C3").u8(tag::message_state, 2);
    const auto receipt = read_receipt(made.done());
    EXPECT_EQ(receipt.id, "C3");
    EXPECT_EQ(receipt.state, State::delivered);
    built_message empty_id(canonical_text, 0x04);
    empty_id.tlvs.cstring(tag::receipted_message_id, "");
    EXPECT_EQ(read_receipt(empty_id.done()).id, "A1B2");
    built_message odd_state(canonical_text, 0x04);
    odd_state.tlvs.u8(tag::message_state, 77);
    EXPECT_EQ(read_receipt(odd_state.done()).state, State::undeliverable);
    built_message bare("", 0x04);
    EXPECT_EQ(read_receipt(bare.done()).id, "");
}

TEST(carrier_receipt, errors_by_text_or_network_error_code) {
    struct row {
        std::string err;
        std::vector<std::uint8_t> network;
        std::uint32_t error;
        std::string text;
    };
    const std::string word_31 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ01234";
    for (const auto& [err, network, error, text] :
         {row{"042", {}, 42, "042"}, row{"2050", {}, 2050, "2050"}, row{"0x0A", {}, 0, "0x0A"},
          row{"4294967296", {}, 0, "4294967296"}, row{"4294967296", {3, 0, 34}, 0, "4294967296"},
          row{"-1", {}, 0, "-1"}, row{"0", {}, 0, "0"}, row{"", {3, 0, 34}, 34, ""},
          row{"000", {3, 0, 34}, 34, "000"}, row{"000", {'3', '0', '1'}, 301, "000"},
          row{"042", {3, 0, 34}, 42, "042"}, row{"AB", {3, 0, 34}, 0, "AB"},
          row{"000", {3, 1}, 0, "000"}, row{"000", {3, 1, 2}, 258, "000"},
          row{"000", {3, 0, 0, 34}, 0, "000"}, row{"000", {7}, 0, "000"},
          row{word_31 + "\xC3\xA9", {}, 0, word_31},
          row{word_31 + "\xFF\xFE", {}, 0, word_31 + "\xFF"}}) {
        const auto body = "id:1 stat:UNDELIV err:" + std::string(err);
        built_message made(body, 0x04);
        if (!network.empty()) made.tlvs.octets(tag::network_error_code, network);
        const auto receipt = read_receipt(made.done());
        EXPECT_EQ(receipt.error, error) << err;
        EXPECT_EQ(receipt.error_text, text) << err;
        EXPECT_EQ(receipt.network_code, std::string(network.begin(), network.end())) << err;
        EXPECT_EQ(receipt.source, ErrorSource::receipt);
    }
}

TEST(carrier_receipt, a_stat_is_kept_as_it_was_written) {
    const std::string word_32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
    struct row {
        std::string stat;
        State state;
        std::string kept, unknown;
    };
    for (const auto& [stat, state, kept, unknown] : {
             row{"DELIVRD", State::delivered, "", ""},
             row{"delivrd", State::delivered, "delivrd", ""},
             row{"DELIVERED", State::delivered, "DELIVERED", ""},
             row{"UNDELIV", State::undeliverable, "UNDELIV", ""},
             row{"FAILED", State::undeliverable, "FAILED", ""},
             row{"ENROUTE", State::submitted, "", ""},
             row{"ACCEPTD", State::submitted, "ACCEPTD", ""},
             row{"NOCRED", State::unknown, "NOCRED", "NOCRED"},
             row{"DND", State::unknown, "DND", "DND"},
             row{"2", State::unknown, "2", "2"},
             row{"DELIV", State::unknown, "DELIV", "DELIV"},
             row{"N\xC3\x96", State::unknown, "N\xC3\x96", "N\xC3\x96"},
             row{word_32 + "6", State::unknown, word_32, word_32},
         }) {
        const auto body = "id:1 sub:001 dlvrd:001 stat:" + stat + " err:000";
        built_message made(body, 0x04);
        const auto receipt = read_receipt(made.done());
        EXPECT_EQ(receipt.state, state) << stat;
        EXPECT_EQ(receipt.stat, kept) << stat;
        EXPECT_EQ(receipt.unknown_stat, unknown) << stat;
    }
    // The state of a TLV counts; the word is shown beside it, of a success with an error too.
    built_message told("id:1 stat:NOCRED err:000", 0x04);
    told.tlvs.u8(tag::message_state, 8);
    EXPECT_EQ(read_receipt(told.done()).state, State::rejected);
    EXPECT_EQ(read_receipt(told.done()).unknown_stat, "NOCRED");
    built_message both("id:1 stat:DELIVRD err:005", 0x04);
    EXPECT_EQ(read_receipt(both.done()).stat, "DELIVRD");
}

TEST(carrier_receipt, a_network_error_code_is_kept_up_to_255_octets) {
    for (const std::size_t octets : {1U, 255U, 256U}) {
        built_message made("id:1 stat:UNDELIV", 0x04);
        made.tlvs.octets(tag::network_error_code, std::vector<std::uint8_t>(octets, 0x41));
        EXPECT_EQ(read_receipt(made.done()).network_code.size(), octets > 255 ? 0 : octets);
    }
}

TEST(carrier_receipt, text_in_ucs2_and_behind_a_header) {
    std::string wide;
    for (const char c : std::string_view("id:77 stat:DELIVRD err:000")) {
        wide.push_back('\0');
        wide.push_back(c);
    }
    built_message ucs2(wide, 0x04, 0x08);
    EXPECT_EQ(read_receipt(ucs2.done()).id, "77");
    EXPECT_EQ(read_receipt(ucs2.done()).state, State::delivered);
    std::string headed("\x05\x00\x03\x01\x01\x01", 6);
    headed += "id:78 stat:DELIVRD";
    built_message with_header(headed, 0x44);
    EXPECT_EQ(read_receipt(with_header.done()).id, "78");
}

TEST(carrier_receipt, canonical_forms) {
    using enum config::message_id_form;
    struct row {
        std::string_view id;
        message_id_form form;
        std::string_view canonical;
    };
    for (const auto& [id, form, canonical] :
         {row{"00AbC", text, "00AbC"}, row{"00AbC", automatic, "abc"}, row{"000", automatic, "0"},
          row{"1A2B", hexadecimal, "6699"}, row{"00001a2b", hexadecimal, "6699"},
          row{"006699", decimal, "6699"}, row{"12z", decimal, "12z"},
          row{"xyz", hexadecimal, "xyz"},
          row{"18446744073709551616", decimal, "18446744073709551616"},
          row{"6F9619FF-8B86-D011-B42D-00CF4FC964FF", automatic,
              "6f9619ff-8b86-d011-b42d-00cf4fc964ff"}})
        EXPECT_EQ(canonical_id(id, form), canonical) << id;
}

/// Whether a receipt's id finds the message that a response's id belongs to.
bool finds(std::string_view response, message_id_form response_form, std::string_view receipt,
           message_id_form receipt_form) {
    const auto candidates = candidate_ids(receipt, response_form, receipt_form);
    EXPECT_EQ(canonical_id(receipt, likeliest_form(response_form, receipt_form)),
              candidates.forms.front());
    const auto end = candidates.forms.begin() + static_cast<std::ptrdiff_t>(candidates.count);
    return std::find(candidates.forms.begin(), end, canonical_id(response, response_form)) != end;
}

TEST(carrier_receipt, ids_of_every_dialect_find_each_other) {
    using enum config::message_id_form;
    struct row {
        std::string_view response;
        message_id_form response_form;
        std::string_view receipt;
        message_id_form receipt_form;
        bool found;
    };
    constexpr std::string_view uuid = "6f9619ff-8b86-d011-b42d-00cf4fc964ff";
    constexpr std::string_view upper = "6F9619FF-8B86-D011-B42D-00CF4FC964FF";
    for (const auto& [response, response_form, receipt, receipt_form, found] : {
             // Hexadecimal in the response, decimal in the receipt, and the other way round.
             row{"1A2B", automatic, "6699", automatic, true},
             row{"6699", automatic, "1A2B", automatic, true},
             row{"1A2B", automatic, "6699", decimal, true},
             row{"6699", automatic, "1a2b", hexadecimal, true},
             row{"1A2B", hexadecimal, "6699", automatic, true},
             row{"1A2B", hexadecimal, "6699", decimal, true},
             row{"6699", decimal, "1A2B", hexadecimal, true},
             row{"6699", decimal, "1A2B", automatic, true},
             // Leading zeros and case.
             row{"00001A2B", automatic, "0000006699", automatic, true},
             row{"0000006699", automatic, "1a2b", automatic, true},
             row{"abc123", automatic, "ABC123", automatic, true},
             row{"0042", automatic, "42", automatic, true},
             row{"42", decimal, "0042", decimal, true},
             row{"42", decimal, "0042", text, true},
             row{"2A", hexadecimal, "002a", text, true},
             // One form configured, the other left open.
             row{"1A2B", automatic, "1a2b", hexadecimal, true},
             row{"6699", automatic, "006699", decimal, true},
             row{"ABC", automatic, "ABC", text, true},
             row{uuid, automatic, upper, text, true},
             row{uuid, automatic, upper, automatic, true},
             row{uuid, automatic, upper, hexadecimal, true},
             // Text means what is written.
             row{"AbC", text, "AbC", text, true},
             row{"AbC", text, "abc", text, false},
             row{"0042", text, "0042", automatic, true},
             row{"1A2B", text, "6699", decimal, true},
             row{"1a2b", text, "6699", decimal, true},
             row{"6699", text, "1A2B", hexadecimal, true},
             // Strangers.
             row{"6699", automatic, "6698", automatic, false},
             row{"6699", decimal, "6699", hexadecimal, false},
             row{"1A2B", hexadecimal, "1A2B", decimal, false},
         }) {
        EXPECT_EQ(finds(response, response_form, receipt, receipt_form), found)
            << response << " " << receipt;
    }
}

TEST(carrier_receipt, the_id_itself_is_looked_up_first_and_no_form_twice) {
    using enum config::message_id_form;
    auto candidates = candidate_ids("10", automatic, automatic);
    ASSERT_EQ(candidates.count, 3U);
    EXPECT_EQ(candidates.forms[0], "10");
    EXPECT_EQ(candidates.forms[1], "a");
    EXPECT_EQ(candidates.forms[2], "16");
    EXPECT_EQ(candidate_ids("7", automatic, automatic).count, 1U);
    EXPECT_EQ(candidate_ids("10", decimal, hexadecimal).count, 1U);
    EXPECT_EQ(candidate_ids("10", hexadecimal, hexadecimal).forms[0], "16");
    EXPECT_EQ(candidate_ids("not-a-number", automatic, automatic).count, 1U);
}

TEST(carrier_receipt, what_it_repeats_of_its_message) {
    const std::string_view text =
        "id:7 sub:001 dlvrd:001 submit date:2601010000 done date:2601010001 stat:DELIVRD err:000 "
        "text:Your invoice";
    carrier_message message;
    message.octets = {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
    const auto content = read_content(message);
    EXPECT_EQ(content.text, "Your invoice");
    EXPECT_EQ(content.submit_ms, 1'767'225'600'000);
    EXPECT_FALSE(read_content({}).submit_ms);
    EXPECT_EQ(read_content({}).text, "");
}

}  // namespace
}  // namespace hikyaku::gateway
