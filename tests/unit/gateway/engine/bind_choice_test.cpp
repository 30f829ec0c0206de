// Which of a carrier's binds segments go to, seen from the engine; carriers_test.cpp has the rule.
#include <gtest/gtest.h>

#include <set>

#include "gateway/model/tables.hpp"
#include "tests/support/engine_fixture.hpp"

namespace hikyaku::gateway {
namespace {

namespace table = model::table;
using testing::engine_world;

class bind_choice : public ::testing::Test {
protected:
    bind_choice() {
        world.settings.carriers[0].window_adaptive = false;  // it would make room smaller by itself
        world.start();
        world.bind_up(1);
        world.bind_up(2);
        world.session_up(100);
    }

    const testing::sent_segment& last() { return world.outputs->sent.back(); }
    /// The binds of messages that are sent and answered one after the other.
    std::set<bind_id> binds_of(int messages) {
        std::set<bind_id> binds;
        for (int i = 0; i < messages; ++i) {
            world.submit("Hello");
            binds.insert(last().bind);
            const testing::sent_segment sent = last();
            world.respond(sent, "B" + std::to_string(++ids_));
        }
        return binds;
    }

    engine_world world;

private:
    int ids_ = 0;
};

TEST_F(bind_choice, one_turn_sends_to_one_bind_and_turns_take_the_binds_in_turn) {
    world.submit(std::string(300, 'a'));  // two segments
    ASSERT_EQ(world.outputs->sent.size(), 2U);
    EXPECT_EQ(world.outputs->sent[0].bind, world.outputs->sent[1].bind);
    world.respond(testing::sent_segment(world.outputs->sent[0]), "A1");
    world.respond(testing::sent_segment(world.outputs->sent[1]), "A2");
    EXPECT_EQ(binds_of(2), (std::set{bind_id{1}, bind_id{2}}));
}

TEST_F(bind_choice, a_bind_that_timed_out_gets_nothing_while_others_answer) {
    world.submit("Hello");
    const testing::sent_segment silent = last();
    world.fail(silent, attempt_failure::timed_out);
    EXPECT_FALSE(binds_of(6).contains(silent.bind));
    world.respond(silent, "A1");  // late, as on a connection that hardly moves
    EXPECT_FALSE(binds_of(6).contains(silent.bind));
}

TEST_F(bind_choice, a_bind_that_answers_again_has_its_turn_again) {
    world.submit("Hello");
    const testing::sent_segment silent = last();
    world.fail(silent, attempt_failure::timed_out);
    const std::uint64_t other = silent.bind == bind_id{1} ? 2 : 1;
    world.bind_down(other, attempt_failure::not_sent, {});
    EXPECT_EQ(binds_of(1), std::set{silent.bind});
    world.bind_up(3);
    EXPECT_EQ(binds_of(2), (std::set{silent.bind, bind_id{3}}));
}

TEST_F(bind_choice, a_receipt_of_the_turn_in_which_its_bind_goes_down_is_kept) {
    world.submit("Hello");
    const testing::sent_segment sent = last();
    world.hand_in_receipt(static_cast<std::uint64_t>(sent.bind), "A1", "DELIVRD", "819012345678");
    world.bind_down(static_cast<std::uint64_t>(sent.bind), attempt_failure::outcome_unknown,
                    {sent});
    world.settle();
    EXPECT_EQ(world.entries(table::unmatched), 1U);
    EXPECT_EQ(world.gateway->count().receipts_unmatched, 1U);
}

}  // namespace
}  // namespace hikyaku::gateway
