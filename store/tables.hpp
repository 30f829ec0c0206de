// The tables of the store and the bytes of their keys (docs/store.md shows each with an example).
// Values are the FlatBuffers of records.fbs unless said otherwise here. Pure functions for the
// engine, the retention helpers and the tests; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "store/key.hpp"

namespace hikyaku::store {

// The numbers are stored in the keys of `expiry`: append only.
enum class table : std::uint8_t {
    messages,      // id -> Message
    outcomes,      // id -> Outcome
    queue,         // what still has to be sent -> expires (8 bytes, queue_value)
    receipt_keys,  // carrier, its message id, our message and segment -> attempt (2 bytes)
    unmatched,     // receipts and replies of nobody -> Unmatched
    outbox,        // endpoint, sequence -> Event
    dead_letters,  // endpoint, sequence -> Event
    links,         // code -> Link
    hits,          // time, code, counter -> Hit
    hit_counts,    // message id -> HitCounts
    idempotency,   // account, Idempotency-Key -> StoredReply
    expiry,        // time, table, key: erase that entry at that time -> empty
    references,    // account, reference, message id -> empty
    names,         // kind, name -> number (4 bytes, big-endian)
    meta,          // name -> schema version, counters (8 bytes, big-endian)
    reply_parts,   // carrier, addresses, reference, sequence -> ReplyPart
    aliases,       // short id of a client of 3.3 -> message id (8 bytes, big-endian)
    concat_slots   // hash of a destination -> last reference (2 bytes, big-endian)
};
inline constexpr std::size_t table_count = 18;

// The table's name in the LMDB file and in documents.
[[nodiscard]] std::string_view table_name(table which);

// messages, outcomes, hit_counts.
[[nodiscard]] key message_key(std::uint64_t id);
[[nodiscard]] std::optional<std::uint64_t> parse_message_key(std::string_view bytes);

// queue: ordered by route, then priority (3, the most urgent, first), account, not_before, id, so
// that the head of one account's backlog is one seek away. Priority is stored as 255 - priority.
struct queue_position {
    std::uint32_t route = 0;
    std::uint8_t priority = 0;  // 0-3
    std::uint32_t account = 0;
    std::int64_t not_before = 0;  // milliseconds since 1970 UTC
    std::uint64_t id = 0;

    friend bool operator==(const queue_position&, const queue_position&) = default;
};
[[nodiscard]] key queue_key(const queue_position& position);
[[nodiscard]] key queue_key(std::uint32_t route, std::uint8_t priority, std::uint32_t account,
                            std::int64_t not_before, std::uint64_t id);
// What all entries of one route, or of one account in it at one priority, begin with.
[[nodiscard]] key queue_prefix(std::uint32_t route);
[[nodiscard]] key queue_prefix(std::uint32_t route, std::uint8_t priority);
[[nodiscard]] key queue_prefix(std::uint32_t route, std::uint8_t priority, std::uint32_t account);
[[nodiscard]] std::optional<queue_position> parse_queue_key(std::string_view bytes);
// The value: when the message expires, as a key's i64, so that the queue alone tells what is too
// late.
[[nodiscard]] key queue_value(std::int64_t expires);
[[nodiscard]] std::optional<std::int64_t> parse_queue_value(std::string_view bytes);

// receipt_keys: what all entries of one carrier's message id begin with. `id` is in the canonical
// form of the carrier's dialect. An id of any length is accepted (key_text_max).
[[nodiscard]] key receipt_key(std::uint32_t carrier, std::string_view id);

struct receipt_target {
    std::uint64_t message = 0;
    std::uint16_t segment = 0;  // from 0
    std::uint16_t attempt = 0;  // from 1

    friend bool operator==(const receipt_target&, const receipt_target&) = default;
};
// The key of one of them: carriers use ids again, and each message keeps an entry of its own. The
// entries of one id follow each other, oldest message first, and so do those of two ids: a 0 stands
// behind the id.
[[nodiscard]] key receipt_entry_key(std::string_view receipt_key, const receipt_target& target);
// The first key behind all entries of the id.
[[nodiscard]] key receipt_keys_end(std::string_view receipt_key);
// 2 bytes, big-endian: the attempt.
[[nodiscard]] key receipt_value(const receipt_target& target);
// Empty if it is no entry of `receipt_key`. Reads schema 1 as well: one entry for an id, under
// `receipt_key` itself, with message, segment and attempt in the value.
[[nodiscard]] std::optional<receipt_target> parse_receipt_entry(std::string_view receipt_key,
                                                                std::string_view entry_key,
                                                                std::string_view value);

// unmatched: `at` in milliseconds since 1970, `counter` makes entries of one millisecond distinct.
struct unmatched_position {
    std::uint32_t carrier = 0;
    std::int64_t at = 0;
    std::uint64_t counter = 0;

    friend bool operator==(const unmatched_position&, const unmatched_position&) = default;
};
[[nodiscard]] key unmatched_key(std::uint32_t carrier, std::int64_t at, std::uint64_t counter);
[[nodiscard]] key unmatched_prefix(std::uint32_t carrier);
[[nodiscard]] std::optional<unmatched_position> parse_unmatched_key(std::string_view bytes);

// outbox and dead_letters: entries of one endpoint (an account's sessions or a webhook) in order.
struct outbox_position {
    std::uint32_t endpoint = 0;
    std::uint64_t sequence = 0;

    friend bool operator==(const outbox_position&, const outbox_position&) = default;
};
[[nodiscard]] key outbox_key(std::uint32_t endpoint, std::uint64_t sequence);
[[nodiscard]] key outbox_prefix(std::uint32_t endpoint);
[[nodiscard]] std::optional<outbox_position> parse_outbox_key(std::string_view bytes);

// links: the code as it stands in the URL.
[[nodiscard]] key link_key(std::string_view code);

// hits: in the order of time. `code` is at most key_text_max bytes long; `counter` is the sequence
// in the hit log.
struct hit_position {
    std::int64_t at = 0;
    std::string_view code;  // a view into the parsed key
    std::uint64_t counter = 0;

    friend bool operator==(const hit_position&, const hit_position&) = default;
};
[[nodiscard]] key hit_key(std::int64_t at, std::string_view code, std::uint64_t counter);
[[nodiscard]] std::optional<hit_position> parse_hit_key(std::string_view bytes);

// idempotency: the account and its Idempotency-Key, of any length (key_text_max).
[[nodiscard]] key idempotency_key(std::uint32_t account, std::string_view text);

// expiry: at `at` (milliseconds since 1970) the entry `target` of table `which` is to be erased.
// The target key must be at most key_bytes_max - 9 bytes long; every key of this file is. Who
// prolongs a target's life erases its former expiry entry in the same batch.
struct expiry_position {
    std::int64_t at = 0;
    table which = table::messages;
    std::string_view target;  // a view into the parsed key
};
[[nodiscard]] key expiry_key(std::int64_t at, table which, std::string_view target);
[[nodiscard]] std::optional<expiry_position> parse_expiry_key(std::string_view bytes);

// references: all messages of one account with one reference follow each other, oldest first.
[[nodiscard]] key reference_key(std::uint32_t account, std::string_view reference,
                                std::uint64_t id);
[[nodiscard]] key reference_prefix(std::uint32_t account, std::string_view reference);
// The message id at the end of a reference key.
[[nodiscard]] std::optional<std::uint64_t> parse_reference_key(std::string_view bytes);

// reply_parts: the parts of one long reply follow each other. `wide` and `sar` keep references of
// different kinds apart. The addresses are hashed (64 bits), the values hold them.
struct reply_part_position {
    std::uint32_t carrier = 0;
    std::uint64_t addresses = 0;  // hash of source and destination
    std::uint16_t reference = 0;
    std::uint8_t kind = 0;  // 1: 16-bit reference; 2: SAR; 0: 8-bit reference
    std::uint8_t total = 0;
    std::uint8_t sequence = 0;  // from 1

    friend bool operator==(const reply_part_position&, const reply_part_position&) = default;
};
[[nodiscard]] key reply_part_key(const reply_part_position& position);
[[nodiscard]] std::optional<reply_part_position> parse_reply_part_key(std::string_view bytes);

// aliases: short ids for clients whose message_id has 8 characters (SMPP 3.3).
[[nodiscard]] key alias_key(std::uint32_t alias);
[[nodiscard]] std::optional<std::uint32_t> parse_alias_key(std::string_view bytes);

// concat_slots: references of segmented messages count up for each destination. Destinations share
// concat_slot_count slots by hash, so that the table never grows beyond it.
inline constexpr std::uint32_t concat_slot_count = 65536;
[[nodiscard]] key concat_slot_key(std::uint32_t slot);
[[nodiscard]] key concat_slot_value(std::uint16_t reference);
[[nodiscard]] std::optional<std::uint16_t> parse_concat_slot_value(std::string_view bytes);

// names: numbers given once to names of the configuration, so that keys stay small and a renamed
// file order changes nothing.
enum class name_kind : std::uint8_t { account = 1, carrier = 2, route = 3, endpoint = 4 };
[[nodiscard]] key name_key(name_kind kind, std::string_view name);
// A number as the value of `names` (4 bytes) and of `meta` (8 bytes).
[[nodiscard]] key name_value(std::uint32_t number);
[[nodiscard]] std::optional<std::uint32_t> parse_name_value(std::string_view bytes);
[[nodiscard]] key meta_value(std::uint64_t number);
[[nodiscard]] std::optional<std::uint64_t> parse_meta_value(std::string_view bytes);

}  // namespace hikyaku::store
