#include "gateway/engine/batches/batches.hpp"

#include <cassert>
#include <chrono>

namespace hikyaku::gateway {

namespace {

constexpr std::chrono::milliseconds unhurried_wait{10};
constexpr std::size_t unhurried_bytes_max = 1 << 20;
constexpr std::size_t spare_max = 16;

}  // namespace

store::batch& pending_batch::rows() {
    if (!rows_) rows_ = std::make_unique<store::batch>();
    return *rows_;
}

pending_batch& batches::must_keep() {
    state_hurries_ = true;
    return state_;
}

pending_batch& batches::may_wait() {
    if (!unhurried_since_) unhurried_since_ = turn_.now.steady;
    return state_;
}

bool batches::state_waits(bool hurries) const {
    return !hurries && !state_hurries_ && !turn_.draining && !acceptance_.waited_for() &&
           unhurried_since_ && turn_.now.steady - *unhurried_since_ < unhurried_wait &&
           state_.bytes() < unhurried_bytes_max;
}

void batches::flush(bool hurries) {
    if (state_waits(hurries)) {
        turn_.want_tick(*unhurried_since_ + unhurried_wait);
    } else {
        state_hurries_ = false;
        unhurried_since_.reset();
        hand_over(commit_kind::state, state_);
    }
    hand_over(commit_kind::acceptance, acceptance_);
}

void batches::hand_over(commit_kind kind, pending_batch& from) {
    if (from.empty()) return;
    (void)from.rows();  // a commit of nothing, where only its end is waited for
    const auto ticket = next_ticket_++;
    from.bytes_ = from.bytes();
    committing_bytes_ += from.bytes_;
    auto rows = std::move(from.rows_);
    committing_.emplace(ticket, std::move(from));
    if (spare_.empty()) {
        from = pending_batch{};
    } else {
        from = std::move(spare_.back());
        spare_.pop_back();
    }
    outputs_.commit(kind, std::move(rows), ticket);
}

pending_batch batches::take(std::uint64_t ticket) {
    const auto at = committing_.find(ticket);
    assert(at != committing_.end());
    auto done = std::move(at->second);
    committing_.erase(at);
    committing_bytes_ -= done.bytes_;
    return done;
}

void batches::keep_for_reuse(pending_batch done, std::unique_ptr<store::batch> rows) {
    if (spare_.size() >= spare_max) return;
    done.then_.clear();
    if (rows) rows->clear();
    done.rows_ = std::move(rows);
    spare_.push_back(std::move(done));
}

std::size_t batches::committing_entries() const {
    std::size_t entries = acceptance_.then_.size() + state_.then_.size();
    for (const auto& [ticket, batch] : committing_)
        entries += batch.then_.size();
    return entries;
}

}  // namespace hikyaku::gateway
