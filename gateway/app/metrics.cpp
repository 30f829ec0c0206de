#include "gateway/app/metrics.hpp"

#include <unistd.h>

#include <array>
#include <fstream>

#include "gateway/app/metrics_text.hpp"
#include "gateway/engine/errors.hpp"

namespace hikyaku::gateway::app {
namespace {

void write_messages(metrics_text& to, const counters& count) {
    to.counter("hikyaku_messages_accepted_total", "Messages that are on disk and were answered.")
        .value(count.accepted);
    to.counter("hikyaku_segments_accepted_total", "Segments of the accepted messages.")
        .value(count.accepted_segments);
    to.counter("hikyaku_submissions_refused_total", "Submissions refused, by reason.");
    for (std::size_t i = 1; i < refusal_count; ++i)
        to.value(count.refused[i], {{"reason", code_of(static_cast<refusal>(i))}});
    to.counter("hikyaku_messages_finished_total", "Messages by their final state.");
    for (const auto state : model::record::EnumValuesState()) {
        if (state == State::queued || state == State::submitted) continue;
        to.value(count.finished[static_cast<std::size_t>(state)],
                 {{"state", model::record::EnumNameState(state)}});
    }
    to.counter("hikyaku_expired_by_retention_total", "Old messages removed from the store.")
        .value(count.expired_by_retention);
}

/// What of `all` is not among those that have a label of their own, so that labels add up.
std::uint64_t others_than(std::uint64_t all, std::uint64_t labelled) {
    return all > labelled ? all - labelled : 0;
}

void write_attempts(metrics_text& to, const counters& count) {
    to.counter("hikyaku_attempts_total", "Segments handed to a carrier, again ones included.")
        .value(count.attempts);
    to.counter("hikyaku_responses_total", "Responses of carriers to segments, by result.")
        .value(count.responses_ok, {{"result", "ok"}})
        .value(others_than(count.responses_error, count.throttled), {{"result", "error"}})
        .value(count.throttled, {{"result", "throttled"}})
        .value(count.late_responses, {{"result", "late"}});
    to.counter("hikyaku_retries_total", "Segments put back to be tried again.")
        .value(count.retries);
    to.counter("hikyaku_outcome_unknown_total",
               "Attempts whose response never came, so that nobody knows what became of them.")
        .value(count.outcome_unknown);
    to.counter("hikyaku_resends_withheld_total",
               "Segments of at-most-once messages that wait for an outcome instead of a resend.")
        .value(count.resends_withheld);
    to.counter("hikyaku_gate_answers_total",
               "Answers of the gate about messages that are not transactional; one that is delayed "
               "or tried again is asked about again.")
        .value(count.gate_allowed, {{"answer", "allow"}})
        .value(count.gate_delayed, {{"answer", "delay"}})
        .value(count.gate_blocked, {{"answer", "block"}})
        .value(count.gate_required, {{"answer", "require"}});
    to.counter("hikyaku_replaced_total", "Waiting messages that got another text.")
        .value(count.replaced);
    to.counter("hikyaku_alerts_total", "alert_notification from carriers, by what became of them.")
        .value(count.alerts - count.alerts_unowned, {{"result", "passed_on"}})
        .value(count.alerts_unowned, {{"result", "no_account"}});
}

void write_events(metrics_text& to, const counters& count) {
    to.counter("hikyaku_receipts_total", "Receipts of carriers, by what they were matched with.")
        .value(others_than(count.receipts, count.receipts_early + count.receipts_duplicate),
               {{"match", "message"}})
        .value(count.receipts_early, {{"match", "early"}})
        .value(count.receipts_duplicate, {{"match", "duplicate"}})
        .value(others_than(count.receipts_unmatched,
                           count.receipts_contradicting + count.receipts_ambiguous),
               {{"match", "none"}})
        .value(count.receipts_contradicting, {{"match", "contradicts"}})
        .value(count.receipts_ambiguous, {{"match", "ambiguous"}})
        .value(count.receipts_unreadable, {{"match", "unreadable"}})
        .value(count.receipts_replayed, {{"match", "replayed"}});
    to.counter("hikyaku_replies_total", "Replies of phones, by whether an account owns them.")
        .value(others_than(count.replies, count.replies_unroutable), {{"owner", "account"}})
        .value(count.replies_unroutable, {{"owner", "none"}});
    to.counter("hikyaku_reply_parts_total",
               "Parts of long replies, by whether they were new or had come before.")
        .value(others_than(count.reply_parts, count.reply_parts_duplicate), {{"part", "new"}})
        .value(count.reply_parts_duplicate, {{"part", "duplicate"}});
    to.counter("hikyaku_long_replies_total",
               "Long replies handed on, by whether all of their parts had come.")
        .value(count.replies_reassembled, {{"state", "complete"}})
        .value(count.replies_incomplete, {{"state", "incomplete"}});
    to.counter("hikyaku_deliveries_total", "Events that applications acknowledged, by way.")
        .value(count.delivered_smpp, {{"way", "smpp"}})
        .value(count.delivered_webhook, {{"way", "webhook"}})
        .value(count.delivered_callback, {{"way", "callback"}});
    to.counter("hikyaku_deliveries_failed_total", "Deliveries of events that will be repeated.")
        .value(count.deliveries_failed);
    to.counter("hikyaku_deliveries_dropped_total", "Events that applications refused for good.")
        .value(count.deliveries_dropped);
    to.counter("hikyaku_webhook_events_refused_total",
               "Tries of single events that a webhook refused; such an event waits by itself.")
        .value(count.events_refused);
    to.counter("hikyaku_dead_letters_total", "Events given up after repeated failures.")
        .value(count.dead_letters);
    to.counter("hikyaku_link_hits_total", "Requests for tracked links that were recorded.")
        .value(count.hits);
    to.counter("hikyaku_link_hits_by_class_total",
               "Recorded requests by the class they came with.");
    for (std::size_t i = 0; i < links::hit_class_count; ++i)
        to.value(count.hits_by_class[i],
                 {{"class", links::to_string(static_cast<links::hit_class>(i))}});
    to.counter("hikyaku_link_visits_total",
               "Hits that were the first of their visit: of link, day, network and user agent.")
        .value(count.visits);
    to.counter("hikyaku_link_hits_raised_total",
               "Hits made a person's by an asset of the page or by what the person did there.")
        .value(count.hits_raised);
    to.counter("hikyaku_links_seen_total",
               "Links of which a target or a page said that they were seen.")
        .value(count.links_seen);
    to.counter("hikyaku_link_hits_lost_total", "Requests for links that could not be recorded.")
        .value(count.hits_lost);
    to.counter(
          "hikyaku_link_hits_unlogged_total",
          "Hits that a killed process would have lost: their log was full or the disk refused.")
        .value(count.hits_unlogged);
}

void write_accounts(metrics_text& to, const metrics_sources& from) {
    to.gauge("hikyaku_account_queued_messages", "Messages waiting to be sent, by account.");
    for (const auto& row : from.accounts)
        to.value(row.queued, {{"account", row.name}});
    to.gauge("hikyaku_account_outbox_events", "Events that an application was not told of yet.");
    for (const auto& row : from.accounts) {
        to.value(row.outbox_smpp, {{"account", row.name}, {"way", "smpp"}});
        to.value(row.outbox_webhook, {{"account", row.name}, {"way", "webhook"}});
        to.value(row.outbox_callback, {{"account", row.name}, {"way", "callback"}});
    }
    to.gauge("hikyaku_account_dead_letters", "Events that were given up and can be replayed.");
    for (const auto& row : from.accounts)
        to.value(row.dead_letters, {{"account", row.name}});
    to.gauge("hikyaku_account_sessions", "Bound SMPP sessions, by account.");
    for (const auto& row : from.accounts)
        to.value(row.sessions, {{"account", row.name}});
    to.gauge("hikyaku_account_webhook_disabled", "1 after the webhook answered 410.");
    for (const auto& row : from.accounts)
        to.value(row.webhook_disabled ? 1 : 0, {{"account", row.name}});
}

void write_carriers(metrics_text& to, const metrics_sources& from) {
    to.gauge("hikyaku_carrier_binds_up", "Binds to the carrier that are up.");
    for (const auto& row : from.carriers)
        to.value(row.binds_up, {{"carrier", row.name}});
    to.gauge("hikyaku_carrier_binds_configured", "Binds to the carrier that there should be.");
    for (const auto& row : from.binds)
        to.value(row.binds_configured, {{"carrier", row.carrier}});
    to.gauge("hikyaku_carrier_in_flight_segments", "Segments without response yet.");
    for (const auto& row : from.carriers)
        to.value(row.in_flight, {{"carrier", row.name}});
    to.gauge("hikyaku_carrier_window_segments",
             "Segments that may be without response now, over the binds that are up.");
    for (const auto& row : from.carriers)
        to.value(row.window, {{"carrier", row.name}});
    to.gauge("hikyaku_carrier_congestion", "The last congestion_state that the carrier told.");
    for (const auto& row : from.carriers)
        to.value(row.congestion, {{"carrier", row.name}});
    to.gauge("hikyaku_carrier_paused", "1 while an operator has paused the carrier.");
    for (const auto& row : from.carriers)
        to.value(row.paused ? 1 : 0, {{"carrier", row.name}});
    to.counter("hikyaku_carrier_submitted_total", "Segments that the carrier has accepted.");
    for (const auto& row : from.carriers)
        to.value(row.submitted, {{"carrier", row.name}});
    to.counter("hikyaku_carrier_refused_total", "Segments that the carrier has refused.");
    for (const auto& row : from.carriers)
        to.value(row.refused, {{"carrier", row.name}});
    to.counter("hikyaku_carrier_throttled_total", "ESME_RTHROTTLED and ESME_RMSGQFUL answers.");
    for (const auto& row : from.carriers)
        to.value(row.throttled, {{"carrier", row.name}});
    to.counter("hikyaku_carrier_delivered_late_total",
               "Receipts of delivery outside the time that the gate gave.");
    for (const auto& row : from.carriers)
        to.value(row.delivered_late, {{"carrier", row.name}});
    to.counter("hikyaku_carrier_cancels_total", "cancel_sm for holds: `asked`, `granted`.");
    for (const auto& row : from.carriers) {
        to.value(row.cancels_asked, {{"carrier", row.name}, {"event", "asked"}});
        to.value(row.cancels_granted, {{"carrier", row.name}, {"event", "granted"}});
    }
    to.counter("hikyaku_carrier_unknown_stats_total",
               "Receipts whose `stat` is in no list; the log shows some of the words.");
    for (const auto& row : from.carriers)
        to.value(row.unknown_stats, {{"carrier", row.name}});
    to.counter("hikyaku_carrier_binds_total", "Binds by their end.");
    for (const auto& row : from.binds) {
        to.value(row.counters.binds, {{"carrier", row.carrier}, {"event", "bound"}});
        to.value(row.counters.binds_refused, {{"carrier", row.carrier}, {"event", "refused"}});
        to.value(row.counters.lost, {{"carrier", row.carrier}, {"event", "lost"}});
        to.value(row.counters.outbinds, {{"carrier", row.carrier}, {"event", "outbind"}});
        to.value(row.counters.outbinds_refused,
                 {{"carrier", row.carrier}, {"event", "outbind_refused"}});
        to.value(row.counters.connects_failed,
                 {{"carrier", row.carrier}, {"event", "connect_failed"}});
    }
}

/// All rows are there from the start.
void write_bind_attempts(metrics_text& to, const metrics_sources& from) {
    to.counter(
        "hikyaku_carrier_bind_attempts_total",
        "Attempts to bind to the carrier, by result: bound, or the stage at which it failed.");
    for (const auto& row : from.binds) {
        to.value(row.counters.binds, {{"carrier", row.carrier}, {"result", "bound"}});
        for (std::size_t i = 0; i < row.ends.size(); ++i) {
            to.value(row.ends[i], {{"carrier", row.carrier},
                                   {"result", io::name_of(static_cast<io::bind_stage>(i))}});
        }
    }
}

/// Every reason has its rows from the start; `no_carrier` and `not_recorded` are of no new entry.
void write_unmatched(metrics_text& to, const metrics_sources& from) {
    to.counter("hikyaku_carrier_unmatched_total",
               "Receipts and replies that found nobody and were kept, by reason.");
    for (const auto& row : from.carriers) {
        for (const auto why : model::record::EnumValuesUnmatchedWhy()) {
            if (why == UnmatchedWhy::not_recorded || why == UnmatchedWhy::no_carrier) continue;
            to.value(row.unmatched[static_cast<std::size_t>(why)],
                     {{"carrier", row.name}, {"why", word_of(why)}});
        }
    }
    to.counter("hikyaku_carrier_replayed_total",
               "Of these entries: found somebody when they were tried again.");
    for (const auto& row : from.carriers) {
        to.value(row.receipts_replayed, {{"carrier", row.name}, {"kind", "receipt"}});
        to.value(row.replies_replayed, {{"carrier", row.name}, {"kind", "reply"}});
    }
}

/// Every peer has its rows from the start, so that a first fault is a step and no new series.
void write_faults(metrics_text& to, const metrics_sources& from) {
    to.counter("hikyaku_smpp_malformed_total",
               "Faulty PDUs by peer: refused, or taken without the octets behind the last field.");
    const auto of_account = [&](const std::string& account) {
        for (const auto& row : from.smpp_faults) {
            if (row.account == account) return row.counts;
        }
        return io::fault_counts{};
    };
    const auto write = [&](std::string_view label, const std::string& name,
                           const io::fault_counts& counts) {
        to.value(counts.refused, {{label, name}, {"result", "refused"}});
        to.value(counts.tolerated, {{label, name}, {"result", "tolerated"}});
    };
    write("account", "", of_account(""));
    for (const auto& account : from.accounts)
        write("account", account.name, of_account(account.name));
    for (const auto& carrier : from.binds)
        write("carrier", carrier.carrier, carrier.faults);
}

void write_smpp_server(metrics_text& to, const metrics_sources& from) {
    std::uint64_t bound = 0, pending = 0, deliveries = 0;
    for (const auto& session : from.sessions) {
        bound += session.account.empty() ? 0 : 1;
        pending += session.submissions_pending;
        deliveries += session.deliveries_in_flight;
    }
    to.gauge("hikyaku_smpp_sessions", "Connections of applications over SMPP, by state.")
        .value(bound, {{"state", "bound"}})
        .value(from.sessions.size() - bound, {{"state", "unbound"}});
    to.gauge("hikyaku_smpp_requests_pending", "Requests of applications without answer yet.")
        .value(pending);
    to.gauge("hikyaku_smpp_deliveries_in_flight", "deliver_sm to applications without answer yet.")
        .value(deliveries);
    to.counter("hikyaku_smpp_connections_total", "Connections to the SMPP listeners, by result.")
        .value(from.listeners.accepted, {{"result", "accepted"}})
        .value(from.listeners.refused, {{"result", "refused"}})
        .value(from.listeners.accept_errors, {{"result", "accept_error"}})
        .value(from.listeners.handshake_errors, {{"result", "handshake_error"}})
        .value(from.smpp.closed_unbound, {{"result", "closed_unbound"}})
        .value(from.smpp_places.evicted, {{"result", "evicted"}});
    to.counter("hikyaku_smpp_balanced_connections_total",
               "Connections of balancers, by what their PROXY header says.")
        .value(from.listeners.proxied, {{"header", "client"}})
        .value(from.listeners.proxy_local, {{"header", "local"}})
        .value(from.listeners.proxy_errors, {{"header", "none"}});
    to.counter("hikyaku_smpp_binds_total", "Binds of applications, by result.")
        .value(from.smpp.binds, {{"result", "ok"}})
        .value(from.smpp.binds_wrong_password, {{"result", "wrong_password"}})
        .value(others_than(from.smpp.binds_refused,
                           from.smpp.binds_wrong_password + from.smpp.binds_locked_out),
               {{"result", "refused"}})
        .value(from.smpp.binds_locked_out, {{"result", "locked_out"}});
    to.counter("hikyaku_smpp_lockouts_total", "Addresses locked out after wrong passwords.")
        .value(from.smpp.lockouts);
    to.gauge("hikyaku_smpp_locked_out_addresses", "Addresses that are locked out now.")
        .value(from.smpp_locked_out);
    to.counter("hikyaku_smpp_binds_waited_total",
               "Binds that waited until it was known whether the account's sessions are alive.")
        .value(from.smpp.binds_waited);
    to.counter("hikyaku_smpp_sessions_evicted_total",
               "Bound sessions that kept silent when their account wanted to bind anew.")
        .value(from.smpp.evicted);
    to.counter("hikyaku_smpp_outbinds_total", "Calls to applications for which something waits.")
        .value(from.smpp.outbinds, {{"event", "sent"}})
        .value(from.smpp.outbinds_bound, {{"event", "bound"}})
        .value(from.smpp.outbinds_failed, {{"event", "failed"}});
    to.counter("hikyaku_smpp_tls_reloads_total", "Reloads of the certificates, by result.")
        .value(from.smpp.tls_reloads, {{"result", "ok"}})
        .value(from.smpp.tls_reloads_failed, {{"result", "failed"}});
    write_faults(to, from);
    to.counter("hikyaku_password_hashes_total", "Passwords checked the slow way.")
        .value(from.passwords_hashed);
}

void write_store(metrics_text& to, const metrics_sources& from) {
    const auto& stats = from.writer;
    std::array<double, store::writer_stats::bounds_microseconds.size()> bounds{};
    for (std::size_t i = 0; i < bounds.size(); ++i)
        bounds[i] = store::writer_stats::bounds_microseconds[i] / 1e6;
    to.histogram("hikyaku_store_commit_seconds", "Time of each commit with its sync.", bounds,
                 stats.commits_by_duration,
                 static_cast<double>(stats.commit_microseconds_sum) / 1e6);
    to.counter("hikyaku_store_commits_failed_total", "Commits that the disk refused.")
        .value(stats.failed_commits);
    to.counter("hikyaku_store_sent_mark_failures_total",
               "Writes of sent.mark that the disk refused; contract rates wait meanwhile.")
        .value(from.engine->send_mark_failures);
    to.counter("hikyaku_store_batches_total", "Batches on disk; several share a commit.")
        .value(stats.batches);
    to.counter("hikyaku_store_operations_total", "Entries written or erased.")
        .value(stats.operations);
    to.counter("hikyaku_store_bytes_total", "Bytes of keys and values written.").value(stats.bytes);
    to.counter("hikyaku_store_refused_total", "Batches of new submissions that were refused.")
        .value(stats.refused);
    to.gauge("hikyaku_store_pending_bytes", "Bytes that wait for the writer.")
        .value(from.writer_pending_bytes);
    to.gauge("hikyaku_store_failing", "1 while the disk refuses writes.")
        .value(from.store_failing ? 1 : 0);
    to.gauge("hikyaku_store_used_bytes", "The store's file up to the last page ever used.")
        .value(from.store.used_bytes);
    to.gauge("hikyaku_store_map_bytes", "Address space of the store.").value(from.store.map_bytes);
    to.counter("hikyaku_store_read_faults_total", "Reads that met damaged pages; must stay 0.")
        .value(from.store.read_faults);
}

void write_names(metrics_text& to, const metrics_sources& from) {
    to.counter(
        "hikyaku_dns_lookups_total",
        "Look-ups of names of carriers and of accounts' URLs, by result; kept: the last good "
        "addresses of a carrier were used.");
    const auto rows = [&to](std::string_view of, const smpp::io::resolver_counters& count) {
        to.value(count.found, {{"of", of}, {"result", "found"}});
        to.value(count.unknown, {{"of", of}, {"result", "unknown"}});
        to.value(count.failed, {{"of", of}, {"result", "failed"}});
        to.value(count.refused, {{"of", of}, {"result", "refused"}});
        to.value(count.kept, {{"of", of}, {"result", "kept"}});
    };
    rows("carriers", from.names_of_carriers);
    rows("accounts", from.names_of_accounts);
}

void write_process(metrics_text& to, const metrics_sources& from) {
    to.gauge("hikyaku_ready", "1 when new work is welcome, as /readyz.").value(from.ready ? 1 : 0);
    to.gauge("hikyaku_queued_messages", "Messages accepted and not yet sent.").value(from.queued);
    to.gauge("hikyaku_oldest_ready_age_seconds",
             "Age of the oldest message that could be sent; with a bind up it must not grow.")
        .value(static_cast<double>(from.oldest_ready_age_ms) / 1e3);
    to.gauge("hikyaku_clock_ahead_seconds",
             "How far our clock runs ahead of the system's since that was set back.")
        .value(static_cast<double>(from.clock_ahead_ms) / 1e3);
    to.gauge("hikyaku_clock_moved_seconds",
             "How far a sandbox's clock is ahead of the machine's; 0: it is the machine's.")
        .value(static_cast<double>(from.clock_moved_ms) / 1e3);
    to.gauge("hikyaku_store_unconfirmed",
             "1: nothing that asks the gate is sent until an operator confirms the store.")
        .value(from.store_unconfirmed ? 1 : 0);
    to.gauge("hikyaku_tasks", "Coroutines that run.").value(from.tasks_running);
    to.counter("hikyaku_tasks_failed_total", "Coroutines ended by an exception; must stay 0.")
        .value(from.tasks_failed);
    to.gauge("process_resident_memory_bytes", "Memory of the process in RAM.")
        .value(from.resident_bytes);
}

void write_others(metrics_text& to, const metrics_sources& from) {
    std::string_view family;
    for (const auto& row : from.others) {
        if (row.name != family) {
            family = row.name;
            row.counter ? to.counter(row.name, row.help) : to.gauge(row.name, row.help);
        }
        if (row.label.empty())
            to.value(row.value);
        else
            to.value(row.value, {{row.label, row.label_value}});
    }
}

}  // namespace

std::string render_metrics(const metrics_sources& from) {
    metrics_text page;
    if (from.engine != nullptr) {
        write_messages(page, *from.engine);
        write_attempts(page, *from.engine);
        write_events(page, *from.engine);
    }
    write_accounts(page, from);
    write_carriers(page, from);
    write_bind_attempts(page, from);
    write_unmatched(page, from);
    write_smpp_server(page, from);
    write_store(page, from);
    write_others(page, from);
    write_names(page, from);
    write_process(page, from);
    return page.take();
}

std::uint64_t resident_bytes() {
    std::ifstream in("/proc/self/statm");
    std::uint64_t total = 0, resident = 0;
    if (!(in >> total >> resident)) return 0;
    return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace hikyaku::gateway::app
