#include "store/tables.hpp"

#include <array>

#include "store/fnv1a.hpp"

namespace hikyaku::store {

namespace {

constexpr std::array<std::string_view, table_count> table_names = {
    "messages",     "outcomes", "queue", "receipt_keys", "unmatched",   "outbox",
    "dead_letters", "links",    "hits",  "hit_counts",   "idempotency", "expiry",
    "references",   "names",    "meta",  "reply_parts",  "aliases",     "concat_slots"};

// Keys of one number.
template <class Number>
std::optional<Number> checked(const key_reader& reader, Number number) {
    if (!reader.complete()) return std::nullopt;
    return number;
}

}  // namespace

key& key::text(std::string_view value) {
    if (value.size() <= key_text_max) return bytes(value);
    return bytes(value.substr(0, key_text_max)).u64(fnv1a(value));
}

std::string_view table_name(table which) {
    return table_names.at(static_cast<std::size_t>(which));
}

key message_key(std::uint64_t id) {
    return key{}.u64(id);
}

std::optional<std::uint64_t> parse_message_key(std::string_view bytes) {
    key_reader reader(bytes);
    auto id = reader.u64();
    return checked(reader, id);
}

key queue_key(const queue_position& position) {
    return queue_prefix(position.route, position.priority, position.account)
        .i64(position.not_before)
        .u64(position.id);
}

key queue_key(std::uint32_t route, std::uint8_t priority, std::uint32_t account,
              std::int64_t not_before, std::uint64_t id) {
    return queue_key({route, priority, account, not_before, id});
}

key queue_prefix(std::uint32_t route) {
    return key{}.u32(route);
}

key queue_prefix(std::uint32_t route, std::uint8_t priority) {
    return queue_prefix(route).u8(static_cast<std::uint8_t>(255 - priority));
}

key queue_prefix(std::uint32_t route, std::uint8_t priority, std::uint32_t account) {
    return queue_prefix(route, priority).u32(account);
}

std::optional<queue_position> parse_queue_key(std::string_view bytes) {
    key_reader reader(bytes);
    queue_position position;
    position.route = reader.u32();
    position.priority = static_cast<std::uint8_t>(255 - reader.u8());
    position.account = reader.u32();
    position.not_before = reader.i64();
    position.id = reader.u64();
    return checked(reader, position);
}

key queue_value(std::int64_t expires) {
    return key{}.i64(expires);
}

std::optional<std::int64_t> parse_queue_value(std::string_view bytes) {
    key_reader reader(bytes);
    auto expires = reader.i64();
    return checked(reader, expires);
}

key receipt_key(std::uint32_t carrier, std::string_view id) {
    return key{}.u32(carrier).text(id);
}

key receipt_entry_key(std::string_view receipt_key, const receipt_target& target) {
    return key{receipt_key}.u8(0).u64(target.message).u16(target.segment);
}

key receipt_keys_end(std::string_view receipt_key) {
    return key{receipt_key}.u8(1);
}

key receipt_value(const receipt_target& target) {
    return key{}.u16(target.attempt);
}

std::optional<receipt_target> parse_receipt_entry(std::string_view receipt_key,
                                                  std::string_view entry_key,
                                                  std::string_view value) {
    if (!entry_key.starts_with(receipt_key)) {
        return std::nullopt;
    }
    const auto rest = entry_key.substr(receipt_key.size());
    const bool of_schema_1 = rest.empty();
    key_reader names(of_schema_1 ? value.substr(0, std::min<std::size_t>(value.size(), 10))
                                 : rest.substr(1));
    key_reader counts(of_schema_1 ? value.substr(std::min<std::size_t>(value.size(), 10)) : value);
    receipt_target target;
    target.message = names.u64();
    target.segment = names.u16();
    target.attempt = counts.u16();
    const bool separated = of_schema_1 || rest[0] == 0;
    return separated && names.complete() ? checked(counts, target) : std::nullopt;
}

key unmatched_key(std::uint32_t carrier, std::int64_t at, std::uint64_t counter) {
    return unmatched_prefix(carrier).i64(at).u64(counter);
}

key unmatched_prefix(std::uint32_t carrier) {
    return key{}.u32(carrier);
}

std::optional<unmatched_position> parse_unmatched_key(std::string_view bytes) {
    key_reader reader(bytes);
    unmatched_position position;
    position.carrier = reader.u32();
    position.at = reader.i64();
    position.counter = reader.u64();
    return checked(reader, position);
}

key outbox_key(std::uint32_t endpoint, std::uint64_t sequence) {
    return outbox_prefix(endpoint).u64(sequence);
}

key outbox_prefix(std::uint32_t endpoint) {
    return key{}.u32(endpoint);
}

std::optional<outbox_position> parse_outbox_key(std::string_view bytes) {
    key_reader reader(bytes);
    outbox_position position;
    position.endpoint = reader.u32();
    position.sequence = reader.u64();
    return checked(reader, position);
}

key link_key(std::string_view code) {
    return key{}.text(code);
}

key hit_key(std::int64_t at, std::string_view code, std::uint64_t counter) {
    assert(code.size() <= key_text_max);
    return key{}.i64(at).bytes(code).u64(counter);
}

std::optional<hit_position> parse_hit_key(std::string_view bytes) {
    if (bytes.size() < 16) return std::nullopt;
    key_reader reader(bytes);
    hit_position position;
    position.at = reader.i64();
    position.code = reader.bytes(reader.remaining() - 8);
    position.counter = reader.u64();
    return checked(reader, position);
}

key idempotency_key(std::uint32_t account, std::string_view text) {
    return key{}.u32(account).text(text);
}

key expiry_key(std::int64_t at, table which, std::string_view target) {
    return key{}.i64(at).u8(static_cast<std::uint8_t>(which)).bytes(target);
}

std::optional<expiry_position> parse_expiry_key(std::string_view bytes) {
    key_reader reader(bytes);
    expiry_position position;
    position.at = reader.i64();
    auto number = reader.u8();
    if (!reader.ok() || number >= table_count) return std::nullopt;
    position.which = static_cast<table>(number);
    position.target = reader.bytes(reader.remaining());
    if (position.target.empty()) return std::nullopt;
    return position;
}

// The text's length comes first, so that "ab" is no prefix of "abc".
key reference_prefix(std::uint32_t account, std::string_view reference) {
    key shortened;
    shortened.text(reference);
    return key{}.u32(account).u16(static_cast<std::uint16_t>(shortened.size())).bytes(shortened);
}

key reference_key(std::uint32_t account, std::string_view reference, std::uint64_t id) {
    return reference_prefix(account, reference).u64(id);
}

std::optional<std::uint64_t> parse_reference_key(std::string_view bytes) {
    key_reader reader(bytes);
    reader.u32();
    auto text_bytes = reader.u16();
    reader.bytes(text_bytes);
    auto id = reader.u64();
    return checked(reader, id);
}

key reply_part_key(const reply_part_position& position) {
    return key{}
        .u32(position.carrier)
        .u64(position.addresses)
        .u16(position.reference)
        .u8(position.kind)
        .u8(position.total)
        .u8(position.sequence);
}

std::optional<reply_part_position> parse_reply_part_key(std::string_view bytes) {
    key_reader reader(bytes);
    reply_part_position position;
    position.carrier = reader.u32();
    position.addresses = reader.u64();
    position.reference = reader.u16();
    position.kind = reader.u8();
    position.total = reader.u8();
    position.sequence = reader.u8();
    return checked(reader, position);
}

key alias_key(std::uint32_t alias) {
    return key{}.u32(alias);
}

std::optional<std::uint32_t> parse_alias_key(std::string_view bytes) {
    key_reader reader(bytes);
    auto alias = reader.u32();
    return checked(reader, alias);
}

key concat_slot_key(std::uint32_t slot) {
    return key{}.u32(slot);
}

key concat_slot_value(std::uint16_t reference) {
    return key{}.u16(reference);
}

std::optional<std::uint16_t> parse_concat_slot_value(std::string_view bytes) {
    key_reader reader(bytes);
    auto reference = reader.u16();
    return checked(reader, reference);
}

key name_key(name_kind kind, std::string_view name) {
    return key{}.u8(static_cast<std::uint8_t>(kind)).text(name);
}

key name_value(std::uint32_t number) {
    return key{}.u32(number);
}

std::optional<std::uint32_t> parse_name_value(std::string_view bytes) {
    key_reader reader(bytes);
    auto number = reader.u32();
    return checked(reader, number);
}

key meta_value(std::uint64_t number) {
    return key{}.u64(number);
}

std::optional<std::uint64_t> parse_meta_value(std::string_view bytes) {
    key_reader reader(bytes);
    auto number = reader.u64();
    return checked(reader, number);
}

}  // namespace hikyaku::store
