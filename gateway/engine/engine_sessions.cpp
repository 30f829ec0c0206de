// What the SMPP server asks about an account between its requests.
#include "gateway/engine/congestion.hpp"
#include "gateway/engine/engine_impl.hpp"

namespace hikyaku::gateway {
namespace {

double share(std::uint64_t used, std::uint64_t limit) {
    return limit == 0 ? 1.0 : static_cast<double>(used) / static_cast<double>(limit);
}

}  // namespace

std::uint8_t engine::congestion_of(account_id account, instant now) const {
    auto& state = impl_->directory_[account];
    const auto& store = impl_->settings_.store;
    congestion_loads loads;
    loads.writer = share(impl_->batches_.committing_bytes(), store.pending_bytes_max);
    loads.account_queue = share(state.queued, state.settings->queued_max);
    loads.all_queues = share(impl_->queued_total_, store.queued_messages_max);
    loads.rate = state.rate.used(now.steady);
    return congestion_state_of(loads);
}

bool engine::wants_receiver(account_id account) const {
    const auto& state = impl_->directory_[account];
    if (impl_->turn_.draining || impl_->endpoints_[state.smpp_endpoint].depth == 0) return false;
    return std::none_of(state.sessions.begin(), state.sessions.end(),
                        [&](session_id id) { return impl_->sessions_.at(id).can_receive; });
}

}  // namespace hikyaku::gateway
