// The bodies that the desk's resources read, as shapes: by them a reader checks what came, and the
// OpenAPI document describes it. Constants.
#pragma once

#include <string_view>

#include "gateway/api/json/field_faults.hpp"
#include "gateway/api/json/shape.hpp"

namespace hikyaku::gateway::api::documents {

inline constexpr std::string_view hold_kind_words[] = {
    "promise", "dispute",   "representation",  "insolvency",
    "death",   "hardship",  "wrong_person",    "ownership_doubt",
    "opt_out", "cease",     "breathing_space", "disaster",
    "manual",  "complaint", "service_issue",   "vulnerability"};
inline constexpr shape hold_kind = word_shape(hold_kind_words);
inline constexpr std::string_view hold_scope_words[] = {"contact", "debtor", "debt", "account"};
inline constexpr shape hold_scope = word_shape(hold_scope_words);
/// Words of a person: where something is written down, why, who.
inline constexpr shape remark = text_shape(0, 1000);
inline constexpr std::string_view asked_purpose_words[] = {"service", "dunning", "marketing"};
inline constexpr shape asked_purpose = word_shape(asked_purpose_words);
inline constexpr shape asked_purposes = list_shape(asked_purpose, 1, 3);

inline constexpr std::string_view consent_kind_words[] = {"direct", "texted", "number_checked"};
inline constexpr shape consent_kind = word_shape(consent_kind_words);

extern const shape hold_body, hold_search, lift_body, suppression_body, suppression_search,
    suppression_removal, import_body, done_body, task_body, timeline_search, consent_body,
    consent_search, consent_withdrawal, conversation_search, conversation_message;

}  // namespace hikyaku::gateway::api::documents
