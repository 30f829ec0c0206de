// The holds as the gate needs them: which are on a contact point, a debtor, a debt or an account.
// Rows and their index are in the store; those that are not on disk yet are here, so that a hold
// counts from the moment it is placed. One that is lifted stays in the store, and counts until that
// is on disk. Engine's thread.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

#include "gateway/dunning/facts/parties.hpp"
#include "gateway/dunning/model/tables.hpp"
#include "gateway/gate/facts.hpp"
#include "store/snapshot.hpp"

namespace hikyaku::gateway::dunning {

inline constexpr std::int64_t without_end = std::numeric_limits<std::int64_t>::max();

/// What of a hold is not sealed.
struct hold_row {
    std::uint64_t id = 0;
    std::uint32_t account = 0;
    gate::hold_kind kind = gate::hold_kind::manual;
    model::party_scope scope = model::party_scope::contact;
    party_digest reference{};
    std::int64_t placed_ms = 0;
    std::int64_t from_ms = 0;
    std::int64_t until_ms = without_end;
    std::int64_t lifted_ms = 0;  // 0 = it is not

    /// Whether it counts from the moment it was placed, also where a clock was set back since.
    [[nodiscard]] bool is_immediate() const { return from_ms <= placed_ms; }
    /// It counts from this time to before that.
    [[nodiscard]] std::int64_t begins_ms() const { return std::max(placed_ms, from_ms); }
    [[nodiscard]] std::int64_t ends_ms() const {
        return lifted_ms == 0 ? until_ms : std::min(until_ms, lifted_ms);
    }
    [[nodiscard]] bool is_active(std::int64_t now_ms) const {
        return (is_immediate() || from_ms <= now_ms) && now_ms < ends_ms();
    }
};

[[nodiscard]] hold_row row_of(std::uint64_t id, const record::Hold& stored);

/// Since when a message waits: its acceptance, and the time before which it was not to be sent.
struct waiting_since {
    std::int64_t accepted_ms = 0;
    std::int64_t due_ms = 0;
};

class hold_book {
public:
    /// As many of one party are looked at. With more of them the party counts as held.
    static constexpr std::size_t holds_max = 4096;

    /// Appends the holds on `whose` that concern a message: those that are active or known to
    /// begin, and as if they were active those that began and ended while it waited, or ended when
    /// it was due already. What was queued under a hold does not go out when the hold ends, however
    /// late the message is found.
    void find(const store::snapshot& from, std::uint32_t account, const party& whose,
              const waiting_since& message, std::int64_t now_ms,
              std::vector<gate::hold_fact>& into) const;

    /// The row goes to the disk.
    void note_placed(std::uint64_t hash, const hold_row& row);
    /// It is there.
    void note_stored(std::uint64_t hash, std::uint64_t id);

    /// Visits the holds on a party whose ids are below `before`, the youngest first, also those
    /// that are over, until `visit` returns false; not those that are not on disk yet.
    void list(const store::snapshot& from, std::uint32_t account, const party& whose,
              std::uint64_t before,
              const std::function<bool(const hold_row&, const record::Hold&)>& visit) const;

private:
    boost::unordered_flat_map<std::uint64_t, std::vector<hold_row>> fresh_;  // by hash
    mutable std::vector<store::index_entry> found_;
    mutable store::record_reader reader_;
};

}  // namespace hikyaku::gateway::dunning
