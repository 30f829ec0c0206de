#include "gateway/links/random.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>

namespace hikyaku::gateway::links {

namespace {

/// Octets of the system's generator that were not given out yet: a system call for each code was a
/// fifth of all CPU. What was given out is wiped.
class random_block {
public:
    void take(std::span<std::uint8_t> into) {
        while (!into.empty()) {
            if (used_ == octets_.size()) refill();
            const auto count = std::min(into.size(), octets_.size() - used_);
            std::memcpy(into.data(), octets_.data() + used_, count);
            sodium_memzero(octets_.data() + used_, count);
            used_ += count;
            into = into.subspan(count);
        }
    }

private:
    void refill() {
        static const bool is_ready = sodium_init() >= 0;
        assert(is_ready);
        randombytes_buf(octets_.data(), octets_.size());
        used_ = 0;
    }

    std::array<std::uint8_t, 4096> octets_{};
    std::size_t used_ = octets_.size();
};

}  // namespace

random_source::random_source() noexcept
    : context_(nullptr), call_([](void*, std::span<std::uint8_t> bytes) {
          static thread_local random_block block;
          block.take(bytes);
      }) {}

}  // namespace hikyaku::gateway::links
