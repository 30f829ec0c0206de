#include "gateway/links/random.hpp"

#include <sodium.h>

#include <cassert>

namespace hikyaku::gateway::links {

random_source::random_source() noexcept
    : context_(nullptr), call_([](void*, std::span<std::uint8_t> bytes) {
          static const bool ready = sodium_init() >= 0;
          assert(ready);
          randombytes_buf(bytes.data(), bytes.size());
      }) {}

}  // namespace hikyaku::gateway::links
