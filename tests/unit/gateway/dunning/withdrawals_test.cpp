// The end of what was accepted for somebody on whom a hold comes later, of a whole account, of
// somebody with very many messages, and of a phone that a carrier says has opted out.
#include "tests/unit/gateway/dunning/protected_world.hpp"

namespace hikyaku::gateway::dunning {
namespace {

using model::party_scope;
using smpp::command_status;
using testing::engine_world;
using testing::protected_world;
using namespace std::chrono_literals;

class withdrawals : public protected_world {
protected:
    [[nodiscard]] auto& cancels() { return world.outputs->cancels; }
    new_hold hold_in(std::chrono::milliseconds delay) const {
        auto later = hold_on(party_scope::debtor, "d-1");
        later.from_ms = world.now().wall_ms + delay.count();
        return later;
    }
    void advance(std::chrono::microseconds by) {
        world.advance(by);
        settle();
    }
};

TEST_F(withdrawals, ask_carriers_when_a_hold_begins) {
    start();
    world.submit(reminder());
    world.submit("a code");
    place(hold_in(10min));
    advance(10min - 1s);
    EXPECT_EQ(cancels().size(), 0U);
    advance(2s);
    ASSERT_EQ(cancels().size(), 1U);
    EXPECT_EQ(cancels()[0].message_id, "id-1");
    advance(1h);
    EXPECT_EQ(cancels().size(), 1U);
}

TEST_F(withdrawals, ask_also_when_it_began_while_the_process_was_down) {
    start();
    world.submit(reminder());
    place(hold_in(10min));
    crash_and_start();
    advance(11min);
    EXPECT_EQ(cancels().size(), 0U) << "no carrier is there";
    world.bind_up(1);
    settle();
    ASSERT_EQ(cancels().size(), 1U);
    EXPECT_EQ(cancels()[0].message_id, "id-1");
}

TEST_F(withdrawals, ask_nothing_when_it_was_lifted_before) {
    start();
    world.submit(reminder());
    const auto placed = place(hold_in(10min));
    lift(placed.hold.id);
    advance(11min);
    EXPECT_EQ(cancels().size(), 0U);
    EXPECT_EQ(world.store().read().count(model::table::withdrawals), 0U);
}

TEST_F(withdrawals, of_an_account_spare_others_and_what_asks_nobody) {
    start();
    world.submit("a code");
    world.submit(reminder());
    auto other = reminder();
    other.debtor = "d-2";
    other.destination.digits = "819012345699";
    world.submit(other);
    world.submit(reminder(), engine_world::bank);
    ASSERT_EQ(sent(), 4U);
    const auto answer = place(hold_on(party_scope::account, ""));
    EXPECT_EQ(answer.ended.withdrawn, 0U) << "it follows in steps";
    advance(1s);
    ASSERT_EQ(cancels().size(), 2U);
    EXPECT_EQ(cancels()[0].message_id, "id-2");
    EXPECT_EQ(cancels()[1].message_id, "id-3");
}

TEST_F(withdrawals, of_very_many_messages_come_to_their_end) {
    start(false);
    std::vector<message_id> queued;
    for (int i = 0; i < 1300; ++i)
        queued.push_back(world.submit(reminder()));
    const auto answer = place(hold_on(party_scope::debtor, "d-1"));
    EXPECT_GT(answer.ended.withdrawn, 0U);
    EXPECT_LT(answer.ended.withdrawn, queued.size());
    for (int i = 0; i < 10; ++i)
        advance(1s);
    for (const auto id : queued)
        ASSERT_EQ(world.state_of(id), State::rejected);
    EXPECT_EQ(why(queued.front()), "hold_promise");
}

TEST_F(withdrawals, ask_carriers_about_a_phone_that_has_opted_out) {
    world.settings.carriers[0].opted_out = {"051"};
    start();
    world.submit(reminder());
    world.submit(reminder());
    world.submit("a code");
    ASSERT_EQ(sent(), 3U);
    world.receipt("id-1", "UNDELIV", "051");
    advance(1s);
    ASSERT_EQ(cancels().size(), 1U);
    EXPECT_EQ(cancels()[0].message_id, "id-2");
}

}  // namespace
}  // namespace hikyaku::gateway::dunning
