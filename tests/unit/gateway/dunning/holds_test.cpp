// A hold counts from the next hand-off on, whatever it is on and whenever its message was accepted;
// what is queued under it ends, and its end sends nothing of that.
#include <set>

#include "tests/unit/gateway/dunning/protected_world.hpp"

namespace hikyaku::gateway::dunning {
namespace {

using model::party_scope;
using testing::engine_world;
using testing::protected_world;
using namespace std::chrono_literals;

class holds : public protected_world {};

constexpr std::pair<party_scope, std::string_view> parties_of_reminder[] = {
    {party_scope::contact, "+819012345678"},
    {party_scope::contact, "c-1"},
    {party_scope::debtor, "d-1"},
    {party_scope::debt, "L-7"},
    {party_scope::account, ""}};

TEST_F(holds, of_every_kind_keep_back_what_was_accepted_before) {
    start(false);
    for (std::size_t kind = 0; kind < gate::hold_kinds; ++kind) {
        const auto as = static_cast<gate::hold_kind>(kind);
        const auto id = world.submit(reminder());
        const auto answer = place(hold_on(party_scope::debtor, "d-1", as));
        EXPECT_EQ(answer.ended.withdrawn, 1U) << gate::name_of(as);
        EXPECT_EQ(world.state_of(id), State::rejected);
        EXPECT_EQ(why(id), hold_rule(as));
        lift(answer.hold.id);
    }
    world.bind_up(1);
    EXPECT_EQ(sent(), 0U);
    EXPECT_EQ(world.gateway->queued(), 0U);
}

TEST_F(holds, keep_back_by_whatever_the_message_is_known) {
    start(false);
    for (const auto& [scope, reference] : parties_of_reminder) {
        const auto before = world.submit(reminder());
        const auto answer = place(hold_on(scope, std::string(reference)));
        const auto after = world.submit(reminder());
        world.bind_up(1);
        EXPECT_EQ(sent(), 0U) << reference;
        EXPECT_EQ(world.state_of(before), State::rejected) << reference;
        EXPECT_EQ(world.state_of(after), State::rejected) << reference;
        EXPECT_EQ(why(after), "hold_promise");
        world.bind_down(1, attempt_failure::not_sent, {});
        lift(answer.hold.id);
    }
}

TEST_F(holds, count_for_dunning_and_marketing_and_for_one_account) {
    start(false);
    place(hold_on(party_scope::contact, std::string(phone)));
    world.submit(reminder(Purpose::transactional));
    world.submit(reminder(Purpose::service));
    const auto marketing = world.submit(reminder(Purpose::marketing));
    world.submit(reminder(), engine_world::bank);
    auto other = reminder();
    other.destination.digits = "819099999999";
    other.contact.id = "c-2";
    world.submit(std::move(other));
    world.bind_up(1);
    EXPECT_EQ(sent(), 4U);
    EXPECT_EQ(world.state_of(marketing), State::rejected);
}

TEST_F(holds, count_before_they_are_on_disk) {
    start(false);
    const auto id = world.submit(reminder());
    world.commits_itself = false;
    (void)desk->place(engine_world::shop, hold_on(party_scope::account, ""), next_ticket(),
                      world.now());
    world.bind_up(1);
    EXPECT_EQ(sent(), 0U);
    EXPECT_TRUE(world.outputs->kept.empty()) << "answered when it is on disk";
    world.commits_itself = true;
    world.write_batches();
    world.report_batches();
    settle();
    EXPECT_EQ(world.outputs->kept.size(), 1U);
    EXPECT_EQ(world.state_of(id), State::rejected);
    EXPECT_EQ(sent(), 0U);
}

TEST_F(holds, are_not_forgotten_by_a_crash_once_they_are_answered) {
    start(false);
    for (const auto& [scope, reference] : parties_of_reminder)
        place(hold_on(scope, std::string(reference)));
    crash_and_start();
    const auto id = world.submit(reminder());
    world.bind_up(1);
    EXPECT_EQ(sent(), 0U);
    EXPECT_EQ(world.state_of(id), State::rejected);
    EXPECT_EQ(
        desk->find_holds(engine_world::shop, party_scope::contact, "819012345678", {}, world.now())
            .found.size(),
        1U);
}

TEST_F(holds, begin_and_end_at_their_times) {
    start();
    auto wanted = hold_on(party_scope::debtor, "d-1");
    wanted.from_ms = world.now().wall_ms + 60'000;
    wanted.until_ms = world.now().wall_ms + 120'000;
    place(std::move(wanted));
    world.submit(reminder());
    EXPECT_EQ(sent(), 1U);
    world.advance(61s);
    const auto held = world.submit(reminder());
    EXPECT_EQ(sent(), 1U);
    EXPECT_EQ(world.state_of(held), State::rejected);
    world.advance(59s);
    world.submit(reminder());
    EXPECT_EQ(sent(), 2U);
}

/// No carrier could take it while the hold was there, and nobody has found it by the index.
TEST_F(holds, leave_no_burst_behind_when_they_end) {
    start(false);
    const auto before = world.submit(reminder());
    auto wanted = hold_on(party_scope::account, "");
    wanted.until_ms = world.now().wall_ms + 60'000;
    const auto answer = place(std::move(wanted));
    EXPECT_EQ(answer.ended.withdrawn, 0U) << "one by one, at the hand-off";
    world.advance(61s);
    world.bind_up(1);
    EXPECT_EQ(sent(), 0U);
    EXPECT_EQ(world.state_of(before), State::rejected);
    world.submit(reminder());
    EXPECT_EQ(sent(), 1U) << "what is accepted after it goes out";
}

TEST_F(holds, what_is_with_a_carrier_already_is_told_and_left) {
    start();
    world.responder = nullptr;
    const auto flying = world.submit(reminder());
    ASSERT_EQ(sent(), 1U);
    const auto answer = place(hold_on(party_scope::debt, "L-7"));
    EXPECT_EQ(answer.ended.withdrawn, 0U);
    EXPECT_EQ(answer.ended.with_carriers, std::vector{flying});
    world.respond(world.outputs->sent[0], "a-1");
    EXPECT_EQ(world.state_of(flying), State::submitted);
}

TEST_F(holds, are_shown_with_what_was_said_also_when_they_are_lifted) {
    start();
    auto wanted = hold_on(party_scope::contact, "+81 90 c", gate::hold_kind::dispute);
    wanted.until_ms = world.now().wall_ms + 3'600'000;
    const auto placed = place(std::move(wanted)).hold;
    EXPECT_TRUE(placed.is_active);
    lift(placed.id);
    crash_and_start();
    const auto found = desk->find_hold(engine_world::shop, placed.id, world.now());
    ASSERT_TRUE(found);
    EXPECT_EQ(found->kind, gate::hold_kind::dispute);
    EXPECT_EQ(found->reference, "+81 90 c");
    EXPECT_EQ(found->evidence, "letter of 3 May");
    EXPECT_EQ(found->placed_by, "Sato");
    EXPECT_EQ(found->lift_reason, "kept");
    EXPECT_EQ(found->lifted_by, "Ito");
    EXPECT_FALSE(found->is_active);
    EXPECT_FALSE(desk->find_hold(engine_world::bank, placed.id, world.now()));
    EXPECT_EQ(desk->lift(engine_world::bank, placed.id, "", "", next_ticket(), world.now()).why,
              refusal::not_found);
}

TEST_F(holds, are_listed_page_by_page_for_one_account_the_youngest_first) {
    start();
    std::vector<std::uint64_t> placed;
    for (int i = 0; i < 7; ++i) {
        const auto as = i % 2 == 0 ? engine_world::shop : engine_world::bank;
        placed.push_back(place(hold_on(party_scope::debtor, "d-1"), as).hold.id);
        world.advance(1s);
    }
    lift(placed[4]);
    const auto ids_of = [&](bool is_search, bool active_only) {
        std::vector<std::uint64_t> found;
        std::uint64_t after = 0;
        do {
            const protection::hold_range which{after, 2, active_only};
            const auto page = is_search ? desk->find_holds(engine_world::shop, party_scope::debtor,
                                                           "d-1", which, world.now())
                                        : desk->list_holds(engine_world::shop, which, world.now());
            for (const auto& each : page.found)
                found.push_back(each.id);
            after = page.next;
        } while (after != 0);
        return found;
    };
    for (const bool is_search : {false, true}) {
        EXPECT_EQ(ids_of(is_search, false),
                  (std::vector{placed[6], placed[4], placed[2], placed[0]}));
        EXPECT_EQ(ids_of(is_search, true), (std::vector{placed[6], placed[2], placed[0]}));
    }
}

/// The message in the place of another may be for somebody else, of whom the index has to know.
TEST_F(holds, find_what_has_replaced_another_message) {
    start(false);
    auto before = engine_world::text_to(phone, "a code");
    before.source.digits = "Shop";
    const auto id = world.submit(before);
    auto instead = reminder();
    instead.source = before.source;
    instead.replace_if_present = true;
    EXPECT_EQ(world.hand_in(instead).why, refusal::none);
    settle();
    ASSERT_EQ(world.gateway->queued(), 1U) << "it has replaced it";
    const auto answer = place(hold_on(party_scope::debtor, "d-1"));
    EXPECT_EQ(answer.ended.withdrawn, 1U);
    EXPECT_EQ(world.state_of(id), State::rejected);
}

/// Those of others lie between them, and nobody waits for a long list of theirs.
TEST_F(holds, of_others_end_a_page_before_it_has_taken_long) {
    start();
    const auto first = place(hold_on(party_scope::debtor, "d-1")).hold.id;
    store::batch rows;
    const auto from = world.store().read();
    const auto own = from.octets(table::holds, id_key(first));
    ASSERT_TRUE(own);
    flatbuffers::FlatBufferBuilder fb;
    fb.Finish(record::CreateHold(fb, stored(engine_world::bank)));
    const std::string_view theirs(reinterpret_cast<const char*>(fb.GetBufferPointer()),
                                  fb.GetSize());
    for (std::uint64_t i = 1; i <= 3000; ++i)
        rows.put(table::holds, id_key(first + i), theirs);
    const store::batch* one[] = {&rows};
    ASSERT_TRUE(world.store().apply(one));
    auto page = desk->list_holds(engine_world::shop, {}, world.now());
    EXPECT_TRUE(page.found.empty());
    ASSERT_NE(page.next, 0U);
    page = desk->list_holds(engine_world::shop, {page.next}, world.now());
    ASSERT_EQ(page.found.size(), 1U);
    EXPECT_EQ(page.found[0].id, first);
    EXPECT_EQ(page.next, 0U);
}

TEST_F(holds, say_nothing_of_a_person_in_the_store) {
    start();
    place(hold_on(party_scope::contact, "+819012345678"));
    place(hold_on(party_scope::debtor, "debtor-seventeen"));
    const auto from = world.store().read();
    std::size_t rows = 0;
    const auto look = [&](std::string_view key, std::string_view value) {
        for (const auto text : {key, value})
            for (const auto* secret : {"819012345678", "debtor-seventeen", "letter of", "Sato"})
                EXPECT_EQ(text.find(secret), std::string_view::npos) << secret;
        ++rows;
        return true;
    };
    from.for_each(table::holds, {}, look);
    EXPECT_EQ(rows, 2U);
}

TEST_F(holds, another_master_key_is_not_taken) {
    start();
    place(hold_on(party_scope::debtor, "d-1"));
    policy_gate other(world.store(), 0);
    EXPECT_FALSE(other.load(random_secret()));
    EXPECT_TRUE(other.load(master));
}

class suppressions : public protected_world {};

TEST_F(suppressions, count_for_their_purposes_and_end_what_is_queued) {
    start(false);
    const auto queued = world.submit(reminder());
    const auto other = world.submit(reminder(Purpose::marketing));
    suppress("+819012345678", gate::set_of(Purpose::dunning));
    EXPECT_EQ(world.state_of(queued), State::rejected);
    EXPECT_EQ(why(queued), "suppressed");
    EXPECT_EQ(world.state_of(other), State::queued);
    world.bind_up(1);
    EXPECT_EQ(sent(), 1U);
    world.submit(reminder(Purpose::marketing));
    EXPECT_EQ(sent(), 2U);
    suppress("819012345678", gate::set_of(Purpose::marketing));
    world.submit(reminder(Purpose::marketing));
    world.submit(reminder());
    EXPECT_EQ(sent(), 2U);
    EXPECT_EQ(world.entries(table::suppressions), 1U);
}

TEST_F(suppressions, stay_through_a_crash_and_are_taken_away_as_they_came) {
    start();
    suppress("c-1", gate::set_of(Purpose::dunning) | gate::set_of(Purpose::marketing));
    crash_and_start();
    world.accept_everything();
    world.bind_up(1);
    world.submit(reminder());
    EXPECT_EQ(sent(), 0U);
    const auto known = desk->find_suppression(engine_world::shop, "c-1");
    ASSERT_TRUE(known);
    EXPECT_EQ(known->contact, "c-1");
    EXPECT_EQ(desk->allow_again(engine_world::bank, "c-1", 0xFF, next_ticket(), world.now()),
              refusal::not_found);
    EXPECT_EQ(desk->allow_again(engine_world::shop, "c-1", gate::set_of(Purpose::dunning),
                                next_ticket(), world.now()),
              refusal::none);
    settle();
    world.submit(reminder());
    EXPECT_EQ(sent(), 1U);
    world.submit(reminder(Purpose::marketing));
    EXPECT_EQ(sent(), 1U);
}

/// A removal would be made of the row before, and lose what is on its way.
TEST_F(suppressions, that_are_on_their_way_are_not_taken_away_before_they_are_there) {
    start();
    suppress("c-1", gate::set_of(Purpose::dunning));
    world.commits_itself = false;
    suppression_view more;
    more.contact = "c-1";
    more.purposes = gate::set_of(Purpose::marketing);
    EXPECT_EQ(desk->suppress(engine_world::shop, more, next_ticket(), world.now()), refusal::none);
    const auto remove = [&](gate::purpose_set purposes) {
        return desk->allow_again(engine_world::shop, "c-1", purposes, next_ticket(), world.now());
    };
    EXPECT_EQ(remove(gate::set_of(Purpose::dunning)), refusal::store_busy);
    world.commits_itself = true;
    settle();
    EXPECT_EQ(remove(gate::set_of(Purpose::dunning)), refusal::none);
    EXPECT_EQ(remove(gate::set_of(Purpose::marketing)), refusal::store_busy);
    settle();
    const auto left = desk->find_suppression(engine_world::shop, "c-1");
    ASSERT_TRUE(left);
    EXPECT_EQ(left->purposes, gate::set_of(Purpose::marketing));
    EXPECT_EQ(remove(gate::set_of(Purpose::marketing)), refusal::none);
    settle();
    EXPECT_FALSE(desk->find_suppression(engine_world::shop, "c-1"));
}

/// An import may come twice.
TEST_F(suppressions, that_are_imported_again_are_left_as_they_are) {
    start();
    std::vector<suppression_view> rows(3);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        rows[i].contact = "c-" + std::to_string(i);
        rows[i].purposes = gate::set_of(Purpose::dunning);
        rows[i].reason = "first";
    }
    const auto import = [&] {
        EXPECT_EQ(desk->import_suppressions(engine_world::shop, rows, next_ticket(), world.now()),
                  refusal::none);
        const auto before = told;
        settle();
        EXPECT_GT(told, before) << "answered although there was nothing to write";
    };
    import();
    EXPECT_EQ(world.entries(table::intake), 3U);
    rows[0].reason = rows[1].reason = "second";
    rows[1].purposes |= gate::set_of(Purpose::marketing);
    import();
    EXPECT_EQ(world.entries(table::suppressions), 3U);
    EXPECT_EQ(world.entries(table::intake), 4U) << "one has more purposes";
    EXPECT_EQ(desk->find_suppression(engine_world::shop, "c-0")->reason, "first");
    EXPECT_EQ(desk->find_suppression(engine_world::shop, "c-1")->purposes,
              gate::set_of(Purpose::dunning) | gate::set_of(Purpose::marketing));
}

TEST_F(suppressions, are_listed_page_by_page_for_one_account) {
    start();
    for (int i = 0; i < 25; ++i)
        suppress("c-" + std::to_string(i), gate::set_of(Purpose::dunning));
    std::set<std::string> found;
    std::string after;
    std::size_t pages = 0;
    do {
        const auto page = desk->list_suppressions(engine_world::shop, after, 10);
        ASSERT_TRUE(page);
        for (const auto& each : page->found)
            EXPECT_TRUE(found.insert(each.contact).second) << each.contact << " twice";
        after = page->next;
        EXPECT_EQ(after.find("c-"), std::string::npos) << "a place names nobody";
        ++pages;
    } while (!after.empty());
    EXPECT_EQ(found.size(), 25U);
    EXPECT_EQ(pages, 3U);
    EXPECT_TRUE(desk->list_suppressions(engine_world::bank, "", 10)->found.empty());
    EXPECT_FALSE(desk->list_suppressions(engine_world::shop, "c-1", 10)) << "no place";
}

class stops : public protected_world {
protected:
    void stop(std::uint32_t account, std::uint8_t purpose = stop_position::every_purpose) {
        EXPECT_EQ(desk->stop({{account, purpose}, world.now().wall_ms, "Sato"}, next_ticket(),
                             world.now()),
                  refusal::none);
        settle();
    }
    void resume(std::uint32_t account, std::uint8_t purpose = stop_position::every_purpose) {
        EXPECT_EQ(desk->resume({account, purpose}, next_ticket(), world.now()), refusal::none);
        settle();
    }
};

TEST_F(holds, end_what_was_accepted_under_them_and_only_then_could_be_asked_about) {
    start(false);
    const auto hold = place(hold_on(model::party_scope::debtor, "d-1"));
    world.advance(1s);
    const auto held = world.submit(reminder());
    auto scheduled = reminder();
    scheduled.debt = "L-8";
    scheduled.send_at_ms = world.now().wall_ms + 3'600'000;
    const auto later = world.submit(scheduled);
    world.advance(10s);
    lift(hold.hold.id);
    world.bind_up(1);
    world.advance(10s);
    EXPECT_EQ(sent(), 0U);
    EXPECT_EQ(world.state_of(held), State::rejected);
    world.advance(1h);
    EXPECT_EQ(sent(), 1U) << "what was due after its end";
    EXPECT_NE(world.state_of(later), State::rejected);
}

TEST_F(stops, of_everything_keep_back_every_message_until_they_are_lifted) {
    start();
    stop(0);
    world.submit(reminder());
    world.submit("transactional");
    world.submit("of another", engine_world::bank);
    EXPECT_EQ(sent(), 0U);
    EXPECT_EQ(world.gateway->queued(), 3U);
    crash_and_start();
    world.accept_everything();
    world.bind_up(1);
    world.advance(2s);
    EXPECT_EQ(sent(), 0U) << "a restart lifts nothing";
    ASSERT_EQ(desk->stops().size(), 1U);
    EXPECT_EQ(desk->stops()[0].by, "Sato");
    resume(0);
    EXPECT_EQ(sent(), 3U);
    EXPECT_EQ(desk->resume({0, stop_position::every_purpose}, next_ticket(), world.now()),
              refusal::not_found);
}

TEST_F(stops, of_one_account_let_the_others_send) {
    start();
    stop(stored(engine_world::shop));
    world.submit("kept back");
    world.submit("goes out", engine_world::bank);
    EXPECT_EQ(sent(), 1U);
    resume(stored(engine_world::shop));
    EXPECT_EQ(sent(), 2U);
}

TEST_F(stops, of_one_purpose_keep_back_nothing_else_and_end_within_minutes) {
    start();
    stop(stored(engine_world::shop), static_cast<std::uint8_t>(Purpose::dunning));
    const auto held = world.submit(reminder());
    world.submit(reminder(Purpose::marketing));
    world.submit("transactional");
    EXPECT_EQ(sent(), 2U);
    EXPECT_EQ(world.state_of(held), State::queued);
    const auto decided = desk->find_decision(held);
    ASSERT_TRUE(decided);
    EXPECT_EQ(decided->says, gate::outcome::delay);
    EXPECT_EQ(decided->reasons.at(0).rule, "stop");
    resume(stored(engine_world::shop), static_cast<std::uint8_t>(Purpose::dunning));
    world.advance(5min + 1s);
    EXPECT_EQ(sent(), 3U);
}

TEST_F(stops, that_come_again_outlive_the_end_of_the_one_before) {
    start();
    stop(0);
    const stop_position everything{0, stop_position::every_purpose};
    EXPECT_EQ(desk->resume(everything, next_ticket(), world.now()), refusal::none);
    EXPECT_EQ(desk->stop({everything, 0, "Ito"}, next_ticket(), world.now()), refusal::none);
    settle();
    world.submit("kept back");
    EXPECT_EQ(sent(), 0U);
}

TEST_F(stops, count_although_the_disk_refuses) {
    start();
    world.gateway->set_store_failing(true);
    EXPECT_EQ(desk->stop({{0, stop_position::every_purpose}, 0, ""}, next_ticket(), world.now()),
              refusal::store_failing);
    world.gateway->set_store_failing(false);
    world.submit("kept back");
    EXPECT_EQ(sent(), 0U);
}

class decisions : public protected_world {};

TEST_F(decisions, are_kept_for_each_message_that_the_gate_was_asked_about) {
    start();
    const auto allowed = world.submit(reminder());
    const auto silent = world.submit("transactional");
    place(hold_on(party_scope::contact, "c-1", gate::hold_kind::dispute));
    const auto held = world.submit(reminder());
    EXPECT_EQ(desk->find_decision(allowed)->says, gate::outcome::allow);
    EXPECT_FALSE(desk->find_decision(silent));
    const auto blocked = desk->find_decision(held);
    ASSERT_TRUE(blocked);
    EXPECT_EQ(blocked->says, gate::outcome::block);
    ASSERT_EQ(blocked->reasons.size(), 1U);
    EXPECT_EQ(blocked->reasons[0].rule, "hold_dispute");
    EXPECT_EQ(blocked->reasons[0].text, "a hold on the contact: dispute");
    EXPECT_EQ(blocked->at_ms, world.now().wall_ms);
}

TEST_F(decisions, and_the_history_cost_transactional_messages_nothing) {
    start();
    world.submit("transactional");
    world.submit(engine_world::text_to("819055555555", "another"));
    EXPECT_EQ(world.young_entries(model::table::party_index), 0U);
    EXPECT_EQ(world.entries(table::decisions), 0U);
    EXPECT_EQ(world.entries(table::contacts), 0U);
    EXPECT_EQ(world.young_entries(table::contact_index), 0U);
    world.submit(reminder());
    EXPECT_EQ(world.young_entries(model::table::party_index), 4U);
    EXPECT_EQ(world.entries(table::decisions), 1U);
    EXPECT_EQ(world.entries(table::contacts), 1U);
    EXPECT_EQ(world.young_entries(table::contact_index), 3U);
}

}  // namespace
}  // namespace hikyaku::gateway::dunning
