// Receipts and replies that found nobody: kept with their reason, listed page by page, tried again
// after a correction, and gone in the same step as what they have become.
#include "gateway/engine/unmatched/unmatched_entry.hpp"

#include <gtest/gtest.h>

#include "gateway/model/tables.hpp"
#include "store/key.hpp"
#include "tests/support/engine_fixture.hpp"

namespace hikyaku::gateway {
namespace {

namespace table = model::table;
using testing::engine_world;
using testing::phone_of_bank;
using testing::phone_of_shop;
using namespace std::chrono_literals;

class unmatched : public ::testing::Test {
protected:
    engine_world world;

    void ready() {
        world.start();
        world.bind_up(1, engine_world::alpha);
        world.bind_up(2, engine_world::beta);
        world.session_up(100, engine_world::shop, 100);
        world.session_up(200, engine_world::bank, 100);
    }
    void again() {
        world.crash_and_start();
        world.bind_up(1, engine_world::alpha);
        world.bind_up(2, engine_world::beta);
        world.session_up(100, engine_world::shop, 100);
        world.session_up(200, engine_world::bank, 100);
    }
    message_id sent(std::string_view id, std::string_view phone,
                    account_id account = engine_world::shop) {
        const auto made = world.submit(engine_world::text_to(phone, "Hello"), account);
        world.respond(world.outputs->sent.back(), id);
        return made;
    }
    void receipt(std::string_view id, std::string_view stat, std::string_view source,
                 std::uint64_t bind = 1) {
        world.hand_in_receipt(bind, id, stat, source);
        world.settle();
    }
    std::vector<unmatched_view> all(unmatched_query query = {}) {
        return world.gateway->unmatched(query).found;
    }
    std::vector<std::string> reasons() {
        std::vector<std::string> out;
        for (const auto& one : all())
            out.emplace_back(word_of(one.why));
        return out;
    }
    unmatched_replay replay(const model::unmatched_position& id) {
        const auto result = world.gateway->replay_unmatched(id, {session_id{7}, 3}, world.now());
        world.settle();
        return result;
    }
    std::size_t settled() { return world.outputs->replays.size(); }
    const carrier_view carrier(std::size_t index = 0) { return world.gateway->carriers()[index]; }
    std::uint64_t counted(UnmatchedWhy why, std::size_t index = 0) {
        return carrier(index).unmatched[static_cast<std::size_t>(why)];
    }
    static std::string part(std::uint8_t total, std::uint8_t sequence, std::string_view text,
                            std::uint8_t reference = 7) {
        return std::string("\x05\x00\x03", 3) + static_cast<char>(reference) +
               static_cast<char>(total) + static_cast<char>(sequence) + std::string(text);
    }
    void reply_part(std::uint8_t total, std::uint8_t sequence, std::string_view text,
                    std::uint8_t reference = 7) {
        world.hand_in_deliver_sm(1, part(total, sequence, text, reference), "819012345678", "777",
                                 0x40);
        world.settle();
    }
};

TEST_F(unmatched, each_has_its_reason_and_is_counted_by_carrier) {
    world.settings.accounts[1].numbers = {"555"};
    world.settings.accounts[1].delivery.replies = config::deliver_by::none;
    ready();
    sent("A1", phone_of_shop);
    sent("B1", phone_of_shop);
    sent("B1", phone_of_bank, engine_world::bank);
    receipt("nobody", "DELIVRD", phone_of_shop);
    receipt("A1", "DELIVRD", phone_of_bank);
    receipt("B1", "DELIVRD", "");
    world.hand_in_deliver_sm(1, "stat:DELIVRD", phone_of_shop, "Shop", 0x04);
    world.reply("Hello there", "777");
    world.reply("Hello there", "555", 2);
    EXPECT_EQ(reasons(), (std::vector<std::string>{"unknown_id", "contradicts", "ambiguous",
                                                   "unreadable", "no_owner", "no_delivery"}));
    for (const auto why :
         {UnmatchedWhy::unknown_id, UnmatchedWhy::contradicts, UnmatchedWhy::ambiguous,
          UnmatchedWhy::unreadable, UnmatchedWhy::no_owner})
        EXPECT_EQ(counted(why), 1U) << word_of(why);
    EXPECT_EQ(counted(UnmatchedWhy::no_delivery, 0), 0U);
    EXPECT_EQ(counted(UnmatchedWhy::no_delivery, 1), 1U);
    const auto found = all();
    EXPECT_EQ(found[0].carrier, "alpha");
    EXPECT_EQ(found[0].source, phone_of_shop);
    EXPECT_EQ(found[0].octets.substr(0, 9), "id:nobody");
    EXPECT_EQ(found[5].carrier, "beta");
    EXPECT_TRUE(found[5].is_reply);
    EXPECT_EQ(found[5].octets, "Hello there");
    // The log is told of replies only.
    ASSERT_EQ(world.outputs->unowned.size(), 2U);
    EXPECT_EQ(world.outputs->unowned[0], "alpha 819012345678 777 no_owner");
    EXPECT_EQ(world.outputs->unowned[1], "beta 819012345678 555 no_delivery");
    again();
    EXPECT_EQ(reasons().size(), 6U);
    EXPECT_EQ(reasons()[2], "ambiguous");
}

TEST_F(unmatched, pages_in_order_by_carrier_and_kind) {
    ready();
    for (int i = 0; i < 7; ++i) {
        receipt("r" + std::to_string(i), "DELIVRD", phone_of_shop, i % 2 == 0 ? 1 : 2);
        world.reply("word", "777", 1);
    }
    std::vector<model::unmatched_position> walked;
    unmatched_query query{.limit = 3};
    for (;;) {
        const auto page = world.gateway->unmatched(query);
        for (const auto& one : page.found)
            walked.push_back(one.id);
        if (!page.next) break;
        EXPECT_EQ(page.found.size(), 3U);
        query.after = page.next;
        ASSERT_LE(walked.size(), 14U);
    }
    std::vector<model::unmatched_position> whole;
    for (const auto& one : all())
        whole.push_back(one.id);
    EXPECT_EQ(whole.size(), 14U);
    EXPECT_EQ(walked, whole);
    EXPECT_EQ(all({.carrier = "beta"}).size(), 3U);
    EXPECT_EQ(all({.carrier = "alpha", .is_reply = true}).size(), 7U);
    EXPECT_EQ(all({.carrier = "alpha", .is_reply = false}).size(), 4U);
    EXPECT_EQ(all({.after = whole[12], .carrier = "alpha"}).size(), 0U) << "behind it";
    EXPECT_EQ(all({.after = whole[0], .carrier = "beta"}).size(), 3U) << "before it";
    const auto unknown = world.gateway->unmatched({.carrier = "gamma"});
    EXPECT_FALSE(unknown.carrier_known);
    // A page looks at a bounded number of entries.
    for (int i = 0; i < 1100; ++i)
        world.hand_in_deliver_sm(1, "x", "819012345678", "777");
    world.settle();
    const auto none = world.gateway->unmatched({.after = all()[10].id, .is_reply = false});
    EXPECT_TRUE(none.found.empty());
    ASSERT_TRUE(none.next);
    EXPECT_EQ(world.gateway->unmatched({.after = none.next, .is_reply = false}).found.size(), 3U);
}

TEST_F(unmatched, an_entry_of_a_carrier_that_is_gone_keeps_its_name_and_stays) {
    ready();
    receipt("r", "DELIVRD", phone_of_shop, 2);
    world.settings.carriers.pop_back();
    world.crash_and_start();
    ASSERT_EQ(all().size(), 1U);
    EXPECT_EQ(all()[0].carrier, "beta");
    const auto result = replay(all()[0].id);
    EXPECT_FALSE(result.applied);
    EXPECT_EQ(result.why, UnmatchedWhy::no_carrier);
    EXPECT_EQ(all({.carrier = "beta"}).size(), 1U);
}

TEST_F(unmatched, a_receipt_finds_its_message_after_a_correction) {
    ready();
    const auto id = sent("not-a-number", phone_of_shop);
    receipt("not-a-number", "UNDELIV", phone_of_bank);
    EXPECT_EQ(replay(all()[0].id).why, UnmatchedWhy::contradicts);
    EXPECT_EQ(settled(), 0U);
    world.settings.carriers[0].addresses_of_receipts = config::receipt_addresses::ignore;
    again();
    world.commits_itself = false;
    const auto position = all()[0].id;
    const auto first = world.gateway->replay_unmatched(position, {session_id{7}, 3}, world.now());
    EXPECT_TRUE(first.applied);
    EXPECT_EQ(world.gateway->replay_unmatched(position, {session_id{8}, 3}, world.now()).refused,
              refusal::not_found)
        << "twice in one turn";
    EXPECT_TRUE(all().empty());
    world.turn();
    EXPECT_EQ(settled(), 0U) << "before the commit";
    world.write_batches();
    world.report_batches();
    world.commits_itself = true;
    world.settle();
    ASSERT_EQ(settled(), 1U);
    EXPECT_EQ(world.outputs->replays[0].session, session_id{7});
    EXPECT_EQ(world.outputs->replays[0].sequence, 3U);
    EXPECT_EQ(world.state_of(id), State::undeliverable);
    EXPECT_EQ(world.entries(table::unmatched), 0U);
    EXPECT_EQ(world.gateway->count().receipts_replayed, 1U);
    EXPECT_EQ(carrier().receipts_replayed, 1U);
    EXPECT_EQ(replay(position).refused, refusal::not_found);
    again();
    EXPECT_EQ(world.state_of(id), State::undeliverable);
}

TEST_F(unmatched, a_receipt_is_not_that_of_a_message_that_came_after_it) {
    ready();
    receipt("A1", "UNDELIV", "");
    const auto id = sent("A1", phone_of_shop);  // the carrier uses the id anew
    const auto result = replay(all()[0].id);
    EXPECT_FALSE(result.applied);
    EXPECT_EQ(result.why, UnmatchedWhy::unknown_id);
    EXPECT_EQ(world.state_of(id), State::submitted);
}

TEST_F(unmatched, one_that_is_tried_again_may_still_be_early) {
    ready();
    world.submit(engine_world::text_to("819033333333", "Hello"));
    const auto waiting = world.outputs->sent.back();
    receipt("A1", "DELIVRD", "");
    ASSERT_EQ(reasons(), std::vector<std::string>{"unknown_id"});
    EXPECT_EQ(replay(all()[0].id).why, UnmatchedWhy::unknown_id);
    world.respond(waiting, "A1");
    EXPECT_TRUE(all().empty()) << "the response has asked for it";
    EXPECT_EQ(world.gateway->count().receipts_early, 1U);
}

TEST_F(unmatched, a_receipt_is_that_of_the_only_message_that_was_there) {
    ready();
    const auto shop = sent("not-a-number", phone_of_shop);
    receipt("not-a-number", "DELIVRD", "819099999999");
    ASSERT_EQ(reasons(), std::vector<std::string>{"contradicts"});
    sent("not-a-number", phone_of_bank, engine_world::bank);
    world.settings.carriers[0].addresses_of_receipts = config::receipt_addresses::ignore;
    again();
    // Only the first message was there: it is the receipt's now.
    EXPECT_TRUE(replay(all()[0].id).applied);
    EXPECT_EQ(world.state_of(shop), State::delivered);
}

TEST_F(unmatched, the_reason_of_today_is_kept_and_an_ambiguous_one_is_early_no_more) {
    ready();
    sent("not-a-number", phone_of_shop);
    sent("not-a-number", phone_of_bank, engine_world::bank);
    const auto third = world.submit(engine_world::text_to("819033333333", "Hello"));
    receipt("not-a-number", "DELIVRD", "819099999999");
    ASSERT_EQ(reasons(), std::vector<std::string>{"contradicts"});
    world.settings.carriers[0].addresses_of_receipts = config::receipt_addresses::ignore;
    EXPECT_EQ(replay(all()[0].id).why, UnmatchedWhy::ambiguous);
    EXPECT_EQ(reasons(), std::vector<std::string>{"ambiguous"});
    world.respond(world.outputs->sent.back(), "not-a-number");
    EXPECT_EQ(world.state_of(third), State::submitted);
    EXPECT_EQ(reasons(), std::vector<std::string>{"ambiguous"});
}

TEST_F(unmatched, an_ambiguous_receipt_is_not_early_after_a_restart) {
    ready();
    const auto shop = sent("A1", phone_of_shop);
    const auto bank = sent("A1", phone_of_shop, engine_world::bank);
    // Accepted before the receipt comes, answered with the same id after the restart.
    const auto third = world.submit(engine_world::text_to(phone_of_shop, "Hello"));
    receipt("A1", "DELIVRD", phone_of_shop);
    ASSERT_EQ(reasons(), std::vector<std::string>{"ambiguous"});
    again();
    world.respond(world.outputs->sent.back(), "A1");
    EXPECT_EQ(reasons(), std::vector<std::string>{"ambiguous"});
    EXPECT_EQ(world.state_of(shop), State::submitted);
    EXPECT_EQ(world.state_of(bank, engine_world::bank), State::submitted);
    EXPECT_EQ(world.state_of(third), State::submitted);
    EXPECT_EQ(world.gateway->count().receipts_early, 0U);
}

TEST_F(unmatched, a_reply_goes_to_the_account_that_owns_it_now_and_only_once) {
    ready();
    world.reply("Pay me", "777");
    const auto came_ms = world.now().wall_ms;
    ASSERT_EQ(world.deliveries(), 0U);
    EXPECT_EQ(replay(all()[0].id).why, UnmatchedWhy::no_owner);
    EXPECT_EQ(world.outputs->unowned.size(), 1U) << "a replay is no news";
    world.advance(60s);
    world.settings.accounts[1].keywords = {"pay"};
    again();
    const auto position = all()[0].id;
    EXPECT_EQ(position.at, came_ms);
    EXPECT_TRUE(replay(position).applied);
    EXPECT_EQ(replay(position).refused, refusal::not_found);
    EXPECT_EQ(settled(), 1U);
    ASSERT_EQ(world.deliveries(), 1U);
    EXPECT_EQ(world.outputs->delivered[0].session, session_id{200});
    EXPECT_EQ(world.outputs->delivered[0].event.text, "Pay me");
    EXPECT_EQ(world.entries(table::unmatched), 0U);
    EXPECT_EQ(carrier().replies_replayed, 1U);
    again();
    EXPECT_EQ(world.deliveries(), 1U) << "the same event, which was not acknowledged";
}

TEST_F(unmatched, a_reply_is_read_by_the_dialect_of_today) {
    ready();
    // "hello" packed, from a number as the carrier writes it.
    world.hand_in_deliver_sm(1, "\xE8\x32\x9B\xFD\x06", "09012345678", "777");
    world.settle();
    ASSERT_EQ(reasons(), std::vector<std::string>{"no_owner"});
    world.settings.carriers[0].text.packed = true;
    world.settings.accounts[0].keywords = {"hello"};
    again();
    EXPECT_TRUE(replay(all()[0].id).applied);
    ASSERT_EQ(world.deliveries(), 1U);
    EXPECT_EQ(world.outputs->delivered[0].event.text, "hello");
}

TEST_F(unmatched, the_parts_of_a_long_reply_go_together) {
    ready();
    reply_part(2, 2, "next week");
    reply_part(2, 1, "pay me ");
    reply_part(2, 1, "pay you ", 9);
    reply_part(2, 2, "never", 9);
    world.reply("single", "777");
    ASSERT_EQ(all().size(), 5U);
    EXPECT_EQ(replay(all()[1].id).why, UnmatchedWhy::no_owner);
    EXPECT_EQ(all().size(), 5U);
    world.settings.accounts[1].keywords = {"pay"};
    world.settings.accounts[1].delivery.reply_form = config::reply_form::whole;
    again();
    ASSERT_EQ(all().size(), 5U);
    EXPECT_TRUE(replay(all()[1].id).applied);  // the second part
    EXPECT_EQ(all().size(), 3U);
    ASSERT_EQ(world.deliveries(), 1U);
    EXPECT_EQ(world.outputs->delivered[0].event.text, "pay me next week");
    EXPECT_TRUE(replay(all()[0].id).applied);
    ASSERT_EQ(world.deliveries(), 2U);
    EXPECT_EQ(world.outputs->delivered[1].event.text, "pay you never");
    EXPECT_EQ(reasons(), std::vector<std::string>{"no_owner"});
    EXPECT_EQ(carrier().replies_replayed, 4U) << "entries, as they were counted when they came";
}

TEST_F(unmatched, a_long_reply_is_kept_whole) {
    ready();
    std::string words = "pay ";
    while (words.size() < 65535)
        words += static_cast<char>('a' + words.size() % 26);
    world.reply(words, "777");
    world.reply("single", "777");
    const auto found = all();
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].octets, words);
    world.settings.accounts[1].keywords = {"pay"};
    again();
    EXPECT_TRUE(replay(found[0].id).applied);
    ASSERT_EQ(world.deliveries(), 1U);
    EXPECT_EQ(world.outputs->delivered[0].event.text, words);
    world.advance(1s);
    // Of a receipt the beginning is enough.
    world.hand_in_deliver_sm(1, "stat:DELIVRD text:" + words.substr(0, 9000), phone_of_shop, "Shop",
                             0x04);
    world.settle();
    ASSERT_EQ(reasons(), (std::vector<std::string>{"no_owner", "unreadable"}));
    EXPECT_EQ(all()[1].octets.size(), 4096U);
}

TEST_F(unmatched, a_page_ends_before_it_is_too_long_to_show) {
    ready();
    const std::string words(60000, 'w');
    for (int i = 0; i < 9; ++i)
        world.reply(words, "777");
    std::vector<std::size_t> sizes;
    unmatched_query query;
    do {
        const auto page = world.gateway->unmatched(query);
        sizes.push_back(page.found.size());
        query.after = page.next;
    } while (query.after && sizes.size() < 9);
    EXPECT_EQ(sizes, (std::vector<std::size_t>{4, 4, 1}));
}

TEST_F(unmatched, parts_stay_as_they_were_read_when_they_came) {
    ready();
    reply_part(2, 1, "pay \xE8\x32");
    reply_part(2, 2, "again");
    world.settings.carriers[0].text.packed = true;
    world.settings.accounts[1].keywords = {"pay"};
    world.settings.accounts[1].delivery.reply_form = config::reply_form::whole;
    again();
    EXPECT_TRUE(replay(all()[0].id).applied);
    ASSERT_EQ(world.deliveries(), 1U);
    EXPECT_TRUE(world.outputs->delivered[0].event.text.ends_with("again"));
}

TEST_F(unmatched, a_reply_says_whether_its_destination_is_a_number_of_ours) {
    world.settings.accounts[1].numbers = {"+81905555555"};
    world.settings.accounts[1].delivery.replies = config::deliver_by::none;
    ready();
    world.reply("Hello", "81905555555");
    world.reply("Hello", "81906666666");
    ASSERT_EQ(reasons(), (std::vector<std::string>{"no_delivery", "no_owner"}));
    EXPECT_TRUE(all()[0].destination_is_ours);
    EXPECT_FALSE(all()[1].destination_is_ours);
}

TEST_F(unmatched, nothing_is_tried_while_the_disk_refuses_or_it_drains) {
    ready();
    world.reply("Pay me", "777");
    const auto position = all()[0].id;
    EXPECT_EQ(replay({position.carrier, position.at, position.counter + 1}).refused,
              refusal::not_found);
    world.gateway->set_store_failing(true);
    EXPECT_EQ(replay(position).refused, refusal::store_failing);
    world.gateway->set_store_failing(false);
    world.gateway->begin_drain();
    EXPECT_EQ(replay(position).refused, refusal::shutting_down);
    EXPECT_EQ(all().size(), 1U) << "shown all the same";
}

TEST_F(unmatched, entries_of_older_versions_have_the_reason_that_can_be_told) {
    ready();
    const auto put = [this](std::uint64_t counter, bool is_reply, bool has_id) {
        flatbuffers::FlatBufferBuilder fb;
        const auto address = model::record::CreateAddress(fb, 1, 1, fb.CreateString("8190"));
        const auto id = has_id ? fb.CreateString("A1") : flatbuffers::Offset<flatbuffers::String>{};
        const auto octets = fb.CreateVector(std::vector<std::uint8_t>{'h', 'i'});
        model::record::UnmatchedBuilder entry(fb);
        entry.add_carrier(1);
        entry.add_source(address);
        entry.add_destination(address);
        entry.add_carrier_message_id(id);
        entry.add_short_message(octets);
        if (is_reply) entry.add_is_reply(true);
        fb.Finish(entry.Finish());
        store::batch batch;
        batch.put(table::unmatched, model::unmatched_key(1, 1000, counter),
                  {reinterpret_cast<const char*>(fb.GetBufferPointer()), fb.GetSize()});
        const store::batch* one[] = {&batch};
        ASSERT_TRUE(world.store().apply(one));
    };
    put(1, false, true);
    put(2, false, false);
    put(3, true, false);
    EXPECT_EQ(reasons(), (std::vector<std::string>{"not_recorded", "unreadable", "no_owner"}));
    world.settings.accounts[0].keywords = {"hi"};
    again();
    EXPECT_TRUE(replay(all()[2].id).applied);
    ASSERT_EQ(world.deliveries(), 1U);
    EXPECT_EQ(world.outputs->delivered[0].event.text, "hi");
}

}  // namespace
}  // namespace hikyaku::gateway
