// Trying again what found nobody (unmatched/): the receipts that a response may still ask for are
// read at the start, and when an operator asks, an entry is tried with the configuration of today.
// Above the rooms whose work is repeated: receiving and replies. An entry goes in the same batch
// as what it has become. Engine's thread only.
#pragma once

#include <memory>
#include <vector>

#include "gateway/engine/receiving/receiving.hpp"
#include "gateway/engine/replies/replies.hpp"
#include "gateway/engine/unmatched/unmatched.hpp"

namespace hikyaku::gateway {

class replay : private room {
public:
    replay(engine_context& context, const directory& names, unmatched& box, replies& to,
           receiving& receipts);

    /// At the start: receipts that a response may still ask for.
    void load_early_receipts();
    /// Tries one entry, of a long reply all parts. `refused`: why nothing new is taken now, or
    /// none.
    unmatched_replay try_again(const model::unmatched_position& position, reply_ticket ticket,
                               refusal refused);

private:
    /// The parts of one long reply that found nobody, and where they lie.
    struct kept_reply {
        reply_set set;
        std::vector<std::unique_ptr<kept_part>> parts;
        std::vector<model::unmatched_position> members;
    };
    [[nodiscard]] kept_reply companions(const model::unmatched_position& position,
                                        const model::reply_part_position& part) const;
    // Each erases the entries that belong to somebody now and returns how many they are: one, for a
    // long reply its parts, or none and why.
    [[nodiscard]] std::size_t try_receipt(carrier_id carrier,
                                          const model::unmatched_position& position,
                                          const unmatched_entry& entry, UnmatchedWhy& why);
    [[nodiscard]] std::size_t try_reply(carrier_id carrier,
                                        const model::unmatched_position& position,
                                        const unmatched_entry& entry, UnmatchedWhy& why);
    [[nodiscard]] std::size_t try_parts(const model::unmatched_position& position,
                                        const model::reply_part_position& part, UnmatchedWhy& why);

    const directory& directory_;
    unmatched& unmatched_;
    replies& replies_;
    receiving& receiving_;
};

}  // namespace hikyaku::gateway
