// When messages went to a contact point and to a debtor, as caps count it: a row and its index
// entries for each message that asks the gate, written with the hand-off, kept for as long as the
// longest period that a rule looks back. Those that are not on disk yet are here. Engine's thread.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "gateway/dunning/facts/parties.hpp"
#include "gateway/dunning/model/tables.hpp"
#include "gateway/gate/facts.hpp"
#include "store/batch.hpp"
#include "store/snapshot.hpp"

namespace hikyaku::gateway::dunning {

class contact_history {
public:
    /// Longer than seven days in any time zone.
    static constexpr std::chrono::hours kept{8 * 24};
    /// So many of one party are looked at, the youngest: more than any cap allows.
    static constexpr std::size_t contacts_max = 256;

    struct hand_off {
        std::uint64_t message;
        std::uint64_t id;  // tells when
        bool again;        // not long after another, of which the timeline tells
    };
    /// A message goes out. `turn` is when its rows are handed to the store.
    void add(const model::record::Message& message, const hand_off& what,
             std::span<const party> whose, std::uint64_t turn, store::batch& rows);
    /// A carrier gets it.
    void note_went(std::uint64_t id) { unsent_.erase(id); }
    /// Nothing of it went out after all: its row goes.
    void take_back(std::uint64_t id, std::uint64_t turn, store::batch& rows);
    /// The rows of all turns up to this one are in the store.
    void note_stored(std::uint64_t turn);

    /// What went to the contact point or debtor of the message before, in no order; not the message
    /// itself, whose earlier attempt may have been refused.
    void find(const store::snapshot& from, std::uint64_t message_id, std::span<const party> whose,
              std::int64_t now_ms, std::vector<gate::contact_fact>& into) const;

    /// When the message itself was handed over last, as find() has met it; 0: never.
    [[nodiscard]] std::int64_t own_ms() const { return own_ms_; }
    /// Whether a hand-off that find() has met may still not take place.
    [[nodiscard]] bool is_provisional() const { return is_provisional_; }
    /// Instead of find(), where there are none.
    void forget_own() {
        own_ms_ = 0;
        is_provisional_ = false;
    }

    /// Erases at most `limit` rows that nobody looks at any more; returns how many. Their index
    /// entries go with them.
    [[nodiscard]] static std::size_t erase_old(const store::snapshot& from, std::int64_t now_ms,
                                               std::size_t limit, store::batch& rows);

private:
    struct fresh_contact {
        std::uint64_t id = 0, message = 0, turn = 0;
        gate::purpose why = gate::purpose::dunning;
        bool anybodys = false;
    };
    struct seen_contact {
        std::uint64_t message = 0;
        gate::contact_fact fact;
    };
    void note(std::uint64_t id, std::uint64_t message, gate::purpose why, model::party_scope scope,
              bool anybodys) const;
    [[nodiscard]] bool is_taken_back(std::uint64_t id) const;

    boost::unordered_flat_map<std::uint64_t, std::vector<fresh_contact>> fresh_;  // by hash
    std::deque<std::pair<std::uint64_t, std::uint64_t>> turns_;  // turn and hash, oldest first
    std::vector<std::pair<std::uint64_t, std::uint64_t>> taken_back_;  // turn and id, oldest first
    boost::unordered_flat_set<std::uint64_t> unsent_;  // ids of what no carrier has got yet
    flatbuffers::FlatBufferBuilder builder_{64};
    mutable std::vector<store::index_entry> found_;
    mutable std::vector<seen_contact> seen_;
    mutable store::record_reader reader_;
    mutable std::int64_t own_ms_ = 0;
    mutable bool is_provisional_ = false;
};

}  // namespace hikyaku::gateway::dunning
