// The resource /v1/policy: what the gate would say about a message that nobody sends, and what it
// has decided about those that were. One object, engine's thread.
#pragma once

#include <functional>

#include "gateway/api/desk/pending_answers.hpp"
#include "gateway/api/policy/report.hpp"
#include "gateway/api/readers.hpp"
#include "gateway/api/request_context.hpp"
#include "gateway/api/service.hpp"
#include "gateway/gate/zone_book.hpp"

namespace hikyaku::gateway::api {

/// Has the report made on a reader's thread, then calls `told` on the engine's. False: too many are
/// under way.
[[nodiscard]] bool begin_report(report_question question, readers& pool,
                                std::function<void(http_response)> told);

class policy_resource {
public:
    /// As that of timelines.
    using ready_function = std::function<void(session_id)>;

    /// All outlive it; without `pool` there are no reports.
    policy_resource(service& gateway, pending_answers& waiting, readers* pool)
        : service_(gateway), waiting_(waiting), pool_(pool) {}

    answer evaluate(const request_context& request);
    answer report(const request_context& request);
    void on_ready(ready_function ready) { ready_ = std::move(ready); }

private:
    service& service_;
    pending_answers& waiting_;
    readers* pool_;
    ready_function ready_;
    gate::zone_book zones_;
};

}  // namespace hikyaku::gateway::api
