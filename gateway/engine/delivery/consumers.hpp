// Consumers: applications inside the process, such as the desk of a dunning layer, that take events
// from an outbox of their own. A copy of each event of the accounts that a consumer listens to is
// put into its outbox, in the batch that holds the application's; it also hears what the account
// has no way to be told of, but no receipt that was not asked for. The consumer gets its events in
// order and acknowledges them after its own commit; what it has not acknowledged when the process
// ends comes again. What it has not taken for the whole retention is erased, as with everybody.
// Engine's thread only.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "gateway/engine/delivery/consumer_settings.hpp"
#include "gateway/engine/delivery/events.hpp"
#include "gateway/engine/delivery/outboxes.hpp"

namespace hikyaku::gateway {

class consumers : private room {
public:
    /// Adds their outboxes. A consumer's id is its place in `settings`.
    consumers(engine_context& context, outboxes& all, std::vector<consumer_settings> settings);

    /// The account is known from now on: those that want to hear of it do.
    void listen_to(account_id account, std::string_view name);

    /// The outboxes of those that listen to this kind of event of the account.
    [[nodiscard]] std::span<outbox* const> listening(account_id account, EventKind kind) const;

    /// The outboxes of those that hear of messages about which the gate is asked.
    [[nodiscard]] std::span<outbox* const> of_asked() const { return of_asked_; }
    /// The outboxes of those that hear replies which are read.
    [[nodiscard]] std::span<outbox* const> of_read() const { return of_read_; }

    /// Hands out what the window allows. REQUIRES: `from` is a consumer's.
    void pump(outbox& from);
    /// The consumer has committed all events up to this one.
    void on_consumed(consumer_id consumer, std::uint64_t sequence);

    [[nodiscard]] std::vector<consumer_view> views() const;
    /// No event is in the hands of a consumer.
    [[nodiscard]] bool idle() const;

private:
    struct consumer_state {
        consumer_settings settings;
        outbox* from = nullptr;
        std::deque<std::uint64_t> in_hand;  // the oldest first
    };
    using listeners = std::array<std::vector<outbox*>,
                                 static_cast<std::size_t>(model::record::EventKind::MAX) + 1>;

    void hand_out(consumer_id id, consumer_state& consumer);

    outboxes& outboxes_;
    std::vector<consumer_state> consumers_;
    std::vector<outbox*> of_asked_, of_read_;
    numbered<account_id, listeners> listeners_;  // of accounts that somebody listens to
};

}  // namespace hikyaku::gateway
