// Retention: what is old is erased from the store, in steps of a bounded size, several of which may
// be on their way to the disk. Here are the cursors and the pace; each room says what else belongs
// to an entry that is erased. Engine's thread only.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "gateway/engine/delivery/delivery.hpp"
#include "gateway/engine/hits/hits.hpp"
#include "gateway/engine/messages/messages.hpp"
#include "gateway/engine/receiving/receiving.hpp"
#include "gateway/engine/room.hpp"
#include "gateway/engine/submission/short_ids.hpp"
#include "gateway/engine/unmatched/unmatched.hpp"
#include "gateway/gate/gate.hpp"
#include "gateway/model/retention.hpp"

namespace hikyaku::gateway {

class retention : private room {
public:
    retention(engine_context& context, messages& in_memory, receiving& receipts, short_ids& aliases,
              delivery& outboxes, hits& of_links, unmatched& box, gate_port& asked);

    /// Takes the next step if its time has come and no earlier one is in the way.
    void run();
    /// The next round begins at the next tick.
    void run_now() { next_ = now_.steady; }
    /// A step is on disk; `of_rest`: it had other tables than messages.
    void on_done(bool of_rest);

private:
    [[nodiscard]] model::retention_step erase_messages(const store::snapshot& snapshot);
    [[nodiscard]] model::retention_step erase_rest(const store::snapshot& snapshot);
    [[nodiscard]] std::int64_t kept_since(std::chrono::minutes kept) const;

    messages& messages_;
    receiving& receiving_;
    short_ids& short_ids_;
    delivery& delivery_;
    hits& hits_;
    unmatched& unmatched_;
    gate_port& gate_;
    steady_time next_{};
    std::size_t steps_ = 0;        // not on disk yet
    bool rest_under_way_ = false;  // one of them has other tables than messages
    bool more_messages_ = false, more_rest_ = false;
    std::uint64_t resume_ = 0;  // message to go on from
};

}  // namespace hikyaku::gateway
