#include "smpp/text/packing.hpp"

#include <cstdint>

namespace hikyaku::smpp::text {

namespace {

constexpr std::uint8_t carriage_return = 0x0D;

/// Octets of the header with its length octet, 0 without or where it does not fit.
std::size_t header_octets(octets message, bool udhi) {
    if (!udhi || message.empty()) return 0;
    const std::size_t header = message[0] + std::size_t{1};
    return header <= message.size() ? header : 0;
}

/// Writes septets behind what is there, from any bit on.
class septet_writer {
public:
    septet_writer(std::string& out, std::size_t fill_bits) : out_(out), free_bits_(fill_bits) {}

    void write(std::uint8_t septet) {
        pending_ |= (septet & 0x7Fu) << free_bits_;
        free_bits_ += 7;
        if (free_bits_ >= 8) flush();
    }
    void finish() {
        if (free_bits_ > 0) flush();
    }

private:
    void flush() {
        out_.push_back(static_cast<char>(pending_ & 0xFF));
        pending_ >>= 8;
        free_bits_ = free_bits_ >= 8 ? free_bits_ - 8 : 0;
    }

    std::string& out_;
    std::uint32_t pending_ = 0;
    std::size_t free_bits_;  // bits of `pending_` in use
};

}  // namespace

std::string pack_segment(octets short_message, bool udhi) {
    const std::size_t header = header_octets(short_message, udhi);
    const octets text = short_message.subspan(header);
    const std::size_t total = header_septets(header) + text.size();
    std::string packed(chars_of(short_message.first(header)));
    if (text.empty()) return packed;
    packed.reserve((total * 7 + 7) / 8 + 1);
    septet_writer writer(packed, header_septets(header) * 7 - header * 8);
    for (const std::uint8_t septet : text)
        writer.write(septet);
    const bool spare_septet = total % 8 == 7;
    const bool ends_in_return = total % 8 == 0 && text.back() == carriage_return;
    const bool room = total * 7 / 8 < octets_on_air;
    if (spare_septet || (ends_in_return && room)) writer.write(carriage_return);
    writer.finish();
    return packed;
}

std::string unpack_segment(octets packed, bool udhi) {
    const std::size_t header = header_octets(packed, udhi);
    std::string message(chars_of(packed.first(header)));
    const std::size_t first_bit = header_septets(header) * 7;
    const std::size_t bits = packed.size() * 8;
    for (std::size_t bit = first_bit; bit + 7 <= bits; bit += 7) {
        const std::size_t octet = bit / 8;
        const unsigned low = packed[octet];
        const unsigned high = octet + 1 < packed.size() ? packed[octet + 1] : 0u;
        message.push_back(static_cast<char>((high << 8 | low) >> bit % 8 & 0x7Fu));
    }
    const bool on_boundary = bits % 7 == 0;
    const bool has_text = message.size() > header;
    if (on_boundary && has_text && message.back() == static_cast<char>(carriage_return))
        message.pop_back();
    return message;
}

}  // namespace hikyaku::smpp::text
