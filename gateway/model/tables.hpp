// The gateway's tables: the number and name of each, its keys and its values. A record is one of
// records.fbs; numbers are big-endian (store/table.hpp). New tables go to the end, and to the list
// below; docs/store.md shows every one with an example. Constants; any thread.
#pragma once

#include <array>
#include <cstdint>

#include "gateway/model/keys.hpp"
#include "gateway/model/records_generated.h"
#include "store/table.hpp"

namespace hikyaku::gateway::model {

// The numbers are stored in the keys of `expiry`: none is ever given to another table.
namespace table {

inline constexpr store::table<message_key, record::Message> messages{
    0, "messages", {.appends = true}};
inline constexpr store::table<message_key, record::Outcome> outcomes{
    1, "outcomes", {.sorts = true}};
// What still has to be sent -> when it expires (milliseconds since 1970), so that the queue alone
// tells what is too late. Until its end a message still needs its outcome, its receipt keys and its
// event in the outbox.
inline constexpr store::table<queue_key, std::int64_t> queue{2, "queue", {.bytes_to_finish = 768}};
// Of versions before schema 3, and of messages that outlive the retention (index_begin); what is in
// it goes with its messages.
inline constexpr store::table<receipt_entry_key, std::uint16_t> receipt_keys{
    3, "receipt_keys"};  // -> attempt, from 1; 12 bytes in schema 1
inline constexpr store::table<unmatched_key, record::Unmatched> unmatched{4, "unmatched"};
inline constexpr store::table<outbox_key, record::Event> outbox{5, "outbox"};
inline constexpr store::table<outbox_key, record::Event> dead_letters{6, "dead_letters"};
inline constexpr store::table<link_key, record::Link> links{7, "links"};  // before schema 3
inline constexpr store::table<hit_key, record::Hit> hits{8, "hits", {.appends = true}};
inline constexpr store::table<message_key, record::HitCounts> hit_counts{9, "hit_counts"};
inline constexpr store::table<idempotency_key, record::StoredReply> idempotency{
    10, "idempotency"};  // before schema 3
inline constexpr store::table<expiry_key, store::nothing> expiry{11, "expiry"};
// As receipt_keys.
inline constexpr store::table<reference_key, store::nothing> references{12, "references"};
inline constexpr store::table<name_key, std::uint32_t> names{13, "names"};
// The schema version and the gateway's counters; number 14.
using store::meta;
inline constexpr store::table<reply_part_key, record::ReplyPart> reply_parts{15, "reply_parts"};
// A short id of a client of 3.3 -> message id.
inline constexpr store::table<alias_key, std::uint64_t> aliases{16, "aliases"};
// A hash of a destination -> its last reference; before schema 3.
inline constexpr store::table<concat_slot_key, std::uint16_t> concat_slots{17, "concat_slots"};
inline constexpr store::table<link_record_key, record::Link> link_records{
    18, "link_records", {.appends = true}};
inline constexpr store::table<reply_key, record::StoredReply> replies{
    19, "replies", {.appends = true}};

// Last references, 2 octets each, big-endian.
struct concat_page {};
inline constexpr store::table<concat_page_key, concat_page> concat_pages{24, "concat_pages"};
// What a target or a page has said of a link; the key is its link's in link_records.
inline constexpr store::table<link_record_key, record::LinkSeen> link_seen{43, "link_seen"};
// How far old hits are classified anew.
inline constexpr store::table<only_key, record::Reclassification> reclassification{
    44, "reclassification"};
// What carriers are still to be asked to forget, because a hold has been placed.
inline constexpr store::table<cancel_key, store::nothing> cancels{40, "cancels"};
// Whose messages are to be looked through, for the same reason.
inline constexpr store::table<withdrawal_key, store::nothing> withdrawals{51, "withdrawals"};

// Of links with max_uses; what is in it goes with its link.
inline constexpr store::table<link_record_key, record::LinkUses> link_uses{48, "link_uses"};

// -> when it was used, within a day (milliseconds since 1970).
inline constexpr store::table<used_name_key, std::int64_t> used_names{49, "used_names"};

// Of messages with a smaller id, which are kept because they are still queued, receipt keys and
// references stand in the tables of before.
inline constexpr std::string_view index_begin = "index_begin";

// What is looked for by ids of carriers (receipt_key()), by references (reference_prefix()), by
// codes and by Idempotency-Keys (idempotency_key). The tag is receipt_entry()'s, or 0.
inline constexpr store::hash_index receipt_index{20, "receipt_index", messages, index_begin};
inline constexpr store::hash_index reference_index{21, "reference_index", messages, index_begin};
inline constexpr store::hash_index link_index{22, "link_index", link_records};
inline constexpr store::hash_index reply_index{23, "reply_index", replies};
// Messages that ask the gate, by party_key(): of the contact point, the phone number if that is
// another, debtor and debt. The tag is 0.
inline constexpr store::hash_index party_index{25, "party_index", messages, index_begin};

}  // namespace table

inline constexpr std::array<const store::table_info*, 26> tables{&table::messages,
                                                                 &table::outcomes,
                                                                 &table::queue,
                                                                 &table::receipt_keys,
                                                                 &table::unmatched,
                                                                 &table::outbox,
                                                                 &table::dead_letters,
                                                                 &table::links,
                                                                 &table::hits,
                                                                 &table::hit_counts,
                                                                 &table::idempotency,
                                                                 &table::expiry,
                                                                 &table::references,
                                                                 &table::names,
                                                                 &table::reply_parts,
                                                                 &table::aliases,
                                                                 &table::concat_slots,
                                                                 &table::link_records,
                                                                 &table::replies,
                                                                 &table::concat_pages,
                                                                 &table::cancels,
                                                                 &table::link_seen,
                                                                 &table::reclassification,
                                                                 &table::withdrawals,
                                                                 &table::link_uses,
                                                                 &table::used_names};
inline constexpr std::array<const store::index_info*, 5> indexes{
    &table::receipt_index, &table::reference_index, &table::link_index, &table::reply_index,
    &table::party_index};

// Entries of older schemas stay as they are, however many there are, and are read beside the new
// ones until they go: receipt keys and references with their messages, links and replies at their
// time. parse_receipt_entry() reads the receipt keys of schema 1. A program of schema 3 knows no
// holds: it must not open a store that may have some.
inline constexpr store::domain domain{.version_name = "schema",
                                      .version = 4,
                                      .oldest_version = 1,
                                      .tables = tables,
                                      .indexes = indexes};

}  // namespace hikyaku::gateway::model
