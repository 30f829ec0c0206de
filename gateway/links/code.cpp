#include "gateway/links/code.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>

#include "gateway/links/ascii.hpp"

namespace hikyaku::gateway::links {
namespace {

// The largest multiple of 58 that fits a byte: 232 values map evenly, the other 24 are refused.
constexpr unsigned accepted_values = 256 / base58_alphabet.size() * base58_alphabet.size();

constexpr std::array<bool, 256> base58_membership() {
    std::array<bool, 256> member{};
    for (const char c : base58_alphabet)
        member[static_cast<unsigned char>(c)] = true;
    return member;
}
constexpr auto is_base58 = base58_membership();

}  // namespace

std::string make_code(std::size_t length, random_source random) {
    assert(length >= code_length_min && length <= code_length_max);
    std::string code;
    code.reserve(length);
    std::array<std::uint8_t, code_length_max> bytes;
    while (code.size() < length) {
        random.fill(bytes);
        for (const std::uint8_t byte : bytes) {
            if (byte >= accepted_values) continue;
            code.push_back(base58_alphabet[byte % base58_alphabet.size()]);
            if (code.size() == length) break;
        }
    }
    return code;
}

bool is_code(std::string_view text) {
    return text.size() >= code_length_min && text.size() <= code_length_max &&
           std::ranges::all_of(
               text, [](char c) { return is_base58[static_cast<unsigned char>(c)]; });
}

std::string_view find_code(std::string_view path) {
    const auto is_hex = [&path](std::size_t at) {
        return at < path.size() && ascii::is_hex_digit(path[at]);
    };
    std::size_t at = 0;
    while (at < path.size()) {
        if (!ascii::is_letter_or_digit(path[at])) {
            at += path[at] == '%' && is_hex(at + 1) && is_hex(at + 2) ? 3 : 1;
            continue;
        }
        const std::size_t begin = at;
        while (at < path.size() && ascii::is_letter_or_digit(path[at]))
            ++at;
        const std::string_view run = path.substr(begin, at - begin);
        if (is_code(run)) return run;
    }
    return {};
}

}  // namespace hikyaku::gateway::links
