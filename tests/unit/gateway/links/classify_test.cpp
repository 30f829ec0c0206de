// Classes of hits: a corpus of requests as browsers, previews and programs send them, and each
// signal by itself.
#include "gateway/links/classify.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "gateway/links/agents.hpp"

namespace hikyaku::gateway::links {
namespace {

using std::chrono::milliseconds;
using enum hit_class;
using enum hit_reason;

constexpr std::string_view iphone =
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/17.5 Mobile/15E148 Safari/604.1";
constexpr std::string_view android =
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/126.0.0.0 Mobile Safari/537.36";
constexpr std::string_view windows =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/126.0.0.0 Safari/537.36";

enum class headers : std::uint8_t { browser, bare, none };

/// A GET with the headers of a browser that opens a page, with "Accept: */*" only, or with none.
request_facts request(std::string_view user_agent, headers sent = headers::browser) {
    request_facts facts;
    facts.method = "GET";
    facts.user_agent = user_agent;
    if (sent == headers::bare) facts.accept = "*/*";
    if (sent == headers::browser) {
        facts.accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        facts.accept_language = "ja-JP,ja;q=0.9";
        facts.sec_fetch_mode = "navigate";
        facts.sec_fetch_dest = "document";
    }
    return facts;
}

struct corpus_row {
    std::string_view user_agent;
    headers sent;
    hit_class expected;
    hit_reason reason;  // one that has to be among them
};

void expect_rows(const std::vector<corpus_row>& rows) {
    for (const corpus_row& row : rows) {
        const hit_verdict verdict = classify(request(row.user_agent, row.sent));
        EXPECT_EQ(to_string(verdict.kind), to_string(row.expected)) << row.user_agent;
        EXPECT_TRUE(verdict.has(row.reason)) << row.user_agent;
    }
}

TEST(classify, corpus_of_people) {
    expect_rows({
        {iphone, headers::browser, human_likely, mobile_browser},
        {android, headers::browser, human_likely, mobile_browser},
        {windows, headers::browser, human_likely, desktop_browser},
        {"Mozilla/5.0 (Linux; Android 14; SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) "
         "SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36",
         headers::browser, human_likely, mobile_browser},
        {"Mozilla/5.0 (Android 14; Mobile; rv:127.0) Gecko/127.0 Firefox/127.0", headers::browser,
         human_likely, mobile_browser},
        {"Mozilla/5.0 (iPhone; CPU iPhone OS 16_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
         "Gecko) CriOS/126.0.6478.35 Mobile/15E148 Safari/604.1",
         headers::browser, human_likely, mobile_browser},
        {"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
         "Gecko) Mobile/15E148 Safari Line/14.9.0",
         headers::browser, human_likely, mobile_browser},
        {"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
         "Gecko) Mobile/15E148 [FBAN/FBIOS;FBAV/468.0.0.38.108;FBDV/iPhone14,5;FBLC/ja_JP]",
         headers::browser, human_likely, mobile_browser},
        {"Mozilla/5.0 (Linux; Android 13; Pixel 7 Build/TQ3A; wv) AppleWebKit/537.36 (KHTML, like "
         "Gecko) Version/4.0 Chrome/125.0.0.0 Mobile Safari/537.36 Telegram-Android/10.14.5",
         headers::browser, human_likely, mobile_browser},
        {"Mozilla/5.0 (Linux; Android 11; CUBOT NOTE 20) AppleWebKit/537.36 (KHTML, like Gecko) "
         "Chrome/120.0.0.0 Mobile Safari/537.36",
         headers::browser, human_likely, mobile_browser},
        {"Mozilla/5.0 (Linux; Android 8.1.0; 902KC) AppleWebKit/537.36 (KHTML, like Gecko) "
         "Version/4.0 Chrome/69.0.3497.100 Mobile Safari/537.36",
         headers::browser, human_likely, mobile_browser},
        {"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
         "Version/17.5 Safari/605.1.15",  // an iPad, too
         headers::browser, human_likely, desktop_browser},
        {"DoCoMo/2.0 F905i(c100;TB;W24H17)", headers::none, human_likely, feature_phone_browser},
        {"KDDI-CA39 UP.Browser/6.2.0.13.1.5 (GUI) MMP/2.0", headers::bare, human_likely,
         feature_phone_browser},
        {"SoftBank/1.0/930SH/SHJ001/SN Browser/NetFront/3.4 Profile/MIDP-2.0", headers::bare,
         human_likely, feature_phone_browser},
        {"Mozilla/3.0(WILLCOM;KYOCERA/WX310K/2;1.2.2.16.000000/0.1/C100) Opera 7.0", headers::bare,
         human_likely, feature_phone_browser},
        {"Mozilla/5.0 (Mobile; Nokia_8110_4G; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5.1",
         headers::browser, human_likely, feature_phone_browser},
    });
}

TEST(classify, corpus_of_previews) {
    expect_rows({
        // iMessage, from the user's own address
        {"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) "
         "Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0",
         headers::browser, preview, preview_agent},
        {"facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)", headers::bare,
         preview, preview_agent},
        {"facebookexternalhit/1.1;line-poker/1.0", headers::bare, preview, preview_agent},
        {"facebookexternalhit/1.1; kakaotalk-scrap/1.0; +https://devtalk.kakao.com/", headers::none,
         preview, preview_agent},
        {"WhatsApp/2.23.20.0 A", headers::bare, preview, preview_agent},
        {"Twitterbot/1.0", headers::bare, preview, preview_agent},
        {"Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", headers::bare, preview,
         preview_agent},
        {"Slack-ImgProxy (+https://api.slack.com/robots)", headers::bare, preview, preview_agent},
        {"TelegramBot (like TwitterBot)", headers::bare, preview, preview_agent},
        {"Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)", headers::bare,
         preview, preview_agent},
        {"LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
         headers::bare, preview, preview_agent},
        {"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_5) AppleWebKit/605.1.15 (KHTML, like Gecko) "
         "Version/13.1.1 Safari/605.1.15 (Applebot/0.1; +http://www.apple.com/go/applebot)",
         headers::browser, preview, preview_agent},
        {"Mozilla/5.0 (Linux; Android 7.0; SM-G930V Build/NRD90M) AppleWebKit/537.36 (KHTML, like "
         "Gecko) Chrome/59.0.3071.125 Mobile Safari/537.36 (compatible; Google-Read-Aloud; "
         "+https://developers.google.com/search/docs/advanced/crawling/overview)",
         headers::browser, preview, preview_agent},
        {"Google (+https://developers.google.com/+/web/snippet/)", headers::bare, preview,
         preview_agent},
        {"Mozilla/5.0 (Linux; Android 7.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/59.0 "
         "Mobile Safari/537.36 (compatible; Google-PageRenderer)",
         headers::browser, preview, preview_agent},
        {"GoogleMessages/1.0", headers::bare, preview, preview_agent},
        {"Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5", headers::bare, preview,
         preview_agent},
    });
}

TEST(classify, corpus_of_programs) {
    expect_rows({
        {"curl/7.88.1", headers::bare, scanner, automation_agent},
        {"Wget/1.21.3", headers::bare, scanner, automation_agent},
        {"python-requests/2.31.0", headers::bare, scanner, automation_agent},
        {"Python/3.11 aiohttp/3.9.1", headers::bare, scanner, automation_agent},
        {"Go-http-client/1.1", headers::none, scanner, automation_agent},
        {"Java/17.0.2", headers::bare, scanner, automation_agent},
        {"axios/1.6.2", headers::bare, scanner, automation_agent},
        {"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
         "HeadlessChrome/126.0.0.0 Safari/537.36",
         headers::browser, scanner, automation_agent},
        {"okhttp/4.12.0", headers::none, scanner, app_agent},
        {"okhttp/4.12.0", headers::browser, unknown, app_agent},
        {"Dalvik/2.1.0 (Linux; U; Android 13; Pixel 7 Build/TQ3A)", headers::none, scanner,
         app_agent},
        {"MobileSMS/1.0 CFNetwork/1496.0.7 Darwin/23.5.0", headers::browser, unknown, app_agent},
        {"Mozilla/5.0 (Proofpoint URL Defense)", headers::browser, scanner, scanner_agent},
        {"Mimecast-URL-Protect/1.0", headers::bare, scanner, scanner_agent},
        {"BarracudaCentral/1.0", headers::bare, scanner, scanner_agent},
        {"Expanse, a Palo Alto Networks company, searches across the global IPv4 space",
         headers::bare, scanner, scanner_agent},
        {"Mozilla/5.0 (compatible; CensysInspect/1.1; +https://about.censys.io/)", headers::bare,
         scanner, scanner_agent},
        {"Mozilla/5.0 zgrab/0.x", headers::bare, scanner, scanner_agent},
        {"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
         headers::browser, scanner, crawler_agent},
        {"Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, "
         "like Gecko) Chrome/126.0 Mobile Safari/537.36 (compatible; Googlebot/2.1)",
         headers::browser, scanner, crawler_agent},
        {"DoCoMo/2.0 N905i(c100;TB;W24H16) (compatible; Googlebot-Mobile/2.1)", headers::browser,
         scanner, crawler_agent},
        {"Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)", headers::bare,
         scanner, crawler_agent},
        {"Baiduspider/2.0", headers::bare, scanner, crawler_agent},
        {"", headers::browser, scanner, empty_agent},
        {"-", headers::browser, scanner, empty_agent},
    });
}

TEST(classify, corpus_of_strangers) {
    expect_rows({
        {"SomethingNew/1.0", headers::bare, unknown, no_accept_language},
        {"SomethingNew/1.0", headers::none, scanner, no_accept},
        {"Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1)", headers::bare, unknown,
         no_accept_language},
        {"Mozilla/5.0", headers::bare, unknown, no_accept_language},
    });
}

TEST(classify, a_stranger_with_good_headers_gives_no_reasons) {
    EXPECT_EQ(classify(request("SomethingNew/1.0")), (hit_verdict{unknown, 0}));
}

TEST(classify, prefetch_headers) {
    struct row {
        std::string_view name;
        std::string_view value;
        hit_class expected;
    };
    const row rows[] = {
        {"Sec-Purpose", "prefetch", prefetch},
        {"sec-purpose", "prefetch;prerender", prefetch},
        {"SEC-PURPOSE", "Prefetch;anonymous-client-ip", prefetch},
        {"Purpose", "prefetch", prefetch},
        {"X-Moz", "prefetch", prefetch},
        {"X-Purpose", "preview", preview},
        {"Purpose", "preview", preview},
        {"Sec-Purpose", "other", human_likely},
    };
    for (const row& r : rows) {
        request_facts facts = request(android);
        EXPECT_TRUE(add_header(facts, r.name, r.value));
        EXPECT_EQ(classify(facts).kind, r.expected) << r.name << ": " << r.value;
    }
}

TEST(classify, methods) {
    struct row {
        std::string_view method;
        std::string_view user_agent;
        hit_class expected;
        hit_reason reason;
    };
    const row rows[] = {
        {"HEAD", iphone, scanner, head_method},
        {"HEAD", "DoCoMo/2.0 F905i(c100;TB;W24H17)", scanner, head_method},
        {"HEAD", "Twitterbot/1.0", preview, head_method},
        {"OPTIONS", iphone, scanner, other_method},
        {"POST", iphone, scanner, other_method},
        {"", iphone, scanner, other_method},
    };
    for (const row& r : rows) {
        request_facts facts = request(r.user_agent);
        facts.method = r.method;
        const hit_verdict verdict = classify(facts);
        EXPECT_EQ(verdict.kind, r.expected) << r.method;
        EXPECT_TRUE(verdict.has(r.reason)) << r.method;
        EXPECT_NE(verdict.has(head_method), verdict.has(other_method));
    }
}

TEST(classify, too_soon_is_a_boundary) {
    struct row {
        std::optional<milliseconds> since_sent;
        hit_class expected;
    };
    const row rows[] = {
        {std::nullopt, human_likely},  {milliseconds(2000), human_likely},
        {milliseconds(1999), scanner}, {milliseconds(0), scanner},
        {milliseconds(-500), scanner}, {milliseconds(86400000), human_likely},
    };
    for (const row& r : rows) {
        request_facts facts = request(iphone);
        facts.since_sent = r.since_sent;
        const hit_verdict verdict = classify(facts);
        EXPECT_EQ(verdict.kind, r.expected);
        EXPECT_EQ(verdict.has(too_soon), r.expected == scanner);
    }
    request_facts facts = request(iphone);
    facts.since_sent = milliseconds(4000);
    EXPECT_EQ(classify(facts, {.too_soon = milliseconds(5000)}).kind, scanner);
}

TEST(classify, burst_is_a_boundary) {
    struct row {
        std::string_view user_agent;
        std::uint32_t other_codes;
        hit_class expected;
    };
    const row rows[] = {
        {iphone, 9, human_likely},  {iphone, 10, unknown},  {iphone, 16, unknown},
        {windows, 9, human_likely}, {windows, 10, scanner}, {"SomethingNew/1.0", 10, scanner},
    };
    for (const row& r : rows) {
        request_facts facts = request(r.user_agent);
        facts.other_codes = r.other_codes;
        EXPECT_EQ(classify(facts).kind, r.expected) << r.user_agent << r.other_codes;
    }
    request_facts facts = request(windows);
    facts.other_codes = 3;
    EXPECT_EQ(classify(facts, {.burst_codes = 3}).kind, scanner);
}

TEST(classify, odd_headers_of_a_browser) {
    request_facts facts = request(iphone);
    facts.accept_language = {};
    EXPECT_EQ(classify(facts).kind, unknown);
    facts.accept = {};
    EXPECT_EQ(classify(facts).kind, scanner) << "two of them";

    facts = request(iphone);
    facts.http_version = 10;
    EXPECT_EQ(classify(facts).kind, unknown);
    EXPECT_TRUE(classify(facts).has(old_http));
    facts.http_version = 20;
    EXPECT_EQ(classify(facts).kind, human_likely);

    facts = request(android);
    facts.sec_fetch_dest = "empty";
    EXPECT_EQ(classify(facts).kind, unknown);
    EXPECT_TRUE(classify(facts).has(not_navigation));
    facts = request(android);
    facts.sec_fetch_mode = "cors";
    EXPECT_EQ(classify(facts).kind, unknown);
    facts = request(android);
    facts.sec_fetch_mode = facts.sec_fetch_dest = {};
    EXPECT_EQ(classify(facts).kind, human_likely) << "older browsers send none";
}

TEST(classify, every_signal_is_kept_whatever_the_others_say) {
    request_facts facts;
    facts.method = "HEAD";
    facts.http_version = 10;
    facts.user_agent = "curl/8.0";
    facts.sec_purpose = "prefetch";
    facts.purpose = "preview";
    facts.sec_fetch_mode = "no-cors";
    facts.sec_fetch_user = "?1";
    facts.since_sent = milliseconds(1);
    facts.other_codes = 16;
    const hit_verdict verdict = classify(facts);
    EXPECT_EQ(verdict.kind, prefetch);
    const std::vector<std::string_view> expected{
        "head_method",        "prefetch_header", "preview_header", "automation_agent", "no_accept",
        "no_accept_language", "old_http",        "not_navigation", "too_soon",         "burst",
        "user_activation"};
    EXPECT_EQ(reason_names(verdict.reasons), expected);
}

TEST(classify, headers) {
    request_facts facts;
    EXPECT_TRUE(add_header(facts, "User-Agent", "first"));
    EXPECT_TRUE(add_header(facts, "user-agent", "second"));
    EXPECT_EQ(facts.user_agent, "first");
    EXPECT_TRUE(add_header(facts, "ACCEPT", "a"));
    EXPECT_TRUE(add_header(facts, "Accept-Language", "b"));
    EXPECT_TRUE(add_header(facts, "Sec-Fetch-Mode", "c"));
    EXPECT_TRUE(add_header(facts, "Sec-Fetch-Dest", "d"));
    EXPECT_TRUE(add_header(facts, "Sec-Fetch-User", "e"));
    EXPECT_EQ(facts.accept, "a");
    EXPECT_EQ(facts.accept_language, "b");
    EXPECT_EQ(facts.sec_fetch_mode, "c");
    EXPECT_EQ(facts.sec_fetch_dest, "d");
    EXPECT_EQ(facts.sec_fetch_user, "e");
    EXPECT_FALSE(add_header(facts, "Cookie", "x"));
    EXPECT_FALSE(add_header(facts, "Accep", "x"));
    EXPECT_FALSE(add_header(facts, "", "x"));
}

TEST(classify, names_and_stored_values) {
    EXPECT_EQ(static_cast<int>(human_likely), 0);
    EXPECT_EQ(static_cast<int>(preview), 1);
    EXPECT_EQ(static_cast<int>(prefetch), 2);
    EXPECT_EQ(static_cast<int>(scanner), 3);
    EXPECT_EQ(static_cast<int>(unknown), 4);
    const std::vector<std::string_view> names{"human_likely", "preview", "prefetch", "scanner",
                                              "unknown"};
    ASSERT_EQ(names.size(), hit_class_count);
    for (std::size_t i = 0; i < names.size(); ++i)
        EXPECT_EQ(to_string(static_cast<hit_class>(i)), names[i]);
    EXPECT_EQ(to_string(static_cast<hit_class>(200)), "unknown");

    const auto all = reason_names(0xffffffff);
    EXPECT_EQ(all.size(), 20U);
    EXPECT_EQ(std::set<std::string_view>(all.begin(), all.end()).size(), all.size());
    EXPECT_EQ(all.front(), "head_method");
    EXPECT_EQ(all.back(), "user_activation");
    EXPECT_TRUE(reason_names(0).empty());
    for (int bit = 0; bit < 32; ++bit)
        EXPECT_EQ(reason_names(1U << bit).size(), bit < 20 ? 1U : 0U) << bit;
}

TEST(agents, very_long_and_binary_agents) {
    const std::string padded = std::string(1020, 'x') + " curl/8.0";
    EXPECT_EQ(describe_agent(padded), agent_description{}) << "beyond the first 1024 octets";
    EXPECT_EQ(describe_agent(std::string(900, 'x') + " curl/8.0").kind, agent_kind::automation);
    EXPECT_EQ(describe_agent(std::string(100000, '\xff')), agent_description{});
    EXPECT_EQ(describe_agent(std::string("\0curl/8", 7)).kind, agent_kind::automation);
}

TEST(agents, words_that_say_bot) {
    for (const std::string_view agent :
         {"Foobot", "Foobot/1.0", "a FooBot (x)", "robot;", "x-bot-y", "CUBOT and a bot"})
        EXPECT_EQ(describe_agent(agent).kind, agent_kind::crawler) << agent;
    for (const std::string_view agent : {"CUBOT", "CUBOT X18", "bottle/1", "bot_1", "both"})
        EXPECT_EQ(describe_agent(agent).kind, agent_kind::none) << agent;
}

TEST(agent_memory, says_the_same_as_looking_however_many_agents_come) {
    const std::string_view known[] = {
        "curl/8.0", "", "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605",
        "Googlebot/2.1", "WhatsApp/2.23"};
    agent_memory memory;
    for (int round = 0; round < 2; ++round) {
        for (int i = 0; i < 2000; ++i) {
            const auto agent = std::string(known[static_cast<std::size_t>(i) % std::size(known)]) +
                               (i < 5 ? "" : " " + std::to_string(i));
            EXPECT_EQ(memory.describe(agent), describe_agent(agent)) << agent;
        }
    }
    const auto longer = std::string(1024, 'x') + "curl/8.0";
    EXPECT_EQ(memory.describe(longer), describe_agent(longer));
}

}  // namespace
}  // namespace hikyaku::gateway::links
