// A carrier that takes one alphabet with one data_coding: texts of both doors written in it, its
// failover in both directions, and its replies.
#include <gtest/gtest.h>

#include "smpp/text/gsm.hpp"
#include "tests/support/engine_fixture.hpp"

namespace hikyaku::gateway {
namespace {

using testing::engine_world;
using namespace std::string_literals;

class fixed_coding : public ::testing::Test {
protected:
    engine_world world;

    void SetUp() override {
        world.settings.carriers[0].text.fixed = {.data_coding = 3, .charset = "ISO-8859-15"};
    }
    void ready() {
        world.start();
        world.accept_everything();
        world.bind_up(1);
    }
    static submission octets_to(std::string_view octets, std::uint8_t data_coding,
                                std::uint8_t esm_class = 0) {
        auto message = engine_world::text_to("819012345678", "");
        message.text.reset();
        message.octets = octets;
        message.data_coding = data_coding;
        message.esm_class = esm_class;
        return message;
    }
    void both_carriers() {
        world.settings.routes[0].targets = {{.carrier = "alpha", .priority = 0},
                                            {.carrier = "beta", .priority = 1}};
    }
    const testing::sent_segment& last() { return world.outputs->sent.back(); }
};

TEST_F(fixed_coding, texts_of_every_door_are_written_in_it) {
    ready();
    const std::string header("\x05\x00\x03\x2A\x02\x01", 6);
    struct row {
        std::string octets;
        int data_coding, esm_class;
        std::string sent;
        int sent_data_coding;
    };
    for (const auto& [octets, data_coding, esm_class, sent, sent_data_coding] : {
             row{"5 \x1B\x65", 0, 0, "5 \xA4", 3},               // GSM
             row{"\0005\x20\xAC\0\xE9"s, 8, 0, "5\xA4\xE9", 3},  // UCS-2
             row{"caf\xE9", 3, 0, "caf\xE9", 3},                 // Latin-1
             row{"cafe", 1, 0, "cafe", 3},                       // ASCII
             row{"hi", 0xF0, 0, "hi", 3},                        // flash
             row{header + "\x1B\x65", 0, 0x40, header + "\xA4", 3},
             row{"\x01\xFF"s, 4, 0, "\x01\xFF"s, 4},  // data
         }) {
        world.submit(octets_to(octets, static_cast<std::uint8_t>(data_coding),
                               static_cast<std::uint8_t>(esm_class)));
        EXPECT_EQ(last().octets, sent) << data_coding;
        EXPECT_EQ(last().data_coding, sent_data_coding) << data_coding;
        EXPECT_EQ(last().esm_class, esm_class);
    }
    world.submit(engine_world::text_to("819012345678", "Prix: 5 €"));
    EXPECT_EQ(last().octets, "Prix: 5 \xA4");
    EXPECT_EQ(last().data_coding, 3);
}

TEST_F(fixed_coding, what_it_lacks_is_refused_or_goes_to_another_carrier) {
    ready();
    EXPECT_EQ(world.hand_in(engine_world::text_to("819012345678", "請求")).why,
              refusal::text_invalid);
    EXPECT_EQ(world.hand_in(octets_to("\x8A\xCB"s, 8)).why, refusal::text_invalid);
    EXPECT_EQ(world.hand_in(octets_to("\xA4", 3)).why, refusal::text_invalid);  // no euro there
    engine_world two;
    two.settings.carriers[0].text.fixed = world.settings.carriers[0].text.fixed;
    two.settings.routes[0].targets = {{.carrier = "alpha", .priority = 0},
                                      {.carrier = "beta", .priority = 1}};
    two.start();
    two.accept_everything();
    two.bind_up(1);
    two.bind_up(2, engine_world::beta);
    two.submit(engine_world::text_to("819012345678", "請求"));
    ASSERT_EQ(two.outputs->sent.size(), 1U);
    EXPECT_EQ(two.outputs->sent[0].data_coding, 8);
}

TEST_F(fixed_coding, a_message_for_it_is_rewritten_for_the_next_carrier_and_back) {
    for (const bool from_octets : {false, true}) {
        for (const bool fixed_first : {false, true}) {
            SCOPED_TRACE(from_octets);
            SCOPED_TRACE(fixed_first);
            engine_world one;
            const auto which = fixed_first ? 0U : 1U;
            one.settings.carriers[which].text.fixed = {.data_coding = 3, .charset = "ISO-8859-15"};
            one.settings.routes[0].targets = {{.carrier = "alpha", .priority = 0},
                                              {.carrier = "beta", .priority = 1}};
            one.start();
            // "ê" is not in GSM. Alpha is meant and never comes.
            one.submit(from_octets ? octets_to("\0\xEA\x20\xAC"s, 8)
                                   : engine_world::text_to("819012345678", "ê€"));
            one.crash_and_start();
            one.accept_everything();
            one.bind_up(2, engine_world::beta);
            ASSERT_EQ(one.outputs->sent.size(), 1U);
            const auto& sent = one.outputs->sent[0];
            EXPECT_EQ(sent.octets, fixed_first ? "\0\xEA\x20\xAC"s : "\xEA\xA4"s);
            EXPECT_EQ(sent.data_coding, fixed_first ? 8 : 3);
        }
    }
}

TEST_F(fixed_coding, replies_in_it_are_read_by_it) {
    world.settings.accounts[0].numbers = {"815011111111"};
    ready();
    world.session_up(100, engine_world::shop, 100);
    struct row {
        std::string octets;
        int data_coding;
        std::string delivered;
        int delivered_as;
    };
    for (const auto& [octets, data_coding, delivered, delivered_as] : {
             row{"5 \xA4", 3, "5 \x1B\x65", 0}, row{"\xEA\xA4", 3, "\0\xEA\x20\xAC"s, 8},
             row{"caf\xE9", 0, "caf\xE9", 0},  // another data_coding, another alphabet
         }) {
        world.hand_in_deliver_sm(1, octets, "819012345678", "815011111111", 0,
                                 static_cast<std::uint8_t>(data_coding));
        world.settle();
        ASSERT_FALSE(world.outputs->delivered.empty());
        const auto& got = world.outputs->delivered.back().event;
        EXPECT_EQ(got.octets, delivered);
        EXPECT_EQ(got.data_coding, delivered_as);
    }
}

}  // namespace
}  // namespace hikyaku::gateway
