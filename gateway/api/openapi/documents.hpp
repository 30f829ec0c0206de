// What the JSON API answers, as constants of shapes: the documents, and for each route the answers
// that it may give beside refusals. The lines of the route tables (routes_of_api.cpp,
// routes_of_admin.cpp) name them and the OpenAPI document is made of them; black-box tests hold
// every real answer against that document. A new member of an answer is a line here.
#pragma once

#include <span>

#include "gateway/api/json/shape.hpp"
#include "gateway/api/problems.hpp"
#include "gateway/api/routes.hpp"

namespace hikyaku::gateway::api::documents {

extern const shape problem;        // RFC 9457
extern const shape told_error;     // what a carrier said of the end of a segment
extern const shape replacements;   // what transliteration changed
extern const shape messages_body;  // of POST /v1/messages and :estimate
extern const shape message_list;
extern const shape accepted_list;  // of a request with several recipients
extern const shape configuration_faults;
extern const shape events;  // what a webhook is sent

using answer_lines = std::span<const answer_line>;
using query_lines = std::span<const query_member>;
using code_lines = std::span<const problem_code>;

// /v1/messages
extern const std::string_view message_example, estimate_example;
extern const query_lines message_path, send_headers, find_query;
extern const answer_lines send_answers, estimate_answers, find_answers, get_answers, cancel_answers;
extern const code_lines send_refuses, estimate_refuses, get_refuses, cancel_refuses;

// /v1/account
extern const query_lines replay_query;
extern const answer_lines account_answers, replay_answers, enable_answers;
extern const code_lines enable_refuses;

// /v1/links, and hits of before on the admin listener
extern const shape seen_body;
extern const std::string_view seen_example;
extern const query_lines link_path;
extern const answer_lines seen_answers, reclassification_answers;
extern const code_lines seen_refuses;

// The desk: /v1/holds, /v1/suppressions
extern const std::string_view hold_example, hold_search_example, lift_example, suppression_example,
    suppression_search_example, suppression_removal_example, import_example;
extern const query_lines hold_path, hold_query, suppression_query, export_query;
extern const answer_lines hold_placed_answers, hold_answers, hold_list_answers, suppressed_answers,
    suppression_list_answers, removed_answers, imported_answers, exported_answers;
extern const code_lines change_refuses, lift_refuses, hold_refuses;

extern const std::string_view consent_example, consent_search_example, consent_withdrawal_example,
    consent_import_example;
extern const answer_lines consent_answers, consent_list_answers, consent_withdrawn_answers,
    consents_exported_answers;

extern const std::string_view task_example, done_example, timeline_example;
extern const query_lines task_path, task_query;
extern const answer_lines task_opened_answers, task_answers, task_list_answers, timeline_answers;

// /v1/conversations
extern const shape timeline_event;
extern const std::string_view conversation_search_example, conversation_message_example;
extern const query_lines conversation_path, conversation_query;
extern const answer_lines conversation_answers, conversation_closed_answers;
extern const code_lines conversation_refuses, conversation_close_refuses, staff_send_refuses;

// /v1/policy
extern const std::string_view policy_example;
extern const query_lines report_query, admin_report_query;
extern const answer_lines policy_answers, report_answers;
extern const code_lines report_refuses;

// The admin listener
extern const query_lines stop_query, resume_query;
extern const answer_lines stop_list_answers, stop_answers, decision_answers;
extern const query_lines carrier_path, unmatched_path, unmatched_query;
extern const answer_lines health_answers, readiness_answers, metrics_answers, carriers_answers,
    pause_answers, accounts_answers, unmatched_answers, unmatched_one_answers,
    unmatched_replay_answers, reload_answers;
extern const code_lines pause_refuses, unmatched_refuses, unmatched_one_refuses,
    unmatched_replay_refuses, reload_refuses;

extern const shape clock_move_body, store_confirm_body;
extern const std::string_view clock_move_example, store_confirm_example;
extern const answer_lines clock_answers, clock_moved_answers, store_answers;
extern const code_lines clock_move_refuses, store_confirm_refuses;
extern const answer_lines guessing_answers, announce_answers;

// /openapi.json, on both
extern const query_lines openapi_headers;
extern const answer_lines openapi_answers;

}  // namespace hikyaku::gateway::api::documents
