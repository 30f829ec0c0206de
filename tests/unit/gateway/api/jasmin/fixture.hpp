// The Jasmin door before a service that is played, with one user.
#pragma once

#include <string>
#include <string_view>

#include "gateway/api/jasmin/door.hpp"
#include "tests/unit/gateway/api/door_fixture.hpp"

namespace hikyaku::gateway::api {

struct jasmin_doors : user_door_fixture<jasmin_door> {
    static constexpr std::string_view ok = "Success \"1000\"";

    void SetUp() override {
        settings.jasmin = true;
        name_user(gateway.account.jasmin);
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
};

}  // namespace hikyaku::gateway::api
