// What applications ask for: messages are planned, routed and taken, or refused; and what they ask
// of their messages later: query, cancel, replace, by id or by addresses. Planning changes nothing;
// numbers are used up when a message is taken. Engine's thread only.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gateway/engine/directory/directory.hpp"
#include "gateway/engine/directory/rate.hpp"
#include "gateway/engine/engine.hpp"
#include "gateway/engine/messages/concat_references.hpp"
#include "gateway/engine/messages/messages.hpp"
#include "gateway/engine/room.hpp"
#include "gateway/engine/submission/paced_answers.hpp"
#include "gateway/engine/submission/route_planner.hpp"
#include "gateway/engine/submission/short_ids.hpp"

namespace hikyaku::gateway {

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

class submissions : private room {
public:
    submissions(engine_context& context, directory& known, messages& about,
                concat_references& references, paced_answers& answers, short_ids& aliases);

    /// The directory has taken over other settings: accounts that are new, rates that are changed.
    void take_accounts();

    // New messages. See engine.hpp.
    submit_result submit(account_id account, submission&& message, reply_ticket ticket);
    multi_result submit_multi(account_id account, submission&& message,
                              std::span<const phone_address> destinations, reply_ticket ticket);
    [[nodiscard]] refusal refuses_now(account_id account, std::uint32_t segments);
    [[nodiscard]] estimate_result estimate(account_id account, submission&& message) const;
    /// Why nothing new is taken now, whoever brings it.
    [[nodiscard]] refusal refuse_now() const;
    void on_accepted(const after::accepted& what, bool ok);
    void on_joined(message_id id, bool ok);
    /// The share of the account's rate that is used up; see token_bucket::used().
    [[nodiscard]] double rate_used(account_id account, steady_time now) const {
        return rates_[account].used(now);
    }

    // Operations on messages that are in the store.
    refusal cancel(account_id account, message_id id, reply_ticket ticket);
    std::optional<query_view> query(account_id account, const operation_target& what);
    smpp::command_status cancel_matching(account_id account, const operation_target& what,
                                         reply_ticket ticket);
    smpp::command_status replace(account_id account, const operation_target& what, replacement&& by,
                                 reply_ticket ticket);
    void on_replaced(message_id id);
    /// One slice of one account's search: accounts take turns.
    void step_scans();
    void on_scan_ready(account_id account);
    [[nodiscard]] bool scanning() const { return !scans_.empty(); }

private:
    // submit.cpp
    [[nodiscard]] std::optional<submit_result> refuse_early(const known_account& account) const;
    submit_result refuse(refusal why, std::uint32_t detail = 0);
    /// What the message does not say and the account does.
    static void fill_from_account(const config::account& account, submission& message);
    /// Takes segments from the account's rate, or says why not; `pace` is how long to wait with the
    /// answer.
    plan_refusal take_rate(const known_account& account, std::uint32_t segments,
                           std::chrono::microseconds& pace);
    /// Puts a new message and what belongs to it into the acceptance batch, pinned.
    live_message& accept(const known_account& account, const submission& message,
                         prepared_message& prepared, message_id id);
    /// Writes the destination's next reference into segments that need one.
    void take_reference(const submission& message, planned_message& planned, store::batch& into);
    /// The same with an id and perhaps an alias of its own, answered at `due` or after the commit.
    message_id take_new(const known_account& account, const submission& message,
                        prepared_message& prepared, reply_ticket ticket, steady_time due);
    /// True if it is in the store; else it is taken back.
    bool settle_acceptance(live_message& live, bool ok);

    // parties.cpp: whom messages are for
    void index_parties(account_id account, const submission& message, message_id id,
                       store::batch& into);

    // record.cpp: the Message record
    std::string_view build_record(account_id account, const submission& message,
                                  const prepared_message& prepared);
    void store_links(const live_message& live, const planned_message& planned, store::batch& into);

    // operations.cpp
    [[nodiscard]] std::vector<message_id> members_of(account_id account,
                                                     const operation_target& what);
    [[nodiscard]] static bool can_withdraw(const live_message& live);
    void withdraw(live_message& live);
    void rewrite(live_message& live, const submission& message, prepared_message&& prepared,
                 std::optional<std::int64_t> not_before_ms);
    void settle_operation(reply_ticket ticket, smpp::command_status status);

    // scan.cpp: what is found by addresses, not by id
    [[nodiscard]] bool scans_full(account_id account) const;
    void start_scan(account_id account, queue_scan&& scan);
    void scan_for_replacement(account_id account, submission&& by, prepared_message&& prepared,
                              reply_ticket ticket, steady_time due);
    [[nodiscard]] bool scan_slice(account_id account, queue_scan& scan);
    void visit_scanned(queue_scan& scan, message_id id);
    void end_scan(account_id account, queue_scan& scan);

    directory& directory_;
    messages& messages_;
    route_planner planner_;
    concat_references& references_;
    paced_answers& answers_;
    short_ids& short_ids_;

    numbered<account_id, token_bucket> rates_;
    std::map<account_id, std::deque<queue_scan>> scans_;  // the first of each is under way
    account_id scan_turn_{};                              // had the last slice
    std::vector<flatbuffers::Offset<model::record::Octets>> record_parts_;
};

}  // namespace hikyaku::gateway
