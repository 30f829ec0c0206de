// A reproducible source of bytes for the tests of this folder (SplitMix64).
#pragma once

#include <cstdint>
#include <span>

namespace hikyaku::gateway::links {

struct seeded_random {
    std::uint64_t state = 1;
    void operator()(std::span<std::uint8_t> bytes) {
        for (std::uint8_t& byte : bytes) {
            state += 0x9E3779B97F4A7C15ULL;
            std::uint64_t z = state;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
            byte = static_cast<std::uint8_t>((z ^ (z >> 31)) >> 24);
        }
    }
};

}  // namespace hikyaku::gateway::links
