// A door of another gateway's protocol before a service that is played.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/unit/gateway/api/fake_service.hpp"

namespace hikyaku::gateway::api {

template <class Door>
struct door_fixture : ::testing::Test {
    fake_service gateway;
    config::http_server settings;
    Door door{gateway, settings};
    peer_address peer{{203, 0, 113, 7}};
    std::uint64_t session = 0;
    instant& now = gateway.now;

    std::optional<http_response> begin(std::string_view method, std::string_view target,
                                       const std::vector<http_header>& headers = {},
                                       std::string_view body = {}) {
        const http_request request{method, target, 11, headers, body, peer};
        EXPECT_TRUE(door.takes(request)) << target;
        return door.handle(request, session_id{++session}, now);
    }
    /// The answer, everything that was submitted settled with `why`.
    http_response ask(std::string_view method, std::string_view target,
                      const std::vector<http_header>& headers = {}, std::string_view body = {},
                      refusal why = refusal::none) {
        const auto before = gateway.submitted.size();
        auto response = begin(method, target, headers, body);
        for (auto i = before; !response && i < gateway.submitted.size(); ++i)
            response = door.submission_settled(gateway.submitted[i].ticket, why);
        EXPECT_TRUE(response) << target;
        return std::move(response).value_or(http_response{});
    }
    const submission& last() { return gateway.submitted.back().message; }
};

/// Those of a door with names and passwords in the request: the user is "tester".
template <class Door>
struct user_door_fixture : door_fixture<Door> {
    static constexpr std::string_view credentials = "username=tester&password=foobar&from=123";

    template <class Settings>
    static void name_user(std::optional<Settings>& user) {
        user.emplace();
        user->username = "tester";
        user->password = "foobar";
    }
};

}  // namespace hikyaku::gateway::api
