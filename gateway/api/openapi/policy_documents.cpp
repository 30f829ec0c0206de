#include "gateway/api/openapi/documents.hpp"
#include "gateway/api/openapi/words.hpp"

namespace hikyaku::gateway::api::documents {
namespace of_policies {
namespace {

constexpr std::string_view decision_words[] = {"allow", "delay", "require", "block"};
constexpr shape decision = word_shape(decision_words);
constexpr member reason_members[] = {
    {"rule", &text, true, "its id in the policy pack; of a hold `hold_` and its kind"},
    {"text", &text, true, "a sentence, and the source of the rule"},
};
constexpr shape reason = object_shape(reason_members, "PolicyReason");
constexpr shape reasons = list_shape(reason);
constexpr shape values{.is = shape::kind::object, .open = true};
constexpr member window_members[] = {
    {"from", &time, true},
    {"until", &time, true, "the first moment outside"},
};
constexpr shape window = object_shape(window_members, "PolicyWindow");
constexpr shape windows = list_shape(window);

constexpr member answer_members[] = {
    {"decision", &decision, true},
    {"until", &time_or_null, true, "of a delay: the first moment at which all rules allow"},
    {"deliver_by", &time_or_null, true,
     "of an allow: the first moment at which it must not ring any more"},
    {"reasons", &reasons, true, "every rule that does not allow, the strongest first"},
    {"fields", &texts, false, "of a require: what is missing"},
    {"values", &values, true, "what each rule saw, by its id"},
    {"windows", &windows, true,
     "when the rules about time allow, in the next 14 days; one that has begun is told whole"},
    {"pack", &text, true},
    {"version", &text, true, "of the pack"},
    {"shadow", &flag_shape, true, "the account's messages are not held back"},
};
constexpr shape answered = object_shape(answer_members, "PolicyAnswer");

constexpr answer_line answer_lines_of_policy[] = {
    {.meaning = "What the gate says, and why",
     .body = &answered,
     .example =
         R"json({"decision":"block","until":null,"deliver_by":null,"reasons":[{"rule":)json"
         R"json("hold_promise","text":"a hold is in force: promise (Money Lending Business )json"
         R"json(Act, article 21(1)(ii))"}],"values":{"zone_unknown":{"from":"contact",)json"
         R"json("zones":["Asia/Tokyo"]}},"windows":[{"from":"2026-12-01T08:00:00+09:00",)json"
         R"json("until":"2026-12-01T21:00:00+09:00"}],"pack":"japan/lender","version":)json"
         R"json("2026-11-30","shadow":false})json"},
};

}  // namespace
}  // namespace of_policies

constinit const std::string_view policy_example =
    R"({"pack":"japan/lender","purpose":"dunning","contact":{"id":"+819012345678","zones":)"
    R"(["Asia/Tokyo"],"tags":[]},"debtor":"d1","at":"2026-12-01T20:59:59+09:00","holds":)"
    R"([{"kind":"promise","until":"2026-12-10"}],"history":[{"at":"2026-11-30T12:00:00+09:00",)"
    R"("purpose":"dunning"}],"suppressed":[],"carrier_retry":"72h"})";
constinit const answer_lines policy_answers = of_policies::answer_lines_of_policy;

}  // namespace hikyaku::gateway::api::documents
