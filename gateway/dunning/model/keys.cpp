#include "gateway/dunning/model/keys.hpp"

#include <algorithm>
#include <charconv>

namespace hikyaku::gateway::dunning {

std::string digest_text(const party_digest& digest) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const auto octet : digest) {
        text.push_back(digits[octet >> 4]);
        text.push_back(digits[octet & 15]);
    }
    return text;
}

std::optional<party_digest> digest_in(std::string_view text) {
    party_digest digest{};
    if (text.size() != 2 * digest.size()) return std::nullopt;
    const char* at = text.data();
    for (auto& octet : digest) {
        const auto [end, fault] = std::from_chars(at, at + 2, octet, 16);
        if (fault != std::errc{} || end != at + 2) return std::nullopt;
        at += 2;
    }
    return digest;
}

suppression_key::suppression_key(const suppression_position& position) {
    u32(position.account);
    bytes({reinterpret_cast<const char*>(position.contact.data()), position.contact.size()});
}

std::optional<suppression_position> suppression_key::parse(std::string_view octets) {
    store::key_reader reader(octets);
    suppression_position position;
    position.account = reader.u32();
    const auto digest = reader.bytes(position.contact.size());
    std::copy(digest.begin(), digest.end(), position.contact.begin());
    return reader.checked(position);
}

store::key consent_key::prefix_of(std::uint32_t account, const party_digest& contact,
                                  std::uint8_t kind) {
    return store::key{}
        .u32(account)
        .bytes({reinterpret_cast<const char*>(contact.data()), contact.size()})
        .u8(kind);
}

consent_key::consent_key(const consent_position& position)
    : store::key(prefix_of(position.account, position.contact, position.kind)) {
    i64(~position.at_ms).u8(position.is_withdrawal ? 0 : 1);
}

std::optional<consent_position> consent_key::parse(std::string_view octets) {
    store::key_reader reader(octets);
    consent_position position;
    position.account = reader.u32();
    const auto digest = reader.bytes(position.contact.size());
    std::copy(digest.begin(), digest.end(), position.contact.begin());
    position.kind = reader.u8();
    position.at_ms = ~reader.i64();
    position.is_withdrawal = reader.u8() == 0;
    return reader.checked(position);
}

std::optional<stop_position> stop_key::parse(std::string_view octets) {
    store::key_reader reader(octets);
    stop_position position;
    position.account = reader.u32();
    position.purpose = reader.u8();
    return reader.checked(position);
}

std::optional<std::uint64_t> open_task_key::parse(std::string_view octets) {
    store::key_reader reader(octets);
    (void)reader.u32();
    const auto task = reader.u64();
    return reader.checked(task);
}

}  // namespace hikyaku::gateway::dunning
