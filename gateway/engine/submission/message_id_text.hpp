// Message ids as applications read and write them over SMPP: decimal digits, or hexadecimal ones
// for clients that convert, and the short alias of a client of 3.3, whose message_id field holds
// eight characters. One place for responses, receipts, query_sm, cancel_sm and replace_sm, because
// an id must be the same character for character wherever it is shown. Pure, no allocation, any
// thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "config/settings.hpp"
#include "gateway/engine/types.hpp"

namespace hikyaku::gateway {

/// A formatted id; a small value that owns its characters.
struct message_id_text {
    std::array<char, 20> characters{};
    std::size_t size = 0;
    [[nodiscard]] std::string_view view() const { return {characters.data(), size}; }
    operator std::string_view() const { return view(); }  // NOLINT: it is that text
};

/// 18 or 19 decimal digits, or 15 or 16 hexadecimal ones in lower case, without leading zeros
/// (clients lose them). REQUIRES: the id is not 0.
[[nodiscard]] message_id_text format_message_id(message_id id, config::id_form form);

/// The opposite, for an account of this form: 1 to 2^63-1. Decimal: digits only and no leading
/// zero; hexadecimal: either case, leading zeros up to 16 digits are forgiven. Empty otherwise.
[[nodiscard]] std::optional<message_id> parse_message_id(std::string_view text,
                                                         config::id_form form);

/// At most eight hexadecimal digits in lower case, without leading zeros: it fits into the
/// message_id of SMPP 3.3. REQUIRES: the alias is not 0.
[[nodiscard]] message_id_text format_alias(std::uint32_t alias);

/// The opposite: 1 to 8 hexadecimal digits of either case, not all of them 0. No id of a message
/// in either form is that short, so the length tells the two apart. Empty otherwise.
[[nodiscard]] std::optional<std::uint32_t> parse_alias(std::string_view text);

}  // namespace hikyaku::gateway
