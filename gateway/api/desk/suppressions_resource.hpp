// The resource /v1/suppressions: contact points that are not used for a purpose; one by one, as a
// list, and as CSV in and out. Answers to changes wait until they are on disk. No sockets; engine's
// thread.
#pragma once

#include "gateway/api/desk/pending_answers.hpp"
#include "gateway/api/request_context.hpp"
#include "gateway/api/service.hpp"

namespace hikyaku::gateway::api {

inline constexpr std::string_view csv_type = "text/csv";

class suppressions_resource {
public:
    /// Both outlive it.
    suppressions_resource(service& gateway, pending_answers& waiting)
        : service_(gateway), waiting_(waiting) {}

    answer post(const request_context& request);
    answer list(const request_context& request);
    answer search(const request_context& request);
    answer remove(const request_context& request);
    answer import(const request_context& request);
    answer export_all(const request_context& request);

private:
    service& service_;
    pending_answers& waiting_;
};

}  // namespace hikyaku::gateway::api
