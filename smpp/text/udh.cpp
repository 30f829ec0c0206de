#include "smpp/text/udh.hpp"

#include <cstddef>

namespace hikyaku::smpp::text {

std::optional<udh_element> udh_reader::next() noexcept {
    if (rest_.size() < 2 || rest_.size() - 2 < rest_[1]) return {};
    const std::size_t data_octets = rest_[1];
    const udh_element element{rest_[0], rest_.subspan(2, data_octets)};
    rest_ = rest_.subspan(2 + data_octets);
    return element;
}

std::optional<udh_split> split_udh(octets short_message) noexcept {
    if (short_message.empty()) return {};
    const std::size_t header_octets = short_message[0];
    if (header_octets > short_message.size() - 1) return {};
    return udh_split{short_message.subspan(1, header_octets),
                     short_message.subspan(1 + header_octets)};
}

namespace {

constexpr std::uint8_t narrow_reference = 0x00;
constexpr std::uint8_t wide_reference = 0x08;

std::optional<concatenation_info> read_concatenation(const udh_element& element) {
    const octets data = element.data;
    concatenation_info info;
    if (element.id == narrow_reference && data.size() == 3) {
        info = {.reference = data[0], .total = data[1], .sequence = data[2], .wide = false};
    } else if (element.id == wide_reference && data.size() == 4) {
        const auto reference = static_cast<std::uint16_t>(data[0] << 8 | data[1]);
        info = {.reference = reference, .total = data[2], .sequence = data[3], .wide = true};
    } else {
        return {};
    }
    if (info.sequence == 0 || info.sequence > info.total) return {};
    return info;
}

}  // namespace

std::optional<concatenation_info> concatenation_of(octets elements) noexcept {
    std::optional<concatenation_info> found;
    udh_reader reader(elements);
    while (const auto element = reader.next())
        if (const auto info = read_concatenation(*element)) found = info;
    return found;
}

bool is_sound_udh(octets elements) noexcept {
    udh_reader reader(elements);
    while (const auto element = reader.next()) {
        const bool ties = element->id == narrow_reference || element->id == wide_reference;
        if (ties && !read_concatenation(*element)) return false;
    }
    return !reader.is_malformed();
}

std::optional<concatenation_info> concatenation_from_sar(std::uint16_t reference,
                                                         std::uint8_t total,
                                                         std::uint8_t sequence) noexcept {
    if (sequence == 0 || sequence > total) return {};
    return concatenation_info{
        .reference = reference, .total = total, .sequence = sequence, .wide = true};
}

bool is_same_part(const concatenation_info& by_header, const concatenation_info& by_sar) noexcept {
    const unsigned mask = by_header.wide ? 0xFFFFU : 0xFFU;
    return by_header.total == by_sar.total && by_header.sequence == by_sar.sequence &&
           (by_header.reference & mask) == (by_sar.reference & mask);
}

}  // namespace hikyaku::smpp::text
