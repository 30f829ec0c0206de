#include "smpp/text/two_byte.hpp"

#include <algorithm>

namespace hikyaku::smpp::text {

namespace {

bool within(std::uint8_t octet, std::uint8_t first, std::uint8_t last) {
    return octet >= first && octet <= last;
}

two_byte_rule rule_behind(std::uint8_t data_coding) {
    switch (data_coding) {
        case 0x05:
            return two_byte_rule::shift_jis;
        case 0x0D:
            return two_byte_rule::euc_jp;
        case 0x0E:
            return two_byte_rule::euc_kr;
        default:
            return two_byte_rule::none;
    }
}

/// Octets that follow a lead octet, 0 if it is none.
std::size_t trail_octets(std::uint8_t octet, two_byte_rule rule) {
    switch (rule) {
        case two_byte_rule::shift_jis:
            return within(octet, 0x81, 0x9F) || within(octet, 0xE0, 0xFC) ? 1 : 0;
        case two_byte_rule::euc_jp:
            if (octet == 0x8F) return 2;
            return octet == 0x8E || within(octet, 0xA1, 0xFE) ? 1 : 0;
        case two_byte_rule::euc_kr:
            return within(octet, 0x81, 0xFE) ? 1 : 0;
        case two_byte_rule::pairs:
            return 1;
        case two_byte_rule::none:
            break;
    }
    return 0;
}

bool is_trail(std::uint8_t octet, two_byte_rule rule) {
    if (rule == two_byte_rule::shift_jis) return octet != 0x7F && within(octet, 0x40, 0xFC);
    if (rule == two_byte_rule::euc_kr) return within(octet, 0x41, 0xFE);
    return within(octet, 0xA1, 0xFE);
}

bool obeys(octets bytes, two_byte_rule rule) {
    bool found = false;
    for (std::size_t i = 0; i < bytes.size();) {
        const std::size_t trail = trail_octets(bytes[i], rule);
        if (i + trail >= bytes.size()) return false;
        for (std::size_t k = 1; k <= trail; ++k)
            if (!is_trail(bytes[i + k], rule)) return false;
        found = found || trail != 0;
        i += 1 + trail;
    }
    return found;
}

}  // namespace

two_byte_rule two_byte_rule_of(octets bytes, std::uint8_t data_coding) noexcept {
    const two_byte_rule rule = rule_behind(data_coding);
    if (rule == two_byte_rule::none || obeys(bytes, rule)) return rule;
    return two_byte_rule::pairs;
}

std::size_t character_octets(octets bytes, std::size_t offset, two_byte_rule rule) noexcept {
    return std::min(1 + trail_octets(bytes[offset], rule), bytes.size() - offset);
}

}  // namespace hikyaku::smpp::text
