// HTTP requests with an Idempotency-Key: the reply of each is stored in the batch of what it has
// submitted, and given again to a request with the same key for a day. Engine's thread only.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/engine/engine.hpp"
#include "gateway/engine/room.hpp"
#include "gateway/model/keys.hpp"

namespace hikyaku::gateway {

class idempotency : private room {
public:
    explicit idempotency(engine_context& context) : room(context) {}

    /// Looks a key up and, when it is fresh, marks it in flight until store() or forget().
    /// `body_hash` is 32 octets.
    [[nodiscard]] idempotent_reply begin(account_id account, std::string_view key,
                                         std::string_view body_hash);
    /// In the same batch as the submissions of this turn.
    void store(account_id account, std::string_view key, std::uint32_t status,
               std::string_view content_type, std::string_view body);
    void forget(account_id account, std::string_view key);
    /// The batch with the reply is on disk, or was refused.
    void on_stored(const std::string& key) { in_flight_.erase(key); }

private:
    [[nodiscard]] std::optional<idempotent_reply> find(account_id account, std::string_view key,
                                                       const model::idempotency_key& stored_key,
                                                       std::string_view body_hash);

    // By the key of the store.
    boost::unordered_flat_set<std::string> in_flight_;
    boost::unordered_flat_map<std::string, std::string> hashes_;  // of those not stored yet
    std::vector<store::index_entry> entries_;
};

}  // namespace hikyaku::gateway
