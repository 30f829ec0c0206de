#include "gateway/engine/sending/carrier_text.hpp"

#include <algorithm>

#include "smpp/text/data_coding.hpp"
#include "smpp/text/fixed_charset.hpp"
#include "smpp/text/national.hpp"
#include "smpp/text/packing.hpp"
#include "smpp/text/udh.hpp"

namespace hikyaku::gateway {

namespace {

namespace text = smpp::text;
using plan_result = boost::system::result<text::plan, text::plan_failure>;

constexpr std::size_t octets_on_the_air = 140;
constexpr std::size_t septets_on_the_air = 160;

text::default_alphabet alphabet_of(config::default_alphabet value) {
    switch (value) {
        case config::default_alphabet::latin1:
            return text::default_alphabet::latin1;
        case config::default_alphabet::ascii:
            return text::default_alphabet::ascii;
        case config::default_alphabet::gsm7:
            break;
    }
    return text::default_alphabet::gsm7;
}

text::segmentation method_of(config::segmentation value) {
    switch (value) {
        case config::segmentation::udh16:
            return text::segmentation::udh16;
        case config::segmentation::sar:
            return text::segmentation::sar;
        case config::segmentation::payload:
            return text::segmentation::payload;
        case config::segmentation::none:
            return text::segmentation::none;
        case config::segmentation::udh8:
            break;
    }
    return text::segmentation::udh8;
}

/// The data_coding under which octets of this encoding are read whatever the carrier calls it.
std::uint8_t plain_data_coding(text::encoding encoding) {
    switch (encoding) {
        case text::encoding::gsm7:
            return 0;
        case text::encoding::ascii:
            return 1;
        case text::encoding::latin1:
            return 3;
        case text::encoding::ucs2:
            return 8;
        case text::encoding::binary:
            break;
    }
    return 4;
}

/// The text of octets, as a message stores them.
std::optional<std::string> read_back(const cut_message& message, text::octets octets,
                                     text::national_shift shift) {
    if (text::is_charset(message.encoding))
        return text::decode_fixed_charset(octets, message.encoding);
    auto decoded = text::decode_octets(octets, plain_data_coding(message.encoding), shift,
                                       text::default_alphabet::gsm7, text::on_fault::refuse);
    return decoded ? std::optional(std::move(*decoded)) : std::nullopt;
}

/// Octets that every carrier gets as the application wrote them: but not as text where the carrier
/// has a fixed alphabet, and not in the fixed alphabet of another.
bool keeps_octets(const cut_message& message, const text::text_profile& profile) {
    const bool rewritten = profile.fixed && message.encoding != text::encoding::binary;
    return message.choice == keep_octets && !rewritten && !text::is_charset(message.encoding);
}

/// A segment that is one because of a header that the application wrote.
bool has_own_header(const cut_message& message) {
    return message.udhi && message.method == text::segmentation::none && message.shift.is_default();
}

std::string joined(const cut_message& message) {
    std::string all;
    for (const auto segment : message.segments) {
        const auto parts = message.udhi ? text::split_udh(segment) : std::nullopt;
        all += text::chars_of(parts ? parts->text : segment);
    }
    return all;
}

plan_result as_it_is(const cut_message& message) {
    text::plan same;
    same.enc = message.encoding;
    same.data_coding = message.data_coding;
    same.udhi = message.udhi;
    same.units = same.units_per_single = message.segments.front().size();
    same.segments.emplace_back(text::chars_of(message.segments.front()));
    return same;
}

plan_result cut_behind_header(const cut_message& message, const text::text_profile& profile) {
    const auto segment = message.segments.front();
    const auto parts = text::split_udh(segment);
    if (!parts || keeps_octets(message, profile)) return as_it_is(message);
    const auto shift = message.encoding == text::encoding::gsm7 ? text::shift_of(parts->elements)
                                                                : text::national_shift{};
    const auto decoded = read_back(message, parts->text, shift);
    if (!decoded) return as_it_is(message);
    return plan_behind_header(segment.first(segment.size() - parts->text.size()), *decoded,
                              profile);
}

/// Whether the carrier takes segments of this length: what goes on the air, or what it cuts itself.
bool fits_in_air(const cut_message& message, const text::text_profile& profile) {
    if (message.method == text::segmentation::payload || text::is_charset(message.encoding))
        return true;  // those of a fixed alphabet were cut for the only carriers that take them
    const bool septets = message.encoding == text::encoding::gsm7 || message.data_coding == 0;
    const bool ucs2 = message.encoding == text::encoding::ucs2;
    const auto& own = septets ? profile.septets : ucs2 ? profile.ucs2 : profile.octets;
    const std::size_t most = message.segments.size() > 1 ? own.part : own.single;
    return std::all_of(message.segments.begin(), message.segments.end(), [&](auto segment) {
        const auto parts = message.udhi ? text::split_udh(segment) : std::nullopt;
        const std::size_t body = parts ? parts->text.size() : segment.size();
        const std::size_t header = segment.size() - body;
        const bool standard = septets ? text::header_septets(header) + body <= septets_on_the_air
                                      : segment.size() <= octets_on_the_air;
        return standard || body / (ucs2 ? 2 : 1) <= most;
    });
}

/// Whether a text's data_coding is the one that the carrier wants for such a text.
bool is_own_data_coding(const cut_message& message, const text::text_profile& profile) {
    constexpr std::uint8_t plain_ucs2 = 8, classes_in_f0 = 0xF0;
    if (message.data_coding == plain_ucs2) return profile.ucs2_data_coding == plain_ucs2;
    return message.encoding != text::encoding::gsm7 ||
           (message.data_coding >= classes_in_f0) == profile.class_in_f0;
}

}  // namespace

text::text_profile profile_of(const config::carrier_text& settings) {
    text::text_profile profile;
    if (const auto* shipped = text::find_profile(settings.profile)) profile = *shipped;
    profile.alphabet = alphabet_of(settings.alphabet);
    profile.packed = settings.packed;
    profile.latin1_allowed = settings.latin1;
    profile.ascii_allowed = settings.ascii;
    profile.ucs2_data_coding = static_cast<std::uint8_t>(settings.ucs2_data_coding);
    profile.class_in_f0 = settings.class_in_f0;
    if (const auto charset = text::find_charset(settings.fixed.charset)) {
        profile.fixed = {.charset = *charset,
                         .data_coding = static_cast<std::uint8_t>(settings.fixed.data_coding)};
    }
    for (const auto& language : settings.languages)
        profile.languages.insert(text::find_language(language));
    if (settings.segmentation) profile.method = method_of(*settings.segmentation);
    const auto set = [](std::uint16_t& into, std::uint32_t value) {
        if (value != 0) into = static_cast<std::uint16_t>(std::min<std::uint32_t>(value, 0xFFFF));
    };
    set(profile.parts_max, settings.parts_max);
    set(profile.septets.single, settings.single);
    set(profile.septets.part, settings.part);
    set(profile.octets.single, settings.octets_single);
    set(profile.octets.part, settings.octets_part);
    set(profile.ucs2.single, settings.ucs2_single);
    set(profile.ucs2.part, settings.ucs2_part);
    set(profile.ucs2.total, settings.units_max);
    return profile;
}

text::transliteration transliteration_of(config::transliteration value) {
    switch (value) {
        case config::transliteration::punctuation:
            return text::transliteration::punctuation;
        case config::transliteration::full:
            return text::transliteration::full;
        case config::transliteration::off:
            break;
    }
    return text::transliteration::off;
}

bool needs_recoding(std::uint8_t data_coding, const text::text_profile& profile) {
    const auto own = text::encoding_of(data_coding);
    if (profile.fixed) return own != text::encoding::binary;
    return text::encoding_of(data_coding, profile.alphabet) != own;
}

bool can_carry(const cut_message& message, const text::text_profile& profile) {
    if ((message.method == text::segmentation::sar ||
         message.method == text::segmentation::payload) &&
        message.method != profile.method)
        return false;
    for (const auto language : {message.shift.single, message.shift.locking})
        if (language != 0 && !profile.languages.contains(language)) return false;
    if (!fits_in_air(message, profile)) return false;
    if (keeps_octets(message, profile)) return true;
    if (profile.fixed || text::is_charset(message.encoding)) {
        return profile.fixed ==
               text::fixed_coding{.charset = message.encoding, .data_coding = message.data_coding};
    }
    if (message.data_coding == 0) return message.encoding == text::encoding_of(0, profile.alphabet);
    return is_own_data_coding(message, profile) &&
           (message.encoding != text::encoding::latin1 || profile.latin1_allowed) &&
           (message.encoding != text::encoding::ascii || profile.ascii_allowed);
}

std::optional<std::string> text_of(const cut_message& message) {
    if (message.encoding == text::encoding::binary) return {};
    const auto all = joined(message);
    return read_back(message, text::octets_of(all), message.shift);
}

plan_result cut_anew(const cut_message& message, const text::text_profile& profile,
                     std::uint16_t reference) {
    if (has_own_header(message)) return cut_behind_header(message, profile);
    const auto all = joined(message);
    text::plan_options options{.parts_max = message.parts_max, .reference = reference};
    if (!keeps_octets(message, profile)) {
        const auto decoded = read_back(message, text::octets_of(all), message.shift);
        if (decoded) {
            options.choice = message.choice == keep_octets
                                 ? text::encoding_choice::automatic
                                 : static_cast<text::encoding_choice>(message.choice);
            if (!text::is_charset(message.encoding))
                options.message_class = text::message_class_of(message.data_coding);
            return text::plan_text(*decoded, options, profile);
        }
    }
    return text::plan_octets(text::octets_of(all), message.data_coding, options, profile);
}

plan_result plan_behind_header(text::octets header, std::string_view body,
                               const text::text_profile& profile) {
    text::text_profile single = profile;
    single.method = text::segmentation::none;
    single.languages = {};
    auto made = text::plan_text(body, {.parts_max = 1}, single);
    if (!made) {
        const bool too_long = made.error().what == text::plan_error::too_many_parts ||
                              made.error().what == text::plan_error::too_many_units;
        return too_long ? text::plan_failure{text::plan_error::too_many_parts, 2} : made.error();
    }
    auto& segment = made->segments.front();
    const bool septets = made->enc == text::encoding::gsm7 || made->data_coding == 0;
    const bool fits = septets
                          ? text::header_septets(header.size()) + made->units <= septets_on_the_air
                          : header.size() + segment.size() <= octets_on_the_air;
    if (!fits) return text::plan_failure{text::plan_error::too_many_parts, 2};
    segment.insert(0, text::chars_of(header));
    made->udhi = true;
    return made;
}

std::string with_replacements(std::string_view given,
                              const std::vector<text::replacement>& changes) {
    std::string out;
    std::size_t from = 0;
    for (const auto& change : changes) {
        out.append(given, from, change.position - from);
        out += change.to;
        from = change.position + change.from.size();
    }
    out.append(given, std::min(from, given.size()));
    return out;
}

}  // namespace hikyaku::gateway
