// The outboxes: for each way by which somebody is told of events, what waits for it in the store's
// table `outbox`, in the order of the events. An entry is removed only when whoever is told has
// acknowledged it. In memory is the head of each outbox and what is on its way. Shared by the ways
// of delivery (sessions.hpp, webhooks.hpp, callbacks.hpp, consumers.hpp). Engine's thread only.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>
#include <deque>
#include <string_view>
#include <vector>

#include "gateway/engine/directory/directory.hpp"
#include "gateway/engine/directory/numbered.hpp"
#include "gateway/engine/room.hpp"
#include "gateway/model/tables.hpp"

namespace hikyaku::gateway {

enum class outbox_kind : std::uint8_t { sessions, webhook, callbacks, consumer };

struct outbox {
    endpoint_id id{};
    outbox_kind kind = outbox_kind::sessions;
    account_id account{};             // none for a consumer's
    std::deque<std::uint64_t> ready;  // sequences, the oldest first; not used by callbacks
    bool more_on_disk = false;        // behind those that are ready
    boost::unordered_flat_set<std::uint64_t> busy;  // handed out, or a change is not on disk yet
    boost::unordered_flat_map<std::uint64_t, std::uint32_t> failures;  // of those that failed
    std::uint64_t depth = 0;
    std::uint64_t dead = 0;
    bool wanted = false;  // is in the list of this turn
};

class outboxes : private room {
public:
    outboxes(engine_context& context, directory& known) : room(context), directory_(known) {}

    /// `name` is for ever: under it the store keeps the outbox's number.
    outbox& add(std::string_view name, outbox_kind kind, account_id account);
    [[nodiscard]] auto all() const { return outboxes_.all(); }
    [[nodiscard]] outbox& operator[](endpoint_id id) const { return outboxes_[id]; }

    /// An event's record into an outbox, in the batch that must be kept. `hurries`: with the commit
    /// of this turn.
    void put(outbox& into, std::uint64_t sequence, std::string_view event, bool hurries);
    /// It is on disk: now it is ready, or will be read when its turn comes. Not for callbacks.
    void on_added(outbox& to, std::uint64_t sequence);
    /// It has been acknowledged, or given up.
    void remove(outbox& from, std::uint64_t sequence);
    void on_removed(outbox& from, std::uint64_t sequence) { from.busy.erase(sequence); }
    /// What was handed out is ready again.
    void give_back(outbox& to, std::uint64_t sequence);
    /// Moves an event to the dead letters, from where replay_dead_letters() brings it back. What
    /// cannot be read ends there too, in every way of delivery: its record is damaged, or of a
    /// later version, which may read it one day.
    void bury(outbox& from, std::uint64_t sequence);
    /// At most `limit`; returns how many.
    std::size_t replay_dead_letters(outbox& of, std::size_t limit);
    /// Reads the next ones when none is ready.
    void reload(outbox& from);
    /// Events and dead letters of before `before_ms` that nobody has taken: an application that
    /// never comes back must not fill the disk. Returns how many were erased, at most `limit`.
    std::size_t erase_old(const store::snapshot& snapshot, std::int64_t before_ms,
                          std::size_t limit);

    /// The outbox is looked at in this turn.
    void want(outbox& one);
    /// Calls visit(outbox&) for each that is wanted; visiting may want further ones.
    template <class Visit>
    void visit_wanted(Visit&& visit) {
        for (std::size_t i = 0; i < wanted_.size(); ++i) {
            auto& one = *wanted_[i];
            one.wanted = false;
            visit(one);
        }
        wanted_.clear();
    }

    /// The greatest sequence that is in use.
    [[nodiscard]] std::uint64_t last_sequence(const store::snapshot& snapshot) const;

private:
    using event_table = store::table<model::outbox_key, model::record::Event>;

    void collect_old(const store::snapshot& snapshot, const event_table& which, const outbox& of,
                     std::int64_t before_ms, std::size_t limit);

    directory& directory_;
    numbered<endpoint_id, outbox> outboxes_;
    std::vector<outbox*> wanted_;
    std::vector<std::uint64_t> old_;  // sequences that are being erased
};

}  // namespace hikyaku::gateway
