// The resource /v1/consents: what people have agreed to, which some policy packs ask for, and what
// they have taken back. Nothing is ever changed or erased: each is a row of its own. Answers to
// changes wait until they are on disk. No sockets; engine's thread.
#pragma once

#include "gateway/api/desk/csv_import.hpp"
#include "gateway/api/desk/pending_answers.hpp"
#include "gateway/api/request_context.hpp"
#include "gateway/api/service.hpp"

namespace hikyaku::gateway::api {

class consents_resource {
public:
    /// All outlive it.
    consents_resource(service& gateway, pending_answers& waiting, csv_imports& imports)
        : service_(gateway), waiting_(waiting), imports_(imports) {}

    answer post(const request_context& request);
    answer search(const request_context& request);
    answer withdraw(const request_context& request);
    answer import(const request_context& request);
    answer export_all(const request_context& request);

private:
    service& service_;
    pending_answers& waiting_;
    csv_imports& imports_;
};

}  // namespace hikyaku::gateway::api
