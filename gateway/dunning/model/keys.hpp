// The keys of the desk's tables (docs/store.md shows each with an example): made from what they
// mean, read back by parse(). Which table has which keys is said in
// gateway/dunning/model/tables.hpp. Pure; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "store/key.hpp"
#include "store/table.hpp"

namespace hikyaku::gateway::dunning {

// holds, contacts, timeline, tasks: in the order of time. decisions: the message's.
class id_key : public store::key {
public:
    explicit id_key(std::uint64_t id) { u64(id); }
    [[nodiscard]] static std::optional<std::uint64_t> parse(std::string_view octets) {
        return store::read_number<std::uint64_t>(octets);
    }
};

// A keyed hash of a contact point or reference (seal.hpp): what stands for it outside of seals.
using party_digest = std::array<std::uint8_t, 16>;
/// As hexadecimal digits, and back; empty: it is none.
[[nodiscard]] std::string digest_text(const party_digest& digest);
[[nodiscard]] std::optional<party_digest> digest_in(std::string_view text);

// suppressions: those of one account follow each other, in no order.
struct suppression_position {
    std::uint32_t account = 0;
    party_digest contact{};

    friend bool operator==(const suppression_position&, const suppression_position&) = default;
};
class suppression_key : public store::key {
public:
    explicit suppression_key(const suppression_position& position);
    [[nodiscard]] static std::optional<suppression_position> parse(std::string_view octets);
};

// consents: those of one contact point and kind follow each other, the latest first; of one moment
// a withdrawal comes before a consent.
struct consent_position {
    std::uint32_t account = 0;
    party_digest contact{};
    std::uint8_t kind = 0;  // of gate::consent_kind
    std::int64_t at_ms = 0;
    bool is_withdrawal = false;
};
class consent_key : public store::key {
public:
    explicit consent_key(const consent_position& position);
    /// What the keys of one contact point and kind begin with.
    [[nodiscard]] static store::key prefix_of(std::uint32_t account, const party_digest& contact,
                                              std::uint8_t kind);
    [[nodiscard]] static std::optional<consent_position> parse(std::string_view octets);
};

// stops: of one account or of all (0), for one purpose or for all of them (255).
struct stop_position {
    static constexpr std::uint8_t every_purpose = 255;
    std::uint32_t account = 0;
    std::uint8_t purpose = every_purpose;

    friend bool operator==(const stop_position&, const stop_position&) = default;
};
class stop_key : public store::key {
public:
    explicit stop_key(const stop_position& position) { u32(position.account).u8(position.purpose); }
    [[nodiscard]] static std::optional<stop_position> parse(std::string_view octets);
};

// open_tasks: those of one account follow each other, the oldest first.
class open_task_key : public store::key {
public:
    open_task_key(std::uint32_t account, std::uint64_t task) { u32(account).u64(task); }
    // The task.
    [[nodiscard]] static std::optional<std::uint64_t> parse(std::string_view octets);
};

// account_keys, chain_heads.
class account_key_of : public store::key {
public:
    explicit account_key_of(std::uint32_t account) { u32(account); }
    [[nodiscard]] static std::optional<std::uint32_t> parse(std::string_view octets) {
        return store::read_number<std::uint32_t>(octets);
    }
};

}  // namespace hikyaku::gateway::dunning
