// The keys of the gateway's tables, a class or two for each (docs/store.md shows each with an
// example): made from what they mean, read back by parse(). Which table has which keys is said in
// gateway/model/tables.hpp. Pure; for the engine, retention and the tests, on any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "store/hash_index.hpp"
#include "store/key.hpp"
#include "store/table.hpp"

namespace hikyaku::gateway::model {

// messages, outcomes, hit_counts.
class message_key : public store::key {
public:
    explicit message_key(std::uint64_t id) { u64(id); }
    [[nodiscard]] static std::optional<std::uint64_t> parse(std::string_view octets);
};

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
class queue_key : public store::key {
public:
    explicit queue_key(const queue_position& position);
    queue_key(std::uint32_t route, std::uint8_t priority, std::uint32_t account,
              std::int64_t not_before, std::uint64_t id);
    [[nodiscard]] static std::optional<queue_position> parse(std::string_view octets);
};
// What all entries of one route, or of one account in it at one priority, begin with.
[[nodiscard]] store::key queue_prefix(std::uint32_t route);
[[nodiscard]] store::key queue_prefix(std::uint32_t route, std::uint8_t priority);
[[nodiscard]] store::key queue_prefix(std::uint32_t route, std::uint8_t priority,
                                      std::uint32_t account);

// receipt_keys: what all entries of one carrier's message id begin with. `id` is in the canonical
// form of the carrier's dialect. An id of any length is accepted (store::key_text_max).
[[nodiscard]] store::key receipt_key(std::uint32_t carrier, std::string_view id);

struct receipt_target {
    std::uint64_t message = 0;
    std::uint16_t segment = 0;  // from 0
    std::uint16_t attempt = 0;  // from 1

    friend bool operator==(const receipt_target&, const receipt_target&) = default;
};
// The key of one of them: carriers use ids again, and each message keeps an entry of its own. The
// entries of one id follow each other, oldest message first, and so do those of two ids: a 0 stands
// behind the id.
class receipt_entry_key : public store::key {
public:
    receipt_entry_key(std::string_view receipt_key, const receipt_target& target);
    // Schema 1 had one entry for an id, under the receipt key itself.
    [[nodiscard]] static store::key_view<receipt_entry_key> of_schema_1(
        std::string_view receipt_key) {
        return store::key_view<receipt_entry_key>(receipt_key);
    }
};
// The first key behind all entries of the id.
[[nodiscard]] store::key receipt_keys_end(std::string_view receipt_key);
// Empty if it is no entry of `receipt_key`. Reads schema 1 as well, which has message, segment and
// attempt in the value.
[[nodiscard]] std::optional<receipt_target> parse_receipt_entry(std::string_view receipt_key,
                                                                std::string_view entry_key,
                                                                std::string_view value);

// What messages of one account have in common: the way to a person, or whose debt they are about.
// Of a contact point that is a phone number only the digits count, so that "+81..." and "81..." are
// one. Values are hashed and stored: append only.
enum class party_scope : std::uint8_t { contact, debtor, debt, account };
// What party_index has a hash of, and the indexes of holds and contacts (gateway/dunning/model).
[[nodiscard]] store::key party_key(std::uint32_t account, party_scope scope,
                                   std::string_view reference);
// The digits of what is written like a phone number ("+81 (3) 1234-5678"), or `contact` as it
// stands. National numbers stay national: who knows the account's country has made them
// international before.
[[nodiscard]] std::string canonical_contact(std::string_view contact);

// cancels: what a carrier is to be asked to forget; those of one carrier follow each other.
struct cancel_position {
    std::uint32_t carrier = 0;
    std::uint64_t message = 0;
};
class cancel_key : public store::key {
public:
    explicit cancel_key(const cancel_position& position) {
        u32(position.carrier).u64(position.message);
    }
    [[nodiscard]] static std::optional<cancel_position> parse(std::string_view octets);
};

// withdrawals: from when on the messages of a party, or of a whole account, are to be looked
// through because they may not go on. `party` is the hash of its party_key(), 0 for an account.
struct withdrawal_position {
    std::int64_t due_ms = 0;
    std::uint32_t account = 0;
    party_scope scope{};
    std::uint64_t party = 0;
};
class withdrawal_key : public store::key {
public:
    explicit withdrawal_key(const withdrawal_position& position) {
        i64(position.due_ms)
            .u32(position.account)
            .u8(static_cast<std::uint8_t>(position.scope))
            .u64(position.party);
    }
    [[nodiscard]] static std::optional<withdrawal_position> parse(std::string_view octets);
};

// unmatched: `at` in milliseconds since 1970, `counter` makes entries of one millisecond distinct.
struct unmatched_position {
    std::uint32_t carrier = 0;
    std::int64_t at = 0;
    std::uint64_t counter = 0;

    friend bool operator==(const unmatched_position&, const unmatched_position&) = default;
};
class unmatched_key : public store::key {
public:
    explicit unmatched_key(const unmatched_position& position);
    unmatched_key(std::uint32_t carrier, std::int64_t at, std::uint64_t counter);
    [[nodiscard]] static std::optional<unmatched_position> parse(std::string_view octets);
};
[[nodiscard]] store::key unmatched_prefix(std::uint32_t carrier);

// outbox and dead_letters: entries of one endpoint (an account's sessions or a webhook) in order.
struct outbox_position {
    std::uint32_t endpoint = 0;
    std::uint64_t sequence = 0;

    friend bool operator==(const outbox_position&, const outbox_position&) = default;
};
class outbox_key : public store::key {
public:
    outbox_key(std::uint32_t endpoint, std::uint64_t sequence);
    [[nodiscard]] static std::optional<outbox_position> parse(std::string_view octets);
};
[[nodiscard]] store::key outbox_prefix(std::uint32_t endpoint);

// link_records: the links of a message follow each other. The code is as it stands in the URL.
class link_record_key : public store::key {
public:
    link_record_key(std::uint64_t message, std::string_view code) { u64(message).text(code); }
};

// Of a table that has one entry.
class only_key : public store::key {
public:
    only_key() { u8(0); }
};

// replies: in the order of time.
class reply_key : public store::key {
public:
    reply_key(std::uint64_t sequence, std::uint32_t account, std::string_view text) {
        u64(sequence).u32(account).text(text);
    }
};

// What indexes tell of a receipt key: the message is the entry's id, the rest its tag.
[[nodiscard]] store::index_entry receipt_entry(std::uint64_t hash, const receipt_target& target);
[[nodiscard]] receipt_target receipt_target_of(const store::index_entry& entry);

// links, of versions before schema 3: the code as it stands in the URL.
class link_key : public store::key {
public:
    explicit link_key(std::string_view code) { text(code); }
};

// hits: in the order of time. `code` is at most store::key_text_max bytes long; `counter` is the
// sequence in the hit log.
struct hit_position {
    std::int64_t at = 0;
    std::string_view code;  // a view into the parsed key
    std::uint64_t counter = 0;

    friend bool operator==(const hit_position&, const hit_position&) = default;
};
class hit_key : public store::key {
public:
    hit_key(std::int64_t at, std::string_view code, std::uint64_t counter);
    [[nodiscard]] static std::optional<hit_position> parse(std::string_view octets);
};

// idempotency, of versions before schema 3; what the index of replies has a hash of. The account
// and its Idempotency-Key, of any length (store::key_text_max).
class idempotency_key : public store::key {
public:
    idempotency_key(std::uint32_t account, std::string_view text) { u32(account).text(text); }
};

// expiry: at `at` (milliseconds since 1970) the entry `target` of table `which` is to be erased.
// The target key must be at most key_bytes_max - 9 bytes long; every key of this file is. Who
// prolongs a target's life erases its former expiry entry in the same batch.
struct expiry_position {
    std::int64_t at = 0;
    store::table_number which{};
    std::string_view target;  // a view into the parsed key
};
class expiry_key : public store::key {
public:
    template <class Key, class Value>
    expiry_key(std::int64_t at, const store::table<Key, Value>& which,
               store::key_argument<Key> target)
        : expiry_key(at, which.number, target) {}
    // Empty also when the table is none of ours.
    [[nodiscard]] static std::optional<expiry_position> parse(std::string_view octets);

private:
    expiry_key(std::int64_t at, store::table_number which, std::string_view target);
};

// references, of versions before schema 3: all messages of one account with one reference follow
// each other, oldest first.
class reference_key : public store::key {
public:
    reference_key(std::uint32_t account, std::string_view reference, std::uint64_t id);
    // The message id at its end.
    [[nodiscard]] static std::optional<std::uint64_t> parse(std::string_view octets);
};
[[nodiscard]] store::key reference_prefix(std::uint32_t account, std::string_view reference);

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
class reply_part_key : public store::key {
public:
    explicit reply_part_key(const reply_part_position& position);
    [[nodiscard]] static std::optional<reply_part_position> parse(std::string_view octets);
};

// aliases: short ids for clients whose message_id has 8 characters (SMPP 3.3).
class alias_key : public store::key {
public:
    explicit alias_key(std::uint32_t alias) { u32(alias); }
    [[nodiscard]] static std::optional<std::uint32_t> parse(std::string_view octets);
};

// concat_slots: references of segmented messages count up for each destination. Destinations share
// concat_slot_count slots by hash, so that the table never grows beyond it.
inline constexpr std::uint32_t concat_slot_count = 65536;
class concat_slot_key : public store::key {
public:
    explicit concat_slot_key(std::uint32_t slot) { u32(slot); }
    [[nodiscard]] static std::optional<std::uint32_t> parse(std::string_view octets);
};

// concat_pages: the slots of concat_slots, so many in one value, because destinations come in no
// order: a batch then changes few pages of the file.
inline constexpr std::uint32_t concat_page_slots = 128;
class concat_page_key : public store::key {
public:
    explicit concat_page_key(std::uint32_t page) { u32(page); }
    [[nodiscard]] static std::optional<std::uint32_t> parse(std::string_view octets) {
        return concat_slot_key::parse(octets);
    }
};

// names: numbers given once to names of the configuration, so that keys stay small and a renamed
// file order changes nothing.
enum class name_kind : std::uint8_t { account = 1, carrier = 2, route = 3, endpoint = 4 };
struct name_position {
    name_kind kind{};
    std::string_view name;  // a view into the parsed key; shortened as store::key_text_max says

    friend bool operator==(const name_position&, const name_position&) = default;
};
class name_key : public store::key {
public:
    name_key(name_kind kind, std::string_view name);
    [[nodiscard]] static std::optional<name_position> parse(std::string_view octets);
};

// used_names: what an account has really used. Values are stored: append only.
enum class used_name_kind : std::uint8_t { sender = 1, domain = 2 };
struct used_name_position {
    std::uint32_t account = 0;
    used_name_kind kind{};
    std::string_view name;  // a view into the parsed key
};
class used_name_key : public store::key {
public:
    used_name_key(std::uint32_t account, used_name_kind kind, std::string_view name);
    [[nodiscard]] static std::optional<used_name_position> parse(std::string_view octets);
};

}  // namespace hikyaku::gateway::model
