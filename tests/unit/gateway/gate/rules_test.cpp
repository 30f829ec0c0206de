// Golden tables of the rules that count, hold and block.
#include <gtest/gtest.h>

#include "tests/unit/gateway/gate/support.hpp"

namespace hikyaku::gateway::gate {
namespace {

using test::asked;
using test::at;
using test::judge;

contact_fact sent(const std::string& when, purpose why = purpose::dunning) {
    return {at(when), why};
}

TEST(caps, let_one_message_through_on_a_day) {
    judge ask("japan/lender");
    asked question{.now = "2026-12-01T20:00:00+09:00"};
    question.history = {sent("2026-11-30T20:59:59+09:00")};
    EXPECT_EQ(ask(question), "allow by 2026-12-01T12:00:00Z");
    question.history = {sent("2026-12-01T08:00:00+09:00", purpose::service)};
    EXPECT_EQ(ask(question), "delay until 2026-12-01T23:00:00Z: max_per_day");
    question.history = {sent("2026-12-01T08:00:00+09:00", purpose::transactional)};
    EXPECT_EQ(ask(question), "allow by 2026-12-01T12:00:00Z");
    question.history = {sent("2026-12-01T08:00:00+09:00")};
    EXPECT_EQ(ask(question), "delay until 2026-12-01T23:00:00Z: max_per_day one_per_debtor_day");
    question.history.front().to_contact = false;
    question.history.front().to_debtor = false;
    EXPECT_EQ(ask(question), "allow by 2026-12-01T12:00:00Z");
}

TEST(caps, hold_back_the_eighth_message_in_seven_days) {
    judge ask("us/third-party");
    asked question{.now = "2026-12-08T12:00:00-05:00", .number = "12125550123"};
    for (int day = 2; day <= 7; ++day)
        question.history.push_back(sent("2026-12-0" + std::to_string(day) + "T12:00:00-05:00"));
    EXPECT_EQ(ask(question), "allow by 2026-12-09T02:00:00Z");  // the seventh
    question.history.push_back(sent("2026-12-01T12:00:01-05:00"));
    EXPECT_EQ(ask(question), "delay until 2026-12-08T17:00:01Z: max_per_7d");
    question.now = "2026-12-08T12:00:01-05:00";
    EXPECT_EQ(ask(question), "allow by 2026-12-09T02:00:00Z");
    // Two too many: the second oldest has to be over, too.
    question.now = "2026-12-08T12:00:00-05:00";
    question.history.push_back(sent("2026-12-01T20:30:00-05:00"));
    EXPECT_EQ(ask(question), "delay until 2026-12-09T01:30:00Z: max_per_7d");
}

TEST(caps, count_what_stands_in_the_future) {
    judge ask("japan/lender");
    asked question;
    question.history = {sent("2026-12-03T12:00:00+09:00")};
    EXPECT_EQ(ask(question),
              "delay until 2026-12-03T23:00:00Z: max_per_day min_gap one_per_debtor_day");
}

TEST(gap, is_kept_across_midnight) {
    policy rules = test::shipped("japan/lender");
    for (rule& each : rules.rules)
        if (each.kind == rule_kind::gap) each.span_ms = 13 * hour_ms;
    judge ask(rules);
    asked question{.now = "2026-12-02T08:00:00+09:00"};
    question.history = {sent("2026-12-01T20:00:00+09:00")};
    EXPECT_EQ(ask(question), "delay until 2026-12-02T00:00:00Z: min_gap");
    question.now = "2026-12-02T09:00:00+09:00";
    EXPECT_EQ(ask(question), "allow by 2026-12-02T12:00:00Z");
}

TEST(debtor, gets_one_dunning_message_a_day_by_whichever_contact_point) {
    judge ask("us/first-party");
    asked question{.now = "2026-12-01T18:00:00-05:00", .number = "12125550123"};
    question.history = {{at("2026-12-01T08:00:00-05:00"), purpose::dunning, false, true}};
    EXPECT_EQ(ask(question), "delay until 2026-12-02T13:00:00Z: one_per_debtor_day");
    question.history.front().why = purpose::service;
    EXPECT_EQ(ask(question), "allow by 2026-12-02T02:00:00Z");
    // Who has no name is one debtor for each contact point.
    question.history = {{at("2026-12-01T08:00:00-05:00"), purpose::dunning, true, false}};
    EXPECT_EQ(ask(question), "allow by 2026-12-02T02:00:00Z");
    question.debtor = "";
    EXPECT_EQ(ask(question), "delay until 2026-12-02T13:00:00Z: one_per_debtor_day");
    question.why = purpose::marketing;
    EXPECT_EQ(ask(question), "allow by 2026-12-02T02:00:00Z");
}

TEST(holds, of_every_kind_block_in_every_pack) {
    for (const auto& pack : config::shipped_packs()) {
        judge ask(compile(pack));
        for (std::size_t i = 0; i < hold_kinds; ++i) {
            asked question;
            question.now = "2026-12-01T12:00:00+09:00";
            question.holds = {{static_cast<hold_kind>(i)}};
            const auto name = std::string(name_of(static_cast<hold_kind>(i)));
            EXPECT_EQ(ask(question), "block: hold_" + name) << pack.pack;
            question.why = purpose::marketing;
            EXPECT_EQ(ask(question), "block: hold_" + name) << pack.pack;
            question.why = purpose::service;
            EXPECT_EQ(ask(question), "allow by 2026-12-01T12:00:00Z") << pack.pack;
        }
    }
}

TEST(holds, begin_and_end_at_their_moments) {
    judge ask("japan/lender");
    asked question;
    const auto with = [&](const std::string& from, const std::string& until) {
        question.holds = {{hold_kind::dispute, hold_scope::debt, at(from), at(until)}};
        return ask(question);
    };
    const std::string allowed = "allow by 2026-12-01T12:00:00Z";
    EXPECT_EQ(with("2026-11-01T00:00:00Z", "2026-12-01T12:00:00+09:00"), allowed);
    EXPECT_EQ(with("2026-11-01T00:00:00Z", "2026-12-01T12:00:01+09:00"), "block: hold_dispute");
    EXPECT_EQ(with("2026-12-01T12:00:00+09:00", "2026-12-10T00:00:00Z"), "block: hold_dispute");
    // It must not ring under a hold that is known to begin.
    EXPECT_EQ(with("2026-12-01T15:00:00+09:00", "2026-12-10T00:00:00Z"),
              "allow by 2026-12-01T06:00:00Z");
    EXPECT_EQ(with("2026-12-02T00:00:00+09:00", "2026-12-10T00:00:00Z"), allowed);
    EXPECT_EQ(with("2026-12-01T15:00:00+09:00", "2026-12-01T15:00:00+09:00"), allowed);
}

TEST(contact_points, at_work_and_of_others_are_left_alone) {
    for (const auto& pack : config::shipped_packs()) {
        judge ask(compile(pack));
        EXPECT_EQ(ask({.tags = {"own", "work"}}), "block: workplace") << pack.pack;
        EXPECT_EQ(ask({.tags = {"Third-Party"}}), "block: third_party") << pack.pack;
        EXPECT_EQ(ask({.tags = {"own"}}), "allow by 2026-12-01T12:00:00Z") << pack.pack;
        EXPECT_EQ(ask({.why = purpose::service, .tags = {"work"}}), "allow by 2026-12-01T12:00:00Z")
            << pack.pack;
    }
}

TEST(suppressions, are_by_purpose) {
    judge ask("japan/lender");
    asked question;
    question.suppressed = set_of(purpose::marketing);
    EXPECT_EQ(ask(question), "allow by 2026-12-01T12:00:00Z");
    question.why = purpose::marketing;
    EXPECT_EQ(ask(question), "block: suppressed");
    question.suppressed = set_of(purpose::dunning) | set_of(purpose::service);
    question.why = purpose::service;
    EXPECT_EQ(ask(question), "allow by 2026-12-01T12:00:00Z");
    question.why = purpose::dunning;
    EXPECT_EQ(ask(question), "block: suppressed");
}

TEST(consents, are_required_where_the_pack_needs_them) {
    judge ask("us/third-party");
    asked question{.now = "2026-12-01T12:00:00-05:00", .number = "12125550123"};
    question.consents_known = true;
    EXPECT_EQ(ask(question), "require: consent_given consent_fresh");
    const auto with = [&](std::vector<consent_fact> given) {
        question.consents = std::move(given);
        return ask(question);
    };
    const auto old = at("2025-01-01T00:00:00Z");
    const auto fresh = at("2026-10-02T17:00:01Z");    // 60 days less a second
    const auto too_old = at("2026-10-02T17:00:00Z");  // 60 days
    const std::string allowed = "allow by 2026-12-02T02:00:00Z";
    EXPECT_EQ(with({{consent_kind::texted, fresh, "message 1"}}), allowed);
    EXPECT_EQ(with({{consent_kind::texted, too_old, "message 1"}}), "require: consent_fresh");
    EXPECT_EQ(with({{consent_kind::number_checked, fresh, "database"}}), "require: consent_given");
    EXPECT_EQ(with({{consent_kind::direct, old, "contract"},
                    {consent_kind::number_checked, fresh, "database"}}),
              allowed);
    EXPECT_EQ(with({{consent_kind::texted, fresh, ""}}), "require: consent_given consent_fresh");
    EXPECT_EQ(with({{consent_kind::texted, at("2026-12-01T17:00:01Z"), "tomorrow"}}),
              "require: consent_given consent_fresh");
    question.consents.clear();
    question.consents_known = false;  // a question that is not about consent
    EXPECT_EQ(ask(question), allowed);
}

TEST(days_of_rest, are_sundays_and_holidays_of_where_the_person_may_be) {
    judge ask("eu");
    asked german{.number = "4915112345678"};
    const auto on = [&](const std::string& now) {
        german.now = now;
        return ask(german);
    };
    EXPECT_EQ(on("2026-12-05T12:00:00+01:00"), "allow by 2026-12-05T20:00:00Z");
    EXPECT_EQ(on("2026-12-06T12:00:00+01:00"), "delay until 2026-12-07T07:00:00Z: rest_days");
    EXPECT_EQ(on("2026-12-25T12:00:00+01:00"), "delay until 2026-12-28T07:00:00Z: rest_days");
    EXPECT_EQ(on("2026-10-03T12:00:00+02:00"), "delay until 2026-10-05T06:00:00Z: rest_days");
    asked french{.now = "2026-07-14T12:00:00+02:00", .number = "33612345678"};
    EXPECT_EQ(ask(french), "delay until 2026-07-15T06:00:00Z: rest_days");
    german.now = "2026-07-14T12:00:00+02:00";
    EXPECT_EQ(ask(german), "allow by 2026-07-14T19:00:00Z");
    // A service is asked about hours only.
    german.now = "2026-12-06T12:00:00+01:00";
    german.why = purpose::service;
    EXPECT_EQ(ask(german), "allow by 2026-12-06T20:00:00Z");
}

TEST(days_of_rest, that_nobody_knows_block) {
    judge ask("eu");
    EXPECT_EQ(ask({.now = "2026-12-01T17:00:00Z", .number = "5511912345678"}),
              "block: rest_days");  // no table for Brazil
    EXPECT_EQ(ask({.now = "2037-06-01T12:00:00+02:00", .number = "4915112345678"}),
              "block: rest_days");
    // A possible country without a table counts, though the other one has one.
    EXPECT_EQ(ask({.now = "2026-12-01T17:00:00Z", .zones = {"Europe/Berlin", "Africa/Tunis"}}),
              "block: rest_days");
    EXPECT_EQ(ask({.now = "2050-06-01T12:00:00+02:00", .number = "4915112345678"}),
              "block: zone_unknown");  // nobody knows the clocks of that year
}

TEST(reasons, are_all_told_and_the_strongest_first) {
    judge ask("us/third-party");
    asked question{.now = "2026-12-01T03:00:00-05:00", .number = "12125550123", .tags = {"work"}};
    question.holds = {{hold_kind::promise}, {hold_kind::cease}};
    question.suppressed = set_of(purpose::dunning);
    question.consents_known = true;
    question.history = {sent("2026-12-01T02:00:00-05:00")};
    EXPECT_EQ(ask(question),
              "block: workplace hold_cease hold_promise suppressed consent_given consent_fresh "
              "contact_hours min_gap one_per_debtor_day");
}

TEST(stop, covers_services_too) {
    judge ask("japan/lender");
    asked question;
    question.stopped = true;
    EXPECT_EQ(ask(question), "block: stopped");
    question.why = purpose::service;
    EXPECT_EQ(ask(question), "block: stopped");
    question.why = purpose::transactional;
    EXPECT_EQ(ask(question), "allow");
}

TEST(explanations, have_the_values_that_were_seen) {
    judge ask("japan/lender");
    asked question{.now = "2026-12-01T22:00:00+09:00"};
    const auto facts = question.facts();
    const auto why =
        explain(decide(facts, ask.rules(), ask.book()), facts, ask.rules(), ask.book());
    const auto find = [&](std::string_view rule, std::string_view name) -> const seen_value* {
        for (const seen& each : why.values)
            if (each.rule == rule && each.name == name) return &each.value;
        return nullptr;
    };
    ASSERT_NE(find("zone_unknown", "zones"), nullptr);
    EXPECT_EQ(std::get<std::vector<std::string>>(*find("zone_unknown", "zones")),
              std::vector<std::string>{"Asia/Tokyo"});
    ASSERT_NE(find("contact_hours", "open_now"), nullptr);
    EXPECT_FALSE(std::get<bool>(*find("contact_hours", "open_now")));
    ASSERT_EQ(why.reasons.size(), 1U);
    EXPECT_NE(why.reasons.front().text.find("article 21(1)(i)"), std::string::npos);
}

}  // namespace
}  // namespace hikyaku::gateway::gate
