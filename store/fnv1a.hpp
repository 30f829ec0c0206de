// The 64-bit FNV-1a hash. Keys and records of the store hold its values, so they are the same on
// every machine and in every version, which std::hash does not promise. No defence against somebody
// who wants two texts to have one hash. Pure, any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace hikyaku::store {

/// Of `bytes` behind what `hash` was made of.
[[nodiscard]] constexpr std::uint64_t fnv1a(std::string_view bytes,
                                            std::uint64_t hash = 0xCBF29CE484222325) {
    for (const char byte : bytes)
        hash = (hash ^ static_cast<std::uint8_t>(byte)) * 0x100000001B3;
    return hash;
}

}  // namespace hikyaku::store
