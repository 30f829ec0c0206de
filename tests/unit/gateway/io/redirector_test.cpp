// What the redirector answers, to whom, and what it notes.
#include "gateway/io/redirector.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "gateway/io/redirect_decision.hpp"
#include "gateway/links/classify.hpp"
#include "tests/unit/gateway/api/fake_service.hpp"
#include "tests/unit/gateway/io/loopback.hpp"

namespace hikyaku::gateway::io {
namespace {

using namespace testing_support;
using kind = redirect_request::kind;

constexpr std::string_view code = "7fW3kQ9xTz";

TEST(redirect_decision, requests) {
    struct row {
        std::string_view method, target;
        kind what;
        bool well_formed;
    };
    const row rows[] = {
        {"GET", "/7fW3kQ9xTz", kind::link, true},
        {"HEAD", "/7fW3kQ9xTz", kind::link, true},
        {"GET", "/7fW3kQ9xTz?utm_source=x", kind::link, true},
        {"GET", "/7fW3kQ9xT0", kind::link, false},
        {"GET", "/7fW3kQ9xTz/", kind::link, true},
        {"HEAD", "/7fW3kQ9xTz%EF%BC%81", kind::link, true},
        {"GET", "/", kind::link, false},
        {"GET", "/favicon.ico", kind::fixed, false},
        {"GET", "/favicon.ico?v=2", kind::fixed, false},
        {"HEAD", "/apple-touch-icon.png", kind::fixed, false},
        {"GET", "/apple-touch-icon-120x120-precomposed.png", kind::fixed, false},
        {"GET", "/apple-touch-icon/7fW3kQ9xTz.png", kind::link, true},
        {"GET", "/.well-known/assetlinks.json", kind::fixed, false},
        {"GET", "/.well-known/7fW3kQ9xTz", kind::fixed, false},
        {"GET", "/.well-knownx/7fW3kQ9xTz", kind::link, true},
        {"POST", "/favicon.ico", kind::bad_method, false},
        {"GET", "/%37fW3kQ9xTz", kind::link, false},
        {"GET", "/robots.txt", kind::fixed, false},
        {"POST", "/7fW3kQ9xTz", kind::bad_method, false},
        {"OPTIONS", "*", kind::bad_method, false},
        {"get", "/7fW3kQ9xTz", kind::bad_method, false},
    };
    for (const row& each : rows) {
        api::http_request request;
        request.method = each.method;
        request.target = each.target;
        const redirect_request read = read_redirect(request);
        EXPECT_EQ(read.what, each.what) << each.target;
        EXPECT_EQ(read.well_formed, each.well_formed) << each.target;
        if (read.what == kind::link) {
            EXPECT_EQ(read.code == code, each.well_formed) << each.target;
            EXPECT_FALSE(read.code.empty()) << each.target;
        }
    }
}

TEST(redirect_decision, the_domain_is_what_host_says) {
    const std::pair<std::string_view, std::string_view> rows[] = {
        {"Pay.Example", "pay.example"},
        {"pay.example:8443", "pay.example"},
        {"pay.example.", "pay.example"},
        {"127.0.0.1:8082", ""},
        {"[2001:db8::1]:80", ""},
        {"gateway:8082", ""},
        {"", ""},
    };
    for (const auto& [host, domain] : rows) {
        const api::http_header header{"Host", host};
        api::http_request request;
        request.method = "GET";
        request.target = "/7fW3kQ9xTz";
        request.headers = {&header, 1};
        EXPECT_EQ(read_redirect(request).host, domain) << host;
    }
}

TEST(redirect_decision, responses) {
    redirect_request request;
    request.well_formed = true;
    const link_view link{message_id{1}, "https://app.example/pay", 0, 1000};
    const api::http_response found = redirect_response(request, link, 999);
    EXPECT_EQ(found.status, 302u);
    EXPECT_EQ(found.body, "");
    const std::vector<std::pair<std::string_view, std::string>> expected{
        {"Location", "https://app.example/pay"},
        {"Cache-Control", "no-store"},
        {"Referrer-Policy", "no-referrer"},
        {"X-Robots-Tag", "noindex, nofollow"}};
    EXPECT_EQ(found.headers, expected);

    const api::http_response unknown = redirect_response(request, {}, 999);
    EXPECT_EQ(unknown.status, 404u);
    EXPECT_EQ(unknown.body.find("app.example"), std::string::npos);
    redirect_request malformed = request;
    malformed.well_formed = false;
    link_view split = link;
    split.target = "https://app.example/\r\nSet-Cookie: a=b";
    link_view used_up = link;
    used_up.max_uses = used_up.uses = 3;
    for (const api::http_response& same :
         {redirect_response(request, link, 1000), redirect_response(malformed, link, 999),
          redirect_response(request, split, 999), redirect_response(request, used_up, 999)}) {
        EXPECT_EQ(same.status, unknown.status);
        EXPECT_EQ(same.headers, unknown.headers);
        EXPECT_EQ(same.body, unknown.body);
        EXPECT_EQ(same.content_type, unknown.content_type);
    }
}

api::peer_address v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
    return {{a, b, c, d}};
}

TEST(redirect_decision, client_behind_proxies) {
    config::network trusted;
    trusted.bytes = {10};
    trusted.prefix_bits = 8;
    struct row {
        api::peer_address peer;
        std::vector<std::string_view> forwarded;
        std::string_view client;
    };
    const row rows[] = {
        {v4(203, 0, 113, 7), {}, "203.0.113.7"},
        {v4(203, 0, 113, 7), {"198.51.100.1"}, "203.0.113.7"},  // not trusted: not believed
        {v4(10, 0, 0, 1), {}, "10.0.0.1"},
        {v4(10, 0, 0, 1), {"198.51.100.1"}, "198.51.100.1"},
        {v4(10, 0, 0, 1), {"1.2.3.4, 198.51.100.1"}, "198.51.100.1"},  // forged on the left
        {v4(10, 0, 0, 1), {"198.51.100.1,10.0.0.2 , 10.0.0.3"}, "198.51.100.1"},
        {v4(10, 0, 0, 1), {"1.2.3.4", "198.51.100.1"}, "198.51.100.1"},
        {v4(10, 0, 0, 1), {"198.51.100.1", "10.0.0.2"}, "198.51.100.1"},
        {v4(10, 0, 0, 1), {"10.0.0.5, 10.0.0.2"}, "10.0.0.5"},
        {v4(10, 0, 0, 1), {"198.51.100.1, unknown"}, "10.0.0.1"},
        {v4(10, 0, 0, 1), {"198.51.100.1, unknown, 10.0.0.2"}, "10.0.0.2"},
        {v4(10, 0, 0, 1), {""}, "10.0.0.1"},
        {v4(10, 0, 0, 1), {"2001:db8::7"}, "2001:db8::7"},
        {v4(10, 0, 0, 1), {"::ffff:198.51.100.1"}, "198.51.100.1"},
    };
    for (const row& each : rows) {
        std::vector<api::http_header> headers{{"Host", "x"}};
        for (const std::string_view value : each.forwarded)
            headers.push_back({"x-forwarded-for", value});
        api::http_request request;
        request.peer = each.peer;
        request.headers = headers;
        EXPECT_EQ(api::to_string(client_address(request, {&trusted, 1})), each.client);
    }
}

struct Redirector : ::testing::Test {
    io_thread io;
    api::fake_service gateway;
    config::links_server settings;
    std::int64_t wall_ms = 1'000'000;
    std::chrono::milliseconds steady{0};
    int touched = 0;
    std::unique_ptr<redirector> handler;
    std::unique_ptr<http_server> server;
    tcp::endpoint at;

    void SetUp() override {
        gateway.known_links[std::string{code}] = {message_id{42}, "https://app.example/pay",
                                                  wall_ms - 60000, wall_ms + 1000};
        settings.misses_per_network = config::rate{3, std::chrono::milliseconds{60000}};
    }
    void start() {
        engine_turn turn;
        turn.now = [this] {
            gateway.now = {std::chrono::steady_clock::time_point{steady}, wall_ms};
            return gateway.now;
        };
        turn.touched = [this] {
            ++touched;
            boost::asio::post(io.context, [this] { handler->end_turn(); });
        };
        handler = std::make_unique<redirector>(io.context, gateway, settings, turn);
        server = std::make_unique<http_server>(io.background, "links", redirector_limits(settings),
                                               *handler);
        const auto opened = server->listen({"127.0.0.1", 0});
        ASSERT_TRUE(opened);
        at = *opened;
        io.start();
    }
    void TearDown() override {
        io.stop();
        server.reset();
    }
    raw_response ask(std::string_view method, std::string_view path, std::string_view more = "") {
        raw_client client(at);
        return client.ask(fmt::format("{} /{} HTTP/1.1\r\nHost: x\r\n{}\r\n", method, path, more));
    }
    // The head without what differs from second to second.
    static std::string shape(const raw_response& response) {
        std::string head = response.head;
        const auto date = head.find("Date: ");
        return head.erase(date, head.find("\r\n", date) - date);
    }
};

constexpr std::string_view phone =
    "User-Agent: Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
    "Accept-Language: ja-JP,ja;q=0.9\r\n";

TEST_F(Redirector, redirects_and_notes_the_hit) {
    start();
    const raw_response response = ask("GET", code, phone);
    EXPECT_EQ(response.status, 302u);
    EXPECT_EQ(response.header("Location"), "https://app.example/pay");
    EXPECT_EQ(response.header("Cache-Control"), "no-store");
    EXPECT_EQ(response.header("Referrer-Policy"), "no-referrer");
    ASSERT_EQ(gateway.hits.size(), 1u);
    EXPECT_EQ(gateway.hits[0].code, code);
    EXPECT_EQ(gateway.hits[0].method, "GET");
    EXPECT_EQ(gateway.hits[0].network, "127.0.0.0/24");
    EXPECT_EQ(gateway.hits[0].hit_class, static_cast<std::uint8_t>(links::hit_class::human_likely));
    EXPECT_TRUE(gateway.hits[0].user_agent.starts_with("Mozilla/5.0 (iPhone"));
    EXPECT_GE(touched, 1);
}

TEST_F(Redirector, a_tool_is_no_person) {
    start();
    EXPECT_EQ(ask("GET", code, "User-Agent: curl/8.0\r\nAccept: */*\r\n").status, 302u);
    ASSERT_EQ(gateway.hits.size(), 1u);
    EXPECT_EQ(gateway.hits[0].hit_class, static_cast<std::uint8_t>(links::hit_class::automation));
}

TEST_F(Redirector, what_does_not_exist_looks_the_same) {
    settings.misses_per_network.reset();
    gateway.known_links["ExpiredCodeAbc"] = {message_id{43}, "https://app.example/x", 0, wall_ms};
    start();
    const raw_response unknown = ask("GET", "UnknownCodeX");
    EXPECT_EQ(unknown.status, 404u);
    for (const std::string_view path : {"ExpiredCodeAbc", "malformed!", "", "a/b"}) {
        const raw_response other = ask("GET", path);
        EXPECT_EQ(shape(other), shape(unknown)) << path;
        EXPECT_EQ(other.body, unknown.body) << path;
    }
    EXPECT_EQ(shape(ask("HEAD", "UnknownCodeX")), shape(unknown));
    const raw_response head = ask("HEAD", code);
    EXPECT_EQ(head.status, 302u);
    EXPECT_EQ(head.header("Location"), ask("GET", code).header("Location"));
    // Each one was looked up, and only links that exist have hits.
    EXPECT_EQ(gateway.looked_up.size(), 8u);
    ASSERT_EQ(gateway.hits.size(), 3u);
    EXPECT_EQ(gateway.hits[0].code, "ExpiredCodeAbc");
    EXPECT_EQ(gateway.hits[1].method, "HEAD");
    EXPECT_EQ(gateway.hits[1].hit_class, static_cast<std::uint8_t>(links::hit_class::scanner));
}

// The engine may be slow with the hit of a code that has expired, and does nothing about others.
TEST_F(Redirector, what_does_not_exist_is_answered_no_sooner_and_in_its_order) {
    settings.misses_per_network.reset();
    gateway.known_links["ExpiredCodeAbc"] = {message_id{43}, "https://app.example/x", 0, wall_ms};
    start();
    for (const std::string_view path : {"ExpiredCodeAbc", "UnknownCodeX", "malformed!"}) {
        const auto begin = std::chrono::steady_clock::now();
        EXPECT_EQ(ask("GET", path).status, 404u);
        EXPECT_GE(std::chrono::steady_clock::now() - begin, redirector::not_available_after);
    }
    // Several at once, each on its connection.
    std::vector<std::unique_ptr<raw_client>> clients;
    for (int i = 0; i < 20; ++i) {
        clients.push_back(std::make_unique<raw_client>(at));
        clients.back()->send(
            fmt::format("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n",
                        i % 2 == 0 ? std::string_view{"ExpiredCodeAbc"} : "UnknownCodeX"));
    }
    for (const auto& each : clients)
        EXPECT_EQ(each->receive().status, 404u);
    EXPECT_EQ(handler->counters().not_available, 23u);
}

TEST_F(Redirector, guessing_is_limited_per_network) {
    config::network loopback;
    loopback.bytes = {127};
    loopback.prefix_bits = 8;
    settings.trusted_proxies = {loopback};
    start();
    const std::string_view guesser = "X-Forwarded-For: 198.51.100.9\r\n";
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(ask("GET", "UnknownCodeX", guesser).status, 404u) << i;
    const raw_response limited = ask("GET", code, guesser);
    EXPECT_EQ(limited.status, 429u);
    EXPECT_EQ(limited.header("Location"), "");
    EXPECT_EQ(limited.header("Retry-After"), "20");
    EXPECT_EQ(ask("GET", code, "X-Forwarded-For: 198.51.99.9\r\n").status, 302u);
    EXPECT_EQ(gateway.hits.size(), 1u);
    EXPECT_EQ(gateway.hits[0].network, "198.51.99.0/24");
    io.call([this] { steady += std::chrono::seconds{21}; });
    EXPECT_EQ(ask("GET", code, guesser).status, 302u);
    EXPECT_EQ(handler->counters().limited, 1u);
    EXPECT_EQ(handler->counters().redirected, 2u);
    EXPECT_EQ(handler->counters().not_available, 3u);
}

TEST_F(Redirector, what_every_host_is_asked_for_is_no_guess) {
    settings.misses_in_total = config::rate{3, std::chrono::milliseconds{60000}};
    start();
    for (int i = 0; i < 50; ++i)
        for (const std::string_view path :
             {"favicon.ico", "apple-touch-icon.png", ".well-known/security.txt"})
            EXPECT_EQ(ask("GET", path).status, 404u) << path;
    EXPECT_EQ(ask("GET", "robots.txt").status, 200u);
    EXPECT_EQ(ask("GET", code).status, 302u);
    EXPECT_EQ(gateway.looked_up.size(), 1u);
    EXPECT_EQ(handler->counters().fixed, 151u);
    EXPECT_EQ(handler->counters().not_available, 0u);
    // Others still wait, and these are answered even to a network that has to wait.
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(ask("GET", "UnknownCodeX").status, 404u);
    EXPECT_EQ(ask("GET", "UnknownCodeX").status, 429u);
    EXPECT_EQ(ask("GET", "favicon.ico").status, 404u);
}

// Each network stays within its budget, all together do not.
TEST_F(Redirector, guessing_from_many_networks_raises_an_alarm) {
    config::network loopback;
    loopback.bytes = {127};
    loopback.prefix_bits = 8;
    settings.trusted_proxies = {loopback};
    settings.misses_in_total = config::rate{100, std::chrono::milliseconds{60000}};
    gateway.known_links["ExpiredCodeAbc"] = {message_id{43}, "https://app.example/x", 0, wall_ms};
    auto used_up = gateway.known_links[std::string{code}];
    used_up.max_uses = used_up.uses = 1;
    gateway.known_links["UsedUpCodeAbc"] = used_up;
    start();
    const auto guess = [&](int network, std::string_view path) {
        return ask("GET", path,
                   fmt::format("X-Forwarded-For: 10.{}.{}.9\r\n", network / 256, network % 256));
    };
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(guess(i, "UnknownCodeX").status, 404u) << i;
    EXPECT_FALSE(io.call([this] { return handler->guessing(); }).is_raised);
    const raw_response limited = guess(200, "UnknownCodeX");
    EXPECT_EQ(limited.status, 429u);
    EXPECT_EQ(limited.header("Retry-After"), "60");
    const auto state = io.call([this] { return handler->guessing(); });
    EXPECT_TRUE(state.is_raised);
    EXPECT_EQ(state.times_raised, 1u);
    EXPECT_EQ(state.raised_ms, wall_ms);
    // What has expired or is used up is refused like what never existed; what exists is not.
    int network = 300;
    for (const std::string_view path : {"ExpiredCodeAbc", "UsedUpCodeAbc", "malformed!"}) {
        const raw_response other = guess(++network, path);
        EXPECT_EQ(shape(other), shape(limited)) << path;
        EXPECT_EQ(other.body, limited.body) << path;
    }
    EXPECT_EQ(guess(400, code).status, 302u);
    io.call([this] { steady += std::chrono::seconds{61}; });
    EXPECT_EQ(guess(401, "UnknownCodeX").status, 404u);
    EXPECT_FALSE(io.call([this] { return handler->guessing(); }).is_raised);
    EXPECT_EQ(handler->counters().held_back, 4u);
}

TEST_F(Redirector, a_redirect_waits_for_the_disk_where_it_has_to) {
    gateway.safe = 0;
    start();
    raw_client client(at);
    client.send(fmt::format("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", code));
    while (io.call([this] { return gateway.hits.size(); }) == 0)
        std::this_thread::yield();
    // What is not available waits for no disk.
    EXPECT_EQ(ask("GET", "UnknownCodeX").status, 404u);
    EXPECT_EQ(client.waiting(), 0u);
    io.call([this] {
        gateway.safe = 1;
        handler->answer_safe();
    });
    EXPECT_EQ(client.receive().status, 302u);
    EXPECT_EQ(handler->counters().unsafe, 0u);
}

TEST_F(Redirector, other_requests) {
    start();
    const raw_response post = ask("POST", code, "Content-Length: 0\r\n");
    EXPECT_EQ(post.status, 405u);
    EXPECT_EQ(post.header("Allow"), "GET, HEAD");
    EXPECT_EQ(ask("GET", "robots.txt").body, "User-agent: *\nDisallow:\n");
    raw_client garbage(at);
    const raw_response bad = garbage.ask("garbage\r\n\r\n");
    EXPECT_EQ(bad.status, 400u);
    EXPECT_EQ(bad.header("Content-Type"), "text/html; charset=utf-8");
    EXPECT_TRUE(gateway.hits.empty());
}

}  // namespace
}  // namespace hikyaku::gateway::io
