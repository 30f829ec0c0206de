// The sendsms door: Kannel's answers to Kannel's requests, credentials, addresses and posts.
// Statuses and texts are those of a running Kannel 1.4.5, but for those marked as ours.
#include <gtest/gtest.h>

#include "tests/unit/gateway/api/sendsms/fixture.hpp"

namespace hikyaku::gateway::api {
namespace {

using smpp::text::encoding_choice;

TEST_F(sendsms, takes_its_path_only_when_it_is_open) {
    const auto takes = [&](std::string_view target) {
        return door.takes({"GET", target, 11, {}, {}, peer});
    };
    EXPECT_TRUE(takes("/cgi-bin/sendsms"));
    EXPECT_TRUE(takes("/cgi-bin/sendsms?to=1"));
    EXPECT_FALSE(takes("/cgi-bin/sendsms/"));
    EXPECT_FALSE(takes("/v1/messages"));
    settings.sendsms = false;
    EXPECT_FALSE(takes("/cgi-bin/sendsms"));
}

TEST_F(sendsms, answers_after_the_commit) {
    EXPECT_FALSE(begin("GET",
                       "/cgi-bin/sendsms?username=tester&password=foobar&from=1234&to="
                       "819012340000+819012340001&text=x"));
    ASSERT_EQ(gateway.submitted.size(), 2U);
    EXPECT_TRUE(door.waits(session_id{1}));
    EXPECT_FALSE(door.submission_settled(gateway.submitted[1].ticket, refusal::none));
    const auto response = door.submission_settled(gateway.submitted[0].ticket, refusal::none);
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 202U);
    EXPECT_EQ(response->body, ok);
    EXPECT_EQ(response->content_type, "text/html");
    EXPECT_EQ(response->headers.size(), 2U);
    EXPECT_FALSE(door.waits(session_id{1}));
    EXPECT_EQ(gateway.submitted[0].message.destination.digits, "819012340000");
    EXPECT_EQ(gateway.submitted[1].message.destination.digits, "819012340001");
}

TEST_F(sendsms, answers_as_kannel_does) {
    const struct {
        std::string_view parameters;
        unsigned status;
        std::string_view text;
    } rows[] = {
        {"text=hello", 400, "Missing receiver number, rejected"},
        {"to=&text=hello", 400, "Empty receiver number not allowed, rejected"},
        {"to=abc&text=x", 400, "Number(s) has/have been denied by white- and/or black-lists."},
        {"to=+&text=x", 400, "Number(s) has/have been denied by white- and/or black-lists."},
        {"to=819012340000", 202, ok},
        {"to=819012340000&text=", 202, ok},
        {"to=%2B819012340000&text=plus", 202, ok},
        {"to=819012340000&text=x&dlr-mask=99", 400, "DLR-Mask field misformed, rejected"},
        {"to=819012340000&text=x&dlr-mask=64", 202, ok},
        {"to=819012340000&text=x&dlr-mask=31", 202, ok},
        {"to=819012340000&text=x&dlr-mask=-1", 202, ok},
        {"to=819012340000&text=x&dlr-mask=abc", 202, ok},
        {"to=819012340000&text=x&dlr-mask=1&dlr-url=notaurl", 400,
         "DLR-URL field misformed, rejected"},
        {"to=819012340000&text=x&dlr-mask=1&dlr-url=ftp://h/x", 400,
         "DLR-URL field misformed, rejected"},
        {"to=819012340000&text=x&dlr-mask=1&dlr-url=http://", 400,
         "DLR-URL field misformed, rejected"},
        {"to=819012340000&text=x&dlr-mask=1&dlr-url=", 202, ok},
        {"to=819012340000&text=x&coding=7", 400, "Coding field misformed, rejected"},
        {"to=819012340000&text=x&coding=abc", 202, ok},
        {"to=819012340000&text=x&coding=", 202, ok},
        {"to=819012340000&text=x&mclass=9", 400, "MClass field misformed, rejected"},
        {"to=819012340000&text=x&mwi=9", 400, "MWI field misformed, rejected"},
        {"to=819012340000&text=x&alt-dcs=9", 400, "Alt-DCS field misformed, rejected"},
        {"to=819012340000&text=x&validity=-5", 400, "Validity field misformed, rejected"},
        {"to=819012340000&text=x&deferred=-5", 400, "Deferred field misformed, rejected"},
        {"to=819012340000&text=x&priority=9", 400, "Priority field misformed, rejected"},
        {"to=819012340000&text=x&priority=-9", 400, "Priority field misformed, rejected"},
        {"to=819012340000&text=x&priority=", 202, ok},
        {"to=819012340000&text=x&pid=999", 400, "PID field misformed, rejected"},
        {"to=819012340000&text=x&rpi=9", 400, "RPI field misformed, rejected"},
        {"to=819012340000&text=x&compress=9", 400, "Compress field misformed, rejected"},
        {"to=819012340000&text=x&charset=nonsense", 400, "Charset or body misformed, rejected"},
        {"to=819012340000&text=x&udh=zz", 400, "UDH field misformed, rejected"},
        {"to=819012340000&text=x&udh=%06", 400, "UDH field misformed, rejected"},
        {"to=819012340000&text=x&udh=%06%05%04%15%81%15%81", 202, ok},
        {"to=819012340000&text=x&udh=%06%05%05%15%81%15%81", 400, "UDH field misformed, rejected"},
        {"to=819012340000&text=x&udh=%05%00%03%01%02%05", 400, "UDH field misformed, rejected"},
        {"to=819012340000&text=x&udh=%05%00%03%01%02%00", 400, "UDH field misformed, rejected"},
        {"to=819012340000&text=x&udh=%05%00%03%01%00%00", 400, "UDH field misformed, rejected"},
        {"to=819012340000&text=x&udh=%06%08%04%01%01%02%03", 400, "UDH field misformed, rejected"},
        {"to=819012340000&text=x&meta-data=nonsense", 202, ok},
        // Ours: nobody compresses the text, so it must not be called compressed.
        {"to=819012340000&text=x&compress=1", 400, "Compress field misformed, rejected"},
    };
    for (const auto& each : rows) {
        const auto response = get(each.parameters);
        EXPECT_EQ(response.status, each.status) << each.parameters;
        EXPECT_EQ(response.body, each.text) << each.parameters;
    }
    const auto account = [&](std::size_t size) {
        return get("to=819012340000&account=" + std::string(size, 'a')).body;
    };
    EXPECT_EQ(account(64), ok);
    EXPECT_EQ(account(65), "Account field misformed or too long, rejected");
}

TEST_F(sendsms, credentials_by_all_their_names) {
    const auto answer = [&](std::string_view query) {
        return ask("GET", std::string("/cgi-bin/sendsms?").append(query)).body;
    };
    EXPECT_EQ(answer("user=tester&pass=foobar&from=1234&to=819012340000&text=x"), ok);
    EXPECT_EQ(answer("username=tester&password=foobar&from=1234&to=819012340000&text=x"), ok);
    EXPECT_EQ(answer("username=tester&username=other&password=foobar&from=1234&to=819012340000"),
              ok);
    const auto before = gateway.submitted.size();
    for (const std::string_view query :
         {"", "username=tester&password=wrong&to=819012340000", "username=tester&to=819012340000",
          "username=nobody&password=foobar&to=819012340000", "password=foobar&to=819012340000"}) {
        const auto response = ask("GET", std::string("/cgi-bin/sendsms?").append(query));
        EXPECT_EQ(response.status, 403U) << query;
        EXPECT_EQ(response.body, "Authorization failed for sendsms") << query;
    }
    EXPECT_EQ(gateway.submitted.size(), before);
}

TEST_F(sendsms, an_empty_password_opens_nothing) {
    gateway.account.sendsms->password.clear();
    EXPECT_EQ(ask("GET", "/cgi-bin/sendsms?username=tester&password=&to=819012340000").status,
              403U);
}

TEST_F(sendsms, a_name_is_locked_out_at_an_address_after_wrong_passwords) {
    for (std::uint32_t i = 0; i < guess_limiter::pair_failures_max; ++i)
        (void)ask("GET", "/cgi-bin/sendsms?username=tester&password=guess");
    EXPECT_EQ(get("to=819012340000").status, 403U) << "not even with the right one";
    EXPECT_EQ(door.counters().locked_out, 1U);
    peer = {{203, 0, 113, 8}};
    EXPECT_EQ(get("to=819012340000").status, 202U) << "the address beside it is not";
    peer = {{203, 0, 113, 7}};
    now.steady += std::chrono::seconds(7);
    EXPECT_EQ(get("to=819012340000").status, 202U);
}

TEST_F(sendsms, only_from_the_accounts_networks) {
    config::network inside;
    inside.bytes = {10};
    inside.prefix_bits = 8;
    gateway.account.networks = {inside};
    EXPECT_EQ(get("to=819012340000").status, 403U);
    peer = {{10, 1, 2, 3}};
    EXPECT_EQ(get("to=819012340000").status, 202U);
}

TEST_F(sendsms, senders) {
    const auto without = [&](std::string_view from) {
        return ask("GET",
                   std::string("/cgi-bin/sendsms?username=tester&password=foobar").append(from) +
                       "&to=819012340000&text=x")
            .body;
    };
    EXPECT_EQ(without(""), "Sender missing and no global set, rejected");
    EXPECT_EQ(without("&from="), "Sender missing and no global set, rejected");
    gateway.account.senders = {"81*", "Shop"};
    EXPECT_EQ(without(""), ok);
    EXPECT_EQ(last().source.digits, "Shop");
    EXPECT_EQ(without("&from=%2B4915112345"), ok);
    EXPECT_EQ(last().source.digits, "4915112345");
    EXPECT_EQ(last().source.ton, 1);
    EXPECT_EQ(without("&from=a+long+alphanumeric+sender"), "Sender misformed, rejected");
}

TEST_F(sendsms, receivers) {
    EXPECT_EQ(get("to=%2B819012340000++00819012340001+abc+08012340002&text=x").body,
              "0: Accepted for delivery Denied receivers are: abc 08012340002");
    ASSERT_EQ(gateway.submitted.size(), 2U);
    EXPECT_EQ(gateway.submitted[0].message.destination.digits, "819012340000");
    EXPECT_EQ(gateway.submitted[1].message.destination.digits, "819012340001");
    settings.batch_max = 2;
    EXPECT_EQ(get("to=819012340000+819012340001+819012340002").body,
              "Too many receivers, rejected");
    EXPECT_EQ(gateway.submitted.size(), 2U);
}

TEST_F(sendsms, denied_receivers_are_shown_as_text_of_a_page) {
    const auto answer = get("to=819012340000+%3Cb%3E%26%00%0A%FF%FE+%E6%94%AF&text=x");
    EXPECT_EQ(
        answer.body,
        "0: Accepted for delivery Denied receivers are: &lt;b&gt;&amp;\xEF\xBF\xBD\xEF\xBF\xBD"
        "\xEF\xBF\xBD\xEF\xBF\xBD \xE6\x94\xAF");
    EXPECT_EQ(answer.content_type, "text/html; charset=utf-8");
    EXPECT_EQ(get("to=819012340000+abc&text=x").content_type, "text/html");
}

TEST_F(sendsms, a_service_type_is_cut_between_characters) {
    EXPECT_EQ(get("to=819012340000&text=x&binfo=abcd%C3%A9").body, ok);
    EXPECT_EQ(last().service_type, "abcd");
    EXPECT_EQ(get("to=819012340000&text=x&binfo=abc%C3%A9x").body, ok);
    EXPECT_EQ(last().service_type, "abc\xC3\xA9");
}

TEST_F(sendsms, numbers_by_the_settings_of_the_account) {
    struct row {
        const char *country, *trunk, *abroad, *to, *digits;  // no digits: denied
    };
    for (const auto& row :
         {row{"", "", "", "0081901234567", "81901234567"}, row{"", "", "", "09012345678", nullptr},
          row{"", "", "", "0001234", nullptr}, row{"81", "0", "00", "0081901234567", "81901234567"},
          row{"81", "0", "00", "09012345678", "819012345678"},
          row{"81", "0", "00", "0001234", "0001234"},
          row{"81", "0", "00", "%2B09012345678", nullptr},
          row{"81", "0", "", "0081901234567", "81901234567"},
          row{"61", "0", "0011", "001181901234567", "81901234567"},
          row{"61", "0", "0011", "0081901234567", nullptr}}) {
        gateway.account.home_country = row.country;
        gateway.account.trunk_prefix = row.trunk;
        gateway.account.international_prefix = row.abroad;
        const auto response = get(std::string("text=x&to=") + row.to);
        EXPECT_EQ(response.status, row.digits == nullptr ? 400U : 202U) << row.to;
        if (row.digits != nullptr) EXPECT_EQ(last().destination.digits, row.digits);
    }
}

TEST_F(sendsms, refusals_of_the_engine) {
    const struct {
        refusal why;
        unsigned status;
        std::string_view text;
    } rows[] = {
        {refusal::no_route, 403, "Not routable. Do not try again."},
        {refusal::tlv_missing, 403, "Not routable. Do not try again."},
        {refusal::source_unwritable, 403, "Not routable. Do not try again."},
        {refusal::destination_unwritable, 403, "Not routable. Do not try again."},
        {refusal::rate_exceeded, 503, "Temporal failure, try again later."},
        {refusal::queue_full, 503, "Temporal failure, try again later."},
        {refusal::store_failing, 503, "Temporal failure, try again later."},
        {refusal::shutting_down, 503, "Temporal failure, try again later."},
        {refusal::source_not_allowed, 400, "Sender not allowed, rejected"},
        {refusal::text_too_long, 400, "Message too long, rejected"},
        {refusal::validity_invalid, 400, "Validity field misformed, rejected"},
        {refusal::esm_class_invalid, 400, "UDH field misformed, rejected"},
        {refusal::text_invalid, 400, "Charset or body misformed, rejected"},
    };
    for (const auto& each : rows) {
        gateway.next_results = {{.why = each.why}};
        const auto response = get("to=819012340000&text=x");
        EXPECT_EQ(response.status, each.status) << static_cast<int>(each.why);
        EXPECT_EQ(response.body, each.text) << static_cast<int>(each.why);
    }
    gateway.next_results = {{.why = refusal::rate_exceeded}};
    EXPECT_EQ(get("to=819012340000+819012340001").body,
              "0: Accepted for delivery Failed receivers are: 819012340000");
    EXPECT_EQ(ask("GET", std::string("/cgi-bin/sendsms?").append(credentials) + "&to=819012340000",
                  {}, {}, refusal::store_failing)
                  .body,
              "Temporal failure, try again later.");
}

TEST_F(sendsms, queued_when_no_carrier_is_there) {
    gateway.carrier_up = false;
    const auto response = get("to=819012340000&text=x");
    EXPECT_EQ(response.status, 202U);
    EXPECT_EQ(response.body, "3: Queued for later delivery");
}

TEST_F(sendsms, posts) {
    const http_header from{"X-Kannel-From", "1234"}, to{"X-Kannel-To", "819012340000"};
    const http_header plain{"Content-Type", "text/plain"};
    EXPECT_EQ(post({plain, from, to}, "body text").body, ok);
    EXPECT_EQ(*last().text, "body text");
    EXPECT_EQ(
        post({{"Content-Type", "text/plain; charset=\"iso-8859-1\""}, from, to}, "caf\xE9").body,
        ok);
    EXPECT_EQ(*last().text, "caf\u00E9");
    EXPECT_EQ(post({plain, from, to, {"X-Kannel-Coding", "2"}}, "0B").body, ok);
    EXPECT_EQ(*last().text, "0B") << "UTF-8 unless the content type says otherwise";
    EXPECT_EQ(last().encoding, encoding_choice::ucs2);
    EXPECT_EQ(post({{"Content-Type", "application/octet-stream"},
                    from,
                    to,
                    {"x-kannel-udh", "06050415811581"}},
                   "\x01\x02")
                  .body,
              ok);
    EXPECT_TRUE(last().binary);
    EXPECT_EQ(last().octets, "\x06\x05\x04\x15\x81\x15\x81\x01\x02");
    EXPECT_EQ(post({from, to}, "x").body, ok) << "octets without a content type";
    EXPECT_TRUE(last().binary);
    EXPECT_EQ(post({plain,
                    from,
                    {"X-Kannel-To", "819012340000 819012340001"},
                    {"X-Kannel-DLR-Mask", "8"},
                    {"X-Kannel-DLR-Url", "http://a/?%d"},
                    {"X-Kannel-Validity", "10"},
                    {"X-Kannel-Deferred", "5"},
                    {"X-Kannel-MClass", "1"},
                    {"X-Kannel-Priority", "1"},
                    {"X-Kannel-PID", "3"},
                    {"X-Kannel-Account", "a"},
                    {"X-Kannel-BInfo", "bb"},
                    {"X-Kannel-SMSC", "s"}},
                   "hdr")
                  .body,
              ok);
    EXPECT_EQ(last().destination.digits, "819012340001");
    EXPECT_EQ(last().callback.mask, 8);
    EXPECT_EQ(last().callback.url, "http://a/?%d");
    EXPECT_EQ(last().expires_ms, now.wall_ms + 600'000);
    EXPECT_EQ(last().send_at_ms, now.wall_ms + 300'000);
    EXPECT_EQ(last().message_class, 1);
    EXPECT_EQ(last().priority, 1);
    EXPECT_EQ(last().protocol_id, 3);
    EXPECT_EQ(last().reference, "a");
    EXPECT_EQ(last().service_type, "bb");
    EXPECT_EQ(last().tag, "s");
}

TEST_F(sendsms, posts_that_are_refused) {
    const http_header from{"X-Kannel-From", "1234"}, to{"X-Kannel-To", "819012340000"};
    const auto check = [&](std::vector<http_header> headers, unsigned status,
                           std::string_view text) {
        const auto response = post(std::move(headers), "x");
        EXPECT_EQ(response.status, status) << text;
        EXPECT_EQ(response.body, text);
    };
    check({{"Content-Type", "text/plain"}, from}, 400, "Missing receiver(s) number(s), rejected");
    check({{"Content-Type", "text/plain"}, from, {"X-Kannel-To", ""}}, 400,
          "Missing receiver(s) number(s), rejected");
    check({{"Content-Type", "text/plain"}, from, to, {"X-Kannel-UDH", "0605"}}, 400,
          "UDH field misformed, rejected");
    check({{"Content-Type", "text/plain"}, from, to, {"X-Kannel-UDH", "zz"}}, 400,
          "UDH field misformed, rejected");
    check({{"Content-Type", "application/x-www-form-urlencoded"}, from, to}, 400,
          "Invalid content-type");
    check({{"Content-Type", "application/json"}, from, to}, 400, "Invalid content-type");
    check({{"Content-Type", "text/html"}, from, to}, 415, "Unsupported content-type, rejected");
    // Ours: Kannel has an experimental XML form.
    check({{"Content-Type", "text/xml"}, from, to}, 415, "Unsupported content-type, rejected");
    const auto wrong = ask("POST", "/cgi-bin/sendsms",
                           {{"Content-Type", "text/plain"},
                            {"X-Kannel-Username", "tester"},
                            {"X-Kannel-Password", "bad"}},
                           "x");
    EXPECT_EQ(wrong.status, 403U);
    const auto query = ask(
        "POST", std::string("/cgi-bin/sendsms?").append(credentials) + "&to=819012340000&text=x");
    EXPECT_EQ(query.status, 403U) << "a POST is described by its headers only";
    for (const std::string_view method : {"PUT", "DELETE", "HEAD"}) {
        const auto other = ask(method, std::string("/cgi-bin/sendsms?").append(credentials) +
                                           "&to=819012340000&text=x");
        EXPECT_EQ(other.status, 400U) << method;
        EXPECT_EQ(other.body, "") << method;
    }
    EXPECT_TRUE(gateway.submitted.empty());
}

}  // namespace
}  // namespace hikyaku::gateway::api
