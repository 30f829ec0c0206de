// What an engine in a test is surrounded by: a clock that only the test moves, seeded random
// numbers, and outputs that record every command.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/api/callbacks/callback.hpp"
#include "gateway/engine/engine.hpp"

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

struct sent_cancel {
    bind_id bind{};
    std::uint64_t token = 0;
    std::string message_id, source, destination;
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
    std::string user_agent, read;
    bool first_of_visit = false;
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
        first_of_visit = event.first_of_visit;
    }
    void keep(const link_seen_event& event) {
        message = event.message;
        reference = event.reference;
        destination = event.destination ? event.destination->digits : std::string_view{};
        link = event.link;
    }
    void keep(const reply_read_event& event) {
        source = event.source.digits;
        destination = event.destination.digits;
        text = event.text;
        read = event.read;
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
    CallbackForm form{};
    CallbackMethod method{};
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
    std::vector<reply_ticket> kept;  // rows of the desk that are on disk
    std::vector<reply_ticket> replays;
    std::vector<std::string> unowned;  // carrier, source, destination, reason
    std::vector<acknowledged_pdu> acknowledged;
    std::vector<delivered_event> delivered;
    std::vector<posted_batch> posted;
    std::vector<requested_callback> requested;
    std::vector<handed_out> consumed;
    std::vector<std::string> unknown_stats;
    std::vector<std::uint64_t> syncs;  // of the hit log, up to which hit
    std::deque<pending_commit> commits;
    std::function<const config::account&(account_id)> settings_of;  // the engine's
    std::vector<sent_cancel> cancels;
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
    void rows_kept(reply_ticket ticket) override { kept.push_back(ticket); }
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
    bool send_cancel(bind_id bind, std::uint64_t token, const smpp::cancel_sm& request) override {
        if (deaf_binds.contains(bind)) return false;
        cancels.push_back({bind, token, std::string(request.message_id),
                           std::string(request.source_addr),
                           std::string(request.destination_addr)});
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
    /// Gets the events of consumers, too, if it is set.
    std::function<void(std::span<const outbox_item>)> on_consume;
    void consume(consumer_id consumer, std::span<const outbox_item> items) override {
        if (on_consume) on_consume(items);
        handed_out given{consumer, {}};
        for (const auto& item : items)
            given.events.push_back(kept_event::of(item.sequence, item.event));
        consumed.push_back(std::move(given));
    }
    void sync_hit_log(int, std::uint64_t sequence) override { syncs.push_back(sequence); }
    void unknown_stat(carrier_id, std::string_view stat, State) override {
        unknown_stats.emplace_back(stat);
    }
    void request_callback(account_id account, std::uint64_t token,
                          const callback_request& what) override {
        auto rendered = api::render_callback(what, settings_of(account));
        requested.push_back(
            {account, token, what.form, rendered.method, std::move(rendered.url), clock_.now()});
    }

private:
    const virtual_clock& clock_;
};

}  // namespace hikyaku::gateway::testing
