// The Twilio door before a service that is played, with one account that has a key and two
// messaging services.
#pragma once

#include <sodium.h>

#include <boost/json/parse.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/api/twilio/door.hpp"
#include "tests/unit/gateway/api/door_fixture.hpp"

namespace hikyaku::gateway::api::twilio {

inline constexpr std::string_view account_sid = "AC0123456789abcdef0123456789abcdef";
inline constexpr std::string_view key_sid = "SK0123456789abcdef0123456789abcdef";
inline constexpr std::string_view pool_sid = "MG00000000000000000000000000000001";
inline constexpr std::string_view open_pool_sid = "MG00000000000000000000000000000002";

struct twilio_doors : door_fixture<door> {
    twilio::door& at = door_fixture::door;
    std::string authorization = basic(account_sid, "token");
    std::vector<http_header> headers;  // beside those of every request

    void SetUp() override {
        settings.twilio = true;
        gateway.account.senders = {"Shop", "12345", "8190*"};
        auto& user = gateway.account.twilio.emplace();
        user.sid = account_sid;
        user.auth_token = "token";
        user.keys = {{std::string(key_sid), "secret"}};
        user.services = {{std::string(pool_sid), {"11111", "22222", "333*"}},
                         {std::string(open_pool_sid), {}}};
        user.sms_url = "https://app.example/sms?x=1";
    }
    static std::string basic(std::string_view name, std::string_view secret) {
        const auto plain = std::string(name) + ":" + std::string(secret);
        std::string out(sodium_base64_encoded_len(plain.size(), sodium_base64_VARIANT_ORIGINAL), 0);
        sodium_bin2base64(out.data(), out.size(),
                          reinterpret_cast<const unsigned char*>(plain.data()), plain.size(),
                          sodium_base64_VARIANT_ORIGINAL);
        out.resize(out.size() - 1);
        return "Basic " + out;
    }
    static std::string messages(std::string_view behind = ".json") {
        return "/2010-04-01/Accounts/" + std::string(account_sid) + "/Messages" +
               std::string(behind);
    }
    static std::string message(std::string_view sid, std::string_view behind = ".json") {
        return messages("/" + std::string(sid) + std::string(behind));
    }
    answer begin(std::string_view method, std::string_view target, std::string_view body = {},
                 std::string_view type = "application/x-www-form-urlencoded") {
        auto all = headers;
        if (!authorization.empty()) all.push_back({"Authorization", authorization});
        if (!body.empty()) all.push_back({"Content-Type", type});
        return door_fixture::begin(method, target, all, body);
    }
    /// The answer, what was submitted settled with `why`.
    http_response send(std::string_view method, std::string_view target, std::string_view body = {},
                       refusal why = refusal::none) {
        const auto before = gateway.submitted.size();
        auto response = begin(method, target, body);
        if (!response && gateway.submitted.size() > before)
            response = at.submission_settled(gateway.submitted.back().ticket, why);
        EXPECT_TRUE(response) << target;
        return response ? std::move(*response) : http_response{};
    }
    http_response post(std::string_view body) { return send("POST", messages(), body); }
    static boost::json::object json_of(const http_response& response) {
        return boost::json::parse(response.body).as_object();
    }
    static std::string text_in(const boost::json::object& body, std::string_view name) {
        return std::string(body.at(name).as_string());
    }
    /// "400 21211".
    static std::string code_of(const http_response& response) {
        return std::to_string(response.status) + " " +
               std::to_string(json_of(response).at("code").to_number<int>());
    }
};

}  // namespace hikyaku::gateway::api::twilio
