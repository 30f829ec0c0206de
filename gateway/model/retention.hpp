// Removing what is old, in bounded steps: each function looks at a snapshot, adds up to `limit`
// erased entries to a batch for the writer and tells where to go on, so that years of backlog never
// block the engine. Called by the engine on its thread, one step per tick; times are arguments.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "gateway/model/records_generated.h"
#include "store/batch.hpp"
#include "store/snapshot.hpp"

namespace hikyaku::gateway::model {

struct retention_step {
    std::size_t erased = 0;  // entries found old and erased by this step
    bool more = false;       // call again, after the commit of this step
};

// Adds to the batch what else belongs to a message that is erased: its receipt keys, whose form
// only the caller knows. `outcome` is nullptr when nothing is known.
using erase_of_message = std::function<void(std::uint64_t id, const record::Message& message,
                                            const record::Outcome* outcome, store::batch& into)>;

// Adds to the batch the receipt keys of a message that is kept, to receipt_keys.
using keep_of_message =
    std::function<void(std::uint64_t id, const record::Outcome& outcome, store::batch& into)>;

// Messages submitted before `before` (milliseconds since 1970): the message, its outcome, its hit
// counts and its reference. Messages that are still queued are kept however old they are; what the
// indexes know of them moves to the tables `references` and `receipt_keys`, so that the indexes may
// begin behind them. `resume`
// is 0 for a new round and is moved on by each step, so that the kept ones are looked at once a
// round.
[[nodiscard]] retention_step erase_messages(const store::snapshot& from, std::int64_t before,
                                            std::size_t limit, std::uint64_t& resume,
                                            store::batch& into, const erase_of_message& also,
                                            const keep_of_message& keep = {});

// Hits before `before`.
[[nodiscard]] retention_step erase_hits(const store::snapshot& from, std::int64_t before,
                                        std::size_t limit, store::batch& into);

// Unmatched receipts and replies before `before`, of every carrier.
[[nodiscard]] retention_step erase_unmatched(const store::snapshot& from, std::int64_t before,
                                             std::size_t limit, store::batch& into);

// Told of the message of a link that is erased, if retention has removed the message before.
using erase_of_link = std::function<void(std::uint64_t message)>;

// Entries whose expiry is at or before `now`, and the expiry entries themselves.
[[nodiscard]] retention_step erase_expired(const store::snapshot& from, std::int64_t now,
                                           std::size_t limit, store::batch& into,
                                           const erase_of_link& also = {});

}  // namespace hikyaku::gateway::model
