// The admin pages of what found nobody: ids, queries, answers, and what is hidden.
#include "gateway/api/admin/unmatched.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "gateway/api/admin/admin.hpp"
#include "gateway/api/admin/unmatched_mask.hpp"
#include "smpp/text/octets.hpp"
#include "smpp/text/packing.hpp"
#include "tests/unit/gateway/api/fake_service.hpp"

namespace hikyaku::gateway::api {
namespace {

constexpr model::unmatched_position first{3, 1767225600000, 190217};

unmatched_view receipt(std::string_view octets) {
    unmatched_view one;
    one.id = first;
    one.carrier = "north";
    one.why = UnmatchedWhy::unknown_id;
    one.source = "819012345678";
    one.destination = "Shop";
    one.esm_class = 0x04;
    one.octets = octets;
    return one;
}

unmatched_view reply(std::string_view octets, std::uint8_t esm_class = 0,
                     std::uint8_t data_coding = 0) {
    auto one = receipt(octets);
    one.is_reply = true;
    one.why = UnmatchedWhy::no_owner;
    one.destination = "819077";
    one.esm_class = esm_class;
    one.data_coding = data_coding;
    return one;
}

std::string utf16(std::u16string_view units, bool little = false) {
    std::string out;
    for (const char16_t unit : units) {
        const char high = static_cast<char>(unit >> 8), low = static_cast<char>(unit & 0xFF);
        out.push_back(little ? low : high);
        out.push_back(little ? high : low);
    }
    return out;
}

struct UnmatchedPages : ::testing::Test {
    fake_service gateway;
    admin_router admin{gateway, {[] { return std::string{}; }, [] { return std::nullopt; }, {}}};
    std::string host = "localhost";

    admin_answer ask(std::string_view method, std::string_view target) {
        const http_header header{"Host", host};
        return admin.handle({method, target, 11, {&header, 1}, {}, {}}, {session_id{9}, 1}, {});
    }
    unsigned status(std::string_view method, std::string_view target) {
        return ask(method, target).response.status;
    }
    boost::json::value body(std::string_view method, std::string_view target) {
        return boost::json::parse(ask(method, target).response.body);
    }
};

TEST_F(UnmatchedPages, ids) {
    EXPECT_EQ(format_unmatched_id(first), "3-1767225600000-190217");
    EXPECT_EQ(parse_unmatched_id("3-1767225600000-190217"), first);
    for (const auto* bad :
         {"", "3", "3-1", "3-1-", "-1-1", "03-1-1", "+3-1-1", "3-1-1 ", "3-1-1-1", "3--1",
          "4294967296-1-1", "3-1-18446744073709551616", "3-9223372036854775808-1", "a-b-c"})
        EXPECT_FALSE(parse_unmatched_id(bad)) << bad;
}

TEST_F(UnmatchedPages, list) {
    gateway.page.found = {receipt("id:A1 stat:DELIVRD err:000 text:Hello you"),
                          reply("Pay me now")};
    gateway.page.next = first;
    const auto list =
        body("GET", "/admin/unmatched?after=3-1-2&limit=7&carrier=no%20rth&kind=reply");
    ASSERT_EQ(gateway.unmatched_asked.size(), 1U);
    const auto& asked = gateway.unmatched_asked[0];
    EXPECT_EQ(asked.after, (model::unmatched_position{3, 1, 2}));
    EXPECT_EQ(asked.limit, 7U);
    EXPECT_EQ(asked.is_reply, true);
    EXPECT_EQ(list.at("next").as_string(), "3-1767225600000-190217");
    const auto& one = list.at("unmatched").at(0);
    EXPECT_EQ(one.at("id").as_string(), "3-1767225600000-190217");
    EXPECT_EQ(one.at("at").as_string(), "2026-01-01T00:00:00.000Z");
    EXPECT_EQ(one.at("carrier").as_string(), "north");
    EXPECT_EQ(one.at("kind").as_string(), "receipt");
    EXPECT_EQ(one.at("why").as_string(), "unknown_id");
    EXPECT_EQ(one.at("source").as_string(), "*********678");
    EXPECT_EQ(one.at("destination").as_string(), "*hop");
    EXPECT_EQ(one.at("text").as_string(), "id:A1 stat:DELIVRD err:000 text:***** ***");
    EXPECT_EQ(one.at("octets").as_string().subview(0, 10), "69643a4131");
    const auto& other = list.at("unmatched").at(1);
    EXPECT_EQ(other.at("kind").as_string(), "reply");
    EXPECT_EQ(other.at("destination").as_string(), "819077") << "a number of ours";
    EXPECT_EQ(other.at("text").as_string(), "*** ** ***");
    EXPECT_EQ(other.at("octets").as_string(), "2a2a2a2a2a2a2a2a2a2a");
    gateway.page.next.reset();
    EXPECT_FALSE(body("GET", "/admin/unmatched").as_object().contains("next"));
    EXPECT_EQ(gateway.unmatched_asked.back().limit, 100U);
    EXPECT_FALSE(gateway.unmatched_asked.back().after);
}

TEST_F(UnmatchedPages, faulty_queries) {
    for (const auto* bad : {"after=1", "after=", "limit=0", "limit=101", "limit=x",
                            "limit=", "kind=both", "carrier="})
        EXPECT_EQ(status("GET", std::string("/admin/unmatched?") + bad), 422U) << bad;
    gateway.page.carrier_known = false;
    EXPECT_EQ(status("GET", "/admin/unmatched?carrier=x"), 422U);
    EXPECT_EQ(status("POST", "/admin/unmatched"), 405U);
    EXPECT_EQ(status("GET", "/admin/unmatchedx"), 404U);
}

TEST_F(UnmatchedPages, one) {
    gateway.page.found = {receipt("id:A1 stat:DELIVRD")};
    EXPECT_EQ(body("GET", "/admin/unmatched/3-1767225600000-190217").at("text").as_string(),
              "id:A1 stat:DELIVRD");
    EXPECT_EQ(status("GET", "/admin/unmatched/3-1767225600000-190218"), 404U);
    EXPECT_EQ(status("GET", "/admin/unmatched/x"), 422U);
    EXPECT_EQ(status("GET", "/admin/unmatched/"), 404U);
    EXPECT_EQ(status("POST", "/admin/unmatched/3-1767225600000-190217"), 405U);
    EXPECT_EQ(ask("POST", "/admin/unmatched/3-1767225600000-190217").response.headers.at(0),
              (std::pair<std::string_view, std::string>{"Allow", "GET, HEAD"}));
}

TEST_F(UnmatchedPages, destinations_of_replies_are_shown_to_be_compared_with_numbers_of_ours) {
    struct row {
        bool is_reply, ours;
        std::string_view destination, shown;
    };
    for (const auto& [is_reply, ours, destination, shown] :
         {row{true, false, "77001", "77001"}, row{true, false, "819077", "819077"},
          row{true, false, "8190770", "****770"}, row{true, true, "8190770", "8190770"},
          row{true, false, "+81 90-7700", "********700"}, row{true, false, "Shop", "Shop"},
          row{false, true, "77001", "**001"}}) {
        auto one = is_reply ? reply("x") : receipt("id:A1 stat:DELIVRD");
        one.destination = destination;
        one.destination_is_ours = ours;
        gateway.page.found = {one};
        EXPECT_EQ(
            body("GET", "/admin/unmatched").at("unmatched").at(0).at("destination").as_string(),
            shown);
    }
}

TEST_F(UnmatchedPages, replay) {
    constexpr auto* target = "/admin/unmatched/3-1767225600000-190217:replay";
    gateway.replay_answer.applied = true;
    const auto applied = ask("POST", target);
    EXPECT_TRUE(applied.after_commit);
    EXPECT_EQ(applied.response.body, R"({"id":"3-1767225600000-190217","result":"applied"})");
    ASSERT_EQ(gateway.replays.size(), 1U);
    EXPECT_EQ(gateway.replays[0].first, first);
    EXPECT_EQ(gateway.replays[0].second.session, session_id{9});
    gateway.replay_answer = {.why = UnmatchedWhy::ambiguous};
    const auto left = ask("POST", target);
    EXPECT_FALSE(left.after_commit);
    EXPECT_EQ(left.response.body,
              R"({"id":"3-1767225600000-190217","result":"unmatched","why":"ambiguous"})");
    for (const auto& [why, expected] :
         {std::pair{refusal::not_found, 404U}, std::pair{refusal::store_failing, 503U},
          std::pair{refusal::store_busy, 503U}, std::pair{refusal::shutting_down, 503U}}) {
        gateway.replay_answer = {.refused = why};
        EXPECT_EQ(status("POST", target), expected);
    }
    EXPECT_EQ(status("GET", target), 405U);
    EXPECT_EQ(status("POST", "/admin/unmatched/x:replay"), 422U);
    const auto before = gateway.replays.size();
    host = "evil.example";
    EXPECT_EQ(status("POST", target), 421U);
    EXPECT_EQ(status("GET", "/admin/unmatched"), 421U);
    EXPECT_EQ(gateway.replays.size(), before);
}

TEST_F(UnmatchedPages, tlvs_of_a_receipt_are_shown_where_they_hold_no_words) {
    auto one = receipt("");
    one.tlvs = std::string(
        "\x00\x1E\x00\x03"
        "A1\0"
        "\x03\x81\x00\x02"
        "ab",
        13);
    gateway.page.found = {one};
    const auto tlvs = body("GET", "/admin/unmatched").at("unmatched").at(0).at("tlvs");
    EXPECT_EQ(tlvs.at(0), (boost::json::object{{"tag", "0x001E"}, {"octets", "413100"}}));
    EXPECT_EQ(tlvs.at(1), (boost::json::object{{"tag", "0x0381"}, {"length", 2}}));
    one.is_reply = true;
    gateway.page.found = {one};
    EXPECT_EQ(body("GET", "/admin/unmatched").at("unmatched").at(0).at("tlvs").at(0),
              (boost::json::object{{"tag", "0x001E"}, {"length", 3}}));
}

TEST_F(UnmatchedPages, an_id_in_a_tlv_is_masked_as_in_the_text) {
    auto one = receipt("id:819012345678-1 stat:DELIVRD");
    one.tlvs = std::string("\x00\x1E\x00\x0F", 4) + "819012345678-1" + '\0';
    gateway.page.found = {one};
    const auto shown = body("GET", "/admin/unmatched").at("unmatched").at(0);
    EXPECT_EQ(shown.at("text").as_string(), "id:*********678-1 stat:DELIVRD");
    EXPECT_EQ(shown.at("tlvs").at(0).at("octets").as_string(),
              "2a2a2a2a2a2a2a2a2a3637382d3100");  // *********678-1
}

TEST_F(UnmatchedPages, of_many_tlvs_the_first_are_shown) {
    auto one = receipt("");
    for (int i = 0; i < 1000; ++i)
        one.tlvs += std::string("\x14\x01\x00\x00", 4);
    gateway.page.found = {one};
    const auto many = body("GET", "/admin/unmatched").at("unmatched").at(0).as_object();
    EXPECT_EQ(many.at("tlvs").as_array().size(), 32U);
    EXPECT_EQ(many.at("tlvs_more"), 968);
    one.tlvs.resize(4 * 32);
    gateway.page.found = {one};
    const auto few = body("GET", "/admin/unmatched").at("unmatched").at(0).as_object();
    EXPECT_EQ(few.at("tlvs").as_array().size(), 32U);
    EXPECT_FALSE(few.contains("tlvs_more"));
}

TEST(unmatched_mask, words_beside_the_fields_are_hidden_wherever_they_stand) {
    struct row {
        std::string_view octets, shown;
    };
    for (const auto& [octets, shown] : {
             row{"id:ZZZ1 stat:DELIVRD err:000 msg:Dear Mr Tanaka you owe 30000 yen",
                 "id:ZZZ1 stat:DELIVRD err:000 msg:**** ** ****** *** *** ***** ***"},
             row{"id:ZZZ1 stat:DELIVRD err:000 Dear Mr Tanaka you owe",
                 "id:ZZZ1 stat:DELIVRD err:000 **** ** ****** *** ***"},
             row{"id:ZZZ1 stat:DELIVRD err:000 message: Dear you",
                 "id:ZZZ1 stat:DELIVRD err:000 message: **** ***"},
             row{"id:ZZZ1 stat:DELIVRD err:000 message:secret",
                 "id:ZZZ1 stat:DELIVRD err:000 message:******"},
             row{"id:ZZZ1 stat:DELIVRD err:000 note:Dear Mr Tanaka",
                 "id:ZZZ1 stat:DELIVRD err:000 ********* ** ******"},
             row{"Dear Mr Tanaka id:ZZZ4 stat:DELIVRD you owe 30000",
                 "**** ** ****** id:ZZZ4 stat:DELIVRD *** *** *****"},
             row{"hallo secret stat:DELIVRD err:000", "***** ****** stat:DELIVRD err:000"},
             row{"hello stat:DELIVRD submit date:2601011200 done_date: 2026-01-01 12:01 Err : 5",
                 "***** stat:DELIVRD submit date:2601011200 done_date: 2026-01-01 12:01 Err : 5"},
             row{"id:A1|stat:DELIVRD|err:000|msg:hello", "id:A1|stat:DELIVRD|err:000|msg:*****"},
             row{"id:A1,stat:DELIVRD,err:000,to:Dear you",
                 "id:A1*stat:DELIVRD*err:000******** ***"},
             row{"id:A1 stat:DELIVRD err:0/msg:hello", "id:A1 stat:DELIVRD err:0/msg:*****"},
             row{"id:A1 stat:DELIVRD mcc:440 Status=ok", "id:A1 stat:DELIVRD mcc:440 Status=ok"},
             row{"id:A1 stat:DELIVRD see:https://b.example/x",
                 "id:A1 stat:DELIVRD ***********************"},
             row{"https://b.example/?a=secret&b=word", "**********************************"},
             row{"id:A1 stat:DELIVRD err: hello you", "id:A1 stat:DELIVRD err: hello ***"},
             row{"id:A1 stat:DELIVRD\xC3\xA4 err:000", "id:A1 stat:DELIVRD** err:000"},
         }) {
        const auto masked = mask_message(receipt(octets));
        EXPECT_EQ(masked.text, shown);
        EXPECT_EQ(masked.octets, shown);
    }
    const auto wide = mask_message(receipt(utf16(u"id:A1 stat:DELIVRD 本文:お支払い mcc:1")));
    EXPECT_EQ(wide.text, "id:A1 stat:DELIVRD ******* *****");
    EXPECT_EQ(wide.octets, utf16(u"id:A1 stat:DELIVRD ******* *****"));
}

TEST(unmatched_mask, phones_in_any_writing_show_their_last_digits) {
    struct row {
        std::string_view octets, shown;
    };
    for (const auto& [octets, shown] : {
             row{"id:A1 stat:DELIVRD dest:01720000001", "id:A1 stat:DELIVRD dest:********001"},
             row{"id:A1 stat:DELIVRD dest:491720000001", "id:A1 stat:DELIVRD dest:*********001"},
             row{"id:A1 stat:DELIVRD dest:+49-172-0000001",
                 "id:A1 stat:DELIVRD dest:+***********001"},
             row{"id:A1 stat:DELIVRD dest:00491720000001",
                 "id:A1 stat:DELIVRD dest:***********001"},
             row{"id:A1 stat:+49 172 0000001 err:000", "id:A1 stat:+** *** ******* err:000"},
             row{"id:A1 stat:DELIVRD err:20000001", "id:A1 stat:DELIVRD err:*****001"},
             row{"id:A1 stat:DELIVRD err:0000001 d:1", "id:A1 stat:DELIVRD err:0000001 d:1"},
             row{"id:A1 stat:DELIVRD dest:01720000002", "id:A1 stat:DELIVRD dest:01720000002"},
             row{"id:1720000001 stat:DELIVRD", "id:1720000001 stat:DELIVRD"},
             row{"id:491720000001 stat:DELIVRD", "id:*********001 stat:DELIVRD"},
             row{"id:A1 submit date:2607071234 stat:DELIVRD d:2607071234",
                 "id:A1 submit date:2607071234 stat:DELIVRD d:*******234"},
             row{"id:A1 done date:1720000001 stat:DELIVRD",
                 "id:A1 done date:*******001 stat:DELIVRD"},
         }) {
        auto one = receipt(octets);
        one.source = "491720000001";
        one.destination =
            octets.find("2607071234") == std::string_view::npos ? "Shop" : "492607071234";
        const auto masked = mask_message(one);
        EXPECT_EQ(masked.text, shown);
        EXPECT_EQ(masked.octets, shown);
        one.source.swap(one.destination);
        EXPECT_EQ(mask_message(one).text, shown) << "swapped";
    }
    std::string many = "id:A1 stat:DELIVRD";
    for (int i = 0; i < 100; ++i)
        many += " to:491720000001";
    auto repeated = receipt(many);
    repeated.source = "491720000001";
    const auto shown = mask_message(repeated).text;
    EXPECT_EQ(shown.substr(0, 34), "id:A1 stat:DELIVRD to:*********001");
    EXPECT_EQ(shown.substr(shown.size() - 16), " to:************") << "more than a receipt repeats";
    auto local = receipt("id:A1 stat:DELIVRD to:1234567 at:91234567");
    local.source = "031234567";
    EXPECT_EQ(mask_message(local).text, "id:A1 stat:DELIVRD to:****567 at:91234567");
}

TEST(unmatched_mask, words_of_messages_and_numbers_of_phones_are_hidden) {
    struct row {
        std::string_view octets, shown;
    };
    for (const auto& [octets, shown] : {
             row{"id:123456789012 sub:001 stat:UNDELIV err:034 text:Your code 1234",
                 "id:123456789012 sub:001 stat:UNDELIV err:034 text:**** **** ****"},
             row{"id:A1 stat:DELIVRD Text : secret words",
                 "id:A1 stat:DELIVRD Text : ****** *****"},
             row{"id:A1 text:Hi you stat:DELIVRD err:005",
                 "id:A1 text:** *** stat:DELIVRD err:005"},
             row{"stat:DELIVRD err:000 text:pay id: 5 tomorrow",
                 "stat:DELIVRD err:000 text:*** id: 5 ********"},
             row{"MsgId=77;Status=ok;TEXT=secret", "MsgId=77;Status=ok;TEXT=******"},
             row{"id:A1 stat:DELIVRD to:+819012345678 err:1",
                 "id:A1 stat:DELIVRD to:+*********678 err:1"},
             row{"Please call me", "****** **** **"},
             row{"Call at 5: home", "**** ** ** ****"},
             row{"my id: 5 please", "** id: 5 ******"},
             row{"from 10:30 to 11:45", "**** ***** ** *****"},
             row{"", ""},
         }) {
        const auto masked = mask_message(receipt(octets));
        EXPECT_EQ(masked.text, shown);
        EXPECT_EQ(masked.octets.size(), octets.size()) << octets;
    }
    const auto plain = mask_message(receipt("id:A1 stat:DELIVRD text:abc"));
    EXPECT_EQ(plain.octets, plain.text);
}

TEST(unmatched_mask, in_every_way_in_which_octets_are_read) {
    const std::u16string_view text = u"id:A1 stat:DELIVRD err:000 text:こんにちは";
    for (const bool little : {false, true}) {
        for (const auto coding : std::initializer_list<std::uint8_t>{0, 8}) {
            auto one = receipt(utf16(text, little));
            one.data_coding = coding;
            const auto masked = mask_message(one);
            EXPECT_EQ(masked.text, "id:A1 stat:DELIVRD err:000 text:*****");
            EXPECT_EQ(masked.octets, utf16(u"id:A1 stat:DELIVRD err:000 text:*****", little));
        }
    }
    const std::string_view words = "id:A1 stat:DELIVRD err:000 text:secret";
    const auto packed = smpp::text::pack_segment(smpp::text::octets_of(words), false);
    const auto masked = mask_message(receipt(packed));
    EXPECT_EQ(masked.text, "id:A1 stat:DELIVRD err:000 text:******");
    EXPECT_EQ(masked.octets, packed.substr(0, 28)) << "32 septets end there";
    auto with_header = receipt(std::string("\x02\x70\x00", 3) + std::string(words));
    with_header.esm_class = 0x44;
    EXPECT_EQ(mask_message(with_header).text, "id:A1 stat:DELIVRD err:000 text:******");
    EXPECT_EQ(mask_message(with_header).octets.substr(0, 3), std::string("\x02\x70\x00", 3));
}

TEST(unmatched_mask, of_replies_only_the_length_and_the_header_are_seen) {
    EXPECT_EQ(mask_message(reply("id:5 stat:DELIVRD")).text, "**** ************");
    EXPECT_EQ(mask_message(reply(utf16(u"はい ok"), 0, 8)).text, "** **");
    const std::string header("\x05\x00\x03\x07\x02\x01", 6);
    const auto part = mask_message(reply(header + "pay", 0x40));
    EXPECT_EQ(part.octets, header + "***");
    EXPECT_EQ(part.text, "***");
    const auto torn = mask_message(reply("\x7Fpay", 0x40));  // a header longer than all there is
    EXPECT_EQ(torn.octets, "****");
    const std::string words(66, 'w');
    const auto lie = mask_message(reply("B" + words + "x", 0x40));  // 'B' is 66
    EXPECT_EQ(lie.octets, std::string(68, '*'));
    auto labelled = receipt("B" + words + "x");
    labelled.esm_class = 0x44;
    EXPECT_EQ(mask_message(labelled).octets, std::string(68, '*'));
}

}  // namespace
}  // namespace hikyaku::gateway::api
