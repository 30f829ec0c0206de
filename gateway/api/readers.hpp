// Threads for what takes long to read from the store, as handlers see them: a scan has a place, and
// does its work in slices, each with a short snapshot of its own (store/environment.hpp says why).
// Files that are no business of the loop's go there too. gateway/io/reader_pool is the real one.
// Called on the engine's thread.
#pragma once

#include <functional>
#include <memory>

#include "gateway/engine/types.hpp"
#include "store/environment.hpp"

namespace hikyaku::gateway::api {

class readers {
public:
    virtual ~readers() = default;

    enum class shortage : std::uint8_t { none, of_account, of_all };
    struct taken_place {
        std::shared_ptr<void> place;  // null: there are too many scans
        shortage why = shortage::none;
    };
    /// A scan's place, until it is given back by its destruction, on any thread.
    [[nodiscard]] virtual taken_place take_place(account_id account) = 0;
    /// Of one account at a time.
    [[nodiscard]] virtual std::size_t places_of_account() const = 0;
    /// Calls `work` on a thread of the pool, then `done` on this one. REQUIRES: a place, or work of
    /// milliseconds, and no other work of the same scan or file. Neither is called once the pool
    /// has stopped.
    virtual void run(std::function<void(store::environment&)> work, std::function<void()> done) = 0;
};

}  // namespace hikyaku::gateway::api
