#include "smpp/text/plan.hpp"

#include <algorithm>

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

/// Finds the alphabet of a carrier that writes a text with the fewest segments.
class chooser {
public:
    chooser(std::string_view utf8, const plan_options& options, const text_profile& profile)
        : utf8_(utf8), options_(options), profile_(profile) {}

    candidate_result choose() {
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
        const gsm_outcome outcome = encode_octets(utf8_, enc, shift, text.octets);
        if (outcome.fault != gsm_fault::none) return outcome;
        if (!shift.is_default()) (void)append_utf16(utf8_, text.units);
        candidate made = weigh(std::move(text), profile_, best_.parts);
        if (made.parts != 0 && (best_.parts == 0 || made.parts < best_.parts)) {
            best_ = std::move(made);
        }
        return outcome;
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
        for (std::uint8_t language = 1; language <= language_max; ++language) {
            if (!profile_.languages.contains(language)) continue;
            (void)try_octets(encoding::gsm7, {.single = language});
            if (!has_locking_table(language)) continue;
            (void)try_octets(encoding::gsm7, {.locking = language});
            (void)try_octets(encoding::gsm7, {.single = language, .locking = language});
        }
    }

    /// Whether one septet a character beside the shortest header would take fewer segments.
    [[nodiscard]] bool may_save() const {
        if (best_.parts == 0) return true;
        const segment_room room = room_for(encoding::gsm7, {.single = 1}, profile_);
        const auto continues = [](char byte) { return (byte & 0xC0) == 0x80; };
        const auto characters =
            utf8_.size() - static_cast<std::size_t>(std::ranges::count_if(utf8_, continues));
        if (characters <= room.single) return true;
        return (characters + room.part - 1) / room.part < best_.parts;
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
    const bool gsm = profile.alphabet == default_alphabet::gsm7 && !options.message_class &&
                     options.choice != encoding_choice::ucs2;
    if (!gsm || utf8.size() > bytes_max) return false;
    std::string septets;
    if (encode_gsm(utf8, septets).fault != gsm_fault::none) return false;
    const segment_room room = room_for(encoding::gsm7, {}, profile);
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
    return chosen && chosen->text.enc == encoding_of(0, profile.alphabet) &&
           chosen->text.shift.is_default();
}

/// Whether the transliterated text is worth its changes: fewer segments, or no UCS-2 any more.
bool is_worth_it(const candidate_result& changed, const candidate_result& given) {
    if (!changed) return false;
    if (!given) return given.error().what == plan_error::not_in_alphabet;
    if (changed->parts != given->parts) return changed->parts < given->parts;
    return given->text.enc == encoding::ucs2 && changed->text.enc != encoding::ucs2;
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
    plan_result single{plan{}};
    if (try_single_gsm(utf8, options, profile, single)) return single;
    auto chosen = chooser(utf8, options, profile).choose();
    std::vector<replacement> replaced;
    if (options.transliterate != transliteration::off && !is_plain(chosen, profile)) {
        transliterated changed = transliterate(utf8, options.transliterate);
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
        return assemble(weigh(std::move(text), profile), options, profile);
    }
    if (bytes.size() % 2 != 0) {
        return plan_failure{plan_error::invalid_octets, bytes.size() - 1};
    }
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
        if (gsm_septets(character.code_point) == 0 && std::ranges::none_of(found, is_same)) {
            found.push_back({i, character.code_point});
        }
        i += character.bytes;
    }
    return found;
}

}  // namespace hikyaku::smpp::text
