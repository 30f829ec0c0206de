#include "smpp/text/data_coding.hpp"

#include "smpp/text/fixed_charset.hpp"
#include "smpp/text/gsm.hpp"
#include "smpp/text/profile.hpp"
#include "smpp/text/ucs2.hpp"
#include "smpp/text/utf8.hpp"

namespace hikyaku::smpp::text {

namespace {

/// SMPP 3.4, 5.2.19: the values that name an alphabet. What is missing here is reserved, thus GSM.
encoding smpp_alphabet(std::uint8_t data_coding) {
    switch (data_coding) {
        case 0x01:
            return encoding::ascii;
        case 0x03:
            return encoding::latin1;
        case 0x08:
            return encoding::ucs2;
        case 0x02:  // octets
        case 0x04:  // octets
        case 0x05:  // JIS X 0208
        case 0x06:  // ISO-8859-5, Cyrillic
        case 0x07:  // ISO-8859-8, Hebrew
        case 0x09:  // pictograms
        case 0x0A:  // ISO-2022-JP
        case 0x0D:  // JIS X 0212
        case 0x0E:  // KS C 5601
            return encoding::binary;
        default:
            return encoding::gsm7;
    }
}

/// TS 23.038, section 4, coding groups 00xx and 01xx: bit 5 compressed, bits 3 and 2 the alphabet.
encoding general_group(std::uint8_t data_coding) {
    if ((data_coding & 0x20) != 0) return encoding::binary;
    switch (data_coding >> 2 & 3) {
        case 1:
            return encoding::binary;
        case 2:
            return encoding::ucs2;
        default:
            return encoding::gsm7;
    }
}

encoding encoding_behind(default_alphabet alphabet) {
    switch (alphabet) {
        case default_alphabet::gsm7:
            return encoding::gsm7;
        case default_alphabet::latin1:
            return encoding::latin1;
        case default_alphabet::ascii:
            break;
    }
    return encoding::ascii;
}

std::size_t decode_eight_bit(octets bytes, std::uint8_t highest, std::string& out) {
    std::size_t replaced = 0;
    out.reserve(bytes.size());
    for (const std::uint8_t byte : bytes) {
        const bool valid = byte <= highest;
        append_utf8(out, valid ? char32_t{byte} : replacement_character);
        if (!valid) ++replaced;
    }
    return replaced;
}

std::size_t decode_ucs2(octets bytes, std::string& out) {
    std::size_t replaced = append_utf8(out, utf16_units(bytes));
    if (bytes.size() % 2 != 0) {
        append_utf8(out, replacement_character);
        ++replaced;
    }
    return replaced;
}

}  // namespace

std::string_view name_of(encoding value) noexcept {
    if (is_charset(value)) return charset_name(value);
    switch (value) {
        case encoding::gsm7:
            return "gsm7";
        case encoding::ucs2:
            return "ucs2";
        case encoding::latin1:
            return "latin1";
        case encoding::ascii:
            return "ascii";
        case encoding::binary:
            break;
    }
    return "binary";
}

std::string_view name_of(default_alphabet value) noexcept {
    return name_of(encoding_behind(value));
}

encoding encoding_of(std::uint8_t data_coding, default_alphabet alphabet) noexcept {
    return data_coding == 0 ? encoding_behind(alphabet) : encoding_of(data_coding);
}

std::optional<std::uint8_t> message_class_of(std::uint8_t data_coding) noexcept {
    const bool general = data_coding < 0x80 && (data_coding & 0x10) != 0;
    const bool class_group = data_coding >= 0xF0;
    if (!general && !class_group) return {};
    return static_cast<std::uint8_t>(data_coding & 3);
}

bool is_compressed(std::uint8_t data_coding) noexcept {
    return data_coding < 0x80 && (data_coding & 0x20) != 0;
}

std::optional<message_waiting> message_waiting_of(std::uint8_t data_coding) noexcept {
    if (data_coding < 0xC0 || data_coding >= 0xF0) return {};
    return message_waiting{.active = (data_coding & 0x08) != 0,
                           .discard = data_coding < 0xD0,
                           .kind = static_cast<std::uint8_t>(data_coding & 3)};
}

std::optional<std::uint8_t> compose_data_coding(encoding enc,
                                                std::optional<std::uint8_t> message_class,
                                                const text_profile& profile) noexcept {
    if (profile.fixed && enc == profile.fixed->charset) return profile.fixed->data_coding;
    if (message_class) {
        if (*message_class > 3) return {};
        const auto with_class = [&](unsigned group) {
            return static_cast<std::uint8_t>(group | *message_class);
        };
        if (enc == encoding::gsm7) return with_class(profile.class_in_f0 ? 0xF0 : 0x10);
        if (enc == encoding::ucs2) return with_class(0x18);
        if (enc == encoding::binary) return with_class(0xF4);
        return {};
    }
    if (enc == encoding_behind(profile.alphabet)) return std::uint8_t{0};
    switch (enc) {
        case encoding::ucs2:
            return profile.ucs2_data_coding;
        case encoding::latin1:
            return std::uint8_t{0x03};
        case encoding::ascii:
            return std::uint8_t{0x01};
        case encoding::binary:
            return std::uint8_t{0x04};
        case encoding::gsm7:
            break;
    }
    return {};
}

encoding encoding_of(std::uint8_t data_coding) noexcept {
    switch (data_coding >> 4) {
        case 0x0:
            return smpp_alphabet(data_coding);
        case 0xE:  // message waiting, stored, UCS-2
            return encoding::ucs2;
        case 0xF:  // message class; bit 2 says 8-bit data
            return (data_coding & 0x04) != 0 ? encoding::binary : encoding::gsm7;
        default:
            return data_coding < 0x80 ? general_group(data_coding) : encoding::gsm7;
    }
}

boost::system::result<std::string, decode_error> decode_octets(octets bytes,
                                                               std::uint8_t data_coding,
                                                               on_fault fault) {
    return decode_octets(bytes, data_coding, {}, default_alphabet::gsm7, fault);
}

boost::system::result<std::string, decode_error> decode_octets(octets bytes,
                                                               std::uint8_t data_coding,
                                                               national_shift shift,
                                                               default_alphabet alphabet,
                                                               on_fault fault) {
    std::string utf8;
    std::size_t replaced = 0;
    switch (encoding_of(data_coding, alphabet)) {
        case encoding::gsm7:
            replaced =
                shift.is_default() ? decode_gsm(bytes, utf8) : decode_gsm(bytes, shift, utf8);
            break;
        case encoding::ucs2:
            replaced = decode_ucs2(bytes, utf8);
            break;
        case encoding::latin1:
            replaced = decode_eight_bit(bytes, 0xFF, utf8);
            break;
        case encoding::ascii:
            replaced = decode_eight_bit(bytes, 0x7F, utf8);
            break;
        case encoding::binary:
            return decode_error::no_text;
    }
    if (replaced != 0 && fault == on_fault::refuse) return decode_error::invalid_octets;
    return utf8;
}

}  // namespace hikyaku::smpp::text
