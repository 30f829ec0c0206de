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
    facts.network_says = 0b111;
    facts.sec_purpose = "prefetch";
    facts.purpose = "preview";
    facts.sec_fetch_mode = "no-cors";
    facts.sec_fetch_user = "?1";
    facts.since_sent = milliseconds(1);
    facts.other_codes = 16;
    const hit_verdict verdict = classify(facts);
    EXPECT_EQ(verdict.kind, prefetch);
    const std::vector<std::string_view> expected{"head_method",     "prefetch_header",
                                                 "preview_header",  "automation_agent",
                                                 "no_accept",       "no_accept_language",
                                                 "old_http",        "not_navigation",
                                                 "too_soon",        "burst",
                                                 "user_activation", "preview_network",
                                                 "scanner_network", "automation_network"};
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
    EXPECT_TRUE(add_header(facts, "From", "robot@example.com"));
    EXPECT_EQ(classify(facts).kind, scanner);
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
    EXPECT_EQ(static_cast<int>(automation), 5);
    const std::vector<std::string_view> names{"human_likely", "preview", "prefetch",
                                              "scanner",      "unknown", "automation"};
    ASSERT_EQ(names.size(), hit_class_count);
    for (std::size_t i = 0; i < names.size(); ++i)
        EXPECT_EQ(to_string(static_cast<hit_class>(i)), names[i]);
    EXPECT_EQ(to_string(static_cast<hit_class>(200)), "unknown");

    const auto all = reason_names(0xffffffff);
    EXPECT_EQ(all.size(), 29U);
    EXPECT_EQ(std::set<std::string_view>(all.begin(), all.end()).size(), all.size());
    EXPECT_EQ(all.front(), "head_method");
    EXPECT_EQ(all.back(), "from_header");
    EXPECT_TRUE(reason_names(0).empty());
    for (int bit = 0; bit < 32; ++bit)
        EXPECT_EQ(reason_names(1U << bit).size(), bit < 29 ? 1U : 0U) << bit;
}

agent_description describe(std::string_view agent) {
    return agent_lists::shipped().describe(agent);
}

TEST(agents, very_long_and_binary_agents) {
    using config::agent_says;
    const std::string padded = std::string(510, 'x') + " curl/8.0 python";
    EXPECT_EQ(describe(padded), agent_description{}) << "beyond the first 512 octets";
    EXPECT_TRUE(describe(std::string(450, 'x') + " python").has(agent_says::automation));
    EXPECT_EQ(describe(std::string(100000, '\xff')), agent_description{});
    EXPECT_TRUE(describe(std::string("\0python", 7)).has(agent_says::automation));
}

TEST(agents, words_that_say_bot) {
    for (const std::string_view agent : {"Foobot", "Foobot/1.0", "a FooBot (x)", "robot;",
                                         "x-bot-y", "CUBOT and a bot", "bot", "ubot"})
        EXPECT_TRUE(describe(agent).has(config::agent_says::crawler)) << agent;
    for (const std::string_view agent : {"CUBOT", "CUBOT X18", "bottle/1", "bot_1", "both"})
        EXPECT_EQ(describe(agent), agent_description{}) << agent;
}

TEST(agents, every_pattern_of_the_program_is_one) {
    std::set<std::string> seen;
    for (const config::agent_rules& list : config::shipped_agent_rules()) {
        EXPECT_FALSE(list.source.empty());
        EXPECT_FALSE(list.licence.empty());
        for (const config::agent_entry& entry : list.agents)
            for (const std::string& pattern : entry.match) {
                EXPECT_EQ(config::agent_pattern_fault(pattern, list.exact_case), "") << pattern;
                seen.insert(pattern);
            }
    }
    EXPECT_GE(seen.size(), 1600U);
    for (const config::agent_rules& list : config::shipped_agent_rules())
        for (const config::agent_exception& exception : list.exceptions) {
            EXPECT_EQ(config::agent_pattern_fault(exception.match, false), "") << exception.match;
            EXPECT_FALSE(exception.cancels.empty());
            for (const std::string& cancelled : exception.cancels)
                EXPECT_TRUE(seen.contains(cancelled)) << "the list has lost " << cancelled;
        }
}

TEST(agents, an_operators_list_adds_and_takes_away) {
    config::agent_rules own;
    own.agents.push_back({config::agent_says::scanner, {"^OurGate/"}});
    own.agents.push_back({config::agent_says::crawler, {"Tester \\d"}});
    own.exceptions.push_back({"^python-requests/.*ours$", {"python", "python-requests"}});
    const agent_lists lists(own);
    EXPECT_TRUE(lists.describe("ourgate/2").has(config::agent_says::scanner));
    EXPECT_FALSE(describe("ourgate/2").has(config::agent_says::scanner));
    EXPECT_TRUE(lists.describe("a tester 7").has(config::agent_says::crawler));
    EXPECT_EQ(lists.describe("python-requests/2.0 ours"), agent_description{});
    EXPECT_TRUE(lists.describe("python-requests/2.0").has(config::agent_says::automation));
    EXPECT_NE(lists.fingerprint(), agent_lists::shipped().fingerprint());
    EXPECT_EQ(agent_lists(config::agent_rules{}).fingerprint(),
              agent_lists::shipped().fingerprint());
    agent_memory memory(agent_lists::shipped());
    EXPECT_EQ(memory.describe("ourgate/2"), describe("ourgate/2"));
    memory.use(lists);
    EXPECT_EQ(memory.describe("ourgate/2"), lists.describe("ourgate/2"));
}

TEST(agent_memory, says_the_same_as_looking_however_many_agents_come) {
    const std::string_view known[] = {
        "curl/8.0", "", "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605",
        "Googlebot/2.1", "WhatsApp/2.23"};
    agent_memory memory(agent_lists::shipped());
    for (int round = 0; round < 2; ++round) {
        for (int i = 0; i < 2000; ++i) {
            const auto agent = std::string(known[static_cast<std::size_t>(i) % std::size(known)]) +
                               (i < 5 ? "" : " " + std::to_string(i));
            EXPECT_EQ(memory.describe(agent), describe(agent)) << agent;
        }
    }
    const auto longer = std::string(512, 'x') + "python";
    EXPECT_EQ(memory.describe(longer), describe(longer));
}

}  // namespace
}  // namespace hikyaku::gateway::links
