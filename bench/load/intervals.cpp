#include "bench/load/intervals.hpp"

#include <utility>

namespace hikyaku::bench {

void intervals::start(time now, bool receipts_wanted) {
    if (!every_) return;
    present_ = std::make_unique<load_report>();
    present_->receipts_wanted = receipts_wanted;
    present_->interval = 1;
    present_->started = now;
    due_ = now + *every_;
}

void intervals::roll(time now) {
    if (present_ && now >= due_) next(now);
}

void intervals::end(time now) {
    if (!present_) return;
    if (now > present_->started) next(now);
    present_.reset();
}

void intervals::next(time now) {
    present_->ended = now;
    if (on_end_) on_end_(*present_);
    auto made = std::make_unique<load_report>();
    made->receipts_wanted = present_->receipts_wanted;
    made->interval = *present_->interval + 1;
    made->started = now;
    present_ = std::move(made);
    while (due_ <= now)
        due_ += *every_;
}

}  // namespace hikyaku::bench
