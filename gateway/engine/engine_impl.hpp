// The inside of the engine, shared by the engine_*.cpp files of this folder and nobody else. State
// that belongs together is grouped; each file implements the functions listed under its name. Every
// change of what is stored goes through `acceptance_` or `state_`, the two batches of this turn,
// each with the list of what is to happen when it is on disk.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <deque>
#include <map>
#include <queue>
#include <set>

#include "gateway/engine/carrier_receipt.hpp"
#include "gateway/engine/carriers.hpp"
#include "gateway/engine/engine.hpp"
#include "gateway/engine/flows.hpp"
#include "gateway/engine/live_message.hpp"
#include "gateway/engine/planner.hpp"
#include "gateway/engine/rate.hpp"
#include "gateway/engine/router.hpp"
#include "smpp/pdu/times.hpp"
#include "store/ids.hpp"
#include "store/records.hpp"
#include "store/tables.hpp"

namespace hikyaku::gateway {

/// What one outbox (an account's sessions, or its webhook) has in memory: the head of what is in
/// the store, and what is on its way.
struct endpoint_state {
    static constexpr std::size_t ready_max = 4096;

    std::uint32_t number = 0;  // in the store's `names`
    std::size_t account = 0;
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
    bool wanted = false;  // is in the list of this turn
};

struct session_state {
    session_id id{};
    std::size_t account = 0;
    bool can_receive = false;
    std::uint32_t window = 0;
    boost::unordered_flat_set<std::uint64_t> outstanding;
    steady_time paused_until{};
    std::chrono::milliseconds pause{0};
};

struct account_state {
    const config::account* settings = nullptr;
    std::uint32_t number = 0;
    token_bucket rate{std::nullopt, 0};
    std::uint64_t queued = 0;
    std::size_t smpp_endpoint = 0;
    std::optional<std::size_t> webhook_endpoint;
    std::vector<session_id> sessions;
};

/// A receipt that came before its response; also in the table `unmatched`.
struct early_receipt {
    store::unmatched_position position;
    carrier_receipt receipt;
    std::string source;
    std::vector<std::string> keys;  // receipt keys under which the response will look for it
};

enum class after : std::uint8_t {
    accepted,        // a: message; b, c: ticket; due: when to answer
    unpin,           // a: message
    acknowledge,     // a: bind; c: sequence; b: command_id
    outbox_added,    // a: endpoint; b: sequence
    outbox_removed,  // a: endpoint; b: sequence
    cancelled,       // a: message; b, c: ticket
    hit_counted,     // a: message, whose counters it holds
    retention_done,
};
struct continuation {
    after what;
    std::uint32_t c = 0;
    std::uint64_t a = 0, b = 0;
    steady_time due{};
};

/// A batch of this turn, or one that the writer has, with what follows it.
struct pending_batch {
    std::unique_ptr<store::batch> batch;
    std::vector<continuation> then;
    std::vector<std::string> receipt_keys;  // visible to receipts before they are on disk
    std::vector<std::string> reply_keys;    // idempotency keys that are in flight until then
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
    std::size_t carrier = 0;
};

struct hit_counters {
    std::uint32_t total = 0;
    std::array<std::uint32_t, 5> by_class{};
    std::int64_t first_human_ms = 0;
    std::uint32_t pins = 0;
};

/// A tracked link with the account (its stored number) whose message it stands in.
struct stored_link {
    std::uint32_t account = 0;
    link_view view;
};

/// Lower case for ASCII letters; other characters stay.
[[nodiscard]] std::string fold_keyword(std::string_view word);

struct engine::impl {
    impl(const config::settings& settings, store::environment& environment, engine_outputs& outputs,
         std::function<std::uint64_t()> random, instant now);

    // engine.cpp: start, turns, commits.
    void name_everything();
    [[nodiscard]] std::uint64_t last_id() const;
    std::uint32_t number_of(store::name_kind kind, std::string_view name);
    void add_account(std::size_t index);
    void add_routes();
    void set_now(instant now);
    void flush();
    void hand_over(commit_kind kind, pending_batch& from);
    void on_committed(std::uint64_t ticket, bool ok, std::unique_ptr<store::batch> batch);
    void follow(const continuation& next, bool ok);
    [[nodiscard]] pending_batch& acceptance();
    [[nodiscard]] pending_batch& state();
    void tick();
    void want_tick(steady_time at) { deadline_ = std::min(deadline_, at); }
    void want_tick_ms(std::int64_t wall_ms);
    void want_endpoint(std::size_t endpoint);
    [[nodiscard]] steady_time next_deadline() const;
    [[nodiscard]] bool drained() const;

    // engine_submit.cpp
    submit_result submit(account_id account, submission&& message, reply_ticket ticket);
    std::optional<submit_result> refuse_early(const account_state& account) const;
    submit_result refuse(refusal why, std::uint32_t detail = 0);
    void store_message(live_message& live, const account_state& account, const submission& message,
                       const planned_message& planned, std::uint32_t route);
    void store_links(const live_message& live, const planned_message& planned);
    void on_accepted(const continuation& next, bool ok);
    void answer_due();
    refusal cancel(account_id account, message_id id, reply_ticket ticket);
    idempotent_reply begin_idempotent(account_id account, std::string_view key,
                                      std::string_view body_hash);
    void store_reply(account_id account, std::string_view key, std::uint32_t status,
                     std::string_view content_type, std::string_view body);
    plan_context context_for(const account_state& account);

    // engine_queue.cpp: the head of each backlog, expiry, retention.
    void find_flows();
    [[nodiscard]] bool is_orphan(const store::queue_position& position) const;
    flow& flow_of(const store::queue_position& position);
    void wake_flows();
    void wake_when_low(const flow& from);
    void load(flow& into);
    void load_orphans(const std::string& prefix);
    void settle_orphan(live_message& live);
    live_message* load_message(message_id id);
    static void restore(live_message& live, const store::record::Outcome* outcome);
    void count_touched(const store::queue_position& position);
    void enqueue(live_message& live);
    void forget_queue_entry(live_message& live);
    void move_queue_entry(live_message& live, std::int64_t not_before_ms);
    void release(live_message& live);
    void sweep_expired();
    void expire(live_message& live);
    void retain();
    void erase_receipt_keys(std::uint64_t id, const store::record::Outcome* outcome,
                            const store::snapshot& snapshot, store::batch& into) const;

    // engine_send.cpp: attempts.
    void pump();
    void send_front(flow& from);
    void build_request(const live_message& live, std::size_t segment, const carrier_state& carrier,
                       smpp::submit_sm& request, smpp::time_text& validity) const;
    void on_response(bind_id bind, std::uint64_t token, smpp::command_status status,
                     std::string_view carrier_message_id);
    void on_late_response(attempt& late, smpp::command_status status,
                          std::string_view carrier_message_id);
    void on_attempt_failed(bind_id bind, std::uint64_t token, attempt_failure why);
    availability exclude(live_message& live, std::size_t carrier);
    void on_outcome_unknown(live_message& live, const attempt& done, attempt_failure why);
    void on_segment_accepted(live_message& live, std::size_t segment, std::size_t carrier,
                             std::uint16_t attempt_number, std::string_view carrier_message_id);
    void on_segment_refused(live_message& live, std::size_t segment, std::size_t carrier,
                            smpp::command_status status);
    [[nodiscard]] std::string receipt_key_of(std::uint32_t carrier, std::string_view id) const;
    attempt& new_attempt(std::uint64_t& token);
    attempt* find_attempt(std::uint64_t token);
    void free_attempt(attempt& done);
    void keep_for_late_response(attempt& timed_out, std::uint64_t token);
    carrier_state* carrier_of(bind_id bind);

    // engine_outcome.cpp: what an attempt's end means for its message.
    void retry_later(live_message& live, std::chrono::milliseconds delay);
    void back_to_front(live_message& live);
    void take_from_flow(live_message& live);
    void fail_segment(live_message& live, std::size_t segment, State why, std::uint32_t error);
    void after_attempt(live_message& live);
    void finish(live_message& live);
    void write_outcome(live_message& live);

    // engine_receive.cpp: receipts and replies.
    void on_carrier_message(bind_id bind, std::uint32_t sequence, smpp::command_id command,
                            const carrier_message& message);
    void on_receipt(std::size_t carrier, const carrier_message& message);
    bool try_receipt(std::size_t carrier, const carrier_receipt& receipt, std::string_view source);
    std::optional<store::receipt_target> find_target(const std::string& key);
    bool apply_receipt(const std::string& key, const store::receipt_target& target,
                       const carrier_receipt& receipt, std::string_view source, bool guessed);
    void settle_segment(live_message& live, live_segment& segment, const carrier_receipt& receipt);
    void keep_unmatched(std::size_t carrier, const carrier_message& message, bool is_reply,
                        const carrier_receipt* receipt);
    void load_unmatched();
    void remember_early(std::size_t carrier, early_receipt&& early);
    void match_early(std::size_t carrier, const std::string& key);
    void forget_early(std::uint64_t number);
    void on_reply(std::size_t carrier, const carrier_message& message);
    std::optional<std::size_t> owner_of(const carrier_message& message, std::string_view text);
    void emit_receipt(live_message& live, bool final);

    // engine_outbox.cpp
    static std::optional<std::size_t> webhook_for(const account_state& account,
                                                  std::string_view event);
    std::optional<std::size_t> receipt_endpoint(const account_state& account, Origin origin) const;
    std::optional<std::size_t> reply_endpoint(const account_state& account) const;
    void put_event(std::size_t endpoint, flatbuffers::Offset<store::record::Event> event);
    void on_outbox_added(std::size_t endpoint, std::uint64_t sequence);
    void remove_event(std::size_t endpoint, std::uint64_t sequence);
    void reload(endpoint_state& endpoint);
    void pump_sessions(endpoint_state& endpoint);
    void pump_webhook(endpoint_state& endpoint);
    session_state* roomiest_session(const account_state& account);
    void on_session_down(session_id session);
    void on_delivery_answer(session_id session, std::uint64_t sequence, smpp::command_status status,
                            bool timed_out);
    static void insert_ready(endpoint_state& endpoint, std::uint64_t sequence);
    static void give_back(endpoint_state& endpoint, std::uint64_t sequence);
    void on_webhook_answer(account_id account, std::uint64_t token, const webhook_answer& answer);
    void back_off(endpoint_state& endpoint, const webhook_answer& answer);
    void bury(std::size_t endpoint, std::uint64_t sequence);
    std::size_t replay_dead_letters(account_id account, std::size_t limit);
    std::size_t erase_old_events(const store::snapshot& snapshot, std::int64_t before_ms,
                                 std::size_t limit);
    void set_webhook_disabled(endpoint_state& endpoint, bool disabled);

    // engine_links.cpp
    void on_hit(const hit_facts& hit);
    void emit_hit(const hit_facts& hit, const stored_link& link, std::string_view user_agent);
    hit_counters& counters_of(message_id message);

    // engine_views.cpp
    std::optional<message_view> view(account_id account, message_id id);
    estimate_result estimate(account_id account, submission&& message);

    const config::settings& settings_;
    store::environment& environment_;
    engine_outputs& outputs_;
    std::function<std::uint64_t()> random_;
    instant now_;
    counters count_;
    store::id_source ids_;
    flatbuffers::FlatBufferBuilder builder_{1024};

    // Names, accounts, carriers, routes.
    std::map<std::pair<std::uint8_t, std::string>, std::uint32_t> numbers_;
    std::vector<account_state> accounts_;
    boost::unordered_flat_map<std::uint32_t, std::size_t> account_by_number_;
    boost::unordered_flat_map<std::string, std::size_t> account_by_system_id_;
    boost::unordered_flat_map<std::string, std::size_t> account_by_token_;
    boost::unordered_flat_map<std::string, std::size_t> account_by_reply_number_;
    boost::unordered_flat_map<std::string, std::size_t> account_by_keyword_;
    std::vector<carrier_state> carriers_;
    boost::unordered_flat_map<std::uint32_t, std::size_t> carrier_by_number_;
    boost::unordered_flat_map<bind_id, std::size_t> carrier_by_bind_;
    router router_;
    std::vector<route_state> routes_;
    boost::unordered_flat_map<std::uint32_t, std::size_t> route_by_number_;

    // Messages.
    live_set live_;
    flow_set flows_;
    std::set<std::string> orphans_;  // prefixes of the queue whose route or account is gone
    std::deque<attempt> attempts_;
    std::vector<std::uint32_t> free_attempts_;
    std::deque<std::uint64_t> late_attempts_;  // tokens of timed-out ones, oldest first
    std::size_t attempts_in_flight_ = 0;
    std::uint64_t queued_total_ = 0;
    std::uint8_t concat_reference_ = 0;

    // Expiry and retention.
    std::string sweep_at_;
    bool sweep_counting_ = true;          // the first round counts what each account has queued
    std::uint64_t sweep_counted_to_ = 0;  // ids after this one were counted when accepted
    boost::unordered_flat_set<std::uint64_t> touched_;  // counted before the sweep came to them
    steady_time next_sweep_{};
    steady_time next_retention_{};
    bool retention_under_way_ = false;
    std::uint64_t retention_resume_ = 0;

    // Receipts.
    boost::unordered_flat_map<std::string, store::receipt_target> uncommitted_keys_;
    std::map<std::uint64_t, early_receipt> early_;  // by a running number, oldest first
    boost::unordered_flat_map<std::string, std::uint64_t> early_by_key_;
    std::uint64_t early_next_ = 1;

    // Applications.
    std::vector<endpoint_state> endpoints_;
    boost::unordered_flat_map<session_id, session_state> sessions_;
    std::uint64_t webhook_tokens_ = 0;
    struct paced_answer {
        steady_time due;
        reply_ticket ticket;
        message_id id;
        bool operator>(const paced_answer& other) const { return due > other.due; }
    };
    std::priority_queue<paced_answer, std::vector<paced_answer>, std::greater<>> paced_;
    boost::unordered_flat_set<std::string> replies_in_flight_;
    boost::unordered_flat_map<std::string, std::string> reply_hashes_;  // of those not stored yet
    boost::unordered_flat_map<message_id, hit_counters> hit_counters_;
    std::uint64_t hits_pending_ = 0;

    // Batches.
    pending_batch acceptance_, state_;
    boost::unordered_flat_map<std::uint64_t, pending_batch> committing_;
    std::vector<pending_batch> spare_;
    std::uint64_t next_ticket_ = 1;
    std::size_t committing_bytes_ = 0;
    boost::unordered_flat_map<std::uint64_t, std::size_t> bytes_of_ticket_;
    std::vector<std::size_t> wanted_endpoints_;
    steady_time deadline_{};
    bool store_failing_ = false;
    bool draining_ = false;
};

}  // namespace hikyaku::gateway
