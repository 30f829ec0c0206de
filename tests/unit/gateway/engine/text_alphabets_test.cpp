// The alphabets of texts: what every carrier is sent for a character or an octet, and what
// transliteration changes.
#include <gtest/gtest.h>

#include "tests/support/texts_fixture.hpp"

namespace hikyaku::gateway {
namespace {

using smpp::command_status;
using testing::engine_world;
using testing::texts;

TEST_F(texts, every_alphabet_keeps_pound_euro_and_at) {
    const std::string text = "@£€$_[é] Ñandú";
    const std::string wide = "請求 @£€ 😀";
    struct row {
        config::default_alphabet alphabet;
        bool packed, latin1;
    };
    using alphabet = config::default_alphabet;
    for (const auto& [letters, packed, latin1] :
         {row{alphabet::gsm7, false, false}, row{alphabet::gsm7, true, false},
          row{alphabet::gsm7, false, true}, row{alphabet::latin1, false, false},
          row{alphabet::ascii, false, false}, row{alphabet::latin1, false, true}}) {
        engine_world one;
        one.settings.carriers[0].text = {.alphabet = letters, .packed = packed, .latin1 = latin1};
        const auto profile = profile_of(one.settings.carriers[0].text);
        one.start();
        one.accept_everything();
        one.bind_up(1);
        const std::string header("\x05\x00\x03\x2A\x02\x01", 6);
        const auto text_gsm = gsm("@£$_ Ñandu");
        one.submit(octets_to(text_gsm, 0));
        one.submit(octets_to(gsm("@£€$"), 0));
        one.submit(octets_to(ucs2(wide), 8));
        one.submit(engine_world::text_to("819012345678", text));
        one.submit(octets_to(header + gsm("@£$"), 0, 0x40));
        one.submit(octets_to(std::string("\x05\x00\x03\x2A\x02\x02", 6) + gsm("€"), 0, 0x40));
        testing::phone reader;
        for (const auto& sent : one.outputs->sent)
            reader.receive(sent, profile);
        EXPECT_EQ(reader.shown,
                  (std::vector<std::string>{"@£$_ Ñandu", "@£€$", wide, text, "@£$€"}))
            << static_cast<int>(letters) << packed << latin1;
        EXPECT_EQ(one.outputs->sent[2].octets, ucs2(wide));
        EXPECT_EQ(one.outputs->sent[2].data_coding, 8);
        EXPECT_EQ(one.outputs->sent[4].octets.substr(0, 6), header);
        EXPECT_EQ(one.outputs->sent[4].esm_class, 0x40);
    }
}

TEST_F(texts, octets_that_the_carrier_reads_as_we_do_pass_unchanged) {
    text_of(engine_world::alpha).alphabet = config::default_alphabet::latin1;
    world.start();
    world.accept_everything();
    world.bind_up(1);
    const std::string latin("caf\xE9", 4);
    struct row {
        std::string octets;
        int data_coding, esm_class;
    };
    for (const auto& [octets, data_coding, esm_class] :
         {row{latin, 3, 0}, row{gsm("@£"), 0x10, 0}, row{gsm("@£"), 0xF0, 0},
          row{std::string("\x00\xFF", 2), 4, 0}, row{std::string("\x00\xFF", 2), 0xF4, 0},
          row{"\x83\x65", 5, 0}, row{std::string("\x05\x00\x03\x01\x02\x01", 6) + latin, 3, 0x40},
          row{latin, 0, 0}}) {
        world.submit(octets_to(octets, static_cast<std::uint8_t>(data_coding),
                               static_cast<std::uint8_t>(esm_class)));
        const auto& sent = world.outputs->sent.back();
        EXPECT_EQ(sent.octets, octets) << data_coding;
        EXPECT_EQ(sent.data_coding, data_coding);
        EXPECT_EQ(sent.esm_class, esm_class);
    }
}

TEST_F(texts, an_own_header_with_a_text_that_does_not_fit_in_the_carriers_alphabet) {
    text_of(engine_world::alpha).alphabet = config::default_alphabet::latin1;
    world.start();
    const std::string header("\x05\x00\x03\x2A\x02\x01", 6);
    const auto with = [&](std::size_t greek) {
        std::string body;
        for (std::size_t i = 0; i < greek; ++i)
            body += "Ω";
        return world.hand_in(octets_to(header + gsm(body), 0, 0x40));
    };
    EXPECT_EQ(with(67).why, refusal::none);
    EXPECT_EQ(with(67).encoding, smpp::text::encoding::ucs2);
    EXPECT_EQ(with(68).why, refusal::text_too_long);
}

TEST_F(texts, message_classes) {
    world.start();
    world.accept_everything();
    world.bind_up(1);
    struct row {
        std::optional<std::string> text;
        int message_class, data_coding;
    };
    for (const auto& [text, message_class, data_coding] :
         {row{"Hello", 0, 0x10}, row{"Hello", 1, 0x11}, row{"Hello", 2, 0x12},
          row{"Hello", 3, 0x13}, row{"請求", 0, 0x18}, row{{}, 0, 0xF4}, row{{}, 3, 0xF7}}) {
        auto message = octets_to("\x01\x02", 4);
        message.binary = !text.has_value();
        message.text = text;
        message.message_class = static_cast<std::uint8_t>(message_class);
        world.submit(std::move(message));
        EXPECT_EQ(world.outputs->sent.back().data_coding, data_coding);
    }
}

class transliterating : public texts {
protected:
    transliterating() {
        world.settings.accounts[0].transliteration = config::transliteration::punctuation;
    }
};

TEST_F(transliterating, changes_are_told_in_the_answer_and_kept_with_the_message) {
    world.start();
    world.accept_everything();
    world.bind_up(1);
    const auto result = world.hand_in(engine_world::text_to("819012345678", "a “quote”"));
    world.settle();
    const std::vector<smpp::text::replacement> expected{{2, "“", "\""}, {10, "”", "\""}};
    EXPECT_EQ(result.replaced, expected);
    EXPECT_EQ(result.encoding, smpp::text::encoding::gsm7);
    EXPECT_EQ(shown(), "a \"quote\"");
    world.crash_and_start();
    const auto view = world.gateway->find(engine_world::shop, result.id);
    ASSERT_TRUE(view.has_value());
    EXPECT_EQ(view->replaced, expected);
}

TEST_F(transliterating, a_message_may_say_otherwise) {
    world.start();
    auto message = engine_world::text_to("819012345678", "a “quote”");
    message.transliterate = smpp::text::transliteration::off;
    auto result = world.hand_in(std::move(message));
    EXPECT_TRUE(result.replaced.empty());
    EXPECT_EQ(result.encoding, smpp::text::encoding::ucs2);
    message = engine_world::text_to("819012345678", "Ａ“");
    message.transliterate = smpp::text::transliteration::full;
    result = world.hand_in(std::move(message), engine_world::bank);
    EXPECT_EQ(result.replaced.size(), 2U);
}

TEST_F(transliterating, octets_of_smpp_too_and_nothing_else_of_them) {
    world.start();
    world.accept_everything();
    world.bind_up(1);
    const auto id = world.submit(octets_to(ucs2("a “quote”"), 0x18));
    EXPECT_EQ(world.outputs->sent.back().data_coding, 0x10);  // flash stays flash
    EXPECT_EQ(world.outputs->sent.back().octets, "a \"quote\"");
    const auto view = world.gateway->find(engine_world::shop, id);
    ASSERT_TRUE(view.has_value());
    EXPECT_EQ(view->replaced.size(), 2U);
    world.submit(octets_to(ucs2("plain"), 8));  // the application's choice, and nothing to change
    EXPECT_EQ(world.outputs->sent.back().octets, ucs2("plain"));
    EXPECT_EQ(world.outputs->sent.back().data_coding, 8);
}

TEST_F(transliterating, replace_sm_brings_octets_in_the_data_coding_that_was_submitted) {
    world.start();
    const auto id = world.submit(octets_to(ucs2("a “quote”"), 8));
    operation_target what;
    what.id = id;
    what.source = {5, 0, "Shop"};
    replacement by;
    by.octets = ucs2("請求");
    EXPECT_EQ(world.gateway->replace(engine_world::shop, what, std::move(by), {session_id{1}, 900},
                                     world.now()),
              command_status::esme_rok);
    world.settle();
    world.accept_everything();
    world.bind_up(1);
    EXPECT_EQ(shown(), "請求");
}

TEST_F(transliterating, another_carrier_gets_the_text_that_was_reported) {
    both_carriers();
    text_of(engine_world::beta).alphabet = config::default_alphabet::latin1;
    world.start();
    world.submit("a “quote” and €");
    world.accept_everything();
    world.bind_up(2, engine_world::beta);
    EXPECT_EQ(shown(), "a \"quote\" and €");
}

}  // namespace
}  // namespace hikyaku::gateway
