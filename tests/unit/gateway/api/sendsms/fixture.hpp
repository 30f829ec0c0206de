// The sendsms door before a service that is played, with one user.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/api/sendsms/door.hpp"
#include "tests/unit/gateway/api/door_fixture.hpp"

namespace hikyaku::gateway::api {

struct sendsms : user_door_fixture<sendsms_door> {
    static constexpr std::string_view ok = "0: Accepted for delivery";

    void SetUp() override {
        settings.sendsms = true;
        name_user(gateway.account.sendsms);
    }
    http_response get(std::string_view parameters) {
        const auto target =
            std::string("/cgi-bin/sendsms?").append(credentials) + "&" + std::string(parameters);
        return ask("GET", target);
    }
    http_response post(std::vector<http_header> headers, std::string_view body) {
        headers.push_back({"X-Kannel-Username", "tester"});
        headers.push_back({"X-Kannel-Password", "foobar"});
        return ask("POST", "/cgi-bin/sendsms", std::move(headers), body);
    }
};

}  // namespace hikyaku::gateway::api
