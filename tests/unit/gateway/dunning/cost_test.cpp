// What the desk costs those who do not need it: a transactional message makes not one allocation
// more, and no row, whatever holds, suppressions and stops of others there are.
#include <cstddef>

#include "tests/session/allocations.hpp"
#include "tests/unit/gateway/dunning/protected_world.hpp"

namespace hikyaku::gateway::dunning {
namespace {

namespace smpp = hikyaku::smpp;
using testing::engine_world;

struct cost {
    std::size_t allocations = 0;
    std::size_t operations = 0, octets = 0;  // of the batches
};

/// Of messages that go out, with everything that the first ones make anew out of the way.
cost cost_of(engine_world& world, std::size_t messages) {
    const auto send = [&](std::size_t count) {
        for (std::size_t i = 0; i < count; ++i)
            (void)world.hand_in(engine_world::text_to("819012345678", "code 1234"));
        world.gateway->flush(world.now());
    };
    cost sum;
    const auto settle_counting = [&](bool counts) {
        for (auto& commit : world.outputs->commits) {
            if (!counts) continue;
            sum.operations += commit.batch->operations();
            sum.octets += commit.batch->bytes();
        }
        world.write_batches();
        world.report_batches();
        world.gateway->flush(world.now());
    };
    world.commits_itself = false;
    for (int warm = 0; warm < 3; ++warm) {
        send(messages);
        for (int i = 0; i < 4; ++i)
            settle_counting(false);
    }
    const auto before = smpp::test::allocations();
    send(messages);
    for (int i = 0; i < 4; ++i)
        settle_counting(true);
    const auto after = smpp::test::allocations();
    if (before && after) sum.allocations = *after - *before;
    return sum;
}

class costs : public testing::protected_world {};

TEST_F(costs, a_transactional_message_pays_nothing) {
    engine_world plain;
    plain.start();
    plain.bind_up(1, engine_world::alpha, 1000);
    const auto without = cost_of(plain, 50);

    start(false);
    for (int i = 0; i < 100; ++i) {
        place(hold_on(model::party_scope::contact, "+81901111" + std::to_string(1000 + i)));
        suppress("+81902222" + std::to_string(1000 + i), gate::set_of(Purpose::dunning));
    }
    (void)desk->stop({{stored(engine_world::bank), stop_position::every_purpose}, 0, ""},
                     next_ticket(), world.now());
    settle();
    world.responder = nullptr;
    world.bind_up(1, engine_world::alpha, 1000);
    const auto with = cost_of(world, 50);
    EXPECT_GT(without.operations, 0U);
    EXPECT_EQ(with.operations, without.operations);
    EXPECT_EQ(with.octets, without.octets);
    EXPECT_LE(with.allocations, without.allocations);
    EXPECT_EQ(world.entries(table::decisions) + world.entries(table::contacts), 0U);
}

}  // namespace
}  // namespace hikyaku::gateway::dunning
