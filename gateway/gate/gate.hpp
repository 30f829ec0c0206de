// The one decision at hand-off: may this message be sent now? The engine asks through this port at
// the last moment, when a carrier is ready to take the first segment, and again at each new attempt
// as long as no segment is with a carrier or waits for its outcome; an attempt whose outcome is not
// known does not keep it from being asked. About the rest of a message that is with a carrier in
// part it is asked when its facts may have changed. Messages whose purpose is `transactional` are
// never asked about. What an answer rests on (windows, caps, holds) is the gate's own, and so are
// the rows that it keeps in the store: it writes them into the batch of the turn. Engine's thread;
// an answer is given at once, without waiting for anything.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gateway/model/records_generated.h"
#include "store/batch.hpp"
#include "store/snapshot.hpp"

namespace hikyaku::gateway {

/// Lives until the call returns. Times are milliseconds since 1970 UTC.
struct gate_question {
    std::uint64_t message = 0;             // its id
    const model::record::Message& record;  // purpose, contact, debtor, debt, addresses, text
    std::int64_t now_ms = 0;
    std::int64_t expires_ms = 0;  // the message's own, as changed by replace_sm
    // Of the carrier that it would go to, or of several the worst: for how long it tries to reach a
    // phone (empty = not known), and whether it gives up when the validity period is over.
    std::optional<std::int64_t> carrier_retry_ms;
    bool carrier_keeps_validity = true;
    // A carrier has a part of it: whether the rest may follow, within the time that the gate gave.
    bool begun = false;
};

/// It goes out. What is not with the carrier at `deliver_by_ms` is not sent any more, and the
/// carrier is told so as the validity period, in whole seconds. A time that is less than a second
/// ahead is a delay.
struct gate_allow {
    std::optional<std::int64_t> deliver_by_ms;
};
/// It leaves its queue and is asked about again then, a second from now at the earliest.
struct gate_delay {
    std::int64_t until_ms = 0;
};
/// It is never sent: rejected, with the reason as its error's text, of which at most
/// status_info_octets_max octets are kept. A segment of which an earlier attempt may have reached
/// the phone ends as unknown instead, so that a receipt can still tell.
struct gate_block {
    std::string reason;
};
/// It is never sent, because it does not say what a decision would need: names of its fields as the
/// HTTP API has them.
struct gate_require {
    std::vector<std::string_view> fields;
};

using gate_verdict = std::variant<gate_allow, gate_delay, gate_block, gate_require>;

class gate_port {
public:
    virtual ~gate_port() = default;
    [[nodiscard]] virtual gate_verdict ask(const gate_question& about) = 0;

    /// The message that it has let out goes to a carrier next, its first segment at least. It may
    /// be asked about again, if no carrier takes it. Not 0: what it has put into `rows` must be on
    /// disk before anything of the message goes out, so that no crash makes it forget that; the
    /// number is that of the hand-off.
    [[nodiscard]] virtual std::uint64_t on_handed_over(const gate_question& /*about*/,
                                                       const gate_allow& /*as*/,
                                                       store::batch& /*rows*/) {
        return 0;
    }
    /// A segment of the message of this hand-off is on its way to a carrier.
    virtual void on_went(std::uint64_t /*hand_off*/) {}
    /// The rows of this hand-off are on disk, and nothing of its message went out after all.
    virtual void on_not_handed_over(std::uint64_t /*hand_off*/, std::int64_t /*now_ms*/,
                                    store::batch& /*rows*/) {}
    /// Its answer was not to send the message now, or ever; `rows` are stored with what comes of
    /// it.
    virtual void on_withheld(const gate_question& /*about*/, const gate_verdict& /*why*/,
                             store::batch& /*rows*/) {}
    /// The questions of this turn have been asked. What it reads the store by must not outlive the
    /// turn. A number that rises, if it has written rows about hand-offs in this turn; 0: none.
    [[nodiscard]] virtual std::uint64_t end_turn() { return 0; }
    /// The rows of the turn that had this number are in the store.
    virtual void on_stored(std::uint64_t /*turn*/) {}
    /// A carrier says that the phone of this message, which may be a transactional one, has opted
    /// out.
    virtual void on_opted_out(const gate_question& /*about*/, store::batch& /*rows*/) {}
    /// A receipt says that it was delivered, outside of the time that the gate gave.
    virtual void on_delivered_late(const gate_question& /*about*/, std::string_view /*carrier*/,
                                   store::batch& /*rows*/) {}
    /// A message that asks the gate is erased from the store.
    virtual void on_forgotten(std::uint64_t /*message*/, store::batch& /*rows*/) {}
    /// Erases at most `limit` of its rows that nobody needs any more; returns how many.
    [[nodiscard]] virtual std::size_t erase_old(const store::snapshot& /*from*/,
                                                std::int64_t /*now_ms*/, std::size_t /*limit*/,
                                                store::batch& /*rows*/) {
        return 0;
    }

    /// Rises when something has changed by which it may answer otherwise than before, although the
    /// time is the same and no other message went out.
    [[nodiscard]] virtual std::uint64_t facts_version() const { return facts_version_; }

    /// Whether an operator has stopped all that this account sends, transactional messages too:
    /// nothing of it goes out, and it waits where it is.
    [[nodiscard]] bool has_stopped(std::uint32_t account) const {
        return any_stop_ && stops(account);
    }

protected:
    [[nodiscard]] virtual bool stops(std::uint32_t /*account*/) const { return false; }
    bool any_stop_ = false;  // so that everybody else pays nothing for it
    std::uint64_t facts_version_ = 1;
};

/// Has no policy: everything goes out, at once.
class open_gate final : public gate_port {
public:
    [[nodiscard]] gate_verdict ask(const gate_question&) override { return gate_allow{}; }
};

}  // namespace hikyaku::gateway
