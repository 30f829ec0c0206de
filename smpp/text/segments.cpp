#include "smpp/text/segments.hpp"

#include <algorithm>
#include <array>
#include <cassert>

#include "smpp/text/fixed_charset.hpp"
#include "smpp/text/graphemes.hpp"
#include "smpp/text/packing.hpp"
#include "smpp/text/transliterate.hpp"
#include "smpp/text/two_byte.hpp"
#include "smpp/text/utf8.hpp"

namespace hikyaku::smpp::text {

namespace {

constexpr std::size_t septets_on_air = 160;
constexpr std::size_t short_message_octets = 254;  // SMPP 3.4, 5.2.22

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

/// Septets of a character that a carrier rewrites as GSM: two for one of the extension table.
std::size_t septets_of(char16_t unit) {
    return gsm_septets(unit) == 2 ? 2 : 1;
}

const unit_limits& limits_of(encoding enc, const text_profile& profile) {
    if (enc == encoding::gsm7) return profile.septets;
    return enc == encoding::ucs2 ? profile.ucs2 : profile.octets;
}

/// Units in one alphabet: what fits beside the header of a segment, and what decides whether a
/// carrier's own limit is above that.
struct standard_room {
    std::size_t with_tables = 0;  // beside all elements
    std::size_t plain = 0;        // beside all but those of national tables
    std::size_t most = 0;      // beside an 8-bit reference only, or nothing: the standard's limit
    std::size_t unpacked = 0;  // in the 254 octets of short_message
};

/// A carrier that cuts by itself can have a limit above the standard's.
std::size_t limited(const standard_room& room, std::uint16_t own) {
    if (own == 0) return room.with_tables;
    // What is one character can take two units, so that no limit is lower.
    const std::size_t wanted = std::max<std::size_t>(own, 2);
    if (wanted <= room.most) return std::min(room.with_tables, wanted);
    return std::min(wanted - (room.plain - room.with_tables), room.unpacked);
}

bool is_extension(std::uint8_t character) {
    const std::uint16_t code = to_gsm(character);
    return code != not_in_gsm && code > 0x7F;
}

/// Octets and units of what must stay together.
struct piece {
    std::size_t octets = 1;
    std::size_t units = 1;
};

/// Reads the pieces of a text in an alphabet of octets, or of binary data.
class piece_reader {
public:
    explicit piece_reader(const encoded_text& text)
        : bytes_(octets_of(text.octets)),
          septets_(text.enc == encoding::gsm7),
          as_gsm_(counts_as_gsm(text.enc, text.data_coding)),
          two_byte_(text.enc == encoding::binary ? two_byte_rule_of(bytes_, text.data_coding)
                                                 : two_byte_rule::none) {}

    [[nodiscard]] piece at(std::size_t offset) const {
        if (two_byte_ != two_byte_rule::none) {
            const std::size_t octets = character_octets(bytes_, offset, two_byte_);
            return {octets, octets};
        }
        // CR LF is one grapheme in the 8-bit alphabets too; in binary data it is harmless.
        const std::size_t octets =
            septets_ || bytes_[offset] == '\r' ? gsm_character_octets(bytes_, offset) : 1;
        return {octets, octets + (as_gsm_ && is_extension(bytes_[offset]) ? 1u : 0u)};
    }
    /// A carrier that packs can take a CR at the end of a segment for padding.
    [[nodiscard]] bool ends_in_padding(std::size_t end) const {
        return (septets_ || as_gsm_) && bytes_[end - 1] == '\r';
    }
    [[nodiscard]] std::size_t size() const { return bytes_.size(); }

private:
    octets bytes_;
    bool septets_;
    bool as_gsm_;
    two_byte_rule two_byte_;
};

/// Cuts bytes of one alphabet of which escape pairs, CR LF and two-byte characters belong together.
segment_ends cut_bytes(const encoded_text& text, std::size_t units_max) {
    const piece_reader reader(text);
    segment_ends ends;
    std::size_t begin = 0;
    std::size_t filled = 0;    // units since `begin`
    std::size_t previous = 0;  // where the last piece began
    std::size_t last = 0;      // and its units
    for (std::size_t i = 0; i < reader.size();) {
        const piece next = reader.at(i);
        if (filled + next.units > units_max && i > begin) {
            const bool padding =
                reader.ends_in_padding(i) && previous > begin && last + next.units <= units_max;
            begin = padding ? previous : i;
            filled = padding ? last : 0;
            ends.push_back(begin);
        }
        previous = i;
        last = next.units;
        filled += next.units;
        i += next.octets;
    }
    ends.push_back(reader.size());
    return ends;
}

/// Cuts GSM text in national tables between graphemes, which in the scripts of India are several
/// characters.
segment_ends cut_national(const encoded_text& text, std::size_t septets_max) {
    std::vector<std::size_t> positions(1, 0);
    positions.reserve(text.units.size() + 1);
    for (const char16_t unit : text.units)
        positions.push_back(positions.back() + (to_septets(unit, text.shift) > 0x7F ? 2 : 1));
    assert(positions.back() == text.octets.size());
    segment_ends ends = cut_at_graphemes(text.units, positions, septets_max);
    for (std::size_t& end : ends)
        end = positions[end];
    return ends;
}

/// Cuts a text in a fixed character set between graphemes.
segment_ends cut_charset(const encoded_text& text, std::size_t units_max) {
    const auto written = encode_charset(text.units, text.enc);
    assert(written && written->octets == text.octets);
    const auto& begins = written->begins;
    const encoding measure = measure_of(text.enc, text.data_coding);
    std::vector<std::size_t> positions(1, 0);
    positions.reserve(begins.size());
    for (std::size_t i = 0; i < text.units.size(); ++i) {
        std::size_t width = begins[i + 1] - begins[i];
        if (measure == encoding::ucs2) width = 1;
        if (measure == encoding::gsm7 && width != 0) width = septets_of(text.units[i]);
        positions.push_back(positions.back() + width);
    }
    segment_ends ends = cut_at_graphemes(text.units, positions, units_max);
    for (std::size_t& end : ends)
        end = begins[end];
    return ends;
}

/// What the segments can hold of it.
std::uint16_t reference_in(segmentation method, std::uint16_t reference) {
    return method == segmentation::udh8 ? static_cast<std::uint16_t>(reference & 0xFF) : reference;
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
    if (made.method == segmentation::udh16)
        put_all({0x08, 4, made.reference / 256u, made.reference, total, sequence});
    if (made.shift.single != 0) put_all({single_shift_element, 1, made.shift.single});
    if (made.shift.locking != 0) put_all({locking_shift_element, 1, made.shift.locking});
    if (header.size() == 1) return {};
    header[0] = static_cast<char>(header.size() - 1);
    return header;
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

gsm_outcome encode_eight_bit(std::string_view utf8, target_alphabet allowed, std::string& out) {
    out.reserve(out.size() + utf8.size());
    for (std::size_t i = 0; i < utf8.size();) {
        const utf8_character character = decode_utf8(utf8, i);
        if (character.bytes == 0) return {gsm_fault::invalid_utf8, i};
        if (!allowed.contains(character.code_point)) return {gsm_fault::not_in_alphabet, i};
        out.push_back(static_cast<char>(character.code_point));
        i += character.bytes;
    }
    return {};
}

}  // namespace

encoding measure_of(encoding enc, std::uint8_t data_coding) noexcept {
    if (!is_charset(enc)) return counts_as_gsm(enc, data_coding) ? encoding::gsm7 : enc;
    const encoding on_air = encoding_of(data_coding);
    if (on_air == encoding::ucs2) return on_air;
    return on_air == encoding::gsm7 && has_single_octets(enc) ? on_air : encoding::latin1;
}

std::size_t encoded_text::size() const noexcept {
    if (is_charset(enc) && measure_of(enc, data_coding) == encoding::ucs2) return units.size();
    return (enc == encoding::ucs2 ? octets.size() / 2 : octets.size()) + extensions;
}

void measure(encoded_text& text) noexcept {
    if (is_charset(text.enc) && measure_of(text.enc, text.data_coding) == encoding::gsm7) {
        text.extensions = static_cast<std::size_t>(std::ranges::count_if(
            text.units, [](char16_t unit) { return septets_of(unit) == 2; }));
    }
    if (!counts_as_gsm(text.enc, text.data_coding)) return;
    text.extensions = static_cast<std::size_t>(std::ranges::count_if(
        octets_of(text.octets), [](auto octet) { return is_extension(octet); }));
}

segment_room room_for(encoding enc, std::uint8_t data_coding, national_shift shift,
                      const text_profile& profile) noexcept {
    constexpr std::size_t narrow = 5;
    constexpr std::size_t charset_unit_octets = 3;  // at most, where UTF-16 units count
    const encoding counted = measure_of(enc, data_coding);
    const std::size_t unit_octets = counted != encoding::ucs2 ? 1
                                    : is_charset(enc)         ? charset_unit_octets
                                                              : 2;
    const std::size_t tables = enc == encoding::gsm7 ? shift_octets(shift) : 0;
    const unit_limits& own = limits_of(counted, profile);
    const auto room = [&](std::size_t concatenation, std::size_t least, std::uint16_t limit) {
        const std::size_t header = header_of(tables + concatenation);
        return limited({.with_tables = room_beside(counted, header),
                        .plain = room_beside(counted, header_of(concatenation)),
                        .most = room_beside(counted, header_of(least)),
                        .unpacked = (short_message_octets - header) / unit_octets},
                       limit);
    };
    const std::size_t single = room(0, 0, own.single);
    const std::size_t part =
        room(profile.method == segmentation::udh16 ? narrow + 1 : narrow, narrow, own.part);
    return {.single = single, .part = std::min(single, part), .total = own.total};
}

std::size_t parts_max_of(const plan_options& options, const text_profile& profile) noexcept {
    std::size_t parts = std::clamp<std::size_t>(options.parts_max, 1, parts_limit);
    if (profile.parts_max != 0) parts = std::min<std::size_t>(parts, profile.parts_max);
    return profile.method == segmentation::none ? 1 : parts;
}

segment_ends cut(const encoded_text& text, std::size_t units_max) {
    if (text.enc == encoding::ucs2) {
        segment_ends ends = cut_at_graphemes(text.units, units_max);
        for (std::size_t& end : ends)
            end *= 2;
        return ends;
    }
    if (is_charset(text.enc)) return cut_charset(text, units_max);
    if (!text.shift.is_default()) return cut_national(text, units_max);
    return cut_bytes(text, units_max);
}

candidate weigh(encoded_text text, const text_profile& profile, std::size_t better_than) {
    candidate made;
    made.room = room_for(text.enc, text.data_coding, text.shift, profile);
    const std::size_t size = text.size();
    made.text = std::move(text);
    if (size <= made.room.single) {
        made.parts = 1;
        return made;
    }
    const std::size_t least = least_parts(size, made.room);
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
    if (chosen.parts > parts_max_of(options, profile))
        return plan_failure{plan_error::too_many_parts, chosen.parts};
    if (chosen.room.total != 0 && units > chosen.room.total)
        return plan_failure{plan_error::too_many_units, chosen.parts};
    plan made{.enc = chosen.text.enc,
              .data_coding = chosen.text.data_coding,
              .shift = chosen.text.shift,
              .units = units,
              .units_per_single = chosen.room.single,
              .units_per_part = chosen.room.part,
              .parts = static_cast<std::uint32_t>(chosen.parts)};
    const encoding billed_as =
        is_charset(made.enc) ? measure_of(made.enc, made.data_coding) : made.enc;
    made.billed = billed_units(profile, billed_as, units, made.parts);
    if (chosen.parts > 1) made.method = profile.method;
    const bool numbered = chosen.parts > 1 && profile.method != segmentation::payload;
    if (numbered) {
        made.reference = reference_in(profile.method, options.reference);
        write_segments(made, chosen.text.octets, chosen.ends);
    } else if (made.shift.is_default()) {
        made.segments.push_back(std::move(chosen.text.octets));
    } else {
        write_segments(made, chosen.text.octets, {chosen.text.octets.size()});
    }
    return made;
}

bool names_reference(segmentation method) noexcept {
    return method == segmentation::udh8 || method == segmentation::udh16 ||
           method == segmentation::sar;
}

std::uint16_t set_reference(segment_list& segments, segmentation method, std::uint16_t reference) {
    assert(names_reference(method));
    const auto value = reference_in(method, reference);
    if (method == segmentation::sar) return value;
    for (auto& segment : segments) {
        // As in header_for(): lengths and id come first, then the reference.
        auto at = segment.begin() + 3;
        if (method == segmentation::udh16) *at++ = static_cast<char>(value >> 8);
        *at = static_cast<char>(value & 0xFF);
    }
    return value;
}

gsm_outcome encode_octets(std::string_view utf8, encoding enc, national_shift shift, bool gsm_only,
                          std::string& out) {
    assert(enc == encoding::gsm7 || enc == encoding::latin1 || enc == encoding::ascii);
    if (enc != encoding::gsm7) return encode_eight_bit(utf8, {enc, gsm_only}, out);
    return shift.is_default() ? encode_gsm(utf8, out) : encode_gsm(utf8, shift, out);
}

}  // namespace hikyaku::smpp::text
