// The end of what was accepted for somebody who is not to be contacted any more: what is queued
// ends, and carriers are asked to forget what they may still store. A hold and a suppression look
// through the messages of one contact point, debtor or debt at once, as far as that is short work.
// What is longer, the messages of a whole account, and what begins later stands in the store as an
// order, and is done in steps when its time has come; then the gate says of each message whether it
// still may not go on. Engine's thread only.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "gateway/engine/messages/messages.hpp"
#include "gateway/engine/room.hpp"
#include "gateway/engine/sending/sending.hpp"
#include "gateway/gate/gate.hpp"

namespace hikyaku::gateway {

class withdrawals : private room {
public:
    withdrawals(engine_context& context, messages& all, sending& sends, gate_port& asked);

    /// As engine::withdraw().
    withdrawal begin(const withdrawn_party& whose);
    /// As engine::withdraw_from().
    void order(const withdrawn_party& whose, std::int64_t due_ms);
    /// An order is on disk, or the end of one is.
    void on_kept();
    /// Goes on with the orders whose time has come.
    void step();

private:
    /// An order that is being worked on.
    struct job {
        model::withdrawal_position order;
        std::vector<std::uint64_t> found;  // messages of the party, the oldest last
        std::uint64_t from = 0;            // of an account: messages before are done
        bool is_over = false;
    };
    [[nodiscard]] bool take_next();
    void step_of_party(job& work);
    void step_of_account(job& work);
    void look_at(message_id id);
    void end_if_forbidden(live_message& live, withdrawal& done);

    messages& messages_;
    sending& sending_;
    gate_port& gate_;
    std::optional<job> job_;
    std::int64_t next_due_ms_ = 0;  // of the orders in the store; 0: not known
    bool waits_ = false;            // for the commit of an order's end
};

}  // namespace hikyaku::gateway
