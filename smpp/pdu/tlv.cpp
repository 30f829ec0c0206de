#include "smpp/pdu/tlv.hpp"

#include <algorithm>
#include <array>
#include <cassert>

namespace hikyaku::smpp {
namespace {

/// One TLV: tag, length, value. False when the octets are torn.
bool take_tlv(octet_reader& in, tlv& out) {
    std::uint16_t length = 0;
    return in.take_u16(out.tag) && in.take_u16(length) && in.take_octets(length, out.value);
}

/// How many octets from the front are whole TLVs with a tag that may be.
std::size_t sound_octets(octet_view raw) {
    octet_reader in(raw);
    tlv one;
    std::size_t sound = 0;
    while (!in.empty() && take_tlv(in, one) && one.tag != 0)
        sound = raw.size() - in.left();
    return sound;
}

std::size_t leading_nuls(octet_view raw) {
    const auto first = std::find_if(raw.begin(), raw.end(), [](auto octet) { return octet != 0; });
    return static_cast<std::size_t>(first - raw.begin());
}

/// Whether one of the tags stands in `raw` where a TLV begins, its own whole or torn.
bool begins_one(octet_view raw, std::span<const std::uint16_t> tags) {
    octet_reader in(raw);
    tlv one;
    bool whole = true;
    while (whole) {
        octet_reader at = in;
        std::uint16_t tag = 0;
        if (!at.take_u16(tag)) return false;
        if (std::find(tags.begin(), tags.end(), tag) != tags.end()) return true;
        whole = take_tlv(in, one);
    }
    return false;
}

/// Whether the octets of the tag stand anywhere in `raw`, or its first one at the end: a length
/// that is wrong may hide the TLVs behind it. Not for tags below 256, which look like any short
/// length.
bool may_hide(octet_view raw, std::uint16_t tag) {
    const std::array octets{static_cast<std::uint8_t>(tag >> 8U), static_cast<std::uint8_t>(tag)};
    if (octets[0] == 0 || raw.empty()) return false;
    return std::search(raw.begin(), raw.end(), octets.begin(), octets.end()) != raw.end() ||
           raw.back() == octets[0];
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
    while (!in.empty())
        if (!take_tlv(in, ignored)) return std::nullopt;
    return tlv_list(raw);
}

tlv_tail tlv_list::parse_sound(octet_view raw, std::span<const std::uint16_t> vital_tags) {
    const std::size_t sound = sound_octets(raw);
    if (sound == raw.size()) return {tlv_list(raw), 0, true, false};
    // Padding in front of the TLVs: they begin with the first octet that is not NUL, or one before.
    const std::size_t padding = leading_nuls(raw);
    for (std::size_t skip = std::max<std::size_t>(padding, 2) - 1; skip <= padding; ++skip) {
        const octet_view after = raw.subspan(skip);
        if (sound_octets(after) == after.size()) return {tlv_list(after), skip, true, false};
    }
    const octet_view rest = raw.subspan(sound);
    const std::size_t nuls = leading_nuls(rest);
    tlv_tail out{tlv_list(raw.first(sound)), rest.size(), nuls == rest.size(), false};
    for (std::size_t skip = std::max<std::size_t>(nuls, 1) - 1; skip <= nuls; ++skip)
        out.vital_lost = out.vital_lost || begins_one(rest.subspan(skip), vital_tags);
    out.vital_lost =
        out.vital_lost || std::any_of(vital_tags.begin(), vital_tags.end(),
                                      [rest](std::uint16_t tag) { return may_hide(rest, tag); });
    return out;
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
    for (const tlv& entry : *this)
        if (entry.tag == tag) return entry.value;
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
