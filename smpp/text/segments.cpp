#include "smpp/text/segments.hpp"

#include <algorithm>
#include <array>
#include <cassert>

#include "smpp/text/graphemes.hpp"
#include "smpp/text/packing.hpp"
#include "smpp/text/utf8.hpp"

namespace hikyaku::smpp::text {

namespace {

constexpr std::size_t octets_on_air = 140;
constexpr std::size_t septets_on_air = 160;

/// Octets of the header elements that name the national tables.
std::size_t shift_octets(national_shift shift) {
    return (shift.single != 0 ? 3u : 0u) + (shift.locking != 0 ? 3u : 0u);
}

/// Octets of a header with the given elements, its length octet included.
constexpr std::size_t header_of(std::size_t elements) {
    return elements == 0 ? 0 : elements + 1;
}

/// Units beside a header of `header` octets.
std::size_t room_beside(encoding enc, std::size_t header) {
    if (enc == encoding::gsm7) return septets_on_air - header_septets(header);
    return (octets_on_air - header) / (enc == encoding::ucs2 ? 2 : 1);
}

const unit_limits& limits_of(encoding enc, const text_profile& profile) {
    if (enc == encoding::gsm7) return profile.septets;
    return enc == encoding::ucs2 ? profile.ucs2 : profile.octets;
}

std::size_t limited(std::size_t standard, std::uint16_t own) {
    // What is one character can take two units, so that no limit is lower.
    return own == 0 ? standard : std::min<std::size_t>(standard, std::max<std::uint16_t>(own, 2));
}

/// Cuts bytes of one alphabet of which only escape pairs and CR LF belong together.
segment_ends cut_bytes(octets bytes, std::size_t octets_max, bool septets) {
    segment_ends ends;
    std::size_t begin = 0;
    std::size_t previous = 0;  // where the last character began
    for (std::size_t i = 0; i < bytes.size();) {
        // CR LF is one grapheme in the 8-bit alphabets too; in binary data it is harmless.
        const std::size_t together =
            septets || bytes[i] == '\r' ? gsm_character_octets(bytes, i) : 1;
        if (i + together - begin > octets_max) {
            // A carrier that packs can take a CR at the end of a segment for padding.
            const bool padding = septets && bytes[i - 1] == '\r' && previous > begin &&
                                 i + together - previous <= octets_max;
            const std::size_t end = padding ? previous : i;
            ends.push_back(end);
            begin = end;
        }
        previous = i;
        i += together;
    }
    ends.push_back(bytes.size());
    return ends;
}

/// Cuts GSM text in national tables between graphemes, which in the scripts of India are several
/// characters.
segment_ends cut_national(const encoded_text& text, std::size_t septets_max) {
    std::vector<std::size_t> positions(1, 0);
    positions.reserve(text.units.size() + 1);
    for (const char16_t unit : text.units) {
        positions.push_back(positions.back() + (to_septets(unit, text.shift) > 0x7F ? 2 : 1));
    }
    assert(positions.back() == text.octets.size());
    segment_ends ends = cut_at_graphemes(text.units, positions, septets_max);
    for (std::size_t& end : ends)
        end = positions[end];
    return ends;
}

/// The header of one segment, empty if it needs none.
std::string header_for(const plan& made, std::size_t total, std::size_t sequence) {
    std::string header(1, '\0');
    const auto put = [&header](std::size_t octet) {
        header.push_back(static_cast<char>(octet & 0xFF));
    };
    const auto put_all = [&](std::initializer_list<std::size_t> octets) {
        for (const std::size_t octet : octets)
            put(octet);
    };
    // TS 23.040, 9.2.3.24.1 and 9.2.3.24.8: reference, total, sequence.
    if (made.method == segmentation::udh8) put_all({0x00, 3, made.reference, total, sequence});
    if (made.method == segmentation::udh16) {
        put_all({0x08, 4, made.reference / 256u, made.reference, total, sequence});
    }
    if (made.shift.single != 0) put_all({single_shift_element, 1, made.shift.single});
    if (made.shift.locking != 0) put_all({locking_shift_element, 1, made.shift.locking});
    if (header.size() == 1) return {};
    header[0] = static_cast<char>(header.size() - 1);
    return header;
}

std::size_t parts_max_of(const plan_options& options, const text_profile& profile) {
    std::size_t parts = std::clamp<std::size_t>(options.parts_max, 1, parts_limit);
    if (profile.parts_max != 0) parts = std::min<std::size_t>(parts, profile.parts_max);
    return profile.method == segmentation::none ? 1 : parts;
}

void write_segments(plan& made, std::string_view encoded, const segment_ends& ends) {
    made.segments.reserve(ends.size());
    std::size_t begin = 0;
    for (const std::size_t end : ends) {
        std::string segment = header_for(made, ends.size(), made.segments.size() + 1);
        made.udhi = !segment.empty();
        segment.append(encoded, begin, end - begin);
        made.segments.push_back(std::move(segment));
        begin = end;
    }
}

gsm_outcome encode_eight_bit(std::string_view utf8, char32_t highest, std::string& out) {
    out.reserve(out.size() + utf8.size());
    for (std::size_t i = 0; i < utf8.size();) {
        const utf8_character character = decode_utf8(utf8, i);
        if (character.bytes == 0) return {gsm_fault::invalid_utf8, i};
        const char32_t code_point = character.code_point;
        // 0x80 to 0x9F are controls that carriers take for Windows' letters.
        const bool control = code_point >= 0x80 && code_point < 0xA0;
        if (code_point > highest || control) return {gsm_fault::not_in_alphabet, i};
        out.push_back(static_cast<char>(code_point));
        i += character.bytes;
    }
    return {};
}

}  // namespace

segment_room room_for(encoding enc, national_shift shift, const text_profile& profile) noexcept {
    const std::size_t concatenation = profile.method == segmentation::udh16 ? 6 : 5;
    const std::size_t tables = enc == encoding::gsm7 ? shift_octets(shift) : 0;
    const unit_limits& own = limits_of(enc, profile);
    const std::size_t single = limited(room_beside(enc, header_of(tables)), own.single);
    const std::size_t part = limited(room_beside(enc, header_of(tables + concatenation)), own.part);
    return {.single = single, .part = std::min(single, part), .total = own.total};
}

segment_ends cut(const encoded_text& text, std::size_t units_max) {
    if (text.enc == encoding::ucs2) {
        segment_ends ends = cut_at_graphemes(text.units, units_max);
        for (std::size_t& end : ends)
            end *= 2;
        return ends;
    }
    if (!text.shift.is_default()) return cut_national(text, units_max);
    return cut_bytes(octets_of(text.octets), units_max, text.enc == encoding::gsm7);
}

candidate weigh(encoded_text text, const text_profile& profile, std::size_t better_than) {
    candidate made;
    made.room = room_for(text.enc, text.shift, profile);
    const std::size_t size = text.size();
    made.text = std::move(text);
    if (size <= made.room.single) {
        made.parts = 1;
        return made;
    }
    const std::size_t least =
        std::max<std::size_t>(2, (size + made.room.part - 1) / made.room.part);
    if (better_than != 0 && least >= better_than) return made;
    made.parts = least;
    // A text so long that not even full segments could hold it is not cut, which bounds the work
    // spent on a text of any length.
    if (least > parts_limit) return made;
    made.ends = cut(made.text, made.room.part);
    made.parts = made.ends.size();
    return made;
}

boost::system::result<plan, plan_failure> assemble(candidate&& chosen, const plan_options& options,
                                                   const text_profile& profile) {
    const std::size_t units = chosen.text.size();
    if (chosen.parts > parts_max_of(options, profile)) {
        return plan_failure{plan_error::too_many_parts, chosen.parts};
    }
    if (chosen.room.total != 0 && units > chosen.room.total) {
        return plan_failure{plan_error::too_many_units, chosen.parts};
    }
    plan made{.enc = chosen.text.enc,
              .data_coding = chosen.text.data_coding,
              .shift = chosen.text.shift,
              .units = units,
              .units_per_single = chosen.room.single,
              .units_per_part = chosen.room.part,
              .parts = static_cast<std::uint32_t>(chosen.parts)};
    made.billed = billed_units(profile, made.enc, units, made.parts);
    if (chosen.parts > 1) made.method = profile.method;
    const bool numbered = chosen.parts > 1 && profile.method != segmentation::payload;
    if (numbered) {
        const bool narrow = profile.method == segmentation::udh8;
        made.reference =
            narrow ? static_cast<std::uint16_t>(options.reference & 0xFF) : options.reference;
        write_segments(made, chosen.text.octets, chosen.ends);
    } else if (made.shift.is_default()) {
        made.segments.push_back(std::move(chosen.text.octets));
    } else {
        write_segments(made, chosen.text.octets, {chosen.text.octets.size()});
    }
    return made;
}

gsm_outcome encode_octets(std::string_view utf8, encoding enc, national_shift shift,
                          std::string& out) {
    assert(enc == encoding::gsm7 || enc == encoding::latin1 || enc == encoding::ascii);
    if (enc == encoding::latin1) return encode_eight_bit(utf8, 0xFF, out);
    if (enc == encoding::ascii) return encode_eight_bit(utf8, 0x7F, out);
    return shift.is_default() ? encode_gsm(utf8, out) : encode_gsm(utf8, shift, out);
}

}  // namespace hikyaku::smpp::text
