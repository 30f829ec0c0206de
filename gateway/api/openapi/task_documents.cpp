#include "gateway/api/desk/documents.hpp"
#include "gateway/api/openapi/documents.hpp"
#include "gateway/api/openapi/words.hpp"

namespace hikyaku::gateway::api::documents {
namespace of_tasks {
namespace {

constexpr shape work = text_shape(1, 1000);
constexpr member task_body_members[] = {
    {"what", &work, true, "what is to be done"},
    {"why", &remark, false},
    {"contact", &label_shape, false},
    {"debtor", &label_shape, false},
    {"debt", &label_shape, false},
};
constexpr member done_body_members[] = {
    {"done_by", &work, true},
    {"remark", &remark, false},
};
constexpr shape id_or_null = or_null(id);
constexpr member task_members[] = {
    {"id", &id, true},
    {"kind", &text, true, "what opened it: `manual`, or a hold: `hold_dispute`"},
    {"hold", &id_or_null, true},
    {"what", &text, true},
    {"why", &text_or_null, true},
    {"contact", &text_or_null, true},
    {"debtor", &text_or_null, true},
    {"debt", &text_or_null, true},
    {"since", &time, true},
    {"done_at", &time_or_null, true, "null: it is open"},
    {"done_by", &text_or_null, true},
    {"remark", &text_or_null, true},
};
constexpr shape task = object_shape(task_members, "Task");
constexpr shape tasks = list_shape(task);
constexpr member task_list_members[] = {
    {"tasks", &tasks, true},
    {"next", &id, false, "there if more may follow: ask again with it as `after`"},
};
constexpr shape task_list = object_shape(task_list_members, "TaskList");
constexpr answer_line task_opened_lines[] = {
    {.status = 201, .meaning = "It is on disk", .body = &task},
};
constexpr answer_line task_lines[] = {{.meaning = "The task", .body = &task}};
constexpr answer_line task_list_lines[] = {{.meaning = "A page of them", .body = &task_list}};
constexpr query_member task_path_lines[] = {{"id", &text, "the id of a task", true}};
constexpr shape page_limit = integer_shape(1, 1000);
constexpr query_member task_query_lines[] = {
    {"after", &id, "go on behind this one: `next` of the page before"},
    {"limit", &page_limit, "how many at most; default 100"},
};

constexpr std::string_view event_kind_words[] = {"hold_placed",
                                                 "hold_lifted",
                                                 "suppressed",
                                                 "suppression_removed",
                                                 "handed_over",
                                                 "withheld",
                                                 "receipt",
                                                 "reply",
                                                 "hit",
                                                 "task_opened",
                                                 "task_done",
                                                 "delivered_late",
                                                 "consent_given",
                                                 "consent_withdrawn",
                                                 "not_handed_over",
                                                 "reply_answered",
                                                 "conversation_closed"};
constexpr shape event_kind = word_shape(event_kind_words);
constexpr std::string_view decision_words[] = {"act", "person"};
constexpr shape reply_decision = word_shape(decision_words);
constexpr shape reply_event_id{.is = shape::kind::text, .pattern = "^evt_[0-9]+$"};
constexpr member event_members[] = {
    {"id", &id, true},
    {"number", &count, true, "in the account's chain of hashes, from 1"},
    {"at", &time, true},
    {"kind", &event_kind, true},
    {"detail", &text_or_null, true, "the kind of the hold, the rule, the state of the message"},
    {"contact", &text_or_null, true},
    {"phone", &text_or_null, true},
    {"debtor", &text_or_null, true},
    {"debt", &text_or_null, true},
    {"message", &id, false},
    {"hold", &id, false},
    {"task", &id, false},
    {"event", &reply_event_id, false, "of a reply: the event that applications are told"},
    {"text", &text_or_null, false, "of a reply; in conversations also of a message"},
    {"intents", &read_intents, false, "of a reply: what was read, the surest first"},
    {"decision", &reply_decision, false,
     "of a reply: `act`: what it says was acted on; `person`: somebody has to look"},
    {"language", &text, false, "of a reply: the one that it was read in"},
};
constexpr shape event_list = list_shape(timeline_event);
constexpr member timeline_members[] = {
    {"events", &event_list, true, "the youngest first"},
    {"next", &id, false, "there if more may follow: ask again with it as `before`"},
};
constexpr shape timeline = object_shape(timeline_members, "Timeline");
constexpr answer_line timeline_lines[] = {{.meaning = "What has happened", .body = &timeline}};
constexpr member timeline_search_members[] = {
    {"contact", &label_shape, false, "one of `contact`, `debtor` and `debt` must be there"},
    {"debtor", &label_shape, false},
    {"debt", &label_shape, false},
    {"before", &id, false, "older than this event: `next` of the page before"},
    {"limit", &page_limit, false, "how many at most; default 100"},
};

}  // namespace
}  // namespace of_tasks

constinit const shape timeline_event = object_shape(of_tasks::event_members, "TimelineEvent");
constinit const shape task_body = object_shape(of_tasks::task_body_members, "NewTask");
constinit const shape done_body = object_shape(of_tasks::done_body_members, "TaskDone");
constinit const shape timeline_search =
    object_shape(of_tasks::timeline_search_members, "TimelineSearch");
constinit const std::string_view task_example =
    R"({"what":"call back","why":"asked for by phone","debtor":"D-1"})";
constinit const std::string_view done_example = R"({"done_by":"Sato","remark":"agreed"})";
constinit const std::string_view timeline_example = R"({"contact":"+819012345678","limit":100})";
constinit const query_lines task_path = of_tasks::task_path_lines;
constinit const query_lines task_query = of_tasks::task_query_lines;
constinit const answer_lines task_opened_answers = of_tasks::task_opened_lines;
constinit const answer_lines task_answers = of_tasks::task_lines;
constinit const answer_lines task_list_answers = of_tasks::task_list_lines;
constinit const answer_lines timeline_answers = of_tasks::timeline_lines;

}  // namespace hikyaku::gateway::api::documents
