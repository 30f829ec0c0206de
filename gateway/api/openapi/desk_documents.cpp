#include "gateway/api/desk/documents.hpp"
#include "gateway/api/openapi/documents.hpp"
#include "gateway/api/openapi/words.hpp"

namespace hikyaku::gateway::api::documents {
namespace of_desk {
namespace {

using enum error_id;

constexpr std::string_view on_meaning =
    "what it is on: one of `contact`, `debtor`, `debt` and `account` must be there";
constexpr shape nullable_time = or_null(time);
constexpr member hold_body_members[] = {
    {"kind", &hold_kind, true},
    {"contact", &label_shape, false, on_meaning},
    {"debtor", &label_shape, false},
    {"debt", &label_shape, false},
    {"account", &flag_shape, false, "`true`: on everything that the account sends"},
    {"from", &time, false, "default now"},
    {"until", &nullable_time, false, "the first moment without it; default: until it is lifted"},
    {"evidence", &remark, false, "where it is written down"},
    {"placed_by", &remark, false},
};
constexpr member lift_body_members[] = {
    {"reason", &remark, false},
    {"lifted_by", &remark, false},
};

constexpr member ended_members[] = {
    {"withdrawn", &count, true, "messages that were queued under it and have ended"},
    {"with_carriers", &count, true, "messages that carriers had already"},
};
constexpr shape ended = object_shape(ended_members);
constexpr member hold_members[] = {
    {"id", &id, true},
    {"kind", &hold_kind, true},
    {"scope", &hold_scope, true},
    {"reference", &text_or_null, true, "the contact point, debtor or debt"},
    {"from", &time, true},
    {"until", &time_or_null, true, "null: until it is lifted"},
    {"active", &flag_shape, true, "it counts now"},
    {"evidence", &text_or_null, true},
    {"placed_by", &text_or_null, true},
    {"placed_at", &time, true},
    {"lifted_by", &text_or_null, true},
    {"lifted_at", &time_or_null, true},
    {"lift_reason", &text_or_null, true},
    {"ended", &ended, false, "of the answer to its placing: what became of messages"},
};
constexpr shape hold = object_shape(hold_members, "Hold");
constexpr shape holds = list_shape(hold);
constexpr member hold_list_members[] = {
    {"holds", &holds, true, "the youngest first"},
    {"next", &id, false, "there if more may follow: ask again with it as `after`"},
};
constexpr shape hold_list = object_shape(hold_list_members, "HoldList");
constexpr std::string_view hold_sample =
    R"({"id":"1024819115206086656","kind":"promise","scope":"debtor","reference":"D-1",)"
    R"("from":"2026-04-01T00:00:00.000Z","until":"2026-04-10T00:00:00.000Z","active":true,)"
    R"("evidence":"call of 1 April","placed_by":"Sato","placed_at":"2026-04-01T00:00:00.000Z",)"
    R"("lifted_by":null,"lifted_at":null,"lift_reason":null})";
constexpr answer_line hold_placed_lines[] = {
    {.status = 201, .meaning = "It counts, and is on disk", .body = &hold},
};
constexpr answer_line hold_lines[] = {
    {.meaning = "The hold", .body = &hold, .example = hold_sample},
};
constexpr answer_line hold_list_lines[] = {
    {.meaning = "A page of them, those that are over too", .body = &hold_list},
};
constexpr query_member hold_path_lines[] = {{"id", &text, "the id of a hold", true}};
constexpr std::string_view true_words[] = {"true"};
constexpr shape true_text = word_shape(true_words);
constexpr shape page_limit = integer_shape(1, 1000);
constexpr query_member hold_query_lines[] = {
    {"after", &id, "go on behind this one: `next` of the page before"},
    {"limit", &page_limit, "how many at most; default 100. A page may have fewer"},
    {"active", &true_text, "only those that count now"},
};
constexpr member hold_search_members[] = {
    {"contact", &label_shape, false, on_meaning},
    {"debtor", &label_shape, false},
    {"debt", &label_shape, false},
    {"account", &flag_shape, false, "`true`: those on everything that the account sends"},
    {"active", &flag_shape, false, "`true`: only those that count now"},
    {"after", &id, false, "go on behind this one: `next` of the page before"},
    {"limit", &page_limit, false, "how many at most; default 100"},
};
constexpr problem_code change_codes[] = {store_busy, store_failing, shutting_down};
constexpr problem_code lift_codes[] = {no_such_resource, store_busy, store_failing, shutting_down};
constexpr problem_code nothing_there[] = {no_such_resource};

constexpr member suppression_body_members[] = {
    {"contact", &label_shape, true, "a number or another contact point"},
    {"purposes", &asked_purposes, false, "default: all three"},
    {"reason", &remark, false},
};
constexpr std::string_view source_words[] = {"api", "import", "carrier", "reply"};
constexpr shape source = word_shape(source_words);
constexpr member suppression_members[] = {
    {"contact", &text, true},  {"purposes", &asked_purposes, true}, {"at", &time, true},
    {"source", &source, true}, {"reason", &text_or_null, true},
};
constexpr shape suppression = object_shape(suppression_members, "Suppression");
constexpr shape suppressions = list_shape(suppression);
constexpr member suppression_list_members[] = {
    {"suppressions", &suppressions, true, "in no order that means anything"},
    {"next", &text, false, "there if more may follow: ask again with it as `after`"},
};
constexpr shape suppression_list = object_shape(suppression_list_members, "SuppressionList");
constexpr answer_line suppressed_lines[] = {
    {.status = 201, .meaning = "It counts, and is on disk", .body = &suppression},
};
constexpr answer_line suppression_list_lines[] = {
    {.meaning = "A page of them", .body = &suppression_list},
};
constexpr query_member suppression_query_lines[] = {
    {"after", &text, "go on there: `next` of the page before"},
    {"limit", &page_limit, "how many at most; default 100"},
};
constexpr member suppression_search_members[] = {
    {"contact", &label_shape, true, "a number or another contact point"},
};
constexpr member suppression_removal_members[] = {
    {"contact", &label_shape, true, "a number or another contact point"},
    {"purposes", &asked_purposes, false, "only these; default: all three"},
};
constexpr std::string_view removed_words[] = {"removed"};
constexpr shape removed_status = word_shape(removed_words);
constexpr member removed_members[] = {{"contact", &text, true}, {"status", &removed_status, true}};
constexpr shape removed = object_shape(removed_members, "SuppressionRemoved");
constexpr answer_line removed_lines[] = {{.meaning = "It counts no more", .body = &removed}};
constexpr member fault_members[] = {{"line", &count, true}, {"detail", &text, true}};
constexpr shape fault = object_shape(fault_members);
constexpr shape faults = list_shape(fault, 0, 100);
constexpr member imported_members[] = {
    {"imported", &count, true, "records that count now"},
    {"refused", &count, true, "records that are faulty; the others are imported all the same"},
    {"faults", &faults, true, "of the first 100 of them"},
};
constexpr shape imported = object_shape(imported_members, "SuppressionsImported");
constexpr answer_line imported_lines[] = {{.meaning = "What was read", .body = &imported}};
constexpr query_member export_query_lines[] = {
    {"safe", &true_text,
     "for spreadsheets: what begins with `=`, `+`, `-`, `@` or a tab has an apostrophe in front, "
     "which an import takes away"},
};
constexpr answer_line exported_lines[] = {
    {.meaning = "All of them: contact, purposes, at, source, reason", .content_type = "text/csv"},
};

constexpr member stop_members[] = {
    {"account", &text_or_null, true, "null: every account"},
    {"purpose", &text_or_null, true, "null: every message, transactional ones too"},
    {"at", &time, true},
    {"by", &text_or_null, true},
};
constexpr shape stop = object_shape(stop_members, "Stop");
constexpr shape stops = list_shape(stop);
constexpr member stop_list_members[] = {{"stops", &stops, true}};
constexpr shape stop_list = object_shape(stop_list_members, "StopList");
constexpr answer_line stop_list_lines[] = {{.meaning = "Those in force", .body = &stop_list}};
constexpr answer_line stop_lines[] = {{.meaning = "It is so, and on disk", .body = &stop}};
constexpr shape account_name = text_shape(1);
constexpr query_member stop_query_lines[] = {
    {"account", &account_name, "only this account; default all"},
    {"purpose", &asked_purpose, "only messages of this purpose; default everything"},
    {"by", &label_shape, "who asks for it"},
};
constexpr query_member resume_query_lines[] = {
    {"account", &account_name, "as it was stopped"},
    {"purpose", &asked_purpose, "as it was stopped"},
};

}  // namespace
}  // namespace of_desk

constinit const shape hold_body = object_shape(of_desk::hold_body_members, "NewHold");
constinit const shape hold_search = object_shape(of_desk::hold_search_members, "HoldSearch");
constinit const shape lift_body = object_shape(of_desk::lift_body_members, "HoldLift");
constinit const shape suppression_body =
    object_shape(of_desk::suppression_body_members, "NewSuppression");
constinit const shape suppression_search =
    object_shape(of_desk::suppression_search_members, "SuppressionSearch");
constinit const shape suppression_removal =
    object_shape(of_desk::suppression_removal_members, "SuppressionRemoval");
constinit const shape import_body = text_shape();
constinit const std::string_view hold_example =
    R"({"kind":"promise","debtor":"D-1","until":"2099-04-10T00:00:00Z",)"
    R"("evidence":"call of 1 April","placed_by":"Sato"})";
constinit const std::string_view hold_search_example = R"({"debtor":"D-1","active":true})";
constinit const std::string_view lift_example = R"({"reason":"paid","lifted_by":"Sato"})";
constinit const std::string_view suppression_example =
    R"({"contact":"+819012345678","purposes":["marketing"],"reason":"letter"})";
constinit const std::string_view suppression_search_example = R"({"contact":"+819012345678"})";
constinit const std::string_view suppression_removal_example =
    R"({"contact":"+819012345678","purposes":["marketing"]})";
constinit const std::string_view import_example = "contact,purposes\r\n+819012345678,marketing\r\n";
constinit const query_lines hold_path = of_desk::hold_path_lines;
constinit const query_lines hold_query = of_desk::hold_query_lines;
constinit const query_lines suppression_query = of_desk::suppression_query_lines;
constinit const query_lines export_query = of_desk::export_query_lines;
constinit const query_lines stop_query = of_desk::stop_query_lines;
constinit const query_lines resume_query = of_desk::resume_query_lines;
constinit const answer_lines hold_placed_answers = of_desk::hold_placed_lines;
constinit const answer_lines hold_answers = of_desk::hold_lines;
constinit const answer_lines hold_list_answers = of_desk::hold_list_lines;
constinit const answer_lines suppressed_answers = of_desk::suppressed_lines;
constinit const answer_lines suppression_list_answers = of_desk::suppression_list_lines;
constinit const answer_lines removed_answers = of_desk::removed_lines;
constinit const answer_lines imported_answers = of_desk::imported_lines;
constinit const answer_lines exported_answers = of_desk::exported_lines;
constinit const answer_lines stop_list_answers = of_desk::stop_list_lines;
constinit const answer_lines stop_answers = of_desk::stop_lines;
constinit const code_lines change_refuses = of_desk::change_codes;
constinit const code_lines lift_refuses = of_desk::lift_codes;
constinit const code_lines hold_refuses = of_desk::nothing_there;

}  // namespace hikyaku::gateway::api::documents
