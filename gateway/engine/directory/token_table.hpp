// API tokens by what a request shows. Each is known by its SHA-256; a token that was found once is
// recognized by a keyed 128-bit hash afterwards, which takes a tenth of the time, so that a request
// does not pay for SHA-256 each time. Only tokens that are right are remembered: the memory is
// bounded by the table. Engine's thread.
#pragma once

#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "gateway/engine/text_map.hpp"
#include "gateway/engine/types.hpp"

namespace hikyaku::gateway {

class token_table {
public:
    token_table();

    void clear();
    /// The octets of the token's SHA-256 (token_hash.hpp).
    void add(std::string_view hash_octets, const known_token& known);
    [[nodiscard]] std::optional<known_token> find(std::string_view token);

private:
    using proof = std::array<unsigned char, 16>;  // SipHash-2-4-128 under key_
    struct proof_hash {
        using is_avalanching = void;
        std::size_t operator()(const proof& of) const {
            std::size_t part = 0;
            std::memcpy(&part, of.data(), sizeof part);
            return part;
        }
    };

    [[nodiscard]] proof proof_of(std::string_view token) const;

    std::array<unsigned char, 16> key_;  // of this process
    text_map<known_token> by_hash_;
    boost::unordered_flat_map<proof, known_token, proof_hash> by_proof_;
};

}  // namespace hikyaku::gateway
