// An engine in a world that a test holds in its hand: a real store in a folder of its own, outputs
// that record every command, a clock that only the test moves, and seeded random numbers. Batches
// are written and reported by turn(), or step by step when a test wants to stand between the two.
// Used by tests/unit/gateway/engine; everything runs on the test's thread.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/engine/engine.hpp"
#include "gateway/model/tables.hpp"
#include "store/environment.hpp"
#include "tests/support/temporary_folder.hpp"

namespace hikyaku::gateway::testing {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

/// SplitMix64.
struct seeded_bits {
    std::uint64_t state = 1;
    std::uint64_t operator()() {
        std::uint64_t z = (state += 0x9E3779B97F4A7C15ULL);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
        return z ^ (z >> 31);
    }
};

class virtual_clock {
public:
    static constexpr std::int64_t start_wall_ms = 1'767'225'600'000;  // 2026-01-01 00:00 UTC

    [[nodiscard]] instant now() const { return now_; }
    void move_to(std::chrono::steady_clock::time_point steady) {
        now_.steady = steady;
        now_.wall_ms = start_wall_ms +
                       std::chrono::duration_cast<milliseconds>(
                           steady - std::chrono::steady_clock::time_point{start})
                           .count() -
                       back_.count();
    }
    /// Somebody sets the wall clock back.
    void set_back(milliseconds by) {
        back_ += by;
        now_.wall_ms -= by.count();
    }

private:
    static constexpr std::chrono::hours start{1000};
    milliseconds back_{0};
    instant now_{std::chrono::steady_clock::time_point{start}, start_wall_ms};
};

struct sent_segment {
    bind_id bind{};
    std::uint64_t token = 0;
    std::string source, destination, octets, tlvs;
    std::uint8_t source_ton = 0, destination_ton = 0;
    std::uint8_t esm_class = 0, data_coding = 0, priority = 0, registered_delivery = 0;
    instant at;
    std::string validity;
};

/// A copy of what matters in an event.
struct kept_event {
    std::uint64_t sequence = 0;
    EventKind kind = EventKind::receipt;
    message_id message{};
    State state = State::queued;
    bool final = false;
    std::uint32_t error = 0;
    std::string error_text, reference, source, destination, text, octets, link;
    std::uint16_t parts = 0, parts_delivered = 0;
    std::uint8_t hit_class = 0;
    std::uint8_t esm_class = 0, data_coding = 0;
    std::uint16_t part = 0;
    bool incomplete = false;
    std::string tlvs;
    message_id shown_id{};
    std::uint32_t alias = 0;
    std::string user_agent;
    told_error told;

    static kept_event of(std::uint64_t sequence, const outbox_event& event) {
        kept_event out;
        out.sequence = sequence;
        out.kind = kind_of(event);
        std::visit([&out](const auto& one) { out.keep(one); }, event);
        return out;
    }

private:
    void keep(const receipt_event& event) {
        message = event.message;
        state = event.state;
        final = event.final;
        error = event.error.error;
        error_text = event.error.error_text;
        reference = event.reference;
        source = event.source.digits;
        destination = event.destination.digits;
        parts = event.parts;
        parts_delivered = event.parts_delivered;
        part = event.part;
        shown_id = event.shown_id;
        alias = event.alias;
        told = {event.error.error,
                error_text,
                event.error.source,
                std::string(event.error.stat),
                std::string(event.error.network_code),
                std::string(event.error.info)};
    }
    void keep(const reply_event& event) {
        source = event.source.digits;
        destination = event.destination.digits;
        text = event.text;
        octets = smpp::text::chars_of(event.octets);
        esm_class = event.esm_class;
        data_coding = event.data_coding;
        parts = event.parts;
        parts_delivered = event.parts_received;
        part = event.part;
        incomplete = event.incomplete;
        tlvs = smpp::text::chars_of(event.tlvs);
    }
    void keep(const hit_event& event) {
        message = event.message;
        reference = event.reference;
        destination = event.destination ? event.destination->digits : std::string_view{};
        link = event.link;
        hit_class = event.hit_class;
        user_agent = event.user_agent;
    }
};

struct delivered_event {
    session_id session{};
    kept_event event;
};

struct posted_batch {
    account_id account{};
    std::uint64_t token = 0;
    std::vector<kept_event> events;
    instant at;
};

struct handed_out {
    consumer_id consumer{};
    std::vector<kept_event> events;
};

struct requested_callback {
    account_id account{};
    std::uint64_t token = 0;
    std::string url;
    instant at;
};

struct acknowledged_pdu {
    bind_id bind{};
    std::uint32_t sequence = 0;
    smpp::command_id request{};
    smpp::command_status status{};
};

class fake_outputs final : public engine_outputs {
public:
    struct pending_commit {
        commit_kind kind = commit_kind::state;
        std::unique_ptr<store::batch> batch;
        std::uint64_t ticket = 0;
        bool written = false;
    };

    explicit fake_outputs(const virtual_clock& clock) : clock_(clock) {}

    std::vector<sent_segment> sent;
    std::vector<settled_submission> settled;
    std::vector<std::pair<reply_ticket, message_id>> cancelled;
    std::vector<std::pair<reply_ticket, smpp::command_status>> operations;
    std::vector<std::pair<session_id, std::string>> alerts;
    std::vector<reply_ticket> replays;
    std::vector<std::string> unowned;  // carrier, source, destination, reason
    std::vector<acknowledged_pdu> acknowledged;
    std::vector<delivered_event> delivered;
    std::vector<posted_batch> posted;
    std::vector<requested_callback> requested;
    std::vector<handed_out> consumed;
    std::vector<std::string> unknown_stats;
    std::deque<pending_commit> commits;
    std::set<bind_id> deaf_binds;        // send_segment() answers false
    std::set<session_id> deaf_sessions;  // deliver() answers false

    void commit(commit_kind kind, std::unique_ptr<store::batch> batch,
                std::uint64_t ticket) override {
        commits.push_back({kind, std::move(batch), ticket});
    }
    void submission_settled(const settled_submission& what) override { settled.push_back(what); }
    void cancellation_settled(reply_ticket ticket, message_id id) override {
        cancelled.emplace_back(ticket, id);
    }
    void operation_settled(reply_ticket ticket, smpp::command_status status) override {
        operations.emplace_back(ticket, status);
    }
    void alert(session_id session, const smpp::alert_notification& alert,
               const smpp::tlv_list&) override {
        alerts.emplace_back(session, std::string(alert.source_addr));
    }
    void replay_settled(reply_ticket ticket) override { replays.push_back(ticket); }
    void reply_unowned(const unowned_reply& what) override {
        unowned.push_back(std::string(what.carrier) + " " + std::string(what.source) + " " +
                          std::string(what.destination) + " " + std::string(word_of(what.why)));
    }
    bool send_segment(bind_id bind, std::uint64_t token, const smpp::submit_sm& request,
                      const smpp::tlv_list& tlvs) override {
        if (deaf_binds.contains(bind)) return false;
        const auto raw = tlvs.raw();
        sent.push_back(
            {bind, token, std::string(request.source_addr), std::string(request.destination_addr),
             std::string(request.short_message.begin(), request.short_message.end()),
             std::string(raw.begin(), raw.end()), request.source_addr_ton, request.dest_addr_ton,
             request.esm_class, request.data_coding, request.priority_flag,
             request.registered_delivery, clock_.now(), std::string(request.validity_period)});
        return true;
    }
    void acknowledge(bind_id bind, std::uint32_t sequence, smpp::command_id request,
                     smpp::command_status status) override {
        acknowledged.push_back({bind, sequence, request, status});
    }
    bool deliver(session_id session, std::uint64_t outbox_sequence,
                 const outbox_event& event) override {
        if (deaf_sessions.contains(session)) return false;
        delivered.push_back({session, kept_event::of(outbox_sequence, event)});
        return true;
    }
    void post_webhook(account_id account, std::uint64_t token,
                      std::span<const outbox_item> items) override {
        posted_batch batch{account, token, {}, clock_.now()};
        for (const auto& item : items)
            batch.events.push_back(kept_event::of(item.sequence, item.event));
        posted.push_back(std::move(batch));
    }
    void consume(consumer_id consumer, std::span<const outbox_item> items) override {
        handed_out given{consumer, {}};
        for (const auto& item : items)
            given.events.push_back(kept_event::of(item.sequence, item.event));
        consumed.push_back(std::move(given));
    }
    void unknown_stat(carrier_id, std::string_view stat, State) override {
        unknown_stats.emplace_back(stat);
    }
    void request_callback(account_id account, std::uint64_t token, std::string_view url) override {
        requested.push_back({account, token, std::string(url), clock_.now()});
    }

private:
    const virtual_clock& clock_;
};

/// Where the messages of each account go in tests that tell them by the phone.
inline constexpr std::string_view phone_of_shop = "819011111111", phone_of_bank = "819022222222";

/// What a test's carriers, accounts and routes look like before it changes them: the accounts
/// "shop" and "bank" with SMPP, two carriers without a rate, one route to the first of them.
inline config::settings plain_settings() {
    config::settings settings;
    for (const auto* name : {"shop", "bank"}) {
        config::account account;
        account.name = name;
        account.system_id = name;
        account.api_tokens = {std::string("token-") + name};
        settings.accounts.push_back(std::move(account));
    }
    for (const auto* name : {"alpha", "beta"}) {
        config::carrier carrier;
        carrier.name = name;
        carrier.contract_rate = std::nullopt;
        settings.carriers.push_back(std::move(carrier));
    }
    config::route route;
    route.name = "all";
    route.targets = {{.carrier = "alpha"}};
    settings.routes.push_back(std::move(route));
    return settings;
}

/// The world. Change `settings` first, then start().
class engine_world {
public:
    // Their numbers in a new store, which has named them in this order.
    static constexpr account_id shop{1}, bank{2};
    static constexpr carrier_id alpha{1}, beta{2};

    config::settings settings = plain_settings();
    engine_limits limits;
    std::vector<consumer_settings> consumers;
    gate_port* asked_gate = nullptr;  // nullptr: the engine's own, which allows everything
    virtual_clock clock;
    std::unique_ptr<fake_outputs> outputs = std::make_unique<fake_outputs>(clock);
    std::unique_ptr<engine> gateway;
    /// Answers each segment at once when set.
    std::function<void(const sent_segment&)> responder;
    /// False: turn() hands batches over and leaves them to write_batches() and report_batches().
    bool commits_itself = true;
    /// This many of the next acceptance batches are refused by the disk.
    std::size_t acceptances_to_fail = 0;

    engine_world() { open_store(); }
    engine_world(const engine_world&) = delete;
    engine_world& operator=(const engine_world&) = delete;
    ~engine_world() { gateway.reset(); }

    void start() {
        auto bits = [random = seeded_bits{seed_++}]() mutable { return random(); };
        gateway = std::make_unique<engine>(settings, *store_, *outputs, bits, now(),
                                           engine_options{limits, consumers, asked_gate});
        settle();
    }
    /// As after kill -9: what was not written is gone, and nobody remembers anything. Binds and
    /// sessions are down. The records of `outputs` start anew.
    void crash_and_start() {
        gateway.reset();
        outputs = std::make_unique<fake_outputs>(clock);
        answered_ = 0;
        store_.reset();
        open_store();
        start();
    }

    [[nodiscard]] instant now() const { return clock.now(); }
    [[nodiscard]] store::environment& store() { return *store_; }
    /// The short id that the store has for a message; 0 = none.
    [[nodiscard]] std::uint32_t alias_of(message_id id) {
        const auto snapshot = store_->read();
        const auto value = snapshot.get(model::table::messages,
                                        model::message_key(static_cast<std::uint64_t>(id)));
        store::record_reader reader;
        const auto* message = value ? reader.read<model::record::Message>(*value) : nullptr;
        return message == nullptr ? 0 : message->alias();
    }
    [[nodiscard]] std::uint64_t entries(const store::table_info& which) {
        return store_->read().count(which);
    }

    /// Writes all batches that were handed over; a failing acceptance is not written.
    bool write_batches() {
        for (auto& commit : outputs->commits) {
            if (commit.kind == commit_kind::acceptance && acceptances_to_fail > 0) {
                --acceptances_to_fail;
                continue;
            }
            const store::batch* one[] = {commit.batch.get()};
            if (!commit.written && !store_->apply(one)) ADD_FAILURE() << "the store refused";
            commit.written = true;
        }
        return !outputs->commits.empty();
    }
    void report_batches() {
        auto done = std::exchange(outputs->commits, {});
        for (auto& commit : done)
            gateway->on_committed(commit.ticket, commit.written, std::move(commit.batch), now());
    }
    /// One turn of a driver's loop, again and again until nothing follows from it any more.
    void turn() {
        for (bool more = true; more;) {
            gateway->flush(now());
            more = commits_itself && write_batches();
            if (more) report_batches();
            while (responder && answered_ < outputs->sent.size()) {
                const auto segment = outputs->sent[answered_++];
                responder(segment);
                more = true;
            }
        }
    }
    /// turn() and every tick that is wanted now.
    void settle() {
        for (int i = 0; i < 20000; ++i) {
            turn();
            if (gateway->next_deadline(now()) > now().steady) return;
            gateway->tick(now());
        }
        ADD_FAILURE() << "the engine wants to be ticked for ever";
    }
    /// Moves the clock, with every tick on the way.
    void advance(std::chrono::microseconds by) {
        const auto end = now().steady + by;
        settle();
        while (now().steady < end) {
            const auto wanted = std::max(gateway->next_deadline(now()), now().steady + 100us);
            clock.move_to(std::min(wanted, end));
            gateway->tick(now());
            settle();
        }
    }
    /// Moves the clock in one jump, as when the machine slept.
    void leap(std::chrono::microseconds by) {
        clock.move_to(now().steady + by);
        gateway->tick(now());
        settle();
    }

    // Applications.
    static submission text_to(std::string_view destination, std::string_view text) {
        submission message;
        message.source.digits = "Shop";
        message.source.ton = 5;
        message.destination = {1, 1, std::string(destination)};
        message.text = std::string(text);
        message.registered_delivery = 1;
        return message;
    }
    /// Submits without ending the turn.
    submit_result hand_in(submission message, account_id account = shop) {
        return gateway->submit(account, std::move(message), {session_id{1}, ++ticket_}, now());
    }
    /// Submits, commits and lets everything follow; the id.
    message_id submit(submission message, account_id account = shop) {
        const auto result = hand_in(std::move(message), account);
        EXPECT_EQ(result.why, refusal::none);
        settle();
        return result.id;
    }
    message_id submit(std::string_view text, account_id account = shop) {
        return submit(text_to("819012345678", text), account);
    }
    void session_up(std::uint64_t id, account_id account = shop, std::uint32_t window = 10) {
        gateway->on_session_up(session_id{id}, {account, true, true, window}, now());
        settle();
    }
    void session_down(std::uint64_t id) {
        gateway->on_session_down(session_id{id}, now());
        settle();
    }
    void acknowledge_delivery(const delivered_event& delivered,
                              smpp::command_status status = smpp::command_status::esme_rok) {
        gateway->on_delivery_answer(delivered.session, delivered.event.sequence, status, now());
        settle();
    }
    State state_of(message_id id, account_id account = shop) {
        const auto view = gateway->find(account, id);
        EXPECT_TRUE(view.has_value());
        return view ? view->state : State::queued;
    }

    // Carriers.
    void bind_up(std::uint64_t id, carrier_id carrier = alpha, std::uint32_t window = 10) {
        gateway->on_bind_up(bind_id{id}, {carrier, window, true, true}, now());
        settle();
    }
    /// Fails all attempts that were handed to the bind and not answered, then takes it down.
    void bind_down(std::uint64_t id, attempt_failure why,
                   const std::vector<sent_segment>& unanswered) {
        for (const auto& segment : unanswered)
            gateway->on_attempt_failed(segment.bind, segment.token, why, now());
        gateway->on_bind_down(bind_id{id}, now());
        settle();
    }
    void respond(const sent_segment& segment, std::string_view carrier_message_id) {
        gateway->on_response(segment.bind, segment.token, smpp::command_status::esme_rok,
                             carrier_message_id, now());
        settle();
    }
    void refuse(const sent_segment& segment, smpp::command_status status) {
        gateway->on_response(segment.bind, segment.token, status, "", now());
        settle();
    }
    void fail(const sent_segment& segment, attempt_failure why) {
        gateway->on_attempt_failed(segment.bind, segment.token, why, now());
        settle();
    }
    /// Every segment is accepted at once, with the ids "id-1", "id-2", ... and receipts delivered
    /// if `receipts`.
    void accept_everything(bool receipts = false) {
        responder = [this, receipts](const sent_segment& segment) {
            const auto id = "id-" + std::to_string(++carrier_ids_);
            gateway->on_response(segment.bind, segment.token, smpp::command_status::esme_rok, id,
                                 now());
            if (receipts) hand_in_receipt(1, id, "DELIVRD", segment.destination);
        };
    }
    void hand_in_receipt(std::uint64_t bind, std::string_view id, std::string_view stat,
                         std::string_view source, std::string_view err = "000") {
        const auto text = "id:" + std::string(id) +
                          " sub:001 dlvrd:001 submit date:2601010000 done date:2601010001 stat:" +
                          std::string(stat) + " err:" + std::string(err) + " text:";
        hand_in_deliver_sm(bind, text, source, "Shop", 0x04);
    }
    void hand_in_deliver_sm(std::uint64_t bind, std::string_view text, std::string_view source,
                            std::string_view destination, std::uint8_t esm_class = 0,
                            std::uint8_t data_coding = 0) {
        smpp::deliver_sm request;
        request.source_addr = source;
        request.destination_addr = destination;
        request.esm_class = esm_class;
        request.data_coding = data_coding;
        request.short_message = {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
        gateway->on_deliver_sm(bind_id{bind}, ++deliver_sequence_, request, {}, now());
    }
    void receipt(std::string_view id, std::string_view stat, std::string_view err = "000",
                 std::uint64_t bind = 1) {
        hand_in_receipt(bind, id, stat, "819012345678", err);
        settle();
    }
    void reply(std::string_view text, std::string_view to, std::uint64_t bind = 1) {
        hand_in_deliver_sm(bind, text, "819012345678", to);
        settle();
    }

    // What is counted.
    account_view account(account_id id = shop) {
        const auto all = gateway->accounts();
        const auto at = std::ranges::find(all, id, &account_view::id);
        EXPECT_NE(at, all.end());
        return at == all.end() ? account_view{} : *at;
    }
    [[nodiscard]] std::size_t deliveries() const { return outputs->delivered.size(); }
    [[nodiscard]] std::vector<State> delivered_states() const {
        std::vector<State> states;
        for (const auto& one : outputs->delivered)
            states.push_back(one.event.state);
        return states;
    }

private:
    void open_store() {
        store::environment_settings how;
        how.path = folder_.path() + "/store";
        how.map_bytes_initial = 64U << 20;
        how.map_bytes_max = 1U << 30;
        how.sync = false;
        auto opened = store::environment::open(std::move(how), {model::domain});
        if (!opened) {
            ADD_FAILURE() << opened.error().sentence;
            std::abort();
        }
        store_ = std::move(*opened);
    }

    temporary_folder folder_;
    std::unique_ptr<store::environment> store_;
    std::uint64_t seed_ = 1;
    std::size_t answered_ = 0;
    std::uint32_t ticket_ = 0;
    std::uint32_t deliver_sequence_ = 0;
    std::uint64_t carrier_ids_ = 0;
};

}  // namespace hikyaku::gateway::testing
