// Twilio's messages API before a service that is played: what a message is made of, who may, what
// is answered, and the numbers of all refusals.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>
#include <set>

#include "gateway/api/twilio/sids.hpp"
#include "smpp/pdu/constants.hpp"
#include "tests/unit/gateway/api/twilio/fixture.hpp"

namespace hikyaku::gateway::api::twilio {
namespace {

using ::testing::HasSubstr;

const std::string good = "To=%2B819012345678&From=Shop&Body=Hello+%E4%B8%96%E7%95%8C";

std::string with(std::string_view more) {
    return good + "&" + std::string(more);
}

std::string scheduled(std::string_view more) {
    return "To=%2B819012345678&MessagingServiceSid=" + std::string(pool_sid) + "&Body=x&" +
           std::string(more);
}

TEST_F(twilio_doors, is_closed_by_default) {
    settings.twilio = false;
    EXPECT_FALSE(at.takes({"POST", messages(), 11, {}, {}, peer}));
    settings.twilio = true;
    EXPECT_FALSE(at.takes({"POST", "/v1/messages", 11, {}, {}, peer}));
}

TEST_F(twilio_doors, a_message) {
    const auto response = post(good);
    EXPECT_EQ(response.status, 201u);
    EXPECT_EQ(response.content_type, json_type);
    EXPECT_TRUE(response.is_identified);
    const auto body = json_of(response);
    EXPECT_EQ(text_in(body, "sid"), sid_of(message_id{1000}));
    EXPECT_EQ(text_in(body, "account_sid"), account_sid);
    EXPECT_EQ(body.at("status"), "queued");
    EXPECT_EQ(body.at("from"), "Shop");
    EXPECT_EQ(body.at("to"), "+819012345678");
    EXPECT_EQ(body.at("body"), "Hello 世界");
    EXPECT_EQ(body.at("direction"), "outbound-api");
    EXPECT_EQ(body.at("num_segments"), "1");
    EXPECT_EQ(body.at("num_media"), "0");
    EXPECT_EQ(body.at("api_version"), "2010-04-01");
    EXPECT_EQ(body.at("date_created"), "Fri, 15 Jan 2027 08:00:00 +0000");
    EXPECT_EQ(text_in(body, "uri"), message(sid_of(message_id{1000})));
    for (const auto* name : {"price", "price_unit", "error_code", "error_message", "date_sent",
                             "messaging_service_sid"})
        EXPECT_TRUE(body.at(name).is_null()) << name;
    EXPECT_EQ(last().text, "Hello 世界");
    EXPECT_EQ(last().origin, Origin::http);
    EXPECT_EQ(last().registered_delivery, smpp::registered_delivery::final);
    EXPECT_TRUE(last().callback.url.empty());
}

TEST_F(twilio_doors, what_the_parameters_do) {
    post(
        with("StatusCallback=https%3A%2F%2Fapp.example%2Fs%3Fa%3D1&ValidityPeriod=60&"
             "SmartEncoded=true&ShortenUrls=True"));
    EXPECT_EQ(last().callback.url, "https://app.example/s?a=1");
    EXPECT_EQ(last().callback.form, CallbackForm::twilio);
    EXPECT_EQ(last().callback.method, CallbackMethod::post);
    EXPECT_EQ(last().callback.mask, 27);
    EXPECT_EQ(last().expires_ms, now.wall_ms + 60'000);
    EXPECT_EQ(last().transliterate, smpp::text::transliteration::punctuation);
    EXPECT_EQ(last().track_links, true);
    post(with("SmartEncoded=false&ShortenUrls=false&StatusCallback=&ValidityPeriod="));
    EXPECT_EQ(last().transliterate, smpp::text::transliteration::off);
    EXPECT_EQ(last().track_links, false);
    EXPECT_FALSE(last().expires_ms);
    const auto harmless = post(
        with("MaxPrice=0.1&ProvideFeedback=true&Attempt=2&ForceDelivery=true&RiskCheck=disable&"
             "TrafficType=free&ContentRetention=retain&AddressRetention=retain&SendAsMms=false"));
    EXPECT_EQ(harmless.status, 201u);
}

TEST_F(twilio_doors, a_pool_of_senders) {
    const auto body =
        json_of(post("To=%2B819012345678&Body=x&MessagingServiceSid=" + std::string(pool_sid)));
    EXPECT_EQ(text_in(body, "messaging_service_sid"), pool_sid);
    EXPECT_EQ(body.at("status"), "accepted");
    EXPECT_EQ(last().tag, pool_sid);
    const auto chosen = last().source.digits;
    EXPECT_TRUE(chosen == "11111" || chosen == "22222") << chosen;
    std::set<std::string> used;
    for (int i = 0; i < 40; ++i) {
        const auto to = "To=%2B8190123456" + std::to_string(10 + i);
        for (int again = 0; again < 2; ++again) {
            post(to + "&Body=x&From=" + std::string(pool_sid));
            used.insert(to + last().source.digits);
        }
    }
    EXPECT_EQ(used.size(), 40u) << "a number has the same sender each time";
    post(scheduled("From=333777"));
    EXPECT_EQ(last().source.digits, "333777");
    post(scheduled("From=333-888"));
    EXPECT_EQ(last().source.digits, "333888") << "compared as it is sent";
    EXPECT_EQ(code_of(post(scheduled("From=44444"))), "400 21606");
    post("To=%2B819012345678&Body=x&From=" + std::string(open_pool_sid));
    EXPECT_TRUE(last().source.digits == "Shop" || last().source.digits == "12345");
    gateway.account.senders = {"8190*"};
    EXPECT_EQ(code_of(post("To=%2B819012345678&Body=x&From=" + std::string(open_pool_sid))),
              "400 21703");
}

TEST_F(twilio_doors, a_scheduled_message) {
    const auto body =
        json_of(post(scheduled("ScheduleType=fixed&SendAt=2027-01-15T09:00:00Z&ValidityPeriod=5")));
    EXPECT_EQ(body.at("status"), "scheduled");
    EXPECT_EQ(last().send_at_ms, now.wall_ms + 3'600'000);
    EXPECT_EQ(last().expires_ms, now.wall_ms + 3'605'000);
}

TEST_F(twilio_doors, numbers_of_faults) {
    const std::string long_body(1601, 'x');
    const std::string just_fits = "Body=" + std::string(1600, 'x');
    const std::pair<std::string, std::string> rows[] = {
        {"From=Shop&Body=x", "400 21604"},
        {"To=&From=Shop&Body=x", "400 21604"},
        {"To=whatsapp%3A%2B819012345678&From=Shop&Body=x", "400 21211"},
        {"To=090-1234-5678&From=Shop&Body=x", "400 21211"},
        {"To=%2B819012345678&Body=x", "400 21603"},
        {"To=%2B819012345678&From=a%5Eb&Body=x", "400 21212"},
        {"To=%2B819012345678&From=wa%3AShop&Body=x", "400 21212"},
        {"To=%2B819012345678&From=Shop", "400 21602"},
        {"To=%2B819012345678&From=Shop&Body=" + long_body, "400 21617"},
        {"To=%2B819012345678&From=Shop&Body=%FF", "400 20001"},
        {with("To=%2B819012345679"), "400 20001"},
        {with("Body=x"), "400 20001"},
        {with("MediaUrl=https%3A%2F%2Fx.example%2Fa.png"), "400 20001"},
        {with("ContentSid=HX00000000000000000000000000000001"), "400 20001"},
        {with("ApplicationSid=AP1"), "400 20001"},
        {with("PersistentAction=geo"), "400 20001"},
        {with("SendAsMms=true"), "400 20001"},
        {with("ContentRetention=discard"), "400 20001"},
        {with("AddressRetention=obfuscate"), "400 20001"},
        {with("ShortenUrls=maybe"), "400 20001"},
        {with("SmartEncoded=1"), "400 20001"},
        {with("StatusCallback=ftp%3A%2F%2Fx"), "400 21609"},
        {with("StatusCallback=https%3A%2F%2Fu%3Ap%40x.example%2F"), "400 21609"},
        {with("StatusCallback=https%3A%2F%2Fx.example%2Fa+b"), "400 21609"},
        {with("StatusCallback=https%3A%2F%2Fx.example%2F" + std::string(4000, 'a')), "400 21609"},
        {with("StatusCallback=https%3A%2F%2Fx.example%3A65536%2F"), "400 21609"},
        {with("ValidityPeriod=0"), "400 21624"},
        {with("ValidityPeriod=36001"), "400 21624"},
        {with("ValidityPeriod=1.5"), "400 21624"},
        {with("MessagingServiceSid=MG1"), "400 21705"},
        {with("MessagingServiceSid=MG000000000000000000000000000000ff"), "404 21701"},
        {with("ScheduleType=fixed&SendAt=2027-01-15T09:00:00Z"), "400 35118"},
        {scheduled("ScheduleType=fixed"), "400 35111"},
        {scheduled("ScheduleType=daily&SendAt=2027-01-15T09:00:00Z"), "400 35126"},
        {scheduled("SendAt=2027-01-15T09:00:00Z"), "400 35126"},
        {scheduled("ScheduleType=fixed&SendAt=2027-01-15T08:04:59Z"), "400 35114"},
        {scheduled("ScheduleType=fixed&SendAt=2027-02-19T08:00:01Z"), "400 35114"},
        {scheduled("ScheduleType=fixed&SendAt=tomorrow"), "400 35114"},
    };
    for (const auto& [body, expected] : rows)
        EXPECT_EQ(code_of(post(body)), expected) << body.substr(0, 120);
    EXPECT_TRUE(gateway.submitted.empty());
    EXPECT_EQ(post("To=%2B819012345678&From=Shop&" + just_fits).status, 201u);
}

TEST_F(twilio_doors, numbers_of_refusals) {
    const std::pair<refusal, std::string> rows[] = {
        {refusal::source_invalid, "400 21212"},
        {refusal::source_not_allowed, "400 21606"},
        {refusal::destination_invalid, "400 21211"},
        {refusal::text_too_long, "400 21617"},
        {refusal::text_invalid, "400 20001"},
        {refusal::link_invalid, "400 20001"},
        {refusal::validity_invalid, "400 21624"},
        {refusal::schedule_invalid, "400 35114"},
        {refusal::no_route, "400 21408"},
        {refusal::tlv_missing, "400 21612"},
        {refusal::source_unwritable, "400 21612"},
        {refusal::destination_unwritable, "400 21612"},
        {refusal::rate_exceeded, "429 20429"},
        {refusal::queue_full, "429 30001"},
        {refusal::store_busy, "503 20503"},
        {refusal::store_failing, "503 20503"},
        {refusal::shutting_down, "503 20503"},
    };
    for (const auto& [why, expected] : rows) {
        submit_result result;
        result.why = why;
        result.detail = why == refusal::rate_exceeded ? 2500 : 0;
        gateway.next_results = {result};
        const auto response = post(good);
        EXPECT_EQ(code_of(response), expected) << code_of(response);
        const auto wait = std::ranges::find(response.headers, "Retry-After",
                                            &std::pair<std::string_view, std::string>::first);
        if (why == refusal::rate_exceeded) {
            ASSERT_NE(wait, response.headers.end());
            EXPECT_EQ(wait->second, "3");
        }
    }
    EXPECT_EQ(code_of(send("POST", messages(), good, refusal::store_failing)), "503 20503");
}

TEST_F(twilio_doors, who_may) {
    const std::pair<std::string, std::string> rows[] = {
        {"", "401 20003"},
        {"Bearer x", "401 20003"},
        {"Basic !", "401 20003"},
        {basic(account_sid, "wrong"), "401 20003"},
        {basic(account_sid, ""), "401 20003"},
        {basic(key_sid, "token"), "401 20003"},
        {basic("AC00000000000000000000000000000000", "token"), "401 20003"},
    };
    for (const auto& [given, expected] : rows) {
        authorization = given;
        const auto response = send("GET", messages());
        EXPECT_EQ(code_of(response), expected) << given;
        EXPECT_FALSE(response.is_identified);
    }
    EXPECT_EQ(at.counters().unauthorized, 4u) << "those that show credentials";
    authorization = basic(key_sid, "secret");
    EXPECT_EQ(send("GET", messages()).status, 200u);
    EXPECT_EQ(code_of(send("GET",
                           "/2010-04-01/Accounts/AC00000000000000000000000000000000"
                           "/Messages.json")),
              "404 20404");
    gateway.account.networks.push_back({{10}, false, 8});
    EXPECT_EQ(code_of(send("GET", messages())), "401 20003");
}

TEST_F(twilio_doors, the_header_alone_decides) {
    const auto look = [this](std::string_view method, std::string_view target) {
        const http_header all[] = {{"Authorization", authorization}};
        return at.look_at_head({method, target, 11, all, {}, peer}, now);
    };
    const auto known = look("POST", messages());
    EXPECT_FALSE(known.refusal);
    EXPECT_EQ(known.account, fake_service::the_account);
    EXPECT_EQ(look("DELETE", messages()).refusal->status, 405u);
    authorization = basic(account_sid, "wrong");
    EXPECT_EQ(look("POST", messages()).refusal->status, 401u);
}

TEST_F(twilio_doors, guesses_are_counted) {
    authorization = basic(account_sid, "wrong");
    for (std::uint32_t i = 0; i < guess_limiter::pair_failures_max; ++i)
        EXPECT_EQ(code_of(send("GET", messages())), "401 20003");
    authorization = basic(account_sid, "token");
    EXPECT_EQ(code_of(send("GET", messages())), "401 20003");
    EXPECT_EQ(at.counters().locked_out, 1u);
    now.steady += std::chrono::minutes(1);
    EXPECT_EQ(send("GET", messages()).status, 200u);
}

TEST_F(twilio_doors, other_resources_and_methods) {
    EXPECT_EQ(code_of(send("GET", "/2010-04-01/Accounts.json")), "404 20404");
    EXPECT_EQ(
        code_of(send("GET", "/2010-04-01/Accounts/" + std::string(account_sid) + "/Calls.json")),
        "404 20404");
    const auto removed = send("DELETE", message(sid_of(message_id{7})));
    EXPECT_EQ(code_of(removed), "405 20004");
    EXPECT_EQ(removed.headers.back().second, "POST, GET");
    const auto response = begin("POST", messages(), "{}", "application/json");
    ASSERT_TRUE(response);
    EXPECT_EQ(code_of(*response), "400 20001");
    EXPECT_THAT(response->body, HasSubstr("x-www-form-urlencoded"));
}

TEST_F(twilio_doors, idempotency_keys) {
    headers = {{"Idempotency-Key", "k1"}};
    const auto first = post(good);
    const auto again = post(good);
    EXPECT_EQ(again.status, 201u);
    EXPECT_EQ(again.body, first.body);
    EXPECT_EQ(gateway.submitted.size(), 1u);
    EXPECT_EQ(code_of(post(with("ValidityPeriod=9"))), "422 20001");
    headers = {{"Idempotency-Key", "k2"}};
    EXPECT_FALSE(begin("POST", messages(), good));
    gateway.replies["k2"].complete = false;
    EXPECT_EQ(code_of(post(good)), "409 20001");
    headers = {{"Idempotency-Key", "k3"}};
    EXPECT_EQ(code_of(post("To=1")), "400 21211");
    EXPECT_FALSE(gateway.replies.contains("k3")) << "a refused request leaves the key free";
    EXPECT_EQ(code_of(send("POST", messages(), good, refusal::store_failing)), "503 20503");
    EXPECT_FALSE(gateway.replies.contains("k3"));
    headers = {{"Idempotency-Key", "\xFF"}};
    EXPECT_EQ(code_of(post(good)), "400 20001");
}

TEST_F(twilio_doors, a_message_is_canceled) {
    auto& known = gateway.messages[7];
    known.id = message_id{7};
    known.state = State::queued;
    const auto target = message(sid_of(known.id));
    EXPECT_FALSE(begin("POST", target, "Status=canceled"));
    known.state = State::deleted;
    const reply_ticket ticket{session_id{session}, 0};
    EXPECT_TRUE(at.waits(ticket.session));
    const auto done = at.cancellation_settled(ticket, known.id, now);
    ASSERT_TRUE(done);
    EXPECT_EQ(done->status, 200u);
    EXPECT_EQ(json_of(*done).at("status"), "canceled");
    EXPECT_TRUE(json_of(*done).at("error_code").is_null());
    gateway.cancel_answer = refusal::not_cancellable;
    EXPECT_EQ(code_of(send("POST", target, "Status=canceled")), "409 30409");
    for (const auto* body : {"Body=", "Status=sent", "Status=canceled&Body=", "Other=1"})
        EXPECT_EQ(code_of(send("POST", target, body)), "400 30400") << body;
    EXPECT_EQ(code_of(send("POST", message(sid_of(message_id{8})), "Status=canceled")),
              "404 20404");
}

TEST(twilio_errors, are_those_of_the_page) {
    std::ifstream in{HIKYAKU_SOURCE_DIR "/docs/twilio.md"};
    ASSERT_TRUE(in);
    std::vector<std::string> lines;
    bool inside = false;
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("| code | status |")) inside = true;
        if (line.empty()) inside = false;
        if (inside) lines.push_back(line);
    }
    ASSERT_EQ(lines.size(), error_rows().size() + 2);
    for (std::size_t i = 0; i < error_rows().size(); ++i) {
        const auto& row = error_rows()[i];
        EXPECT_EQ(lines[i + 2], fmt::format("| {} | {} | {} |", row.code, row.status, row.when));
    }
}

TEST_F(twilio_doors, sids) {
    EXPECT_EQ(sid_of(message_id{0xABCDEF}), "SM00000000000000000000000000abcdef");
    EXPECT_EQ(parse_message_sid("SM00000000000000000000000000ABCDEF"), message_id{0xABCDEF});
    for (const auto* wrong :
         {"", "SM1", "MM00000000000000000000000000abcdef", "SM00000000000000010000000000abcdef",
          "SM00000000000000000000000000000000", "SM0000000000000000ffffffffffffffff",
          "SM0000000000000000000000000000000g"})
        EXPECT_FALSE(parse_message_sid(wrong)) << wrong;
    EXPECT_FALSE(parse_message_sid(incoming_sid_of(7)));
}

}  // namespace
}  // namespace hikyaku::gateway::api::twilio
