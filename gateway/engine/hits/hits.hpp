// Hits of tracked links: they are logged, stored and counted here. A hit goes into the hit log
// first, because its answer does not wait for the commit, then into the store, and into the
// counters of its message a little later (hit_counter_cache.hpp). After a crash the log and the
// store tell which hits are not counted yet (hit_recovery.cpp). Engine's thread only.
#pragma once

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <deque>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/engine/directory/directory.hpp"
#include "gateway/engine/hits/hit_counter_cache.hpp"
#include "gateway/engine/hits/hit_facts.hpp"
#include "gateway/engine/room.hpp"
#include "gateway/engine/text_map.hpp"
#include "gateway/model/records.hpp"
#include "gateway/model/retention.hpp"
#include "store/append_log.hpp"

namespace hikyaku::gateway {

/// Whether a hit is to be told; not if it is lost (links.hits_pending_max), or only counted because
/// its message has too many.
enum class hit_told : std::uint8_t { no, yes, first_of_visit };

class hits : private room {
public:
    hits(engine_context& context, const directory& known);
    /// Other settings are in force.
    void take_settings();

    /// Also of a link that has expired, and of whichever domain; empty if the code is unknown.
    [[nodiscard]] std::optional<link_view> find_link(std::string_view code) const;
    /// The one that this host answers, in lower case and without port; "" stands for the default
    /// one. A link of another account's domain is unknown there.
    [[nodiscard]] std::optional<link_view> find_link_at(std::string_view host,
                                                        std::string_view code) const;

    /// Logs, stores and counts a hit; `link` is that of its code.
    [[nodiscard]] hit_told on_hit(const hit_facts& hit, const link_view& link);
    /// A visitor has fetched an asset of the link's page, or (`by_person`) has done what only
    /// persons do: the hits of the same visit are a person's (hit_counters::raise()). How many were
    /// raised; on disk with this turn's batch.
    std::uint32_t raise(const visitor& who, const link_view& link, bool by_person);
    /// When somebody said that the link was seen, also while that is on its way to the disk.
    [[nodiscard]] std::optional<std::int64_t> seen_at(const link_view& link,
                                                      std::string_view code) const;
    /// It was. REQUIRES: seen_at() is empty.
    void put_seen(const link_view& link, std::string_view code, std::int64_t at_ms,
                  model::record::SeenBy by);
    void on_seen_stored(const std::string& code) { seen_waiting_.erase(code); }
    /// A stored hit has another class or other reasons; `before` is the class of its row. Counters
    /// that change are written with this turn's batch. Whether some do.
    bool reclass(message_id message, std::uint8_t before, const counted_hit& now);
    /// Of this message, as its hits are stored: once a day and network and user agent and code.
    [[nodiscard]] std::uint64_t visit_of(const visitor& who, std::int64_t at_ms);
    /// The link of a code, from a snapshot of the caller's: that of a message; of whichever, if
    /// `message` is 0.
    [[nodiscard]] std::optional<link_view> read_link(const store::snapshot& snapshot,
                                                     std::string_view code,
                                                     std::uint64_t message) const;
    /// At the end of a turn, once everything of this turn is in its batch: writes the hit log and
    /// the counters whose time has come.
    void flush();
    /// So many hits wait for the disk that their batch must not wait for others.
    [[nodiscard]] bool hurries() const;
    void on_stored(const after::hits_stored& what, bool ok);
    void on_counted(message_id message) { cache_.written(message); }

    /// The sequence of the last hit that on_hit() has taken.
    [[nodiscard]] std::uint64_t taken_to() const { return taken_to_; }
    /// The hits up to this one outlive what they have to (links.hits_survive): they may be
    /// answered. Right after flush().
    [[nodiscard]] std::uint64_t safe_to() const;
    /// The hit log is on disk up to this one.
    void on_synced(std::uint64_t sequence) { synced_to_ = std::max(synced_to_, sequence); }

    /// Counts of one message's hits, with those that are not stored yet.
    [[nodiscard]] hit_counters counters_of(message_id message);
    /// Erases the counters of a message that is being removed. Until that is on disk hits may still
    /// find the link, and counters may be on their way: they would come back without their message.
    void forget_counters(message_id message);
    /// Erases up to `limit` stored hits from before `before_ms`.
    [[nodiscard]] model::retention_step erase_old(const store::snapshot& snapshot,
                                                  std::int64_t before_ms, std::size_t limit);

    /// At the start, once, before any other hit: counts stored hits that a crash has left out of
    /// the counters of their messages.
    void recount();
    /// At the start, once, after recount(): stores hits that were answered and, because of a crash,
    /// not stored. Calls `tell(const hit_facts&, const link_view&, std::int64_t at_ms, hit_told)`
    /// for each that is to be told.
    template <class Tell>
    void recover(Tell&& tell) {
        hit_log_.take_found([&](std::uint64_t sequence, std::string_view logged) {
            store::record_reader reader;
            if (const auto hit = recover_one(sequence, logged, reader))
                tell(hit->facts, hit->link, hit->at_ms, hit->told);
        });
    }

private:
    struct recovered_hit {
        hit_facts facts;  // views into the log's record
        link_view link;
        std::int64_t at_ms = 0;
        hit_told told = hit_told::no;
    };

    [[nodiscard]] std::optional<link_view> view_of(const store::snapshot& snapshot,
                                                   std::string_view code,
                                                   const model::record::Link* link) const;
    enum class fit : std::uint8_t { foreign, own, exact };
    [[nodiscard]] fit fit_of(const model::record::Link& link, std::string_view host) const;
    [[nodiscard]] std::uint32_t uses_of(const store::snapshot& snapshot,
                                        const model::link_record_key& key) const;
    void spend(const hit_facts& hit, const link_view& link, std::uint64_t sequence);
    [[nodiscard]] std::optional<recovered_hit> recover_one(std::uint64_t sequence,
                                                           std::string_view logged,
                                                           store::record_reader& reader);
    [[nodiscard]] hit_told count_hit(const hit_facts& hit, std::string_view octets,
                                     const link_view& link, std::int64_t at_ms,
                                     std::uint64_t sequence);
    /// Counters that nothing but their own row tells of are written at the end of this turn.
    void write_soon(message_id message, hit_counters& counters);
    hit_counters& loaded(message_id message);
    void write_counters(message_id message);
    void set_counted(std::int64_t before_ms);

    struct spent_use {
        std::uint32_t uses = 0;
        std::uint64_t sequence = 0;  // of the hit
    };

    const directory& directory_;
    std::string default_domain_;
    bool survives_power_ = false;
    hit_counter_cache cache_;
    /// As in the store: every stored hit from before this time is in its message's counters.
    std::int64_t counted_ms_ = std::numeric_limits<std::int64_t>::max();
    bool taken_ = false;                 // a hit, since the last flush
    std::uint64_t pending_ = 0;          // hits that are not on disk yet
    std::uint64_t in_batch_ = 0;         // of those, in the batch of this turn
    std::vector<message_id> uncovered_;  // counters that nothing but their own row tells of
    store::append_log hit_log_;
    std::uint64_t logged_to_ = 0;  // last sequence in the batch of this turn
    std::string logged_;           // the record being logged, kept for its capacity
    std::string visit_;            // what makes a visit, likewise
    /// Seen, and not on disk yet; by code.
    text_map<std::int64_t> seen_waiting_;
    std::uint64_t taken_to_ = 0;
    std::uint64_t synced_to_ = 0;  // in the hit log, beyond the death of the machine
    std::uint64_t stored_to_ = 0;  // in the store
    // Of links with a limit, uses that are not on disk yet, by key; and the keys by sequence.
    boost::unordered_flat_map<std::string, spent_use> spent_;
    std::deque<std::pair<std::uint64_t, std::string>> spending_;
};

}  // namespace hikyaku::gateway
