// The optional parameters of a PDU (SMPP 3.4, 3.2.4) as one checked view over their bytes: unknown
// tags are kept like known ones and nothing is copied. The decoder makes tlv_list from the receive
// buffer, which must outlive it; whoever sends builds one with tlv_writer in a buffer of his own.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "smpp/pdu/constants.hpp"
#include "smpp/pdu/octet_reader.hpp"

namespace hikyaku::smpp {

struct tlv {
    std::uint16_t tag = 0;
    octet_view value;
};

/// TLVs without which a message is another message: its text, and what its parts hang together by.
inline constexpr std::array<std::uint16_t, 4> text_tags{
    tag::message_payload, tag::sar_msg_ref_num, tag::sar_total_segments, tag::sar_segment_seqnum};

[[nodiscard]] constexpr bool is_text_tag(std::uint16_t number) {
    return std::ranges::find(text_tags, number) != text_tags.end();
}

struct tlv_tail;

class tlv_list {
public:
    class iterator;

    tlv_list() = default;
    /// Empty optional if `raw` is not a whole number of TLVs.
    [[nodiscard]] static std::optional<tlv_list> parse(octet_view raw);
    /// The whole TLVs of `raw`, and what is left behind them (or NULs in front of them): padding, a
    /// torn TLV, anything. The tag 0x0000, which 3.4 (5.3.2) reserves, is padding too. Never fails.
    [[nodiscard]] static tlv_tail parse_sound(octet_view raw,
                                              std::span<const std::uint16_t> vital_tags);

    [[nodiscard]] iterator begin() const;
    [[nodiscard]] std::default_sentinel_t end() const { return {}; }
    [[nodiscard]] bool empty() const { return raw_.empty(); }
    [[nodiscard]] octet_view raw() const { return raw_; }

    /// The value of the first TLV with this tag.
    [[nodiscard]] std::optional<octet_view> find(std::uint16_t tag) const;
    /// The value as a big-endian number. Some peers send a wrong width: any of 1-4 octets is taken
    /// as long as the number fits the asked type.
    [[nodiscard]] std::optional<std::uint8_t> u8(std::uint16_t tag) const;
    [[nodiscard]] std::optional<std::uint16_t> u16(std::uint16_t tag) const;
    [[nodiscard]] std::optional<std::uint32_t> u32(std::uint16_t tag) const;
    /// The value up to its first NUL, or all of it when the peer left the NUL out.
    [[nodiscard]] std::optional<std::string_view> cstring(std::uint16_t tag) const;

private:
    friend class tlv_writer;
    explicit tlv_list(octet_view raw) : raw_(raw) {}
    octet_view raw_;
};

/// What stands behind the last mandatory field of a PDU.
struct tlv_tail {
    tlv_list list;
    std::size_t octets_left = 0;  // that are no TLVs
    bool only_nul = true;         // all of these are
    bool vital_lost = false;      // one of the vital tags stands in them
};

/// Forward over the TLVs in wire order.
class tlv_list::iterator {
public:
    using value_type = tlv;
    using difference_type = std::ptrdiff_t;

    iterator() = default;
    explicit iterator(octet_view raw) : in_(raw) { ++*this; }
    const tlv& operator*() const { return current_; }
    const tlv* operator->() const { return &current_; }
    iterator& operator++();
    iterator operator++(int) {
        iterator before = *this;
        ++*this;
        return before;
    }
    bool operator==(const iterator& other) const {
        return in_.at() == other.in_.at() && done_ == other.done_;
    }
    bool operator==(std::default_sentinel_t) const { return done_; }

private:
    octet_reader in_;
    tlv current_;
    bool done_ = true;
};

inline tlv_list::iterator tlv_list::begin() const {
    return iterator(raw_);
}

/// Appends TLVs to a caller's buffer, which is cleared first and may be reused from PDU to PDU.
/// Values longer than 65535 octets are a bug (assert): limits are checked long before.
class tlv_writer {
public:
    explicit tlv_writer(std::vector<std::uint8_t>& buffer) : buffer_(buffer) { buffer_.clear(); }

    tlv_writer& u8(std::uint16_t tag, std::uint8_t value);
    tlv_writer& u16(std::uint16_t tag, std::uint16_t value);
    tlv_writer& u32(std::uint16_t tag, std::uint32_t value);
    /// Writes the text and its NUL.
    tlv_writer& cstring(std::uint16_t tag, std::string_view value);
    tlv_writer& octets(std::uint16_t tag, octet_view value);
    /// Valid until the buffer changes.
    [[nodiscard]] tlv_list list() const { return tlv_list(octet_view(buffer_)); }

private:
    void put_head(std::uint16_t tag, std::size_t length);
    std::vector<std::uint8_t>& buffer_;
};

}  // namespace hikyaku::smpp
