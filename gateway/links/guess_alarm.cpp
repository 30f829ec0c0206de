#include "gateway/links/guess_alarm.hpp"

#include <algorithm>
#include <cassert>

namespace hikyaku::gateway::links {

guess_alarm::guess_alarm(std::optional<miss_rate> rate) {
    if (!rate) return;
    assert(rate->count > 0 && rate->period.count() > 0);
    interval_ = std::max(microseconds(rate->period) / rate->count, microseconds(1));
    full_ = interval_ * rate->count;
}

guess_alarm::news guess_alarm::look(milliseconds now) {
    if (!raised_ || forgotten_at_ > microseconds(now)) return news::none;
    raised_ = false;
    return news::ended;
}

guess_alarm::news guess_alarm::miss(milliseconds now) {
    if (interval_.count() == 0) return news::none;
    const microseconds base = std::max(forgotten_at_, microseconds(now));
    const bool fits = base + interval_ <= microseconds(now) + full_;
    forgotten_at_ = fits ? base + interval_ : microseconds(now) + full_;
    if (raised_) ++misses_;
    if (raised_ || fits) return news::none;
    raised_ = true;
    misses_ = 1;
    ++times_;
    return news::raised;
}

double guess_alarm::used(milliseconds now) const {
    if (interval_.count() == 0 || forgotten_at_ <= microseconds(now)) return 0;
    const auto left = forgotten_at_ - microseconds(now);
    return static_cast<double>(left.count()) / static_cast<double>(full_.count());
}

guess_alarm::milliseconds guess_alarm::ends_after(milliseconds now) const {
    if (!raised_) return milliseconds(0);
    return std::max(std::chrono::ceil<milliseconds>(forgotten_at_ - now), milliseconds(0));
}

}  // namespace hikyaku::gateway::links
