// Patterns of paths, the two route tables, and what each role may.
#include "gateway/api/routes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "gateway/api/admin/admin.hpp"
#include "gateway/api/api.hpp"
#include "gateway/api/openapi/openapi.hpp"
#include "tests/unit/gateway/api/fake_service.hpp"

namespace hikyaku::gateway::api {
namespace {

TEST(Routes, patterns) {
    struct row {
        std::string_view pattern, path;
        bool fits;
        std::string_view first = {}, second = {};
    };
    const row rows[] = {
        {"/v1/messages", "/v1/messages", true},
        {"/v1/messages", "/v1/%6Dessages", true},
        {"/v1/messages", "/v1/messages/", false},
        {"/v1/messages", "/v1//messages", false},
        {"/v1/messages", "/v1/messagesx", false},
        {"/v1/messages", "v1/messages", false},
        {"/v1/messages", "", false},
        {"/v1/messages:estimate", "/v1/messages%3Aestimate", true},
        {"/v1/messages/{id}", "/v1/messages/5", true, "5"},
        {"/v1/messages/{id}", "/v1/messages/%35", true, "5"},
        {"/v1/messages/{id}", "/v1/messages/a%2Fb", true, "a/b"},
        {"/v1/messages/{id}", "/v1/messages/a%20b", true, "a b"},
        {"/v1/messages/{id}", "/v1/messages/", false},
        {"/v1/messages/{id}", "/v1/messages", false},
        {"/v1/messages/{id}", "/v1/messages/5/", false},
        {"/v1/messages/{id}", "/v1/messages/5/6", false},
        {"/v1/messages/{id}", "/v1/messages/%zz", false},
        {"/v1/messages/{id}", "/v1/messages/5:replay", false},
        {"/v1/messages/{id}:replay", "/v1/messages/5:replay", true, "5"},
        {"/v1/messages/{id}:replay", "/v1/messages/5%3Areplay", true, "5"},
        {"/v1/messages/{id}:replay", "/v1/messages/:replay", false},
        {"/a/{name}:pause", "/a/x:y:pause", true, "x:y"},
        {"/a/{one}/b/{two}", "/a/1/b/2", true, "1", "2"},
        {"/a/{one}/b/{two}", "/a/1/c/2", false},
    };
    for (const row& each : rows) {
        path_values values;
        EXPECT_EQ(matches(each.pattern, each.path, values), each.fits)
            << each.pattern << ' ' << each.path;
        if (!each.fits) continue;
        EXPECT_EQ(values[0], each.first) << each.pattern << ' ' << each.path;
        EXPECT_EQ(values[1], each.second) << each.pattern << ' ' << each.path;
    }
}

TEST(Routes, each_line_is_complete_and_stands_once) {
    auto lines = api_router::lines();
    const auto admin = admin_router::lines();
    lines.insert(lines.end(), admin.begin(), admin.end());
    std::set<std::string> operations, places;
    for (const route_line& each : lines) {
        EXPECT_TRUE(each.pattern.starts_with('/')) << each.pattern;
        EXPECT_FALSE(each.answers.empty()) << each.pattern;
        EXPECT_EQ(each.takes.empty(), each.body == nullptr) << each.pattern;
        EXPECT_EQ(static_cast<std::ptrdiff_t>(each.path.size()),
                  std::ranges::count(each.pattern, '{'))
            << each.pattern;
        if (each.pattern == openapi_line.pattern && !operations.contains("getHealth")) continue;
        EXPECT_FALSE(each.operation.empty()) << each.pattern;
        EXPECT_FALSE(each.summary.empty() || each.summary.ends_with('.')) << each.pattern;
        EXPECT_TRUE(operations.emplace(each.operation).second) << each.operation;
        EXPECT_TRUE(places.insert(std::string(each.method).append(each.pattern)).second)
            << each.method << ' ' << each.pattern;
    }
}

/// The pattern with "1" for each part in braces.
std::string path_of(std::string_view pattern) {
    std::string path;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] != '{') {
            path.push_back(pattern[i]);
            continue;
        }
        path.push_back('1');
        i = pattern.find('}', i);
    }
    return path;
}

constexpr std::array all_roles{config::token_role::submit, config::token_role::read,
                               config::token_role::admin};

bool may(config::token_role has, role needs) {
    switch (needs) {
        case role::nobody:
            return true;
        case role::submit:
            return has == config::token_role::submit;
        case role::read:
            return has == config::token_role::read;
        case role::admin:
            return has == config::token_role::admin;
    }
    return false;
}

struct Roles : ::testing::Test {
    fake_service gateway;
    config::http_server settings;
    api_router router{gateway, settings};
    peer_address peer{{203, 0, 113, 7}};
    std::uint64_t session = 0;

    Roles() {
        for (const auto has : all_roles) {
            config::account_token token;
            token.name = token.hash = "token" + std::to_string(static_cast<int>(has));
            token.roles = {has};
            gateway.account.tokens.push_back(token);
        }
    }
    [[nodiscard]] std::string name_of(config::token_role has) const {
        return gateway.account.tokens[static_cast<std::size_t>(has)].name;
    }
    unsigned api(const route_line& line, std::string_view token) {
        const std::string path = path_of(line.pattern);
        const std::string authorization = "Bearer " + std::string(token);
        std::vector<http_header> headers{{"Host", "localhost"}};
        if (!token.empty()) headers.push_back({"Authorization", authorization});
        const auto got = router.handle({line.method, path, 11, headers, {}, peer},
                                       session_id{++session}, gateway.now);
        return got ? got->status : 202;
    }
    unsigned admin(admin_router& at, const route_line& line, std::string_view token) {
        const std::string path = path_of(line.pattern);
        const std::string authorization = "Bearer " + std::string(token);
        std::vector<http_header> headers{{"Host", "localhost"}};
        if (!token.empty()) headers.push_back({"Authorization", authorization});
        return at
            .handle({line.method, path, 11, headers, {}, peer}, {session_id{1}, 0}, gateway.now)
            .response.status;
    }
};

TEST_F(Roles, each_route_of_the_api_with_each_role) {
    for (const route_line& line : api_router::lines()) {
        for (const auto has : all_roles) {
            const unsigned status = api(line, name_of(has));
            EXPECT_EQ(status != 403, may(has, line.needs))
                << line.operation << ' ' << name_of(has) << ' ' << status;
            EXPECT_NE(status, 401u) << line.operation;
        }
        EXPECT_EQ(api(line, "") == 401, line.needs != role::nobody) << line.operation;
        EXPECT_EQ(api(line, "wrong") == 401, line.needs != role::nobody) << line.operation;
        // One of api_tokens submits and reads.
        EXPECT_EQ(api(line, "secret") == 403, line.needs == role::admin) << line.operation;
    }
}

TEST_F(Roles, each_route_of_the_admin_listener_with_each_role) {
    const auto none = [] { return std::optional<std::string>(); };
    admin_router open{gateway, {[] { return std::string(); }, none, {}, {}, {}, false}};
    admin_router closed{gateway, {[] { return std::string(); }, none, {}, {}, {}, true}};
    for (const route_line& line : admin_router::lines()) {
        for (const std::string_view token : {"", "wrong", "token0", "secret"}) {
            const unsigned status = admin(open, line, token);
            EXPECT_TRUE(status != 401 && status != 403) << line.operation << ' ' << status;
        }
        for (const auto has : all_roles) {
            EXPECT_EQ(admin(closed, line, name_of(has)) != 403, may(has, line.needs))
                << line.operation << ' ' << name_of(has);
        }
        EXPECT_EQ(admin(closed, line, "") == 401, line.needs != role::nobody) << line.operation;
        EXPECT_EQ(admin(closed, line, "secret") == 403, line.needs == role::admin)
            << line.operation;
    }
    // What is not there is not told apart from what is, without a token.
    EXPECT_EQ(admin(closed, {.method = "GET", .pattern = "/admin/nothing"}, ""), 401u);
    EXPECT_EQ(admin(closed, {.method = "GET", .pattern = "/admin/nothing"}, "token0"), 403u);
    EXPECT_EQ(admin(closed, {.method = "GET", .pattern = "/admin/nothing"}, "token2"), 404u);
}

TEST_F(Roles, a_token_ends_and_has_networks_of_its_own) {
    const route_line look{.method = "GET", .pattern = "/v1/account"};
    auto& token = gateway.account.tokens[1];
    token.expires_ms = gateway.now.wall_ms + 1;
    EXPECT_EQ(api(look, "token1"), 200u);
    token.expires_ms = gateway.now.wall_ms;
    EXPECT_EQ(api(look, "token1"), 401u);
    token.expires_ms = 0;
    config::network inside;
    inside.bytes = {203, 0, 113};
    inside.prefix_bits = 24;
    token.networks = {inside};
    EXPECT_EQ(api(look, "token1"), 200u);
    peer.bytes = {203, 0, 114, 7};
    EXPECT_EQ(api(look, "token1"), 403u);
    // Both must allow it.
    peer.bytes = {203, 0, 113, 7};
    gateway.account.networks = {inside};
    gateway.account.networks.front().bytes = {10};
    EXPECT_EQ(api(look, "token1"), 403u);
}

}  // namespace
}  // namespace hikyaku::gateway::api
