// The tables of the desk and of the facts that its gate asks for: the number and name of each, its
// keys and its values (gateway/model/tables.hpp has those of the messages). New tables go to the
// end, and to the list below; docs/store.md shows every one. Constants; any thread.
#pragma once

#include <array>

#include "gateway/dunning/model/keys.hpp"
#include "gateway/dunning/model/records_generated.h"
#include "store/hash_index.hpp"
#include "store/table.hpp"

namespace hikyaku::gateway::dunning {

namespace table {

inline constexpr store::table<id_key, record::Hold> holds{26, "holds", {.appends = true}};
// By index_hash_of() of a party (seal.hpp); the tag is 0.
inline constexpr store::hash_index hold_index{27, "hold_index", holds};
inline constexpr store::table<suppression_key, record::Suppression> suppressions{28,
                                                                                 "suppressions"};
inline constexpr store::table<stop_key, record::Stop> stops{29, "stops"};
inline constexpr store::table<id_key, record::Contact> contacts{30, "contacts", {.appends = true}};
// Likewise; the tag is the purpose.
inline constexpr store::hash_index contact_index{31, "contact_index", contacts};
inline constexpr store::table<id_key, record::Decision> decisions{32, "decisions"};
inline constexpr store::table<account_key_of, record::AccountKey> account_keys{33, "account_keys"};
inline constexpr store::table<id_key, record::TimelineEvent> timeline{
    34, "timeline", {.appends = true}};
inline constexpr store::hash_index timeline_index{35, "timeline_index", timeline};
inline constexpr store::table<account_key_of, record::ChainHead> chain_heads{36, "chain_heads"};
inline constexpr store::table<id_key, record::Task> tasks{37, "tasks", {.appends = true}};

// What the desk has still to write into the timeline.
inline constexpr store::table<id_key, record::Intake> intake{38, "intake", {.appends = true}};
inline constexpr store::table<open_task_key, store::nothing> open_tasks{39, "open_tasks"};
// 40 is one of the messages' tables (gateway/model/tables.hpp).
inline constexpr store::table<consent_key, record::Consent> consents{41, "consents"};
inline constexpr store::table<id_key, record::Confirmation> confirmations{42, "confirmations"};
// 43 and 44 are given to others.
inline constexpr store::table<suppression_key, record::Conversation> conversations{45,
                                                                                   "conversations"};
inline constexpr store::table<id_key, record::Answer> answers{46, "answers", {.appends = true}};
using store::meta;

}  // namespace table

inline constexpr std::array<const store::table_info*, 15> tables{
    &table::holds,         &table::suppressions,  &table::stops,      &table::contacts,
    &table::decisions,     &table::account_keys,  &table::timeline,   &table::chain_heads,
    &table::tasks,         &table::intake,        &table::open_tasks, &table::consents,
    &table::confirmations, &table::conversations, &table::answers};
inline constexpr std::array<const store::index_info*, 3> indexes{
    &table::hold_index, &table::contact_index, &table::timeline_index};

inline constexpr store::domain domain{.version_name = "dunning_schema",
                                      .version = 1,
                                      .oldest_version = 1,
                                      .tables = tables,
                                      .indexes = indexes};

}  // namespace hikyaku::gateway::dunning
