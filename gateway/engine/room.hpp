// What every room of the engine works with. A room is a class with its own state, a value member of
// the engine; it knows the rooms below it by reference and calls them directly. Arrows run down:
// submission, sending, receiving -> messages -> delivery -> batches. Engine's thread only.
#pragma once

#include <flatbuffers/flatbuffers.h>

#include <functional>
#include <memory>

#include "config/settings.hpp"
#include "gateway/engine/batches/batches.hpp"
#include "gateway/engine/counters.hpp"
#include "gateway/engine/memory_view.hpp"
#include "gateway/engine/outputs.hpp"
#include "gateway/engine/turn.hpp"
#include "store/environment.hpp"
#include "store/ids.hpp"

namespace hikyaku::gateway {

/// Made once by the engine; outlives the rooms.
struct engine_context {
    std::shared_ptr<const config::settings> settings;  // those in force; a reload replaces them
    store::environment& environment;
    engine_outputs& outputs;
    std::function<std::uint64_t()> random;
    engine_limits limits;
    turn this_turn;
    counters count{};
    store::id_source ids{settings->store.node};
    flatbuffers::FlatBufferBuilder builder{1024};  // of the record that is being written
    batches changes{this_turn, outputs};
};

class room {
public:
    room(const room&) = delete;
    room& operator=(const room&) = delete;

protected:
    explicit room(engine_context& context)
        : settings_(context.settings),
          environment_(context.environment),
          outputs_(context.outputs),
          random_(context.random),
          limits_(context.limits),
          turn_(context.this_turn),
          now_(context.this_turn.now),
          count_(context.count),
          ids_(context.ids),
          builder_(context.builder),
          batches_(context.changes) {}
    ~room() = default;

    [[nodiscard]] pending_batch& may_refuse() const { return batches_.may_refuse(); }
    [[nodiscard]] pending_batch& must_keep() const { return batches_.must_keep(); }
    [[nodiscard]] pending_batch& may_wait() const { return batches_.may_wait(); }
    /// The record in `builder_`, which is finished.
    [[nodiscard]] std::string_view built() const {
        return {reinterpret_cast<const char*>(builder_.GetBufferPointer()), builder_.GetSize()};
    }

    const std::shared_ptr<const config::settings>& settings_;
    store::environment& environment_;
    engine_outputs& outputs_;
    const std::function<std::uint64_t()>& random_;
    const engine_limits& limits_;
    turn& turn_;
    const instant& now_;
    counters& count_;
    store::id_source& ids_;
    flatbuffers::FlatBufferBuilder& builder_;
    batches& batches_;
};

}  // namespace hikyaku::gateway
