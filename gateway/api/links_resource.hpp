// The resource /v1/links: what the target of a tracked link tells of it. No sockets; engine's
// thread.
#pragma once

#include "gateway/api/desk/pending_answers.hpp"
#include "gateway/api/request_context.hpp"
#include "gateway/api/service.hpp"

namespace hikyaku::gateway::api {

class links_resource {
public:
    /// Both outlive it.
    links_resource(service& gateway, pending_answers& waiting)
        : service_(gateway), waiting_(waiting) {}

    /// A person has seen the page that the link leads to. Answered when that is on disk.
    answer tell_seen(const request_context& request);

private:
    service& service_;
    pending_answers& waiting_;
};

}  // namespace hikyaku::gateway::api
