// Phone numbers as applications write them: which digits are a number that is dialled from a
// country (a trunk prefix, an international prefix), and which E.164 number that is; the sender of
// an account that a message without one gets. Both doors ask here, so that SMPP and HTTP judge the
// same. Pure functions of the account's settings; engine's thread and `route test`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "config/settings.hpp"
#include "gateway/engine/types.hpp"

namespace hikyaku::gateway {

/// Types of number (SMPP 3.4, 5.2.5).
namespace ton {
inline constexpr std::uint8_t unknown = 0;
inline constexpr std::uint8_t international = 1;
inline constexpr std::uint8_t national = 2;
inline constexpr std::uint8_t network = 3;
inline constexpr std::uint8_t subscriber = 4;
inline constexpr std::uint8_t alphanumeric = 5;
inline constexpr std::uint8_t abbreviated = 6;
}  // namespace ton
namespace npi {
inline constexpr std::uint8_t unknown = 0;
inline constexpr std::uint8_t isdn = 1;
}  // namespace npi

inline constexpr std::size_t address_octets_max = 20;  // SMPP 3.4, 4.4.1: 21 with the NUL
inline constexpr std::size_t e164_digits_max = 15;

/// Whether `text` is digits, behind one "+" or none, and the first of them is 0. No international
/// number begins so, whatever type an application or a carrier's settings give it.
[[nodiscard]] bool leads_with_zero(std::string_view text);

/// The digits behind a "+", or all of `digits`.
[[nodiscard]] constexpr std::string_view without_plus(std::string_view digits) {
    return digits.starts_with('+') ? digits.substr(1) : digits;
}

/// Whether the account says how its application writes numbers that are not international.
[[nodiscard]] bool has_number_settings(const config::account& account);

enum class number_reading : std::uint8_t {
    kept,           // the digits stay: an international number, a short code, or no settings
    international,  // the digits are E.164 now
    uncertain,      // no number that the settings explain: to be refused
};

/// Reads the digits of a destination by home_country, trunk_prefix and international_prefix of the
/// account; without settings every number is kept. `type` is the application's TON.
///
/// * TON 3, 5 and 6, and digits that begin with 000: kept, they are short codes.
/// * The international prefix and a digit 1-9 behind it: taken away.
/// * The trunk prefix and a digit 1-9 behind it: the country code comes in its place. A trunk
///   prefix that does not begin with 0 needs TON 2 or 4: `89...` is an international number else.
/// * Other digits that begin with 0: uncertain. They are with TON 1, too, which is wrong there.
/// * TON 2, digits that begin with neither 0 nor the country code: the country code comes in front
///   (3GPP TS 23.040, 9.1.2.5: a national number has no prefix). With the country code in front
///   the digits may be both, and a subscriber number (TON 4) lacks its area: uncertain.
/// * All else is international, as it is without settings.
///
/// What comes out has 7 to 15 digits, else it is uncertain, too.
[[nodiscard]] number_reading read_number(const config::account& account, std::uint8_t type,
                                         std::string& digits);

/// Gives a sender of digits that came without type and plan its own: 3 to 7 digits are a short code
/// (3, 0), a leading 0 makes a national number (2, 1), the rest is international (1, 1).
void label_sender(phone_address& sender);

/// A phone number or sender as people may see it: all but the last three characters become '*', and
/// a short one is hidden whole.
[[nodiscard]] std::string mask_address(std::string_view address);

/// The sender that stands for the account when a message names none: the only one of `senders`, and
/// no pattern. Null if there is no such.
[[nodiscard]] const std::string* only_sender(const config::account& account);

}  // namespace hikyaku::gateway
