// An engine in a test's world whose gate knows holds, suppressions and stops, and the desk's side
// of them. A crash forgets what was not written, of all three.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "config/policy.hpp"
#include "gateway/dunning/protection.hpp"
#include "gateway/gate/compile.hpp"
#include "gateway/model/tables.hpp"
#include "tests/support/engine_fixture.hpp"

namespace hikyaku::gateway::dunning::testing {

using gateway::testing::engine_world;

class protected_world : public ::testing::Test {
protected:
    static constexpr std::string_view phone = "819012345678";
    const secret_octets master = random_secret();
    std::unique_ptr<policy_gate> gate;
    engine_world world{{model::domain, domain}};
    std::unique_ptr<protection> desk;
    std::size_t told = 0;  // of world.outputs->kept

    protected_world() {
        world.make_gate = [this](store::environment& store) -> gate_port* {
            gate = std::make_unique<policy_gate>(store, world.settings.store.node);
            EXPECT_TRUE(gate->load(master));
            return gate.get();
        };
    }

    void start(bool carrier_up = true) {
        world.start();
        world.accept_everything();
        after_start(carrier_up);
    }
    void after_start(bool carrier_up) {
        desk = std::make_unique<protection>(*world.gateway, *gate, world.store());
        told = 0;
        if (carrier_up) world.bind_up(1);
        world.session_up(100);
    }
    /// The shop is under this pack.
    void obey(std::string_view pack, bool is_shadow = false, std::vector<std::string> zones = {}) {
        const auto* found = config::find_pack(config::shipped_packs(), pack);
        ASSERT_NE(found, nullptr);
        config::account own;
        own.policy = pack;
        own.policy_shadow = is_shadow;
        own.zones = std::move(zones);
        boost::unordered_flat_map<std::uint32_t, gate::policy> policies;
        policies.emplace(stored(engine_world::shop), gate::compile(*found, own));
        gate->take_policies(std::move(policies), [](std::uint32_t) { return true; });
    }
    void crash_and_start() {
        desk.reset();
        world.crash_and_start();
        after_start(false);
    }
    /// Lets everything follow, and the desk hear of it.
    void settle() {
        world.settle();
        for (; told < world.outputs->kept.size(); ++told)
            desk->rows_kept(world.outputs->kept[told]);
        world.settle();
    }

    static submission reminder(Purpose purpose = Purpose::dunning) {
        auto message = engine_world::text_to(phone, "pay");
        message.purpose = purpose;
        message.contact.id = "c-1";
        message.debtor = "d-1";
        message.debt = "L-7";
        return message;
    }
    reply_ticket next_ticket() { return {session_id{1'000'000}, ++ticket_}; }

    static new_hold hold_on(model::party_scope scope, std::string reference,
                            gate::hold_kind kind = gate::hold_kind::promise) {
        new_hold wanted;
        wanted.kind = kind;
        wanted.scope = scope;
        wanted.reference = std::move(reference);
        wanted.evidence = "letter of 3 May";
        wanted.placed_by = "Sato";
        return wanted;
    }
    hold_answer place(new_hold wanted, account_id account = engine_world::shop) {
        auto answer = desk->place(account, std::move(wanted), next_ticket(), world.now());
        EXPECT_EQ(answer.why, refusal::none);
        settle();
        return answer;
    }
    void lift(std::uint64_t id) {
        EXPECT_EQ(desk->lift(engine_world::shop, id, "kept", "Ito", next_ticket(), world.now()).why,
                  refusal::none);
        settle();
    }
    void suppress(std::string_view contact, gate::purpose_set purposes) {
        suppression_view wanted;
        wanted.contact = contact;
        wanted.purposes = purposes;
        EXPECT_EQ(desk->suppress(engine_world::shop, wanted, next_ticket(), world.now()),
                  refusal::none);
        settle();
    }
    /// A reminder that the gate has counted, and that meets no carrier then.
    message_id counted_in_vain() {
        world.commits_itself = false;
        const auto taken =
            world.gateway->submit(engine_world::shop, reminder(), next_ticket(), world.now());
        EXPECT_EQ(taken.why, refusal::none);
        world.settle();
        for (int i = 0; i < 2; ++i) {
            if (i == 1) world.gateway->on_bind_down(bind_id{1}, world.now());
            EXPECT_TRUE(world.write_batches());
            world.report_batches();
            world.settle();
        }
        world.commits_itself = true;
        settle();
        EXPECT_EQ(sent(), 0U);
        return taken.id;
    }
    [[nodiscard]] std::size_t sent() const { return world.outputs->sent.size(); }
    /// The error of its first segment.
    [[nodiscard]] std::string why(message_id id) {
        const auto view = world.gateway->find(engine_world::shop, id);
        EXPECT_TRUE(view);
        return view ? view->segments.at(0).info : "";
    }

private:
    std::uint32_t ticket_ = 0;
};

}  // namespace hikyaku::gateway::dunning::testing
