// The resource /v1/suppressions: contact points that are not used for a purpose; one by one, as a
// list, and as CSV in and out. Answers to changes wait until they are on disk. No sockets; engine's
// thread.
#pragma once

#include "gateway/api/desk/csv_import.hpp"
#include "gateway/api/desk/pending_answers.hpp"
#include "gateway/api/request_context.hpp"
#include "gateway/api/service.hpp"

namespace hikyaku::gateway::api {

class suppressions_resource {
public:
    /// All outlive it.
    suppressions_resource(service& gateway, pending_answers& waiting, csv_imports& imports)
        : service_(gateway), waiting_(waiting), imports_(imports) {}

    answer post(const request_context& request);
    answer list(const request_context& request);
    answer search(const request_context& request);
    answer remove(const request_context& request);
    answer import(const request_context& request);
    answer export_all(const request_context& request);

private:
    service& service_;
    pending_answers& waiting_;
    csv_imports& imports_;
};

}  // namespace hikyaku::gateway::api
