#include "smpp/text/utf8.hpp"

namespace hikyaku::smpp::text {
namespace {

struct octet_range {
    unsigned least, most;
    [[nodiscard]] bool contains(unsigned octet) const { return octet >= least && octet <= most; }
};

/// The second octets that may follow a lead (RFC 3629, 4): without overlong forms, surrogates and
/// what is above U+10FFFF. The further ones are 80 to BF.
constexpr octet_range second_after(unsigned lead) {
    switch (lead) {
        case 0xE0:
            return {0xA0, 0xBF};
        case 0xED:
            return {0x80, 0x9F};
        case 0xF0:
            return {0x90, 0xBF};
        case 0xF4:
            return {0x80, 0x8F};
        default:
            return {0x80, 0xBF};
    }
}

}  // namespace

std::uint8_t invalid_utf8_bytes(std::string_view utf8, std::size_t offset) noexcept {
    const auto octet = [&](std::size_t i) {
        return i < utf8.size() ? static_cast<unsigned char>(utf8[i]) : 0u;
    };
    const unsigned lead = octet(offset);
    if (lead < 0xC2 || lead > 0xF4 || !second_after(lead).contains(octet(offset + 1))) return 1;
    const bool third = lead >= 0xF0 && octet_range{0x80, 0xBF}.contains(octet(offset + 2));
    return third ? 3 : 2;
}

void append_mended_utf8(std::string& out, std::string_view text) {
    for (std::size_t valid = 0, at = 0;;) {
        at = skip_ascii(text, at);
        if (at == text.size()) {
            out.append(text.substr(valid));
            return;
        }
        if (const std::uint8_t bytes = decode_utf8(text, at).bytes; bytes != 0) {
            at += bytes;
            continue;
        }
        out.append(text.substr(valid, at - valid));
        append_utf8(out, replacement_character);
        at += invalid_utf8_bytes(text, at);
        valid = at;
    }
}

void mend_utf8(std::string& text) {
    const auto fault = first_invalid_utf8(text);
    if (!fault) return;
    std::string mended;
    mended.reserve(text.size() + 64);
    mended.append(text, 0, *fault);
    append_mended_utf8(mended, std::string_view(text).substr(*fault));
    text = std::move(mended);
}

std::string_view cut_utf8(std::string_view text, std::size_t bytes_max) noexcept {
    if (text.size() <= bytes_max) return text;
    // A character that reaches over the end begins at most three octets before it.
    for (std::size_t back = 1; back <= 3 && back <= bytes_max; ++back) {
        const std::size_t at = bytes_max - back;
        if ((static_cast<unsigned char>(text[at]) & 0xC0u) == 0x80u) continue;
        return text.substr(0, decode_utf8(text, at).bytes > back ? at : bytes_max);
    }
    return text.substr(0, bytes_max);
}

}  // namespace hikyaku::smpp::text
