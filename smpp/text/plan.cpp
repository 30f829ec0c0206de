#include "smpp/text/plan.hpp"

#include <algorithm>

#include "smpp/text/graphemes.hpp"
#include "smpp/text/gsm.hpp"
#include "smpp/text/ucs2.hpp"
#include "smpp/text/utf8.hpp"

namespace hikyaku::smpp::text {

namespace {

using plan_result = boost::system::result<plan, plan_failure>;
using segment_ends = std::vector<std::size_t>;  // in units, the last one is the size of the text

constexpr std::size_t header_octets = 6;

plan begin_plan(encoding enc, std::uint8_t data_coding, std::size_t units) {
    plan made{.enc = enc, .data_coding = data_coding, .units = units};
    switch (enc) {
        case encoding::gsm7:
            made.units_per_single = 160;
            made.units_per_part = 153;
            break;
        case encoding::ucs2:
            made.units_per_single = 70;
            made.units_per_part = 67;
            break;
        default:
            made.units_per_single = 140;
            made.units_per_part = 134;
            break;
    }
    return made;
}

std::size_t parts_max_of(const plan_options& options) {
    return std::clamp<std::size_t>(options.parts_max, 1, parts_limit);
}

/// A text so long that not even full segments could hold it is refused before anything is cut,
/// which bounds the work spent on a text of any length.
bool is_hopeless(const plan& made) {
    return made.units > made.units_per_part * parts_limit;
}

plan_failure hopeless(const plan& made) {
    const std::size_t needed = (made.units + made.units_per_part - 1) / made.units_per_part;
    return {plan_error::too_many_parts, needed};
}

segment_ends cut_octets(octets bytes, std::size_t octets_max, bool septets) {
    segment_ends ends;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < bytes.size();) {
        // CR LF is one grapheme in the 8-bit alphabets too; in binary data it is harmless.
        const std::size_t together =
            septets || bytes[i] == '\r' ? gsm_character_octets(bytes, i) : 1;
        if (i + together - begin > octets_max) {
            ends.push_back(i);
            begin = i;
        }
        i += together;
    }
    ends.push_back(bytes.size());
    return ends;
}

/// Puts the user data header (TS 23.040, 9.2.3.24.1: 05 00 03 reference total sequence) in front of
/// each piece of `encoded`.
plan_result finish(plan made, std::string_view encoded, const segment_ends& ends,
                   std::size_t unit_bytes, const plan_options& options) {
    if (ends.size() > parts_max_of(options)) {
        return plan_failure{plan_error::too_many_parts, ends.size()};
    }
    made.udhi = true;
    made.segments.reserve(ends.size());
    std::size_t begin = 0;
    for (const std::size_t end : ends) {
        std::string& segment = made.segments.emplace_back();
        segment.reserve(header_octets + (end - begin) * unit_bytes);
        for (const std::size_t octet :
             {std::size_t{5}, std::size_t{0}, std::size_t{3}, std::size_t{options.reference} & 0xFF,
              ends.size(), made.segments.size()}) {
            segment.push_back(static_cast<char>(octet));
        }
        segment.append(encoded, begin * unit_bytes, (end - begin) * unit_bytes);
        begin = end;
    }
    return made;
}

plan_result plan_bytes(encoding enc, std::uint8_t data_coding, std::string encoded,
                       const plan_options& options) {
    plan made = begin_plan(enc, data_coding, encoded.size());
    if (made.units <= made.units_per_single) {
        made.segments.push_back(std::move(encoded));
        return made;
    }
    if (is_hopeless(made)) return hopeless(made);
    const segment_ends ends =
        cut_octets(octets_of(encoded), made.units_per_part, enc == encoding::gsm7);
    return finish(std::move(made), encoded, ends, 1, options);
}

plan_result plan_units(std::u16string_view units, std::uint8_t data_coding,
                       const plan_options& options) {
    plan made = begin_plan(encoding::ucs2, data_coding, units.size());
    if (made.units > made.units_per_single && is_hopeless(made)) return hopeless(made);
    std::string encoded;
    append_utf16be(units, encoded);
    if (made.units <= made.units_per_single) {
        made.segments.push_back(std::move(encoded));
        return made;
    }
    const segment_ends ends = cut_at_graphemes(units, made.units_per_part);
    return finish(std::move(made), encoded, ends, 2, options);
}

/// Bytes of a byte order mark at the start: it is no part of the text, and would force UCS-2.
std::size_t mark_bytes(std::string_view utf8) {
    return utf8.starts_with("\xEF\xBB\xBF") ? 3 : 0;
}

}  // namespace

std::string_view name_of(plan_error value) noexcept {
    switch (value) {
        case plan_error::invalid_utf8:
            return "invalid_utf8";
        case plan_error::not_in_alphabet:
            return "not_in_alphabet";
        case plan_error::too_many_parts:
            return "too_many_parts";
        case plan_error::invalid_octets:
            return "invalid_octets";
        case plan_error::too_many_units:
            break;
    }
    return "too_many_units";
}

plan_result plan_text(std::string_view utf8, const plan_options& options,
                      const text_profile& /*profile*/) {
    const std::size_t skipped = mark_bytes(utf8);
    utf8.remove_prefix(skipped);
    if (options.choice != encoding_choice::ucs2) {
        std::string septets;
        const gsm_outcome outcome = encode_gsm(utf8, septets);
        if (outcome.fault == gsm_fault::none) {
            return plan_bytes(encoding::gsm7, 0, std::move(septets), options);
        }
        if (outcome.fault == gsm_fault::invalid_utf8) {
            return plan_failure{plan_error::invalid_utf8, outcome.position + skipped};
        }
        if (options.choice == encoding_choice::gsm7) {
            return plan_failure{plan_error::not_in_alphabet, outcome.position + skipped};
        }
    }
    std::u16string units;
    if (const auto fault = append_utf16(utf8, units)) {
        return plan_failure{plan_error::invalid_utf8, *fault + skipped};
    }
    return plan_units(units, 8, options);
}

plan_result plan_octets(octets bytes, std::uint8_t data_coding, const plan_options& options,
                        const text_profile& /*profile*/) {
    const encoding enc = encoding_of(data_coding);
    if (enc != encoding::ucs2) {
        return plan_bytes(enc, data_coding, std::string(chars_of(bytes)), options);
    }
    if (bytes.size() % 2 != 0) {
        return plan_failure{plan_error::invalid_octets, bytes.size() - 1};
    }
    return plan_units(utf16_units(bytes), data_coding, options);
}

std::vector<forcing_character> forcing_characters(std::string_view utf8, std::size_t count_max) {
    std::vector<forcing_character> found;
    for (std::size_t i = mark_bytes(utf8); i < utf8.size() && found.size() < count_max;) {
        const utf8_character character = decode_utf8(utf8, i);
        if (character.bytes == 0) break;
        const auto is_same = [&](const forcing_character& other) {
            return other.code_point == character.code_point;
        };
        if (gsm_septets(character.code_point) == 0 && std::ranges::none_of(found, is_same)) {
            found.push_back({i, character.code_point});
        }
        i += character.bytes;
    }
    return found;
}

}  // namespace hikyaku::smpp::text
