// The resource /v1/holds: place a hold on a contact point, debtor, debt or the whole account, look
// at holds, lift them. Whom a search is about stands in its body, for targets end in logs. Answers
// to changes wait until they are on disk. No sockets; engine's thread.
#pragma once

#include "gateway/api/desk/pending_answers.hpp"
#include "gateway/api/request_context.hpp"
#include "gateway/api/service.hpp"

namespace hikyaku::gateway::api {

class holds_resource {
public:
    /// Both outlive it.
    holds_resource(service& gateway, pending_answers& waiting)
        : service_(gateway), waiting_(waiting) {}

    answer post(const request_context& request);
    answer list(const request_context& request);
    answer search(const request_context& request);
    answer get(const request_context& request);
    answer lift(const request_context& request);

private:
    service& service_;
    pending_answers& waiting_;
};

}  // namespace hikyaku::gateway::api
