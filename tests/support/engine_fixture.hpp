// An engine in a world that a test holds in its hand: a real store in a folder of its own, outputs
// that record every command, a clock that only the test moves, and seeded random numbers. Batches
// are written and reported by turn(), or step by step when a test wants to stand between the two.
// Used by tests/unit/gateway/engine; everything runs on the test's thread.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/engine/engine.hpp"
#include "gateway/model/tables.hpp"
#include "store/environment.hpp"
#include "tests/support/fake_outputs.hpp"
#include "tests/support/temporary_folder.hpp"

namespace hikyaku::gateway::testing {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

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
    std::function<void(const sent_cancel&)> cancel_responder;
    /// False: turn() hands batches over and leaves them to write_batches() and report_batches().
    bool commits_itself = true;
    /// This many of the next acceptance batches are refused by the disk.
    std::size_t acceptances_to_fail = 0;

    /// Asked for the gate whenever the store has been opened, if it is set.
    std::function<gate_port*(store::environment&)> make_gate;

    explicit engine_world(std::vector<store::domain> domains = {model::domain})
        : domains_(std::move(domains)) {
        open_store();
    }
    engine_world(const engine_world&) = delete;
    engine_world& operator=(const engine_world&) = delete;
    ~engine_world() { gateway.reset(); }

    void start() {
        auto bits = [random = seeded_bits{seed_++}]() mutable { return random(); };
        if (make_gate) asked_gate = make_gate(*store_);
        gateway = std::make_unique<engine>(settings, *store_, *outputs, bits, now(),
                                           engine_options{limits, consumers, asked_gate});
        outputs->settings_of = [this](account_id id) -> const config::account& {
            return gateway->settings_of(id);
        };
        settle();
    }
    /// The configuration in force with this change, from the end of this turn on.
    void reload(const std::function<void(config::settings&)>& change) {
        auto next = std::make_shared<config::settings>(reloaded_ ? *reloaded_ : settings);
        change(*next);
        reloaded_ = std::move(next);
        gateway->apply(reloaded_, now());
        settle();
    }
    /// As after kill -9: what was not written is gone, and nobody remembers anything. Binds and
    /// sessions are down. The records of `outputs` start anew.
    void crash_and_start() {
        gateway.reset();
        if (reloaded_) settings = *std::exchange(reloaded_, nullptr);
        outputs = std::make_unique<fake_outputs>(clock);
        answered_ = cancels_answered_ = 0;
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
    /// Entries in the log of an index.
    [[nodiscard]] std::size_t young_entries(const store::index_info& which) {
        const auto snapshot = store_->read();
        store::octet_cursor at(snapshot, which);
        std::size_t octets = 0;
        for (bool there = at.seek({}); there; there = at.next())
            octets += at.value().size();
        return octets / store::index_entry_bytes;
    }
    /// Makes the first `most` events of the outboxes unreadable, as a damaged page would.
    void damage_events(std::size_t most) {
        store::batch damage;
        store_->read().for_each(model::table::outbox, "", [&](auto key, std::string_view) {
            if (most == 0) return false;
            --most;
            damage.put(model::table::outbox, key, "no event");
            return true;
        });
        const store::batch* one[] = {&damage};
        EXPECT_EQ(most, 0U);
        EXPECT_TRUE(store_->apply(one));
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
            while (cancel_responder && cancels_answered_ < outputs->cancels.size()) {
                const auto asked = outputs->cancels[cancels_answered_++];
                cancel_responder(asked);
                more = true;
            }
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
        auto opened = store::environment::open(std::move(how), domains_);
        if (!opened) {
            ADD_FAILURE() << opened.error().sentence;
            std::abort();
        }
        store_ = std::move(*opened);
    }

    temporary_folder folder_;
    std::vector<store::domain> domains_;
    std::unique_ptr<store::environment> store_;
    std::shared_ptr<const config::settings> reloaded_;  // what replaced `settings`
    std::uint64_t seed_ = 1;
    std::size_t answered_ = 0, cancels_answered_ = 0;
    std::uint32_t ticket_ = 0;
    std::uint32_t deliver_sequence_ = 0;
    std::uint64_t carrier_ids_ = 0;
};

}  // namespace hikyaku::gateway::testing
