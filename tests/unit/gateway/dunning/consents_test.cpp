// Consents, rule by rule with the packs that ask for them: us/third-party wants one that somebody
// has given, and one or a check of the number that is at most 60 days old; packs of Japan want one
// for marketing. 2026-01-01 00:00 UTC, when these tests begin, is 19:00 in New York.
#include "gateway/dunning/octets.hpp"
#include "tests/unit/gateway/dunning/protected_world.hpp"

namespace hikyaku::gateway::dunning {
namespace {

using gate::consent_kind;
using testing::engine_world;
using testing::protected_world;
using namespace std::chrono_literals;

constexpr std::int64_t day_ms = 24 * 3600 * 1000;

class consents : public protected_world {
protected:
    static constexpr std::string_view american = "12125550123";

    static submission to_american(std::string_view debtor) {
        auto message = engine_world::text_to(american, "pay");
        message.purpose = Purpose::dunning;
        message.debtor = debtor;
        return message;
    }
    consent_view consent(consent_kind kind, std::int64_t days_ago = 0) {
        consent_view made;
        made.contact = "+" + std::string(american);
        made.kind = kind;
        made.at_ms = world.now().wall_ms - days_ago * day_ms;
        made.source = "form 17";
        made.recorded_by = "Sato";
        return made;
    }
    void write_down(const consent_view& what, account_id account = engine_world::shop) {
        EXPECT_EQ(desk->record_consents(account, {&what, 1}, next_ticket(), world.now()),
                  refusal::none);
        settle();
    }
    consent_view withdrawal(consent_kind kind, std::int64_t days_ago = 0) {
        auto made = consent(kind, days_ago);
        made.is_withdrawal = true;
        return made;
    }
    /// The rules that keep back a message to the phone; empty: it goes out.
    std::vector<std::string> kept_back_by(submission message) {
        const auto before = sent();
        const auto id = world.submit(std::move(message));
        std::vector<std::string> rules;
        if (const auto made = desk->find_decision(id))
            for (const auto& each : made->reasons)
                rules.push_back(each.rule);
        EXPECT_EQ(sent() - before, rules.empty() ? 1U : 0U);
        if (!rules.empty()) EXPECT_EQ(world.state_of(id), State::rejected);
        return rules;
    }
    using rules = std::vector<std::string>;
};

TEST_F(consents, let_nothing_out_where_there_is_none) {
    start();
    obey("us/third-party");
    EXPECT_EQ(kept_back_by(to_american("d-1")), (rules{"consent_given", "consent_fresh"}));
}

TEST_F(consents, of_each_kind_count_for_their_rules) {
    start();
    obey("us/third-party");
    write_down(consent(consent_kind::number_checked, 1));
    EXPECT_EQ(kept_back_by(to_american("d-1")), (rules{"consent_given"}));
    write_down(consent(consent_kind::texted, 100));
    EXPECT_EQ(kept_back_by(to_american("d-1")), rules{});
}

TEST_F(consents, are_fresh_to_their_last_millisecond) {
    start();
    obey("us/third-party");
    write_down(consent(consent_kind::direct, 60));
    EXPECT_EQ(kept_back_by(to_american("d-1")), (rules{"consent_fresh"})) << "60 days are over";
    auto younger = consent(consent_kind::direct, 60);
    younger.at_ms += 1;
    write_down(younger);
    EXPECT_EQ(kept_back_by(to_american("d-1")), rules{});
}

/// The doors refuse such; a row that says so, or that was altered, is none all the same.
TEST_F(consents, without_a_source_are_none) {
    start();
    obey("us/third-party");
    auto nowhere = consent(consent_kind::direct);
    nowhere.source.clear();
    write_down(nowhere);
    EXPECT_EQ(kept_back_by(to_american("d-1")), (rules{"consent_given", "consent_fresh"}));
}

TEST_F(consents, whose_row_was_altered_or_moved_are_none) {
    start();
    obey("us/third-party");
    write_down(consent(consent_kind::number_checked));
    store::batch rows;
    {
        const auto from = world.store().read();
        const auto entry = from.first(table::consents);
        ASSERT_TRUE(entry);
        auto at = *consent_key::parse(entry->key);
        at.kind = static_cast<std::uint8_t>(consent_kind::direct);
        rows.put(table::consents, consent_key(at), entry->value);
    }
    const store::batch* one[] = {&rows};
    ASSERT_TRUE(world.store().apply(one));
    EXPECT_EQ(kept_back_by(to_american("d-1")), (rules{"consent_given"}));
}

TEST_F(consents, that_were_taken_back_count_no_more_until_they_are_given_again) {
    start();
    obey("us/third-party");
    write_down(consent(consent_kind::direct, 10));
    write_down(withdrawal(consent_kind::direct, 5));
    EXPECT_EQ(kept_back_by(to_american("d-1")), (rules{"consent_given", "consent_fresh"}));
    write_down(consent(consent_kind::direct, 7));
    EXPECT_EQ(kept_back_by(to_american("d-1")), (rules{"consent_given", "consent_fresh"}))
        << "an older one that is written down later";
    write_down(consent(consent_kind::direct, 5));
    EXPECT_EQ(kept_back_by(to_american("d-1")), (rules{"consent_given", "consent_fresh"}))
        << "of one moment the withdrawal counts";
    write_down(consent(consent_kind::direct, 4));
    EXPECT_EQ(kept_back_by(to_american("d-1")), rules{});
    EXPECT_EQ(world.entries(table::consents), 5U) << "everything stays as evidence";
}

TEST_F(consents, of_the_contact_and_of_its_number_are_those_of_one_person) {
    start();
    obey("us/third-party");
    write_down(consent(consent_kind::direct, 10));
    auto by_name = withdrawal(consent_kind::direct, 5);
    by_name.contact = "c-1";
    write_down(by_name);
    auto message = to_american("d-1");
    message.contact.id = "c-1";
    EXPECT_EQ(kept_back_by(message), (rules{"consent_given", "consent_fresh"}));
    EXPECT_EQ(kept_back_by(to_american("d-2")), rules{});
}

TEST_F(consents, are_those_of_one_account) {
    start();
    obey("us/third-party");
    write_down(consent(consent_kind::direct), engine_world::bank);
    EXPECT_EQ(kept_back_by(to_american("d-1")), (rules{"consent_given", "consent_fresh"}));
}

TEST_F(consents, and_withdrawals_are_not_forgotten_by_a_crash) {
    start();
    write_down(consent(consent_kind::direct, 10));
    crash_and_start();
    world.accept_everything();
    obey("us/third-party");
    world.bind_up(1);
    EXPECT_EQ(kept_back_by(to_american("d-1")), rules{});
    world.advance(10 * 24h);  // what has gone out is no reason any more
    write_down(withdrawal(consent_kind::direct));
    crash_and_start();
    world.accept_everything();
    obey("us/third-party");
    world.bind_up(1);
    EXPECT_EQ(kept_back_by(to_american("d-2")), (rules{"consent_given", "consent_fresh"}));
}

/// What is queued is asked about at its hand-off, by what is true then.
TEST_F(consents, that_are_taken_back_before_the_hand_off_keep_the_message_back) {
    start(false);
    obey("us/third-party");
    write_down(consent(consent_kind::direct, 10));
    const auto queued = world.submit(to_american("d-1"));
    world.commits_itself = false;
    const auto back = withdrawal(consent_kind::direct);
    const auto version = gate->facts_version();
    EXPECT_EQ(desk->record_consents(engine_world::shop, {&back, 1}, next_ticket(), world.now()),
              refusal::none);
    EXPECT_GT(gate->facts_version(), version);
    world.bind_up(1);
    EXPECT_EQ(sent(), 0U) << "it counts before it is on disk";
    world.commits_itself = true;
    world.write_batches();
    world.report_batches();
    settle();
    EXPECT_EQ(world.state_of(queued), State::rejected);
    EXPECT_EQ(sent(), 0U);
}

/// It counts at once, and the message waits for it: the disk has the consent before the carrier has
/// the message.
TEST_F(consents, are_on_disk_before_what_goes_out_because_of_them) {
    start();
    obey("us/third-party");
    world.commits_itself = false;
    const auto given = consent(consent_kind::direct);
    EXPECT_EQ(desk->record_consents(engine_world::shop, {&given, 1}, next_ticket(), world.now()),
              refusal::none);
    (void)world.hand_in(to_american("d-1"));
    for (int turn = 0; turn < 8 && sent() == 0; ++turn) {
        world.gateway->flush(world.now());
        if (world.entries(table::consents) == 0) EXPECT_EQ(sent(), 0U);
        world.write_batches();
        world.report_batches();
    }
    EXPECT_EQ(sent(), 1U);
    EXPECT_EQ(world.entries(table::consents), 1U);
}

TEST_F(consents, are_asked_for_marketing_in_japan_and_for_nothing_else) {
    start();
    obey("japan/merchant");
    auto offer = engine_world::text_to(phone, "an offer");
    offer.purpose = Purpose::marketing;
    EXPECT_EQ(kept_back_by(offer), (rules{"marketing_consent"}));
    auto reminder_of = engine_world::text_to(phone, "pay");
    reminder_of.purpose = Purpose::dunning;
    EXPECT_EQ(kept_back_by(reminder_of), rules{});
    auto given = consent(consent_kind::direct, 1000);
    given.contact = "+819012345670";
    write_down(given);
    auto another = engine_world::text_to("819012345670", "an offer");
    another.purpose = Purpose::marketing;
    EXPECT_EQ(kept_back_by(another), rules{});
}

TEST_F(consents, are_shown_and_nobody_reads_them_in_the_store) {
    start();
    write_down(consent(consent_kind::direct, 2));
    write_down(consent(consent_kind::texted, 1));
    write_down(withdrawal(consent_kind::direct, 1));
    write_down(consent(consent_kind::direct, 2));  // the same once more
    const auto found = desk->find_consents(engine_world::shop, "+12125550123");
    ASSERT_EQ(found.size(), 3U);
    EXPECT_TRUE(found[0].is_withdrawal);
    EXPECT_FALSE(found[0].counts);
    EXPECT_FALSE(found[1].counts);
    EXPECT_EQ(found[1].source, "form 17");
    EXPECT_EQ(found[1].recorded_by, "Sato");
    EXPECT_EQ(found[1].at_ms, world.now().wall_ms - 2 * day_ms);
    EXPECT_EQ(found[2].kind, consent_kind::texted);
    EXPECT_TRUE(found[2].counts);
    EXPECT_TRUE(desk->find_consents(engine_world::bank, "+12125550123").empty());
    world.store().read().for_each(
        table::consents, {}, [](std::string_view key, std::string_view value) {
            for (const auto text : {key, value})
                for (const auto* secret : {"2125550123", "form 17", "Sato"})
                    EXPECT_EQ(text.find(secret), std::string_view::npos) << secret;
            return true;
        });
    std::size_t events = 0;
    world.store().read().scan(table::intake, {}, [&](std::uint64_t, const record::Intake& row) {
        events += row.kind() == record::TimelineKind::consent_given ||
                  row.kind() == record::TimelineKind::consent_withdrawn;
        return true;
    });
    EXPECT_EQ(events, 3U) << "what was there before is no event";
}

}  // namespace
}  // namespace hikyaku::gateway::dunning
