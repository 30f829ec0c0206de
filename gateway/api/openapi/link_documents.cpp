// What is told of links, and what the listeners answer about guessed codes, what is announced, and
// hits that are classified anew.
#include "gateway/api/openapi/documents.hpp"
#include "gateway/api/openapi/words.hpp"

namespace hikyaku::gateway::api::documents {
namespace of_links {
namespace {

using enum error_id;

constexpr member seen_members[] = {
    {"at", &time, false, "when a person saw the page; default: now"},
};
constexpr shape code = text_shape(1, 400);
constexpr query_member link_path_lines[] = {
    {.name = "code",
     .is = &code,
     .meaning = "the code of the link, as in `links` of the message",
     .required = true,
     .example = "7fW3kQ9xTz"},
};
constexpr member seen_answer_members[] = {
    {"link", &text, true, "its code"},
    {"seen", &time, true, "when it was, as it was told first"},
};
constexpr shape seen_answer = object_shape(seen_answer_members, "LinkSeen");
constexpr answer_line seen_lines[] = {
    {.meaning = "It is written down",
     .body = &seen_answer,
     .example = R"({"link":"7fW3kQ9xTz","seen":"2026-04-02T03:10:00.000Z"})"},
};
constexpr problem_code seen_codes[] = {no_such_resource, field_unknown, field_invalid,
                                       json_invalid,     utf8_invalid,  server_busy,
                                       store_failing,    shutting_down};

constexpr std::string_view state_words[] = {"never", "running", "done"};
constexpr shape state_of_it = word_shape(state_words);
constexpr member moved_members[] = {
    {"from", &hit_class, true}, {"to", &hit_class, true}, {"hits", &count, true}};
constexpr shape moved = object_shape(moved_members);
constexpr shape moved_list = list_shape(moved);
constexpr member reclassification_members[] = {
    {"state", &state_of_it, true},
    {"started_at", &time_or_null, true},
    {"done_at", &time_or_null, true},
    {"looked_at", &count, true, "hits so far"},
    {"changed", &count, true, "hits that have another class now"},
    {"reasons_only", &count, true, "hits with other reasons and the same class"},
    {"moved", &moved_list, true, "hits with another class, by both"},
};
constexpr shape reclassification = object_shape(reclassification_members, "Reclassification");
constexpr answer_line reclassification_lines[] = {
    {.meaning = "How far it is",
     .body = &reclassification,
     .example = R"({"state":"done","started_at":"2026-04-02T03:10:00.000Z",)"
                R"("done_at":"2026-04-02T03:10:02.000Z","looked_at":5120,"changed":12,)"
                R"("reasons_only":3,"moved":[{"from":"scanner","to":"automation","hits":12}]})"},
};
constexpr shape share{.is = shape::kind::number};
constexpr member guessing_members[] = {
    {"alarm", &flag_shape, true, "codes are guessed: unknown ones are answered 429"},
    {"alarms", &count, true, "how many there were since the start"},
    {"raised_at", &time_or_null, true, "the last one"},
    {"ended_at", &time_or_null, true, "null while it lasts"},
    {"unknown_codes", &count, true, "that were asked for during it"},
    {"budget_used", &share, true, "of `misses_in_total`, 0 to 1"},
    {"networks", &count, true, "that are remembered with an unknown code"},
};
constexpr shape guessing = object_shape(guessing_members, "Guessing");
constexpr member links_members[] = {{"guessing", &guessing, true}};
constexpr shape links_state = object_shape(links_members, "LinksStatus");
constexpr answer_line guessing_lines[] = {
    {.meaning = "The budget for unknown codes of all networks together", .body = &links_state}};

constexpr member announce_members[] = {
    {"name", &text_or_null, true, "`announce.name` of the account"},
    {"senders", &texts, true, "used in the last 30 days, in messages that a carrier took"},
    {"domains", &texts, true, "of links in them"},
    {"samples", &texts, true, "`announce.samples`"},
    {"how_to_check", &text_or_null, true},
    {"contact", &text_or_null, true},
    {"complete", &flag_shape, true, "false: there were more senders or domains than are kept"},
};
constexpr shape announced = object_shape(announce_members, "Announcement");
constexpr answer_line announce_lines[] = {
    {.meaning = "As on the page /about of the account's link domains", .body = &announced}};

}  // namespace
}  // namespace of_links

constinit const shape seen_body = object_shape(of_links::seen_members, "LinkSeenRequest");
const std::string_view seen_example = R"({"at":"2026-04-02T03:10:00Z"})";
constinit const query_lines link_path = of_links::link_path_lines;
constinit const answer_lines seen_answers = of_links::seen_lines;
constinit const code_lines seen_refuses = of_links::seen_codes;
constinit const answer_lines reclassification_answers = of_links::reclassification_lines;
constinit const answer_lines guessing_answers = of_links::guessing_lines;
constinit const answer_lines announce_answers = of_links::announce_lines;

}  // namespace hikyaku::gateway::api::documents
