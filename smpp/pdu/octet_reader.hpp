// A cursor over received octets that cannot step past their end. Every decoder of the folder (PDU
// bodies, address lists, TLVs) reads through it, so the bounds check exists once. Each take_x()
// returns false and moves nothing when the octets are not there. Big-endian, as SMPP 3.4, 3.1.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace hikyaku::smpp {

using octet_view = std::span<const std::uint8_t>;

class octet_reader {
public:
    octet_reader() = default;
    explicit octet_reader(octet_view from) : at_(from.data()), end_(from.data() + from.size()) {}

    [[nodiscard]] std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }
    [[nodiscard]] bool empty() const { return at_ == end_; }
    [[nodiscard]] const std::uint8_t* at() const { return at_; }
    [[nodiscard]] octet_view rest() const { return {at_, left()}; }

    [[nodiscard]] bool take_u8(std::uint8_t& value) {
        if (empty()) return false;
        value = *at_++;
        return true;
    }
    [[nodiscard]] bool take_u16(std::uint16_t& value) {
        if (left() < 2) return false;
        value = static_cast<std::uint16_t>(at_[0] << 8 | at_[1]);
        at_ += 2;
        return true;
    }
    [[nodiscard]] bool take_u32(std::uint32_t& value) {
        if (left() < 4) return false;
        value = std::uint32_t{at_[0]} << 24 | std::uint32_t{at_[1]} << 16 |
                std::uint32_t{at_[2]} << 8 | std::uint32_t{at_[3]};
        at_ += 4;
        return true;
    }
    [[nodiscard]] bool take_octets(std::size_t count, octet_view& value) {
        if (left() < count) return false;
        value = {at_, count};
        at_ += count;
        return true;
    }
    /// A C-octet string of at most `octets_max` octets, its NUL included; `value` excludes the NUL.
    [[nodiscard]] bool take_cstring(std::size_t octets_max, std::string_view& value) {
        const std::size_t reach = std::min(left(), octets_max);
        if (reach == 0) return false;
        if (*at_ == 0) {  // most fields of most PDUs: not worth a call
            value = {reinterpret_cast<const char*>(at_), 0};
            ++at_;
            return true;
        }
        const auto* nul = static_cast<const std::uint8_t*>(std::memchr(at_, 0, reach));
        if (nul == nullptr) return false;
        value = {reinterpret_cast<const char*>(at_), static_cast<std::size_t>(nul - at_)};
        at_ = nul + 1;
        return true;
    }

private:
    const std::uint8_t* at_ = nullptr;
    const std::uint8_t* end_ = nullptr;
};

}  // namespace hikyaku::smpp
