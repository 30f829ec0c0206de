// A message that may go out costs no allocation: decide() runs at every hand-off.
#include <gtest/gtest.h>

#include "tests/session/allocations.hpp"
#include "tests/unit/gateway/gate/support.hpp"

namespace hikyaku::gateway::gate {
namespace {

TEST(allow, allocates_nothing) {
    if (!smpp::test::allocations()) return;  // a sanitizer has an allocator of its own
    for (const auto& pack : config::shipped_packs()) {
        test::judge ask(compile(pack));
        test::asked question{.zones = {"Asia/Tokyo", "Asia/Tokyo"}, .tags = {"own"}};
        question.history = {{test::at("2026-11-20T12:00:00+09:00"), purpose::dunning}};
        question.holds = {{hold_kind::promise, hold_scope::debt, 0, 1}};
        for (const bool by_number : {false, true}) {
            if (by_number) question.zones.clear();
            const auto facts = question.facts();
            ASSERT_EQ(decide(facts, ask.rules(), ask.book()).says, outcome::allow) << pack.pack;
            const auto before = smpp::test::allocations();
            for (int i = 0; i < 100; ++i)
                (void)decide(facts, ask.rules(), ask.book());
            EXPECT_EQ(*smpp::test::allocations() - *before, 0U) << pack.pack;
        }
    }
}

}  // namespace
}  // namespace hikyaku::gateway::gate
