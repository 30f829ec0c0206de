#include "gateway/api/addresses.hpp"

#include <algorithm>

#include "gateway/engine/submission/numbers.hpp"
#include "smpp/text/utf8.hpp"

namespace hikyaku::gateway::api {
namespace {

constexpr std::size_t international_min = 5;
constexpr std::size_t short_code_min = 3;
constexpr std::size_t alphanumeric_max = 11;

struct number {
    bool plus = false;
    std::string digits;
};

// ASCII for the full-width forms that Japanese keyboards produce; other characters unchanged.
constexpr char32_t narrow(char32_t c) {
    if (c >= 0xFF01 && c <= 0xFF5E) return c - 0xFEE0;
    if (c == 0x3000 || c == 0x00A0) return ' ';
    if ((c >= 0x2010 && c <= 0x2015) || c == 0x2212 || c == 0x30FC) return '-';
    return c;
}

constexpr bool separates(char32_t c) {
    return c == ' ' || c == '-' || c == '.' || c == '/' || c == '(' || c == ')';
}

boost::system::result<number, address_error> read_digits(std::string_view text) {
    number result;
    bool begun = false;
    for (std::size_t i = 0; i < text.size();) {
        const auto [raw, bytes] = smpp::text::decode_utf8(text, i);
        if (bytes == 0) return address_error::bad_character;
        i += bytes;
        const char32_t c = narrow(raw);
        if (separates(c)) continue;
        if (c == '+' && !begun) {
            result.plus = true;
        } else if (c >= '0' && c <= '9') {
            if (result.digits.size() == address_octets_max) return address_error::too_long;
            result.digits.push_back(static_cast<char>(c));
        } else {
            return address_error::bad_character;
        }
        begun = true;
    }
    if (!begun) return address_error::empty;
    return result;
}

constexpr bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// The octet goes on the wire as ASCII, so only what ASCII and GSM 03.38 both have is safe.
constexpr bool in_both_alphabets(char c) {
    return c >= ' ' && c <= 'z' && std::string_view{"[\\]^`"}.find(c) == std::string_view::npos;
}

boost::system::result<phone_address, address_error> parse_alphanumeric(std::string_view text) {
    if (text.front() == ' ' || text.back() == ' ') return address_error::bad_character;
    if (!std::ranges::all_of(text, in_both_alphabets)) return address_error::bad_character;
    if (text.size() > alphanumeric_max) return address_error::too_long;
    return phone_address{ton::alphanumeric, npi::unknown, std::string{text}};
}

}  // namespace

std::string_view explain(address_error why) {
    switch (why) {
        case address_error::empty:
            return "the address is empty";
        case address_error::too_short:
            return "the number has too few digits";
        case address_error::too_long:
            return "a number has at most 15 digits, an alphanumeric sender at most 11 characters";
        case address_error::bad_character:
            return "the address holds a character it must not hold";
        case address_error::national_prefix:
            return "the number begins with 0; write it with its country code, as in +819012345678";
        case address_error::uncertain:
            return "the number may be one of several; write it with \"+\" and its country code";
    }
    return {};
}

boost::system::result<phone_address, address_error> parse_destination(
    std::string_view text, const config::account& account) {
    auto parsed = read_digits(text);
    if (!parsed) return parsed.error();
    std::string& digits = parsed->digits;
    if (!parsed->plus && has_number_settings(account) && digits.size() >= short_code_min) {
        const bool zero = digits.front() == '0';
        const auto reading = read_number(account, ton::unknown, digits);
        if (reading == number_reading::uncertain)
            return zero ? address_error::national_prefix : address_error::uncertain;
        if (reading == number_reading::kept && zero)
            return phone_address{ton::network, npi::unknown, std::move(digits)};
    }
    if (digits.size() < international_min) return address_error::too_short;
    if (digits.size() > e164_digits_max) return address_error::too_long;
    if (digits.front() == '0') return address_error::national_prefix;
    return phone_address{ton::international, npi::isdn, std::move(digits)};
}

boost::system::result<phone_address, address_error> parse_sender(std::string_view text) {
    if (text.empty()) return address_error::empty;
    if (std::ranges::any_of(text, is_letter)) return parse_alphanumeric(text);
    auto parsed = read_digits(text);
    if (!parsed) return parsed.error();
    std::string& digits = parsed->digits;
    if (digits.size() > e164_digits_max) return address_error::too_long;
    if (parsed->plus) {
        if (digits.size() < international_min) return address_error::too_short;
        if (digits.front() == '0') return address_error::national_prefix;
        return phone_address{ton::international, npi::isdn, std::move(digits)};
    }
    if (digits.size() < short_code_min) return address_error::too_short;
    phone_address sender{ton::unknown, npi::unknown, std::move(digits)};
    label_sender(sender);
    return sender;
}

std::string format_address(std::uint8_t type, std::string_view digits) {
    std::string text;
    if (type == ton::international && !digits.starts_with('+')) text = "+";
    return text.append(digits);
}

}  // namespace hikyaku::gateway::api
