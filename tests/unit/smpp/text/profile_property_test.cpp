// The planner against random texts at random carriers: what is put together is what was written,
// no segment exceeds what goes on the air or the carrier's own limits, nothing is torn, and
// national tables are used only where they save something. The seed is printed on failure.
#include <gtest/gtest.h>
#include <unicode/brkiter.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "smpp/text/data_coding.hpp"
#include "smpp/text/packing.hpp"
#include "smpp/text/plan.hpp"
#include "smpp/text/reassembly.hpp"
#include "smpp/text/ucs2.hpp"
#include "smpp/text/udh.hpp"
#include "smpp/text/utf8.hpp"
#include "tests/unit/smpp/text/random.hpp"

namespace hikyaku::smpp::text {
namespace {

bool one_in(generator& random, std::size_t n) {
    return below(random, n) == 0;
}

struct script {
    std::vector<std::pair<char32_t, char32_t>> ranges;
    std::vector<std::string_view> pieces;
};

const std::vector<script>& scripts() {
    static const std::vector<script> all{
        {{{0x20, 0x7E}}, {"\r\n", "\n", "\r"}},
        {{{0x20, 0x7E}}, {"[", "]", "{", "}", "€", "^", "~", "|", "\\", "\f"}},
        {{{0x20, 0x7E}}, {"`", "\t"}},
        {{{0x20, 0x7E}, {0xA0, 0xFF}}, {"é", "ç", "ñ"}},
        {{{0x391, 0x3A9}, {0x20, 0x40}}, {"Δ", "Ω"}},
        {{{0x20, 0x7A}}, {"ş", "Ş", "ğ", "ı", "İ", "ç", "ö", "ü", "€"}},
        {{{0x20, 0x7A}}, {"ã", "õ", "ç", "á", "ê", "ú", "Â", "`"}},
        {{{0x20, 0x7A}}, {"á", "í", "ó", "ú", "ñ", "¿", "Á"}},
        {{{0x4E00, 0x9FFF}, {0x3041, 0x3096}}, {"葛\U000E0100", "カﾞ", "𠮷"}},
        {{{0x1F300, 0x1F5FF}},
         {"👨‍👩‍👧‍👦", "👍🏽", "🇯🇵", "❤\uFE0F", "1\uFE0F\u20E3",
          "🏴‍☠️"}},
        {{{0x61, 0x7A}}, {"e\u0301", "o\u0323\u0302", "か\u3099", "Z\u0301\u0302\u0303"}},
        {{{0x61, 0x7A}}, {"“", "”", "’", "–", "…", "\u00A0", "Ａ", "１"}},
        {{{0x985, 0x9B9}, {0x9BE, 0x9CD}, {0x20, 0x20}}, {}},
        {{{0xA85, 0xAB9}, {0xABE, 0xACD}, {0x20, 0x20}}, {}},
        {{{0x905, 0x939}, {0x93E, 0x94D}, {0x20, 0x20}}, {"क्षि", "१", "।"}},
        {{{0xC85, 0xCB9}, {0xCBE, 0xCCD}, {0x20, 0x20}}, {"ಕ್ಷ"}},
        {{{0xD05, 0xD39}, {0xD3E, 0xD4D}, {0x20, 0x20}}, {}},
        {{{0xB05, 0xB39}, {0xB3E, 0xB4D}, {0x20, 0x20}}, {}},
        {{{0xA05, 0xA39}, {0xA3E, 0xA4D}, {0x20, 0x20}}, {}},
        {{{0xB85, 0xBB9}, {0xBBE, 0xBCD}, {0x20, 0x20}}, {"க்ஷ"}},
        {{{0xC05, 0xC39}, {0xC3E, 0xC4D}, {0x20, 0x20}}, {"€"}},
        {{{0x627, 0x64A}, {0x6C1, 0x6D4}, {0x20, 0x20}}, {"۱", "؟"}}};
    return all;
}

/// Only what the tables of a language have, so that they are used.
std::string national_text(generator& random) {
    const auto language = static_cast<std::uint8_t>(1 + below(random, language_max));
    const national_shift shift{.single = language,
                               .locking = has_locking_table(language) ? language : std::uint8_t{0}};
    const std::size_t size = below(random, 400);
    std::string text = "x";
    for (std::size_t i = 0; i < size; ++i) {
        std::string septets;
        if (one_in(random, 6)) septets.push_back('\x1B');
        septets.push_back(static_cast<char>(below(random, 128)));
        decode_gsm(octets_of(septets), shift, text);
    }
    return text;
}

std::string scripted_text(generator& random) {
    if (one_in(random, 4)) return national_text(random);
    const std::size_t several = one_in(random, 4) ? 3 : 1;
    std::string text = "x";  // a byte order mark at the start would be removed
    for (std::size_t part = 0; part < several; ++part) {
        const script& chosen = scripts()[below(random, scripts().size())];
        const std::size_t size = below(random, one_in(random, 2) ? 60 : 400);
        for (std::size_t i = 0; i < size; ++i) {
            if (!chosen.pieces.empty() && one_in(random, 4)) {
                text += chosen.pieces[below(random, chosen.pieces.size())];
                continue;
            }
            const auto [first, last] = chosen.ranges[below(random, chosen.ranges.size())];
            append_utf8(text, first + static_cast<char32_t>(below(random, last - first + 1)));
        }
    }
    return text;
}

unit_limits random_limits(generator& random) {
    if (!one_in(random, 3)) return {};
    const auto some = [&] { return static_cast<std::uint16_t>(10 + below(random, 200)); };
    return {.single = some(),
            .part = some(),
            .total = one_in(random, 3) ? static_cast<std::uint16_t>(some() * 4) : std::uint16_t{0}};
}

text_profile random_profile(generator& random) {
    text_profile profile{
        .alphabet = one_in(random, 4) ? static_cast<default_alphabet>(below(random, 3))
                                      : default_alphabet::gsm7,
        .packed = one_in(random, 2),
        .latin1_allowed = one_in(random, 3),
        .ascii_allowed = one_in(random, 3),
        .ucs2_data_coding = std::array<std::uint8_t, 3>{0x08, 0x18, 0x19}[below(random, 3)],
        .class_in_f0 = one_in(random, 2),
        .method = static_cast<segmentation>(below(random, 5)),
        .ucs2 = random_limits(random),
        .septets = random_limits(random),
        .octets = random_limits(random),
        .parts_max = static_cast<std::uint16_t>(one_in(random, 4) ? below(random, 20) : 0)};
    if (one_in(random, 2)) {
        for (std::uint8_t language = 1; language <= language_max; ++language)
            if (one_in(random, 3)) profile.languages.insert(language);
    }
    if (one_in(random, 4))
        for (std::uint8_t language = 1; language <= language_max; ++language)
            profile.languages.insert(language);
    return profile;
}

std::string after_changes(std::string_view text, const std::vector<replacement>& changes) {
    std::string changed;
    std::size_t at = 0;
    for (const replacement& change : changes) {
        changed += text.substr(at, change.position - at);
        EXPECT_EQ(text.substr(change.position, change.from.size()), change.from);
        EXPECT_NE(change.from, change.to);
        changed += change.to;
        at = change.position + change.from.size();
    }
    changed += text.substr(at);
    return changed;
}

struct received {
    octets elements;
    octets text;
};

received split(const plan& made, std::size_t index) {
    const octets whole = octets_of(made.segments[index]);
    if (!made.udhi) return {{}, whole};
    const auto parts = split_udh(whole);
    EXPECT_TRUE(parts.has_value());
    return parts ? received{parts->elements, parts->text} : received{};
}

std::optional<concatenation_info> info_of(const plan& made, const received& segment,
                                          std::size_t index) {
    if (made.method != segmentation::sar) return concatenation_of(segment.elements);
    return concatenation_from_sar(made.reference, static_cast<std::uint8_t>(made.parts),
                                  static_cast<std::uint8_t>(index + 1));
}

bool counts_as_septets(const plan& made) {
    return made.enc == encoding::gsm7 ||
           (made.data_coding == 0 && (made.enc == encoding::latin1 || made.enc == encoding::ascii));
}

std::size_t units_in(const plan& made, octets text) {
    if (made.enc == encoding::ucs2) return text.size() / 2;
    if (made.enc == encoding::gsm7 || !counts_as_septets(made)) return text.size();
    std::size_t septets = 0;
    for (const std::uint8_t octet : text)
        septets += std::max<std::size_t>(1, gsm_septets(octet));
    return septets;
}

/// Whether the carrier takes more than goes on the air, since it cuts by itself.
bool is_raised(const plan& made, std::uint16_t limit) {
    const bool several = made.parts > 1;
    if (counts_as_septets(made)) return limit > (several ? 153 : 160);
    if (made.enc == encoding::ucs2) return limit > (several ? 67 : 70);
    return limit > (several ? 134 : 140);
}

/// On the air: 140 octets, 160 septets with what the carrier adds, and the carrier's own limits.
void check_sizes(const plan& made, const text_profile& profile) {
    const unit_limits& own = counts_as_septets(made)      ? profile.septets
                             : made.enc == encoding::ucs2 ? profile.ucs2
                                                          : profile.octets;
    const std::uint16_t limit = made.parts > 1 ? own.part : own.single;
    const bool raised = is_raised(made, limit);
    for (std::size_t i = 0; i < made.segments.size(); ++i) {
        const received segment = split(made, i);
        std::size_t header = made.segments[i].size() - segment.text.size();
        if (made.method == segmentation::sar) header += header == 0 ? 6 : 5;
        if (made.method != segmentation::payload) {
            if (raised)
                ASSERT_LE(made.segments[i].size(), 254u);
            else if (counts_as_septets(made))
                ASSERT_LE(header_septets(header) + units_in(made, segment.text), 160u);
            else
                ASSERT_LE(header + segment.text.size(), 140u);
            if (limit != 0) ASSERT_LE(units_in(made, segment.text), limit);
        }
        const bool septets = std::ranges::all_of(segment.text, [](auto o) { return o < 0x80; });
        if (profile.packed && made.enc == encoding::gsm7 && septets &&
            made.method != segmentation::payload) {
            const std::string on_air = pack_segment(octets_of(made.segments[i]), made.udhi);
            if (!raised) ASSERT_LE(on_air.size(), 140u);
            std::string back = unpack_segment(octets_of(on_air), made.udhi);
            std::string sent = made.segments[i];
            if (back != sent) {  // only in the number of CR at the end of the message
                ASSERT_TRUE(sent.ends_with('\r'));
                ASSERT_TRUE(i + 1 == made.segments.size() || sent.ends_with("\r\r"));
                while (back.ends_with('\r'))
                    back.pop_back();
                while (sent.ends_with('\r'))
                    sent.pop_back();
                ASSERT_EQ(back, sent);
            }
        }
    }
}

/// The cuts lie between graphemes of the text, unless one is longer than a segment.
void check_cuts(const plan& made, std::string_view text, default_alphabet alphabet) {
    std::u16string units;
    ASSERT_FALSE(append_utf16(text, units));
    UErrorCode status = U_ZERO_ERROR;
    const std::unique_ptr<icu::BreakIterator> graphemes(
        icu::BreakIterator::createCharacterInstance(icu::Locale::getRoot(), status));
    const icu::UnicodeString whole(units.data(), static_cast<std::int32_t>(units.size()));
    graphemes->setText(whole);
    const auto room = [&](std::size_t begin, std::size_t end) {
        std::size_t taken = 0;
        for (std::size_t i = begin; i < end; ++i) {
            const bool escaped =
                counts_as_septets(made) &&
                (made.enc == encoding::gsm7 ? to_septets(units[i], made.shift) > 0x7F
                                            : gsm_septets(units[i]) == 2);
            taken += escaped ? 2 : 1;
        }
        return taken;
    };
    std::size_t cut = 0;
    for (std::size_t i = 0; i + 1 < made.segments.size(); ++i) {
        const received segment = split(made, i);
        const auto read =
            decode_octets(segment.text, made.data_coding, made.shift, alphabet, on_fault::refuse);
        ASSERT_TRUE(read.has_value());  // each segment can be read alone
        std::u16string piece;
        ASSERT_FALSE(append_utf16(*read, piece));
        ASSERT_FALSE(piece.empty());
        cut += piece.size();
        const auto at = static_cast<std::int32_t>(cut);
        if (graphemes->isBoundary(at)) continue;
        const auto begin = static_cast<std::size_t>(graphemes->preceding(at));
        const auto end = static_cast<std::size_t>(graphemes->following(at));
        ASSERT_GT(room(begin, end), made.units_per_part) << "torn at " << cut;
    }
}

std::string put_together(const plan& made, default_alphabet alphabet, generator& random) {
    if (made.method == segmentation::none || made.method == segmentation::payload) {
        EXPECT_EQ(made.segments.size(), 1u);
        const received whole = split(made, 0);
        const auto read =
            decode_octets(whole.text, made.data_coding, shift_of(whole.elements), alphabet);
        return read ? *read : "";
    }
    std::vector<std::size_t> order(made.segments.size());
    for (std::size_t i = 0; i < order.size(); ++i)
        order[i] = i;
    std::shuffle(order.begin(), order.end(), random);
    reassembler phone;
    std::string text = "never complete";
    for (const std::size_t i : order) {
        const received segment = split(made, i);
        const auto info = info_of(made, segment, i);
        EXPECT_TRUE(info.has_value());
        if (!info) return text;
        EXPECT_EQ(info->total, made.segments.size());
        EXPECT_EQ(info->sequence, i + 1);
        EXPECT_EQ(info->reference, made.reference);
        EXPECT_EQ(info->wide, made.method != segmentation::udh8);
        const auto added = phone.add("a", "b", *info, made.data_coding, segment.text, {},
                                     shift_of(segment.elements));
        if (added.message) text = added.message->text(alphabet);
    }
    EXPECT_EQ(phone.size(), 0u);
    return text;
}

void check_choice(const plan& made, std::string_view text, const plan_options& options,
                  const text_profile& profile) {
    EXPECT_EQ(encoding_of(made.data_coding, profile.alphabet), made.enc);
    EXPECT_EQ(message_class_of(made.data_coding).has_value(),
              options.message_class.has_value() ||
                  (made.enc == encoding::ucs2 && profile.ucs2_data_coding != 0x08));
    if (options.message_class) EXPECT_EQ(message_class_of(made.data_coding), options.message_class);
    if (!made.shift.is_default()) {
        text_profile without = profile;
        without.languages = {};
        const auto plain = plan_text(text, options, without);
        EXPECT_TRUE(!plain || plain->parts > made.parts || plain->replaced != made.replaced);
        EXPECT_TRUE(profile.languages.contains(std::max(made.shift.single, made.shift.locking)));
    }
    if (made.parts > 1) {
        plan_options fewer = options;
        fewer.parts_max = made.parts - 1;
        const auto refused = plan_text(text, fewer, profile);
        ASSERT_TRUE(refused.has_error());
        EXPECT_EQ(refused.error(), (plan_failure{plan_error::too_many_parts, made.parts}));
    }
}

TEST(profile_property, any_text_at_any_carrier) {
    std::map<segmentation, std::size_t> methods;
    std::map<encoding, std::size_t> encodings;
    std::size_t national = 0, replaced = 0, refused = 0, flash = 0;
    for (std::uint32_t seed = 1; seed <= 4000; ++seed) {
        SCOPED_TRACE(seed);
        generator random(seed);
        const std::string text = scripted_text(random);
        const text_profile profile = random_profile(random);
        plan_options options{.parts_max = 255,
                             .reference = static_cast<std::uint16_t>(below(random, 0x10000)),
                             .transliterate = static_cast<transliteration>(below(random, 3))};
        if (one_in(random, 5)) options.message_class = static_cast<std::uint8_t>(below(random, 4));
        if (one_in(random, 8)) options.choice = encoding_choice::ucs2;
        const auto made = plan_text(text, options, profile);
        if (!made) {
            ++refused;
            const plan_failure why = made.error();
            ASSERT_TRUE(why.what == plan_error::too_many_parts ||
                        why.what == plan_error::too_many_units);
            ASSERT_GE(why.position, 1u);
            if (why.what == plan_error::too_many_parts) {
                ASSERT_GT(why.position, profile.method == segmentation::none ? 1u
                                        : profile.parts_max == 0             ? 255u
                                                                             : profile.parts_max);
            }
            continue;
        }
        ++methods[made->method];
        ++encodings[made->enc];
        national += made->shift.is_default() ? 0 : 1;
        replaced += made->replaced.empty() ? 0 : 1;
        flash += options.message_class ? 1 : 0;
        const std::string expected = after_changes(text, made->replaced);
        ASSERT_EQ(put_together(*made, profile.alphabet, random), expected);
        check_sizes(*made, profile);
        check_cuts(*made, expected, profile.alphabet);
        check_choice(*made, text, options, profile);
        if (HasFailure()) return;
    }
    // The generator reaches what it is for.
    EXPECT_EQ(methods.size(), 5u);
    EXPECT_EQ(encodings.size(), 4u);
    for (const auto& [method, count] : methods)
        EXPECT_GT(count, 150u) << name_of(method);
    for (const auto& [enc, count] : encodings)
        EXPECT_GT(count, 30u) << name_of(enc);
    EXPECT_GT(national, 100u);
    EXPECT_GT(replaced, 50u);
    EXPECT_GT(refused, 200u);
    EXPECT_GT(flash, 300u);
}

TEST(profile_property, octets_at_any_carrier) {
    std::size_t several = 0, marks = 0;
    for (std::uint32_t seed = 1; seed <= 3000; ++seed) {
        SCOPED_TRACE(seed);
        generator random(seed);
        std::string bytes(below(random, 1200), '\0');
        const bool high = one_in(random, 2);
        for (char& byte : bytes)
            byte = static_cast<char>(below(random, high ? 0x100 : 0x80));
        if (one_in(random, 8)) bytes.insert(0, "\xFE\xFF");
        const auto data_coding = static_cast<std::uint8_t>(below(random, 256));
        const text_profile profile = random_profile(random);
        const auto made = plan_octets(octets_of(bytes), data_coding, {.parts_max = 255}, profile);
        const bool ucs2 = encoding_of(data_coding, profile.alphabet) == encoding::ucs2;
        if (!made) {
            const bool odd = ucs2 && bytes.size() % 2 != 0;
            ASSERT_EQ(made.error().what == plan_error::invalid_octets, odd);
            continue;
        }
        const bool marked = ucs2 && bytes.starts_with("\xFE\xFF");
        marks += marked ? 1 : 0;
        ASSERT_EQ(made->data_coding, data_coding);
        ASSERT_EQ(made->enc, encoding_of(data_coding, profile.alphabet));
        several += made->parts > 1 ? 1 : 0;
        std::string joined;
        for (std::size_t i = 0; i < made->segments.size(); ++i)
            joined += chars_of(split(*made, i).text);
        ASSERT_EQ(joined, marked ? bytes.substr(2) : bytes);
        check_sizes(*made, profile);
        if (HasFailure()) return;
    }
    EXPECT_GT(several, 500u);
    EXPECT_GT(marks, 10u);
}

}  // namespace
}  // namespace hikyaku::smpp::text
