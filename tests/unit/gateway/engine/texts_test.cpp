// Texts cut for carriers: what each of them is sent, what a phone shows of it, what happens when
// another carrier takes a message, and what an estimate says of it.
#include <gtest/gtest.h>

#include <algorithm>

#include "gateway/model/records.hpp"
#include "gateway/model/tables.hpp"
#include "tests/support/texts_fixture.hpp"

namespace hikyaku::gateway {
namespace {

using config::segmentation;
using smpp::command_status;
using testing::engine_world;
using testing::milliseconds;
using testing::sent_segment;
using testing::texts;
using namespace std::chrono_literals;

TEST_F(texts, segments_hang_together_as_the_carrier_wants) {
    struct row {
        segmentation how;
        std::string_view header;
        std::size_t sent;
    };
    using namespace std::string_view_literals;
    for (const auto& [how, header, sent] :
         {row{segmentation::udh8, "\x05\x00\x03"sv, 2},
          row{segmentation::udh16, "\x06\x08\x04"sv, 2}, row{segmentation::sar, "Your p"sv, 2},
          row{segmentation::payload, ""sv, 1}}) {
        engine_world one;
        one.settings.carriers[0].text.segmentation = how;
        one.start();
        one.accept_everything();
        one.bind_up(1);
        const auto result = one.hand_in(engine_world::text_to("819012345678", long_text));
        EXPECT_EQ(result.segments, 2U);
        one.settle();
        ASSERT_EQ(one.outputs->sent.size(), sent);
        testing::phone reader;
        for (const auto& each : one.outputs->sent) {
            if (how != segmentation::sar || &each == one.outputs->sent.data())
                EXPECT_EQ(each.octets.substr(0, header.size()), header);
            EXPECT_EQ((each.esm_class & 0x40) != 0,
                      how == segmentation::udh8 || how == segmentation::udh16);
            EXPECT_EQ(tlvs_of(each).find(smpp::tag::sar_msg_ref_num).has_value(),
                      how == segmentation::sar);
            reader.receive(each, profile_of(one.settings.carriers[0].text));
        }
        EXPECT_EQ(reader.shown, std::vector<std::string>{long_text});
        const auto view = one.gateway->find(engine_world::shop, result.id);
        ASSERT_TRUE(view.has_value());
        EXPECT_EQ(view->parts, 2U);
    }
}

TEST_F(texts, sar_and_payload_stand_beside_the_tlvs_of_the_submission) {
    std::vector<std::uint8_t> buffer;
    smpp::tlv_writer writer(buffer);
    writer.u16(smpp::tag::user_message_reference, 77);
    for (const auto how : {segmentation::sar, segmentation::payload}) {
        engine_world one;
        one.settings.carriers[0].text.segmentation = how;
        one.start();
        one.accept_everything();
        one.bind_up(1);
        auto message = engine_world::text_to("819012345678", long_text);
        message.tlvs.assign(buffer.begin(), buffer.end());
        one.submit(std::move(message));
        ASSERT_FALSE(one.outputs->sent.empty());
        for (const auto& each : one.outputs->sent)
            EXPECT_EQ(tlvs_of(each).u16(smpp::tag::user_message_reference), 77);
    }
}

TEST_F(texts, another_carrier_gets_a_plan_of_its_own_that_a_restart_keeps) {
    both_carriers();
    text_of(engine_world::beta).segmentation = segmentation::sar;
    world.start();
    const auto id = world.submit(long_text);  // planned for alpha, which never comes up
    world.bind_up(2, engine_world::beta, 1);
    ASSERT_EQ(world.outputs->sent.size(), 1U);
    const auto first = world.outputs->sent[0];
    const auto reference = tlvs_of(first).u16(smpp::tag::sar_msg_ref_num);
    ASSERT_TRUE(reference.has_value());
    EXPECT_EQ(first.esm_class & 0x40, 0);
    world.respond(first, "b-1");
    world.settle();
    phone.receive(first, profile_of(text_of(engine_world::beta)));
    world.crash_and_start();
    world.accept_everything();
    world.bind_up(4, engine_world::beta);
    ASSERT_EQ(world.outputs->sent.size(), 1U);
    EXPECT_EQ(tlvs_of(world.outputs->sent[0]).u16(smpp::tag::sar_msg_ref_num), reference);
    EXPECT_EQ(tlvs_of(world.outputs->sent[0]).u8(smpp::tag::sar_segment_seqnum), 2);
    EXPECT_EQ(shown(), long_text);
    EXPECT_EQ(world.state_of(id), State::submitted);
}

TEST_F(texts, a_replacement_forgets_what_was_cut_for_another_carrier) {
    both_carriers();
    text_of(engine_world::beta).segmentation = segmentation::sar;
    world.start();
    const auto id = world.submit(octets_to(std::string(200, 'a'), 0));  // planned for alpha
    world.bind_up(2, engine_world::beta);
    ASSERT_EQ(world.outputs->sent.size(), 2U);
    for (std::size_t i = 0; i < 2; ++i)
        world.refuse(sent_segment(world.outputs->sent[i]), command_status::esme_rx_t_appn);
    operation_target what;
    what.id = id;
    what.source.digits = "Shop";
    replacement by;
    by.octets = std::string(200, 'b');
    ASSERT_EQ(world.gateway->replace(engine_world::shop, what, std::move(by), {session_id{1}, 9},
                                     world.now()),
              command_status::esme_rok);
    world.advance(2min);
    ASSERT_EQ(world.outputs->sent.size(), 4U);
    for (std::size_t i = 2; i < 4; ++i)
        phone.receive(world.outputs->sent[i], profile_of(text_of(engine_world::beta)));
    EXPECT_EQ(phone.shown, std::vector{std::string(200, 'b')});
}

TEST_F(texts, a_part_that_was_accepted_elsewhere_keeps_the_plan) {
    both_carriers();
    struct row {
        segmentation alpha, beta;
        config::default_alphabet alphabet;
        bool beta_takes_it;
    };
    using alphabet = config::default_alphabet;
    for (const auto& [alpha, beta, letters, takes] :
         {row{segmentation::udh8, segmentation::udh16, alphabet::gsm7, true},
          row{segmentation::udh8, segmentation::udh8, alphabet::latin1, false},
          row{segmentation::sar, segmentation::udh8, alphabet::gsm7, false},
          row{segmentation::sar, segmentation::sar, alphabet::gsm7, true}}) {
        engine_world one;
        one.settings.routes = world.settings.routes;
        one.settings.carriers[0].text.segmentation = alpha;
        one.settings.carriers[1].text.segmentation = beta;
        one.settings.carriers[1].text.alphabet = letters;
        one.start();
        one.bind_up(1, engine_world::alpha, 1);
        const auto id = one.submit(long_text);
        ASSERT_EQ(one.outputs->sent.size(), 1U);
        one.bind_up(2, engine_world::beta);
        const auto first = one.outputs->sent[0];
        one.gateway->on_response(first.bind, first.token, command_status::esme_rok, "a-1",
                                 one.now());
        one.bind_down(1, attempt_failure::not_sent, {});
        one.settle();
        testing::phone reader;
        reader.receive(first, {});
        if (!takes) {
            EXPECT_EQ(one.outputs->sent.size(), 1U);
            one.accept_everything();
            one.bind_up(3, engine_world::alpha);
            one.advance(40s);
        }
        ASSERT_EQ(one.outputs->sent.size(), 2U);
        EXPECT_EQ(one.outputs->sent[1].bind, takes ? bind_id{2} : bind_id{3});
        reader.receive(one.outputs->sent[1], {});
        EXPECT_EQ(reader.shown, std::vector<std::string>{long_text});
        EXPECT_NE(one.state_of(id), State::rejected);
    }
}

TEST_F(texts, short_texts_that_are_the_same_everywhere_are_not_stored_twice) {
    both_carriers();
    text_of(engine_world::beta).segmentation = segmentation::udh16;
    world.start();
    const auto id = world.submit("short");
    world.accept_everything();
    world.bind_up(2, engine_world::beta);
    ASSERT_EQ(world.outputs->sent.size(), 1U);
    const auto snapshot = world.store().read();
    const auto value =
        snapshot.get(model::table::outcomes, model::message_key(static_cast<std::uint64_t>(id)));
    ASSERT_TRUE(value.has_value());
    store::record_reader reader;
    const auto* outcome = reader.read<model::record::Outcome>(*value);
    ASSERT_NE(outcome, nullptr);
    EXPECT_EQ(outcome->plan(), nullptr);
}

TEST_F(texts, a_carrier_that_cannot_take_a_text_is_passed_over) {
    both_carriers();
    text_of(engine_world::alpha).parts_max = 1;
    world.start();
    world.accept_everything();
    world.bind_up(1, engine_world::alpha);
    world.bind_up(2, engine_world::beta);
    world.submit(long_text);
    ASSERT_EQ(world.outputs->sent.size(), 2U);
    EXPECT_EQ(world.outputs->sent[0].bind, bind_id{2});
    EXPECT_EQ(shown(), long_text);
    world.submit("short");
    EXPECT_EQ(world.outputs->sent.back().bind, bind_id{1});
}

TEST_F(texts, none_can_take_it_is_a_refusal_with_the_number_needed) {
    both_carriers();
    text_of(engine_world::alpha).parts_max = 1;
    text_of(engine_world::beta).units_max = 100;
    text_of(engine_world::beta).parts_max = 1;
    world.start();
    const auto result = world.hand_in(engine_world::text_to("819012345678", std::string(200, 'x')));
    EXPECT_EQ(result.why, refusal::text_too_long);
    EXPECT_EQ(result.detail, 2U);
    text_of(engine_world::beta).parts_max = 0;
    world.crash_and_start();
    std::string wide;
    for (int i = 0; i < 101; ++i)
        wide += "請";
    const auto too_wide = world.hand_in(engine_world::text_to("819012345678", wide));
    EXPECT_EQ(too_wide.why, refusal::text_too_long);
    wide.resize(3 * 100);
    EXPECT_EQ(world.hand_in(engine_world::text_to("819012345678", wide)).why, refusal::none);
}

TEST_F(texts, rejected_when_the_last_carrier_that_is_left_cannot_take_it) {
    both_carriers();
    text_of(engine_world::beta).parts_max = 1;
    world.start();
    world.bind_up(1, engine_world::alpha);
    world.bind_up(2, engine_world::beta);
    world.responder = [this](const sent_segment& sent) {
        world.gateway->on_response(sent.bind, sent.token, command_status::esme_rinvbndsts, "",
                                   world.now());  // the next carrier
    };
    const auto id = world.submit(long_text);
    EXPECT_EQ(world.state_of(id), State::rejected);
    const auto view = world.gateway->find(engine_world::shop, id);
    ASSERT_TRUE(view.has_value());
    EXPECT_TRUE(std::any_of(
        view->segments.begin(), view->segments.end(),
        [](const auto& each) {
            return each.error == static_cast<std::uint32_t>(command_status::esme_rinvmsglen);
        }));
    EXPECT_TRUE(std::none_of(world.outputs->sent.begin(), world.outputs->sent.end(),
                             [](const auto& sent) { return sent.bind == bind_id{2}; }));
}

TEST_F(texts, a_queued_message_follows_a_carrier_that_is_configured_anew) {
    world.start();
    world.submit(long_text);
    text_of(engine_world::alpha).segmentation = segmentation::udh16;
    text_of(engine_world::alpha).alphabet = config::default_alphabet::latin1;
    world.crash_and_start();
    world.accept_everything();
    world.bind_up(1);
    ASSERT_EQ(world.outputs->sent.size(), 2U);
    EXPECT_EQ(world.outputs->sent[0].octets.substr(0, 3), "\x06\x08\x04");
    EXPECT_EQ(shown(), long_text);
}

TEST_F(texts, a_payload_counts_its_parts_against_the_contract) {
    text_of(engine_world::alpha).segmentation = segmentation::payload;
    world.settings.carriers[0].contract_rate = config::rate{10, milliseconds{1000}};
    world.start();
    world.accept_everything();
    world.bind_up(1, engine_world::alpha, 100);
    for (int i = 0; i < 6; ++i) {
        world.submit(engine_world::text_to("819012345678", std::string(153 * 4, 'x')));  // 4 parts
        world.submit("short");
    }
    world.advance(10s);
    const auto& sent = world.outputs->sent;
    ASSERT_EQ(sent.size(), 12U);
    const auto parts_of = [](const sent_segment& each) { return each.octets.empty() ? 4 : 1; };
    for (std::size_t i = 0; i < sent.size(); ++i) {
        int parts = 0;
        for (std::size_t k = i; k < sent.size() && sent[k].at.steady - sent[i].at.steady < 1s; ++k)
            parts += parts_of(sent[k]);
        EXPECT_LE(parts, 10) << i;
    }
    // 30 short messages at 10 a second, and no time lost in between.
    EXPECT_LT(sent.back().at.steady - sent.front().at.steady, 4500ms);
}

TEST_F(texts, a_payload_longer_than_the_whole_rate_waits_and_is_paid_for) {
    text_of(engine_world::alpha).segmentation = segmentation::payload;
    world.settings.carriers[0].contract_rate = config::rate{2, milliseconds{1000}};
    world.start();
    world.accept_everything();
    world.bind_up(1, engine_world::alpha, 100);
    world.submit(engine_world::text_to("819012345678", std::string(153 * 6, 'x')));
    world.advance(2s);
    ASSERT_EQ(world.outputs->sent.size(), 1U);
    const auto first = world.outputs->sent[0].at.steady;
    world.submit("short");
    world.advance(5s);
    ASSERT_EQ(world.outputs->sent.size(), 2U);
    EXPECT_GE(world.outputs->sent[1].at.steady - first, 2900ms);
}

TEST_F(texts, an_estimate_shows_the_range_over_the_carriers_of_the_route) {
    both_carriers();
    text_of(engine_world::alpha).profile = "docomo";
    text_of(engine_world::beta).profile = "softbank";
    world.start();
    std::string wide;
    for (int i = 0; i < 133; ++i)
        wide += "請";
    auto result = world.gateway->estimate(engine_world::shop,
                                          engine_world::text_to("819012345678", wide), world.now());
    EXPECT_EQ(result.why, refusal::none);
    EXPECT_EQ(result.segments, 3U);  // 66 a segment
    EXPECT_EQ(result.billed, 3U);
    ASSERT_EQ(result.plans.size(), 2U);
    EXPECT_EQ(result.plans[0].carrier, "alpha");
    EXPECT_EQ(result.plans[1].segments, 2U);  // 67 a segment
    EXPECT_EQ(result.plans[1].billed, 1U);
    using bounds = smpp::text::planned_range::bounds;
    EXPECT_EQ(result.range.parts, (bounds{2, 3}));
    EXPECT_EQ(result.range.billed, (bounds{1, 3}));
    EXPECT_EQ(result.range.units, (bounds{133, 133}));
    EXPECT_EQ(result.carriers, (std::vector<std::string>{"alpha", "beta"}));
    EXPECT_EQ(world.entries(model::table::concat_pages), 0U);  // nothing is taken
    text_of(engine_world::beta).profile = "docomo";
    world.crash_and_start();
    result = world.gateway->estimate(engine_world::shop,
                                     engine_world::text_to("819012345678", wide), world.now());
    EXPECT_TRUE(result.plans.empty());
    EXPECT_EQ(result.billed, 3U);
}

TEST_F(texts, an_estimate_names_the_carriers_that_cannot_take_a_text) {
    both_carriers();
    text_of(engine_world::alpha).parts_max = 1;
    world.start();
    const auto result = world.gateway->estimate(
        engine_world::shop, engine_world::text_to("819012345678", long_text), world.now());
    EXPECT_EQ(result.why, refusal::none);
    ASSERT_EQ(result.plans.size(), 2U);
    EXPECT_EQ(result.plans[0].why, refusal::text_too_long);
    EXPECT_EQ(result.plans[0].detail, 2U);
    EXPECT_EQ(result.range.planned, 1U);
    EXPECT_EQ(result.segments, 2U);
}

}  // namespace
}  // namespace hikyaku::gateway
