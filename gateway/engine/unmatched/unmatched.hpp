// The box for what found nobody: receipts of unknown, several or other messages and replies of no
// account lie in the table `unmatched` with the reason, and are listed a page at a time. Whoever
// finds an owner for an entry later erases it in the same batch as what it has become (replay/,
// receipts that came before their response). Knows only the store and the names of the directory.
// Engine's thread only.
#pragma once

#include <array>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "gateway/engine/directory/directory.hpp"
#include "gateway/engine/room.hpp"
#include "gateway/engine/unmatched/unmatched_entry.hpp"
#include "gateway/model/retention.hpp"
#include "gateway/model/tables.hpp"
#include "store/environment.hpp"

namespace hikyaku::gateway {

[[nodiscard]] inline model::unmatched_key unmatched_key_of(
    const model::unmatched_position& position) {
    return model::unmatched_key(position.carrier, position.at, position.counter);
}

/// Of one carrier, since the start: what was put into the box, by reason, and what found somebody
/// later.
struct unmatched_counts {
    std::array<std::uint64_t, unmatched_why_count> kept{};
    std::uint64_t receipts_replayed = 0, replies_replayed = 0;
};

class unmatched : private room {
public:
    unmatched(engine_context& context, const directory& names);

    /// The directory may have new ones.
    void take_carriers();

    /// A new entry, and where it lies. `carrier_message_id`: that of a receipt in which one was
    /// read. `as_sent`: a reply's addresses and octets are the carrier's, not ours.
    model::unmatched_position keep(carrier_id carrier, const carrier_message& message,
                                   UnmatchedWhy why, std::string_view carrier_message_id = {},
                                   bool as_sent = false);
    /// The entry stays where it is, for the reason `why`.
    void keep_for_another_reason(const model::unmatched_position& position,
                                 const unmatched_entry& entry, UnmatchedWhy why);
    /// In this turn's batch; nobody sees the entry any more.
    void erase(const model::unmatched_position& position);
    /// The erasure is on disk.
    void on_gone(std::uint64_t counter) { gone_.erase(counter); }
    [[nodiscard]] bool is_gone(std::uint64_t counter) const { return gone_.contains(counter); }

    /// So many entries have become something. REQUIRES, as counts_of(): the carrier is in the
    /// configuration.
    void count_replayed(carrier_id carrier, bool is_reply, std::size_t entries);
    [[nodiscard]] const unmatched_counts& counts_of(carrier_id carrier) const {
        return counts_[carrier];
    }

    /// nullptr if there is none.
    [[nodiscard]] std::unique_ptr<unmatched_entry> read(
        const model::unmatched_position& position) const;
    /// Calls visit(position, entry) for each entry until it returns false.
    template <class Visit>
    void for_each(Visit&& visit) const {
        const auto snapshot = environment_.read();
        unmatched_entry entry;
        snapshot.for_each(model::table::unmatched, "", [&](auto key, std::string_view value) {
            const auto position = model::unmatched_key::parse(key);
            entry.bytes = value;
            return !position || is_gone(position->counter) || !entry.read() ||
                   visit(*position, entry);
        });
    }

    [[nodiscard]] unmatched_page page(const unmatched_query& query) const;
    [[nodiscard]] std::optional<unmatched_view> find(
        const model::unmatched_position& position) const;

    /// Erases up to `limit` entries from before `before_ms`.
    [[nodiscard]] model::retention_step erase_old(const store::snapshot& snapshot,
                                                  std::int64_t before_ms, std::size_t limit);

private:
    void put(const model::unmatched_position& position, const carrier_message& message,
             UnmatchedWhy why, std::string_view carrier_message_id, bool as_sent);
    [[nodiscard]] unmatched_view view_of(const model::unmatched_position& position,
                                         const unmatched_entry& entry) const;

    const directory& directory_;
    numbered<carrier_id, unmatched_counts> counts_;
    /// Counters of entries whose erasure is not on disk yet.
    boost::unordered_flat_set<std::uint64_t> gone_;
};

}  // namespace hikyaku::gateway
