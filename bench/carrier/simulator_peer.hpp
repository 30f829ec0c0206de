// One connection to the simulated carrier. Only the simulator's own sources include this.
#pragma once

#include "bench/carrier/simulator.hpp"

namespace hikyaku::bench {

struct carrier_simulator::peer final : smpp::io::connection_handler {
    peer(carrier_simulator& simulator, std::uint64_t number) : owner(simulator), id(number) {}
    // A connection that has ended is left alone: it still waits for the peer to read the last of
    // it.
    ~peer() override {
        if (link->session().is_closed()) return;
        link->detach();
        link->close();
    }
    void on_events(smpp::io::connection&, std::span<const smpp::session_event> events) override {
        owner.on_events(*this, events);
    }
    void on_closed(smpp::io::connection&, smpp::close_reason) override { owner.on_closed(*this); }

    carrier_simulator& owner;
    std::uint64_t id;
    std::shared_ptr<smpp::io::connection> link;
    std::optional<std::uint32_t> account;
    std::uint64_t submissions = 0;
    bool cut = false;  // we have closed it: what it still asked is as if never read
};

}  // namespace hikyaku::bench
