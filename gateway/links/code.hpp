// The code of a link: the part of the short URL after the last slash. It is the only secret that
// guards a debtor's page from strangers, so it is drawn from the CSPRNG and each character is
// equally likely; ten base58 characters are 58.6 bits. Base58 leaves out 0, O, I and l, which
// people confuse when they read a code to somebody on the telephone. The engine makes codes, the
// redirector checks their shape before it looks one up. Pure, any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "gateway/links/random.hpp"

namespace hikyaku::gateway::links {

inline constexpr std::string_view base58_alphabet =
    "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
inline constexpr std::size_t code_length_min = 10;
inline constexpr std::size_t code_length_max = 32;

/// A new code of `length` characters, code_length_min to code_length_max (anything else is a bug).
/// Unbiased: bytes that would favour some characters are drawn again.
[[nodiscard]] std::string make_code(std::size_t length, random_source random = {});

/// True if `text` has the shape of a code: 10 to 32 base58 characters. Case matters.
[[nodiscard]] bool is_code(std::string_view text);

/// The code in the path of a request, a view into `path`; empty if there is none. Phones and people
/// take what stands behind a link for a part of it ("/CODE)", "/CODE.", "/CODE%E3%80%82") or in
/// front
/// ("//CODE"), so it is the first run of letters and digits that has the shape of a code. Escapes
/// (%XX) are boundaries: no code has one.
[[nodiscard]] std::string_view find_code(std::string_view path);

}  // namespace hikyaku::gateway::links
