// Whose receipt it is where a carrier gives one id to several messages: of two accounts, of one,
// at once, again after the first is final, before the response, over a restart.
#include <gtest/gtest.h>

#include "gateway/model/tables.hpp"
#include "tests/support/engine_fixture.hpp"

namespace hikyaku::gateway {
namespace {

namespace table = model::table;
using testing::engine_world;
using testing::phone_of_bank;
using testing::phone_of_shop;
using namespace std::chrono_literals;

class receipt_owner : public ::testing::Test {
protected:
    engine_world world;

    void ready() {
        world.start();
        world.bind_up(1);
        world.session_up(100, engine_world::shop, 100);
        world.session_up(200, engine_world::bank, 100);
    }
    message_id submit(std::string_view phone, account_id account = engine_world::shop,
                      std::string_view sender = "Shop", std::string_view text = "Hello") {
        auto message = engine_world::text_to(phone, text);
        message.source.digits = sender;
        return world.submit(std::move(message), account);
    }
    message_id sent(std::string_view id, std::string_view phone,
                    account_id account = engine_world::shop, std::string_view sender = "Shop",
                    std::string_view text = "Hello") {
        const auto made = submit(phone, account, sender, text);
        world.respond(world.outputs->sent.back(), id);
        return made;
    }
    void receipt(std::string_view id, std::string_view stat, std::string_view source,
                 std::string_view destination = "Shop",
                 std::string_view dates = "submit date:2601010000 done date:2601010001",
                 std::string_view text = "") {
        const auto whole = "id:" + std::string(id) + " sub:001 dlvrd:001 " + std::string(dates) +
                           " stat:" + std::string(stat) + " err:000 text:" + std::string(text);
        world.hand_in_deliver_sm(1, whole, source, destination, 0x04);
        world.settle();
    }
    /// What each message is told, whatever the order of the receipts.
    void expect(message_id shop, State shop_state, message_id bank, State bank_state) {
        EXPECT_EQ(world.state_of(shop, engine_world::shop), shop_state);
        EXPECT_EQ(world.state_of(bank, engine_world::bank), bank_state);
    }
    const counters& count() { return world.gateway->count(); }
};

TEST_F(receipt_owner, two_accounts_with_one_id_each_get_their_own) {
    for (const std::string_view id : {"not-a-number", "4101"}) {
        for (const bool restarts : {false, true}) {
            for (const bool bank_first : {false, true}) {
                SCOPED_TRACE(std::string(id) + (restarts ? " restart" : "") +
                             (bank_first ? " bank first" : ""));
                engine_world own;
                own.start();
                own.bind_up(1);
                const auto shop = own.submit(engine_world::text_to(phone_of_shop, "Hello"));
                const auto bank =
                    own.submit(engine_world::text_to(phone_of_bank, "Hello"), engine_world::bank);
                for (const auto& segment : std::vector(own.outputs->sent))
                    own.respond(segment, id);
                if (restarts) own.crash_and_start();
                if (restarts) own.bind_up(1);
                const auto hand_in = [&](bool of_bank) {
                    own.hand_in_receipt(1, id, of_bank ? "UNDELIV" : "DELIVRD",
                                        of_bank ? phone_of_bank : phone_of_shop);
                    own.settle();
                };
                hand_in(bank_first);
                EXPECT_EQ(own.state_of(bank_first ? shop : bank,
                                       bank_first ? engine_world::shop : engine_world::bank),
                          State::submitted);
                hand_in(!bank_first);
                EXPECT_EQ(own.state_of(shop), State::delivered);
                EXPECT_EQ(own.state_of(bank, engine_world::bank), State::undeliverable);
                EXPECT_EQ(own.gateway->count().receipts_unmatched, 0U);
            }
        }
    }
}

TEST_F(receipt_owner, a_receipt_for_another_phone_is_kept_and_counted_and_the_true_one_taken) {
    for (const bool seconds_later : {false, true}) {
        for (const std::string_view id : {"not-a-number", "4101"}) {
            engine_world own;
            own.start();
            own.bind_up(1);
            const auto message = own.submit("Hello");
            own.respond(own.outputs->sent[0], id);
            if (seconds_later) own.advance(60s);  // the key is on disk only
            own.hand_in_receipt(1, id, "DELIVRD", "819099999999");
            own.settle();
            EXPECT_EQ(own.state_of(message), State::submitted);
            EXPECT_EQ(own.entries(table::unmatched), 1U);
            EXPECT_EQ(own.gateway->count().receipts_unmatched, 1U);
            EXPECT_EQ(own.gateway->count().receipts_contradicting, 1U);
            EXPECT_EQ(own.outputs->acknowledged.size(), 1U);
            own.receipt(id, "UNDELIV");
            EXPECT_EQ(own.state_of(message), State::undeliverable);
            EXPECT_EQ(own.gateway->count().receipts_duplicate, 0U);
        }
    }
}

TEST_F(receipt_owner, with_receipt_addresses_ignored_the_only_message_gets_it) {
    world.settings.carriers[0].addresses_of_receipts = config::receipt_addresses::ignore;
    ready();
    const auto only = sent("not-a-number", phone_of_shop);
    receipt("not-a-number", "DELIVRD", "819099999999");
    EXPECT_EQ(world.state_of(only), State::delivered);
    const auto first = sent("again", phone_of_shop);
    const auto second = sent("again", phone_of_bank, engine_world::bank, "Bank");
    receipt("again", "DELIVRD", phone_of_bank, "Bank");
    expect(first, State::submitted, second, State::delivered);
    receipt("again", "DELIVRD", "819099999999", "");  // of two it is nobody's
    expect(first, State::delivered, second, State::delivered);
}

TEST_F(receipt_owner, addresses_that_carriers_rewrite_still_find_the_message) {
    struct row {
        std::string_view source, destination;
    };
    for (const auto& [source, destination] :
         {row{"819012345678", "Shop"}, row{"+819012345678", "Shop"}, row{"00819012345678", ""},
          row{"09012345678", "12345"}, row{"9012345678", "Sho"}, row{"Shop", "819012345678"},
          row{"12345", "09012345678"}, row{"", ""}, row{"", "Shop"}, row{"", "12345"},
          row{"Carrier", "Shop"}, row{"8190****5678", "Shop"}, row{"Shop", ""}}) {
        for (const bool seconds_later : {false, true}) {
            SCOPED_TRACE(std::string(source) + " to " + std::string(destination));
            engine_world own;
            own.start();
            own.bind_up(1);
            const auto id = own.submit("Hello");
            own.respond(own.outputs->sent[0], "A1");
            if (seconds_later) own.advance(60s);
            own.hand_in_deliver_sm(1, "id:A1 stat:DELIVRD err:000", source, destination, 0x04);
            own.settle();
            EXPECT_EQ(own.state_of(id), State::delivered);
            EXPECT_EQ(own.gateway->count().receipts_unmatched, 0U);
        }
    }
}

TEST_F(receipt_owner, an_early_receipt_is_not_taken_by_a_message_to_another_phone) {
    for (const std::string_view id : {"not-a-number", "4101"}) {
        for (const bool at_once : {false, true}) {
            engine_world own;
            own.start();
            own.bind_up(1);
            const auto shop = own.submit(engine_world::text_to(phone_of_shop, "Hello"));
            const auto bank =
                own.submit(engine_world::text_to(phone_of_bank, "Hello"), engine_world::bank);
            own.hand_in_receipt(1, id, "DELIVRD", phone_of_bank);
            if (!at_once) own.settle();
            for (const auto& segment : std::vector(own.outputs->sent)) {
                own.gateway->on_response(segment.bind, segment.token,
                                         smpp::command_status::esme_rok, id, own.now());
                if (!at_once) own.settle();
            }
            own.settle();
            EXPECT_EQ(own.state_of(shop), State::submitted);
            EXPECT_EQ(own.state_of(bank, engine_world::bank), State::delivered);
            own.hand_in_receipt(1, id, "UNDELIV", phone_of_shop);
            own.settle();
            EXPECT_EQ(own.state_of(shop), State::undeliverable);
            EXPECT_EQ(own.entries(table::unmatched), 0U);
        }
    }
}

TEST_F(receipt_owner, several_early_ones_under_one_id_wait_for_their_own_responses) {
    ready();
    const auto shop = submit(phone_of_shop);
    const auto bank = submit(phone_of_bank, engine_world::bank, "Bank");
    const auto segments = world.outputs->sent;
    receipt("A1", "UNDELIV", phone_of_bank, "Bank");
    receipt("A1", "DELIVRD", phone_of_shop);
    EXPECT_EQ(world.entries(table::unmatched), 2U);
    world.respond(segments[0], "A1");
    world.respond(segments[1], "A1");
    expect(shop, State::delivered, bank, State::undeliverable);
    EXPECT_EQ(world.entries(table::unmatched), 0U);
    EXPECT_EQ(count().receipts_early, 2U);
}

TEST_F(receipt_owner, an_early_one_that_came_before_the_message_did_is_not_its) {
    ready();
    const auto shop = submit(phone_of_shop);
    world.fail(world.outputs->sent[0], attempt_failure::timed_out);
    receipt("A1", "DELIVRD", "", "");  // of the attempt whose response never came
    EXPECT_EQ(world.entries(table::unmatched), 1U);
    const auto bank = submit(phone_of_bank, engine_world::bank, "Bank");
    world.respond(world.outputs->sent.back(), "A1");
    expect(shop, State::queued, bank, State::submitted);
    world.crash_and_start();
    world.bind_up(1);
    expect(shop, State::queued, bank, State::submitted);
}

TEST_F(receipt_owner, an_id_that_is_used_again_after_the_first_is_final) {
    ready();
    const auto shop = sent("A1", phone_of_shop);
    receipt("A1", "UNDELIV", phone_of_shop);
    const auto bank = sent("A1", phone_of_bank, engine_world::bank, "Bank");
    receipt("A1", "UNDELIV", phone_of_shop);  // once more
    expect(shop, State::undeliverable, bank, State::submitted);
    EXPECT_EQ(count().receipts_duplicate, 1U);
    receipt("A1", "DELIVRD", phone_of_bank, "Bank");
    expect(shop, State::undeliverable, bank, State::delivered);
    const auto third = sent("A1", phone_of_shop);  // the same phone as the first
    receipt("A1", "DELIVRD", phone_of_shop);
    EXPECT_EQ(world.state_of(third), State::delivered);
}

TEST_F(receipt_owner, the_sender_decides_between_messages_to_one_phone) {
    ready();
    const auto shop = sent("A1", phone_of_shop, engine_world::shop, "Shop");
    world.advance(60s);
    const auto bank = sent("A1", phone_of_shop, engine_world::bank, "Bank");
    receipt("A1", "UNDELIV", phone_of_shop, "Shop");
    expect(shop, State::undeliverable, bank, State::submitted);
    receipt("A1", "DELIVRD", phone_of_shop, "BANK");
    expect(shop, State::undeliverable, bank, State::delivered);
}

TEST_F(receipt_owner, without_addresses_a_receipt_of_two_accounts_is_nobodys) {
    ready();
    const auto shop = sent("A1", phone_of_shop);
    const auto bank = sent("A1", phone_of_bank, engine_world::bank, "Bank");
    receipt("A1", "DELIVRD", "", "");
    expect(shop, State::submitted, bank, State::submitted);
    EXPECT_EQ(count().receipts_ambiguous, 1U);
    EXPECT_EQ(count().receipts_unmatched, 1U);
    EXPECT_EQ(world.entries(table::unmatched), 1U);
    const auto third = sent("A1", "819033333333");  // nor that of the next one
    EXPECT_EQ(world.state_of(third), State::submitted);
    receipt("A1", "DELIVRD", "", "Bank");  // the sender alone
    expect(shop, State::submitted, bank, State::delivered);
}

TEST_F(receipt_owner, without_addresses_the_text_or_the_day_of_submission_decides) {
    ready();
    const auto shop = sent("A1", phone_of_shop, engine_world::shop, "Shop", "Your parcel is here");
    const auto bank = sent("A1", phone_of_bank, engine_world::bank, "Bank", "Your code is 1234");
    receipt("A1", "DELIVRD", "", "", "submit date:2601010000", "Your code is");
    expect(shop, State::submitted, bank, State::delivered);
    receipt("A1", "DELIVRD", "", "");  // only one is left that waits for anything
    expect(shop, State::delivered, bank, State::delivered);

    const auto old = sent("B2", phone_of_shop);
    world.leap(72h);
    const auto young = sent("B2", phone_of_bank, engine_world::bank, "Bank");
    receipt("B2", "UNDELIV", "", "", "submit date:2601040900");  // nine hours east
    expect(old, State::submitted, young, State::undeliverable);
}

TEST_F(receipt_owner, segments_of_one_message_may_share_an_id) {
    ready();
    const auto id = submit(phone_of_shop, engine_world::shop, "Shop", std::string(300, 'x'));
    ASSERT_EQ(world.outputs->sent.size(), 2U);
    for (const auto& segment : std::vector(world.outputs->sent))
        world.respond(segment, "A1");
    receipt("A1", "DELIVRD", phone_of_shop);
    EXPECT_EQ(world.state_of(id), State::submitted);
    receipt("A1", "DELIVRD", phone_of_shop);
    EXPECT_EQ(world.state_of(id), State::delivered);
}

TEST_F(receipt_owner, another_reading_of_the_id_whose_phone_agrees_is_preferred) {
    ready();
    const auto shop = sent("6699", phone_of_shop);
    const auto bank = sent("1A2B", phone_of_bank, engine_world::bank, "Bank");  // 6699 in decimal
    receipt("6699", "DELIVRD", phone_of_bank, "Bank");
    expect(shop, State::submitted, bank, State::delivered);
    receipt("6699", "UNDELIV", phone_of_shop);
    expect(shop, State::undeliverable, bank, State::delivered);
}

TEST_F(receipt_owner, the_very_id_is_exact_wherever_the_phone_stands) {
    // 6699 is 1A2B. Both messages went to one phone, which the second has in more digits.
    for (const bool restarts : {false, true}) {
        for (const bool phone_is_destination : {false, true}) {
            SCOPED_TRACE(restarts);
            SCOPED_TRACE(phone_is_destination);
            engine_world own;
            own.start();
            own.bind_up(1);
            const auto exact = own.submit(engine_world::text_to("9011111111", "One"));
            own.respond(own.outputs->sent.back(), "6699");
            const auto guess = own.submit(engine_world::text_to("819011111111", "Two"));
            own.respond(own.outputs->sent.back(), "1A2B");
            if (restarts) own.crash_and_start();
            if (restarts) own.bind_up(1);
            const std::string_view phone = "819011111111", sender = "Shop";
            own.hand_in_receipt(1, "6699", "DELIVRD", phone_is_destination ? sender : phone,
                                phone_is_destination ? phone : sender);
            own.settle();
            EXPECT_EQ(own.state_of(exact), State::delivered);
            EXPECT_EQ(own.state_of(guess), State::submitted);
        }
    }
}

TEST_F(receipt_owner, each_message_has_its_own_key_until_retention_takes_it) {
    ready();
    sent("A1", phone_of_shop);
    world.advance(60s);
    sent("A1", phone_of_bank, engine_world::bank, "Bank");
    EXPECT_EQ(world.young_entries(table::receipt_index), 2U);
    receipt("A1", "DELIVRD", phone_of_shop);
    receipt("A1", "DELIVRD", phone_of_bank, "Bank");
    EXPECT_EQ(world.deliveries(), 2U);
    world.leap(std::chrono::hours{24 * 31});
    world.advance(30s);
    EXPECT_EQ(world.entries(table::messages), 0U);
    receipt("A1", "DELIVRD", phone_of_shop);
    EXPECT_EQ(world.deliveries(), 2U);
    EXPECT_EQ(world.entries(table::unmatched), 1U) << "the key leads nowhere";
}

TEST_F(receipt_owner, a_message_that_outlives_the_retention_keeps_its_keys_and_its_reference) {
    world.settings.store.retention = 48h;
    ready();
    auto message = engine_world::text_to(phone_of_shop, "Hello");
    message.reference = "debt-1";
    message.expires_ms = world.now().wall_ms + std::int64_t{30} * 24 * 3'600'000;
    const auto id = world.submit(std::move(message));
    world.fail(world.outputs->sent.back(), attempt_failure::timed_out);
    world.leap(std::chrono::hours{60});
    world.advance(3min);
    EXPECT_EQ(world.state_of(id), State::queued);
    EXPECT_EQ(world.entries(table::references), 1U);
    world.bind_up(1);
    world.advance(30min);
    world.respond(world.outputs->sent.back(), "A1");
    EXPECT_EQ(world.entries(table::receipt_keys), 1U) << "the index may begin behind it";
    const auto found = world.gateway->find_by_reference(engine_world::shop, "debt-1", 10);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].id, id);
    receipt("A1", "DELIVRD", phone_of_shop);
    EXPECT_EQ(world.state_of(id), State::delivered);
    world.leap(std::chrono::hours{60});
    world.advance(3min);
    EXPECT_EQ(world.entries(table::references), 0U);
    EXPECT_EQ(world.entries(table::receipt_keys), 0U);
}

TEST_F(receipt_owner, a_longer_retention_hides_no_key_behind_where_the_index_begins) {
    world.settings.store.retention = 48h;
    ready();
    auto message = engine_world::text_to(phone_of_shop, "Hello");
    message.expires_ms = world.now().wall_ms + std::int64_t{30} * 24 * 3'600'000;
    const auto id = world.submit(std::move(message));
    world.fail(world.outputs->sent.back(), attempt_failure::timed_out);
    world.leap(std::chrono::hours{60});
    world.advance(3min);
    EXPECT_EQ(world.state_of(id), State::queued);
    world.settings.store.retention = std::chrono::hours{24 * 60};
    world.crash_and_start();
    world.bind_up(1);
    world.advance(30min);
    world.respond(world.outputs->sent.back(), "A1");
    EXPECT_EQ(world.entries(table::receipt_keys), 1U);
}

TEST_F(receipt_owner, a_key_of_schema_1_is_found_and_taken_by_retention) {
    ready();
    const auto shop = sent("A1", phone_of_shop);
    const model::receipt_target target{static_cast<std::uint64_t>(shop), 0, 1};
    const auto of_id = model::receipt_key(1, "a1");
    store::batch changes;
    changes.put_octets(table::receipt_keys.number, of_id,
                       store::key{}.u64(target.message).u16(0).u16(1));
    const store::batch* one[] = {&changes};
    ASSERT_TRUE(world.store().apply(one));
    world.crash_and_start();
    world.bind_up(1);
    const auto bank = sent("A1", phone_of_bank, engine_world::bank, "Bank");
    EXPECT_EQ(world.entries(table::receipt_keys), 1U);
    receipt("A1", "DELIVRD", phone_of_shop);
    receipt("A1", "UNDELIV", phone_of_bank, "Bank");
    expect(shop, State::delivered, bank, State::undeliverable);
    world.leap(std::chrono::hours{24 * 31});
    world.advance(30s);
    EXPECT_EQ(world.entries(table::receipt_keys), 0U);
}

TEST_F(receipt_owner, of_a_carrier_with_one_id_for_everything_the_phones_decide) {
    ready();
    std::vector<message_id> sent_to;
    for (int i = 0; i < 40; ++i) {
        sent_to.push_back(sent("0", "8190" + std::to_string(11111111 + i)));
        if (i % 10 == 9) world.advance(10s);
    }
    for (int i = 39; i >= 0; --i)
        receipt("0", i % 2 == 0 ? "DELIVRD" : "UNDELIV", "8190" + std::to_string(11111111 + i));
    for (std::size_t i = 0; i < sent_to.size(); ++i) {
        EXPECT_EQ(world.state_of(sent_to[i]), i % 2 == 0 ? State::delivered : State::undeliverable)
            << i;
    }
}

TEST_F(receipt_owner, a_receipt_that_is_tried_again_is_no_message_s_that_was_sent_later) {
    for (const bool agrees : {false, true}) {
        SCOPED_TRACE(agrees);
        engine_world own;
        own.settings.carriers[0].addresses_of_receipts = config::receipt_addresses::ignore;
        own.start();
        own.bind_up(1);
        own.session_up(100, engine_world::shop, 100);
        auto later = engine_world::text_to(phone_of_shop, "Later");
        later.send_at_ms = own.now().wall_ms + 60'000;
        const auto id = own.submit(std::move(later));
        own.hand_in_receipt(1, "REUSED", "UNDELIV", agrees ? phone_of_shop : phone_of_bank);
        own.settle();
        own.advance(61s);
        ASSERT_EQ(own.outputs->sent.size(), 1U);
        own.respond(own.outputs->sent.back(), "REUSED");
        own.settle();
        if (own.state_of(id) == State::submitted) {
            const auto kept = own.gateway->unmatched({}).found;
            ASSERT_EQ(kept.size(), 1U);
            const auto again =
                own.gateway->replay_unmatched(kept[0].id, {session_id{7}, 3}, own.now());
            own.settle();
            EXPECT_FALSE(again.applied);
        }
        EXPECT_EQ(own.state_of(id), agrees ? State::undeliverable : State::submitted);
    }
}

}  // namespace
}  // namespace hikyaku::gateway
