#include "gateway/engine/sending/attempts.hpp"

namespace hikyaku::gateway {

attempt& attempts::make(std::uint64_t& token) {
    std::uint32_t slot = 0;
    if (free_slots_.empty()) {
        slot = static_cast<std::uint32_t>(slots_.size());
        slots_.emplace_back().slot = slot;
    } else {
        slot = free_slots_.back();
        free_slots_.pop_back();
    }
    auto& made = slots_[slot];
    made.used = true;
    made.timed_out = false;
    token = std::uint64_t{made.generation} << 32 | slot;
    return made;
}

attempt* attempts::find(std::uint64_t token) {
    const auto slot = static_cast<std::uint32_t>(token);
    if (slot >= slots_.size()) return nullptr;
    auto& found = slots_[slot];
    return found.used && found.generation == token >> 32 ? &found : nullptr;
}

void attempts::free(attempt& done) {
    done.used = false;
    ++done.generation;
    free_slots_.push_back(done.slot);
}

void attempts::keep_for_late_response(attempt& timed_out, std::uint64_t token) {
    timed_out.timed_out = true;
    late_.push_back(token);
    if (late_.size() > late_max_) {
        auto* oldest = find(late_.front());
        late_.pop_front();
        if (oldest != nullptr) free(*oldest);
    }
}

void attempts::forget_late_of(bind_id gone) {
    for (auto& late : slots_)
        if (late.used && late.timed_out && late.bind == gone) free(late);
}

}  // namespace hikyaku::gateway
