// The resources /v1/tasks and /v1/timeline: work for persons, and what has happened to a contact
// point, a debtor or a debt. Answers to changes wait until they are on disk; timelines are read by
// the desk's thread. No sockets; engine's thread.
#pragma once

#include <boost/json/object.hpp>
#include <functional>

#include "gateway/api/desk/pending_answers.hpp"
#include "gateway/api/request_context.hpp"
#include "gateway/api/service.hpp"

namespace hikyaku::gateway::dunning {
struct task_view;  // gateway/dunning/protection.hpp
}

namespace hikyaku::gateway::api {

[[nodiscard]] boost::json::object to_json(const dunning::task_view& task);

class tasks_resource {
public:
    /// Both outlive it.
    tasks_resource(service& gateway, pending_answers& waiting)
        : service_(gateway), waiting_(waiting) {}

    answer post(const request_context& request);
    answer list(const request_context& request);
    answer get(const request_context& request);
    answer end(const request_context& request);

private:
    service& service_;
    pending_answers& waiting_;
};

class timeline_resource {
public:
    /// `ready` is called when the answer to a search is there, in a turn of its own.
    using ready_function = std::function<void(session_id)>;

    timeline_resource(service& gateway, pending_answers& waiting)
        : service_(gateway), waiting_(waiting) {}

    answer search(const request_context& request);
    void on_ready(ready_function ready) { ready_ = std::move(ready); }

private:
    service& service_;
    pending_answers& waiting_;
    ready_function ready_;
};

}  // namespace hikyaku::gateway::api
