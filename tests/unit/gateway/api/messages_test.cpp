// What the API answers about messages, and events for webhooks.
#include "gateway/api/messages.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "gateway/api/events.hpp"
#include "gateway/api/json/text.hpp"
#include "gateway/links/classify.hpp"

namespace hikyaku::gateway::api {
namespace {

namespace json = boost::json;
namespace record = model::record;

item_outcome accepted(std::uint64_t id, std::string to) {
    item_outcome item;
    item.to = std::move(to);
    item.result.id = message_id{id};
    item.result.segments = 2;
    item.result.encoding = smpp::text::encoding::ucs2;
    return item;
}

item_outcome refused(refusal why, std::uint32_t detail) {
    item_outcome item;
    item.to = "+81";
    item.fault = problem_of(why, detail, "/messages/1", "/messages/1/to");
    return item;
}

TEST(messages, single_accepted) {
    item_outcome item = accepted(42, "+819012345678");
    item.reference = "r\"1";
    const http_response response = render_submission({&item, 1}, true);
    EXPECT_EQ(response.status, 202u);
    EXPECT_EQ(response.body,
              R"({"id":"42","to":"+819012345678","reference":"r\"1","status":"accepted",)"
              R"("segments":2,"encoding":"ucs2"})");
}

TEST(messages, an_answer_tells_what_transliteration_changed) {
    item_outcome item = accepted(42, "+1");
    item.result.replaced = {{2, "“", "\""}, {9, "…", "..."}};
    const json::object body = json::parse(render_submission({&item, 1}, true).body).as_object();
    EXPECT_EQ(json::serialize(body.at("replaced")),
              R"([{"position":2,"from":"“","to":"\""},{"position":9,"from":"…","to":"..."}])");
}

TEST(messages, single_refused) {
    const item_outcome item = refused(refusal::rate_exceeded, 2500);
    const http_response response = render_submission({&item, 1}, true);
    EXPECT_EQ(response.status, 429u);
    EXPECT_EQ(response.content_type, problem_type);
    ASSERT_EQ(response.headers.size(), 1u);
    EXPECT_EQ(response.headers[0].second, "3");
}

TEST(messages, batch_is_accepted_if_one_is) {
    const item_outcome items[] = {refused(refusal::no_route, 0), accepted(7, "+1")};
    const http_response response = render_submission(items, false);
    EXPECT_EQ(response.status, 202u);
    EXPECT_TRUE(response.headers.empty());
    const json::object body = json::parse(response.body).as_object();
    EXPECT_EQ(body.at("accepted").as_int64(), 1);
    EXPECT_EQ(body.at("refused").as_int64(), 1);
    const json::array& list = body.at("messages").as_array();
    ASSERT_EQ(list.size(), 2u);
    EXPECT_EQ(list[0].at("status").as_string(), "refused");
    EXPECT_EQ(list[0].at("problem").at("code").as_string(), "no_route");
    EXPECT_EQ(list[0].at("problem").at("pointer").as_string(), "/messages/1/to");
    EXPECT_FALSE(list[0].as_object().contains("id"));
    EXPECT_EQ(list[1].at("index").as_int64(), 1);
    EXPECT_EQ(list[1].at("id").as_string(), "7");
}

TEST(messages, batch_octet_by_octet) {
    item_outcome first = accepted(7, "+1");
    first.reference = "r-1";
    item_outcome second = accepted(8, "+2");
    second.result.replaced = {{2, "“", "\""}};
    const item_outcome items[] = {first, second};
    EXPECT_EQ(render_submission(items, false).body,
              R"({"accepted":2,"refused":0,"messages":[)"
              R"({"index":0,"id":"7","to":"+1","reference":"r-1","status":"accepted",)"
              R"("segments":2,"encoding":"ucs2"},)"
              R"({"index":1,"id":"8","to":"+2","status":"accepted","segments":2,)"
              R"("encoding":"ucs2","replaced":[{"position":2,"from":"“","to":"\""}]}]})");
}

TEST(messages, batch_of_refusals_has_the_first_status) {
    const item_outcome items[] = {refused(refusal::store_busy, 0), refused(refusal::no_route, 0)};
    const http_response response = render_submission(items, false);
    EXPECT_EQ(response.status, 503u);
    ASSERT_EQ(response.headers.size(), 1u);
    EXPECT_EQ(response.headers[0].first, "Retry-After");
}

TEST(messages, ids) {
    EXPECT_EQ(format_id(message_id{9223372036854775807ULL}), "9223372036854775807");
    EXPECT_EQ(parse_id("9223372036854775807"), message_id{9223372036854775807ULL});
    for (const std::string_view text :
         {"", "0", "01", "-1", "+1", "1x", "9223372036854775808", "99999999999999999999", " 1"})
        EXPECT_FALSE(parse_id(text)) << text;
}

TEST(messages, view) {
    message_view view;
    view.id = message_id{42};
    view.state = State::delivered;
    view.source = {5, 0, "Shop"};
    view.destination = {1, 1, "819012345678"};
    view.accepted_ms = 1775001600000;
    view.reference = "r1";
    view.segments.resize(2);
    view.segments[0].carrier = "example";
    view.segments[0].state = State::delivered;
    view.segments[1].error = 11;
    view.segments[1].error_text = "00B";
    view.links = {"7fW3kQ9xTz"};
    view.data_coding = 0x10;
    view.replaced = {{0, "‘", "'"}};
    view.hits_total = 3;
    view.hits_by_class = {2, 1, 0, 0, 0, 0};
    view.hits_unique = 2;
    view.seen_ms = view.accepted_ms;
    const json::object body = json::parse(render_message(view).body).as_object();
    EXPECT_EQ(body.at("id").as_string(), "42");
    EXPECT_EQ(body.at("status").as_string(), "delivered");
    EXPECT_EQ(body.at("from").as_string(), "Shop");
    EXPECT_EQ(body.at("to").as_string(), "+819012345678");
    EXPECT_EQ(body.at("accepted_at").as_string(), "2026-04-01T00:00:00.000Z");
    EXPECT_TRUE(body.at("done_at").is_null());
    EXPECT_EQ(body.at("data_coding").as_int64(), 0x10);
    EXPECT_EQ(body.at("replaced").at(0).at("from").as_string(), "‘");
    EXPECT_TRUE(body.at("tag").is_null());
    EXPECT_FALSE(body.at("segments").at(0).as_object().contains("error"));
    EXPECT_EQ(body.at("segments").at(1).at("error").at("code").as_int64(), 11);
    EXPECT_EQ(body.at("segments").at(1).at("error").at("text").as_string(), "00B");
    EXPECT_EQ(body.at("hits").at("by_class").at("human_likely").as_int64(), 2);
    EXPECT_EQ(body.at("hits").at("by_class").at("preview").as_int64(), 1);
    EXPECT_EQ(body.at("hits").at("total").as_int64(), 3);
    EXPECT_EQ(body.at("hits").at("unique").as_int64(), 2);
    EXPECT_EQ(body.at("hits").at("human_likely").as_int64(), 2);
    EXPECT_EQ(body.at("hits").at("seen").as_string(), "2026-04-01T00:00:00.000Z");
    view.hits_unique = std::nullopt;
    view.seen_ms = 0;
    const json::object before = json::parse(render_message(view).body).as_object();
    EXPECT_TRUE(before.at("hits").at("unique").is_null());
    EXPECT_TRUE(before.at("hits").at("seen").is_null()) << "null, not false";
}

TEST(messages, view_of_purpose_contact_and_debt) {
    message_view view;
    const json::object none = json::parse(render_message(view).body).as_object();
    EXPECT_EQ(none.at("purpose").as_string(), "transactional");
    EXPECT_TRUE(none.at("contact").is_null());
    EXPECT_TRUE(none.at("debtor").is_null());
    EXPECT_TRUE(none.at("debt").is_null());
    EXPECT_EQ(none.at("hits").at("by_class").as_object().size(), links::hit_class_count);
    EXPECT_EQ(none.at("hits").at("by_class").at("unknown").as_int64(), 0);
    view.purpose = Purpose::dunning;
    view.contact.zones = {"Asia/Tokyo"};
    view.debtor = "d";
    view.debt = "e";
    const json::object some = json::parse(render_message(view).body).as_object();
    EXPECT_EQ(some.at("purpose").as_string(), "dunning");
    EXPECT_EQ(json::serialize(some.at("contact")),
              R"({"id":null,"zones":["Asia/Tokyo"],"tags":[]})");
    EXPECT_EQ(some.at("debtor").as_string(), "d");
    EXPECT_EQ(some.at("debt").as_string(), "e");
    view.contact = {"c", {}, {"own", "work"}};
    const json::object other = json::parse(render_message(view).body).as_object();
    EXPECT_EQ(json::serialize(other.at("contact")),
              R"({"id":"c","zones":[],"tags":["own","work"]})");
}

TEST(messages, account_has_no_secrets) {
    config::account settings;
    settings.password = "hunter2";
    settings.api_tokens = {"topsecret"};
    settings.rate.per_second = config::rate{100, std::chrono::milliseconds{1000}};
    settings.webhook.emplace();
    settings.webhook->url = "https://app.example/hook";
    settings.webhook->secret = "whsec_abc";
    account_view view;
    view.name = "demo";
    view.outbox_webhook = 3;
    view.settings = &settings;
    const http_response response = render_account(view);
    for (const std::string_view secret : {"hunter2", "topsecret", "whsec"})
        EXPECT_EQ(response.body.find(secret), std::string::npos) << secret;
    const json::object body = json::parse(response.body).as_object();
    EXPECT_EQ(body.at("waiting_events").at("webhook").as_int64(), 3);
    EXPECT_EQ(body.at("limits").at("rate").at("count").as_int64(), 100);
    EXPECT_EQ(body.at("webhook").at("disabled").as_bool(), false);
    settings.rate.per_second.reset();
    settings.webhook.reset();
    const json::object second = json::parse(render_account(view).body).as_object();
    EXPECT_EQ(second.at("limits").at("rate").as_string(), "unlimited");
    EXPECT_TRUE(second.at("webhook").is_null());
}

TEST(messages, estimates) {
    estimate_outcome item;
    item.to = "+1";
    item.result.segment_octets = {140, 20};
    item.result.segments = 2;
    item.result.billed = 3;
    item.result.replaced = {{0, "‘", "'"}};
    item.result.final_text = "x";
    item.result.forcing = {"お"};
    const json::object body = json::parse(render_estimate({&item, 1}, true).body).as_object();
    EXPECT_EQ(body.at("segments").as_int64(), 2);
    EXPECT_EQ(body.at("segment_octets").at(1).as_int64(), 20);
    EXPECT_EQ(body.at("forcing_ucs2").at(0).as_string(), "お");
    EXPECT_TRUE(body.at("route").is_null());
    EXPECT_EQ(body.at("billed_units").as_int64(), 3);
    EXPECT_EQ(body.at("replaced").at(0).at("to").as_string(), "'");
    EXPECT_FALSE(body.contains("by_carrier"));
    EXPECT_FALSE(body.contains("range"));
    item.fault = problem_of(refusal::no_route, 0, "", "/to");
    EXPECT_EQ(render_estimate({&item, 1}, true).status, 422u);
    EXPECT_EQ(render_estimate({&item, 1}, false).status, 200u);
}

TEST(messages, estimates_show_the_range_over_carriers_that_differ) {
    estimate_outcome item;
    using smpp::text::encoding;
    item.result.plans = {{"one", refusal::none, 0, encoding::ucs2, 133, 3, 3},
                         {"two", refusal::none, 0, encoding::ucs2, 133, 2, 1},
                         {"three", refusal::text_too_long, 3, encoding::gsm7, 0, 0, 0}};
    item.result.range = {.parts = {2, 3}, .units = {133, 133}, .billed = {1, 3}, .planned = 2};
    const json::object body = json::parse(render_estimate({&item, 1}, true).body).as_object();
    EXPECT_EQ(json::serialize(body.at("by_carrier").at(1)),
              R"({"carrier":"two","encoding":"ucs2","units":133,"segments":2,"billed_units":1})");
    EXPECT_EQ(body.at("by_carrier").at(2).at("problem").at("code").as_string(), "text_too_long");
    EXPECT_EQ(json::serialize(body.at("range")),
              R"({"units":{"least":133,"most":133},"segments":{"least":2,"most":3},)"
              R"("billed_units":{"least":1,"most":3}})");
}

constexpr std::int64_t event_ms = 1775001604120;
const address_view phone{1, 1, "819012345678"}, shop{5, 0, "Shop"};

receipt_event plain_receipt() {
    receipt_event event;
    event.at_ms = event_ms;
    event.source = shop;
    event.destination = phone;
    return event;
}

reply_event plain_reply(smpp::text::octets octets) {
    reply_event event;
    event.at_ms = event_ms;
    event.source = phone;
    event.destination = shop;
    event.octets = octets;
    return event;
}

TEST(events, receipt) {
    auto event = plain_receipt();
    event.message = message_id{42};
    event.reference = "r1";
    event.state = State::undeliverable;
    event.final = true;
    event.submitted_ms = 1775001600000;
    event.error.error = 11;
    event.parts = 2;
    event.parts_delivered = 1;
    EXPECT_EQ(json::serialize(event_json({7, event})),
              R"({"id":"evt_7","type":"receipt","timestamp":"2026-04-01T00:00:04.120Z","data":{)"
              R"("message_id":"42","reference":"r1","from":"Shop","to":"+819012345678",)"
              R"("status":"undeliverable","final":true,)"
              R"("submitted_at":"2026-04-01T00:00:00.000Z",)"
              R"("done_at":null,"segments":2,"segments_delivered":1,)"
              R"("error":{"code":11,"text":"","stat":null,"network_error_code":null}}})");
}

TEST(messages, errors_of_carriers_and_our_own) {
    const auto of_receipt = [](std::uint32_t code, std::string text, std::string stat,
                               std::string network_code = {}) {
        told_error told;
        told.source = ErrorSource::receipt;
        told.error = code;
        told.error_text = std::move(text);
        told.stat = std::move(stat);
        told.network_code = std::move(network_code);
        return told;
    };
    const auto bad = smpp::command_status::esme_rinvdstadr;
    told_error old;  // of a store of before
    old.error_text = "EXP";
    const struct {
        told_error told;
        State state;
        std::string_view error, stat;  // empty: none
    } rows[] = {
        {of_receipt(2050, "2050", "UNDELIV", "\x03\x08\x02"), State::undeliverable,
         R"({"code":2050,"text":"2050","stat":"UNDELIV","network_error_code":"030802"})", ""},
        {of_receipt(0, "0x0A", "NOCRED"), State::unknown,
         R"({"code":null,"text":"0x0A","stat":"NOCRED","network_error_code":null})", "NOCRED"},
        {of_receipt(0, "000", "REJECTD"), State::rejected,
         R"({"code":0,"text":"000","stat":"REJECTD","network_error_code":null})", ""},
        {of_receipt(0, "", "undeliv", "\x03"), State::undeliverable,
         R"({"code":null,"text":"","stat":"undeliv","network_error_code":"03"})", "undeliv"},
        {of_receipt(0, "", "", ""), State::undeliverable, "", ""},
        {of_receipt(0, "000", "DELIVERED"), State::delivered, "", "DELIVERED"},
        {of_receipt(5, "005", "DELIVRD"), State::delivered,
         R"({"code":5,"text":"005","stat":"DELIVRD","network_error_code":null})", ""},
        {of_receipt(0, "N\xFF", "A\xFF"), State::unknown,
         "{\"code\":null,\"text\":\"N\xEF\xBF\xBD\",\"stat\":\"A\xEF\xBF\xBD\","
         "\"network_error_code\":null}",
         "A\xEF\xBF\xBD"},
        {refusal_error(bad, {}), State::rejected,
         R"({"code":11,"text":"","stat":null,"network_error_code":null,)"
         R"("command_status":"ESME_RINVDSTADR","refused_by":"carrier"})",
         ""},
        {refusal_error(smpp::command_status{0x400}, {.info = "no credit"}), State::rejected,
         R"({"code":1024,"text":"","stat":null,"network_error_code":null,)"
         R"("command_status":"0x00000400","refused_by":"carrier",)"
         R"("additional_status_info_text":"no credit"})",
         ""},
        {own_error(bad), State::rejected,
         R"({"code":11,"text":"","stat":null,"network_error_code":null,)"
         R"("command_status":"ESME_RINVDSTADR","refused_by":"gateway"})",
         ""},
        {own_error(smpp::command_status::esme_rok), State::rejected,
         R"({"code":null,"text":"","stat":null,"network_error_code":null,)"
         R"("command_status":null,"refused_by":"gateway"})",
         ""},
        {old, State::undeliverable,
         R"({"code":null,"text":"EXP","stat":null,"network_error_code":null})", ""},
        {told_error{}, State::unknown, "", ""},
    };
    for (const auto& row : rows) {
        message_view view;
        auto& segment = view.segments.emplace_back();
        segment.set_error(row.told);
        segment.state = row.state;
        const auto shown = json::parse(render_message(view).body).at("segments").at(0).as_object();
        const auto* error = shown.if_contains("error");
        const auto* stat = shown.if_contains("stat");
        EXPECT_EQ(error == nullptr ? "" : json::serialize(*error), row.error);
        EXPECT_EQ(stat == nullptr ? "" : std::string_view(stat->as_string()), row.stat);
        auto event = plain_receipt();  // the same in an event
        event.state = row.state;
        event.error = row.told.view();
        const auto data = json::parse(write_json(event_json({7, event}))).at("data").as_object();
        const auto* of_event = data.if_contains("error");
        EXPECT_EQ(of_event == nullptr ? "" : json::serialize(*of_event), row.error);
        EXPECT_EQ(data.contains("stat"), !row.stat.empty());
    }
}

TEST(events, a_receipt_of_one_segment_has_its_number_and_the_id_that_was_answered) {
    auto event = plain_receipt();
    event.message = message_id{43};
    event.shown_id = message_id{42};  // the first message of its submit_multi
    event.part = 2;
    event.parts = 1;
    const auto data = event_json({7, event}).at("data").as_object();
    EXPECT_EQ(data.at("message_id").as_string(), "42");
    EXPECT_EQ(data.at("segment").to_number<int>(), 2);
    EXPECT_EQ(data.at("segments").to_number<int>(), 1);
}

TEST(events, reply_and_batch) {
    const std::uint8_t octets[] = {0x68, 0xFF};
    const auto event = plain_reply(octets);
    const outbox_item items[] = {{1, event}, {2, event}};
    const json::object body = json::parse(render_events(items)).as_object();
    EXPECT_EQ(body.at("type").as_string(), "events");
    EXPECT_EQ(body.at("timestamp").as_string(), "2026-04-01T00:00:04.120Z");
    const json::array& list = body.at("data").at("events").as_array();
    ASSERT_EQ(list.size(), 2u);
    EXPECT_EQ(list[1].at("id").as_string(), "evt_2");
    const json::value& data = list[0].at("data");
    EXPECT_EQ(data.at("from").as_string(), "+819012345678");
    EXPECT_EQ(data.at("data").as_string(), "68ff");
    EXPECT_TRUE(data.at("text").is_null());
}

TEST(events, incomplete_reply) {
    const std::uint8_t octets[] = {0x68};
    auto event = plain_reply(octets);
    event.parts = 3;
    event.parts_received = 2;
    event.incomplete = true;
    const auto data = event_json({1, event}).at("data").as_object();
    EXPECT_EQ(data.at("parts").to_number<int>(), 3);
    EXPECT_EQ(data.at("parts_received").to_number<int>(), 2);
    EXPECT_TRUE(data.at("incomplete").as_bool());
    EXPECT_FALSE(data.contains("part"));
}

TEST(events, hit) {
    hit_event event;
    event.at_ms = event_ms;
    event.message = message_id{42};
    event.link = "7fW3kQ9xTz";
    event.hit_class = static_cast<std::uint8_t>(links::hit_class::preview);
    event.hit_reasons = static_cast<std::uint32_t>(links::hit_reason::preview_agent);
    const json::object body = event_json({3, event});
    EXPECT_EQ(body.at("type").as_string(), "hit");
    EXPECT_EQ(body.at("data").at("class").as_string(), "preview");
    EXPECT_EQ(body.at("data").at("reasons").at(0).as_string(), "preview_agent");
    EXPECT_EQ(body.at("data").at("link").as_string(), "7fW3kQ9xTz");
    EXPECT_TRUE(body.at("data").at("to").is_null());  // of a message that is kept no longer
    EXPECT_FALSE(body.at("data").at("first_of_visit").as_bool());
}

TEST(events, link_seen) {
    link_seen_event event;
    event.at_ms = event_ms;
    event.message = message_id{42};
    event.reference = "invoice-77";
    event.link = "7fW3kQ9xTz";
    event.target = "https://app.example/pay/77";
    const json::object body = event_json({4, event});
    EXPECT_EQ(body.at("type").as_string(), "link_seen");
    EXPECT_EQ(body.at("data").at("message_id").as_string(), "42");
    EXPECT_EQ(body.at("data").at("link").as_string(), "7fW3kQ9xTz");
    EXPECT_EQ(body.at("data").at("target").as_string(), "https://app.example/pay/77");
    EXPECT_EQ(body.at("data").at("seen"), body.at("timestamp"));
}

}  // namespace
}  // namespace hikyaku::gateway::api
