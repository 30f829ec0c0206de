#include "gateway/model/keys.hpp"

#include <algorithm>

#include "gateway/model/tables.hpp"

namespace hikyaku::gateway::model {

using store::key;
using store::key_reader;

std::optional<std::uint64_t> message_key::parse(std::string_view octets) {
    return store::read_number<std::uint64_t>(octets);
}

queue_key::queue_key(const queue_position& position)
    : key(queue_prefix(position.route, position.priority, position.account)) {
    i64(position.not_before).u64(position.id);
}

queue_key::queue_key(std::uint32_t route, std::uint8_t priority, std::uint32_t account,
                     std::int64_t not_before, std::uint64_t id)
    : queue_key(queue_position{route, priority, account, not_before, id}) {}

key queue_prefix(std::uint32_t route) {
    return key{}.u32(route);
}

key queue_prefix(std::uint32_t route, std::uint8_t priority) {
    return queue_prefix(route).u8(static_cast<std::uint8_t>(255 - priority));
}

key queue_prefix(std::uint32_t route, std::uint8_t priority, std::uint32_t account) {
    return queue_prefix(route, priority).u32(account);
}

std::optional<queue_position> queue_key::parse(std::string_view octets) {
    key_reader reader(octets);
    queue_position position;
    position.route = reader.u32();
    position.priority = static_cast<std::uint8_t>(255 - reader.u8());
    position.account = reader.u32();
    position.not_before = reader.i64();
    position.id = reader.u64();
    return reader.checked(position);
}

key receipt_key(std::uint32_t carrier, std::string_view id) {
    return key{}.u32(carrier).text(id);
}

receipt_entry_key::receipt_entry_key(std::string_view receipt_key, const receipt_target& target)
    : key(receipt_key) {
    u8(0).u64(target.message).u16(target.segment);
}

std::string canonical_contact(std::string_view contact) {
    constexpr std::size_t digits_min = 5;  // "12-34" is a name
    std::string digits;
    for (std::size_t i = 0; i < contact.size(); ++i) {
        const char c = contact[i];
        const bool is_digit = c >= '0' && c <= '9';
        if (is_digit)
            digits += c;
        else if (!(c == '+' && i == 0) && std::string_view(" -.()/").find(c) == std::string::npos)
            return std::string(contact);
    }
    const bool is_plain = digits.size() == contact.size();
    return is_plain || contact.starts_with('+') || digits.size() >= digits_min
               ? digits
               : std::string(contact);
}

std::optional<cancel_position> cancel_key::parse(std::string_view octets) {
    key_reader reader(octets);
    cancel_position position;
    position.carrier = reader.u32();
    position.message = reader.u64();
    return reader.checked(position);
}

std::optional<withdrawal_position> withdrawal_key::parse(std::string_view octets) {
    key_reader reader(octets);
    withdrawal_position position;
    position.due_ms = reader.i64();
    position.account = reader.u32();
    position.scope = static_cast<party_scope>(reader.u8());
    position.party = reader.u64();
    return reader.checked(position);
}

key party_key(std::uint32_t account, party_scope scope, std::string_view reference) {
    key made;
    made.u32(account).u8(static_cast<std::uint8_t>(scope));
    if (scope == party_scope::contact)
        made.text(canonical_contact(reference));
    else
        made.text(reference);
    return made;
}

key receipt_keys_end(std::string_view receipt_key) {
    return key{receipt_key}.u8(1);
}

std::optional<receipt_target> parse_receipt_entry(std::string_view receipt_key,
                                                  std::string_view entry_key,
                                                  std::string_view value) {
    if (!entry_key.starts_with(receipt_key)) return std::nullopt;
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
    return separated && names.complete() ? counts.checked(target) : std::nullopt;
}

unmatched_key::unmatched_key(const unmatched_position& position)
    : unmatched_key(position.carrier, position.at, position.counter) {}

unmatched_key::unmatched_key(std::uint32_t carrier, std::int64_t at, std::uint64_t counter) {
    u32(carrier).i64(at).u64(counter);
}

key unmatched_prefix(std::uint32_t carrier) {
    return key{}.u32(carrier);
}

std::optional<unmatched_position> unmatched_key::parse(std::string_view octets) {
    key_reader reader(octets);
    unmatched_position position;
    position.carrier = reader.u32();
    position.at = reader.i64();
    position.counter = reader.u64();
    return reader.checked(position);
}

outbox_key::outbox_key(std::uint32_t endpoint, std::uint64_t sequence) {
    u32(endpoint).u64(sequence);
}

key outbox_prefix(std::uint32_t endpoint) {
    return key{}.u32(endpoint);
}

std::optional<outbox_position> outbox_key::parse(std::string_view octets) {
    key_reader reader(octets);
    outbox_position position;
    position.endpoint = reader.u32();
    position.sequence = reader.u64();
    return reader.checked(position);
}

hit_key::hit_key(std::int64_t at, std::string_view code, std::uint64_t counter) {
    assert(code.size() <= store::key_text_max);
    i64(at).bytes(code).u64(counter);
}

std::optional<hit_position> hit_key::parse(std::string_view octets) {
    if (octets.size() < 16) return std::nullopt;
    key_reader reader(octets);
    hit_position position;
    position.at = reader.i64();
    position.code = reader.bytes(reader.remaining() - 8);
    position.counter = reader.u64();
    return reader.checked(position);
}

expiry_key::expiry_key(std::int64_t at, store::table_number which, std::string_view target) {
    i64(at).u8(static_cast<std::uint8_t>(which)).bytes(target);
}

std::optional<expiry_position> expiry_key::parse(std::string_view octets) {
    key_reader reader(octets);
    expiry_position position;
    position.at = reader.i64();
    position.which = store::table_number{reader.u8()};
    position.target = reader.bytes(reader.remaining());
    const bool is_known = std::any_of(tables.begin(), tables.end(), [&](const auto* one) {
        return one->number == position.which;
    });
    if (!reader.ok() || !is_known || position.target.empty()) return std::nullopt;
    return position;
}

store::index_entry receipt_entry(std::uint64_t hash, const receipt_target& target) {
    return {hash, target.message, std::uint32_t{target.segment} << 16 | target.attempt};
}

receipt_target receipt_target_of(const store::index_entry& entry) {
    return {entry.id, static_cast<std::uint16_t>(entry.tag >> 16),
            static_cast<std::uint16_t>(entry.tag)};
}

// The text's length comes first, so that "ab" is no prefix of "abc".
key reference_prefix(std::uint32_t account, std::string_view reference) {
    key shortened;
    shortened.text(reference);
    return key{}.u32(account).u16(static_cast<std::uint16_t>(shortened.size())).bytes(shortened);
}

reference_key::reference_key(std::uint32_t account, std::string_view reference, std::uint64_t id)
    : key(reference_prefix(account, reference)) {
    u64(id);
}

std::optional<std::uint64_t> reference_key::parse(std::string_view octets) {
    key_reader reader(octets);
    reader.u32();
    auto text_bytes = reader.u16();
    reader.bytes(text_bytes);
    auto id = reader.u64();
    return reader.checked(id);
}

reply_part_key::reply_part_key(const reply_part_position& position) {
    u32(position.carrier)
        .u64(position.addresses)
        .u16(position.reference)
        .u8(position.kind)
        .u8(position.total)
        .u8(position.sequence);
}

std::optional<reply_part_position> reply_part_key::parse(std::string_view octets) {
    key_reader reader(octets);
    reply_part_position position;
    position.carrier = reader.u32();
    position.addresses = reader.u64();
    position.reference = reader.u16();
    position.kind = reader.u8();
    position.total = reader.u8();
    position.sequence = reader.u8();
    return reader.checked(position);
}

std::optional<std::uint32_t> alias_key::parse(std::string_view octets) {
    return store::read_number<std::uint32_t>(octets);
}

std::optional<std::uint32_t> concat_slot_key::parse(std::string_view octets) {
    return store::read_number<std::uint32_t>(octets);
}

name_key::name_key(name_kind kind, std::string_view name) {
    u8(static_cast<std::uint8_t>(kind)).text(name);
}

std::optional<name_position> name_key::parse(std::string_view octets) {
    key_reader reader(octets);
    name_position position;
    position.kind = name_kind{reader.u8()};
    position.name = reader.bytes(reader.remaining());
    return reader.checked(position);
}

used_name_key::used_name_key(std::uint32_t account, used_name_kind kind, std::string_view name) {
    u32(account).u8(static_cast<std::uint8_t>(kind)).text(name);
}

std::optional<used_name_position> used_name_key::parse(std::string_view octets) {
    key_reader reader(octets);
    used_name_position position;
    position.account = reader.u32();
    position.kind = used_name_kind{reader.u8()};
    position.name = reader.bytes(reader.remaining());
    return reader.checked(position);
}

}  // namespace hikyaku::gateway::model
