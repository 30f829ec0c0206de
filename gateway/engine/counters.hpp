// What the engine counts. Plain numbers that only grow, read by the metrics page on the same
// thread.
#pragma once

#include <array>
#include <cstdint>

namespace hikyaku::gateway {

struct counters {
    std::uint64_t accepted = 0;  // messages on disk and answered
    std::uint64_t accepted_segments = 0;
    std::array<std::uint64_t, 32> refused{};  // by refusal
    std::uint64_t attempts = 0;               // segments handed to a bind
    std::uint64_t responses_ok = 0;
    std::uint64_t responses_error = 0;
    std::uint64_t throttled = 0;  // ESME_RTHROTTLED and ESME_RMSGQFUL from carriers
    std::uint64_t retries = 0;
    std::uint64_t outcome_unknown = 0;
    std::uint64_t late_responses = 0;
    std::uint64_t resends_withheld = 0;  // outcome unknown, and the message is at-most-once
    std::uint64_t gate_allowed = 0;      // the gate's answers
    std::uint64_t gate_delayed = 0;
    std::uint64_t gate_blocked = 0;
    std::uint64_t gate_required = 0;          // a field that the message does not have
    std::uint64_t replaced = 0;               // by replace_sm or replace_if_present_flag
    std::uint64_t alerts = 0;                 // alert_notification from carriers
    std::uint64_t alerts_unowned = 0;         // of them: no account has the number
    std::array<std::uint64_t, 8> finished{};  // messages by final State
    std::uint64_t receipts = 0;               // matched
    std::uint64_t receipts_early = 0;         // before their response
    std::uint64_t receipts_duplicate = 0;
    std::uint64_t receipts_unmatched = 0;      // kept until their response comes, if it does
    std::uint64_t receipts_contradicting = 0;  // of them: each message of the id went elsewhere
    std::uint64_t receipts_ambiguous = 0;      // of them: several have the id, and nothing decides
    std::uint64_t receipts_unreadable = 0;
    std::uint64_t receipts_replayed = 0;  // unmatched ones, after response_id or receipt_id changed
    std::uint64_t replies = 0;
    std::uint64_t replies_unroutable = 0;
    std::uint64_t reply_parts = 0;  // of long replies, as they come
    std::uint64_t reply_parts_duplicate = 0;
    std::uint64_t replies_reassembled = 0;
    std::uint64_t replies_incomplete = 0;  // given up after the time-out, or their place was needed
    std::uint64_t delivered_smpp = 0;      // outbox entries acknowledged
    std::uint64_t delivered_webhook = 0;
    std::uint64_t delivered_callback = 0;
    std::uint64_t delivered_consumer = 0;  // inside the process
    std::uint64_t deliveries_failed = 0;
    std::uint64_t deliveries_dropped = 0;  // refused for good by the application
    std::uint64_t events_refused = 0;      // by a webhook that got nothing else in the same post
    std::uint64_t dead_letters = 0;
    std::uint64_t hits = 0;
    std::array<std::uint64_t, 6> hits_by_class{};  // as they came; indexed by links::hit_class
    std::uint64_t visits = 0;                      // hits that were the first of their visit
    std::uint64_t hits_raised = 0;                 // made a person's by an asset or an act
    std::uint64_t links_seen = 0;
    std::uint64_t hits_lost = 0;           // over hits_pending_max
    std::uint64_t hits_unlogged = 0;       // answered without being in the hit log
    std::uint64_t send_mark_failures = 0;  // the disk has refused until when carriers were sent to
    std::uint64_t commits = 0, commits_failed = 0;
    std::uint64_t expired_by_retention = 0;
};

}  // namespace hikyaku::gateway
