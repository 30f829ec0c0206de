// Which rule takes a message.
#include "gateway/engine/directory/router.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hikyaku::gateway {
namespace {

using ::testing::HasSubstr;

config::route rule(std::string name, std::vector<std::string> prefixes, std::uint32_t order = 0) {
    config::route out;
    out.name = std::move(name);
    out.order = order;
    out.prefixes = std::move(prefixes);
    out.targets = {{.carrier = "alpha"}};
    return out;
}

std::string chosen(const std::vector<config::route>& rules, const route_query& query) {
    const auto index = router(rules).match(query);
    return index ? rules[*index].name : "(none)";
}

TEST(patterns, match_whole_or_as_prefix) {
    struct row {
        std::string_view pattern, text;
        bool matches;
    };
    for (const auto& [pattern, text, matches] :
         {row{"Shop", "Shop", true}, row{"Shop", "Shopping", false}, row{"Shop*", "Shopping", true},
          row{"Shop*", "Shop", true}, row{"Shop*", "Sho", false}, row{"*", "", true},
          row{"", "", true}, row{"", "x", false}, row{"a*b", "a*b", true},
          row{"a*b", "axb", false}})
        EXPECT_EQ(matches_pattern(pattern, text), matches) << pattern << " " << text;
}

TEST(patterns, of_digits_match_numbers_only) {
    struct row {
        std::string_view pattern, sender;
        bool is_name, matches;
    };
    for (const auto& [pattern, sender, is_name, matches] : {
             row{"12*", "1234", false, true},
             row{"12*", "12", false, true},
             row{"12*", "+1234", false, true},
             row{"+12*", "1234", false, true},
             row{"1234", "1234", false, true},
             row{"+1234", "1234", false, true},
             row{"12*", "12 Bank", true, false},
             row{"12*", "12Bank", false, false},
             row{"12*", "1234", true, false},
             row{"1234", "1234", true, false},
             row{"+12*", "12Bank", true, false},
             row{"12*", "12.3", true, false},
             row{"12*", "", false, false},
             row{"+*", "1234", false, true},
             row{"+*", "Bank", true, false},
             row{"+*", "", false, false},
             row{"*", "1234", false, true},
             row{"*", "12Bank", true, true},
             row{"12B*", "12Bank", true, true},
             row{"12Bank", "12Bank", true, true},
             row{"Bank*", "Bank 24", true, true},
             row{"+Bank", "Bank", true, false},
             row{"", "", false, true},
             row{"", "1", false, false},
         })
        EXPECT_EQ(matches_sender(pattern, sender, is_name), matches) << pattern << " " << sender;
}

TEST(router, longest_prefix_of_one_order_wins_wherever_it_stands) {
    const std::vector<config::route> rules = {rule("world", {}), rule("japan", {"81"}),
                                              rule("mobile", {"+8190", "8180"}),
                                              rule("tokyo", {"813"})};
    struct row {
        std::string_view to, name;
    };
    for (const auto& [to, name] :
         {row{"819012345678", "mobile"}, row{"+819012345678", "mobile"}, row{"81801", "mobile"},
          row{"81312345678", "tokyo"}, row{"81612345678", "japan"}, row{"4915112345", "world"},
          row{"8", "world"}})
        EXPECT_EQ(chosen(rules, {"shop", "Shop", to, ""}), name) << to;
}

TEST(router, a_lower_order_wins_over_a_longer_prefix_and_ties_go_to_the_first) {
    const std::vector<config::route> rules = {rule("late", {"8190"}, 2), rule("early", {"81"}, 1),
                                              rule("twin", {"81"}, 1)};
    EXPECT_EQ(chosen(rules, {"shop", "Shop", "8190", ""}), "early");
    EXPECT_EQ(chosen(rules, {"shop", "Shop", "49", ""}), "(none)");
    const std::vector<config::route> open = {rule("first", {}), rule("second", {})};
    EXPECT_EQ(chosen(open, {"shop", "Shop", "49", ""}), "first");
}

TEST(router, every_condition_must_hold) {
    auto only = rule("only", {"81"});
    only.accounts = {"shop", "bank"};
    only.senders = {"Shop*", "12345"};
    only.tags = {"dunning"};
    const std::vector<config::route> rules = {only, rule("rest", {}, 1)};
    struct row {
        route_query query;
        std::string_view name;
    };
    for (const auto& [query, name] : {row{{"shop", "Shopping", "8190", "dunning"}, "only"},
                                      row{{"bank", "12345", "8190", "dunning"}, "only"},
                                      row{{"other", "Shop", "8190", "dunning"}, "rest"},
                                      row{{"shop", "Bank", "8190", "dunning"}, "rest"},
                                      row{{"shop", "Shop", "4990", "dunning"}, "rest"},
                                      row{{"shop", "12345", "8190", "dunning", true}, "rest"},
                                      row{{"shop", "Shop", "8190", ""}, "rest"}})
        EXPECT_EQ(chosen(rules, query), name) << query.account << query.source << query.tag;
}

TEST(router, explains_every_rule_in_the_order_in_which_it_is_looked_at) {
    auto tagged = rule("tagged", {});
    tagged.tags = {"dunning"};
    auto sender = rule("sender", {});
    sender.senders = {"Bank"};
    auto account = rule("account", {});
    account.accounts = {"bank"};
    const std::vector<config::route> rules = {
        rule("late", {}, 5), tagged, sender, account, rule("japan", {"81"}), rule("korea", {"82"})};
    const auto lines = router(rules).explain({"shop", "Shop", "8190", ""});
    ASSERT_EQ(lines.size(), 6U);
    EXPECT_THAT(lines[0], HasSubstr("tagged: tag does not match"));
    EXPECT_THAT(lines[1], HasSubstr("sender: sender does not match"));
    EXPECT_THAT(lines[2], HasSubstr("account: account does not match"));
    EXPECT_THAT(lines[3], HasSubstr("japan: chosen"));
    EXPECT_THAT(lines[4], HasSubstr("korea: prefix does not match"));
    EXPECT_THAT(lines[5], HasSubstr("late: matches, but"));
}

}  // namespace
}  // namespace hikyaku::gateway
