#include "gateway/api/account_resource.hpp"
#include "gateway/api/openapi/documents.hpp"
#include "gateway/api/openapi/words.hpp"

namespace hikyaku::gateway::api::documents {
namespace of_accounts {
namespace {

constexpr std::string_view unlimited_words[] = {"unlimited"};
constexpr shape unlimited = word_shape(unlimited_words);
constexpr member rate_members[] = {{"count", &count, true}, {"period_ms", &count, true}};
constexpr shape limited = object_shape(rate_members);
constexpr const shape* rate_forms[] = {&unlimited, &limited};
constexpr shape rate = either_shape(rate_forms);
constexpr member limits_members[] = {
    {"rate", &rate, true, "in segments"},
    {"parts_max", &count, true},
    {"queued_max", &count, true},
    {"priority_max", &count, true},
};
constexpr shape limits = object_shape(limits_members);
constexpr member waiting_members[] = {{"smpp", &count, true}, {"webhook", &count, true}};
constexpr shape waiting = object_shape(waiting_members);
constexpr shape event_names = list_shape(text);
constexpr member webhook_members[] = {
    {"url", &text, true},
    {"events", &event_names, true},
    {"disabled", &flag_shape, true, "by a 410 of the server"},
};
constexpr shape webhook = or_null(object_shape(webhook_members));
constexpr member account_members[] = {
    {"name", &text, true},
    {"queued", &count, true, "messages"},
    {"sessions", &count, true, "of SMPP"},
    {"waiting_events", &waiting, true},
    {"dead_letters", &count, true},
    {"limits", &limits, true},
    {"senders", &texts, true},
    {"webhook", &webhook, true},
};
constexpr shape account = object_shape(account_members, "Account");
constexpr answer_line account_lines[] = {
    {.meaning = "The account of the token",
     .body = &account,
     .example =
         R"({"name":"demo","queued":0,"sessions":1,"waiting_events":{"smpp":0,"webhook":3},)"
         R"("dead_letters":0,"limits":{"rate":{"count":100,"period_ms":1000},"parts_max":10,)"
         R"("queued_max":10000000,"priority_max":3},"senders":["Example"],"webhook":)"
         R"({"url":"https://app.example/hook","events":["receipt","reply","hit","reply_read",)"
         R"("link_seen"],)"
         R"("disabled":false}})"},
};

constexpr shape replay_limit = integer_shape(1, replayed_max);
constexpr query_member replay_lines[] = {
    {"limit", &replay_limit, "how many at most; default 1000", false, "500"},
};
constexpr member replayed_members[] = {{"replayed", &count, true}};
constexpr shape replayed = object_shape(replayed_members, "DeadLettersReplayed");
constexpr answer_line replay_answer_lines[] = {
    {.meaning = "How many will be sent again", .body = &replayed, .example = R"({"replayed":17})"},
};

constexpr member enabled_members[] = {{"disabled", &flag_shape, true}};
constexpr shape enabled = object_shape(enabled_members, "WebhookEnabled");
constexpr answer_line enable_lines[] = {
    {.meaning = "It is enabled", .body = &enabled, .example = R"({"disabled":false})"},
};
constexpr problem_code enable_codes[] = {problem_code::no_such_resource};

}  // namespace
}  // namespace of_accounts

constinit const query_lines replay_query = of_accounts::replay_lines;
constinit const answer_lines account_answers = of_accounts::account_lines;
constinit const answer_lines replay_answers = of_accounts::replay_answer_lines;
constinit const answer_lines enable_answers = of_accounts::enable_lines;
constinit const code_lines enable_refuses = of_accounts::enable_codes;

}  // namespace hikyaku::gateway::api::documents
