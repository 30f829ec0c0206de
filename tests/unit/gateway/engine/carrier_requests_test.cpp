// What a carrier gets: addresses and TLVs by its rules, and what becomes of a message that it
// cannot be given; replies come back in the addresses that applications know.
#include <gtest/gtest.h>

#include "gateway/model/tables.hpp"
#include "tests/support/engine_fixture.hpp"
#include "tests/unit/gateway/engine/dlt_tags.hpp"

namespace hikyaku::gateway {
namespace {

using smpp::command_status;
using testing::engine_world;
using namespace std::chrono_literals;
using side = config::address_rule::side;
using shape = config::address_rule::shape;

std::string tlv(std::uint16_t tag, std::string_view value) {
    std::vector<std::uint8_t> bytes;
    smpp::tlv_writer(bytes).octets(
        tag, {reinterpret_cast<const std::uint8_t*>(value.data()), value.size()});
    return {bytes.begin(), bytes.end()};
}

config::tlv_rule required(std::uint16_t tag) {
    config::tlv_rule rule;
    rule.action = config::tlv_action::require;
    rule.tag = tag;
    return rule;
}

class carrier_requests : public ::testing::Test {
protected:
    engine_world world;

    config::carrier& alpha() { return world.settings.carriers[0]; }
    void both_carriers() {
        world.settings.routes[0].targets = {{.carrier = "alpha", .priority = 0},
                                            {.carrier = "beta", .priority = 1}};
    }
    void ready() {
        world.start();
        world.bind_up(1);
        world.session_up(100);
    }
    static submission with_tlvs(std::string tlvs) {
        auto message = engine_world::text_to("819012345678", "Hello");
        message.tlvs = std::move(tlvs);
        return message;
    }
    void national_rules() {
        config::address_rule to;
        to.of = side::destination;
        to.prefix = "81";
        to.ton = 2;
        to.strip = "81";
        to.prepend = "0";
        config::address_rule from;
        from.of = side::source;
        from.is = shape::short_code;
        from.ton = 6;
        from.prepend = "55";
        alpha().address_rules = {to, from};
    }
};

TEST_F(carrier_requests, addresses_are_written_by_the_rules) {
    national_rules();
    ready();
    auto message = engine_world::text_to("819012345678", "Hello");
    message.source = {0, 0, "12345"};
    world.submit(message);
    ASSERT_EQ(world.outputs->sent.size(), 1U);
    EXPECT_EQ(world.outputs->sent[0].destination, "09012345678");
    EXPECT_EQ(world.outputs->sent[0].destination_ton, 2);
    EXPECT_EQ(world.outputs->sent[0].source, "5512345");
    EXPECT_EQ(world.outputs->sent[0].source_ton, 6);
}

// The id decides; where it was guessed, the end of the address agrees although its front differs.
TEST_F(carrier_requests, receipts_of_rewritten_destinations_are_matched) {
    national_rules();
    ready();
    const auto id = world.submit("Hello");
    world.respond(world.outputs->sent[0], "1A2B");
    world.hand_in_receipt(1, "6699", "DELIVRD", "09012345678");
    world.settle();
    EXPECT_EQ(world.state_of(id), State::delivered);
    ASSERT_EQ(world.deliveries(), 1U);
    EXPECT_EQ(world.outputs->delivered[0].event.destination, "819012345678");
}

TEST_F(carrier_requests, what_no_carrier_can_be_written_is_refused_before_it_is_taken) {
    config::address_rule rule;
    rule.prefix = "49";
    rule.prepend = "12345678";
    alpha().address_rules = {rule};
    ready();
    const auto long_one = engine_world::text_to("4915112345678", "Hello");  // 13 digits and 8
    EXPECT_EQ(world.hand_in(long_one).why, refusal::destination_unwritable);
    EXPECT_EQ(world.gateway->estimate(engine_world::shop, submission(long_one), world.now()).why,
              refusal::destination_unwritable);
    rule.of = side::source;
    rule.prefix.clear();
    rule.prepend = "1234567890";
    auto from = engine_world::text_to("819012345678", "Hello");
    from.source = {1, 1, "81312345678"};
    world.settings.carriers[0].address_rules = {rule};
    world.crash_and_start();
    world.bind_up(1);
    EXPECT_EQ(world.hand_in(from).why, refusal::source_unwritable);
    EXPECT_TRUE(world.outputs->sent.empty());
    EXPECT_EQ(world.entries(model::table::messages), 0U);
}

TEST_F(carrier_requests, what_one_carrier_cannot_be_written_goes_to_another_one) {
    config::address_rule rule;
    rule.prefix = "49";
    rule.prepend = "12345678";
    alpha().address_rules = {rule};
    both_carriers();
    ready();
    world.bind_up(2, engine_world::beta);
    const auto message = engine_world::text_to("4915112345678", "Hello");
    const auto plan = world.gateway->estimate(engine_world::shop, submission(message), world.now());
    EXPECT_EQ(plan.why, refusal::none);
    ASSERT_EQ(plan.plans.size(), 2U);
    EXPECT_EQ(plan.plans[0].why, refusal::destination_unwritable);
    EXPECT_EQ(plan.plans[1].why, refusal::none);
    world.submit(message);
    ASSERT_EQ(world.outputs->sent.size(), 1U);
    EXPECT_EQ(world.outputs->sent[0].bind, bind_id{2});
    EXPECT_EQ(world.outputs->sent[0].destination, "4915112345678");
}

// Rules that were changed while it waited: the outcome names no carrier, for none was asked.
TEST_F(carrier_requests, what_can_no_longer_be_written_fails_in_our_own_name) {
    world.start();
    world.session_up(100);
    const auto id = world.submit(engine_world::text_to("4915112345678", "Hello"));
    config::address_rule rule;
    rule.prepend = "12345678";
    alpha().address_rules = {rule};
    world.crash_and_start();
    world.session_up(100);
    world.bind_up(1);
    world.settle();
    EXPECT_TRUE(world.outputs->sent.empty());
    const auto found = world.gateway->find(engine_world::shop, id);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->state, State::rejected);
    EXPECT_EQ(found->segments[0].carrier, "");
    EXPECT_EQ(found->segments[0].error,
              static_cast<std::uint32_t>(smpp::command_status::esme_rinvdstadr));
}

TEST_F(carrier_requests, replies_come_in_the_addresses_of_applications) {
    national_rules();
    world.settings.accounts[0].numbers = {"12345"};
    ready();
    world.hand_in_deliver_sm(1, "STOP", "09012345678", "5512345");
    world.settle();
    ASSERT_EQ(world.deliveries(), 1U);
    EXPECT_EQ(world.outputs->delivered[0].event.source, "819012345678");
    EXPECT_EQ(world.outputs->delivered[0].event.destination, "12345");
}

TEST_F(carrier_requests, a_number_of_an_account_stays_as_the_carrier_wrote_it) {
    national_rules();
    world.settings.accounts[0].numbers = {"5512345"};
    ready();
    world.hand_in_deliver_sm(1, "STOP", "09012345678", "5512345");
    world.settle();
    ASSERT_EQ(world.deliveries(), 1U);
    EXPECT_EQ(world.outputs->delivered[0].event.destination, "5512345");
}

TEST_F(carrier_requests, tlvs_are_written_by_the_rules) {
    config::tlv_rule add;
    add.action = config::tlv_action::add;
    add.tag = dlt_template;
    add.value = "1107";
    alpha().tlv_rules = {required(dlt_entity), add};
    alpha().tlv_default = config::tlv_action::drop;
    ready();
    world.submit(with_tlvs(tlv(0x1500, "gone") + tlv(dlt_entity, "1101")));
    ASSERT_EQ(world.outputs->sent.size(), 1U);
    EXPECT_EQ(world.outputs->sent[0].tlvs, tlv(dlt_entity, "1101") + tlv(dlt_template, "1107"));
}

TEST_F(carrier_requests, a_missing_tlv_that_every_carrier_requires_refuses_the_submission) {
    alpha().tlv_rules = {required(dlt_entity)};
    world.settings.carriers[1].tlv_rules = {required(dlt_entity), required(dlt_template)};
    both_carriers();
    ready();
    const auto refused = world.hand_in(with_tlvs(tlv(dlt_template, "1")));
    EXPECT_EQ(refused.why, refusal::tlv_missing);
    EXPECT_EQ(world.hand_in(with_tlvs(tlv(dlt_entity, "1"))).why, refusal::none);
}

TEST_F(carrier_requests, one_carrier_that_requires_it_is_passed_over) {
    alpha().tlv_rules = {required(dlt_entity)};
    both_carriers();
    ready();
    world.bind_up(2, engine_world::beta);
    const auto id = world.submit(with_tlvs(""));
    ASSERT_EQ(world.outputs->sent.size(), 1U);
    EXPECT_EQ(world.outputs->sent[0].bind, bind_id{2});
    EXPECT_EQ(world.state_of(id), State::queued);
    // With it the first carrier takes the message.
    world.submit(with_tlvs(tlv(dlt_entity, "1")));
    EXPECT_EQ(world.outputs->sent.back().bind, bind_id{1});
}

TEST_F(carrier_requests, while_the_other_carrier_is_down_it_is_waited_for) {
    alpha().tlv_rules = {required(dlt_entity)};
    both_carriers();
    ready();
    const auto id = world.submit(with_tlvs(""));
    EXPECT_TRUE(world.outputs->sent.empty());
    EXPECT_EQ(world.state_of(id), State::queued);
    world.bind_up(2, engine_world::beta);
    world.advance(60s);
    ASSERT_EQ(world.outputs->sent.size(), 1U);
    EXPECT_EQ(world.outputs->sent[0].bind, bind_id{2});
}

TEST_F(carrier_requests, parts_joined_by_tlvs_pass_a_bind_of_3_3_over) {
    both_carriers();
    world.start();
    world.session_up(100);
    world.gateway->on_bind_up(bind_id{1}, {.carrier = engine_world::alpha, .version = 0x33},
                              world.now());
    world.settle();
    world.bind_up(2, engine_world::beta);
    world.submit(with_tlvs(tlv(smpp::tag::sar_total_segments, "\x02")));
    ASSERT_EQ(world.outputs->sent.size(), 1U);
    EXPECT_EQ(world.outputs->sent[0].bind, bind_id{2});
    // What can live without its TLVs goes to the first, without them.
    world.submit(with_tlvs(tlv(dlt_entity, "1")));
    EXPECT_EQ(world.outputs->sent.back().bind, bind_id{1});
    EXPECT_EQ(world.outputs->sent.back().tlvs, "");
}

TEST_F(carrier_requests, what_no_carrier_can_be_given_is_rejected_with_the_reason) {
    world.start();
    world.session_up(100);
    world.gateway->on_bind_up(bind_id{1}, {.carrier = engine_world::alpha, .version = 0x33},
                              world.now());
    world.settle();
    const auto id = world.submit(with_tlvs(tlv(smpp::tag::sar_total_segments, "\x02")));
    EXPECT_EQ(world.state_of(id), State::rejected);
    ASSERT_EQ(world.deliveries(), 1U);
    EXPECT_EQ(world.outputs->delivered[0].event.error,
              static_cast<std::uint32_t>(command_status::esme_rtlvnotallwd));
    EXPECT_EQ(world.account().queued, 0U);
}

}  // namespace
}  // namespace hikyaku::gateway
