// What people have agreed to, and taken back: by contact point and kind, each with its time and
// where it is written down. Every one is a row that stays; the latest of a kind counts. Rows are in
// the store under a keyed hash of the contact point; those that are not on disk yet are here.
// Engine's thread.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/dunning/facts/parties.hpp"
#include "gateway/dunning/model/tables.hpp"
#include "gateway/gate/facts.hpp"
#include "store/batch.hpp"
#include "store/snapshot.hpp"

namespace hikyaku::gateway::dunning {

/// What a row says; views.
struct consent_words {
    std::string_view contact, source, recorded_by;
    std::int64_t recorded_ms = 0;
    bool is_imported = false;
};
void put_consent(const consent_position& at, const consent_words& what, const account_secret& keys,
                 store::batch& rows);
/// The place of the seal of a row, which has no id: of the digest's first octets and its time.
[[nodiscard]] seal_place place_of(const consent_position& at);

class consent_list {
public:
    /// Appends those of `kinds` (a bit each) that count for a message to the contact points among
    /// `whose`: of all of them together the latest of a kind decides, and one whose source is empty
    /// or cannot be read is none.
    void find(const store::snapshot& from, std::uint32_t account, std::span<const party> whose,
              const account_secret& keys, std::uint32_t kinds,
              std::vector<gate::consent_fact>& into) const;
    /// Whether there is such a row, or will be.
    [[nodiscard]] bool has(const store::snapshot& from, const consent_position& at) const;

    /// The row goes to the disk. It counts from now on: what goes out because of it waits for
    /// batches that follow the row's.
    void note_added(const consent_position& at);
    /// It is there.
    void note_stored(const consent_position& at);

private:
    struct latest {
        std::int64_t at_ms = 0;
        bool is_there = false, counts = false;
    };
    void look(const store::snapshot& from, const store::key& prefix, const account_secret& keys,
              latest& found) const;

    std::map<std::string, std::size_t, std::less<>> fresh_;  // writes under way, by key
    mutable store::record_reader reader_;
};

}  // namespace hikyaku::gateway::dunning
