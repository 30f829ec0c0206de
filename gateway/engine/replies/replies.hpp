// Replies: what phones write to the accounts' numbers. Each goes to the account that owns it; the
// parts of a long one are kept in the store until all have come or their time is over
// (long_replies.cpp), and are then delivered whole or part by part, as the account prefers. A reply
// of no account goes into the box of the unmatched. Engine's thread only.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/engine/delivery/delivery.hpp"
#include "gateway/engine/directory/reply_owner.hpp"
#include "gateway/engine/replies/reply_part.hpp"
#include "gateway/engine/replies/reply_sets.hpp"
#include "gateway/engine/room.hpp"
#include "gateway/engine/unmatched/unmatched.hpp"

namespace hikyaku::gateway {

/// Of which set an event is made; `part` from 1, 0 = the whole. No set: a reply by itself.
struct reply_origin {
    const reply_set* set = nullptr;
    std::uint16_t part = 0;
    std::optional<account_id> owner;  // empty = not looked for yet
    bool incomplete = false;
    delivery::audience whom = delivery::audience::everybody;
    const carrier_message* as_sent = nullptr;  // before it was put into our form, if it is known
};

class replies : private room {
public:
    replies(engine_context& context, const directory& names, unmatched& box, delivery& tells);

    /// At the start: which parts of which replies the store holds.
    void load();
    /// REQUIRES: kind_of(message) is reply.
    void on_reply(carrier_id carrier, const carrier_message& message);
    /// A part is on disk, by its key in the store.
    void on_part_stored(const std::string& key);
    /// Delivers what has come of the long replies whose time is over, and forgets those that were
    /// delivered long ago.
    void sweep();
    /// When the oldest incomplete one is given up; empty: there is none.
    [[nodiscard]] std::optional<std::int64_t> next_due() const {
        const auto* oldest = sets_.oldest_incomplete();
        if (oldest == nullptr) return std::nullopt;
        return oldest->since_ms + timeout_ms();
    }

    // For a reply that is tried again.
    /// `message` is in our form, `utf8` its text.
    [[nodiscard]] std::optional<account_id> owner_of(const carrier_message& message,
                                                     std::string_view utf8) const {
        return owner_of_reply(directory_, environment_, {message.destination, message.source, utf8},
                              now_.wall_ms);
    }
    /// Why a reply cannot go to this account; empty if it can.
    [[nodiscard]] std::optional<UnmatchedWhy> obstacle(std::optional<account_id> owner) const;
    /// Gives the owner an event, or puts the message into the box of the unmatched. `message` is in
    /// our form, `utf8` its text.
    void deliver(carrier_id carrier, const carrier_message& message, const std::string& utf8,
                 const reply_origin& from);
    /// `parts` by sequence, nullptr where one has not come.
    void deliver_parts(const reply_set& set, const std::vector<std::unique_ptr<kept_part>>& parts);

private:
    struct uncommitted_part {
        std::string bytes;
        std::uint32_t batches = 0;  // under way that hold it
    };

    [[nodiscard]] std::optional<account_id> owner_of_part(const carrier_message& own) const;
    void deliver_whole(const reply_set& set, const smpp::text::reassembled& whole,
                       const std::string& utf8, const carrier_message& first,
                       std::optional<account_id> owner, delivery::audience whom);

    // long_replies.cpp
    void keep_part(const model::reply_part_position& part, const carrier_message& message);
    void store_part(const model::reply_part_position& part, const carrier_message& message);
    void deliver_late_part(const model::reply_part_position& part, const carrier_message& message);
    void close(const model::reply_part_position& part);
    void note_delivered(const reply_set& set);
    void store_delivered_note(const reply_set& set);
    void forget_delivered(const model::reply_part_position& part);
    [[nodiscard]] std::int64_t timeout_ms() const;

    const directory& directory_;
    unmatched& unmatched_;
    delivery& delivery_;
    reply_sets sets_;
    boost::unordered_flat_map<std::string, uncommitted_part> uncommitted_;
    restored_addresses restored_;  // what the reply in hand views
};

}  // namespace hikyaku::gateway
