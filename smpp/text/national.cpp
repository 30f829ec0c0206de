#include "smpp/text/national.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <span>

#include "smpp/text/national_tables.hpp"
#include "smpp/text/profile.hpp"
#include "smpp/text/udh.hpp"
#include "smpp/text/utf8.hpp"

namespace hikyaku::smpp::text {

namespace {

constexpr std::uint8_t turkish = 1, spanish = 2, portuguese = 3, telugu = 12;
constexpr std::size_t languages = language_max + std::size_t{1};

using septet_table = std::array<char16_t, 128>;  // 0 where nothing is defined
using runs = std::span<const detail::septet_run>;

constexpr std::array<std::string_view, languages> language_names{
    "",        "turkish",   "spanish", "portuguese", "bengali", "gujarati", "hindi",
    "kannada", "malayalam", "oriya",   "punjabi",    "tamil",   "telugu",   "urdu"};

constexpr std::array<runs, languages> locking_runs{runs{},
                                                   detail::turkish_locking,
                                                   runs{},
                                                   detail::portuguese_locking,
                                                   detail::bengali_locking,
                                                   detail::gujarati_locking,
                                                   detail::hindi_locking,
                                                   detail::kannada_locking,
                                                   detail::malayalam_locking,
                                                   detail::oriya_locking,
                                                   detail::punjabi_locking,
                                                   detail::tamil_locking,
                                                   detail::telugu_locking,
                                                   detail::urdu_locking};

constexpr std::array<runs, languages> single_runs{runs{},
                                                  detail::turkish_single,
                                                  detail::spanish_single,
                                                  detail::portuguese_single,
                                                  detail::bengali_single,
                                                  detail::gujarati_single,
                                                  detail::hindi_single,
                                                  detail::kannada_single,
                                                  detail::malayalam_single,
                                                  detail::oriya_single,
                                                  detail::punjabi_single,
                                                  detail::tamil_single,
                                                  detail::telugu_single,
                                                  detail::urdu_single};

constexpr void write_runs(runs changes, septet_table& to) {
    for (const detail::septet_run& run : changes)
        for (std::uint8_t i = 0; i < run.count; ++i)
            to[run.septet + std::size_t{i}] = static_cast<char16_t>(run.first + i);
}

consteval std::array<septet_table, languages> make_locking() {
    std::array<septet_table, languages> made{};
    for (std::size_t language = 0; language < languages; ++language) {
        if (language <= portuguese) {
            std::ranges::copy(gsm_default_table, made[language].begin());
            made[language][gsm_escape] = 0;
        } else {
            write_runs(detail::indic_locking_base, made[language]);
        }
        write_runs(locking_runs[language], made[language]);
    }
    return made;
}

consteval std::array<septet_table, languages> make_single() {
    std::array<septet_table, languages> made{};
    for (std::size_t language = 0; language < languages; ++language) {
        if (language <= portuguese)
            for (const gsm_extension& entry : gsm_extension_table)
                made[language][entry.septet] = entry.character;
        else
            write_runs(detail::indic_single_base, made[language]);
        write_runs(single_runs[language], made[language]);
    }
    return made;
}

constexpr std::array<septet_table, languages> locking_tables = make_locking();
constexpr std::array<septet_table, languages> single_tables = make_single();

struct reverse_entry {
    char16_t character;
    std::uint8_t septet;
};

/// A septet_table by character; what stands in it twice is written with the lower septet.
struct reverse_table {
    std::array<reverse_entry, 128> entries{};
    std::size_t size = 0;

    constexpr void add(char16_t character, std::uint8_t septet) {
        std::size_t at = size;
        for (; at > 0 && entries[at - 1].character >= character; --at)
            if (entries[at - 1].character == character) return;
        for (std::size_t i = size++; i > at; --i)
            entries[i] = entries[i - 1];
        entries[at] = {character, septet};
    }
    /// The septet, or not_in_gsm.
    [[nodiscard]] constexpr std::uint16_t find(char32_t character) const {
        const auto* const last = entries.begin() + size;
        const auto* const found = std::lower_bound(
            entries.begin(), last, character,
            [](const reverse_entry& entry, char32_t wanted) { return entry.character < wanted; });
        return found != last && found->character == character ? found->septet : not_in_gsm;
    }
};

consteval std::array<reverse_table, languages> make_reverse(
    const std::array<septet_table, languages>& tables, bool single) {
    std::array<reverse_table, languages> made{};
    for (std::size_t language = 0; language < languages; ++language) {
        for (std::uint8_t septet = 0; septet < 128; ++septet) {
            const char16_t character = tables[language][septet];
            const bool read_only = single && language == telugu && character == u'\u20AC';
            if (character != 0 && !read_only) made[language].add(character, septet);
        }
    }
    return made;
}

constexpr std::array<reverse_table, languages> locking_reverse =
    make_reverse(locking_tables, false);
constexpr std::array<reverse_table, languages> single_reverse = make_reverse(single_tables, true);

char16_t plain_character(std::uint8_t septet, national_shift shift) {
    const char16_t character = locking_tables[shift.locking][septet];
    return character != 0 ? character : u' ';
}

char16_t escaped_character(std::uint8_t septet, national_shift shift) {
    const char16_t character = single_tables[shift.single][septet];
    return character != 0 ? character : plain_character(septet, shift);
}

}  // namespace

static_assert(locking_tables[turkish][0x40] == u'\u0130' && single_tables[spanish][0x09] == u'ç');

std::string_view language_name(std::uint8_t language) noexcept {
    return language <= language_max ? language_names[language] : std::string_view{};
}

std::uint8_t find_language(std::string_view name) noexcept {
    for (std::uint8_t language = 1; language <= language_max; ++language)
        if (language_names[language] == name) return language;
    return 0;
}

bool has_locking_table(std::uint8_t language) noexcept {
    return language >= 1 && language <= language_max && language != spanish;
}

national_shift shift_of(octets elements) noexcept {
    national_shift shift;
    udh_reader reader(elements);
    while (const auto element = reader.next()) {
        if (element->data.size() != 1) continue;
        const std::uint8_t language = element->data[0];
        if (element->id == single_shift_element)
            shift.single = language <= language_max ? language : std::uint8_t{0};
        else if (element->id == locking_shift_element)
            shift.locking = has_locking_table(language) ? language : std::uint8_t{0};
    }
    return shift;
}

std::uint16_t to_septets(char32_t code_point, national_shift shift) noexcept {
    assert(shift.single <= language_max && shift.locking <= language_max);
    const std::uint16_t plain = locking_reverse[shift.locking].find(code_point);
    if (plain != not_in_gsm) return plain;
    const std::uint16_t escaped = single_reverse[shift.single].find(code_point);
    return escaped == not_in_gsm ? escaped : static_cast<std::uint16_t>(gsm_escape << 8 | escaped);
}

gsm_outcome encode_gsm(std::string_view utf8, national_shift shift, std::string& out) {
    out.reserve(out.size() + utf8.size());
    for (std::size_t i = 0; i < utf8.size();) {
        const utf8_character character = decode_utf8(utf8, i);
        if (character.bytes == 0) return {gsm_fault::invalid_utf8, i};
        const std::uint16_t code = to_septets(character.code_point, shift);
        if (code == not_in_gsm) return {gsm_fault::not_in_alphabet, i};
        if (code > 0x7F) out.push_back(static_cast<char>(gsm_escape));
        out.push_back(static_cast<char>(code & 0x7F));
        i += character.bytes;
    }
    return {};
}

std::size_t decode_gsm(octets septets, national_shift shift, std::string& out) {
    assert(shift.single <= language_max && shift.locking <= language_max);
    std::size_t replaced = 0;
    out.reserve(out.size() + septets.size());
    for (std::size_t i = 0; i < septets.size(); ++i) {
        const std::uint8_t septet = septets[i];
        if (septet > 0x7F) {
            append_utf8(out, replacement_character);
            ++replaced;
        } else if (septet == gsm_escape && i + 1 < septets.size() && septets[i + 1] <= 0x7F) {
            append_utf8(out, escaped_character(septets[++i], shift));
        } else {
            append_utf8(out, plain_character(septet, shift));
        }
    }
    return replaced;
}

}  // namespace hikyaku::smpp::text
