// Which purposes a contact point must not be used for. Rows are in the store, under a keyed hash of
// the contact point; those that are not on disk yet are here, so that a suppression counts from the
// moment it comes. Its removal counts when that is on disk. Engine's thread.
#pragma once

#include <map>
#include <string>

#include "gateway/dunning/model/tables.hpp"
#include "gateway/dunning/seal/seal.hpp"
#include "gateway/gate/facts.hpp"
#include "store/batch.hpp"
#include "store/snapshot.hpp"

namespace hikyaku::gateway::dunning {

/// What a row says; views.
struct suppression_words {
    std::string_view contact, reason;
    gate::purpose_set purposes = 0;
    std::int64_t at_ms = 0;
    record::SuppressionSource source = record::SuppressionSource::api;
    gate::purpose_set by_reply = 0;
};
void put_suppression(const suppression_position& at, const suppression_words& what,
                     const account_secret& keys, store::batch& rows);
/// The place of the seal of a row, which has no id: of the digest's first octets.
[[nodiscard]] seal_place place_of(const suppression_position& at);

class suppression_list {
public:
    /// Purposes that are suppressed.
    [[nodiscard]] gate::purpose_set find(const store::snapshot& from,
                                         const suppression_position& whose) const;

    /// Of what is on disk, those that a stop by reply alone has added.
    [[nodiscard]] gate::purpose_set find_by_reply(const store::snapshot& from,
                                                  const suppression_position& whose) const;

    /// The row goes to the disk; its purposes count beside those of the row before.
    void note_added(const suppression_position& whose, gate::purpose_set purposes);
    /// Whether rows of it are on their way to the disk.
    [[nodiscard]] bool is_pending(const suppression_position& whose) const;
    /// It is there.
    void note_stored(const suppression_position& whose);

    /// Whether there may be any.
    [[nodiscard]] bool is_empty(const store::snapshot& from) const {
        return fresh_.empty() && from.count(table::suppressions) == 0;
    }

private:
    struct fresh_row {
        gate::purpose_set purposes = 0;
        std::size_t writes = 0;  // under way
    };
    std::map<std::string, fresh_row, std::less<>> fresh_;  // by key
    mutable store::record_reader reader_;
};

}  // namespace hikyaku::gateway::dunning
