// Which command which side may send in which state: SMPP 3.4, table 2-1, with 5.0's table 2-1 for
// the broadcasts, as one constexpr table. The session asks it for its own requests and for the
// peer's alike. Pure constants.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "smpp/pdu/constants.hpp"

namespace hikyaku::smpp {

/// Our side of the connection.
enum class session_role : std::uint8_t {
    server,  // SMSC: waits for a bind
    client,  // ESME: binds
};

enum class session_state : std::uint8_t {
    open,            // connected, not bound; also after a refused bind
    outbound,        // an outbind went from SMSC to ESME; a bind is awaited
    binding,         // the bind was sent (client) or awaits the owner's decision (server)
    bound_tx,        // the ESME transmits
    bound_rx,        // the ESME receives
    bound_trx,       // both
    draining,        // our unbind waits until the requests in flight are answered
    unbinding,       // our unbind is sent
    peer_unbinding,  // the peer's unbind waits until its requests are answered
    closing,         // the output is flushed, the input ignored
    closed,          // nothing comes or goes any more
};

[[nodiscard]] constexpr std::string_view name_of(session_state state) {
    constexpr std::array names{"open",           "outbound",  "binding",  "bound_tx",
                               "bound_rx",       "bound_trx", "draining", "unbinding",
                               "peer_unbinding", "closing",   "closed"};
    return names[static_cast<std::size_t>(state)];
}

[[nodiscard]] constexpr bool is_bind(command_id id) {
    return id == command_id::bind_transmitter || id == command_id::bind_receiver ||
           id == command_id::bind_transceiver;
}

/// REQUIRES: one of the three binds.
[[nodiscard]] constexpr session_state bound_state_of(command_id bind) {
    if (bind == command_id::bind_transmitter) return session_state::bound_tx;
    if (bind == command_id::bind_receiver) return session_state::bound_rx;
    return session_state::bound_trx;
}

namespace operations {

constexpr std::uint8_t bit(session_state state) {
    return static_cast<std::uint8_t>(1U << static_cast<unsigned>(state));
}

constexpr std::uint8_t never = 0;
constexpr std::uint8_t unbound = bit(session_state::open) | bit(session_state::outbound);
constexpr std::uint8_t tx = bit(session_state::bound_tx);
constexpr std::uint8_t rx = bit(session_state::bound_rx);
constexpr std::uint8_t trx = bit(session_state::bound_trx);
constexpr std::uint8_t bound = tx | rx | trx;
constexpr std::uint8_t always = 0xFF;

struct operation {
    command_id command;
    std::uint8_t by_esme;  // states as bits
    std::uint8_t by_smsc;
};

// enquire_link is answered in every state, before the bind too: clients probe before they bind
// (E6). 3.4 leaves replace_sm out of BOUND_TRX, which 5.0 corrects.
inline constexpr std::array table{
    operation{command_id::submit_sm, tx | trx, never},
    operation{command_id::deliver_sm, never, rx | trx},
    operation{command_id::enquire_link, always, always},
    operation{command_id::data_sm, tx | trx, rx | trx},
    operation{command_id::submit_multi, tx | trx, never},
    operation{command_id::query_sm, tx | trx, never},
    operation{command_id::cancel_sm, tx | trx, never},
    operation{command_id::replace_sm, tx | trx, never},
    operation{command_id::alert_notification, never, rx | trx},
    operation{command_id::bind_transmitter, unbound, never},
    operation{command_id::bind_receiver, unbound, never},
    operation{command_id::bind_transceiver, unbound, never},
    operation{command_id::unbind, bound, bound},
    operation{command_id::outbind, never, bit(session_state::open)},
    operation{command_id::broadcast_sm, tx | trx, never},
    operation{command_id::query_broadcast_sm, tx | trx, never},
    operation{command_id::cancel_broadcast_sm, tx | trx, never},
};

}  // namespace operations

/// May this side send this request in this state? `state` is one of open to bound_trx: a session
/// that is unbinding passes the state it was bound in. False for responses and unknown commands.
[[nodiscard]] constexpr bool may_send(command_id command, bool by_esme, session_state state) {
    for (const operations::operation& row : operations::table) {
        if (row.command != command) continue;
        return ((by_esme ? row.by_esme : row.by_smsc) & operations::bit(state)) != 0;
    }
    return false;
}

/// The lowest version that has this request. Own requests to a peer below it are refused; a peer
/// that sends one nevertheless is served, since it obviously knows it.
[[nodiscard]] constexpr std::uint8_t version_of(command_id command) {
    switch (command) {
        case command_id::broadcast_sm:
        case command_id::query_broadcast_sm:
        case command_id::cancel_broadcast_sm:
            return 0x50;
        case command_id::data_sm:
        case command_id::alert_notification:
            return 0x34;
        default:
            return 0x33;
    }
}

}  // namespace hikyaku::smpp
