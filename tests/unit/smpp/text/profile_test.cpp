// Carriers: Japan's shipped profiles, how each kind of segmentation writes its headers, alphabets
// behind data_coding 0, message classes, and the range over several carriers.
#include "smpp/text/profile.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "smpp/text/plan.hpp"
#include "tests/unit/smpp/text/plans.hpp"

namespace hikyaku::smpp::text {
namespace {

using namespace std::string_literals;

plan planned_for(std::string_view text, const text_profile& profile,
                 const plan_options& options = {.parts_max = 255}) {
    const auto made = plan_text(text, options, profile);
    EXPECT_TRUE(made.has_value()) << text;
    return made ? *made : plan{};
}

plan_failure refused(std::string_view text, const text_profile& profile,
                     const plan_options& options = {.parts_max = 255}) {
    const auto made = plan_text(text, options, profile);
    EXPECT_TRUE(made.has_error()) << text;
    return made ? plan_failure{} : made.error();
}

struct billing_case {
    std::size_t units;
    std::uint32_t docomo;  // 0: refused
    std::uint32_t au;      // and Rakuten
    std::uint32_t softbank;
};

TEST(japan, lengths_and_billed_units) {
    for (const billing_case& c : std::vector<billing_case>{{1, 1, 1, 1},
                                                           {70, 1, 1, 1},
                                                           {71, 2, 2, 1},
                                                           {132, 2, 2, 1},
                                                           {133, 3, 2, 1},
                                                           {134, 3, 2, 1},
                                                           {135, 3, 3, 1},
                                                           {198, 3, 3, 1},
                                                           {199, 4, 3, 1},
                                                           {201, 4, 3, 1},
                                                           {202, 4, 4, 1},
                                                           {594, 9, 9, 1},
                                                           {595, 10, 9, 1},
                                                           {603, 10, 9, 1},
                                                           {604, 10, 10, 1},
                                                           {660, 10, 10, 1},
                                                           {661, 0, 10, 1},
                                                           {670, 0, 10, 1},
                                                           {671, 0, 0, 0}}) {
        const std::string text = times(c.units, "督");
        for (const auto& [name, billed] : std::vector<std::pair<std::string_view, std::uint32_t>>{
                 {"docomo", c.docomo}, {"au", c.au}, {"rakuten", c.au}, {"softbank", c.softbank}}) {
            SCOPED_TRACE(name);
            const text_profile* profile = find_profile(name);
            ASSERT_NE(profile, nullptr);
            const auto made = plan_text(text, {.parts_max = 20}, *profile);
            ASSERT_EQ(made.has_value(), billed != 0) << c.units;
            if (made) {
                EXPECT_EQ(made->billed, billed) << c.units;
                EXPECT_EQ(made->units_per_part, name == "docomo" ? 66u : 67u);
            }
        }
    }
    EXPECT_EQ(find_profile("nobody"), nullptr);
    EXPECT_EQ(shipped_profiles().size(), 4u);
}

TEST(japan, no_more_than_ten_segments) {
    // 670 units, but an emoji after each of the first five groups leaves a unit of five segments.
    std::string text;
    for (int group = 0; group < 10; ++group) {
        text += times(66, "あ");
        if (group < 5) text += "😀";
    }
    for (const std::string_view name : {"au", "rakuten", "softbank"}) {
        EXPECT_EQ(refused(text, *find_profile(name), {.parts_max = 20}),
                  (plan_failure{plan_error::too_many_parts, 11}))
            << name;
    }
    for (const shipped_profile& each : shipped_profiles())
        EXPECT_EQ(each.profile.parts_max, 10) << each.name;
}

TEST(japan, too_long_by_units) {
    // 67 in each of ten parts would be 670, but graphemes and a total below that need not agree.
    text_profile profile = *find_profile("au");
    profile.parts_max = 0;
    profile.ucs2.total = 100;
    EXPECT_EQ(refused(times(101, "督"), profile), (plan_failure{plan_error::too_many_units, 2}));
    EXPECT_EQ(planned_for(times(100, "督"), profile).parts, 2u);
    EXPECT_EQ(name_of(plan_error::too_many_units), "too_many_units");
}

TEST(japan, septets_and_prices) {
    EXPECT_EQ(planned_for(times(160, "a"), *find_profile("docomo")).billed, 1u);
    EXPECT_EQ(planned_for(times(161, "a"), *find_profile("docomo")).billed, 2u);
    EXPECT_EQ(planned_for(times(306, "a"), *find_profile("docomo")).billed, 3u);
    EXPECT_EQ(planned_for(times(306, "a"), *find_profile("au")).billed, 2u);
    EXPECT_EQ(planned_for(times(306, "a"), *find_profile("softbank")).billed, 1u);
}

TEST(segmentation, golden_headers) {
    const std::string text = times(153, "x") + times(8, "y");
    const plan_options options{.reference = 0x12A7};
    const plan narrow = planned_for(text, {.method = segmentation::udh8}, options);
    EXPECT_EQ(narrow.segments, (segment_list{"\x05\x00\x03\xA7\x02\x01"s + times(153, "x"),
                                             "\x05\x00\x03\xA7\x02\x02"s + times(8, "y")}));
    EXPECT_EQ(narrow.reference, 0xA7);
    EXPECT_EQ(narrow.method, segmentation::udh8);
    const plan wide = planned_for(text, {.method = segmentation::udh16}, options);
    EXPECT_EQ(wide.segments, (segment_list{"\x06\x08\x04\x12\xA7\x02\x01"s + times(152, "x"),
                                           "\x06\x08\x04\x12\xA7\x02\x02"s + "x" + times(8, "y")}));
    EXPECT_EQ(wide.reference, 0x12A7);
    const plan sar = planned_for(text, {.method = segmentation::sar}, options);
    EXPECT_EQ(sar.segments, (segment_list{times(153, "x"), times(8, "y")}));
    EXPECT_FALSE(sar.udhi);
    EXPECT_EQ(sar.reference, 0x12A7);
    EXPECT_EQ(sar.method, segmentation::sar);
    const plan payload = planned_for(text, {.method = segmentation::payload}, options);
    EXPECT_EQ(payload.segments, segment_list{text});
    EXPECT_FALSE(payload.udhi);
    EXPECT_EQ(payload.parts, 2u);
    EXPECT_EQ(payload.method, segmentation::payload);
    EXPECT_EQ(refused(text, {.method = segmentation::none}, options),
              (plan_failure{plan_error::too_many_parts, 2}));
    const plan single = planned_for("x", {.method = segmentation::udh16}, options);
    EXPECT_EQ(single.method, segmentation::none);
    EXPECT_EQ(single.reference, 0);
    EXPECT_FALSE(single.udhi);
    EXPECT_EQ(name_of(segmentation::sar), "sar");
}

TEST(segmentation, a_reference_that_is_set_later_makes_the_same_segments) {
    for (const auto method : {segmentation::udh8, segmentation::udh16, segmentation::sar}) {
        // UCS-2; septets; national tables, whose header elements follow the reference.
        for (const auto& text : {times(100, "督"), times(200, "x"), times(100, "şaşa")}) {
            const text_profile profile{.method = method, .languages = {1}};
            const plan wanted = planned_for(text, profile, {.reference = 0x12A7});
            plan made = planned_for(text, profile, {.reference = 0xFF00});
            made.reference = set_reference(made.segments, made.method, 0x12A7);
            EXPECT_EQ(made.segments, wanted.segments);
            EXPECT_EQ(made.reference, wanted.reference);
            EXPECT_TRUE(names_reference(made.method));
        }
    }
    EXPECT_FALSE(names_reference(segmentation::payload));
    EXPECT_FALSE(names_reference(segmentation::none));
}

TEST(segmentation, national_headers) {
    const text_profile turkish{.languages = {1}};
    const std::string text = times(100, "şaşa");
    // UCS-2 needs 6 segments; single shift 600 septets, locking 400 in segments of 149.
    const plan made = planned_for(text, turkish, {.reference = 7});
    EXPECT_EQ(made.shift, (national_shift{.locking = 1}));
    EXPECT_EQ(made.units_per_part, 149u);
    EXPECT_EQ(made.parts, 3u);
    EXPECT_EQ(made.data_coding, 0);
    EXPECT_EQ(made.segments[0].substr(0, 13),
              "\x08\x00\x03\x07\x03\x01\x25\x01\x01\x1D\x61\x1D\x61"s);
    // One header element in a single segment: 160 septets less 5.
    const plan single = planned_for(times(77, "şa") + "b", turkish);
    EXPECT_EQ(single.segments, segment_list{"\x03\x25\x01\x01"s + times(77, "\x1D\x61") + "b"});
    EXPECT_TRUE(single.udhi);
    EXPECT_EQ(single.method, segmentation::none);
    // No saving, no table; none allowed, none used.
    EXPECT_EQ(planned_for("şaşa", turkish).enc, encoding::ucs2);
    EXPECT_EQ(planned_for(text, {}).enc, encoding::ucs2);
    EXPECT_EQ(planned_for("şaşa", turkish, {.choice = encoding_choice::gsm7}).segments,
              segment_list{"\x03\x24\x01\x01\x1Bsa\x1Bsa"s});
    // SAR segments carry the tables but no reference, and leave room for the one of the carrier.
    const plan sar = planned_for(text, {.method = segmentation::sar, .languages = {1}});
    EXPECT_EQ(sar.segments[1].substr(0, 4), "\x03\x25\x01\x01"s);
    EXPECT_EQ(sar.units_per_part, 149u);
    EXPECT_TRUE(sar.udhi);
    EXPECT_EQ(planned_for(text, {.method = segmentation::payload, .languages = {1}}).enc,
              encoding::ucs2);
    // Both elements where both are needed.
    const std::string hindi = times(60, "नमस्ते A");
    const plan both = planned_for(hindi, {.languages = {6}});
    EXPECT_EQ(both.shift, (national_shift{.single = 6, .locking = 6}));
    EXPECT_EQ(both.segments[0].substr(6, 6), "\x24\x01\x06\x25\x01\x06"s);
}

TEST(segmentation, indic_clusters_stay_whole) {
    // क्षि is one grapheme of four septets; 149 would end inside one.
    const plan made = planned_for(times(100, "क्षि"), {.languages = {6}});
    ASSERT_EQ(made.enc, encoding::gsm7);
    EXPECT_EQ(made.segments[0].size() - 9, 148u);
    // Nor does a segment end with a lone CR.
    const plan broken = planned_for(times(148, "न") + "\r" + times(200, "न"), {.languages = {6}});
    EXPECT_EQ(broken.shift, (national_shift{.locking = 6}));
    EXPECT_EQ(broken.segments[0].size() - 9, 148u);
    EXPECT_EQ(broken.segments[1].substr(9, 2), "\r\x2F"s);
}

TEST(alphabet, behind_data_coding_0) {
    const text_profile latin{.alphabet = default_alphabet::latin1};
    EXPECT_EQ(planned_for("çà", latin).segments, segment_list{"\xE7\xE0"s});
    EXPECT_EQ(planned_for("çà", latin).data_coding, 0);
    EXPECT_EQ(planned_for("çà", latin).enc, encoding::latin1);
    EXPECT_EQ(planned_for("€", latin).enc, encoding::ucs2);
    const text_profile ascii{.alphabet = default_alphabet::ascii};
    EXPECT_EQ(planned_for("[`]", ascii).segments, segment_list{"[`]"s});
    EXPECT_EQ(planned_for("ç", ascii).data_coding, 8);
    EXPECT_EQ(planned_for("ç", {.latin1_allowed = true}).data_coding, 3);
    EXPECT_EQ(planned_for("a`b", {.ascii_allowed = true}).data_coding, 1);
    EXPECT_EQ(planned_for("\u0085", {.latin1_allowed = true}).enc, encoding::ucs2);  // a control
    EXPECT_EQ(planned_for("日", {.ucs2_data_coding = 0x19}).data_coding, 0x19);
    EXPECT_EQ(refused("ç", ascii, {.choice = encoding_choice::gsm7}),
              (plan_failure{plan_error::not_in_alphabet, 0}));
    const auto octets = plan_octets(octets_of("\xE7"), 0, {}, latin);
    ASSERT_TRUE(octets.has_value());
    EXPECT_EQ(octets->enc, encoding::latin1);
}

struct default_case {
    std::string text;
    std::size_t units;
    std::vector<std::size_t> octets;  // of each segment
};

TEST(alphabet, in_data_coding_0_counts_as_gsm) {
    const auto octets = [](const plan& made) {
        std::vector<std::size_t> found;
        for (const std::string& segment : made.segments)
            found.push_back(segment.size() - (made.udhi ? 6 : 0));
        return found;
    };
    const text_profile latin{.alphabet = default_alphabet::latin1};
    const text_profile ascii{.alphabet = default_alphabet::ascii};
    for (const default_case& c : std::vector<default_case>{
             {times(160, "a"), 160, {160}},
             {times(161, "a"), 161, {153, 8}},
             {times(80, "["), 160, {80}},
             {times(81, "["), 162, {76, 5}},
             {times(152, "a") + "[" + times(7, "b"), 161, {152, 8}},
             {times(160, "`"),
              160,
              {160}},  // GSM has none: one septet for what stands in its place
             {times(152, "a") + "\r\n" + times(7, "b"), 161, {152, 9}},
             {times(152, "a") + "\r" + times(8, "b"), 161, {152, 9}}}) {
        for (const text_profile& profile : {latin, ascii}) {
            const plan made = planned_for(c.text, profile);
            EXPECT_EQ(made.data_coding, 0);
            EXPECT_EQ(made.units, c.units) << c.text;
            EXPECT_EQ(octets(made), c.octets) << c.text;
            EXPECT_EQ(made.units_per_single, 160u);
            EXPECT_EQ(made.units_per_part, 153u);
            const auto same = plan_octets(octets_of(c.text), 0, {}, profile);
            ASSERT_TRUE(same.has_value());
            EXPECT_EQ(same->units, c.units);
            EXPECT_EQ(octets(*same), c.octets);
        }
    }
    EXPECT_EQ(octets(planned_for(times(161, "ê"), latin)), (std::vector<std::size_t>{153, 8}));
    // With a data_coding of its own Latin-1 goes on as octets.
    const plan other = planned_for(times(141, "ê"), {.latin1_allowed = true});
    EXPECT_EQ(other.data_coding, 3);
    EXPECT_EQ(octets(other), (std::vector<std::size_t>{134, 7}));
}

TEST(alphabet, gsm_demanded_is_what_gsm_has_too) {
    const plan_options gsm{.choice = encoding_choice::gsm7, .parts_max = 255};
    const text_profile latin{.alphabet = default_alphabet::latin1};
    const text_profile ascii{.alphabet = default_alphabet::ascii};
    EXPECT_EQ(refused("câ Â", latin, gsm), (plan_failure{plan_error::not_in_alphabet, 1}));
    EXPECT_EQ(planned_for("é[à]", latin, gsm).segments, segment_list{"\xE9[\xE0]"s});
    EXPECT_EQ(planned_for("é[à]", latin, gsm).data_coding, 0);
    EXPECT_EQ(refused("a€", latin, gsm), (plan_failure{plan_error::not_in_alphabet, 1}));
    EXPECT_EQ(refused("a`", ascii, gsm), (plan_failure{plan_error::not_in_alphabet, 1}));
    EXPECT_EQ(planned_for("a^", ascii, gsm).segments, segment_list{"a^"s});
}

TEST(alphabet, message_classes) {
    const plan_options flash{.message_class = 0};
    EXPECT_EQ(planned_for("hi", {}, flash).data_coding, 0x10);
    EXPECT_EQ(planned_for("日", {}, flash).data_coding, 0x18);
    EXPECT_EQ(planned_for("hi", {.class_in_f0 = true}, {.message_class = 2}).data_coding, 0xF2);
    EXPECT_EQ(planned_for("日", {.class_in_f0 = true}, {.message_class = 3}).data_coding, 0x1B);
    EXPECT_EQ(planned_for("ç", {.alphabet = default_alphabet::latin1}, flash).data_coding, 0x18);
    EXPECT_EQ(planned_for("hi", {.alphabet = default_alphabet::latin1}, flash).data_coding, 0x10);
    EXPECT_TRUE(plan_text("hi", {.message_class = 4}).has_error());
}

TEST(carrier, own_limits) {
    const text_profile old_handset{
        .ucs2 = {.single = 60, .part = 50}, .septets = {.part = 100}, .octets = {.single = 120}};
    EXPECT_EQ(planned_for(times(60, "日"), old_handset).parts, 1u);
    EXPECT_EQ(planned_for(times(61, "日"), old_handset).parts, 2u);
    EXPECT_EQ(planned_for(times(101, "日"), old_handset).parts, 3u);
    EXPECT_EQ(planned_for(times(160, "a"), old_handset).parts, 1u);
    EXPECT_EQ(planned_for(times(201, "a"), old_handset).parts, 3u);
    EXPECT_EQ(planned_for(times(120, "a"), {.septets = {.single = 100}}).units_per_part, 100u);
    const text_profile generous{.ucs2 = {.single = 200, .part = 200}};
    EXPECT_EQ(planned_for(times(127, "日"), generous).parts, 1u);  // what short_message holds
    EXPECT_EQ(planned_for(times(128, "日"), generous).units_per_part, 124u);
    EXPECT_EQ(refused(times(400, "日"), {.parts_max = 3}),
              (plan_failure{plan_error::too_many_parts, 6}));
    EXPECT_EQ(refused(times(400, "日"), {.parts_max = 20}, {.parts_max = 2}),
              (plan_failure{plan_error::too_many_parts, 6}));
}

TEST(carrier, limits_above_the_standard) {
    const text_profile own{.languages = {1},
                           .septets = {.single = 254, .part = 200},
                           .octets = {.single = 200, .part = 180}};
    EXPECT_EQ(planned_for(times(254, "a"), own).segments, segment_list{times(254, "a")});
    const plan cut = planned_for(times(255, "a"), own);
    EXPECT_EQ(cut.parts, 2u);
    EXPECT_EQ(cut.segments[0].size(), 206u);
    EXPECT_EQ(planned_for(times(80, "€"), own).parts, 1u);
    // National tables take of it what their header takes, and no more than short_message holds.
    const plan turkish = planned_for("ş" + times(200, "ı"), own);
    EXPECT_FALSE(turkish.shift.is_default());
    EXPECT_EQ(turkish.units_per_single, 249u);
    EXPECT_EQ(turkish.units_per_part, 196u);
    text_profile wide = own;
    wide.method = segmentation::udh16;
    EXPECT_EQ(planned_for(times(255, "a"), wide).units_per_part, 200u);
    wide.septets = {.single = 160, .part = 153};  // is no raise: 152 fit beside the longer header
    EXPECT_EQ(planned_for(times(255, "a"), wide).units_per_part, 152u);
    text_profile latin = own;
    latin.latin1_allowed = true;
    EXPECT_EQ(planned_for(times(200, "ê"), latin).parts, 1u);
    EXPECT_EQ(planned_for(times(201, "ê"), latin).units_per_part, 180u);
    EXPECT_EQ(planned_for(times(254, "ê"), {.alphabet = default_alphabet::latin1,
                                            .septets = {.single = 254, .part = 254}})
                  .parts,
              1u);
}

TEST(carrier, same_octets_and_fingerprint) {
    const text_profile plain;
    std::vector<text_profile> others{{.alphabet = default_alphabet::ascii},
                                     {.latin1_allowed = true},
                                     {.ascii_allowed = true},
                                     {.ucs2_data_coding = 0x18},
                                     {.class_in_f0 = true},
                                     {.method = segmentation::udh16},
                                     {.languages = {1}},
                                     {.languages = {13}},
                                     {.ucs2 = {.single = 9}},
                                     {.ucs2 = {.part = 9}},
                                     {.ucs2 = {.total = 9}},
                                     {.septets = {.part = 9}},
                                     {.octets = {.part = 9}},
                                     {.parts_max = 9}};
    others.push_back(plain);
    for (std::size_t i = 0; i < others.size(); ++i) {
        for (std::size_t j = 0; j < others.size(); ++j) {
            EXPECT_EQ(same_octets(others[i], others[j]), i == j) << i << " " << j;
            EXPECT_EQ(fingerprint(others[i]) == fingerprint(others[j]), i == j) << i << " " << j;
        }
    }
    const text_profile dear{.packed = true, .billing = {.ucs2 = {70, 66}}};
    EXPECT_TRUE(same_octets(plain, dear));
    EXPECT_EQ(fingerprint(plain), fingerprint(dear));
}

TEST(carrier, languages) {
    language_set set{1, 13, 0, 14, 255};
    EXPECT_TRUE(set.contains(1));
    EXPECT_TRUE(set.contains(13));
    for (const auto language : std::initializer_list<std::uint8_t>{0, 2, 12, 14, 15, 16, 17, 255})
        EXPECT_FALSE(set.contains(language)) << int{language};
    EXPECT_TRUE(language_set{}.empty());
    EXPECT_FALSE(set.empty());
}

TEST(carrier, range_over_several) {
    std::vector<text_profile> profiles;
    for (const shipped_profile& shipped : shipped_profiles())
        profiles.push_back(shipped.profile);
    const planned_range some = plan_range(times(133, "督"), {}, profiles);
    using bounds = planned_range::bounds;
    EXPECT_EQ(some.planned, 4u);
    EXPECT_FALSE(some.refused);
    EXPECT_EQ(some.billed, (bounds{1, 3}));
    EXPECT_EQ(some.parts, (bounds{2, 3}));
    EXPECT_EQ(some.units, (bounds{133, 133}));
    const planned_range long_one = plan_range(times(665, "督"), {}, profiles);
    EXPECT_EQ(long_one.planned, 3u);
    ASSERT_TRUE(long_one.refused.has_value());
    EXPECT_EQ(*long_one.refused, (plan_failure{plan_error::too_many_parts, 11}));
    EXPECT_EQ(long_one.billed, (bounds{1, 10}));
    const planned_range none = plan_range("\xFF", {}, profiles);
    EXPECT_EQ(none.planned, 0u);
    EXPECT_EQ(none.billed, (bounds{0, 0}));
    EXPECT_EQ(none.refused, (plan_failure{plan_error::invalid_utf8, 0}));
    EXPECT_EQ(plan_range("a", {}, {}).planned, 0u);
}

}  // namespace
}  // namespace hikyaku::smpp::text
