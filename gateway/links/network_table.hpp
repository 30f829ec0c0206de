// A table of networks whose memory is fixed when it is made: what the redirector remembers about
// strangers must not grow with their number. It is set-associative: a network hashes to one row of
// eight slots, and a new network takes the place of the stalest of its row. The hash is keyed, so
// nobody can choose addresses that push a certain network out. Used by miss_limiter and
// recent_hits, on the one thread that owns them.
#pragma once

#include <sodium.h>

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "gateway/links/network.hpp"
#include "gateway/links/random.hpp"

namespace hikyaku::gateway::links {

/// A Value is default-constructible and copyable and has freshness(), anything with an order: the
/// least fresh of a row is replaced first. (No concept: the values are nested in the classes that
/// hold the table, and incomplete where they name it.)
template <typename Value>
class network_table {
public:
    /// Room for at least `networks_max` (1 or more) networks, rounded up to whole rows.
    network_table(std::size_t networks_max, random_source random)
        : rows_((networks_max + row_slots - 1) / row_slots) {
        assert(networks_max > 0);
        random.fill(key_);
    }

    /// The network's value, null if it is not in the table. Valid until the next find_or_add().
    [[nodiscard]] Value* find(const network_key& network) {
        for (slot& candidate : row_of(network))
            if (candidate.used && candidate.network == network) return &candidate.value;
        return nullptr;
    }

    /// The network's value, a new one if it is not in the table.
    Value& find_or_add(const network_key& network) {
        if (Value* known = find(network)) return *known;
        row& slots = row_of(network);
        slot* stalest = &slots[0];
        for (slot& candidate : slots) {
            if (!candidate.used) {
                stalest = &candidate;
                break;
            }
            if (candidate.value.freshness() < stalest->value.freshness()) stalest = &candidate;
        }
        if (!stalest->used) ++size_;
        *stalest = slot{network, true, Value{}};
        return stalest->value;
    }

    /// A keyed hash of any bytes, for values that keep such hashes themselves.
    [[nodiscard]] std::uint64_t hash(std::span<const std::uint8_t> bytes) const {
        std::array<std::uint8_t, crypto_shorthash_BYTES> digest;
        crypto_shorthash(digest.data(), bytes.data(), bytes.size(), key_.data());
        std::uint64_t number = 0;
        static_assert(sizeof(number) == digest.size());
        std::memcpy(&number, digest.data(), sizeof(number));
        return number;
    }

    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] std::size_t capacity() const { return rows_.size() * row_slots; }

private:
    static constexpr std::size_t row_slots = 8;
    struct slot {
        network_key network;
        bool used = false;
        Value value{};
    };
    using row = std::array<slot, row_slots>;

    row& row_of(const network_key& network) {
        std::array<std::uint8_t, sizeof(network.prefix) + 1> bytes;
        std::memcpy(bytes.data(), &network.prefix, sizeof(network.prefix));
        bytes.back() = network.v6 ? 1 : 0;
        return rows_[hash(bytes) % rows_.size()];
    }

    std::vector<row> rows_;
    std::array<std::uint8_t, crypto_shorthash_KEYBYTES> key_{};
    std::size_t size_ = 0;
};

}  // namespace hikyaku::gateway::links
