// Replies from their acknowledgement to the answer: what follows is written with the reply's own
// event, and a crash at any step makes neither two confirmations nor none.
#include "gateway/dunning/answers/answer_sender.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "gateway/dunning/answers/conversation_book.hpp"
#include "gateway/dunning/answers/reply_follower.hpp"
#include "gateway/dunning/desk/desk.hpp"
#include "gateway/dunning/desk/scribe.hpp"
#include "tests/unit/gateway/dunning/protected_world.hpp"

namespace hikyaku::gateway::dunning {
namespace {

using model::party_scope;
using testing::engine_world;
using testing::protected_world;

constexpr session_id desk_rows_session{7}, following_session{8}, answers_session{9};
constexpr std::string_view our_number = "4242";

class answered : public protected_world {
protected:
    answered() {
        world.consumers = {desk::consumer()};
        auto& shop = world.settings.accounts[0];
        shop.numbers = {std::string(our_number)};
        shop.replies.read = true;
        shop.delivery.replies = config::deliver_by::none;
        // Before the engine hands out what a process before has left.
        world.make_gate = [this, make = world.make_gate](store::environment& store) {
            heard.clear();
            world.outputs->on_consume = [this](std::span<const outbox_item> items) {
                for (const auto& item : items)
                    heard.push_back(scribe::heard(item));
            };
            return make(store);
        };
    }

    void open() {
        start();
        after_open();
    }
    void after_open() {
        scribe_ = std::make_unique<scribe>(master, world.store());
        book = std::make_unique<conversation_book>(*world.gateway, *gate, world.store());
        follower = std::make_unique<reply_follower>(*world.gateway, *gate, *desk, *book,
                                                    following_session);
        sender = std::make_unique<answer_sender>(*world.gateway, *gate, *desk, world.store(),
                                                 answers_session);
        const auto reading = reading_settings_of(world.settings, [](const std::string& name) {
            return stored(name == "shop" ? engine_world::shop : engine_world::bank);
        });
        scribe_->read_by(reading);
        follower->use(reading);
        kept = settled = 0;
        world.settle();
    }
    void crash() {
        sender.reset();
        follower.reset();
        book.reset();
        scribe_.reset();
        crash_and_start();
        after_open();
        world.bind_up(1);
    }

    /// One batch of the desk, handed to the engine and not yet written.
    bool follow() {
        auto made = scribe_->compose(heard);
        if (made.empty() || follower->must_wait(made.replies)) return false;
        if (made.keyless != 0) (void)gate->keys().of(made.keyless, *made.rows);
        world.gateway->keep(*made.rows, {desk_rows_session, 0}, world.now());
        if (made.consumed != 0)
            world.gateway->on_consumed(consumer_id{0}, made.consumed, world.now());
        for (const auto& each : made.replies)
            follower->follow(each, world.now());
        return true;
    }
    /// What the engine has told since is handed on.
    void hand_on() {
        for (; kept < world.outputs->kept.size(); ++kept) {
            const auto ticket = world.outputs->kept[kept];
            desk->rows_kept(ticket);
            book->rows_kept(ticket);
            if (ticket.session == following_session) sender->wake();
            if (ticket.session == answers_session) sender->rows_kept(ticket);
        }
        for (; settled < world.outputs->settled.size(); ++settled)
            if (world.outputs->settled[settled].ticket.session == answers_session)
                sender->settled(world.outputs->settled[settled]);
    }
    void work() {
        for (int quiet = 0; quiet < 3; ++quiet) {
            if (follow()) quiet = 0;
            sender->pump(world.now());
            world.settle();
            hand_on();
        }
    }
    void reply(std::string_view text) { world.reply(text, our_number); }

    [[nodiscard]] std::size_t messages() { return world.entries(model::table::messages); }
    [[nodiscard]] gate::purpose_set suppressed() const {
        const auto found = desk->find_suppression(engine_world::shop, phone);
        return found ? found->purposes : gate::purpose_set{};
    }
    [[nodiscard]] std::vector<timeline_view> replies_told() {
        chronicle reader(master, world.store());
        auto found = reader.find(stored(engine_world::shop), party_scope::contact, phone,
                                 ~std::uint64_t{0}, 1000);
        std::erase_if(found,
                      [](const auto& each) { return each.kind != record::TimelineKind::reply; });
        return found;
    }

    std::unique_ptr<scribe> scribe_;
    std::unique_ptr<conversation_book> book;
    std::unique_ptr<reply_follower> follower;
    std::unique_ptr<answer_sender> sender;
    std::vector<heard_event> heard;
    std::size_t kept = 0, settled = 0;
};

constexpr auto dunning_and_marketing = static_cast<gate::purpose_set>(
    gate::set_of(gate::purpose::dunning) | gate::set_of(gate::purpose::marketing));

TEST_F(answered, a_stop_is_confirmed_once) {
    open();
    reply("STOP");
    work();
    EXPECT_EQ(suppressed(), dunning_and_marketing);
    ASSERT_EQ(sent(), 1U);
    EXPECT_EQ(world.outputs->sent[0].destination, phone);
    EXPECT_EQ(world.outputs->sent[0].source, our_number);
    reply("stop");
    work();
    EXPECT_EQ(sent(), 1U);
    EXPECT_EQ(world.entries(table::answers), 0U);
    EXPECT_EQ(replies_told().size(), 2U);
    EXPECT_TRUE(sender->idle());
}

/// Before the desk's rows are on disk nothing has happened; then everything has.
TEST_F(answered, a_crash_before_the_rows_are_written_reads_the_reply_again) {
    open();
    reply("STOP");
    ASSERT_TRUE(follow());  // its account has no key yet, and makes one
    world.settle();
    hand_on();
    ASSERT_TRUE(follow());
    crash();
    EXPECT_EQ(suppressed(), 0);
    EXPECT_TRUE(replies_told().empty());
    work();
    EXPECT_EQ(suppressed(), dunning_and_marketing);
    EXPECT_EQ(replies_told().size(), 1U);
    EXPECT_EQ(messages(), 1U);
}

TEST_F(answered, a_crash_between_suppression_and_confirmation_sends_one) {
    open();
    reply("STOP");
    while (follow()) {
        world.settle();
        hand_on();
    }
    EXPECT_EQ(suppressed(), dunning_and_marketing);
    EXPECT_EQ(messages(), 0U);
    crash();
    work();
    EXPECT_EQ(messages(), 1U);
    EXPECT_EQ(sent(), 1U);
    EXPECT_EQ(world.entries(table::answers), 0U);
    EXPECT_EQ(replies_told().size(), 1U);
}

TEST_F(answered, a_crash_between_acceptance_and_the_end_of_its_row_sends_no_other) {
    open();
    reply("STOP");
    while (follow()) {
        world.settle();
        hand_on();
    }
    sender->pump(world.now());
    world.settle();  // accepted and sent; nobody has heard of it
    EXPECT_EQ(sent(), 1U);
    EXPECT_EQ(world.entries(table::answers), 1U);
    crash();
    work();
    EXPECT_EQ(messages(), 1U);
    EXPECT_EQ(sent(), 0U) << "by the process behind the crash";
    EXPECT_EQ(world.entries(table::answers), 0U);
}

TEST_F(answered, stop_and_start_in_one_breath_end_with_the_last) {
    open();
    for (const auto* text : {"STOP", "START", "STOP", "START"})
        world.hand_in_deliver_sm(1, text, phone, our_number);
    world.settle();
    work();
    EXPECT_EQ(suppressed(), 0);
    EXPECT_EQ(replies_told().size(), 4U);
    EXPECT_EQ(messages(), 2U) << "one for each stop that was in force";
}

TEST_F(answered, what_staff_have_suppressed_no_start_takes_away) {
    open();
    suppress(phone, gate::set_of(gate::purpose::marketing));
    reply("STOP");
    work();
    EXPECT_EQ(suppressed(), dunning_and_marketing);
    reply("START");
    work();
    EXPECT_EQ(suppressed(), gate::set_of(gate::purpose::marketing));
    reply("STOP");
    work();
    suppress(phone, dunning_and_marketing);
    reply("START");
    work();
    EXPECT_EQ(suppressed(), dunning_and_marketing) << "staff have made it theirs";
}

TEST_F(answered, a_confirmation_passes_what_it_confirms_and_nothing_else_does) {
    open();
    suppress(phone, gate::set_of(gate::purpose::service));
    reply("STOP");
    work();
    ASSERT_EQ(sent(), 1U);
    auto other = reminder(Purpose::service);
    (void)world.submit(std::move(other));
    EXPECT_EQ(sent(), 1U);
}

TEST_F(answered, holds_are_on_the_phone_and_its_debtor_and_come_once) {
    open();
    (void)world.submit(reminder());
    for (int i = 0; i < 2; ++i) {
        reply("I dispute this debt");
        work();
    }
    const auto on = [&](party_scope scope, std::string_view reference) {
        return desk->find_holds(engine_world::shop, scope, reference, {0, 100, true}, world.now())
            .found;
    };
    ASSERT_EQ(on(party_scope::contact, phone).size(), 1U);
    ASSERT_EQ(on(party_scope::debtor, "d-1").size(), 1U);
    EXPECT_EQ(on(party_scope::debtor, "d-1")[0].kind, gate::hold_kind::dispute);
    EXPECT_EQ(on(party_scope::debtor, "d-1")[0].until_ms, without_end);
    const auto tasks = desk->list_tasks(engine_world::shop, 0, 100);
    ASSERT_EQ(tasks.size(), 1U);
    EXPECT_EQ(tasks[0].kind, "reply_dispute");
    EXPECT_EQ(tasks[0].subject, on(party_scope::contact, phone)[0].id);
    EXPECT_EQ(tasks[0].why, "I dispute this debt");
}

TEST_F(answered, a_text_that_is_refused_for_good_becomes_a_task) {
    world.settings.accounts[0].senders = {"Shop"};
    open();
    reply("STOP");
    work();
    EXPECT_EQ(messages(), 0U);
    EXPECT_EQ(world.entries(table::answers), 0U);
    const auto tasks = desk->list_tasks(engine_world::shop, 0, 100);
    ASSERT_EQ(tasks.size(), 1U);
    EXPECT_EQ(tasks[0].kind, "reply_answer");
    EXPECT_EQ(tasks[0].why, "source_not_allowed");
}

}  // namespace
}  // namespace hikyaku::gateway::dunning
