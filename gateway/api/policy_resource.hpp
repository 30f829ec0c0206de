// The resource /v1/policy: what the gate would say about a message that nobody sends. One object,
// engine's thread.
#pragma once

#include "gateway/api/request_context.hpp"
#include "gateway/api/service.hpp"
#include "gateway/gate/zone_book.hpp"

namespace hikyaku::gateway::api {

class policy_resource {
public:
    /// `gateway` outlives it.
    explicit policy_resource(service& gateway) : service_(gateway) {}

    answer evaluate(const request_context& request);

private:
    service& service_;
    gate::zone_book zones_;
};

}  // namespace hikyaku::gateway::api
