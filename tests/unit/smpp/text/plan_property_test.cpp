// The planner against random texts: what a phone puts together is what was written, every segment
// fits on the air, nothing is torn, and no segment is cut early. The seed is printed on failure.
#include <gtest/gtest.h>
#include <unicode/brkiter.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "smpp/text/data_coding.hpp"
#include "smpp/text/gsm.hpp"
#include "smpp/text/plan.hpp"
#include "smpp/text/reassembly.hpp"
#include "smpp/text/ucs2.hpp"
#include "smpp/text/udh.hpp"
#include "smpp/text/utf8.hpp"
#include "tests/unit/smpp/text/random.hpp"

namespace hikyaku::smpp::text {
namespace {

constexpr std::array<std::string_view, 20> gsm_pieces{"a", "Z",  "@", "é", "€",  "[",    "]",
                                                      "~", "\\", "^", "|", "\n", "\r\n", "\r",
                                                      " ", "Ω",  "0", "{", "\f", "à"};
constexpr std::array<std::string_view, 24> any_pieces{"日",
                                                      "本",
                                                      "か",
                                                      "か\u3099",
                                                      "ｶﾞ",
                                                      "葛\U000E0100",
                                                      "e\u0301",
                                                      "😀",
                                                      "👍🏽",
                                                      "👨‍👩‍👧‍👦",
                                                      "🇯🇵",
                                                      "🇩🇪🇫🇷",
                                                      "\r\n",
                                                      "a",
                                                      "각",
                                                      "\u1100\u1161\u11A8",
                                                      "क्षि",
                                                      "ก\u0E33",
                                                      "\u0301",
                                                      "\u200D",
                                                      "❤\uFE0F",
                                                      "\u0600a",
                                                      "1\uFE0F\u20E3",
                                                      "🏴‍☠️"};

char32_t random_code_point(generator& random) {
    const std::array<std::pair<char32_t, char32_t>, 6> ranges{{{0x20, 0x7E},
                                                               {0xA0, 0x24F},
                                                               {0x300, 0x36F},
                                                               {0x3040, 0x30FF},
                                                               {0x900, 0xDFF},
                                                               {0x1F1E6, 0x1FAFF}}};
    const auto [first, last] = ranges[below(random, ranges.size())];
    return first + static_cast<char32_t>(below(random, last - first + 1));
}

std::string random_text(generator& random) {
    const std::size_t kind = below(random, 4);
    const std::size_t pieces = below(random, below(random, 2) == 0 ? 90 : 700);
    std::string text = "x";  // a byte order mark at the start would be removed
    for (std::size_t i = 0; i < pieces; ++i)
        if (kind <= 1 || (kind == 3 && below(random, 3) == 0))
            text += gsm_pieces[below(random, gsm_pieces.size())];
        else if (below(random, 5) != 0)
            text += any_pieces[below(random, any_pieces.size())];
        else
            append_utf8(text, random_code_point(random));
    return text;
}

/// Boundaries between graphemes by one full pass of ICU: true at each unit that begins one.
std::vector<bool> grapheme_starts(std::u16string_view units) {
    UErrorCode status = U_ZERO_ERROR;
    const std::unique_ptr<icu::BreakIterator> iterator(
        icu::BreakIterator::createCharacterInstance(icu::Locale::getRoot(), status));
    EXPECT_TRUE(U_SUCCESS(status));
    const icu::UnicodeString text(units.data(), static_cast<std::int32_t>(units.size()));
    iterator->setText(text);
    std::vector<bool> starts(units.size() + 1, false);
    for (std::int32_t at = iterator->first(); at != icu::BreakIterator::DONE; at = iterator->next())
        starts[static_cast<std::size_t>(at)] = true;
    return starts;
}

std::vector<bool> character_starts(std::string_view septets) {
    std::vector<bool> starts(septets.size() + 1, false);
    std::size_t at = 0;
    while (at < septets.size()) {
        starts[at] = true;
        at += gsm_character_octets(octets_of(septets), at);
    }
    starts[at] = true;
    return starts;
}

/// Checks the cuts after `sizes` units each: at starts of characters, unless the character is
/// longer than a segment; and the character after the cut would not have fitted.
void check_cuts(std::string_view text, const std::vector<std::size_t>& sizes,
                const std::vector<bool>& starts, std::size_t units_max) {
    const auto next_start = [&](std::size_t at) {
        while (!starts[++at]) {
        }
        return at;
    };
    std::size_t begin = 0;
    for (std::size_t i = 0; i + 1 < sizes.size(); ++i) {
        const std::size_t cut = begin + sizes[i];
        ASSERT_GT(sizes[i], 0u);
        if (starts[cut]) {
            // A lone CR that would end a GSM segment begins the next one.
            const std::size_t after = next_start(cut);
            const bool moved = text[cut] == '\r' && after == cut + 1 && after + 1 < starts.size() &&
                               next_start(after) - begin > units_max;
            ASSERT_TRUE(moved || after - begin > units_max) << "cut early at " << cut;
        } else {
            std::size_t start = cut;
            while (!starts[start])
                --start;
            ASSERT_GT(next_start(start) - start, units_max) << "torn at " << cut;
        }
        begin = cut;
    }
}

void check_plan(const plan& made, const std::string& text, std::uint8_t reference) {
    const bool wide = made.enc == encoding::ucs2;
    const std::size_t total = made.segments.size();
    std::string joined;
    std::vector<std::size_t> sizes;
    for (std::size_t i = 0; i < total; ++i) {
        octets body = octets_of(made.segments[i]);
        if (made.udhi) {
            const auto split = split_udh(body);
            ASSERT_TRUE(split.has_value());
            const auto info = concatenation_of(split->elements);
            ASSERT_TRUE(info.has_value());
            ASSERT_EQ(*info, (concatenation_info{reference, static_cast<std::uint8_t>(total),
                                                 static_cast<std::uint8_t>(i + 1), false}));
            body = split->text;
        }
        // Six octets of header take seven septets, TS 23.040, 9.2.3.24.
        if (wide) ASSERT_LE(made.segments[i].size(), 140u);
        if (!wide) ASSERT_LE(body.size() + (made.udhi ? 7 : 0), 160u);
        joined += chars_of(body);
        sizes.push_back(body.size() / (wide ? 2 : 1));
    }
    const auto decoded = decode_octets(octets_of(joined), made.data_coding, on_fault::refuse);
    ASSERT_TRUE(decoded.has_value());
    ASSERT_EQ(*decoded, text);
    ASSERT_EQ(made.units, joined.size() / (wide ? 2 : 1));
    const auto starts =
        wide ? grapheme_starts(utf16_units(octets_of(joined))) : character_starts(joined);
    // Octets are units but for UCS-2, where no CR is moved.
    const std::string nothing(joined.size() + 1, ' ');
    check_cuts(wide ? nothing : joined, sizes, starts, made.units_per_part);
}

TEST(plan_property, segments_give_the_text_back_and_nothing_is_torn) {
    std::size_t several = 0, wide = 0;
    for (std::uint32_t seed = 1; seed <= 3000; ++seed) {
        SCOPED_TRACE(seed);
        generator random(seed);
        const std::string text = random_text(random);
        const auto reference = static_cast<std::uint8_t>(below(random, 256));
        const auto made = plan_text(text, {.parts_max = 255, .reference = reference});
        ASSERT_TRUE(made.has_value());
        several += made->udhi ? 1 : 0;
        wide += made->enc == encoding::ucs2 ? 1 : 0;
        check_plan(*made, text, reference);
        if (HasFatalFailure()) return;
        if (made->udhi) {
            const auto refused = plan_text(
                text, {.parts_max = static_cast<std::uint32_t>(made->segments.size() - 1)});
            ASSERT_TRUE(refused.has_error());
            ASSERT_EQ(refused.error(),
                      (plan_failure{plan_error::too_many_parts, made->segments.size()}));
        }
    }
    EXPECT_GT(several, 1000u);  // the generator reaches what it is for
    EXPECT_GT(wide, 800u);
    EXPECT_LT(wide, 2600u);
}

TEST(plan_property, a_phone_reads_what_was_written_in_any_order) {
    for (std::uint32_t seed = 1; seed <= 300; ++seed) {
        SCOPED_TRACE(seed);
        generator random(seed);
        const std::string text = random_text(random);
        const auto made = plan_text(text, {.parts_max = 255, .reference = 5});
        ASSERT_TRUE(made.has_value());
        if (!made->udhi) continue;
        segment_list segments = made->segments;
        std::shuffle(segments.begin(), segments.end(), random);
        reassembler phone;
        std::string read;
        for (const std::string& segment : segments) {
            const auto split = split_udh(octets_of(segment));
            ASSERT_TRUE(split.has_value());
            const auto added = phone.add("a", "b", *concatenation_of(split->elements),
                                         made->data_coding, split->text, {});
            if (added.message) read = added.message->text();
        }
        ASSERT_EQ(read, text);
        ASSERT_EQ(phone.size(), 0u);
    }
}

TEST(plan_property, random_bytes) {
    std::size_t planned = 0;
    for (std::uint32_t seed = 1; seed <= 4000; ++seed) {
        SCOPED_TRACE(seed);
        generator random(seed);
        std::string bytes(below(random, 600), '\0');
        for (char& byte : bytes)
            byte = static_cast<char>(below(random, 256));
        const auto data_coding = static_cast<std::uint8_t>(below(random, 256));
        const auto text = plan_text(bytes, {.parts_max = 255});
        const auto fault = first_invalid_utf8(bytes);
        ASSERT_EQ(text.has_value(), !fault.has_value());
        if (fault &&
            encode_gsm(bytes, *std::make_unique<std::string>()).fault == gsm_fault::invalid_utf8)
            ASSERT_EQ(text.error().position, *fault);
        (void)forcing_characters(bytes);
        const auto decoded = decode_octets(octets_of(bytes), data_coding);
        if (decoded) ASSERT_EQ(first_invalid_utf8(*decoded), std::nullopt);
        const auto made = plan_octets(octets_of(bytes), data_coding, {.parts_max = 255});
        if (!made) {
            ASSERT_EQ(made.error().what, plan_error::invalid_octets);
            continue;
        }
        ++planned;
        std::string joined;
        for (const std::string& segment : made->segments)
            joined += segment.substr(made->udhi ? 6 : 0);
        const bool marked = made->enc == encoding::ucs2 &&
                            (bytes.starts_with("\xFE\xFF") || bytes.starts_with("\xFF\xFE"));
        if (!marked) ASSERT_EQ(joined, bytes);
    }
    EXPECT_GT(planned, 3000u);
}

}  // namespace
}  // namespace hikyaku::smpp::text
