// Receipts: which message one that a carrier delivers speaks of, and what it does to it. A receipt
// may come before the response that tells its id, twice, for a message of hours ago, or for none.
// Engine's thread only.
#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gateway/engine/announce/used_names.hpp"
#include "gateway/engine/delivery/delivery.hpp"
#include "gateway/engine/directory/directory.hpp"
#include "gateway/engine/messages/messages.hpp"
#include "gateway/engine/receiving/carrier_receipt.hpp"
#include "gateway/engine/receiving/early_receipts.hpp"
#include "gateway/engine/receiving/fresh_keys.hpp"
#include "gateway/engine/receiving/receipt_evidence.hpp"
#include "gateway/engine/room.hpp"
#include "gateway/engine/sending/attempts.hpp"
#include "gateway/engine/unmatched/unmatched.hpp"

namespace hikyaku::gateway {

/// A final receipt whose id, in its likeliest form, nobody in memory has waited for, while attempts
/// are in flight. Where a carrier tells response and receipt over two binds at once, the response
/// is often read in the same turn, only later: so it waits for the turn's end before the store is
/// asked.
struct parked_receipt {
    parked_receipt(carrier_id came_from, const carrier_receipt& read, const carrier_message& from);
    parked_receipt(parked_receipt&&) noexcept = default;  // the octets stay where they are
    parked_receipt& operator=(parked_receipt&&) noexcept = default;

    carrier_id carrier{};
    carrier_receipt receipt;
    carrier_message message;  // its views point into `bytes`
    std::vector<std::uint8_t> bytes;
};

/// What became of a receipt that looked for its message.
enum class receipt_fate : std::uint8_t {
    unknown_id,   // no message has the id
    contradicts,  // every message that has it went to another phone
    ambiguous,    // several have it, and nothing says whose it is
    applied,
};

[[nodiscard]] constexpr UnmatchedWhy why_of(receipt_fate fate) {
    return fate == receipt_fate::contradicts ? UnmatchedWhy::contradicts
           : fate == receipt_fate::ambiguous ? UnmatchedWhy::ambiguous
                                             : UnmatchedWhy::unknown_id;
}

/// A message that the id of a receipt may mean; pinned as long as it stands here.
struct receipt_candidate {
    live_message* live = nullptr;
    model::receipt_target target;
    std::size_t reading = 0;  // of the id
    address_evidence addresses;
    bool open = false;  // it still waits for such a receipt
};

class receiving : private room {
public:
    receiving(engine_context& context, directory& known, messages& about, delivery& tells,
              const attempts& under_way, unmatched& box, used_names& announced);
    /// The directory has taken over other settings; these carriers are new, or write ids otherwise
    /// than before.
    void take_carriers(const std::vector<carrier_id>& id_forms);

    /// deliver_sm or data_sm that is a receipt.
    void on_receipt(carrier_id carrier, const carrier_message& message);
    /// At the end of the turn: receipts that waited for it.
    void settle_parked();
    void on_receipt_key_stored(const fresh_key& key) { fresh_keys_.committed(key); }

    /// Instead of the time when an attempt was sent: only a receipt says that it was taken.
    static constexpr steady_time no_response = steady_time::min();
    /// A carrier has taken a segment under an id: its receipts will name it, and one may have come
    /// before.
    void on_segment_accepted(live_message& live, std::size_t segment, carrier_id carrier,
                             std::uint16_t attempt_number, std::string_view carrier_message_id,
                             steady_time sent_at);
    /// The receipt with this id has ended another segment of the message that waited as well. That
    /// one counts in the place of this one, which goes on waiting: one receipt must not end both.
    [[nodiscard]] bool was_taken_for_another(const live_message& live, const attempt& late,
                                             std::string_view carrier_message_id);

    /// By its id, then by the id of its text where that is another.
    [[nodiscard]] receipt_fate find_owner(carrier_id carrier, const carrier_receipt& receipt,
                                          const carrier_message& message);
    /// The receipt key of each reading of its ids.
    [[nodiscard]] std::vector<std::string> early_keys(carrier_id carrier,
                                                      const carrier_receipt& receipt) const;
    /// Until a response names one of its keys.
    void remember_early(carrier_id carrier, early_receipt&& early, const carrier_message& message);
    /// Receipts of a carrier whose `stat` is in no list, since the start.
    [[nodiscard]] std::uint64_t unknown_stats(carrier_id carrier) const {
        return unknown_stats_[carrier];
    }
    [[nodiscard]] early_receipts& early() { return early_; }
    [[nodiscard]] const early_receipts& early() const { return early_; }
    /// After a start with other forms of ids than before: receipts that found nothing are tried
    /// once more.
    void replay_early();

    /// With a message that retention removes: the keys of its receipts.
    /// From now on the index of receipt keys may begin at this id.
    void index_begins_at(std::uint64_t id) { index_begin_ = std::max(index_begin_, id); }
    /// Of a message that outlives what the index of receipt keys holds: puts them into the table.
    void keep_receipt_keys(std::uint64_t id, const model::record::Outcome& outcome,
                           const store::snapshot& snapshot, store::batch& into);
    void erase_receipt_keys(std::uint64_t id, const model::record::Outcome* outcome,
                            const store::snapshot& snapshot, store::batch& into);

private:
    void settle_receipt(carrier_id carrier, const carrier_receipt& receipt,
                        const carrier_message& message);

    // owner.cpp
    [[nodiscard]] bool try_fresh(carrier_id carrier, const carrier_receipt& receipt,
                                 const carrier_message& message);
    [[nodiscard]] receipt_fate try_receipt(carrier_id carrier, const carrier_receipt& receipt,
                                           const carrier_message& message);
    [[nodiscard]] receipt_fate try_readings(carrier_id carrier, std::span<const std::string> ids,
                                            const carrier_receipt& receipt,
                                            const carrier_message& message,
                                            std::int64_t submitted_until_ms = never_ms);
    [[nodiscard]] receipt_fate try_former_forms(carrier_id carrier, const carrier_receipt& receipt,
                                                const carrier_message& message);
    [[nodiscard]] bool try_waiting(carrier_id carrier, const carrier_receipt& receipt,
                                   std::string_view source);
    [[nodiscard]] const std::vector<model::receipt_target>& targets_of(std::string_view key);
    [[nodiscard]] const std::vector<model::receipt_target>& young_targets_of(std::uint64_t hash);
    void find_fresh_targets(std::uint64_t hash);
    void add_target(const model::receipt_target& target);
    [[nodiscard]] bool is_open(const live_segment& segment, std::string_view key,
                               const model::receipt_target& target,
                               const carrier_receipt& receipt) const;
    [[nodiscard]] static bool lost_its_id(const live_segment& segment, std::string_view key,
                                          const model::receipt_target& target);
    [[nodiscard]] static bool may_have_counted(const live_message& live,
                                               const live_segment& segment);
    void apply_receipt(std::string_view key, live_message& live,
                       const model::receipt_target& target, const carrier_receipt& receipt,
                       bool open);
    void match_early(carrier_id carrier, std::string_view key, live_message& live,
                     const model::receipt_target& target, steady_time sent_at);

    // receipt_keys.cpp
    void read_id_forms(carrier_state& carrier);
    [[nodiscard]] store::key canonical_key(carrier_id carrier, std::string_view id,
                                           config::message_id_form form) const;
    [[nodiscard]] store::key receipt_key_of(carrier_id carrier, std::string_view id) const;
    [[nodiscard]] std::optional<store::key> former_key_of(carrier_id carrier,
                                                          std::string_view id) const;
    [[nodiscard]] bool is_key_of_last(const live_segment& segment, std::string_view key) const;
    void forget_earliest_id(live_segment& segment, const model::receipt_target& target,
                            store::batch& into);

    directory& directory_;
    messages& messages_;
    delivery& delivery_;
    const attempts& attempts_;
    unmatched& unmatched_;
    used_names& used_names_;
    numbered<carrier_id, std::uint64_t> unknown_stats_;

    std::uint64_t index_begin_ = 0;  // keys of smaller ids belong in the table, too
    fresh_keys fresh_keys_;
    std::vector<parked_receipt> parked_;  // of this turn
    early_receipts early_{limits_.early_max};
    // Of the receipt in hand, kept for their capacity.
    carrier_receipt receipt_;
    mutable std::string id_;  // in its canonical form
    std::vector<model::receipt_target> targets_;
    std::vector<store::index_entry> entries_;
    std::vector<receipt_candidate> candidates_;
};

}  // namespace hikyaku::gateway
