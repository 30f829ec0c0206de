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

constexpr member row_members[] = {
    {"day", &text, true, "of the decision, in the zone"},
    {"rule", &text, true},
    {"decision", &decision, true},
    {"shadow", &flag_shape, true, "it would have been so; the message went out"},
    {"messages", &count, true},
};
constexpr shape report_row = object_shape(row_members, "PolicyReportRow");
constexpr shape report_rows = list_shape(report_row);
constexpr member listed_members[] = {
    {"id", &id, true},
    {"at", &time, true, "when it was decided"},
    {"decision", &decision, true},
    {"shadow", &flag_shape, true},
    {"rules", &texts, true},
};
constexpr shape report_message = object_shape(listed_members, "PolicyReportMessage");
constexpr shape report_messages = list_shape(report_message);
constexpr member report_members[] = {
    {"account", &text, true},
    {"from", &time, true},
    {"to", &time, true},
    {"zone", &text, true, "whose days: the account's first, or UTC"},
    {"allowed", &count, true, "messages that were let out and would be without the shadow too"},
    {"rows", &report_rows, true, "of this page; a message counts in a row for each of its rules"},
    {"messages", &report_messages, true, "those of this page"},
    {"next", &id, false, "there if more may follow: ask again with it as `after`"},
};
constexpr shape report = object_shape(report_members, "PolicyReport");
constexpr answer_line report_lines[] = {{.meaning = "A page of it", .body = &report}};
constexpr shape list_limit = integer_shape(0, 1000);
constexpr query_member report_query_lines[] = {
    {"from", &time, "messages that were accepted from then on", true, "2026-12-01T00:00:00Z"},
    {"to", &time, "and before then, at most 92 days later", true, "2026-12-08T00:00:00Z"},
    {"after", &id, "go on behind this message: `next` of the page before"},
    {"limit", &list_limit, "messages to list; default 100. 0: they are counted only"},
};
constexpr query_member admin_report_query_lines[] = {
    {"account", &text, "whose messages", true, "demo"},
    {"from", &time, "messages that were accepted from then on", true, "2026-12-01T00:00:00Z"},
    {"to", &time, "and before then, at most 92 days later", true, "2026-12-08T00:00:00Z"},
    {"after", &id, "go on behind this message: `next` of the page before"},
    {"limit", &list_limit, "messages to list; default 100. 0: they are counted only"},
};
constexpr problem_code report_codes[] = {problem_code::field_invalid, problem_code::field_missing,
                                         problem_code::server_busy};

}  // namespace
}  // namespace of_policies

constinit const std::string_view policy_example =
    R"({"pack":"japan/lender","purpose":"dunning","contact":{"id":"+819012345678","zones":)"
    R"(["Asia/Tokyo"],"tags":[]},"debtor":"d1","at":"2026-12-01T20:59:59+09:00","holds":)"
    R"([{"kind":"promise","until":"2026-12-10"}],"history":[{"at":"2026-11-30T12:00:00+09:00",)"
    R"("purpose":"dunning"}],"suppressed":[],"carrier_retry":"72h"})";
constinit const answer_lines policy_answers = of_policies::answer_lines_of_policy;
constinit const query_lines report_query = of_policies::report_query_lines;
constinit const query_lines admin_report_query = of_policies::admin_report_query_lines;
constinit const answer_lines report_answers = of_policies::report_lines;
constinit const code_lines report_refuses = of_policies::report_codes;

}  // namespace hikyaku::gateway::api::documents
