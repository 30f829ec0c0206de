// The inside of the engine, shared by the engine_*.cpp files of this folder and nobody else. State
// that belongs together is grouped; each file implements the functions listed under its name.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <deque>
#include <map>
#include <queue>

#include "gateway/engine/carrier_dialect.hpp"
#include "gateway/engine/carriers.hpp"
#include "gateway/engine/directory/directory.hpp"
#include "gateway/engine/early_receipts.hpp"
#include "gateway/engine/engine_state.hpp"
#include "gateway/engine/flows.hpp"
#include "gateway/engine/hit_tally.hpp"
#include "gateway/engine/reply_part.hpp"
#include "gateway/engine/room.hpp"
#include "smpp/pdu/times.hpp"
#include "smpp/text/reassembly.hpp"
#include "store/hit_log.hpp"
#include "store/retention.hpp"
#include "store/send_mark.hpp"

namespace hikyaku::gateway {

/// Made before the base class that refers to it.
struct context_holder {
    engine_context context_;
};

struct engine::impl : context_holder, room {
    impl(const config::settings& settings, store::environment& environment, engine_outputs& outputs,
         std::function<std::uint64_t()> random, instant now, const engine_limits& limits);
    using room::batches_, room::count_, room::environment_, room::now_, room::outputs_,
        room::settings_, room::turn_;

    // engine.cpp: start, turns, commits.
    [[nodiscard]] std::uint64_t last_id() const;
    void add_endpoints(account_state& account);
    endpoint_id add_endpoint(const account_state& account, std::string_view kind);
    void flush();
    void follow(continuation& next, bool ok);
    void tick();
    void want_tick(steady_time at) { turn_.want_tick(at); }
    void want_tick_ms(std::int64_t wall_ms) { turn_.want_tick_ms(wall_ms); }
    void want_endpoint(endpoint_id endpoint);
    [[nodiscard]] steady_time next_deadline() const;
    [[nodiscard]] bool drained() const;

    // engine_submit.cpp
    submit_result submit(account_id account, submission&& message, reply_ticket ticket);
    std::optional<submit_result> refuse_early(const account_state& account) const;
    [[nodiscard]] refusal refuse_now() const;
    submit_result refuse(refusal why, std::uint32_t detail = 0);
    /// Plans and routes; `message` is normalised in place.
    boost::system::result<prepared_message, plan_refusal> prepare(const account_state& account,
                                                                  submission& message);
    /// Takes segments from the account's rate, or says why not; `pace` is how long to wait with the
    /// answer.
    plan_refusal take_rate(account_state& account, std::uint32_t segments,
                           std::chrono::microseconds& pace);
    /// Puts a new message and what belongs to it into the acceptance batch, pinned.
    live_message& accept(account_state& account, const submission& message,
                         const prepared_message& prepared, message_id id);
    /// The same with an id and perhaps an alias of its own, answered at `due` or after the commit.
    message_id take_new(account_state& account, const submission& message,
                        prepared_message& prepared, reply_ticket ticket, steady_time due);
    /// The Message record in `builder_`.
    std::string_view build_record(account_id account, const submission& message,
                                  const prepared_message& prepared);
    void store_links(const live_message& live, const planned_message& planned, store::batch& into);
    void on_accepted(const after::accepted& what, bool ok);
    void on_joined(message_id id, bool ok);
    /// True if it is in the store; else it is taken back.
    bool settle_acceptance(live_message& live, bool ok);
    void answer_at(steady_time due, reply_ticket ticket, message_id id);
    void answer_due();
    void answer_early(message_id id);
    refusal cancel(account_id account, message_id id, reply_ticket ticket);
    idempotent_reply begin_idempotent(account_id account, std::string_view key,
                                      std::string_view body_hash);
    void store_reply(account_id account, std::string_view key, std::uint32_t status,
                     std::string_view content_type, std::string_view body);
    plan_context context_for(const account_state& account);

    // engine_multi.cpp
    multi_result submit_multi(account_id account, submission&& message,
                              std::span<const phone_address> destinations, reply_ticket ticket);

    // engine_operations.cpp: query, cancel and replace by id; aliases; alerts.
    /// `into` must be of the same kind as the batch that holds the message.
    [[nodiscard]] std::uint32_t new_alias(message_id id, store::batch& into);
    void erase_alias(std::uint64_t id, std::uint32_t alias, const store::snapshot& snapshot,
                     store::batch& into) const;
    void load_alias_counter();
    [[nodiscard]] std::optional<message_id> find_alias(std::uint32_t alias) const;
    [[nodiscard]] live_message* find_or_load(message_id id);
    [[nodiscard]] std::vector<message_id> members_of(account_id account,
                                                     const operation_target& what);
    std::optional<query_view> query(account_id account, const operation_target& what);
    smpp::command_status cancel_matching(account_id account, const operation_target& what,
                                         reply_ticket ticket);
    smpp::command_status replace(account_id account, const operation_target& what, replacement&& by,
                                 reply_ticket ticket);
    [[nodiscard]] static bool can_withdraw(const live_message& live);
    void withdraw(live_message& live);
    void rewrite(live_message& live, const submission& message, prepared_message&& prepared,
                 std::optional<std::int64_t> not_before_ms);
    void on_replaced(message_id id);
    void settle_operation(reply_ticket ticket, smpp::command_status status);
    void on_alert_notification(const smpp::alert_notification& alert, const smpp::tlv_list& tlvs);

    // engine_scan.cpp: what is found by addresses, not by id.
    [[nodiscard]] bool scans_full(account_id account) const;
    void start_scan(account_id account, queue_scan&& scan);
    void scan_for_replacement(account_id account, submission&& by, prepared_message&& prepared,
                              reply_ticket ticket, steady_time due);
    void step_scans();
    [[nodiscard]] bool scan_slice(account_id account, queue_scan& scan);
    void visit_scanned(queue_scan& scan, message_id id);
    void end_scan(account_id account, queue_scan& scan);
    void on_scan_ready(account_id account);

    // engine_unknown.cpp: at-most-once messages after an attempt without a known outcome.
    void wait_for_outcome(live_message& live, const attempt& done);
    void remember_waiting(const live_message& live, carrier_id carrier);
    void remember_waiting(const live_message& live);
    void keep_waiting(live_message& live);
    void forget_waiting(const live_message& live);
    bool on_waiting_refused(live_message& live, const attempt& late, const carrier_answer& answer);
    bool try_waiting(carrier_id carrier, const carrier_receipt& receipt, std::string_view source);
    [[nodiscard]] bool was_taken_for_another(const live_message& live, const attempt& late,
                                             std::string_view carrier_message_id);
    void load_waiting(message_id id);

    // engine_marks.cpp: what the store says of at-most-once messages before they are sent.
    std::optional<std::size_t> next_target(route_state& route, const live_message& live) const;
    [[nodiscard]] bool may_be_sent(flow& from, live_message& live, carrier_id carrier);
    void unmark(live_message& live);
    void on_marked(message_id id, carrier_id carrier, bool ok);
    void sweep_marks();
    bool wait_on(live_message& live);

    // engine_queue.cpp: the head of each backlog, expiry; engine_retention.cpp: what is forgotten.
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
    void unpin(message_id id);
    void rest(live_message& live);
    /// Forgets what has rested long enough.
    void forget_resting();
    void forget_resting(message_id id);
    void sweep_expired();
    void expire(live_message& live);
    void retain();
    void on_retained(bool of_rest);
    store::retention_step retain_messages(const store::snapshot& snapshot);
    store::retention_step retain_rest(const store::snapshot& snapshot);
    [[nodiscard]] std::int64_t kept_since(std::chrono::minutes kept) const;
    void erase_receipt_keys(std::uint64_t id, const store::record::Outcome* outcome,
                            const store::snapshot& snapshot, store::batch& into);

    // engine_send.cpp: what goes to which bind; engine_attempts.cpp: the slots of attempts.
    void pump();
    void send_front(flow& from);
    void build_request(const live_message& live, std::size_t segment, const carrier_state& carrier,
                       smpp::submit_sm& request, smpp::time_text& validity);
    void on_response(bind_id bind, std::uint64_t token, const carrier_answer& answer);
    void on_late_response(attempt& late, const carrier_answer& answer);
    void on_late_refusal(live_message& live, const attempt& late, const carrier_answer& answer);
    void on_attempt_failed(bind_id bind, std::uint64_t token, attempt_failure why);
    availability exclude(live_message& live, carrier_id carrier);
    void on_outcome_unknown(live_message& live, const attempt& done, attempt_failure why);
    void on_segment_accepted(live_message& live, std::size_t segment, carrier_id carrier,
                             std::uint16_t attempt_number, std::string_view carrier_message_id,
                             steady_time sent_at);
    void on_segment_refused(live_message& live, std::size_t segment, carrier_id carrier,
                            const carrier_answer& answer);
    [[nodiscard]] std::string receipt_key_of(carrier_id carrier, std::string_view id) const;
    void forget_earliest_id(live_segment& segment, const store::receipt_target& target,
                            store::batch& into);
    attempt& new_attempt(std::uint64_t& token);
    attempt* find_attempt(std::uint64_t token);
    void free_attempt(attempt& done);
    void keep_for_late_response(attempt& timed_out, std::uint64_t token);
    carrier_state* carrier_of(bind_id bind);

    // engine_texts.cpp: texts cut for the carriers, and the references of their segments.
    void load_references();
    [[nodiscard]] std::uint16_t next_reference(std::string_view destination) const;
    void take_reference(std::string_view destination, std::uint16_t reference, store::batch& into);
    [[nodiscard]] std::vector<carrier_id> carriers_by_rank(const route_state& route) const;
    static plan_refusal plan_for(const carrier_state& carrier, const submission& message,
                                 plan_context& context, planned_message& into);
    plan_refusal plan_for_route(const route_state& route, const submission& message,
                                plan_context& context, planned_message& into);
    [[nodiscard]] bool fit_to(live_message& live, const carrier_state& carrier);
    void refuse_by_text(live_message& live, carrier_id carrier);
    [[nodiscard]] smpp::text::octets octets_on_air(const live_message& live, std::size_t segment,
                                                   const carrier_state& carrier);
    [[nodiscard]] smpp::tlv_list tlvs_of(const live_message& live, std::size_t segment,
                                         const carrier_state& carrier);
    static void restore_plan(live_message& live, const store::record::Plan& stored);
    [[nodiscard]] static flatbuffers::Offset<store::record::Plan> build_plan(
        flatbuffers::FlatBufferBuilder& fb, const live_message& live);

    // engine_dialect.cpp: what is special about a carrier.
    void on_bind_up(bind_id bind, const bind_facts& facts);
    void write_addresses(const carrier_state& carrier, const store::record::Message& message,
                         smpp::submit_sm& request);
    [[nodiscard]] bool lacks_required_tlv(const route_state& route,
                                          const submission& message) const;
    [[nodiscard]] refusal unwritable(const route_state& route, const submission& message);
    void refuse_by_dialect(live_message& live, std::size_t segment, carrier_id carrier,
                           smpp::command_status why);
    void note_answer(const attempt& done, carrier_bind& bind, smpp::command_status status);
    [[nodiscard]] carrier_message restored(carrier_id carrier, const carrier_message& message);
    void read_id_forms(carrier_state& carrier);
    void replay_unmatched();
    [[nodiscard]] std::string former_key_of(carrier_id carrier, std::string_view id) const;
    [[nodiscard]] bool is_key_of_last(const live_segment& segment, std::string_view key) const;
    receipt_fate try_former_forms(carrier_id carrier, const carrier_receipt& receipt,
                                  const carrier_message& message);

    // engine_outcome.cpp: what an attempt's end means for its message.
    void retry_later(live_message& live, std::chrono::milliseconds delay);
    void back_to_front(live_message& live);
    void take_from_flow(live_message& live);
    void fail_segment(live_message& live, std::size_t segment, const told_error& why);
    void after_attempt(live_message& live);
    void finish(live_message& live);
    void write_outcome(live_message& live);

    // engine_receive.cpp: receipts and replies.
    void on_carrier_message(bind_id bind, std::uint32_t sequence, smpp::command_id command,
                            const carrier_message& message);
    void on_receipt(carrier_id carrier, const carrier_message& message);
    void settle_parked();
    void settle_receipt(carrier_id carrier, const carrier_receipt& receipt,
                        const carrier_message& message);
    receipt_fate find_owner(carrier_id carrier, const carrier_receipt& receipt,
                            const carrier_message& message);
    struct unmatched_desk;  // engine_unmatched.hpp: what found nobody

    // engine_receipt_owner.cpp: which message a receipt speaks of, and what it does to it.
    bool try_fresh(carrier_id carrier, const carrier_receipt& receipt,
                   const carrier_message& message);
    receipt_fate try_receipt(carrier_id carrier, const carrier_receipt& receipt,
                             const carrier_message& message);
    receipt_fate try_readings(carrier_id carrier, std::span<const std::string> ids,
                              const carrier_receipt& receipt, const carrier_message& message,
                              std::int64_t submitted_until_ms = never_ms);
    [[nodiscard]] const std::vector<store::receipt_target>& targets_of(std::string_view key);
    [[nodiscard]] bool is_open(const live_segment& segment, std::string_view key,
                               const store::receipt_target& target,
                               const carrier_receipt& receipt) const;
    [[nodiscard]] static bool lost_its_id(const live_segment& segment, std::string_view key,
                                          const store::receipt_target& target);
    void apply_receipt(std::string_view key, live_message& live,
                       const store::receipt_target& target, const carrier_receipt& receipt,
                       bool open);
    void settle_segment(live_message& live, live_segment& segment, const carrier_receipt& receipt);
    void remember_early(carrier_id carrier, early_receipt&& early, const carrier_message& message);
    [[nodiscard]] std::vector<std::string> early_keys(carrier_id carrier,
                                                      const carrier_receipt& receipt) const;
    void match_early(carrier_id carrier, const std::string& key, live_message& live,
                     const store::receipt_target& target, steady_time sent_at);

    // engine_receipts.cpp: what the application is told.
    [[nodiscard]] bool tells_parts(const live_message& live) const;
    void emit_receipt(live_message& live);
    void emit_part_receipts(live_message& live);
    void emit_intermediate(const live_message& live, const live_segment& segment,
                           const told_error& said);
    void put_receipt(const live_message& live, const live_segment& telling, const told_error& said,
                     State state, std::uint16_t part);

    // engine_replies.cpp and engine_reply_parts.cpp: replies, and the parts of long ones.
    void on_reply(carrier_id carrier, const carrier_message& message);
    [[nodiscard]] bool wants_whole_replies(endpoint_id endpoint) const;
    void keep_reply_part(const store::reply_part_position& part, const carrier_message& message);
    void store_reply_part(const store::reply_part_position& part, const carrier_message& message);
    void close_reply(const store::reply_part_position& part);
    void deliver_parts(const reply_set& set, const std::vector<std::unique_ptr<kept_part>>& parts);
    [[nodiscard]] std::size_t whole_octets_max_for(account_id account) const;
    void deliver_whole(const reply_set& set, const smpp::text::reassembled& whole,
                       const std::string& utf8, const carrier_message& first);
    void deliver_late_part(const store::reply_part_position& part, const carrier_message& message);
    void store_delivered_mark(const reply_set& set);
    void deliver_reply(carrier_id carrier, const carrier_message& message, const std::string& utf8,
                       const reply_origin& from);
    void mark_reply_delivered(const reply_set& set);
    void forget_delivered_reply(const store::reply_part_position& part);
    void on_part_stored(const std::string& key);
    void sweep_replies();
    void load_reply_parts();
    [[nodiscard]] std::int64_t reply_timeout_ms() const;
    std::optional<account_id> owner_of(const carrier_message& message, std::string_view utf8);

    // engine_outbox.cpp
    static std::optional<endpoint_id> webhook_for(const account_state& account,
                                                  std::string_view event);
    std::optional<endpoint_id> receipt_endpoint(const account_state& account, Origin origin) const;
    std::optional<endpoint_id> reply_endpoint(const account_state& account) const;
    void put_event(endpoint_id endpoint, flatbuffers::Offset<store::record::Event> event,
                   bool hurries = true);
    void on_outbox_added(endpoint_id endpoint, std::uint64_t sequence);
    void remove_event(endpoint_id endpoint, std::uint64_t sequence);
    void reload(endpoint_state& endpoint);
    void pump_sessions(endpoint_state& endpoint);
    session_state* roomiest_session(const account_state& account);
    void on_session_down(session_id session);
    void on_delivery_answer(session_id session, std::uint64_t sequence, smpp::command_status status,
                            bool timed_out);
    static void insert_ready(endpoint_state& endpoint, std::uint64_t sequence);
    static void give_back(endpoint_state& endpoint, std::uint64_t sequence);
    void bury(endpoint_id endpoint, std::uint64_t sequence);
    std::size_t replay_dead_letters(account_id account, std::size_t limit);
    std::size_t erase_old_events(const store::snapshot& snapshot, std::int64_t before_ms,
                                 std::size_t limit);

    // engine_webhook.cpp
    using sequences = std::vector<std::uint64_t>;
    [[nodiscard]] sequences take_for_post(endpoint_state& endpoint, std::size_t batch_max);
    void pump_webhook(endpoint_state& endpoint);
    void on_webhook_answer(account_id account, std::uint64_t token, const webhook_answer& answer);
    void on_post_failed(endpoint_id at, const sequences& posted, const webhook_answer& answer);
    void give_up_old(endpoint_id endpoint);
    void back_off(endpoint_state& endpoint, const webhook_answer& answer);
    static void begin_anew(endpoint_state& endpoint);
    void set_webhook_disabled(endpoint_state& endpoint, bool disabled);

    // engine_callbacks.cpp: reports and replies by requests for URLs.
    [[nodiscard]] static bool has_callback(const live_message& live) {
        return live.record().callback() != nullptr;
    }
    void put_callback(const live_message& live, const live_segment& telling, const told_error& said,
                      std::uint8_t type, State state);
    void emit_accepted_callback(live_message& live);
    bool emit_final_callback(live_message& live);
    bool emit_buffered_callback(const live_message& live, const live_segment& segment,
                                const told_error& said);
    [[nodiscard]] std::string callback_url_of(const endpoint_state& endpoint,
                                              std::uint64_t sequence,
                                              const store::record::Event& event) const;
    void pump_callbacks(endpoint_id endpoint);
    void scan_callbacks(endpoint_state& endpoint);
    void refill_callbacks(endpoint_state& endpoint);
    template <typename Visit>
    void visit_callbacks(const endpoint_state& endpoint, std::uint64_t from, Visit visit) const;
    void request_callback(endpoint_id endpoint, std::uint64_t sequence);
    void on_callback_answer(account_id account, std::uint64_t sequence,
                            const webhook_answer& answer);

    // engine_links.cpp
    [[nodiscard]] std::optional<std::uint64_t> meta_number(std::string_view name) const;
    void recount_hits();
    void recover_hits();
    void on_hit(const hit_facts& hit, const link_view& link);
    void count_hit(const hit_facts& hit, std::string_view octets, const link_view& link,
                   std::int64_t at_ms, std::uint64_t sequence);
    void emit_hit(const hit_facts& hit, const link_view& link, std::int64_t at_ms);
    void flush_hits();
    void on_hits_stored(const after::hits_stored& what, bool ok);
    void write_counters(message_id message);
    void set_hits_counted(std::int64_t before_ms);
    void forget_counters(message_id id);
    hit_counters& counters_of(message_id message);

    // engine_views.cpp
    std::optional<message_view> view(account_id account, message_id id);
    estimate_result estimate(account_id account, submission&& message);

    std::vector<flatbuffers::Offset<store::record::SegmentOutcome>> outcome_parts_;  // of it
    std::vector<flatbuffers::Offset<store::record::Octets>> record_parts_;           // likewise

    store::send_mark send_mark_;
    directory directory_;
    boost::unordered_flat_map<bind_id, carrier_id> carrier_by_bind_;

    // Operations.
    std::uint32_t last_alias_ = 0;
    std::map<account_id, std::deque<queue_scan>> scans_;  // the first of each is under way
    account_id scan_turn_{};                              // had the last slice
    /// Segments that wait for their outcome, by carrier and destination.
    std::multimap<std::pair<carrier_id, std::string>, message_id> waiting_;
    boost::unordered_flat_map<message_id, std::vector<carrier_id>> waiting_at_;

    // Messages.
    live_set live_;
    std::deque<resting_message> resting_;  // oldest first; some are gone already
    std::size_t resting_count_ = 0;        // those that are not
    flow_set flows_{limits_};
    std::set<std::string> orphans_;  // prefixes of the queue whose route or account is gone
    std::deque<attempt> attempts_;
    std::vector<std::uint32_t> free_attempts_;
    std::deque<std::uint64_t> late_attempts_;  // tokens of timed-out ones, oldest first
    std::size_t attempts_in_flight_ = 0;
    std::uint64_t queued_total_ = 0;
    std::vector<flow*> held_flows_;                          // see may_be_sent()
    std::deque<std::pair<steady_time, message_id>> marked_;  // marks and when they are taken back
    std::vector<std::uint16_t> concat_slots_;  // last reference, by hash of the destination
    std::vector<std::uint8_t> text_tlvs_;      // of the segment that is handed out
    std::string packed_;                       // likewise

    std::string source_text_, destination_text_;  // what the request being written views
    std::vector<std::uint8_t> tlv_octets_;

    // Expiry and retention.
    std::string sweep_at_;
    bool sweep_counting_ = true;          // the first round counts what each account has queued
    std::uint64_t sweep_counted_to_ = 0;  // ids after this one were counted when accepted
    boost::unordered_flat_set<std::uint64_t> touched_;  // counted before the sweep came to them
    steady_time next_sweep_{};
    retention_state retention_;

    // Receipts.
    fresh_keys fresh_keys_{limits_.resting_max, limits_.rest_time};
    std::vector<parked_receipt> parked_;  // of this turn
    early_receipts early_{limits_.early_max};
    std::unique_ptr<unmatched_desk> unmatched_;
    std::vector<store::receipt_target> targets_;  // of the receipt in hand, kept for their capacity
    std::vector<receipt_candidate> candidates_;

    // Long replies.
    hikyaku::gateway::reply_sets reply_sets_;
    boost::unordered_flat_map<std::string, uncommitted_part> uncommitted_parts_;

    // Applications.
    numbered<endpoint_id, endpoint_state> endpoints_;
    boost::unordered_flat_map<session_id, session_state> sessions_;
    std::uint64_t webhook_tokens_ = 0;
    std::priority_queue<paced_answer, std::vector<paced_answer>, std::greater<>> paced_;
    boost::unordered_flat_map<message_id, reply_ticket> paced_tickets_;  // of those not answered
    boost::unordered_flat_set<std::string> replies_in_flight_;
    boost::unordered_flat_map<std::string, std::string> reply_hashes_;  // of those not stored yet
    // In table meta: sequence of the last hit that is stored; time (ms since 1970) before which
    // every stored hit is in its message's counters.
    static constexpr std::string_view hits_stored_name = "hits_stored";
    static constexpr std::string_view hits_counted_name = "hits_counted";
    hit_tally hit_tally_;
    std::int64_t hits_counted_ms_ = std::numeric_limits<std::int64_t>::max();  // as in the store
    bool hits_taken_ = false;            // since the last flush
    std::uint64_t hits_pending_ = 0;     // not on disk yet
    std::uint64_t hits_in_batch_ = 0;    // of those, in the state batch
    std::vector<message_id> uncovered_;  // counters that nothing but their own row tells of
    store::hit_log hit_log_;
    std::uint64_t hits_logged_ = 0;  // last sequence in the state batch
    std::string logged_;             // the record being logged, kept for its capacity

    std::vector<endpoint_id> wanted_endpoints_;
};

}  // namespace hikyaku::gateway
