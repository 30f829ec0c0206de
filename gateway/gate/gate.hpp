// The one decision at hand-off: may this message be sent now? The engine asks through this port at
// the last moment, when a carrier is ready to take the first segment, and again at each new attempt
// as long as no segment is with a carrier or waits for its outcome; an attempt whose outcome is not
// known does not keep it from being asked. Messages whose purpose is `transactional` are never
// asked about. What an answer rests on (windows, caps, holds) is the gate's own. Engine's thread;
// an answer is given at once, without I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gateway/model/records_generated.h"

namespace hikyaku::gateway {

/// Lives until the call returns. Times are milliseconds since 1970 UTC.
struct gate_question {
    std::uint64_t message = 0;             // its id
    const model::record::Message& record;  // purpose, contact, debtor, debt, addresses, text
    std::int64_t now_ms = 0;
    std::int64_t expires_ms = 0;  // the message's own, as changed by replace_sm
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
};

/// Has no policy: everything goes out, at once.
class open_gate final : public gate_port {
public:
    [[nodiscard]] gate_verdict ask(const gate_question&) override { return gate_allow{}; }
};

}  // namespace hikyaku::gateway
