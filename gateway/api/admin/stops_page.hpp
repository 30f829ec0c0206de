// The admin pages of emergency stops: which there are, a new one, its end; and what the gate has
// decided about a message or about those of an account. No sockets; engine's thread.
#pragma once

#include <functional>

#include "gateway/api/admin/unmatched.hpp"
#include "gateway/api/http.hpp"
#include "gateway/api/policy/report.hpp"
#include "gateway/api/query.hpp"
#include "gateway/api/service.hpp"

namespace hikyaku::gateway::api {

/// Makes a report; its answer follows for the ticket. False: too many are under way.
using report_source = std::function<bool(report_question, reply_ticket)>;

class stops_page {
public:
    /// `gateway` outlives it.
    explicit stops_page(service& gateway) : service_(gateway) {}

    [[nodiscard]] http_response list();
    /// `asked`: account, purpose, by.
    [[nodiscard]] admin_answer stop(const query_values& asked, reply_ticket ticket, instant now);
    /// `asked`: account, purpose, as they were stopped.
    [[nodiscard]] admin_answer resume(const query_values& asked, reply_ticket ticket, instant now);

    /// The gate's about one message, of whichever account.
    [[nodiscard]] http_response decision(std::string_view id);
    /// What it has decided about those of one account.
    [[nodiscard]] admin_answer report(const query_values& asked, reply_ticket ticket,
                                      const report_source& begin);

private:
    service& service_;
};

}  // namespace hikyaku::gateway::api
