// The plain state that the engine keeps of accounts, sessions, endpoints, attempts, batches and
// searches; what is done with it is in engine_impl.hpp and the engine_*.cpp files, which alone read
// this. Engine's thread only.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <deque>

#include "gateway/engine/callback_queue.hpp"
#include "gateway/engine/carrier_receipt.hpp"
#include "gateway/engine/engine.hpp"
#include "gateway/engine/fresh_keys.hpp"
#include "gateway/engine/live_message.hpp"
#include "gateway/engine/planner.hpp"
#include "gateway/engine/receipt_evidence.hpp"
#include "gateway/engine/reply_sets.hpp"
#include "gateway/engine/webhook_batches.hpp"
#include "store/tables.hpp"

namespace hikyaku::gateway {

/// What one outbox (an account's sessions, or its webhook) has in memory: the head of what is in
/// the store, and what is on its way.
struct endpoint_state {
    endpoint_id id{};
    account_id account{};
    bool webhook = false;
    std::deque<std::uint64_t> ready;
    bool more_on_disk = false;
    boost::unordered_flat_set<std::uint64_t> busy;  // handed out, or its removal is not on disk yet
    boost::unordered_flat_map<std::uint64_t, std::uint32_t> failures;  // of those that failed
    std::uint64_t depth = 0;
    std::uint64_t dead = 0;
    // A webhook's one batch under way, and its back-off.
    std::uint64_t token = 0;
    std::vector<std::uint64_t> posted;
    std::uint32_t failed_posts = 0;
    std::int64_t failing_since_ms = 0;
    steady_time next_post{};
    bool disabled = false;
    webhook_batches batches;
    // Requests for URLs, if that is what this outbox is for (`ready` is not used then).
    std::unique_ptr<callback_queue> callbacks;
    std::uint64_t scanned_to = 0;  // what is in the store up to here was sorted by hosts
    bool wanted = false;           // is in the list of this turn
};

struct session_state {
    session_id id{};
    account_id account{};
    bool can_receive = false;
    std::uint32_t window = 0;
    std::uint8_t version = 0x34;
    boost::unordered_flat_set<std::uint64_t> outstanding;
    steady_time paused_until{};
    std::chrono::milliseconds pause{0};
};

/// The answer to a submission that is held back until then, because its account goes too fast.
struct paced_answer {
    steady_time due;
    reply_ticket ticket;
    message_id id;
    bool operator>(const paced_answer& other) const { return due > other.due; }
};

/// A final receipt whose id, in its likeliest form, nobody in memory has waited for, while attempts
/// are in flight. Where a carrier tells response and receipt over two binds at once, the response
/// is often read in the same turn, only later: so it waits for the turn's end before the store is
/// asked.
struct parked_receipt {
    parked_receipt(carrier_id came_from, const carrier_receipt& read, const carrier_message& from);
    parked_receipt(parked_receipt&&) noexcept = default;  // the octets stay where they are
    parked_receipt& operator=(parked_receipt&&) noexcept = default;

    carrier_id carrier{};
    carrier_receipt receipt;
    carrier_message message;  // its views point into `bytes`
    std::vector<std::uint8_t> bytes;
};

/// What became of a receipt that looked for its message.
enum class receipt_fate : std::uint8_t {
    unknown_id,   // no message has the id
    contradicts,  // every message that has it went to another phone
    ambiguous,    // several have it, and nothing says whose it is
    applied,
};

[[nodiscard]] constexpr UnmatchedWhy why_of(receipt_fate fate) {
    return fate == receipt_fate::contradicts ? UnmatchedWhy::contradicts
           : fate == receipt_fate::ambiguous ? UnmatchedWhy::ambiguous
                                             : UnmatchedWhy::unknown_id;
}

/// A message that the id of a receipt may mean; pinned as long as it stands here.
struct receipt_candidate {
    live_message* live = nullptr;
    store::receipt_target target;
    std::size_t reading = 0;  // of the id
    address_evidence addresses;
    bool open = false;  // it still waits for such a receipt
};

/// Of which set an event is made; `part` from 1, 0 = the whole. No set: a reply by itself.
struct reply_origin {
    const reply_set* set = nullptr;
    std::uint16_t part = 0;
    std::optional<account_id> owner;  // empty = not looked for yet
    bool incomplete = false;
    const carrier_message* as_sent = nullptr;  // before it was put into our form, if it is known
};

struct uncommitted_part {
    std::string bytes;
    std::uint32_t batches = 0;  // under way that hold it
};

/// How far retention is. A step is at most a few hundred entries of the store.
struct retention_state {
    steady_time next{};
    std::size_t steps = 0;  // not on disk yet
    bool of_rest = false;   // one of them has other tables than messages
    bool more_messages = false, more_rest = false;
    std::uint64_t resume = 0;  // message to go on from
};

/// A submitted message that stays in memory for a while after its changes are on disk, because most
/// receipts come within seconds and would read it again.
struct resting_message {
    message_id id{};
    steady_time since{};
};

/// What a carrier answers to a segment; views.
struct carrier_answer {
    smpp::command_status status = smpp::command_status::esme_rok;
    std::string_view message_id;
    refusal_words words;
};

struct attempt {
    std::uint32_t slot = 0;
    std::uint32_t generation = 1;
    bool used = false;
    bool timed_out = false;  // the message goes its way, but a late response may still come
    std::uint16_t segment = 0;
    std::uint16_t number = 0;  // from 1
    message_id message{};
    bind_id bind{};
    carrier_id carrier{};
    steady_time sent_at{};
};

/// A submission with everything that was decided before it is stored.
struct prepared_message {
    planned_message planned;
    route_id route{};
    std::uint64_t shown_id = 0;        // submit_multi: of the first message, in the others
    std::vector<std::uint64_t> group;  // submit_multi: the others, in the first message
    std::uint32_t alias = 0;
    std::vector<std::string> earlier_links;  // codes of a text that this one replaces
};

/// A search through what an account has queued, in slices: for cancel_sm by addresses, and for the
/// message that a submit_sm with replace_if_present_flag replaces.
struct queue_scan {
    operation_target what;
    reply_ticket ticket;
    bool ready = false;            // what was accepted before it is on disk
    std::size_t place = 0;         // route and priority that are looked at
    std::string resume;            // key to go on from; empty = the beginning of the place
    std::size_t cancelled = 0;     // cancel_sm
    std::uint64_t latest = 0;      // replace: the youngest match so far
    std::optional<submission> by;  // replace: what comes instead
    prepared_message prepared;
    steady_time due{};  // replace: when to answer
};

}  // namespace hikyaku::gateway
