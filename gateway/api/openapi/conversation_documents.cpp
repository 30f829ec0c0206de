#include "gateway/api/desk/documents.hpp"
#include "gateway/api/openapi/documents.hpp"
#include "gateway/api/openapi/words.hpp"

namespace hikyaku::gateway::api::documents {
namespace of_conversations {
namespace {

using enum error_id;

constexpr shape page_limit = integer_shape(1, 200);
constexpr shape conversation_name{
    .is = shape::kind::text,
    .min = 1,
    .meaning =
        "the `id` of a conversation. A number in international form is understood too; it "
        "appears in no log of the gateway, but may in those of what stands before it",
};
constexpr query_member path_lines[] = {{"id", &conversation_name, "whose conversation", true}};
constexpr query_member query_lines_of_get[] = {
    {"before", &id, "older than this entry: `next` of the page before"},
    {"limit", &page_limit, "how many at most; default 50"},
};
constexpr member search_members[] = {
    {"contact", &label_shape, true, "a number or another contact point"},
    {"before", &id, false, "older than this entry: `next` of the page before"},
    {"limit", &page_limit, false, "how many at most; default 50"},
};
constexpr std::string_view state_words_of[] = {"open", "closed"};
constexpr shape conversation_state = word_shape(state_words_of);
constexpr shape entries = list_shape(timeline_event);
constexpr member conversation_members[] = {
    {"id", &text_or_null, true, "its name in paths; null: the account has written of nobody yet"},
    {"contact", &text_or_null, true},
    {"state", &conversation_state, true},
    {"number", &text_or_null, true, "that was written to last"},
    {"replied_at", &time_or_null, true},
    {"entries", &entries, true, "the youngest ones, of these the oldest first"},
    {"next", &id, false, "there if there may be older ones: ask again with it as `before`"},
};
constexpr shape conversation = object_shape(conversation_members, "Conversation");
constexpr answer_line show_lines[] = {{.meaning = "A page of it", .body = &conversation}};
constexpr problem_code show_codes[] = {no_such_resource};
constexpr problem_code close_codes[] = {no_such_resource, store_busy, store_failing, shutting_down};

constexpr shape message_text = text_shape(1);
constexpr member message_members[] = {
    {"text", &message_text, true},
    {"from", &text, false, "default: the number that was written to last"},
    {"purpose", &asked_purpose, false, "default `service`: the gate looks at the hours"},
    {"reference", &label_shape, false},
    {"debtor", &label_shape, false},
    {"debt", &label_shape, false},
    {"send_at", &time, false},
    {"valid_for", &text, false, "a number with a unit, `\"2h\"`"},
};
constexpr member closed_members[] = {
    {"id", &text, true},
    {"contact", &text_or_null, true},
    {"state", &conversation_state, true},
    {"closed_at", &time, true},
};
constexpr shape closed = object_shape(closed_members, "ConversationClosed");
constexpr answer_line closed_lines[] = {{.meaning = "It is closed", .body = &closed}};

}  // namespace
}  // namespace of_conversations

constinit const shape conversation_search =
    object_shape(of_conversations::search_members, "ConversationSearch");
constinit const shape conversation_message =
    object_shape(of_conversations::message_members, "ConversationMessage");
constinit const std::string_view conversation_search_example = R"({"contact":"+819012345678"})";
constinit const std::string_view conversation_message_example =
    R"({"text":"Thank you, we have found your payment."})";
constinit const query_lines conversation_path = of_conversations::path_lines;
constinit const query_lines conversation_query = of_conversations::query_lines_of_get;
constinit const answer_lines conversation_answers = of_conversations::show_lines;
constinit const answer_lines conversation_closed_answers = of_conversations::closed_lines;
constinit const code_lines conversation_refuses = of_conversations::show_codes;
constinit const code_lines conversation_close_refuses = of_conversations::close_codes;

}  // namespace hikyaku::gateway::api::documents
