// What is known of each contact point that has replied, beside its timeline: whether staff have
// closed the conversation, which tasks and holds its replies have made, and to which number it
// writes. Rows lie under the keyed hash of the contact point, which is the conversation's name
// outside. A change counts when it is on disk; until then the row is not to be changed again.
// Engine's thread.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gateway/dunning/policy_gate.hpp"
#include "gateway/engine/engine.hpp"
#include "gateway/replies/intents.hpp"

namespace hikyaku::gateway::dunning {

struct conversation {
    /// Of the holds of stops; those beyond stay until a person lifts them.
    static constexpr std::size_t stop_holds_max = 16;

    std::int64_t replied_ms = 0;      // 0 = nothing has come
    std::int64_t closed_ms = 0;       // 0 = it is open
    std::int64_t helped_ms = 0;       // when *help* was answered last
    std::int64_t told_closed_ms = 0;  // when it was said last that it is closed
    std::array<std::uint64_t, replies::intent_count> tasks{};  // the last of each kind
    std::vector<std::uint64_t> stop_holds;
    std::string contact, phone;
    phone_address number;  // that was written to
};

class conversation_book {
public:
    /// All outlive it.
    conversation_book(engine& core, policy_gate& asked, store::environment& store)
        : engine_(core), gate_(asked), store_(store) {}

    /// Empty: the account has no key, and so nothing of anybody.
    [[nodiscard]] std::optional<party_digest> name_of(account_id account,
                                                      std::string_view contact) const;
    [[nodiscard]] std::optional<conversation> find(account_id account,
                                                   const party_digest& name) const;
    /// A change of it is on its way to the disk.
    [[nodiscard]] bool is_changing(account_id account, const party_digest& name) const;
    /// REQUIRES: it is not changing.
    void put(account_id account, const party_digest& name, const conversation& what,
             reply_ticket ticket, instant now);
    /// Makes the account's key if there is none.
    [[nodiscard]] party_digest name_for(account_id account, std::string_view contact,
                                        store::batch& rows);

    /// The rows of this ticket are on disk.
    void rows_kept(reply_ticket ticket);

private:
    using ticket_key = std::pair<std::uint64_t, std::uint32_t>;
    [[nodiscard]] static std::string key_of(account_id account, const party_digest& name);

    engine& engine_;
    policy_gate& gate_;
    store::environment& store_;
    std::map<ticket_key, std::string> changing_;  // keys by the tickets of their rows
};

}  // namespace hikyaku::gateway::dunning
