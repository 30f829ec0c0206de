// `purpose`, `contact`, `debtor` and `debt` in bodies of POST /v1/messages, of messages and of
// recipients: what they become, and every fault with its place.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "gateway/api/messages/json_request.hpp"

namespace hikyaku::gateway::api {
namespace {

using words = std::vector<std::string>;
using enum error_id;

message_request read_contacts(const std::string& body) {
    const config::account account;
    auto request = read_messages(body, account, 1000, 0);
    EXPECT_TRUE(request) << body;
    return request ? std::move(*request) : message_request{};
}

// A message to `to`, which is JSON, with `more` among its members.
std::string message_to(std::string_view to, std::string_view more) {
    return fmt::format(R"({{"from":"Shop","text":"hi","to":{},{}}})", to, more);
}

constexpr std::string_view one_number = R"("+819012345678")";
constexpr std::string_view two_numbers = R"(["+819012345678","+819012345679"])";

TEST(contact_reader, reads_every_field) {
    const auto request = read_contacts(message_to(
        one_number,
        R"("purpose":"dunning","contact":{"id":"c-1","zones":["Asia/Tokyo","Asia/Seoul"],)"
        R"("tags":["own","work"]},"debtor":"d-1","debt":"请 1")"));
    ASSERT_EQ(request.items.size(), 1U);
    ASSERT_FALSE(request.items[0].fault) << request.items[0].fault->pointer;
    const submission& message = request.items[0].message;
    EXPECT_EQ(message.purpose, Purpose::dunning);
    EXPECT_EQ(message.contact.id, "c-1");
    EXPECT_EQ(message.contact.zones, (words{"Asia/Tokyo", "Asia/Seoul"}));
    EXPECT_EQ(message.contact.tags, (words{"own", "work"}));
    EXPECT_EQ(message.debtor, "d-1");
    EXPECT_EQ(message.debt, "请 1");
}

TEST(contact_reader, a_recipient_has_its_own_in_place_of_the_messages) {
    const auto request = read_contacts(message_to(
        R"(["+819012345678",{"number":"+819012345679","contact":{"id":"c"},"debtor":"d",)"
        R"("debt":"e","reference":"r"}])",
        R"("purpose":"marketing","contact":{"zones":["Asia/Tokyo"],"tags":["own"]})"));
    EXPECT_FALSE(request.single);
    ASSERT_EQ(request.items.size(), 2U);
    ASSERT_FALSE(request.items[0].fault) << request.items[0].fault->pointer;
    ASSERT_FALSE(request.items[1].fault) << request.items[1].fault->pointer;
    const submission& first = request.items[0].message;
    EXPECT_EQ(first.purpose, Purpose::marketing);
    EXPECT_EQ(first.contact.zones, words{"Asia/Tokyo"});
    EXPECT_EQ(first.contact.tags, words{"own"});
    EXPECT_EQ(first.contact.id + first.debtor + first.debt, "");
    const submission& second = request.items[1].message;
    EXPECT_EQ(second.purpose, Purpose::marketing);
    EXPECT_EQ(second.contact.id, "c");
    EXPECT_TRUE(second.contact.zones.empty());  // the whole contact is the recipient's
    EXPECT_TRUE(second.contact.tags.empty());
    EXPECT_EQ(second.debtor, "d");
    EXPECT_EQ(second.debt, "e");
    EXPECT_EQ(second.reference, "r");
}

TEST(contact_reader, several_recipients_are_not_one_person) {
    const struct {
        std::string_view more, pointer;
    } rows[] = {
        {R"("contact":{"zones":["Asia/Tokyo"],"id":"c"})", "/contact/id"},
        {R"("debtor":"d")", "/debtor"},
        {R"("debt":"d")", "/debt"},
    };
    for (const auto& row : rows) {
        const auto request = read_contacts(message_to(two_numbers, row.more));
        ASSERT_EQ(request.items.size(), 2U);
        for (const message_item& each : request.items) {
            ASSERT_TRUE(each.fault) << row.more;
            EXPECT_EQ(each.fault->code, field_invalid);
            EXPECT_EQ(each.fault->pointer, row.pointer);
        }
        const auto list_of_one = read_contacts(message_to(R"(["+819012345678"])", row.more));
        ASSERT_EQ(list_of_one.items.size(), 1U);
        EXPECT_FALSE(list_of_one.items[0].fault) << row.more;
    }
    const auto batch = read_contacts(fmt::format(R"({{"messages":[{},{}]}})",
                                                 message_to(one_number, R"("debtor":"d")"),
                                                 message_to(two_numbers, R"("debtor":"d")")));
    ASSERT_EQ(batch.items.size(), 3U);
    EXPECT_FALSE(batch.items[0].fault);
    ASSERT_TRUE(batch.items[2].fault);
    EXPECT_EQ(batch.items[2].fault->pointer, "/messages/1/debtor");
}

// {"zones": [...]} of `count` names that differ.
std::string many(std::string_view field, std::size_t count) {
    std::string list;
    for (std::size_t i = 0; i < count; ++i)
        list += fmt::format(R"({}"x{}")", i == 0 ? "" : ",", i);
    return fmt::format(R"("contact":{{"{}":[{}]}})", field, list);
}

TEST(contact_reader, faults) {
    const std::string long_label(65, 'x');
    const struct {
        std::string more;
        problem_code code;
        std::string_view pointer;
    } rows[] = {
        {R"("purpose":"urgent")", field_invalid, "/purpose"},
        {R"("purpose":"")", field_invalid, "/purpose"},
        {R"("purpose":2)", field_invalid, "/purpose"},
        {R"("purpose":null)", field_invalid, "/purpose"},
        {R"("contact":"c")", field_invalid, "/contact"},
        {R"("contact":{})", field_invalid, "/contact"},
        {R"("contact":null)", field_invalid, "/contact"},
        {R"("contact":{"id":"c","a/b":1})", field_unknown, "/contact/a~1b"},
        {R"("contact":{"id":""})", field_invalid, "/contact/id"},
        {R"("contact":{"id":7})", field_invalid, "/contact/id"},
        {fmt::format(R"("contact":{{"id":"{}"}})", long_label), field_invalid, "/contact/id"},
        {R"("contact":{"zones":"Asia/Tokyo"})", field_invalid, "/contact/zones"},
        {R"("contact":{"zones":[]})", field_invalid, "/contact/zones"},
        {R"("contact":{"zones":["Asia/Tokyo",9]})", field_invalid, "/contact/zones/1"},
        {R"("contact":{"zones":["Asia/Tokyo","Asia/Tokyo"]})", field_invalid, "/contact/zones/1"},
        {R"("contact":{"zones":["Asia Tokyo"]})", field_invalid, "/contact/zones/0"},
        {many("zones", 9), field_invalid, "/contact/zones"},
        {R"("contact":{"tags":{}})", field_invalid, "/contact/tags"},
        {R"("contact":{"tags":[]})", field_invalid, "/contact/tags"},
        {R"("contact":{"tags":[null]})", field_invalid, "/contact/tags/0"},
        {R"("contact":{"tags":["a","b","a"]})", field_invalid, "/contact/tags/2"},
        {R"("contact":{"tags":["a\u0001"]})", field_invalid, "/contact/tags/0"},
        {many("tags", 17), field_invalid, "/contact/tags"},
        {R"("debtor":"")", field_invalid, "/debtor"},
        {R"("debtor":{})", field_invalid, "/debtor"},
        {R"("debtor":"a\u0000b")", field_invalid, "/debtor"},
        {fmt::format(R"("debtor":"{}")", long_label), field_invalid, "/debtor"},
        {R"("debt":17)", field_invalid, "/debt"},
        {fmt::format(R"("debt":"{}")", long_label), field_invalid, "/debt"},
    };
    for (const auto& row : rows) {
        const auto request = read_contacts(message_to(one_number, row.more));
        ASSERT_EQ(request.items.size(), 1U);
        ASSERT_TRUE(request.items[0].fault) << row.more;
        EXPECT_EQ(request.items[0].fault->code, row.code) << row.more;
        EXPECT_EQ(request.items[0].fault->pointer, row.pointer) << row.more;
    }
    for (const auto& more : {many("zones", 8), many("tags", 16)})
        EXPECT_FALSE(read_contacts(message_to(one_number, more)).items[0].fault) << more;
}

TEST(contact_reader, zones_are_those_that_there_are) {
    const config::account account;
    const zone_names known({"Asia/Tokyo", "UTC"});
    const auto read = [&](std::string_view zone, std::string_view of_recipient) {
        return read_messages(
            message_to(fmt::format(R"({{"number":"+819012345678","contact":{{"zones":["{}"]}}}})",
                                   of_recipient),
                       fmt::format(R"("contact":{{"zones":["UTC","{}"]}})", zone)),
            account, 1000, 0, known);
    };
    EXPECT_FALSE(read("Asia/Tokyo", "UTC")->items[0].fault);
    EXPECT_EQ(read("Asia/Kyoto", "UTC")->items[0].fault.value().pointer, "/contact/zones/1");
    EXPECT_EQ(read("Asia/Tokyo", "utc")->items[0].fault.value().pointer, "/to/contact/zones/0");
}

TEST(contact_reader, faults_of_recipients) {
    const struct {
        std::string_view more;
        problem_code code;
        std::string_view pointer;
    } rows[] = {
        {R"("contact":{})", field_invalid, "/to/1/contact"},
        {R"("contact":{"zones":["Asia/Tokyo","/"]})", field_invalid, "/to/1/contact/zones/1"},
        {R"("contact":{"name":"x"})", field_unknown, "/to/1/contact/name"},
        {R"("debtor":"")", field_invalid, "/to/1/debtor"},
        {R"("debt":5)", field_invalid, "/to/1/debt"},
        {R"("purpose":"dunning")", field_unknown, "/to/1/purpose"},
    };
    for (const auto& row : rows) {
        const auto request = read_contacts(message_to(
            fmt::format(R"(["+819012345678",{{"number":"+819012345679",{}}}])", row.more),
            R"("purpose":"dunning")"));
        ASSERT_EQ(request.items.size(), 2U);
        EXPECT_FALSE(request.items[0].fault);
        ASSERT_TRUE(request.items[1].fault) << row.more;
        EXPECT_EQ(request.items[1].fault->code, row.code) << row.more;
        EXPECT_EQ(request.items[1].fault->pointer, row.pointer) << row.more;
    }
}

}  // namespace
}  // namespace hikyaku::gateway::api
