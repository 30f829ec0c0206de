// What follows from a reply, as a table of what is read and known, and the texts that answer.
#include "gateway/dunning/answers/what_follows.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>

#include "gateway/dunning/answers/answer_texts.hpp"
#include "gateway/dunning/answers/said_json.hpp"
#include "gateway/replies/stop_reference.hpp"

namespace hikyaku::gateway::dunning {
namespace {

using gate::hold_kind;
using replies::decision;
using replies::intent;
using where = wanted_hold::on;
using namespace std::chrono_literals;

constexpr std::int64_t day = 86'400'000;
constexpr std::int64_t now = 1'790'000'000'000;

struct heard {
    intent what;
    double confidence;
};

replies::reading said(std::initializer_list<heard> intents, decision says = decision::act) {
    replies::reading made;
    made.language = "en";
    made.says = says;
    for (const auto& each : intents) {
        replies::read_intent one{.what = each.what, .confidence = each.confidence};
        if (each.what == intent::promise) one.dates.push_back(2026y / 11 / 30);
        made.intents.push_back(one);
    }
    return made;
}

reply_facts known() {
    reply_facts made;
    made.now_ms = now;
    made.promised_ms = now + 3 * day;
    return made;
}

TEST(what_follows, a_stop_is_confirmed_where_it_changes_something) {
    const auto stop = said({{intent::stop, 0.97}});
    const auto first = what_follows(stop, known());
    EXPECT_TRUE(first.stops);
    EXPECT_EQ(first.answer, wanted_answer::stop);
    EXPECT_FALSE(first.task);
    auto again = known();
    again.is_stopped = true;
    EXPECT_EQ(what_follows(stop, again), following{});
    auto of_one = known();
    of_one.is_of_one_debt = true;
    const auto one = what_follows(stop, of_one);
    EXPECT_FALSE(one.stops);
    EXPECT_EQ(one.holds, (std::vector<wanted_hold>{{hold_kind::opt_out, where::debt}}));
    EXPECT_EQ(one.answer, wanted_answer::stop_one);
    of_one.is_debt_stopped = true;
    EXPECT_EQ(what_follows(stop, of_one), following{});
}

/// Whatever is not sure sends nothing, and what may be a reason not to write holds.
TEST(what_follows, what_is_not_sure_sends_nothing_and_holds) {
    const std::pair<intent, std::optional<hold_kind>> rows[] = {
        {intent::stop, hold_kind::opt_out},
        {intent::dispute, hold_kind::dispute},
        {intent::representation, hold_kind::representation},
        {intent::insolvency, hold_kind::insolvency},
        {intent::death, hold_kind::death},
        {intent::wrong_person, hold_kind::wrong_person},
        {intent::hardship, {}},
        {intent::complaint, {}},
        {intent::promise, {}},
        {intent::paid, {}},
        {intent::start, {}},
        {intent::help, {}},
        {intent::unclear, {}},
    };
    for (const auto& [what, kind] : rows) {
        auto facts = known();
        facts.may_help = true;
        const auto next = what_follows(said({{what, 0.6}}, decision::person), facts);
        EXPECT_EQ(next.answer, wanted_answer::none) << replies::name_of(what);
        EXPECT_FALSE(next.stops || next.starts || next.suppresses_all) << replies::name_of(what);
        EXPECT_EQ(next.task, what) << replies::name_of(what);
        ASSERT_EQ(next.holds.size(), kind ? 1U : 0U) << replies::name_of(what);
        if (!kind) continue;
        EXPECT_EQ(next.holds[0].kind, *kind);
        EXPECT_TRUE(next.holds[0].is_provisional);
        EXPECT_EQ(next.holds[0].until_ms, gate::never_ms);
    }
}

TEST(what_follows, what_is_sure_holds_and_names_the_work) {
    const std::pair<intent, hold_kind> rows[] = {
        {intent::dispute, hold_kind::dispute},
        {intent::representation, hold_kind::representation},
        {intent::insolvency, hold_kind::insolvency},
        {intent::death, hold_kind::death},
        {intent::hardship, hold_kind::hardship},
        {intent::complaint, hold_kind::complaint},
    };
    for (const auto& [what, kind] : rows) {
        const auto next = what_follows(said({{what, 0.95}}), known());
        EXPECT_EQ(next.holds, (std::vector<wanted_hold>{{kind, where::contact_and_debtor}}))
            << replies::name_of(what);
        EXPECT_EQ(next.task, what);
        EXPECT_EQ(next.answer, wanted_answer::none);
    }
    const auto wrong = what_follows(said({{intent::wrong_person, 0.95}}), known());
    EXPECT_TRUE(wrong.suppresses_all);
    EXPECT_EQ(wrong.holds, (std::vector<wanted_hold>{{hold_kind::wrong_person, where::contact}}));
}

TEST(what_follows, a_promise_holds_until_its_day) {
    const auto promise = said({{intent::promise, 0.95}});
    const auto next = what_follows(promise, known());
    EXPECT_EQ(
        next.holds,
        (std::vector<wanted_hold>{{hold_kind::promise, where::contact_and_debtor, now + 3 * day}}));
    EXPECT_FALSE(next.task);
    auto facts = known();
    facts.promised_ms = now + 60 * day;
    EXPECT_EQ(what_follows(promise, facts).holds.size(), 1U);
    EXPECT_EQ(what_follows(promise, facts).task, intent::promise) << "a person looks at so long";
    facts.promised_ms = now;
    EXPECT_TRUE(what_follows(promise, facts).holds.empty());
    EXPECT_EQ(what_follows(promise, facts).task, intent::promise);
}

TEST(what_follows, two_intents_follow_both_and_the_gravest_names_the_task) {
    const auto next = what_follows(
        said({{intent::stop, 0.97}, {intent::paid, 0.95}, {intent::dispute, 0.6}}), known());
    EXPECT_TRUE(next.stops);
    EXPECT_EQ(next.answer, wanted_answer::stop);
    EXPECT_EQ(next.holds.size(), 1U);
    EXPECT_EQ(next.task, intent::dispute);
    const auto both = what_follows(said({{intent::start, 0.97}, {intent::stop, 0.9}}), known());
    EXPECT_TRUE(both.stops);
    EXPECT_FALSE(both.starts);
}

TEST(what_follows, what_is_not_whole_is_not_sure) {
    auto facts = known();
    facts.is_readable = false;
    const auto next = what_follows(said({{intent::stop, 0.97}}, decision::person), facts);
    EXPECT_FALSE(next.stops);
    EXPECT_EQ(next.answer, wanted_answer::none);
    EXPECT_EQ(next.holds.size(), 1U);
    EXPECT_EQ(next.task, intent::stop);
}

TEST(what_follows, help_and_closed_conversations_are_answered_where_that_is_wanted) {
    auto facts = known();
    const auto help = said({{intent::help, 0.97}});
    EXPECT_EQ(what_follows(help, facts).task, intent::help);
    facts.may_help = true;
    EXPECT_EQ(what_follows(help, facts).answer, wanted_answer::help);
    EXPECT_FALSE(what_follows(help, facts).task);
    facts.is_closed = true;
    const auto question = said({{intent::question, 0.95}}, decision::person);
    EXPECT_EQ(what_follows(question, facts).task, intent::question);
    EXPECT_TRUE(what_follows(question, facts).reopens);
    facts.may_tell_closed = true;
    EXPECT_EQ(what_follows(question, facts).answer, wanted_answer::closed);
    EXPECT_FALSE(what_follows(question, facts).reopens);
    const auto dispute = what_follows(said({{intent::dispute, 0.95}}), facts);
    EXPECT_EQ(dispute.answer, wanted_answer::none);
    EXPECT_TRUE(dispute.reopens);
    EXPECT_EQ(what_follows(said({{intent::stop, 0.97}}), facts).answer, wanted_answer::stop);
}

TEST(stop_references, are_what_stands_behind_the_word) {
    const std::pair<std::string_view, std::string_view> rows[] = {
        {"STOP 12345", "12345"},
        {"stop INV-9.", "inv-9"},
        {"Stop ref #A/12", "a/12"},
        {"please stop account no. 77-1 please", "77-1"},
        {"ＳＴＯＰ　１２３４５", "12345"},
        {"停止 12345", "12345"},
        {"STOP", ""},
        {"stop all", ""},
        {"stop texting me 3 times a day", ""},
        {"please call 12345", ""},
        {"STOP 12345 and 12346", ""},
    };
    for (const auto& [text, reference] : rows)
        EXPECT_EQ(replies::reference_after_stop(text), reference) << text;
    EXPECT_EQ(replies::comparable_reference("INV-9"), "inv-9");
}

TEST(answer_texts, are_the_accounts_in_the_language_before_all_others) {
    config::account_replies own;
    EXPECT_NE(answer_text(own, wanted_answer::stop, "en").find("opted out"), std::string::npos);
    EXPECT_NE(answer_text(own, wanted_answer::stop, "ja").find("停止"), std::string::npos);
    EXPECT_NE(answer_text(own, wanted_answer::stop_one, "en", "12345").find("12345"),
              std::string::npos);
    EXPECT_EQ(answer_text(own, wanted_answer::help, "en"), "");
    EXPECT_EQ(answer_text(own, wanted_answer::none, "en"), "");
    own.stop = "gone";
    own.stop_one = "{reference}: {reference}";
    EXPECT_EQ(answer_text(own, wanted_answer::stop, "en"), "gone");
    EXPECT_EQ(answer_text(own, wanted_answer::stop_one, "en", "{reference}"),
              "{reference}: {reference}");
    config::language_texts japanese;
    japanese.language = config::reply_language::japanese;
    japanese.stop = "停止";
    own.texts.push_back(japanese);
    EXPECT_EQ(answer_text(own, wanted_answer::stop, "ja"), "停止");
    EXPECT_EQ(answer_text(own, wanted_answer::stop, "en"), "gone");
}

TEST(said_json, is_what_the_command_prints) {
    auto what = said({{intent::promise, 0.95}});
    what.intents[0].words = {"a \"b\"", "\x01"};
    EXPECT_EQ(json_of(what),
              "{\"intents\":[{\"intent\":\"promise\",\"confidence\":0.95,\"dates\":"
              "[\"2026-11-30\"],\"words\":[\"a \\\"b\\\"\",\"\\u0001\"]}],\"decision\":\"act\","
              "\"language\":\"en\"}");
}

}  // namespace
}  // namespace hikyaku::gateway::dunning
