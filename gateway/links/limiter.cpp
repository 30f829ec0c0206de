#include "gateway/links/limiter.hpp"

#include <algorithm>
#include <cassert>

namespace hikyaku::gateway::links {

miss_limiter::miss_limiter(std::optional<miss_rate> rate, std::size_t networks_max,
                           random_source random)
    : table_(rate ? networks_max : 1, random) {
    if (!rate) return;
    assert(rate->count > 0 && rate->period.count() > 0);
    interval_ = std::max(microseconds(rate->period) / rate->count, microseconds(1));
    full_ = interval_ * rate->count;
}

miss_limiter::microseconds miss_limiter::wait(const network_key& network, milliseconds now) {
    if (interval_.count() == 0) return microseconds(0);
    const entry* known = table_.find(network);
    if (known == nullptr) return microseconds(0);
    // One more miss has to fit: forgotten_at + interval_ must not pass now + full_.
    return std::max(known->forgotten_at + interval_ - full_ - now, microseconds(0));
}

bool miss_limiter::allow(const network_key& network, milliseconds now) {
    return wait(network, now).count() == 0;
}

void miss_limiter::miss(const network_key& network, milliseconds now) {
    if (interval_.count() == 0) return;
    entry& known = table_.find_or_add(network);
    const microseconds base = std::max(known.forgotten_at, microseconds(now));
    known.forgotten_at = std::min(base + interval_, microseconds(now) + full_);
}

std::chrono::milliseconds miss_limiter::retry_after(const network_key& network, milliseconds now) {
    return std::chrono::ceil<milliseconds>(wait(network, now));
}

}  // namespace hikyaku::gateway::links
