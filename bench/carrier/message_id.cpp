#include "bench/carrier/message_id.hpp"

#include <cassert>
#include <charconv>

namespace hikyaku::bench {

namespace {
constexpr std::string_view digits = "0123456789abcdef";

// Any bijection will do: the uuid only has to look like one and never repeat.
std::uint64_t scrambled(std::uint64_t number) {
    number = (number ^ (number >> 32)) * 0xD6E8FEB86659FD93;
    return number ^ (number >> 32);
}
}  // namespace

message_id::message_id(std::uint64_t number, id_form form) {
    if (form != id_form::uuid) {
        const auto [end, error] = std::to_chars(chars_.data(), chars_.data() + chars_.size(),
                                                number, form == id_form::hex ? 16 : 10);
        assert(error == std::errc());
        size_ = static_cast<std::size_t>(end - chars_.data());
        return;
    }
    const std::uint64_t high = scrambled(number);
    std::size_t nibble = 0;
    for (std::size_t i = 0; i < chars_.size(); ++i) {
        if (i == 8 || i == 13 || i == 18 || i == 23) {
            chars_[i] = '-';
            continue;
        }
        // 16 nibbles of the scrambled number, then 16 of the plain one; RFC 9562 wants the version
        // and the variant in place of two of the former.
        const std::uint64_t half = nibble < 16 ? high : number;
        std::uint64_t value = half >> (60 - 4 * (nibble % 16)) & 15;
        if (nibble == 12) value = 8;
        if (nibble == 16) value = 8 | (value & 3);
        chars_[i] = digits[value];
        ++nibble;
    }
    size_ = chars_.size();
}

}  // namespace hikyaku::bench
