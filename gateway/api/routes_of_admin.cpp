// The route table of the admin listener: a route is a line here and a handler in the router, or in
// the pages that it is about.
#include <array>

#include "gateway/api/admin/admin.hpp"
#include "gateway/api/answers.hpp"
#include "gateway/api/openapi/documents.hpp"
#include "gateway/api/openapi/openapi.hpp"

namespace hikyaku::gateway::api {
namespace {

constexpr std::array<std::string_view, 1> operators_send{json_type};

}  // namespace

std::span<const admin_router::line> admin_router::table() {
    using in = const request_context&;
    static const std::array lines{
        line{{.method = "GET",
              .pattern = "/healthz",
              .needs = role::nobody,
              .operation = "getHealth",
              .summary = "Whether the process works",
              .any_query = true,
              .answers = documents::health_answers},
             [](admin_router&, in) -> admin_answer { return {plain_answer(200, "ok\n")}; }},
        line{{.method = "GET",
              .pattern = "/readyz",
              .needs = role::nobody,
              .operation = "getReadiness",
              .summary = "Whether the gateway takes new work",
              .any_query = true,
              .answers = documents::readiness_answers},
             [](admin_router& r, in) -> admin_answer { return {r.ready()}; }},
        line{{.method = "GET",
              .pattern = "/metrics",
              .needs = role::admin,
              .operation = "getMetrics",
              .summary = "Metrics for Prometheus",
              .any_query = true,
              .answers = documents::metrics_answers},
             [](admin_router& r, in) -> admin_answer {
                 return {plain_answer(200, r.sources_.metrics(), metrics_type)};
             }},
        line{{.method = "GET",
              .pattern = "/admin/carriers",
              .needs = role::admin,
              .operation = "listCarriers",
              .summary = "The carriers, their binds and windows",
              .answers = documents::carriers_answers},
             [](admin_router& r, in) -> admin_answer { return {r.list_carriers()}; }},
        line{{.method = "POST",
              .pattern = "/admin/carriers/{name}:pause",
              .needs = role::admin,
              .operation = "pauseCarrier",
              .summary = "Give a carrier no new segments",
              .path = documents::carrier_path,
              .answers = documents::pause_answers,
              .refuses = documents::pause_refuses},
             [](admin_router& r, in c) -> admin_answer {
                 return {r.change_carrier(c.in_path.front(), true, c.now)};
             }},
        line{{.method = "POST",
              .pattern = "/admin/carriers/{name}:resume",
              .needs = role::admin,
              .operation = "resumeCarrier",
              .summary = "Give a carrier segments again",
              .path = documents::carrier_path,
              .answers = documents::pause_answers,
              .refuses = documents::pause_refuses},
             [](admin_router& r, in c) -> admin_answer {
                 return {r.change_carrier(c.in_path.front(), false, c.now)};
             }},
        line{{.method = "POST",
              .pattern = "/admin/config:reload",
              .needs = role::admin,
              .operation = "reloadConfig",
              .summary = "Read the configuration file again and apply what has changed",
              .answers = documents::reload_answers,
              .refuses = documents::reload_refuses},
             [](admin_router& r, in c) {
                 return r.config_.reload({c.session, 0});
             }},
        line{{.method = "GET",
              .pattern = "/admin/accounts",
              .needs = role::admin,
              .operation = "listAccounts",
              .summary = "The accounts and what waits for them",
              .answers = documents::accounts_answers},
             [](admin_router& r, in) -> admin_answer { return {r.list_accounts()}; }},
        line{{.method = "GET",
              .pattern = "/admin/unmatched",
              .needs = role::admin,
              .operation = "listUnmatched",
              .summary = "Receipts and replies that found nobody",
              .query = documents::unmatched_query,
              .answers = documents::unmatched_answers,
              .refuses = documents::unmatched_refuses},
             [](admin_router& r, in c) -> admin_answer {
                 return {r.unmatched_.list(c.parameters)};
             }},
        line{{.method = "POST",
              .pattern = "/admin/unmatched/{id}:replay",
              .needs = role::admin,
              .operation = "replayUnmatched",
              .summary = "Try one of them again",
              .path = documents::unmatched_path,
              .answers = documents::unmatched_replay_answers,
              .refuses = documents::unmatched_replay_refuses},
             [](admin_router& r, in c) -> admin_answer {
                 return r.unmatched_.replay(c.in_path.front(), {c.session, 0}, c.now);
             }},
        line{{.method = "GET",
              .pattern = "/admin/unmatched/{id}",
              .needs = role::admin,
              .operation = "getUnmatched",
              .summary = "Look at one of them",
              .path = documents::unmatched_path,
              .answers = documents::unmatched_one_answers,
              .refuses = documents::unmatched_one_refuses},
             [](admin_router& r, in c) -> admin_answer {
                 return {r.unmatched_.show(c.in_path.front())};
             }},
        line{{.method = "GET",
              .pattern = "/admin/links/reclassification",
              .needs = role::admin,
              .operation = "getReclassification",
              .summary = "How far hits of before are classified anew",
              .answers = documents::reclassification_answers},
             [](admin_router& r, in) -> admin_answer { return {r.links_.show()}; }},
        line{{.method = "POST",
              .pattern = "/admin/links:reclassify",
              .needs = role::admin,
              .operation = "reclassifyHits",
              .summary = "Classify stored hits anew by the lists of today",
              .answers = documents::reclassification_answers},
             [](admin_router& r, in c) -> admin_answer { return {r.links_.reclassify(c.now)}; }},
        line{{.method = "GET",
              .pattern = "/admin/stops",
              .needs = role::admin,
              .operation = "listStops",
              .summary = "What operators have stopped",
              .answers = documents::stop_list_answers},
             [](admin_router& r, in) -> admin_answer { return {r.stops_.list()}; }},
        line{{.method = "POST",
              .pattern = "/admin/sending:stop",
              .needs = role::admin,
              .operation = "stopSending",
              .summary = "Send nothing more until it is allowed again",
              .query = documents::stop_query,
              .answers = documents::stop_answers,
              .refuses = documents::change_refuses},
             [](admin_router& r, in c) -> admin_answer {
                 return r.stops_.stop(c.parameters, {c.session, 0}, c.now);
             }},
        line{{.method = "POST",
              .pattern = "/admin/sending:resume",
              .needs = role::admin,
              .operation = "resumeSending",
              .summary = "Send again what was stopped",
              .query = documents::resume_query,
              .answers = documents::stop_answers,
              .refuses = documents::lift_refuses},
             [](admin_router& r, in c) -> admin_answer {
                 return r.stops_.resume(c.parameters, {c.session, 0}, c.now);
             }},
        line{{.method = "GET",
              .pattern = "/admin/decisions/{id}",
              .needs = role::admin,
              .operation = "getDecision",
              .summary = "What the gate has decided about a message",
              .path = documents::message_path,
              .answers = documents::decision_answers,
              .refuses = documents::hold_refuses},
             [](admin_router& r, in c) -> admin_answer {
                 return {r.stops_.decision(c.in_path.front())};
             }},
        line{{.method = "GET",
              .pattern = "/admin/policy/report",
              .needs = role::admin,
              .operation = "reportPolicyOfAccount",
              .summary = "What the gate has decided about the messages of an account",
              .query = documents::admin_report_query,
              .answers = documents::report_answers,
              .refuses = documents::report_refuses},
             [](admin_router& r, in c) {
                 return r.stops_.report(c.parameters, {c.session, 0}, r.sources_.report);
             }},
        line{{.method = "GET",
              .pattern = "/admin/clock",
              .needs = role::admin,
              .operation = "getClock",
              .summary = "What time it is",
              .answers = documents::clock_answers},
             [](admin_router& r, in) -> admin_answer { return {r.clock_.show()}; }},
        line{{.method = "POST",
              .pattern = "/admin/clock:advance",
              .needs = role::admin,
              .operation = "advanceClock",
              .summary = "Move the clock of a sandbox",
              .takes = operators_send,
              .body = &documents::clock_move_body,
              .example = documents::clock_move_example,
              .answers = documents::clock_moved_answers,
              .refuses = documents::clock_move_refuses},
             [](admin_router& r, in c) { return r.clock_.advance(c); }},
        line{{.method = "GET",
              .pattern = "/admin/store",
              .needs = role::admin,
              .operation = "getStore",
              .summary = "Whether the store has to be confirmed",
              .answers = documents::store_answers},
             [](admin_router& r, in) -> admin_answer { return {r.store_.show()}; }},
        line{{.method = "POST",
              .pattern = "/admin/store:confirm",
              .needs = role::admin,
              .operation = "confirmStore",
              .summary = "It is the right store on the right machine, and the clock is right",
              .takes = operators_send,
              .body = &documents::store_confirm_body,
              .example = documents::store_confirm_example,
              .answers = documents::store_answers,
              .refuses = documents::store_confirm_refuses},
             [](admin_router& r, in c) { return r.store_.confirm(c); }},
        line{{openapi_line},
             [](admin_router&, in c) -> admin_answer { return {openapi_response(c.http)}; }},
    };
    return lines;
}

}  // namespace hikyaku::gateway::api
