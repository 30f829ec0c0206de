// Cheaper characters: the rules, their report, and when the planner keeps them.
#include "smpp/text/transliterate.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "smpp/text/plan.hpp"
#include "tests/unit/smpp/text/plans.hpp"

namespace hikyaku::smpp::text {
namespace {

struct rule_case {
    std::string_view from;
    std::string_view punctuation;
    std::string_view full;
};

TEST(transliterate, rules) {
    for (const rule_case& c : std::vector<rule_case>{
             {"plain @£€[]", "plain @£€[]", "plain @£€[]"},
             {"“a” ‘b’ „c‟ «d» ‹e›", "\"a\" 'b' \"c\" \"d\" <e>", "\"a\" 'b' \"c\" \"d\" <e>"},
             {"1–2—3‐4−5", "1-2-3-4-5", "1-2-3-4-5"},
             {"wait…", "wait...", "wait..."},
             {"a\u00A0b\u2009c\u202Fd\te", "a b c d e", "a b c d e"},
             {"soft\u00ADhyphen\u200B\u2060\uFEFF", "softhyphen", "softhyphen"},
             {"• 5′ ´x` ⁄ ¦", "* 5' 'x' / |", "* 5' 'x' / |"},
             {"ＡＢＣ　１２３！～", "ＡＢＣ　１２３！～", "ABC 123!~"},
             {"e\u0301 E\u0301 n\u0303", "e\u0301 E\u0301 n\u0303", "é É ñ"},
             {"façade áíóú Ž Å", "façade áíóú Ž Å", "facade aiou Z Å"},
             {"Łódź œuvre ẞ ðþ ı", "Łódź œuvre ẞ ðþ ı", "Lodz oeuvre SS dth i"},
             {"Ａ\u0308", "Ａ\u0308", "Ä"},
             {"日本 ａ", "日本 ａ", "日本 a"},
             {"か\u3099", "か\u3099", "が"},
             {"हिन्दी 👨‍👩‍👧", "हिन्दी 👨‍👩‍👧",
              "हिन्दी 👨‍👩‍👧"},
             {"Привет", "Привет", "Привет"}}) {
        EXPECT_EQ(transliterate(c.from, transliteration::off).text, c.from);
        EXPECT_EQ(transliterate(c.from, transliteration::punctuation).text, c.punctuation);
        EXPECT_EQ(transliterate(c.from, transliteration::full).text, c.full);
    }
}

TEST(transliterate, every_change_is_reported) {
    using list = std::vector<replacement>;
    EXPECT_EQ(transliterate("a“é”…", transliteration::punctuation).changes,
              (list{{1, "“", "\""}, {6, "”", "\""}, {9, "…", "..."}}));
    EXPECT_EQ(transliterate("ae\u0301ｂ\u00AD", transliteration::full).changes,
              (list{{1, "e\u0301", "é"}, {4, "ｂ", "b"}, {7, "\u00AD", ""}}));
    EXPECT_EQ(transliterate("plain é", transliteration::full).changes, list{});
    const transliterated invalid = transliterate("“\xFF", transliteration::full);
    EXPECT_EQ(invalid.text, "“\xFF");
    EXPECT_EQ(invalid.changes, list{});
}

TEST(transliterate, the_planner_keeps_what_pays) {
    const plan_options off;
    const plan_options punctuation{.transliterate = transliteration::punctuation};
    const plan_options full{.transliterate = transliteration::full};
    EXPECT_EQ(planned("don’t", off).enc, encoding::ucs2);
    const plan changed = planned("\uFEFFdon’t", punctuation);
    EXPECT_EQ(changed.enc, encoding::gsm7);
    EXPECT_EQ(changed.segments, segment_list{"don't"});
    EXPECT_EQ(changed.replaced, (std::vector<replacement>{{6, "’", "'"}}));  // the mark counts
    // Japanese stays UCS-2, so its punctuation stays what it is.
    const plan japanese = planned("“日本”…", full);
    EXPECT_EQ(japanese.enc, encoding::ucs2);
    EXPECT_TRUE(japanese.replaced.empty());
    EXPECT_EQ(japanese.units, 5u);
    // Unless fewer segments come of it.
    std::string marked;
    for (int i = 0; i < 36; ++i)
        marked += "か\u3099";
    EXPECT_EQ(planned(marked, off).parts, 2u);
    EXPECT_EQ(planned(marked, punctuation).parts, 2u);
    const plan composed = planned(marked, full);
    EXPECT_EQ(composed.parts, 1u);
    EXPECT_EQ(composed.replaced.size(), 36u);
    // Not for more of them, at a carrier that takes little GSM.
    const plan dear = planned("don’t do it now", full, {.septets = {.single = 10}});
    EXPECT_EQ(dear.parts, 1u);
    EXPECT_TRUE(dear.replaced.empty());
    // A carrier's Latin-1 takes the text as it is.
    const plan latin = planned("façade", full, {.latin1_allowed = true});
    EXPECT_EQ(latin.enc, encoding::latin1);
    EXPECT_TRUE(latin.replaced.empty());
    const plan gsm = planned(
        "façade", {.choice = encoding_choice::gsm7, .transliterate = transliteration::full});
    EXPECT_EQ(gsm.segments, segment_list{"facade"});
    const auto refused =
        plan_text("日", {.choice = encoding_choice::gsm7, .transliterate = transliteration::full});
    ASSERT_TRUE(refused.has_error());
    EXPECT_EQ(refused.error(), (plan_failure{plan_error::not_in_alphabet, 0}));
}

TEST(transliterate, for_the_alphabet_of_the_carrier) {
    const plan_options full{.transliterate = transliteration::full};
    const plan_options punctuation{.transliterate = transliteration::punctuation};
    const text_profile ascii{.alphabet = default_alphabet::ascii};
    const text_profile latin{.alphabet = default_alphabet::latin1};
    const plan bare = planned("été “x”", full, ascii);
    EXPECT_EQ(bare.segments, segment_list{"ete \"x\""});
    EXPECT_EQ(bare.enc, encoding::ascii);
    EXPECT_EQ(bare.replaced.size(), 4u);
    EXPECT_EQ(planned("¿Ø, ß? £5\t`", full, ascii).segments, segment_list{"?O, ss? GBP5\t`"});
    const plan french = planned("œuvre €", full, latin);
    EXPECT_EQ(french.segments, segment_list{"oeuvre EUR"});
    EXPECT_EQ(french.data_coding, 0);
    EXPECT_EQ(french.replaced, (std::vector<replacement>{{0, "œ", "oe"}, {7, "€", "EUR"}}));
    // What Latin-1 has stays, though GSM does not have it.
    EXPECT_EQ(planned("«câ» ð …", full, latin).segments, segment_list{"\xAB\x63\xE2\xBB \xF0 ..."});
    EXPECT_EQ(planned("«câ»…", punctuation, latin).replaced.size(), 1u);
    // But not where GSM is demanded, and with a message class it is GSM.
    plan_options gsm = full;
    gsm.choice = encoding_choice::gsm7;
    EXPECT_EQ(planned("«câ» é", gsm, latin).segments, segment_list{"\"ca\" \xE9"});
    plan_options flash = full;
    flash.message_class = 0;
    EXPECT_EQ(planned("câ €", flash, latin).segments, segment_list{"ca \x1B\x65"});
    // At GSM the euro sign, the pound and the letters of the alphabet stay.
    EXPECT_EQ(transliterate("€£ØßÆ¿", transliteration::full).changes.size(), 0u);
}

TEST(transliterate, long_texts) {
    std::string marks = "e";
    for (int i = 0; i < 100; ++i)
        marks += "\u0301";
    EXPECT_EQ(transliterate(marks + "x", transliteration::full).text, "ex");
    EXPECT_EQ(least_characters(marks + "x\u200B“"), 3u);
    // Faulty octets behind what GSM does not have: the planner stops at the first fault.
    EXPECT_EQ(least_characters("日\xFF\x80"), 3u);
    const auto faulty = plan_text(
        "日\xFF", {.choice = encoding_choice::gsm7, .transliterate = transliteration::full});
    ASSERT_TRUE(faulty.has_error());
    EXPECT_EQ(faulty.error(), (plan_failure{plan_error::not_in_alphabet, 0}));
    const std::string large(text_bytes_max + 1, '`');
    EXPECT_EQ(transliterate(large, transliteration::full).text, large);
    EXPECT_EQ(transliterate(large.substr(1), transliteration::full).changes.size(), text_bytes_max);
}

TEST(transliterate, names) {
    EXPECT_EQ(name_of(transliteration::off), "off");
    EXPECT_EQ(name_of(transliteration::punctuation), "punctuation");
    EXPECT_EQ(name_of(transliteration::full), "full");
}

}  // namespace
}  // namespace hikyaku::smpp::text
