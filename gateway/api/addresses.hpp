// Phone numbers and senders as people write them in JSON, turned into SMPP addresses, and back.
// What is accepted and how type and plan are chosen is written in docs/http-api.md ("Addresses").
// Whether an account may use a sender is the engine's decision. Pure functions, any thread.
#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "config/settings.hpp"
#include "gateway/engine/types.hpp"

namespace hikyaku::gateway::api {

enum class address_error : std::uint8_t {
    empty,
    too_short,  // fewer digits than any number of this kind has
    too_long,   // more than 15 digits, or 11 characters of an alphanumeric sender
    bad_character,
    national_prefix,  // a destination that begins with 0: the country code is missing
    uncertain,  // the account's settings do not explain it (gateway/engine/submission/numbers.hpp)
};

/// One sentence for the `detail` of a problem.
[[nodiscard]] std::string_view explain(address_error why);

/// A destination in international form: "+81 90-1234-5678", "(81) 9012345678", with or without "+".
/// Spaces, hyphens, dots, slashes and parentheses are removed, full-width digits and signs count as
/// ASCII. 5 to 15 digits, the first is not 0 (ITU-T E.164); TON 1, NPI 1. Without "+", digits that
/// begin with a prefix of the account's settings are made international first, and with such
/// settings digits that begin with 000 are a short code: TON 3, NPI 0.
[[nodiscard]] boost::system::result<phone_address, address_error> parse_destination(
    std::string_view text, const config::account& account);

/// A sender. "+" and 5 to 15 digits: TON 1, NPI 1. 3 to 7 digits: a short code, TON 3, NPI 0. 8 to
/// 15 digits: international, or national (TON 2, NPI 1) if the first is 0. Anything with a letter:
/// alphanumeric, TON 5, NPI 0, 1 to 11 characters of those that ASCII and the GSM alphabet share.
[[nodiscard]] boost::system::result<phone_address, address_error> parse_sender(
    std::string_view text);

/// "+819012345678" for an international number, the digits or letters for everything else.
[[nodiscard]] std::string format_address(std::uint8_t type, std::string_view digits);

}  // namespace hikyaku::gateway::api
