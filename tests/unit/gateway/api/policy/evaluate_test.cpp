// The document of a question to the gate and that of its answer, which both doors share.
#include "gateway/api/policy/evaluate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "config/policy.hpp"
#include "gateway/api/json/text.hpp"

namespace hikyaku::gateway::api {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;

class evaluate : public ::testing::Test {
protected:
    [[nodiscard]] json::object ask(std::string_view question) {
        auto answer = evaluate_policy_text(
            question, {config::shipped_packs(), has_account_ ? &account_ : nullptr, book_});
        if (answer) return std::move(*answer);
        return json::object{{"error", to_json(answer.error())}};
    }
    /// A question at noon in Japan, with more members.
    [[nodiscard]] json::object ask_with(std::string_view more,
                                        std::string_view at = "2026-12-01T12:00:00+09:00") {
        return ask(R"({"pack":"japan/lender","purpose":"dunning","contact":{"id":"+819012345678"},)"
                   R"("at":")" +
                   std::string(at) + "\"" + std::string(more) + "}");
    }
    static std::string fault(const json::object& answer) {
        if (!answer.contains("error")) return write_json(answer);
        const auto& error = answer.at("error").as_object();
        std::string out(text_of(error.at("code")));
        if (const auto* pointer = error.if_contains("pointer"))
            out.append(" ").append(text_of(*pointer));
        return out;
    }
    static std::string rules(const json::object& answer) {
        std::string out(text_of(answer.at("decision")));
        for (const auto& each : answer.at("reasons").as_array())
            out.append(" ").append(text_of(each.at("rule")));
        return out;
    }

    config::account account_;
    bool has_account_ = false;
    gate::zone_book book_;
};

TEST_F(evaluate, answers_the_question_of_the_documentation) {
    const auto got = ask(
        R"({"pack":"japan/lender","purpose":"dunning","contact":{"id":"+819012345678","zones":)"
        R"(["Asia/Tokyo"],"tags":[]},"debtor":"d1","at":"2026-12-01T20:59:59+09:00","holds":)"
        R"([{"kind":"promise","until":"2026-12-10"}],"history":[{"at":"2026-11-30T12:00:00+09:00",)"
        R"("purpose":"dunning"}],"suppressed":[],"carrier_retry":"72h"})");
    EXPECT_EQ(rules(got), "block hold_promise deliver_by");
    EXPECT_TRUE(got.at("until").is_null());
    EXPECT_TRUE(got.at("deliver_by").is_null());
    EXPECT_EQ(got.at("windows").as_array().size(), 15U);
    EXPECT_EQ(write_json(got.at("windows").at(0)),
              R"({"from":"2026-12-01T08:00:00+09:00","until":"2026-12-01T21:00:00+09:00"})");
    EXPECT_EQ(text_of(got.at("pack")), "japan/lender");
}

TEST_F(evaluate, tells_times_as_the_person_has_them) {
    EXPECT_EQ(text_of(ask_with("").at("deliver_by")), "2026-12-01T21:00:00+09:00");
    const auto night = ask_with("", "2026-12-01T12:30:00.250Z");
    EXPECT_EQ(rules(night), "delay contact_hours");
    EXPECT_EQ(text_of(night.at("until")), "2026-12-02T08:00:00+09:00");
    const auto west = ask(R"({"pack":"us/first-party","purpose":"dunning","contact":{"zones":)"
                          R"(["Pacific/Honolulu"]},"at":"2026-12-02T07:00:00Z"})");
    EXPECT_EQ(text_of(west.at("until")), "2026-12-02T08:00:00-10:00");
    EXPECT_EQ(format_local_time(1'500, nullptr), "1970-01-01T00:00:01.500Z");
    EXPECT_EQ(format_local_time(0, book_.find("Asia/Kolkata")), "1970-01-01T05:30:00+05:30");
}

TEST_F(evaluate, takes_the_last_day_of_a_hold_as_a_whole_day_of_the_persons) {
    const std::string_view hold = R"(,"holds":[{"kind":"promise","until":"2026-12-10"}])";
    EXPECT_EQ(rules(ask_with(hold, "2026-12-10T20:00:00+09:00")), "block hold_promise");
    EXPECT_EQ(rules(ask_with(hold, "2026-12-11T08:00:00+09:00")), "allow");
    const std::string_view first =
        R"(,"holds":[{"kind":"manual","from":"2026-12-10","until":null,"scope":"debt"}])";
    EXPECT_EQ(rules(ask_with(first, "2026-12-09T20:59:00+09:00")), "allow");
    EXPECT_EQ(rules(ask_with(first, "2026-12-10T08:00:00+09:00")), "block hold_manual");
    EXPECT_EQ(
        rules(ask_with(R"(,"holds":[{"kind":"manual","until":"2026-12-01T12:00:00+09:00"}])")),
        "allow");
}

TEST_F(evaluate, lets_history_name_another_contact_point_or_debtor) {
    const std::string sent = R"(,"debtor":"d1","history":[{"at":"2026-12-01T08:00:00+09:00")";
    EXPECT_EQ(rules(ask_with(sent + "}]")), "delay max_per_day one_per_debtor_day");
    EXPECT_EQ(rules(ask_with(sent + R"(,"contact":"+818011112222"}])")),
              "delay one_per_debtor_day");
    EXPECT_EQ(rules(ask_with(sent + R"(,"debtor":"d2"}])")), "delay max_per_day");
    EXPECT_EQ(rules(ask_with(sent + R"(,"contact":"+818011112222","debtor":"d2"}])")), "allow");
    EXPECT_EQ(rules(ask_with(sent + R"(,"purpose":"service"}])")), "delay max_per_day");
}

TEST_F(evaluate, looks_at_consents_only_when_they_are_told) {
    const std::string question =
        R"({"pack":"us/third-party","purpose":"dunning","contact":{"id":"+12125550123"},)"
        R"("at":"2026-12-01T12:00:00-05:00")";
    EXPECT_EQ(rules(ask(question + "}")), "allow");
    const auto none = ask(question + R"(,"consents":[]})");
    EXPECT_EQ(rules(none), "require consent_given consent_fresh");
    EXPECT_EQ(write_json(none.at("fields")), R"(["consents"])");
    EXPECT_EQ(rules(ask(question + R"(,"consents":[{"kind":"texted","at":"2026-11-30T00:00:00Z",)"
                                   R"("source":"message 1"}]})")),
              "allow");
}

TEST_F(evaluate, blocks_what_nobody_knows_the_zone_of) {
    const auto zone = [&](std::string_view contact) {
        return rules(ask(R"({"pack":"japan/lender","purpose":"service","at":)"
                         R"("2026-12-01T12:00:00Z","contact":)" +
                         std::string(contact) + "}"));
    };
    EXPECT_EQ(zone("{}"), "block zone_unknown");
    EXPECT_EQ(zone(R"({"id":"customer 17"})"), "block zone_unknown");
    EXPECT_EQ(zone(R"({"id":"819012345678"})"), "block zone_unknown");  // a name: it has no "+"
    EXPECT_EQ(zone(R"({"id":"+9990123456"})"), "block zone_unknown");
    EXPECT_EQ(zone(R"({"id":"+819012345678","zones":["Asia/Tokio"]})"), "block zone_unknown");
}

TEST_F(evaluate, takes_the_accounts_policy_and_zones) {
    const std::string_view question =
        R"({"purpose":"dunning","contact":{"id":"c"},"at":"2026-12-01T20:30:00+09:00"})";
    EXPECT_EQ(fault(ask(question)), "field_missing /pack");
    has_account_ = true;
    EXPECT_EQ(fault(ask(question)), "field_missing /pack");
    account_.policy = "japan/merchant";
    account_.zones = {"Asia/Tokyo"};
    account_.policy_rules.close = "20:00";
    account_.policy_shadow = true;
    const auto got = ask(question);
    EXPECT_EQ(rules(got), "delay contact_hours");
    EXPECT_TRUE(got.at("shadow").as_bool());
    // Another pack is asked about as it is.
    EXPECT_EQ(rules(ask(R"({"pack":"japan/agent","purpose":"dunning","contact":{"id":"c"},)"
                        R"("at":"2026-12-01T20:30:00+09:00"})")),
              "allow");
}

TEST_F(evaluate, names_what_is_wrong_with_a_question) {
    EXPECT_EQ(fault(ask("[]")), "body_invalid");
    EXPECT_EQ(fault(ask("{")), "json_invalid");
    EXPECT_EQ(fault(ask(R"({"purpose":"dunning","contact":{}})")), "field_missing /at");
    EXPECT_EQ(fault(ask_with("", "2026-12-01T12:00:00")), "field_invalid /at");
    EXPECT_EQ(fault(ask_with("", "2026-13-01T12:00:00Z")), "field_invalid /at");
    EXPECT_EQ(fault(ask_with("", "1969-12-31T23:59:59Z")), "field_invalid /at");
    EXPECT_EQ(fault(ask_with("", "2200-01-01T00:00:00Z")), "field_invalid /at");
    for (const auto& [more, wanted] : std::vector<std::pair<std::string, std::string>>{
             {R"(,"hold":[])", "field_unknown /hold"},
             {R"(,"holds":{})", "field_invalid /holds"},
             {R"(,"holds":[1])", "field_invalid /holds/0"},
             {R"(,"holds":[{}])", "field_missing /holds/0/kind"},
             {R"(,"holds":[{"kind":"promis"}])", "field_invalid /holds/0/kind"},
             {R"(,"holds":[{"kind":"promise","until":"soon"}])", "field_invalid /holds/0/until"},
             {R"(,"holds":[{"kind":"promise","until":"2026-02-30"}])",
              "field_invalid /holds/0/until"},
             {R"(,"history":[{"at":"2026-12-01T12:00:00Z"},{}])", "field_missing /history/1/at"},
             {R"(,"history":[{"at":"2026-12-01"}])", "field_invalid /history/0/at"},
             {R"(,"history":[{"at":"2026-12-01T12:00:00Z","purpose":"x"}])",
              "field_invalid /history/0/purpose"},
             {R"(,"suppressed":["dunnin"])", "field_invalid /suppressed/0"},
             {R"(,"carrier_retry":"3 days")", "field_invalid /carrier_retry"},
             {R"(,"carrier_retry":72)", "field_invalid /carrier_retry"},
             {R"(,"debtor":"")", "field_invalid /debtor"},
             {R"(,"to":5)", "field_invalid /to"},
             {R"(,"consents":[{"kind":"direct","at":"2026-12-01T12:00:00Z"}])",
              "field_missing /consents/0/source"}})
        EXPECT_EQ(fault(ask_with(more)), wanted) << more;
    EXPECT_EQ(fault(ask(R"({"pack":"japan/bank","purpose":"dunning","contact":{},)"
                        R"("at":"2026-12-01T12:00:00Z"})")),
              "field_invalid /pack");
    EXPECT_EQ(fault(ask(R"({"pack":"uk","purpose":"dunning","contact":{"zones":["A",1]},)"
                        R"("at":"2026-12-01T12:00:00Z"})")),
              "field_invalid /contact/zones/1");
    EXPECT_EQ(fault(ask(R"({"pack":"uk","purpose":"reminder","contact":{},)"
                        R"("at":"2026-12-01T12:00:00Z"})")),
              "field_invalid /purpose");
}

TEST_F(evaluate, takes_null_for_what_may_be_left_out) {
    EXPECT_EQ(rules(ask_with(R"(,"debtor":null,"debt":null,"carrier_retry":null,"consents":null,)"
                             R"("stopped":null)")),
              "allow");
}

}  // namespace
}  // namespace hikyaku::gateway::api
