// Who a request is from, at doors whose clients show a name and a password in each request. Wrong
// passwords are counted (guess_limiter.hpp); the account's networks hold here too. One object for
// each door, engine's thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "gateway/api/guess_limiter.hpp"
#include "gateway/api/http.hpp"
#include "gateway/api/service.hpp"

namespace hikyaku::gateway::api {

struct door_counters {
    std::uint64_t requests = 0;
    std::uint64_t unauthorized = 0;
    std::uint64_t locked_out = 0;  // of them: not even looked at, after too many wrong ones
};

class door_login {
public:
    struct shown {
        std::string_view username;
        std::string_view password;
    };

    /// What the account has for this name at the door; empty if it has nothing.
    using secret_of = std::string_view (*)(const config::account& account, std::string_view name);

    /// `found` is the account of that name, empty if there is none. Returns the account if the
    /// request may act for it.
    [[nodiscard]] std::optional<account_id> check(service& gateway, const http_request& http,
                                                  const shown& by, std::optional<account_id> found,
                                                  secret_of secret, instant now);

    void count_request() { ++counters_.requests; }
    [[nodiscard]] const door_counters& counters() const { return counters_; }

private:
    guess_limiter guesses_;
    door_counters counters_;
};

}  // namespace hikyaku::gateway::api
