#include "smpp/pdu/tlv.hpp"

#include <cassert>

namespace hikyaku::smpp {
namespace {

/// One TLV: tag, length, value. False when the octets are torn.
bool take_tlv(octet_reader& in, tlv& out) {
    std::uint16_t length = 0;
    return in.take_u16(out.tag) && in.take_u16(length) && in.take_octets(length, out.value);
}

std::optional<std::uint32_t> number(const tlv_list& list, std::uint16_t tag, std::uint32_t max) {
    const auto value = list.find(tag);
    if (!value || value->empty() || value->size() > 4) return std::nullopt;
    std::uint32_t sum = 0;
    for (const std::uint8_t octet : *value)
        sum = sum << 8 | octet;
    if (sum > max) return std::nullopt;
    return sum;
}

}  // namespace

std::optional<tlv_list> tlv_list::parse(octet_view raw) {
    octet_reader in(raw);
    tlv ignored;
    while (!in.empty()) {
        if (!take_tlv(in, ignored)) return std::nullopt;
    }
    return tlv_list(raw);
}

tlv_list::iterator& tlv_list::iterator::operator++() {
    done_ = in_.empty();
    if (!done_) {
        const bool whole = take_tlv(in_, current_);
        assert(whole);  // parse() has seen to it
        done_ = !whole;
    }
    return *this;
}

std::optional<octet_view> tlv_list::find(std::uint16_t tag) const {
    for (const tlv& entry : *this) {
        if (entry.tag == tag) return entry.value;
    }
    return std::nullopt;
}

std::optional<std::uint8_t> tlv_list::u8(std::uint16_t tag) const {
    const auto value = number(*this, tag, 0xFF);
    if (!value) return std::nullopt;
    return static_cast<std::uint8_t>(*value);
}

std::optional<std::uint16_t> tlv_list::u16(std::uint16_t tag) const {
    const auto value = number(*this, tag, 0xFFFF);
    if (!value) return std::nullopt;
    return static_cast<std::uint16_t>(*value);
}

std::optional<std::uint32_t> tlv_list::u32(std::uint16_t tag) const {
    return number(*this, tag, 0xFFFFFFFF);
}

std::optional<std::string_view> tlv_list::cstring(std::uint16_t tag) const {
    const auto value = find(tag);
    if (!value) return std::nullopt;
    const std::string_view whole(reinterpret_cast<const char*>(value->data()), value->size());
    return whole.substr(0, whole.find('\0'));
}

tlv_writer& tlv_writer::u8(std::uint16_t tag, std::uint8_t value) {
    put_head(tag, 1);
    buffer_.push_back(value);
    return *this;
}

tlv_writer& tlv_writer::u16(std::uint16_t tag, std::uint16_t value) {
    put_head(tag, 2);
    buffer_.push_back(static_cast<std::uint8_t>(value >> 8));
    buffer_.push_back(static_cast<std::uint8_t>(value));
    return *this;
}

tlv_writer& tlv_writer::u32(std::uint16_t tag, std::uint32_t value) {
    put_head(tag, 4);
    for (int shift = 24; shift >= 0; shift -= 8)
        buffer_.push_back(static_cast<std::uint8_t>(value >> shift));
    return *this;
}

tlv_writer& tlv_writer::cstring(std::uint16_t tag, std::string_view value) {
    put_head(tag, value.size() + 1);
    buffer_.insert(buffer_.end(), value.begin(), value.end());
    buffer_.push_back(0);
    return *this;
}

tlv_writer& tlv_writer::octets(std::uint16_t tag, octet_view value) {
    put_head(tag, value.size());
    buffer_.insert(buffer_.end(), value.begin(), value.end());
    return *this;
}

void tlv_writer::put_head(std::uint16_t tag, std::size_t length) {
    assert(length <= 0xFFFF);
    for (const std::size_t half : {std::size_t{tag}, length}) {
        buffer_.push_back(static_cast<std::uint8_t>(half >> 8));
        buffer_.push_back(static_cast<std::uint8_t>(half));
    }
}

}  // namespace hikyaku::smpp
