// The resource /v1/account: what the account that asks is and has, and what it may start again. No
// sockets; engine's thread.
#pragma once

#include "gateway/api/request_context.hpp"
#include "gateway/api/service.hpp"

namespace hikyaku::gateway::api {

/// Most dead letters that one request takes up again.
inline constexpr std::int64_t replayed_max = 10000;

class account_resource {
public:
    /// `gateway` outlives it.
    explicit account_resource(service& gateway) : service_(gateway) {}

    answer get(const request_context& request);
    answer announce(const request_context& request);
    answer replay_dead_letters(const request_context& request);
    answer enable_webhook(const request_context& request);

private:
    service& service_;
};

}  // namespace hikyaku::gateway::api
