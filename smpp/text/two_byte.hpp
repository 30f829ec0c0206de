// Where the characters end in the alphabets of two octets that SMPP names and we do not read: JIS
// (data_coding 5), extended kanji JIS (13) and KS C 5601 (14). The cutter asks, so that no segment
// begins with half a character. Pure functions, any thread.
#pragma once

#include <cstddef>
#include <cstdint>

#include "smpp/text/octets.hpp"

namespace hikyaku::smpp::text {

enum class two_byte_rule : std::uint8_t {
    none,       // octets for themselves
    shift_jis,  // lead octets 0x81 to 0x9F and 0xE0 to 0xFC
    euc_jp,     // lead octets 0x8E and 0xA1 to 0xFE, 0x8F with two more
    euc_kr,     // lead octets 0x81 to 0xFE (with Windows' extension)
    pairs       // every two octets from the start
};

/// The rule for octets of a data_coding: none unless it names such an alphabet. Octets that have no
/// lead octet, as in the 7-bit forms, or that break the rule of the alphabet are pairs.
[[nodiscard]] two_byte_rule two_byte_rule_of(octets bytes, std::uint8_t data_coding) noexcept;

/// Octets of the character at `offset`, 1 to 3, at most those that there are.
[[nodiscard]] std::size_t character_octets(octets bytes, std::size_t offset,
                                           two_byte_rule rule) noexcept;

}  // namespace hikyaku::smpp::text
