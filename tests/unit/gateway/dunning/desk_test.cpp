// The desk's thread: what happens becomes events of one chain, none twice and none lost, and nobody
// alters one unseen.
#include "gateway/dunning/desk/desk.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>

#include "tests/unit/gateway/dunning/protected_world.hpp"

namespace hikyaku::gateway::dunning {
namespace {

using model::party_scope;
using record::TimelineKind;
using testing::engine_world;
using testing::protected_world;
using namespace std::chrono_literals;

class desks : public protected_world {
protected:
    desks() { world.consumers = {desk::consumer()}; }
    ~desks() override { writer.reset(); }

    void open() {
        desk_outside outside;
        outside.post = [this](std::function<void()> call) {
            const std::lock_guard lock(mutex);
            posted.push_back(std::move(call));
            changed.notify_all();
        };
        outside.rests = [this] {
            const std::lock_guard lock(mutex);  // nobody waits who has not looked yet
            changed.notify_all();
        };
        outside.keep = [this](const desk_rows& what) {
            if (what.keyless != 0) (void)gate->keys().of(what.keyless, *what.rows);
            world.gateway->keep(*what.rows, {session_id{7}, ++kept_tickets}, world.now());
            if (what.consumed != 0)
                world.gateway->on_consumed(consumer_id{0}, what.consumed, world.now());
        };
        writer = std::make_unique<dunning::desk>(master, world.store(), std::move(outside));
        gate->on_news([this] { wake(); });
        world.outputs->on_consume = [this](std::span<const outbox_item> items) {
            writer->consume(items);
        };
    }
    void start_desk() {
        start();
        open();
        let_write();
    }
    void wake() { writer->wake(); }
    /// Until the desk has nothing more to do.
    void let_write() {
        wake();
        for (;;) {
            std::function<void()> call;
            {
                std::unique_lock lock(mutex);
                ASSERT_TRUE(changed.wait_for(lock, 30s, [this] {
                    return !posted.empty() || writer->idle();
                })) << "the desk does not come to an end";
                if (posted.empty()) break;
                call = std::move(posted.front());
                posted.pop_front();
            }
            call();
            settle_all();
        }
        settle_all();
    }
    /// As settle(), and the desk hears of its own rows.
    void settle_all() {
        world.settle();
        for (; told < world.outputs->kept.size(); ++told) {
            const auto ticket = world.outputs->kept[told];
            if (ticket.session == session_id{7})
                writer->kept();
            else
                desk->rows_kept(ticket);
        }
    }
    std::vector<timeline_view> timeline(party_scope scope, std::string reference,
                                        account_id account = engine_world::shop) {
        chronicle reader(master, world.store());
        auto found = reader.find(stored(account), scope, reference, ~std::uint64_t{0}, 1000);
        std::ranges::reverse(found);
        return found;
    }
    static std::vector<TimelineKind> kinds(const std::vector<timeline_view>& events) {
        std::vector<TimelineKind> out;
        for (const auto& each : events)
            out.push_back(each.kind);
        return out;
    }
    std::optional<chain_fault> check(account_id account = engine_world::shop) {
        return chronicle(master, world.store()).check(stored(account));
    }

    std::mutex mutex;
    std::condition_variable changed;
    std::deque<std::function<void()>> posted;
    std::uint32_t kept_tickets = 0;
    std::unique_ptr<dunning::desk> writer;
};

TEST_F(desks, tell_a_message_from_its_hand_off_to_its_end) {
    start_desk();
    world.accept_everything(true);
    world.submit("transactional");
    const auto id = world.submit(reminder());
    let_write();
    for (const auto& [scope, reference] : {std::pair{party_scope::contact, "+819012345678"},
                                           {party_scope::contact, "c-1"},
                                           {party_scope::debtor, "d-1"},
                                           {party_scope::debt, "L-7"}}) {
        const auto events = timeline(scope, reference);
        EXPECT_EQ(kinds(events), (std::vector{TimelineKind::handed_over, TimelineKind::receipt}))
            << reference;
        ASSERT_EQ(events.size(), 2U);
        EXPECT_EQ(events[0].subject, static_cast<std::uint64_t>(id));
        EXPECT_EQ(events[0].detail, "dunning");
        EXPECT_EQ(events[1].detail, "delivered");
        EXPECT_EQ(events[1].debtor, "d-1");
    }
    EXPECT_TRUE(timeline(party_scope::debtor, "d-1", engine_world::bank).empty());
    EXPECT_FALSE(check());
    EXPECT_EQ(world.gateway->consumers()[0].waiting, 0U);
}

TEST_F(desks, tell_of_a_hand_off_that_did_not_take_place) {
    start_desk();
    const auto id = counted_in_vain();
    let_write();
    world.advance(62s);
    let_write();
    const auto events = timeline(party_scope::debtor, "d-1");
    EXPECT_EQ(kinds(events),
              (std::vector{TimelineKind::handed_over, TimelineKind::not_handed_over}));
    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(events[1].subject, static_cast<std::uint64_t>(id));
    EXPECT_FALSE(check());
}

/// What was taken back before the desk had looked was never told.
TEST_F(desks, tell_nothing_of_a_hand_off_that_was_taken_back_before) {
    start();
    counted_in_vain();
    world.advance(62s);
    open();
    let_write();
    EXPECT_TRUE(timeline(party_scope::debtor, "d-1").empty());
}

/// Nothing of the account has been sealed before, so that it has no key.
TEST_F(desks, tell_the_end_of_what_never_went_out) {
    start(false);
    open();
    auto late = reminder();
    late.expires_ms = world.now().wall_ms + 60'000;
    const auto id = world.submit(std::move(late));
    world.advance(2min);
    ASSERT_EQ(world.state_of(id), State::expired);
    let_write();
    const auto events = timeline(party_scope::debtor, "d-1");
    ASSERT_EQ(kinds(events), std::vector{TimelineKind::receipt});
    EXPECT_EQ(events[0].detail, "expired");
    EXPECT_FALSE(check());
    EXPECT_EQ(world.gateway->consumers()[0].waiting, 0U);
}

TEST_F(desks, tell_holds_tasks_and_what_they_keep_back) {
    start_desk();
    const auto hold = place(hold_on(party_scope::debtor, "d-1", gate::hold_kind::dispute)).hold;
    world.submit(reminder());
    lift(hold.id);
    const auto tasks = desk->list_tasks(engine_world::shop, 0, 10);
    ASSERT_EQ(tasks.size(), 1U);
    EXPECT_EQ(tasks[0].kind, "hold_dispute");
    EXPECT_EQ(tasks[0].why, "letter of 3 May");
    EXPECT_EQ(tasks[0].subject, hold.id);
    EXPECT_EQ(desk->end_task(engine_world::bank, tasks[0].id, "", "", next_ticket(), world.now()),
              refusal::not_found);
    EXPECT_EQ(desk->end_task(engine_world::shop, tasks[0].id, "Ito", "agreed", next_ticket(),
                             world.now()),
              refusal::none);
    settle_all();
    EXPECT_TRUE(desk->list_tasks(engine_world::shop, 0, 10).empty());
    EXPECT_EQ(desk->find_task(engine_world::shop, tasks[0].id)->done_by, "Ito");
    let_write();
    auto told_of = kinds(timeline(party_scope::debtor, "d-1"));
    std::ranges::sort(told_of);  // the end of the message may be heard of before the rest
    EXPECT_EQ(told_of, (std::vector{TimelineKind::hold_placed, TimelineKind::hold_lifted,
                                    TimelineKind::withheld, TimelineKind::receipt,
                                    TimelineKind::task_opened, TimelineKind::task_done}));
    EXPECT_EQ(world.entries(table::intake), 0U);
    EXPECT_FALSE(check());
}

TEST_F(desks, write_everything_once_whenever_the_process_dies) {
    start_desk();
    place(hold_on(party_scope::contact, "c-9"));
    world.submit(reminder());
    // Composed, and never on disk.
    wake();
    {
        std::unique_lock lock(mutex);
        ASSERT_TRUE(changed.wait_for(lock, 30s, [this] { return !posted.empty(); }));
    }
    writer.reset();
    posted.clear();
    crash_and_start();
    open();
    let_write();
    EXPECT_EQ(kinds(timeline(party_scope::contact, "c-9")), std::vector{TimelineKind::hold_placed});
    EXPECT_EQ(kinds(timeline(party_scope::debtor, "d-1")).front(), TimelineKind::handed_over);
    EXPECT_FALSE(check());
    const auto events = timeline(party_scope::debtor, "d-1").size();
    writer.reset();
    crash_and_start();
    open();
    let_write();
    EXPECT_EQ(timeline(party_scope::debtor, "d-1").size(), events) << "again after a restart";
    EXPECT_FALSE(check());
}

TEST_F(desks, see_each_event_that_was_altered_or_taken_away) {
    start_desk();
    for (int i = 0; i < 4; ++i)
        place(hold_on(party_scope::debtor, "d-" + std::to_string(i)));
    let_write();
    ASSERT_FALSE(check());
    std::vector<std::pair<std::string, std::string>> rows;
    world.store().read().for_each(table::timeline, {}, [&](auto key, std::string_view value) {
        rows.emplace_back(key, value);
        return true;
    });
    ASSERT_EQ(rows.size(), 4U);
    const auto write = [&](const std::string& key, std::optional<std::string> value) {
        store::batch batch;
        if (value)
            batch.put_octets(table::timeline.number, key, *value);
        else
            batch.erase_octets(table::timeline.number, key);
        const store::batch* one[] = {&batch};
        ASSERT_TRUE(world.store().apply(one));
    };
    for (std::size_t row = 0; row < rows.size(); ++row) {
        const auto& [key, value] = rows[row];
        write(key, std::nullopt);
        ASSERT_TRUE(check()) << "row " << row << " is gone";
        EXPECT_EQ(check()->number, row + 1);
        std::size_t unseen = 0;
        for (std::size_t octet = 0; octet < value.size(); ++octet) {
            auto altered = value;
            altered[octet] = static_cast<char>(altered[octet] ^ 0x40);
            write(key, altered);
            unseen += check() ? 0 : 1;
        }
        // Octets between the fields of a record mean nothing.
        EXPECT_LT(unseen, 16U) << "row " << row;
        write(key, value);
        EXPECT_FALSE(check());
    }
}

TEST_F(desks, answer_on_the_engine_s_thread_and_refuse_when_too_many_ask) {
    start_desk();
    place(hold_on(party_scope::debtor, "d-1"));
    let_write();
    std::size_t answered = 0, taken = 0;
    {
        // The desk cannot post while this is held, and so comes to no second question.
        const std::lock_guard lock(mutex);
        bool is_full = false;
        while (!is_full && taken < 10'000) {
            is_full = !writer->ask({engine_world::shop, party_scope::debtor, "d-1"},
                                   [&](std::vector<timeline_view> found) {
                                       EXPECT_EQ(found.size(), 1U);
                                       ++answered;
                                   });
            taken += is_full ? 0 : 1;
        }
        EXPECT_TRUE(is_full);
    }
    EXPECT_GE(taken, desk::mailbox_max);
    let_write();
    EXPECT_EQ(answered, taken);
}

class opt_outs : public protected_world {};

TEST_F(opt_outs, that_a_carrier_tells_become_suppressions) {
    world.settings.carriers[0].opted_out = {"051"};
    start();
    world.responder = nullptr;
    world.submit(reminder());
    world.respond(world.outputs->sent.at(0), "a-1");
    world.receipt("a-1", "UNDELIV", "050");
    EXPECT_FALSE(desk->find_suppression(engine_world::shop, phone));
    world.submit("transactional");
    world.respond(world.outputs->sent.at(1), "a-2");
    world.receipt("a-2", "UNDELIV", "051");
    const auto known = desk->find_suppression(engine_world::shop, "+819012345678");
    ASSERT_TRUE(known);
    EXPECT_EQ(known->source, record::SuppressionSource::carrier);
    EXPECT_FALSE(desk->find_suppression(engine_world::bank, phone));
    const auto held = world.submit(reminder());
    EXPECT_EQ(sent(), 2U);
    EXPECT_EQ(why(held), "suppressed");
    world.submit("transactional");
    EXPECT_EQ(sent(), 3U) << "the application's own business";
}

TEST_F(opt_outs, count_also_when_another_attempt_has_ended_the_message) {
    world.settings.carriers[0].opted_out = {"051"};
    start();
    world.responder = nullptr;
    const auto id = world.submit(reminder());
    world.fail(world.outputs->sent.at(0), attempt_failure::timed_out);
    world.advance(2min);
    ASSERT_EQ(sent(), 2U);
    world.respond(world.outputs->sent.at(1), "a-2");
    world.respond(world.outputs->sent.at(0), "a-1");
    world.receipt("a-2", "DELIVRD");
    ASSERT_EQ(world.state_of(id), State::delivered);
    world.receipt("a-1", "UNDELIV", "051");
    EXPECT_EQ(world.state_of(id), State::delivered);
    EXPECT_TRUE(desk->find_suppression(engine_world::shop, phone));
}

}  // namespace
}  // namespace hikyaku::gateway::dunning
