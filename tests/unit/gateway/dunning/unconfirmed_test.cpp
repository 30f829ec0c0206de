// A store that has to be confirmed: what asks the gate waits, whatever else speaks for or against
// it.
#include "config/policy.hpp"
#include "gateway/gate/compile.hpp"
#include "tests/unit/gateway/dunning/protected_world.hpp"

namespace hikyaku::gateway::dunning {
namespace {

using namespace std::chrono_literals;

class unconfirmed : public testing::protected_world {
protected:
    /// The rules of its last decision.
    [[nodiscard]] std::vector<std::string> rules_of(message_id id) const {
        std::vector<std::string> rules;
        const auto made = desk->find_decision(id);
        if (!made) return rules;
        for (const auto& each : made->reasons)
            rules.push_back(each.rule);
        return rules;
    }
};

TEST_F(unconfirmed, what_asks_waits_until_it_is_confirmed) {
    start();
    gate->keep_back("store_unconfirmed");
    for (const auto purpose : {Purpose::service, Purpose::dunning, Purpose::marketing}) {
        const auto id = world.submit(reminder(purpose));
        EXPECT_EQ(rules_of(id), std::vector<std::string>{"store_unconfirmed"});
        EXPECT_EQ(desk->find_decision(id)->says, gate::outcome::delay);
    }
    EXPECT_EQ(sent(), 0U);
    world.submit("a code");
    EXPECT_EQ(sent(), 1U);
    world.advance(20min);
    EXPECT_EQ(sent(), 1U);
    gate->keep_back("");
    world.advance(5min);
    EXPECT_EQ(sent(), 4U);
}

TEST_F(unconfirmed, a_hold_ends_a_message_all_the_same) {
    start();
    place(hold_on(model::party_scope::debtor, "d-1"));
    gate->keep_back("clock_jumped");
    const auto held = world.submit(reminder());
    EXPECT_EQ(world.state_of(held), State::rejected);
    EXPECT_EQ(rules_of(held).front(), "hold_promise");
}

TEST_F(unconfirmed, a_shadow_does_not_let_it_out) {
    start();
    const auto& packs = config::shipped_packs();
    config::account own = world.settings.accounts[0];
    own.policy_shadow = true;
    boost::unordered_flat_map<std::uint32_t, gate::policy> rules;
    rules.emplace(stored(testing::engine_world::shop),
                  gate::compile(*config::find_pack(packs, "japan/lender"), own));
    gate->take_policies(std::move(rules), [](std::uint32_t) { return true; });
    gate->keep_back("clock_jumped");
    const auto waits = world.submit(reminder());
    EXPECT_EQ(sent(), 0U);
    const auto made = desk->find_decision(waits);
    ASSERT_TRUE(made);
    EXPECT_FALSE(made->is_shadow);
    EXPECT_EQ(made->says, gate::outcome::delay);
}

}  // namespace
}  // namespace hikyaku::gateway::dunning
