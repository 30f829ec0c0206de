// Histories of a carrier that was excluded for a message, and another that drops.
#include <gtest/gtest.h>

#include "tests/unit/gateway/engine/histories.hpp"

namespace hikyaku::gateway {
namespace {

using smpp::command_status;
namespace table = model::table;
using testing::engine_world;
using testing::histories;
using namespace std::chrono_literals;

class exclusions : public histories {
protected:
    /// alpha has refused the second message, which waits for beta, whose window is full.
    message_id waits_for_beta(bool times_out) {
        world.settings.routes[0].targets = {{"alpha", 1, 0}, {"beta", 1, 0}};
        world.start();
        world.bind_up(2, engine_world::beta, 1);
        world.submit("fills beta");
        EXPECT_EQ(sent(), 1U);
        world.bind_up(1, engine_world::alpha, 10);
        const auto id = world.submit("Hello");
        EXPECT_EQ(sent(), 2U);
        EXPECT_EQ(segment(1).bind, bind_id{1});
        if (times_out)
            world.fail(segment(1), attempt_failure::timed_out);
        else
            world.refuse(segment(1), command_status::esme_rinvbndsts);
        EXPECT_EQ(sent(), 2U) << "beta is busy, and alpha has refused it";
        return id;
    }
    std::vector<std::string> texts_from(std::size_t index) {
        std::vector<std::string> texts;
        for (; index < sent(); ++index)
            texts.push_back(segment(index).octets);
        return texts;
    }
};

using strings = std::vector<std::string>;

TEST_F(exclusions, refused_by_one_and_the_other_drops) {
    const auto id = waits_for_beta(false);
    world.bind_down(2, attempt_failure::not_sent, {segment(0)});
    // What was not sent by beta goes on at alpha; the refused one lets it pass.
    EXPECT_EQ(texts_from(2), strings{"fills beta"});
    world.respond(segment(2), "A1");
    world.submit("the next");
    EXPECT_EQ(texts_from(3), strings{"the next"});
    world.respond(segment(3), "A2");
    world.advance(29s);
    EXPECT_EQ(sent(), 4U);
    world.advance(3s);
    ASSERT_EQ(texts_from(4), strings{"Hello"}) << "alpha is asked again when nobody else is up";
    EXPECT_EQ(segment(4).bind, bind_id{1});
    world.respond(segment(4), "A3");
    EXPECT_EQ(world.state_of(id), State::submitted);
    expect_nothing_queued();
}

TEST_F(exclusions, unanswered_by_one_and_the_other_drops) {
    const auto id = waits_for_beta(true);
    world.bind_down(2, attempt_failure::not_sent, {segment(0)});
    EXPECT_EQ(texts_from(2), strings{"fills beta"});
    world.respond(segment(2), "A1");
    world.advance(29s);
    EXPECT_EQ(sent(), 3U);
    world.advance(3s);
    ASSERT_EQ(texts_from(3), strings{"Hello"});
    world.respond(segment(3), "A3");
    EXPECT_EQ(world.state_of(id), State::submitted);
    expect_nothing_queued();
}

TEST_F(exclusions, the_other_drops_and_returns_before_the_first_is_asked_again) {
    const auto id = waits_for_beta(false);
    world.bind_down(2, attempt_failure::not_sent, {segment(0)});
    world.respond(segment(2), "A1");
    world.advance(5s);
    world.bind_up(3, engine_world::beta);
    world.advance(28s);
    ASSERT_EQ(texts_from(3), strings{"Hello"});
    world.respond(segment(3), "B1");
    EXPECT_EQ(world.state_of(id), State::submitted);
    expect_nothing_queued();
}

TEST_F(exclusions, what_replaces_it_may_go_to_the_first_again) {
    const auto id = waits_for_beta(false);
    operation_target what;
    what.id = id;
    what.source.digits = "Shop";
    replacement by;
    by.octets = "Bye";
    ASSERT_EQ(world.gateway->replace(engine_world::shop, what, std::move(by), {session_id{1}, 9},
                                     world.now()),
              command_status::esme_rok);
    world.settle();
    ASSERT_EQ(texts_from(2), strings{"Bye"});
    EXPECT_EQ(segment(2).bind, bind_id{1});
}

TEST_F(exclusions, refused_by_both_one_after_the_other_ends) {
    const auto id = waits_for_beta(false);
    world.respond(segment(0), "B1");
    ASSERT_EQ(texts_from(2), strings{"Hello"});
    EXPECT_EQ(segment(2).bind, bind_id{2});
    world.refuse(segment(2), command_status::esme_rinvbndsts);
    EXPECT_EQ(world.state_of(id), State::rejected);
    world.advance(10min);
    EXPECT_EQ(sent(), 3U);
    expect_nothing_queued();
}

TEST_F(exclusions, unanswered_by_both_one_after_the_other_is_sent_again_later) {
    const auto id = waits_for_beta(true);
    world.respond(segment(0), "B1");
    ASSERT_EQ(texts_from(2), strings{"Hello"});
    world.fail(segment(2), attempt_failure::timed_out);
    EXPECT_EQ(sent(), 3U) << "both have been asked: a pause";
    world.advance(3min);
    ASSERT_EQ(sent(), 4U);
    world.respond(segment(3), "C1");
    EXPECT_EQ(world.state_of(id), State::submitted);
    EXPECT_EQ(segment_of(id).attempts, 3U);
    expect_nothing_queued();
}

TEST_F(exclusions, the_last_attempt_is_the_last_at_whichever_carrier) {
    world.settings.routes[0].targets = {{"alpha", 1, 0}, {"beta", 1, 1}};
    for (auto& carrier : world.settings.carriers)
        carrier.retries[0x04] = {config::retry_rule::action::next_carrier, 5s, 5s, 1};
    world.start();
    world.bind_up(1);
    world.bind_up(2, engine_world::beta);
    const auto id = world.submit("Hello");
    world.refuse(segment(0), command_status::esme_rinvbndsts);
    EXPECT_EQ(world.state_of(id), State::rejected) << "attempts_max is 1";
    EXPECT_EQ(sent(), 1U);
    expect_nothing_queued();
}

}  // namespace
}  // namespace hikyaku::gateway
