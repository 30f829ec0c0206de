// Threads for what takes long to read from the store, as handlers see them: a scan has a place, and
// does its work in slices, each with a short snapshot of its own (store/environment.hpp says why).
// gateway/io/reader_pool is the real one. Called on the engine's thread.
#pragma once

#include <functional>
#include <memory>

#include "store/environment.hpp"

namespace hikyaku::gateway::api {

class readers {
public:
    virtual ~readers() = default;

    /// A scan's place, until it is given back by its destruction. Null: there are too many scans.
    [[nodiscard]] virtual std::shared_ptr<void> take_place() = 0;
    /// Calls `work` on a thread of the pool, then `done` on this one. REQUIRES: a place, and no
    /// other work of the same scan. Neither is called once the pool has stopped.
    virtual void run(std::function<void(store::environment&)> work, std::function<void()> done) = 0;
};

}  // namespace hikyaku::gateway::api
