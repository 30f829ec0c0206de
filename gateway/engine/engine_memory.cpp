// engine::memory(): counts of what is held, for the simulation and the curious.
#include <algorithm>

#include "gateway/engine/engine_impl.hpp"

namespace hikyaku::gateway {

memory_view engine::memory() const {
    memory_view held;
    held.resting = impl_->resting_count_;
    held.live = impl_->live_.size() - held.resting;
    held.flows = impl_->flows_.all().size();
    held.ready = impl_->flows_.ready_total();
    held.in_flight = impl_->attempts_in_flight_;
    held.late = impl_->late_attempts_.size();
    held.waiting = impl_->waiting_.size();
    held.early = impl_->early_.size();
    for (const auto& endpoint : impl_->endpoints_.all()) {
        held.outbox_ready_most = std::max(held.outbox_ready_most, endpoint.ready.size());
        held.events_alone_most = std::max(held.events_alone_most, endpoint.batches.alone().size());
    }
    held.committing_entries = impl_->batches_.committing_entries();
    held.committing_bytes = impl_->batches_.committing_bytes();
    return held;
}

}  // namespace hikyaku::gateway
