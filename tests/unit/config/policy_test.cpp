// Policy packs and what accounts say about them: what is read, and every fault with its line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/policy.hpp"
#include "tests/unit/config/support.hpp"

namespace hikyaku::config {
namespace {

using test::world;
using ::testing::HasSubstr;

constexpr std::string_view small_pack = R"(pack = "own/pack"
version = "2026-11-30"
title = "Ours"
jurisdiction = "japan"
capacity = "lender"

[[rule]]
id = "contact_hours"
kind = "hours"
source = "A law"
date = "2020-01-01"
standing = "statutory"
open = "08:00"
close = "21:00"

[[rule]]
id = "hold"
kind = "hold"
source = "A law"
date = "2020-01-01"
standing = "statutory"
)";

std::string pack_faults(std::string text) {
    const auto read = parse_policy_pack(text, "own/pack", "own.toml", {});
    return read ? std::string{} : describe(read.error());
}

std::string pack_with(std::string_view from, std::string_view to) {
    std::string text{small_pack};
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

TEST(policy_pack, is_read_with_its_parameters) {
    const auto read = parse_policy_pack(small_pack, "own/pack", "own.toml", {});
    ASSERT_TRUE(read) << describe(read.error());
    ASSERT_EQ(read->rules.size(), 2U);
    EXPECT_EQ(read->rules[0].open, "08:00");
    EXPECT_EQ(read->rules[0].standing, policy_standing::statutory);
    EXPECT_EQ(read->rules[0].purposes, (std::vector{purpose::dunning, purpose::marketing}));
}

TEST(policy_pack, names_every_fault_with_its_line) {
    EXPECT_EQ(pack_faults(pack_with("kind = \"hours\"", "kind = \"hour\"")),
              "own.toml:9: 'kind' in [[rule]] must be one of \"hours\", \"rest_days\", "
              "\"blackout\", \"cap_day\", \"cap_period\", \"gap\", \"debtor_day\", \"tags\", "
              "\"consent\", \"hold\", \"suppression\", \"deliver_by\", not \"hour\"; did you mean "
              "'hours'?\n");
    EXPECT_THAT(pack_faults(pack_with("open = ", "opens = ")),
                HasSubstr("own.toml:13: unknown key 'opens' in [[rule]]; did you mean 'open'?"));
    EXPECT_THAT(pack_faults(pack_with("close = \"21:00\"", "")), HasSubstr("needs 'close'"));
    EXPECT_THAT(pack_faults(pack_with("close = \"21:00\"", "close = \"21:00\"\nmax = 3")),
                HasSubstr("own.toml:15: the rule 'contact_hours' cannot have 'max'"));
    EXPECT_THAT(pack_faults(pack_with("\"21:00\"", "\"07:00\"")),
                HasSubstr("own.toml:13: the rule 'contact_hours': 'open' must be before 'close'"));
    EXPECT_THAT(pack_faults(pack_with("\"21:00\"", "\"21:60\"")),
                HasSubstr("must be times such as"));
    EXPECT_THAT(pack_faults(pack_with("own/pack", "own/other")),
                HasSubstr("own.toml:1: 'pack' is 'own/other', but the file is that of"));
    EXPECT_THAT(pack_faults(pack_with("2020-01-01", "2020-02-30")), HasSubstr("must be a date"));
    EXPECT_THAT(pack_faults(pack_with("id = \"hold\"", "id = \"contact_hours\"")),
                HasSubstr("two rules have the id 'contact_hours'"));
    EXPECT_THAT(pack_faults(pack_with("kind = \"hold\"", "kind = \"suppression\"")),
                HasSubstr("needs one rule of the kind 'hold' without 'holds'"));
    EXPECT_THAT(pack_faults(pack_with("open = ", "purposes = [\"transactional\"]\nopen = ")),
                HasSubstr("no rule can be about transactional messages"));
    EXPECT_THAT(pack_faults("pack = "), HasSubstr("own.toml:1: not TOML"));
}

TEST(policy_pack, comes_from_the_program_or_from_a_folder_of_ones_own) {
    EXPECT_EQ(shipped_packs().size(), embedded_packs().size());
    for (const embedded_pack& each : embedded_packs()) {
        const auto read = parse_policy_pack(each.text, each.name, std::string(each.name), {});
        EXPECT_TRUE(read) << describe(read.error());
    }
    world w;
    w.files = {{"packs/own/pack.toml", std::string{small_pack}}};
    const auto got = w.load(
        "policy = { path = \"packs\" }\n[[account]]\nname = \"a\"\n"
        "system_id = \"a\"\npassword = \"x\"\npolicy = \"own/pack\"\n");
    ASSERT_TRUE(got) << describe(got.error());
    ASSERT_NE(find_pack(got->values.packs, "own/pack"), nullptr);
    EXPECT_NE(find_pack(got->values.packs, "uk"), nullptr);
    EXPECT_EQ(w.faults_of("policy = { path = \"pack\" }\n"),
              "pack: no policy pack lies in this folder\n");
    w.files = {{"packs/uk.toml", "pack = \"uk\""}};
    EXPECT_THAT(w.faults_of("policy = { path = \"packs\" }\n"), HasSubstr("packs/uk.toml"));
}

std::string account_and(std::string_view more) {
    return "[[account]]\nname = \"a\"\nsystem_id = \"a\"\npassword = \"x\"\n" + std::string(more);
}

TEST(account_policy, must_be_a_pack_that_there_is) {
    const world w;
    EXPECT_EQ(w.faults_of(account_and("policy = \"japan/lender\"\nzones = [\"Asia/Tokyo\"]\n")),
              "");
    EXPECT_THAT(w.faults_of(account_and("policy = \"japan/lende\"\n")),
                HasSubstr("test.toml:5: there is no policy pack 'japan/lende'; did you mean "
                          "'japan/lender'?"));
    EXPECT_THAT(w.faults_of(account_and("policy_shadow = true\n")),
                HasSubstr("'policy_shadow' in [[account]] needs 'policy'"));
    EXPECT_THAT(w.faults_of(account_and("zones = [\"Asia/Tokyo\", \"Asia/Tokyo\"]\n")),
                HasSubstr("one twice"));
}

TEST(account_policy, tightens_freely_and_loosens_the_law_only_by_an_approval) {
    const world w;
    const auto faults = [&](std::string_view rules) {
        return w.faults_of(account_and("policy = \"japan/lender\"\n" + std::string(rules)));
    };
    EXPECT_EQ(faults("policy_rules = { open = \"09:00\", close = \"20:00\", max_per_7d = 2, "
                     "min_gap = \"5h\", deliver_floor = \"1h\" }\n"),
              "");
    EXPECT_THAT(faults("policy_rules = { open = \"07:00\" }\n"),
                HasSubstr("test.toml:6: 'open' in policy_rules (07:00) is looser than 08:00 of the "
                          "rule 'contact_hours' in japan/lender"));
    EXPECT_THAT(faults("policy_rules = { close = \"22:00\" }\n"), HasSubstr("is looser than"));
    EXPECT_EQ(faults("policy_rules = { open = \"07:00\" }\n[[account.approval]]\n"
                     "rule = \"contact_hours\"\nname = \"N. Suzuki\"\nreason = \"consent in "
                     "writing\"\ndate = \"2026-11-30\"\n"),
              "");
    EXPECT_THAT(faults("[[account.approval]]\nrule = \"contact_hour\"\nname = \"N\"\n"
                       "reason = \"r\"\ndate = \"2026-11-30\"\n"),
                HasSubstr("japan/lender has no rule 'contact_hour'; did you mean"));
    EXPECT_THAT(faults("[[account.approval]]\nrule = \"contact_hours\"\nname = \"N\"\n"
                       "date = \"today\"\n"),
                HasSubstr("needs 'reason'"));
    EXPECT_THAT(faults("policy_rules = { open = \"22:00\" }\n"), HasSubstr("never open"));
    EXPECT_THAT(faults("policy_rules = { open = \"8:00\" }\n"), HasSubstr("must be a time"));
    EXPECT_THAT(faults("policy_rules = { blackout_days = [\"2026-13-01\"] }\n"),
                HasSubstr("'2026-13-01' is no date"));
    // A practice may be loosened, and is spoken of.
    EXPECT_THAT(w.warnings_of(account_and("policy = \"japan/lender\"\n"
                                          "policy_rules = { max_per_day = 2 }\n")),
                HasSubstr("is looser than 1 of the rule 'max_per_day'"));
}

TEST(policy_values, are_read_as_they_are_written) {
    EXPECT_EQ(parse_clock("00:00"), 0U);
    EXPECT_EQ(parse_clock("24:00"), 1440U);
    EXPECT_FALSE(parse_clock("24:01"));
    EXPECT_FALSE(parse_clock("8:00"));
    EXPECT_FALSE(parse_clock("08-00"));
    EXPECT_EQ(parse_day_span("1970-01-02")->first, 1);
    EXPECT_EQ(parse_day_span("1970-01-02..1970-01-05")->last, 4);
    EXPECT_FALSE(parse_day_span("1970-01-05..1970-01-02"));
    EXPECT_EQ(parse_weekday("sunday"), 0U);
    EXPECT_FALSE(parse_weekday("Sunday"));
}

}  // namespace
}  // namespace hikyaku::config
