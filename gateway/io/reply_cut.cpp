#include "gateway/io/reply_cut.hpp"

#include <algorithm>
#include <array>

namespace hikyaku::gateway::io {
namespace {

constexpr std::size_t parts_max = 255;

// Data coding groups of 3GPP TS 23.038, 4: general (00xx) and message class (1111).
bool is_ucs2(std::uint8_t data_coding) {
    return data_coding == 8 || (data_coding & 0xCCU) == 0x08;
}

bool is_default_alphabet(std::uint8_t data_coding) {
    return data_coding == 0 || (data_coding & 0xFCU) == 0x10 || (data_coding & 0xF4U) == 0xF0;
}

std::size_t first_part(smpp::octet_view octets, std::uint8_t data_coding) {
    constexpr std::size_t septets = 153, others = 134;
    if (is_default_alphabet(data_coding)) {
        if (octets.size() <= septets) return octets.size();
        return octets[septets - 1] == 0x1B ? septets - 1 : septets;
    }
    if (octets.size() <= others) return octets.size();
    const bool high_surrogate =
        is_ucs2(data_coding) && octets[others - 2] >= 0xD8 && octets[others - 2] <= 0xDB;
    return high_surrogate ? others - 2 : others;
}

}  // namespace

std::vector<smpp::octet_view> cut_reply(smpp::octet_view octets, std::uint8_t data_coding) {
    std::vector<smpp::octet_view> parts;
    while (!octets.empty()) {
        if (parts.size() == parts_max) return {};
        const auto size = first_part(octets, data_coding);
        parts.push_back(octets.first(size));
        octets = octets.subspan(size);
    }
    return parts;
}

std::vector<std::uint8_t> reply_part(smpp::octet_view octets, std::uint8_t reference,
                                     std::size_t number, std::size_t count) {
    const std::array<std::uint8_t, 6> header{
        5, 0, 3, reference, static_cast<std::uint8_t>(count), static_cast<std::uint8_t>(number)};
    std::vector<std::uint8_t> whole(header.size() + octets.size());
    const auto text = std::copy(header.begin(), header.end(), whole.begin());
    std::copy(octets.begin(), octets.end(), text);
    return whole;
}

}  // namespace hikyaku::gateway::io
