// The admin pages of what found nobody: ids, queries, answers, and what is hidden.
#include "gateway/api/unmatched.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "gateway/api/admin.hpp"
#include "gateway/api/unmatched_mask.hpp"
#include "smpp/text/octets.hpp"
#include "smpp/text/packing.hpp"
#include "tests/unit/gateway/api/fake_service.hpp"

namespace hikyaku::gateway::api {
namespace {

constexpr store::unmatched_position first{3, 1767225600000, 190217};

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

struct UnmatchedPages : testing::Test {
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
          "4294967296-1-1", "3-1-18446744073709551616", "3-9223372036854775808-1", "a-b-c"}) {
        EXPECT_FALSE(parse_unmatched_id(bad)) << bad;
    }
}

TEST_F(UnmatchedPages, list) {
    gateway.page.found = {receipt("id:A1 stat:DELIVRD err:000 text:Hello you"),
                          reply("Pay me now")};
    gateway.page.next = first;
    const auto list =
        body("GET", "/admin/unmatched?after=3-1-2&limit=7&carrier=no%20rth&kind=reply");
    ASSERT_EQ(gateway.unmatched_asked.size(), 1U);
    const auto& asked = gateway.unmatched_asked[0];
    EXPECT_EQ(asked.after, (store::unmatched_position{3, 1, 2}));
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
                            "limit=", "kind=both", "carrier="}) {
        EXPECT_EQ(status("GET", std::string("/admin/unmatched?") + bad), 422U) << bad;
    }
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
    EXPECT_EQ(status("GET", "/admin/unmatched/"), 422U);
    EXPECT_EQ(status("POST", "/admin/unmatched/3-1767225600000-190217"), 405U);
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
                 "id:A1 text:** *** *****DELIVRD ****005"},
             row{"stat:DELIVRD err:000 text:pay id: 5 tomorrow",
                 "stat:DELIVRD err:000 text:*** *** 5 ********"},
             row{"MsgId=77;Status=ok;TEXT=secret", "MsgId=77;Status=ok;TEXT=******"},
             row{"id:A1 stat:DELIVRD to:+819012345678 err:1",
                 "id:A1 stat:DELIVRD to:+*********678 err:1"},
             row{"Please call me", "****** **** **"},
             row{"Call at 5: home", "**** ** ** ****"},
             row{"my id: 5 please", "** *** 5 ******"},
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
        for (const std::uint8_t coding : {0, 8}) {
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
    EXPECT_EQ(torn.octets.find("pay"), std::string::npos);
}

}  // namespace
}  // namespace hikyaku::gateway::api
