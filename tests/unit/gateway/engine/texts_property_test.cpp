// Arbitrary texts through the engine to arbitrary carriers: what the phone puts together equals
// what was submitted, whoever took the message and whenever the gateway was restarted. The seed is
// printed on failure.
#include <gtest/gtest.h>

#include <array>
#include <random>

#include "smpp/text/data_coding.hpp"
#include "smpp/text/transliterate.hpp"
#include "smpp/text/ucs2.hpp"
#include "tests/support/phone.hpp"

namespace hikyaku::gateway {
namespace {

using generator = std::mt19937;
using testing::engine_world;
using testing::sent_segment;

std::size_t below(generator& random, std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
}

bool chance(generator& random, std::size_t one_in) {
    return below(random, one_in) == 0;
}

constexpr std::array<std::string_view, 30> pieces{"a",
                                                  "B",
                                                  "7",
                                                  " ",
                                                  "@",
                                                  "£",
                                                  "$",
                                                  "é",
                                                  "€",
                                                  "[",
                                                  "~",
                                                  "\r\n",
                                                  "\n",
                                                  "ş",
                                                  "ğ",
                                                  "ã",
                                                  "ç",
                                                  "Ω",
                                                  "ú",
                                                  "日",
                                                  "本",
                                                  "か\u3099",
                                                  "😀",
                                                  "👍🏽",
                                                  "👨‍👩‍👧‍👦",
                                                  "葛\U000E0100",
                                                  "क्षि",
                                                  "“",
                                                  "ＡＢ",
                                                  "\u00A0"};

std::string random_text(generator& random) {
    // From few kinds of characters, so that every alphabet has its turn.
    const std::size_t from = below(random, pieces.size());
    const std::size_t kinds = 1 + below(random, chance(random, 3) ? pieces.size() : 8);
    const std::size_t length = below(random, chance(random, 2) ? 90 : 500);
    std::string text = "x";
    for (std::size_t i = 0; i < length; ++i)
        text += pieces[(from + below(random, kinds)) % pieces.size()];
    return text;
}

config::carrier_text random_carrier(generator& random) {
    config::carrier_text text;
    constexpr std::array<std::string_view, 5> profiles{"", "docomo", "au", "softbank", "rakuten"};
    constexpr std::array<std::string_view, 5> languages{"turkish", "portuguese", "spanish", "hindi",
                                                        "urdu"};
    if (chance(random, 4)) text.profile = profiles[below(random, profiles.size())];
    text.alphabet = static_cast<config::default_alphabet>(below(random, 3));
    text.packed = chance(random, 3);
    text.latin1 = chance(random, 3);
    if (chance(random, 2)) text.languages.emplace_back(languages[below(random, languages.size())]);
    if (chance(random, 2)) text.segmentation = static_cast<config::segmentation>(below(random, 4));
    if (chance(random, 4)) text.parts_max = static_cast<std::uint32_t>(1 + below(random, 12));
    if (chance(random, 4)) text.ucs2_part = static_cast<std::uint32_t>(20 + below(random, 48));
    if (chance(random, 4)) text.ucs2_single = static_cast<std::uint32_t>(20 + below(random, 51));
    return text;
}

submission random_submission(generator& random, const std::string& text) {
    auto message = engine_world::text_to("819012345678", text);
    message.text.reset();
    std::u16string units;
    std::string septets;
    switch (below(random, 3)) {
        case 0:
            if (smpp::text::encode_gsm(text, septets).fault == smpp::text::gsm_fault::none) {
                message.octets = septets;
                message.data_coding = chance(random, 4) ? 0x11 : 0;
                return message;
            }
            [[fallthrough]];
        case 1:
            EXPECT_FALSE(smpp::text::append_utf16(text, units).has_value());
            smpp::text::append_utf16be(units, message.octets);
            message.data_coding = 8;
            return message;
        default:
            message.text = text;
            if (chance(random, 4))
                message.message_class = static_cast<std::uint8_t>(below(random, 4));
            if (chance(random, 4)) message.encoding = smpp::text::encoding_choice::ucs2;
            if (chance(random, 4)) message.transliterate = smpp::text::transliteration::full;
            return message;
    }
}

/// The carriage return that ends a packed text may come doubled or not at all; that is how packed
/// texts are (TS 23.038, 6.1.2.3.1).
std::string without_last_returns(std::string text) {
    while (text.ends_with('\r'))
        text.pop_back();
    return text;
}

class texts_property : public ::testing::TestWithParam<unsigned> {};

TEST_P(texts_property, the_phone_shows_what_was_submitted) {
    generator random(GetParam());
    engine_world world;
    world.settings.accounts[0].parts_max = 60;
    world.settings.routes[0].targets = {
        {.carrier = "alpha", .priority = static_cast<std::uint32_t>(below(random, 2))},
        {.carrier = "beta", .priority = static_cast<std::uint32_t>(below(random, 2))}};
    for (auto& carrier : world.settings.carriers)
        carrier.text = random_carrier(random);
    world.start();
    std::size_t shown = 0, refused = 0;
    for (int round = 0; round < 12; ++round) {
        const auto text = random_text(random);
        const auto result = world.hand_in(random_submission(random, text));
        world.settle();
        if (result.why != refusal::none) {
            EXPECT_EQ(result.why, refusal::text_too_long) << "seed " << GetParam();
            ++refused;
            continue;
        }
        const auto expected = with_replacements(text, result.replaced);
        if (chance(random, 3)) world.crash_and_start();
        const auto before = world.outputs->sent.size();
        world.accept_everything();
        const bool alpha = chance(random, 2);
        const std::uint64_t bind = static_cast<std::uint64_t>(round) * 2 + (alpha ? 1 : 2);
        world.bind_up(bind, alpha ? engine_world::alpha : engine_world::beta);
        world.advance(std::chrono::seconds(40));
        const auto profile = profile_of(world.settings.carriers[alpha ? 0 : 1].text);
        testing::phone reader;
        for (auto i = before; i < world.outputs->sent.size(); ++i)
            reader.receive(world.outputs->sent[i], profile);
        const auto state = world.state_of(result.id);
        if (world.outputs->sent.size() > before) {
            ASSERT_EQ(reader.shown.size(), 1U) << "seed " << GetParam() << " round " << round;
            const auto got = reader.shown[0];
            EXPECT_EQ(profile.packed ? without_last_returns(got) : got,
                      profile.packed ? without_last_returns(expected) : expected)
                << "seed " << GetParam() << " round " << round;
            EXPECT_EQ(state, State::submitted);
            ++shown;
        } else {
            // The one that is up cannot take it; the other one would have to come.
            EXPECT_EQ(state, State::queued) << "seed " << GetParam() << " round " << round;
            world.bind_up(bind + 1000, alpha ? engine_world::beta : engine_world::alpha);
            world.advance(std::chrono::seconds(40));
            EXPECT_EQ(world.state_of(result.id), State::submitted) << "seed " << GetParam();
            world.bind_down(bind + 1000, attempt_failure::not_sent, {});
        }
        world.bind_down(bind, attempt_failure::not_sent, {});
    }
    EXPECT_GT(shown + refused, 0U);
}

INSTANTIATE_TEST_SUITE_P(seeds, texts_property, ::testing::Range(1U, 31U));

}  // namespace
}  // namespace hikyaku::gateway
