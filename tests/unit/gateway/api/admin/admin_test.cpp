// The admin pages, and that no web page reaches them through an operator's browser.
#include "gateway/api/admin/admin.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "tests/unit/gateway/api/fake_service.hpp"

namespace hikyaku::gateway::api {
namespace {

struct AdminRouter : ::testing::Test {
    fake_service gateway;
    std::optional<std::string> reason;
    bind_end_view last_end;  // of the carrier "north"
    admin_router admin{gateway,
                       {[] { return std::string{"metric 1\n"}; },
                        [this] { return reason; },
                        {"hikyaku", "Gate.Example", ""},
                        [this](std::string_view carrier) {
                            return carrier == "north" ? std::optional(last_end) : std::nullopt;
                        }}};
    std::string host = "127.0.0.1:8081";
    std::vector<http_header> more;
    unsigned version = 11;

    http_response ask(std::string_view method, std::string_view target) {
        std::vector<http_header> headers = more;
        if (!host.empty()) headers.push_back({"host", host});
        return admin.handle({method, target, version, headers, {}, {}}, {}, gateway.now).response;
    }
    unsigned with(std::vector<http_header> headers, std::string_view method = "GET",
                  std::string_view target = "/metrics") {
        more = std::move(headers);
        return ask(method, target).status;
    }
};

TEST_F(AdminRouter, health_and_readiness) {
    EXPECT_EQ(ask("GET", "/healthz").status, 200u);
    EXPECT_EQ(ask("GET", "/readyz").status, 200u);
    reason = "draining";
    EXPECT_EQ(ask("GET", "/healthz").status, 200u);
    EXPECT_EQ(ask("GET", "/readyz").status, 503u);
    EXPECT_EQ(ask("GET", "/readyz").body, "draining\n");
    EXPECT_EQ(ask("GET", "/metrics").body, "metric 1\n");
    EXPECT_EQ(ask("POST", "/metrics").status, 405u);
    EXPECT_EQ(ask("GET", "/v1/messages").status, 404u);
    EXPECT_EQ(ask("GET", "/admin/accounts").status, 200u);
}

TEST_F(AdminRouter, hits_that_are_classified_anew) {
    const std::string page = "/admin/links/reclassification";
    EXPECT_EQ(ask("GET", page).body,
              R"({"state":"never","started_at":null,"done_at":null,"looked_at":0,"changed":0,)"
              R"("reasons_only":0,"moved":[]})");
    gateway.reclassified.started_ms = gateway.now.wall_ms;
    gateway.reclassified.moved[3][5] = 7;
    gateway.reclassified.moved[4][0] = 2;
    const auto begun = boost::json::parse(ask("POST", "/admin/links:reclassify").body);
    EXPECT_EQ(begun.at("state").as_string(), "running");
    EXPECT_EQ(begun.at("changed").as_int64(), 9);
    EXPECT_EQ(begun.at("moved").at(0).at("from").as_string(), "scanner");
    EXPECT_EQ(begun.at("moved").at(0).at("to").as_string(), "automation");
    EXPECT_EQ(begun.at("moved").at(1).at("hits").as_int64(), 2);
    gateway.reclassified.running = false;
    gateway.reclassified.done_ms = gateway.now.wall_ms;
    EXPECT_EQ(boost::json::parse(ask("GET", page).body).at("state").as_string(), "done");
    EXPECT_EQ(ask("GET", "/admin/links:reclassify").status, 405u);
}

TEST_F(AdminRouter, carriers) {
    carrier_view view;
    view.name = "example";
    gateway.carrier_list = {view};
    const auto body = boost::json::parse(ask("GET", "/admin/carriers").body);
    EXPECT_EQ(body.at("carriers").at(0).at("name").as_string(), "example");
    EXPECT_EQ(ask("POST", "/admin/carriers/example:pause").body,
              R"({"name":"example","paused":true})");
    EXPECT_EQ(ask("POST", "/admin/carriers/example:resume").status, 200u);
    EXPECT_EQ(ask("GET", "/admin/carriers/example:pause").status, 405u);
    EXPECT_EQ(ask("POST", "/admin/carriers/other:pause").status, 404u);
    EXPECT_EQ(ask("POST", "/admin/carriers/example:stop").status, 404u);
    EXPECT_EQ(ask("POST", "/admin/carriers/example").status, 404u);
    const std::vector<std::pair<std::string, bool>> expected{{"example", true}, {"example", false}};
    EXPECT_EQ(gateway.pauses, expected);
}

TEST_F(AdminRouter, how_the_last_bind_failed) {
    carrier_view view;
    view.name = "north";
    gateway.carrier_list = {view};
    view.name = "south";
    gateway.carrier_list.push_back(view);
    last_end.stage = "refused";
    last_end.reason = "ESME_RINVPASWD";
    last_end.host = "smsc.example";
    last_end.port = 2775;
    last_end.times = 7;
    last_end.last_ms = 1000;
    const auto both = boost::json::parse(ask("GET", "/admin/carriers").body);
    EXPECT_EQ(boost::json::serialize(both.at("carriers").at(0).at("last_bind_end")),
              R"({"stage":"refused","reason":"ESME_RINVPASWD","carrier_says":null,)"
              R"("host":"smsc.example","port":2775,"times":7,)"
              R"("first":"1970-01-01T00:00:00.000Z","last":"1970-01-01T00:00:01.000Z",)"
              R"("over":false})");
    EXPECT_TRUE(both.at("carriers").at(1).at("last_bind_end").is_null());
    last_end.port = 0;
    last_end.carrier_says = "\xffno";
    const auto again = boost::json::parse(ask("GET", "/admin/carriers").body);
    EXPECT_TRUE(again.at("carriers").at(0).at("last_bind_end").at("port").is_null());
    EXPECT_EQ(again.at("carriers").at(0).at("last_bind_end").at("carrier_says").as_string(),
              "\xEF\xBF\xBDno");
}

TEST_F(AdminRouter, hosts) {
    for (const auto* good :
         {"127.0.0.1", "127.0.0.1:8081", "10.1.2.3:80", "[::1]", "[::1]:8081", "[2001:db8::7]:1",
          "localhost", "localhost:8081", "LOCALHOST.:8081", "hikyaku", "hikyaku:8081", "HIKYAKU",
          "gate.example:", "gate.example.:8081"}) {
        host = good;
        EXPECT_EQ(ask("GET", "/metrics").status, 200u) << good;
    }
    using namespace std::string_literals;
    for (const auto& bad : {"evil.example"s,
                            "evil.example:8081"s,
                            "localhost.evil.example"s,
                            "hikyaku.evil.example"s,
                            "evilhikyaku"s,
                            "127.0.0.1.evil.example"s,
                            "127.0.0.1:8081@evil.example"s,
                            "127.0.0.1:80a"s,
                            "127.0.0.1:123456"s,
                            "::1"s,
                            "[::1"s,
                            "[::1]x"s,
                            "[evil.example]"s,
                            "[127.0.0.1]"s,
                            "2130706433"s,
                            "0x7f.0.0.1"s,
                            "127.1"s,
                            "127.0.0.1\0.evil.example"s,
                            "."s,
                            ":8081"s,
                            " "s,
                            "localhost,evil.example"s}) {
        host = bad;
        const auto response = ask("GET", "/metrics");
        EXPECT_EQ(response.status, 421u) << bad;
        EXPECT_EQ(boost::json::parse(response.body).at("code").as_string(), "host_not_allowed");
    }
    // All of several, and the target in absolute form.
    host = "127.0.0.1";
    EXPECT_EQ(with({{"Host", "evil.example"}}), 421u);
    EXPECT_EQ(with({{"Host", ""}}), 421u);
    EXPECT_EQ(with({}, "GET", "http://evil.example/metrics"), 421u);
    EXPECT_EQ(with({}, "GET", "http://localhost:8081/metrics"), 200u);
    host = "evil.example";
    EXPECT_EQ(with({}, "GET", "http://localhost:8081/metrics"), 421u);
    host = "";
    EXPECT_EQ(with({}), 421u);
    version = 10;
    EXPECT_EQ(with({}), 200u) << "HTTP/1.0 has no Host";
}

TEST_F(AdminRouter, pages_of_other_sites) {
    EXPECT_EQ(with({{"Sec-Fetch-Site", "same-origin"}}), 200u);
    EXPECT_EQ(with({{"Sec-Fetch-Site", "none"}}), 200u) << "typed in";
    for (const auto* site : {"cross-site", "same-site", "Same-Origin", "", "else"}) {
        EXPECT_EQ(with({{"Sec-Fetch-Site", site}}), 403u) << site;
        EXPECT_EQ(with({{"sec-fetch-site", site}}, "POST", "/admin/carriers/x:pause"), 403u)
            << site;
    }
    EXPECT_EQ(with({{"Sec-Fetch-Site", "none"}, {"Sec-Fetch-Site", "cross-site"}}), 403u);
    const std::vector<http_header> click{{"Sec-Fetch-Site", "cross-site"},
                                         {"Sec-Fetch-Mode", "navigate"},
                                         {"Sec-Fetch-Dest", "document"},
                                         {"Sec-Fetch-User", "?1"}};
    EXPECT_EQ(with(click), 200u) << "a link in a wiki";
    EXPECT_EQ(with(click, "POST", "/admin/carriers/x:pause"), 403u);
    for (std::size_t i = 1; i < click.size(); ++i) {
        auto less = click;
        less[i].value = i == 1 ? "no-cors" : i == 2 ? "iframe" : "?0";
        EXPECT_EQ(with(less), 403u) << i;
        less.erase(less.begin() + static_cast<std::ptrdiff_t>(i));
        EXPECT_EQ(with(less), 403u) << i;
    }
}

TEST_F(AdminRouter, origins) {
    carrier_view view;
    view.name = "example";
    gateway.carrier_list = {view};
    const auto change = [this](std::string_view origin) {
        return with({{"Origin", origin}}, "POST", "/admin/carriers/example:pause");
    };
    EXPECT_EQ(change("http://127.0.0.1:8081"), 200u);
    EXPECT_EQ(change("https://127.0.0.1:8081"), 200u) << "behind a proxy with TLS";
    for (const auto* foreign : {"https://evil.example", "null", "", "http://127.0.0.1",
                                "http://127.0.0.1:8082", "http://127.0.0.1:8081.evil.example"}) {
        EXPECT_EQ(change(foreign), 403u) << foreign;
        EXPECT_EQ(with({{"Origin", foreign}}, "PUT", "/metrics"), 403u) << foreign;
        EXPECT_EQ(with({{"Origin", foreign}}), 200u) << "changes nothing, and is not shown to it";
    }
    EXPECT_EQ(gateway.pauses.size(), 2U);
}

}  // namespace
}  // namespace hikyaku::gateway::api
