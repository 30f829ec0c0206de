#include "smpp/text/plan.hpp"

#include <algorithm>

#include "smpp/text/character_counts.hpp"
#include "smpp/text/fixed_charset.hpp"
#include "smpp/text/gsm.hpp"
#include "smpp/text/segments.hpp"
#include "smpp/text/ucs2.hpp"
#include "smpp/text/utf8.hpp"

namespace hikyaku::smpp::text {

namespace {

using plan_result = boost::system::result<plan, plan_failure>;
using candidate_result = boost::system::result<candidate, plan_failure>;

/// Bytes of a byte order mark at the start: it is no part of the text, and would force UCS-2.
std::size_t mark_bytes(std::string_view utf8) {
    return utf8.starts_with("\xEF\xBB\xBF") ? 3 : 0;
}

/// Code points, by the bytes that begin one.
std::size_t characters_of(std::string_view utf8) {
    return static_cast<std::size_t>(std::ranges::count_if(
        utf8, [](char byte) { return (byte & 0xC0) != 0x80; }));
}

/// Finds the alphabet of a carrier that writes a text with the fewest segments.
class chooser {
public:
    chooser(std::string_view utf8, const plan_options& options, const text_profile& profile)
        : utf8_(utf8), options_(options), profile_(profile) {}

    candidate_result choose() {
        if (profile_.fixed) return choose_fixed();
        if (options_.choice == encoding_choice::ucs2) return choose_ucs2();
        gsm_outcome outcome = try_octets(default_encoding(), {});
        if (outcome.fault == gsm_fault::invalid_utf8) return invalid(outcome.position);
        if (best_.parts == 1) return std::move(best_);
        if (best_.parts == 0 && options_.choice == encoding_choice::automatic) {
            if (profile_.ascii_allowed) (void)try_octets(encoding::ascii, {});
            if (profile_.latin1_allowed) (void)try_octets(encoding::latin1, {});
            auto wide = choose_ucs2();
            if (!wide || best_.parts == 0 || wide->parts < best_.parts) {
                if (!wide) return wide;
                best_ = std::move(*wide);
            }
        }
        if (best_.parts != 1) try_languages();
        if (best_.parts != 0) return std::move(best_);
        return plan_failure{plan_error::not_in_alphabet, outcome.position};
    }

private:
    static plan_failure invalid(std::size_t position) {
        return {plan_error::invalid_utf8, position};
    }

    [[nodiscard]] encoding default_encoding() const {
        // A message class exists for GSM only (TS 23.038), whatever stands behind data_coding 0.
        return options_.message_class ? encoding::gsm7 : encoding_of(0, profile_.alphabet);
    }

    /// Takes the text in an alphabet as the best one if it needs fewer segments than that.
    gsm_outcome try_octets(encoding enc, national_shift shift) {
        const auto data_coding = compose_data_coding(enc, options_.message_class, profile_);
        if (!data_coding) return {gsm_fault::not_in_alphabet, 0};
        encoded_text text{.enc = enc, .data_coding = *data_coding, .shift = shift};
        const bool gsm_only = options_.choice == encoding_choice::gsm7;
        const gsm_outcome outcome = encode_octets(utf8_, enc, shift, gsm_only, text.octets);
        if (outcome.fault != gsm_fault::none) return outcome;
        measure(text);
        if (!shift.is_default()) (void)append_utf16(utf8_, text.units);
        candidate made = weigh(std::move(text), profile_, best_.parts);
        if (made.parts != 0 && (best_.parts == 0 || made.parts < best_.parts))
            best_ = std::move(made);
        return outcome;
    }

    /// The one alphabet of the carrier, whatever was asked for but GSM.
    candidate_result choose_fixed() {
        const auto& [charset, data_coding] = *profile_.fixed;
        encoded_text text{.enc = charset, .data_coding = data_coding};
        if (const auto fault = append_utf16(utf8_, text.units)) return invalid(*fault);
        if (options_.choice == encoding_choice::gsm7) {
            std::string septets;
            const gsm_outcome outcome = encode_gsm(utf8_, septets);
            if (outcome.fault != gsm_fault::none)
                return plan_failure{plan_error::not_in_alphabet, outcome.position};
        }
        auto written = encode_charset(text.units, charset);
        if (!written)
            return plan_failure{plan_error::not_in_alphabet, byte_offset(written.error())};
        text.octets = std::move(written->octets);
        measure(text);
        return weigh(std::move(text), profile_);
    }

    /// Where a UTF-16 unit of the text begins in UTF-8.
    [[nodiscard]] std::size_t byte_offset(std::size_t unit) const {
        std::size_t at = 0;
        for (std::size_t seen = 0; at < utf8_.size() && seen < unit;) {
            const utf8_character character = decode_utf8(utf8_, at);
            seen += character.code_point > 0xFFFF ? 2 : 1;
            at += character.bytes;
        }
        return at;
    }

    candidate_result choose_ucs2() {
        const auto data_coding =
            compose_data_coding(encoding::ucs2, options_.message_class, profile_);
        if (!data_coding) return plan_failure{plan_error::not_in_alphabet, 0};
        encoded_text text{.enc = encoding::ucs2, .data_coding = *data_coding};
        if (const auto fault = append_utf16(utf8_, text.units)) return invalid(*fault);
        append_utf16be(text.units, text.octets);
        return weigh(std::move(text), profile_);
    }

    /// A header takes room, and not every phone has the tables: only for fewer segments. A payload
    /// carries no header, and the tables belong to GSM.
    void try_languages() {
        if (profile_.languages.empty() || profile_.method == segmentation::payload) return;
        if (default_encoding() != encoding::gsm7 || !may_save()) return;
        const character_counts counts(utf8_);
        for (std::uint8_t language = 1; language <= language_max; ++language) {
            if (!profile_.languages.contains(language)) continue;
            try_tables(counts, {.single = language});
            if (!has_locking_table(language)) continue;
            try_tables(counts, {.locking = language});
            try_tables(counts, {.single = language, .locking = language});
        }
    }

    /// Writes the text in the tables if they have all of it and could take fewer segments.
    void try_tables(const character_counts& counts, national_shift shift) {
        const auto septets = counts.septets(shift);
        if (!septets) return;
        const segment_room room = room_for(encoding::gsm7, 0, shift, profile_);
        if (best_.parts != 0 && least_parts(*septets, room) >= best_.parts) return;
        (void)try_octets(encoding::gsm7, shift);
    }

    /// Whether one septet a character beside the shortest header would take fewer segments.
    [[nodiscard]] bool may_save() const {
        if (best_.parts == 0) return true;
        const segment_room room = room_for(encoding::gsm7, 0, {.single = 1}, profile_);
        return least_parts(characters_of(utf8_), room) < best_.parts;
    }

    std::string_view utf8_;
    const plan_options& options_;
    const text_profile& profile_;
    candidate best_;
};

/// What most texts are: one segment in the GSM alphabet. The same answer as by weighing, in less
/// time; false for everything else.
bool try_single_gsm(std::string_view utf8, const plan_options& options, const text_profile& profile,
                    plan_result& into) {
    constexpr std::size_t bytes_max = 320;  // longer ones are hardly one segment
    const bool gsm = profile.alphabet == default_alphabet::gsm7 && !profile.fixed &&
                     !options.message_class && options.choice != encoding_choice::ucs2;
    if (!gsm || utf8.size() > bytes_max) return false;
    std::string septets;
    if (encode_gsm(utf8, septets).fault != gsm_fault::none) return false;
    const segment_room room = room_for(encoding::gsm7, 0, {}, profile);
    const std::size_t units = septets.size();
    if (units > room.single || (room.total != 0 && units > room.total)) return false;
    plan& made = *into;
    made.units = units;
    made.units_per_single = room.single;
    made.units_per_part = room.part;
    made.billed = billed_units(profile, encoding::gsm7, units, 1);
    made.segments.push_back(std::move(septets));
    return true;
}

bool is_plain(const candidate_result& chosen, const text_profile& profile) {
    if (!chosen) return false;
    if (profile.fixed) return chosen->text.enc == profile.fixed->charset;
    return chosen->text.enc == encoding_of(0, profile.alphabet) && chosen->text.shift.is_default();
}

/// Whether the transliterated text is worth its changes: fewer segments, or no UCS-2 any more.
bool is_worth_it(const candidate_result& changed, const candidate_result& given) {
    if (!changed) return false;
    if (!given) return given.error().what == plan_error::not_in_alphabet;
    if (changed->parts != given->parts) return changed->parts < given->parts;
    return given->text.enc == encoding::ucs2 && changed->text.enc != encoding::ucs2;
}

/// What the carrier's alphabet is for the text: GSM where there is a message class.
target_alphabet target_of(const plan_options& options, const text_profile& profile) {
    if (profile.fixed)
        return {.enc = profile.fixed->charset, .gsm_only = options.choice == encoding_choice::gsm7};
    const bool gsm = options.message_class.has_value();
    return {.enc = gsm ? encoding::gsm7 : encoding_of(0, profile.alphabet),
            .gsm_only = options.choice == encoding_choice::gsm7};
}

/// The largest segments that the carrier takes in any alphabet.
segment_room widest_room(const text_profile& profile) {
    if (profile.fixed)
        return room_for(profile.fixed->charset, profile.fixed->data_coding, {}, profile);
    segment_room widest = room_for(encoding::gsm7, 0, {}, profile);
    for (const encoding enc : {encoding::latin1, encoding::ucs2}) {
        const auto data_coding = static_cast<std::uint8_t>(enc == encoding::ucs2 ? 8 : 3);
        const segment_room room = room_for(enc, data_coding, {}, profile);
        widest.single = std::max(widest.single, room.single);
        widest.part = std::max(widest.part, room.part);
    }
    return widest;
}

/// Whether a transliterated text could be one that is sent at all. One that is too long for that
/// is not worth the work.
bool may_fit_after_changes(std::string_view utf8, const text_profile& profile) {
    return least_parts(least_characters(utf8), widest_room(profile)) <= parts_limit;
}

/// The refusal of a text that is too long to be looked at: the segments it takes at least.
plan_failure too_long(std::string_view utf8, const text_profile& profile) {
    const std::size_t characters = std::max(characters_of(utf8), utf8.size() / 4);
    return {plan_error::too_many_parts, least_parts(characters, widest_room(profile))};
}

void widen(planned_range::bounds& bounds, std::uint32_t value, bool first) {
    bounds.least = first ? value : std::min(bounds.least, value);
    bounds.most = std::max(bounds.most, value);
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
                      const text_profile& profile) {
    const std::size_t skipped = mark_bytes(utf8);
    utf8.remove_prefix(skipped);
    if (utf8.size() > text_bytes_max) return too_long(utf8, profile);
    plan_result single{plan{}};
    if (try_single_gsm(utf8, options, profile, single)) return single;
    auto chosen = chooser(utf8, options, profile).choose();
    std::vector<replacement> replaced;
    const bool valid = chosen || chosen.error().what != plan_error::invalid_utf8;
    const bool wanted = options.transliterate != transliteration::off && valid;
    if (wanted && !is_plain(chosen, profile) && may_fit_after_changes(utf8, profile)) {
        transliterated changed =
            transliterate(utf8, options.transliterate, target_of(options, profile));
        if (!changed.changes.empty()) {
            auto other = chooser(changed.text, options, profile).choose();
            if (is_worth_it(other, chosen)) {
                chosen = std::move(other);
                replaced = std::move(changed.changes);
            }
        }
    }
    if (!chosen) return plan_failure{chosen.error().what, chosen.error().position + skipped};
    auto made = assemble(std::move(*chosen), options, profile);
    if (made && !replaced.empty()) {
        for (replacement& change : replaced)
            change.position += skipped;
        made->replaced = std::move(replaced);
    }
    return made;
}

plan_result plan_octets(octets bytes, std::uint8_t data_coding, const plan_options& options,
                        const text_profile& profile) {
    encoded_text text{.enc = encoding_of(data_coding, profile.alphabet),
                      .data_coding = data_coding};
    if (text.enc != encoding::ucs2) {
        text.octets = chars_of(bytes);
        measure(text);
        return assemble(weigh(std::move(text), profile), options, profile);
    }
    if (bytes.size() % 2 != 0) return plan_failure{plan_error::invalid_octets, bytes.size() - 1};
    text.units = utf16_units(bytes);
    append_utf16be(text.units, text.octets);
    return assemble(weigh(std::move(text), profile), options, profile);
}

planned_range plan_range(std::string_view utf8, const plan_options& options,
                         std::span<const text_profile> profiles) {
    planned_range range;
    for (const text_profile& profile : profiles) {
        const auto made = plan_text(utf8, options, profile);
        if (!made) {
            if (!range.refused) range.refused = made.error();
            continue;
        }
        const bool first = range.planned++ == 0;
        widen(range.parts, made->parts, first);
        widen(range.units, static_cast<std::uint32_t>(made->units), first);
        widen(range.billed, made->billed, first);
    }
    return range;
}

std::vector<forcing_character> forcing_characters(std::string_view utf8, std::size_t count_max) {
    std::vector<forcing_character> found;
    for (std::size_t i = mark_bytes(utf8); i < utf8.size() && found.size() < count_max;) {
        const utf8_character character = decode_utf8(utf8, i);
        if (character.bytes == 0) break;
        const auto is_same = [&](const forcing_character& other) {
            return other.code_point == character.code_point;
        };
        if (gsm_septets(character.code_point) == 0 && std::ranges::none_of(found, is_same))
            found.push_back({i, character.code_point});
        i += character.bytes;
    }
    return found;
}

}  // namespace hikyaku::smpp::text
