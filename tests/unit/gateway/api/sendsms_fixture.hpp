// The sendsms door before a service that is played, with one user.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "gateway/api/sendsms/door.hpp"
#include "tests/unit/gateway/api/fake_service.hpp"

namespace hikyaku::gateway::api {

struct sendsms : ::testing::Test {
    static constexpr std::string_view credentials = "username=tester&password=foobar&from=123";
    static constexpr std::string_view ok = "0: Accepted for delivery";

    fake_service gateway;
    config::http_server settings;
    sendsms_door door{gateway, settings};
    peer_address peer{{203, 0, 113, 7}};
    std::uint64_t session = 0;
    instant& now = gateway.now;

    void SetUp() override {
        settings.sendsms = true;
        auto& user = gateway.account.sendsms.emplace();
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
    http_response send(std::string_view method, std::string_view target,
                       std::vector<http_header> headers = {}, std::string_view body = {},
                       refusal why = refusal::none) {
        const auto before = gateway.submitted.size();
        auto response = begin(method, target, std::move(headers), body);
        for (auto i = before; !response && i < gateway.submitted.size(); ++i)
            response = door.submission_settled(gateway.submitted[i].ticket, why);
        EXPECT_TRUE(response) << target;
        return response ? std::move(*response) : http_response{};
    }
    http_response get(std::string_view parameters) {
        const auto target =
            std::string("/cgi-bin/sendsms?").append(credentials) + "&" + std::string(parameters);
        return send("GET", target);
    }
    http_response post(std::vector<http_header> headers, std::string_view body) {
        headers.push_back({"X-Kannel-Username", "tester"});
        headers.push_back({"X-Kannel-Password", "foobar"});
        return send("POST", "/cgi-bin/sendsms", std::move(headers), body);
    }
    const submission& last() { return gateway.submitted.back().message; }
};

}  // namespace hikyaku::gateway::api
