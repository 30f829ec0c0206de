// What is told of links, and what the admin listener answers about hits that are classified anew.
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

}  // namespace
}  // namespace of_links

constinit const shape seen_body = object_shape(of_links::seen_members, "LinkSeenRequest");
const std::string_view seen_example = R"({"at":"2026-04-02T03:10:00Z"})";
constinit const query_lines link_path = of_links::link_path_lines;
constinit const answer_lines seen_answers = of_links::seen_lines;
constinit const code_lines seen_refuses = of_links::seen_codes;
constinit const answer_lines reclassification_answers = of_links::reclassification_lines;

}  // namespace hikyaku::gateway::api::documents
