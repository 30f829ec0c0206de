// The resource /v1/consents: what people have agreed to, which some policy packs ask for, and what
// they have taken back. Nothing is ever changed or erased: each is a row of its own. Answers to
// changes wait until they are on disk. No sockets; engine's thread.
#pragma once

#include "gateway/api/desk/pending_answers.hpp"
#include "gateway/api/request_context.hpp"
#include "gateway/api/service.hpp"

namespace hikyaku::gateway::api {

/// By more than clocks may differ.
[[nodiscard]] bool is_in_the_future(std::int64_t at_ms, std::int64_t now_ms);

class consents_resource {
public:
    /// Both outlive it.
    consents_resource(service& gateway, pending_answers& waiting)
        : service_(gateway), waiting_(waiting) {}

    answer post(const request_context& request);
    answer search(const request_context& request);
    answer withdraw(const request_context& request);

private:
    service& service_;
    pending_answers& waiting_;
};

}  // namespace hikyaku::gateway::api
