// The documents of Twilio's messages API: statuses and numbers of ends, pages, and the XML form.
#include <gmock/gmock.h>

#include "gateway/api/twilio/sids.hpp"
#include "tests/unit/gateway/api/twilio/fixture.hpp"

namespace hikyaku::gateway::api::twilio {
namespace {

using ::testing::HasSubstr;

struct twilio_documents : twilio_doors {
    message_view& known() {
        auto& one = gateway.messages[7];
        one.id = message_id{7};
        one.accepted_ms = now.wall_ms - 60'000;
        one.source = {5, 0, "Shop"};
        one.destination = {1, 1, "819012345678"};
        one.parts = 2;
        one.segments.resize(1);
        gateway.texts[7] = "a < b & \"c\"";
        return one;
    }
    boost::json::object shown() { return json_of(send("GET", message(sid_of(message_id{7})))); }
    void expect(State state, bool reached, std::string_view status, std::uint32_t code,
                told_error said = {}) {
        auto& one = known();
        one.state = state;
        static_cast<told_error&>(one.segments[0]) = std::move(said);
        one.segments[0].state = state;
        one.segments[0].submitted_ms = reached ? now.wall_ms - 1000 : 0;
        const auto body = shown();
        EXPECT_EQ(text_in(body, "status"), status);
        if (code == 0)
            EXPECT_TRUE(body.at("error_code").is_null()) << status;
        else
            EXPECT_EQ(body.at("error_code").to_number<std::uint32_t>(), code) << status;
        EXPECT_EQ(body.at("error_message").is_null(), code == 0);
    }
};

told_error of_network(char code) {
    told_error said;
    said.source = ErrorSource::receipt;
    said.network_code = {3, 0, code};
    return said;
}

TEST_F(twilio_documents, statuses_and_numbers_of_ends) {
    expect(State::queued, false, "queued", 0);
    expect(State::submitted, true, "sent", 0);
    expect(State::delivered, true, "delivered", 0);
    expect(State::deleted, false, "canceled", 0);
    expect(State::undeliverable, true, "undelivered", 30008);
    expect(State::undeliverable, true, "undelivered", 30005, of_network(1));
    expect(State::undeliverable, true, "undelivered", 30003, of_network(27));
    expect(State::undeliverable, true, "undelivered", 30006, of_network(11));
    expect(State::undeliverable, true, "undelivered", 30007, of_network(13));
    expect(State::undeliverable, true, "undelivered", 30008, of_network(99));
    expect(State::expired, true, "undelivered", 30003);
    expect(State::expired, false, "failed", 30036);
    expect(State::unknown, false, "undelivered", 30008);
    told_error refused;
    refused.source = ErrorSource::receipt;
    expect(State::rejected, true, "undelivered", 30007, refused);
    refused = refusal_error(smpp::command_status::esme_rinvdstadr, {});
    expect(State::rejected, false, "failed", 30005, refused);
    expect(State::rejected, false, "failed", 30008,
           own_error(smpp::command_status::esme_rinvdstadr));
    auto& one = known();
    one.state = State::queued;
    one.segments[0].attempts = 1;
    EXPECT_EQ(shown().at("status"), "sending");
    one.not_before_ms = now.wall_ms + 1;
    EXPECT_EQ(shown().at("status"), "scheduled");
}

TEST_F(twilio_documents, one) {
    auto& one = known();
    one.state = State::delivered;
    one.segments[0].submitted_ms = now.wall_ms - 2000;
    one.done_ms = now.wall_ms - 1000;
    one.tag = pool_sid;
    const auto body = shown();
    EXPECT_EQ(body.at("body"), "a < b & \"c\"");
    EXPECT_EQ(body.at("num_segments"), "2");
    EXPECT_EQ(text_in(body, "messaging_service_sid"), pool_sid);
    EXPECT_EQ(body.at("date_created"), "Fri, 15 Jan 2027 07:59:00 +0000");
    EXPECT_EQ(body.at("date_sent"), "Fri, 15 Jan 2027 07:59:58 +0000");
    EXPECT_EQ(body.at("date_updated"), "Fri, 15 Jan 2027 07:59:59 +0000");
    EXPECT_EQ(code_of(send("GET", message("SM1"))), "404 20404");
    EXPECT_EQ(code_of(send("GET", message(sid_of(message_id{9})))), "404 20404");
}

TEST_F(twilio_documents, in_xml) {
    known().tag = "something \x01";
    const auto response = send("GET", message(sid_of(message_id{7}), ""));
    EXPECT_EQ(response.content_type, "application/xml");
    for (const auto* part :
         {"<?xml version='1.0' encoding='UTF-8'?>\n<TwilioResponse><Message><Sid>SM0000",
          "<Body>a &lt; b &amp; &quot;c&quot;</Body>", "<DateSent/>", "<ErrorCode/>",
          "<NumSegments>2</NumSegments>", "<SubresourceUris/>", "</Message></TwilioResponse>"})
        EXPECT_THAT(response.body, HasSubstr(part));
    gateway.texts[7] = "\x01\xFF";
    EXPECT_THAT(send("GET", message(sid_of(message_id{7}), ".xml")).body,
                HasSubstr("<Body>\uFFFD\uFFFD</Body>"));
    const auto missing = send("GET", message("SM1", ""));
    EXPECT_EQ(missing.status, 404u);
    EXPECT_EQ(missing.content_type, "application/xml");
    EXPECT_THAT(missing.body,
                HasSubstr("<RestException><Code>20404</Code><Message>The resource was not "
                          "found</Message><MoreInfo>https://www.twilio.com/docs/errors/20404"
                          "</MoreInfo><Status>404</Status></RestException>"));
    gateway.next_page.messages = {known()};
    const auto list = send("GET", messages(""));
    EXPECT_THAT(list.body, HasSubstr("<Messages firstpageuri=\""));
    EXPECT_THAT(list.body, HasSubstr(" nextpageuri=\"\""));
    EXPECT_THAT(list.body, HasSubstr(" pagesize=\"50\""));
    EXPECT_THAT(list.body, HasSubstr("<Message><Sid>"));
}

TEST_F(twilio_documents, a_page) {
    gateway.next_page.messages = {known()};
    gateway.next_page.looked_to = message_id{5};
    const auto target = messages() +
                        "?To=%2B819012345678&From=Shop&DateSent%3E=2027-01-01&"
                        "DateSent%3C=2027-01-02T03%3A04%3A05Z&PageSize=2";
    const auto body = json_of(send("GET", target));
    const auto& range = gateway.ranges.back();
    EXPECT_EQ(range.destination, "819012345678");
    EXPECT_EQ(range.source, "Shop");
    EXPECT_EQ(range.from_ms, 1'798'761'600'000);
    EXPECT_EQ(range.to_ms, 1'798'859'045'000);
    EXPECT_EQ(range.limit, 2u);
    EXPECT_TRUE(range.newest_first);
    EXPECT_FALSE(range.beyond);
    EXPECT_EQ(body.at("messages").as_array().size(), 1u);
    EXPECT_EQ(body.at("page"), 0);
    EXPECT_EQ(body.at("page_size"), 2);
    EXPECT_TRUE(body.at("previous_page_uri").is_null());
    const std::string next(body.at("next_page_uri").as_string());
    EXPECT_EQ(next, messages() +
                        "?To=%2B819012345678&From=Shop&DateSent%3E=2027-01-01&"
                        "DateSent%3C=2027-01-02T03%3A04%3A05Z&PageSize=2&Page=1&PageToken=PA" +
                        sid_of(message_id{5}));
    gateway.next_page.looked_to = {};
    const auto second = json_of(send("GET", next));
    EXPECT_EQ(gateway.ranges.back().beyond, message_id{5});
    EXPECT_TRUE(second.at("next_page_uri").is_null());
    EXPECT_EQ(text_in(second, "uri"), next);
    EXPECT_EQ(second.at("start"), 2);
    const std::string previous(second.at("previous_page_uri").as_string());
    const auto back = json_of(send("GET", previous));
    EXPECT_FALSE(gateway.ranges.back().newest_first);
    EXPECT_EQ(gateway.ranges.back().beyond, message_id{7});
    EXPECT_FALSE(back.at("next_page_uri").is_null());
}

TEST_F(twilio_documents, days) {
    send("GET", messages() + "?DateSent=2027-01-02");
    EXPECT_EQ(gateway.ranges.back().from_ms, 1'798'848'000'000);
    EXPECT_EQ(gateway.ranges.back().to_ms, 1'798'848'000'000 + 86'399'999);
    send("GET", messages() + "?PageSize=5000");
    EXPECT_EQ(gateway.ranges.back().limit, 1000u);
}

TEST_F(twilio_documents, numbers_of_a_list_are_read_as_those_of_a_message) {
    const struct {
        std::string_view query, destination, source;
    } rows[] = {{"To=+819012345678&From=+15551234567", "819012345678", "15551234567"},
                {"To=%2B81-90-1234-5678&From=%2B1+555+1234567", "819012345678", "15551234567"},
                {"To=%FF&From=a%5Eb", "\xFF", "a^b"},
                {"To=%2B123&From=Shop", "123", "Shop"}};
    for (const auto& row : rows) {
        send("GET", messages() + "?" + std::string(row.query));
        EXPECT_EQ(gateway.ranges.back().destination, row.destination) << row.query;
        EXPECT_EQ(gateway.ranges.back().source, row.source) << row.query;
    }
}

TEST_F(twilio_documents, faults_of_a_list) {
    for (const auto* query :
         {"To=1&To=2", "PageSize=1&PageSize=1", "DateSent=today", "PageSize=0", "PageSize=x",
          "Page=x", "Page=1", "PageToken=PA1", "PageToken=XXSM00000000000000000000000000000001",
          "PageToken=P", "Status=sent"})
        EXPECT_EQ(code_of(send("GET", messages() + "?" + query)), "400 20001") << query;
    EXPECT_TRUE(gateway.ranges.empty());
}

TEST_F(twilio_documents, too_many_parameters) {
    std::string query;
    for (int i = 0; i < 65; ++i)
        query += "To" + std::to_string(i) + "=1&";
    const auto response = send("GET", messages() + "?" + query);
    EXPECT_EQ(code_of(response), "400 20001");
    EXPECT_THAT(response.body, HasSubstr("too many"));
}

}  // namespace
}  // namespace hikyaku::gateway::api::twilio
