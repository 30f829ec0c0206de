// Random choices of the property tests.
#pragma once

#include <cstddef>
#include <random>

namespace hikyaku::smpp::text {

using generator = std::mt19937;

/// 0 to `limit` - 1.
inline std::size_t below(generator& random, std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
}

}  // namespace hikyaku::smpp::text
