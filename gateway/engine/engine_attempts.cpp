// The attempts under way, each in a slot that its token names: made when a segment is handed to a
// bind, given back when its end is known, kept a while for a response that comes late.
#include <cassert>

#include "gateway/engine/engine_impl.hpp"

namespace hikyaku::gateway {

attempt& engine::impl::new_attempt(std::uint64_t& token) {
    std::uint32_t slot = 0;
    if (free_attempts_.empty()) {
        slot = static_cast<std::uint32_t>(attempts_.size());
        attempts_.emplace_back().slot = slot;
    } else {
        slot = free_attempts_.back();
        free_attempts_.pop_back();
    }
    auto& made = attempts_[slot];
    made.used = true;
    made.timed_out = false;
    token = std::uint64_t{made.generation} << 32 | slot;
    return made;
}

attempt* engine::impl::find_attempt(std::uint64_t token) {
    const auto slot = static_cast<std::uint32_t>(token);
    if (slot >= attempts_.size()) {
        return nullptr;
    }
    auto& found = attempts_[slot];
    return found.used && found.generation == token >> 32 ? &found : nullptr;
}

void engine::impl::free_attempt(attempt& done) {
    done.used = false;
    ++done.generation;
    free_attempts_.push_back(done.slot);
}

void engine::impl::keep_for_late_response(attempt& timed_out, std::uint64_t token) {
    timed_out.timed_out = true;
    late_attempts_.push_back(token);
    if (late_attempts_.size() > limits_.late_attempts_max) {
        auto* oldest = find_attempt(late_attempts_.front());
        late_attempts_.pop_front();
        if (oldest != nullptr) {
            free_attempt(*oldest);
        }
    }
}

}  // namespace hikyaku::gateway
