// What a driver (SMPP server, carrier client, HTTP server, webhook sender, redirector) may ask of
// the program around it: the engine, the time, and "I have used the engine". The composition root
// in gateway/app implements it; tests implement it with an engine of their own. Io thread only.
#pragma once

#include "gateway/engine/engine.hpp"
#include "gateway/engine/submission/zone_names.hpp"
#include "gateway/engine/types.hpp"
#include "gateway/io/names.hpp"
#include "gateway/io/spawn.hpp"

namespace hikyaku::gateway::io {

class host {
public:
    virtual ~host() = default;

    [[nodiscard]] virtual engine& core() = 0;
    [[nodiscard]] virtual instant now() = 0;
    /// Call after every use of the engine that may have changed it: engine::flush() follows later
    /// in this turn of the loop, once for all uses of the turn, and its timer is set anew.
    virtual void touched() = 0;
    /// Starts a named coroutine on the io thread.
    [[nodiscard]] virtual tasks& running() = 0;
    /// The time zones that there are.
    [[nodiscard]] virtual const zone_names& zones() const { return every_zone; }
    /// Where names of hosts are looked up.
    [[nodiscard]] virtual names& lookups() = 0;
    /// True from the first signal on: refuse what is new.
    [[nodiscard]] virtual bool draining() const = 0;
};

}  // namespace hikyaku::gateway::io
