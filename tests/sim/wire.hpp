// One connection between the gateway and a fake peer: on our side the session that the program uses
// (smpp::session), on the other raw octets, which the peer reads and writes as it likes. The octets
// travel in pieces, with delays, get stuck or lost, and either end may vanish. carrier_link and
// application_link derive from it: they are both our glue around the session and the fake peer.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "gateway/engine/types.hpp"
#include "smpp/session/session.hpp"
#include "tests/sim/scheduler.hpp"
#include "tests/sim/tally.hpp"

namespace hikyaku::sim {

// The ids of the accounts and carriers of a scenario, by their place in its configuration: the
// first start of the gateway has numbered them in that order.
[[nodiscard]] constexpr gateway::account_id account_of(std::size_t index) {
    return gateway::account_id{static_cast<std::uint32_t>(index + 1)};
}
[[nodiscard]] constexpr gateway::carrier_id carrier_of(std::size_t index) {
    return gateway::carrier_id{static_cast<std::uint32_t>(index + 1)};
}
[[nodiscard]] constexpr std::size_t index_of(gateway::account_id account) {
    return gateway::stored(account) - 1;
}

/// What a wire needs of the world around it.
class wire_host {
public:
    virtual ~wire_host() = default;
    [[nodiscard]] virtual scheduler& time() = 0;
    [[nodiscard]] virtual dice& luck() = 0;
    [[nodiscard]] virtual tally& counts() = 0;
    /// True with this probability while there are faults at all.
    [[nodiscard]] virtual bool strikes(double probability) = 0;
    [[nodiscard]] virtual smpp::session_time steady() const = 0;
    /// The wire's session was used: settle() it before the next event.
    virtual void touched(const std::shared_ptr<class wire>& one) = 0;
};

/// How bad the network is; probabilities per piece of octets.
struct wire_habits {
    std::int64_t delay_us_min = 200, delay_us_max = 20'000;
    double slow = 0.002;               // three seconds at worst
    double split = 0.02;               // in two or more pieces
    std::size_t socket_bytes = 65536;  // on the way in one direction
};

class wire : public std::enable_shared_from_this<wire> {
public:
    wire(wire_host& host, const smpp::session_settings& settings, const wire_habits& habits);
    virtual ~wire() = default;
    wire(const wire&) = delete;
    wire& operator=(const wire&) = delete;

    // Our side.
    [[nodiscard]] smpp::session& ours() { return ours_; }
    [[nodiscard]] bool ours_alive() const { return !our_end_; }
    /// Hands out events, writes, sets the timer.
    void settle();
    void kick() { host_.touched(shared_from_this()); }
    /// The process is gone: what it has written may still arrive, then the connection closes.
    void process_died();

    // The peer's side.
    void peer_write(std::span<const std::uint8_t> octets);
    void peer_close();
    [[nodiscard]] bool peer_alive() const { return !peer_end_; }

    // The network.
    void cut();
    void go_half_open();
    void go_deaf();

protected:
    virtual void on_event(const smpp::session_event& event) = 0;
    virtual void on_closed(smpp::close_reason reason) = 0;
    virtual void on_peer_octets(std::span<const std::uint8_t> octets) = 0;
    virtual void on_peer_closed() = 0;

    wire_host& host_;

private:
    void write_some();
    void send(bool to_peer, std::span<const std::uint8_t> octets);
    void arrive_at_peer(const std::vector<std::uint8_t>& octets);
    void arrive_at_ours(const std::vector<std::uint8_t>& octets);
    void close_peer();
    void arm_timer();

    smpp::session ours_;
    wire_habits habits_;
    std::vector<std::uint8_t> held_;  // has arrived while the session wants no input
    std::int64_t last_to_peer_us_ = 0, last_to_ours_us_ = 0, armed_us_ = -1;
    std::size_t on_way_to_peer_ = 0;
    bool our_end_ = false, peer_end_ = false;
    bool half_open_ = false, deaf_ = false, cut_ = false, torn_ = false;
};

}  // namespace hikyaku::sim
