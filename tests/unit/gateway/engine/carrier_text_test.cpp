// A carrier's settings as a profile, and when segments can go to another carrier as they are.
#include "gateway/engine/sending/carrier_text.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "config/table.hpp"
#include "smpp/text/fixed_charset.hpp"

namespace hikyaku::gateway {
namespace {

namespace text = smpp::text;

TEST(carrier_text, nothing_set_is_the_standard) {
    EXPECT_EQ(profile_of({}), text::text_profile{});
}

TEST(carrier_text, every_charset_of_the_settings_is_one_of_the_planner) {
    const auto setting_of = [](const config::section& section, std::string_view key) {
        return *std::ranges::find(section.settings, key, &config::setting::key);
    };
    const auto text_table = setting_of(config::carrier_section(), "text").nested;
    const auto fixed_table = setting_of(text_table(), "fixed_coding").nested;
    const auto words = setting_of(fixed_table(), "charset").choices;
    const auto names = text::charset_names();
    EXPECT_TRUE(std::ranges::equal(words, names));
    config::carrier_text settings;
    settings.fixed = {.data_coding = 3, .charset = "ISO-8859-15"};
    EXPECT_EQ(profile_of(settings).fixed,
              (text::fixed_coding{*text::find_charset("ISO-8859-15"), 3}));
    EXPECT_NE(text::fingerprint(profile_of(settings)), text::fingerprint({}));
}

TEST(carrier_text, every_setting_wins_over_the_profile) {
    config::carrier_text settings;
    settings.profile = "docomo";
    EXPECT_EQ(profile_of(settings), *text::find_profile("docomo"));
    settings.alphabet = config::default_alphabet::latin1;
    settings.packed = true;
    settings.latin1 = true;
    settings.ascii = true;
    settings.ucs2_data_coding = 25;
    settings.class_in_f0 = true;
    settings.single = 254;
    settings.part = 200;
    settings.octets_single = 120;
    settings.octets_part = 100;
    settings.languages = {"turkish", "urdu"};
    settings.segmentation = config::segmentation::sar;
    settings.parts_max = 4;
    settings.ucs2_single = 60;
    settings.ucs2_part = 50;
    settings.units_max = 200;
    const auto made = profile_of(settings);
    EXPECT_EQ(made.alphabet, text::default_alphabet::latin1);
    EXPECT_TRUE(made.packed);
    EXPECT_TRUE(made.latin1_allowed);
    EXPECT_TRUE(made.ascii_allowed);
    EXPECT_EQ(made.ucs2_data_coding, 25);
    EXPECT_TRUE(made.class_in_f0);
    EXPECT_EQ(made.septets, (text::unit_limits{254, 200, 1520}));
    EXPECT_EQ(made.octets, (text::unit_limits{120, 100, 0}));
    EXPECT_EQ(made.languages, (text::language_set{1, 13}));
    EXPECT_EQ(made.method, text::segmentation::sar);
    EXPECT_EQ(made.parts_max, 4);
    EXPECT_EQ(made.ucs2, (text::unit_limits{60, 50, 200}));
    EXPECT_EQ(made.billing, text::find_profile("docomo")->billing);
}

TEST(carrier_text, each_word_of_the_configuration_has_its_counterpart) {
    using config::segmentation;
    for (const auto& [word, name] :
         {std::pair{segmentation::udh8, "udh8"}, std::pair{segmentation::udh16, "udh16"},
          std::pair{segmentation::sar, "sar"}, std::pair{segmentation::payload, "payload"},
          std::pair{segmentation::none, "none"}}) {
        config::carrier_text settings;
        settings.segmentation = word;
        EXPECT_EQ(text::name_of(profile_of(settings).method), name);
    }
    using config::transliteration;
    for (const auto& [word, name] : {std::pair{transliteration::off, "off"},
                                     std::pair{transliteration::punctuation, "punctuation"},
                                     std::pair{transliteration::full, "full"}})
        EXPECT_EQ(text::name_of(transliteration_of(word)), name);
    using config::default_alphabet;
    for (const auto& [word, name] :
         {std::pair{default_alphabet::gsm7, "gsm7"}, std::pair{default_alphabet::latin1, "latin1"},
          std::pair{default_alphabet::ascii, "ascii"}})
        EXPECT_EQ(text::name_of(profile_of({.alphabet = word}).alphabet), name);
}

TEST(carrier_text, what_can_go_to_another_carrier_as_it_is) {
    const std::string octets = "text";
    cut_message cut;
    cut.segments = {text::octets_of(octets)};
    const text::text_profile standard;
    text::text_profile latin = standard;
    latin.alphabet = text::default_alphabet::latin1;
    EXPECT_TRUE(can_carry(cut, standard));
    EXPECT_FALSE(can_carry(cut, latin));  // GSM behind data_coding 0
    cut.data_coding = 0x11;
    EXPECT_TRUE(can_carry(cut, latin));  // GSM by its own data_coding
    cut.encoding = text::encoding::latin1;
    cut.data_coding = 3;
    EXPECT_FALSE(can_carry(cut, standard));
    cut.choice = keep_octets;  // as the application wrote it
    EXPECT_TRUE(can_carry(cut, standard));
    cut = {.segments = cut.segments, .shift = {.single = 1}};
    EXPECT_FALSE(can_carry(cut, standard));
    text::text_profile turkish = standard;
    turkish.languages = {1};
    EXPECT_TRUE(can_carry(cut, turkish));
    for (const auto method : {text::segmentation::sar, text::segmentation::payload}) {
        cut = {.segments = cut.segments, .method = method};
        EXPECT_FALSE(can_carry(cut, standard));
        text::text_profile same = standard;
        same.method = method;
        EXPECT_TRUE(can_carry(cut, same));
    }
    cut = {.segments = cut.segments, .udhi = true, .method = text::segmentation::udh8};
    text::text_profile wide = standard;
    wide.method = text::segmentation::udh16;
    EXPECT_TRUE(can_carry(cut, wide));
}

TEST(carrier_text, segments_above_the_standard_go_only_to_carriers_that_take_them) {
    const std::string octets(200, 'a');
    cut_message cut;
    cut.segments = {text::octets_of(octets)};
    text::text_profile large;
    large.septets = {.single = 200, .part = 199};
    EXPECT_TRUE(can_carry(cut, large));
    EXPECT_FALSE(can_carry(cut, {}));
    cut.segments.push_back(cut.segments.front());
    EXPECT_FALSE(can_carry(cut, large));
    cut.segments.pop_back();
    cut.method = text::segmentation::payload;  // which the carrier cuts
    EXPECT_TRUE(can_carry(cut, {.method = text::segmentation::payload}));
    cut = {.segments = cut.segments, .encoding = text::encoding::binary, .data_coding = 4};
    cut.choice = keep_octets;
    EXPECT_FALSE(can_carry(cut, large));
    large.octets.single = 200;
    EXPECT_TRUE(can_carry(cut, large));
    const std::string shorter(160, 'a');  // of Latin-1 behind data_coding 0: septets on the air
    cut = {.segments = {text::octets_of(shorter)}, .encoding = text::encoding::latin1};
    EXPECT_TRUE(can_carry(cut, {.alphabet = text::default_alphabet::latin1}));
}

TEST(carrier_text, data_codings_are_those_of_the_carrier) {
    const std::string octets = "ab";
    cut_message cut{
        .segments = {text::octets_of(octets)}, .encoding = text::encoding::ucs2, .data_coding = 8};
    EXPECT_TRUE(can_carry(cut, {}));
    EXPECT_FALSE(can_carry(cut, {.ucs2_data_coding = 25}));
    cut = {.segments = cut.segments, .data_coding = 0x10};
    EXPECT_TRUE(can_carry(cut, {}));
    EXPECT_FALSE(can_carry(cut, {.class_in_f0 = true}));
    const auto made = cut_anew(cut, {.class_in_f0 = true}, 1);
    ASSERT_TRUE(made.has_value());
    EXPECT_EQ(made->data_coding, 0xF0);
    cut.data_coding = 0xF0;
    EXPECT_TRUE(can_carry(cut, {.class_in_f0 = true}));
    EXPECT_FALSE(can_carry(cut, {}));
}

TEST(carrier_text, a_header_of_the_application_before_a_default_alphabet) {
    const std::string header = "\x06\x05\x04\x0B\x84\x23\xF0";
    const text::text_profile latin{.alphabet = text::default_alphabet::latin1};
    const auto fits = plan_behind_header(text::octets_of(header), std::string(152, 'a'), latin);
    ASSERT_TRUE(fits.has_value());
    EXPECT_EQ(fits->segments.front().size(), 159U);
    const auto too_long = plan_behind_header(text::octets_of(header), std::string(77, '['), latin);
    ASSERT_TRUE(too_long.has_error());
    EXPECT_EQ(too_long.error(), (text::plan_failure{text::plan_error::too_many_parts, 2}));
}

TEST(carrier_text, replacements_are_applied_in_place) {
    EXPECT_EQ(with_replacements("a “b” c", {{2, "“", "\""}, {6, "”", ""}}), "a \"b c");
    EXPECT_EQ(with_replacements("…", {{0, "…", "..."}}), "...");
    EXPECT_EQ(with_replacements("abc", {}), "abc");
}

}  // namespace
}  // namespace hikyaku::gateway
