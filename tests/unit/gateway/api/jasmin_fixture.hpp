// The Jasmin door before a service that is played, with one user.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "gateway/api/jasmin/door.hpp"
#include "tests/unit/gateway/api/fake_service.hpp"

namespace hikyaku::gateway::api {

struct jasmin_doors : ::testing::Test {
    static constexpr std::string_view credentials = "username=tester&password=foobar&from=123";
    static constexpr std::string_view ok = "Success \"1000\"";

    fake_service gateway;
    config::http_server settings;
    jasmin_door door{gateway, settings};
    peer_address peer{{203, 0, 113, 7}};
    std::uint64_t session = 0;
    instant& now = gateway.now;

    void SetUp() override {
        settings.jasmin = true;
        auto& user = gateway.account.jasmin.emplace();
        user.username = "tester";
        user.password = "foobar";
    }
    std::optional<http_response> begin(std::string_view method, std::string_view target,
                                       std::vector<http_header> headers = {},
                                       std::string_view body = {}) {
        const http_request request{method, target, 11, headers, body, peer};
        EXPECT_TRUE(door.takes(request)) << target;
        return door.handle(request, session_id{++session}, now);
    }
    /// The answer, everything settled with `why`.
    http_response ask(std::string_view method, std::string_view target,
                      std::vector<http_header> headers = {}, std::string_view body = {},
                      refusal why = refusal::none) {
        const auto before = gateway.submitted.size();
        auto response = begin(method, target, std::move(headers), body);
        if (!response && gateway.submitted.size() > before)
            response = door.submission_settled(gateway.submitted.back().ticket, why);
        EXPECT_TRUE(response) << target;
        return std::move(response).value_or(http_response{});
    }
    http_response send(std::string_view arguments) {
        return ask("GET", std::string("/send?").append(credentials) + "&" + std::string(arguments));
    }
    http_response post(std::string_view type, std::string_view body,
                       std::string_view target = "/send") {
        return ask("POST", target, {{"Content-Type", type}}, body);
    }
    http_response rate(std::string_view arguments) {
        return ask("GET", std::string("/rate?").append(credentials) + "&" + std::string(arguments));
    }
    const submission& last() { return gateway.submitted.back().message; }
};

}  // namespace hikyaku::gateway::api
