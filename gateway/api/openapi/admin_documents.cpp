#include "gateway/api/openapi/documents.hpp"
#include "gateway/api/openapi/words.hpp"
#include "gateway/engine/unmatched/unmatched_entry.hpp"

namespace hikyaku::gateway::api::documents {
namespace of_operation {
namespace {

constexpr std::string_view text_type = "text/plain";
constexpr answer_line health_lines[] = {
    {.meaning = "The process works", .content_type = text_type},
};
constexpr answer_line readiness_lines[] = {
    {.meaning = "The gateway takes new work", .content_type = text_type},
    {.status = 503,
     .meaning = "It does not; the body says why: starting, draining, disk refuses",
     .content_type = text_type},
};
constexpr answer_line metrics_lines[] = {
    {.meaning = "All metrics in Prometheus' text format", .content_type = text_type},
};

constexpr std::string_view stage_words[] = {"resolve", "connect", "tls", "bind",
                                            "refused", "outbind", "own"};
constexpr shape stage = word_shape(stage_words);
constexpr shape port = or_null(integer_shape(1, 65535));
constexpr member bind_end_members[] = {
    {"stage", &stage, true},
    {"reason", &text, true},
    {"carrier_says", &text_or_null, true, "words that the carrier added to its refusal"},
    {"host", &text, true},
    {"port", &port, true, "null where the carrier had called"},
    {"times", &count, true, "it ended so in a row"},
    {"first", &time, true},
    {"last", &time, true},
    {"over", &flag_shape, true, "the binds that failed so are bound again"},
};
constexpr shape bind_end = or_null(object_shape(bind_end_members, "BindEnd"));
constexpr member carrier_members[] = {
    {"name", &text, true},
    {"binds_up", &count, true},
    {"in_flight", &count, true},
    {"window", &count, true},
    {"window_max", &count, true},
    {"paused", &flag_shape, true},
    {"submitted", &count, true},
    {"refused", &count, true},
    {"throttled", &count, true},
    {"delivered_late", &count, true, "receipts outside the time that the gate gave"},
    {"cancels_asked", &count, true, "cancel_sm, for holds"},
    {"cancels_granted", &count, true},
    {"last_bind_end", &bind_end, true, "null if none has failed since the start"},
};
constexpr shape carrier = object_shape(carrier_members, "Carrier");
constexpr shape carrier_list = list_shape(carrier);
constexpr member carriers_members[] = {{"carriers", &carrier_list, true}};
constexpr shape carriers = object_shape(carriers_members, "CarrierList");
constexpr answer_line carriers_lines[] = {{.meaning = "All carriers", .body = &carriers}};

constexpr query_member carrier_path_lines[] = {{"name", &text, "the name of a carrier", true}};
constexpr member paused_members[] = {{"name", &text, true}, {"paused", &flag_shape, true}};
constexpr shape paused = object_shape(paused_members, "CarrierPaused");
constexpr answer_line pause_lines[] = {{.meaning = "It is so now", .body = &paused}};
constexpr problem_code nothing_there[] = {problem_code::no_such_resource};

constexpr member account_row_members[] = {
    {"name", &text, true},
    {"queued", &count, true},
    {"sessions", &count, true},
    {"waiting_smpp", &count, true},
    {"waiting_webhook", &count, true},
    {"dead_letters", &count, true},
    {"webhook_disabled", &flag_shape, true},
};
constexpr shape account_row = object_shape(account_row_members, "AccountRow");
constexpr shape account_rows = list_shape(account_row);
constexpr member accounts_members[] = {{"accounts", &account_rows, true}};
constexpr shape accounts = object_shape(accounts_members, "AccountList");
constexpr answer_line accounts_lines[] = {{.meaning = "All accounts", .body = &accounts}};

constexpr std::string_view kind_words[] = {"receipt", "reply"};
constexpr shape kind = word_shape(kind_words);
constexpr shape unmatched_id{.is = shape::kind::text, .pattern = "^[0-9]+-[0-9]+-[0-9]+$"};
constexpr shape tag_text{.is = shape::kind::text, .pattern = "^0x[0-9A-F]{4}$"};
constexpr member tlv_row_members[] = {
    {"tag", &tag_text, true},
    {"octets", &hexadecimal, false, "of those that tell of a receipt"},
    {"length", &count, false, "of the others, which may hold words"},
};
constexpr shape tlv_row = object_shape(tlv_row_members);
constexpr shape tlv_rows = list_shape(tlv_row, 0, 32);
constexpr member unmatched_members[] = {
    {"id", &unmatched_id, true},
    {"at", &time, true},
    {"carrier", &text, true},
    {"kind", &kind, true},
    {"why", &why, true},
    {"source", &text, true},
    {"destination", &text, true},
    {"esm_class", &octet, true},
    {"data_coding", &octet, true},
    {"octets", &hexadecimal, true},
    {"text", &text, true},
    {"tlvs", &tlv_rows, true},
    {"tlvs_more", &count, false, "how many there are beside the 32 that are shown"},
};
constexpr shape unmatched_one{
    .is = shape::kind::object,
    .members = unmatched_members,
    .name = "Unmatched",
    .meaning = "A receipt or reply that found nobody, masked",
};
constexpr shape unmatched_rows = list_shape(unmatched_one);
constexpr member page_members[] = {
    {"unmatched", &unmatched_rows, true},
    {"next", &unmatched_id, false, "there if more may follow: ask again with it as `after`"},
};
constexpr shape page = object_shape(page_members, "UnmatchedList");
constexpr answer_line unmatched_lines[] = {{.meaning = "A page of them", .body = &page}};
constexpr answer_line unmatched_one_lines[] = {
    {.meaning = "The receipt or reply", .body = &unmatched_one},
};

constexpr std::string_view applied_words[] = {"applied"};
constexpr shape applied_result = word_shape(applied_words);
constexpr std::string_view unmatched_words[] = {"unmatched"};
constexpr shape unmatched_result = word_shape(unmatched_words);
constexpr member applied_members[] = {
    {"id", &unmatched_id, true},
    {"result", &applied_result, true, "it found somebody, and is on disk"},
};
constexpr shape applied = object_shape(applied_members);
constexpr member left_members[] = {
    {"id", &unmatched_id, true},
    {"result", &unmatched_result, true},
    {"why", &why, true},
};
constexpr shape left = object_shape(left_members);
constexpr const shape* replay_forms[] = {&applied, &left};
constexpr shape replay_result{
    .is = shape::kind::either, .forms = replay_forms, .name = "UnmatchedReplayed"};
constexpr answer_line unmatched_replay_lines[] = {
    {.meaning = "What became of it", .body = &replay_result},
};

constexpr shape page_limit =
    integer_shape(1, static_cast<std::int64_t>(gateway::unmatched_query::limit_max));
constexpr shape name = text_shape(1);
constexpr query_member unmatched_query_lines[] = {
    {"after", &unmatched_id, "go on behind this one: `next` of the page before"},
    {"limit", &page_limit, "how many at most; default 100"},
    {"kind", &kind, "only these"},
    {"carrier", &name, "only those of this carrier"},
};
constexpr query_member unmatched_path_lines[] = {
    {"id", &unmatched_id, "one that the list gives", true},
};
using enum error_id;
constexpr problem_code unmatched_codes[] = {field_invalid};
constexpr problem_code unmatched_one_codes[] = {field_invalid, no_such_resource};
constexpr problem_code unmatched_replay_codes[] = {field_invalid, no_such_resource, store_busy,
                                                   store_failing, shutting_down};

constexpr query_member openapi_header_lines[] = {
    {"If-None-Match", &text, "the `ETag` of an earlier answer"},
};
constexpr query_member openapi_answer_headers[] = {
    {"ETag", &text, "changes with the document", true},
    {"Cache-Control", &text, "how long it may be used without asking", true},
};
constexpr shape any_object{.is = shape::kind::object, .open = true};
constexpr answer_line openapi_lines[] = {
    {.meaning = "This document", .body = &any_object, .headers = openapi_answer_headers},
    {.status = 304,
     .meaning = "It is the one that the client has",
     .content_type = {},
     .headers = openapi_answer_headers},
};

}  // namespace
}  // namespace of_operation

constinit const query_lines carrier_path = of_operation::carrier_path_lines;
constinit const query_lines unmatched_path = of_operation::unmatched_path_lines;
constinit const query_lines unmatched_query = of_operation::unmatched_query_lines;
constinit const answer_lines health_answers = of_operation::health_lines;
constinit const answer_lines readiness_answers = of_operation::readiness_lines;
constinit const answer_lines metrics_answers = of_operation::metrics_lines;
constinit const answer_lines carriers_answers = of_operation::carriers_lines;
constinit const answer_lines pause_answers = of_operation::pause_lines;
constinit const answer_lines accounts_answers = of_operation::accounts_lines;
constinit const answer_lines unmatched_answers = of_operation::unmatched_lines;
constinit const answer_lines unmatched_one_answers = of_operation::unmatched_one_lines;
constinit const answer_lines unmatched_replay_answers = of_operation::unmatched_replay_lines;
constinit const code_lines pause_refuses = of_operation::nothing_there;
constinit const code_lines unmatched_refuses = of_operation::unmatched_codes;
constinit const code_lines unmatched_one_refuses = of_operation::unmatched_one_codes;
constinit const code_lines unmatched_replay_refuses = of_operation::unmatched_replay_codes;
constinit const query_lines openapi_headers = of_operation::openapi_header_lines;
constinit const answer_lines openapi_answers = of_operation::openapi_lines;

}  // namespace hikyaku::gateway::api::documents
