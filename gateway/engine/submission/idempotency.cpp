#include <algorithm>

#include "gateway/engine/submission/idempotency.hpp"
#include "gateway/model/tables.hpp"

namespace hikyaku::gateway {

namespace table = model::table;
namespace record = model::record;

namespace {

constexpr std::int64_t idempotency_ms = std::int64_t{24} * 3600 * 1000;

}  // namespace

idempotent_reply idempotency::begin(account_id account, std::string_view key,
                                    std::string_view body_hash) {
    const auto stored_key = model::idempotency_key(stored(account), key);
    const std::string name(stored_key.view());
    if (in_flight_.contains(name))
        return {.what = idempotent_reply::kind::in_flight, .content_type = {}, .body = {}};
    const auto snapshot = environment_.read();
    if (const auto value = snapshot.get(table::idempotency, stored_key)) {
        store::record_reader reader;
        const auto* stored = reader.read<record::StoredReply>(*value);
        if (stored != nullptr && stored->created() + idempotency_ms > now_.wall_ms) {
            const auto* hash = stored->body_hash();
            const bool same =
                hash != nullptr && std::equal(hash->begin(), hash->end(), body_hash.begin(),
                                              body_hash.end(), [](std::uint8_t a, char b) {
                                                  return a == static_cast<std::uint8_t>(b);
                                              });
            if (!same)
                return {.what = idempotent_reply::kind::mismatch, .content_type = {}, .body = {}};
            return {idempotent_reply::kind::replay, stored->status(),
                    stored->content_type() != nullptr ? stored->content_type()->str() : "",
                    stored->body() != nullptr ? stored->body()->str() : ""};
        }
        if (stored != nullptr) {  // too old: its expiry must not erase the new one
            must_keep().rows().erase(table::expiry,
                                     model::expiry_key(stored->created() + idempotency_ms,
                                                       table::idempotency, stored_key));
        }
    }
    in_flight_.insert(name);
    hashes_[name] = body_hash;
    return {.what = idempotent_reply::kind::fresh, .content_type = {}, .body = {}};
}

void idempotency::store(account_id account, std::string_view key, std::uint32_t status,
                        std::string_view content_type, std::string_view body) {
    const auto stored_key = model::idempotency_key(stored(account), key);
    const std::string name(stored_key.view());
    const auto hash = hashes_.find(name);
    if (hash == hashes_.end()) return;  // begin_idempotent() was not called, or forget_reply() was
    auto& fb = builder_;
    fb.Clear();
    const auto bytes = fb.CreateVector(reinterpret_cast<const std::uint8_t*>(hash->second.data()),
                                       hash->second.size());
    const auto type = fb.CreateString(content_type.data(), content_type.size());
    const auto text = fb.CreateString(body.data(), body.size());
    fb.Finish(record::CreateStoredReply(fb, bytes, static_cast<std::uint16_t>(status), type, text,
                                        now_.wall_ms));
    auto& pending = may_refuse();
    pending.rows().put(table::idempotency, stored_key, built());
    pending.rows().put(table::expiry, model::expiry_key(now_.wall_ms + idempotency_ms,
                                                        table::idempotency, stored_key));
    pending.then(after::reply_stored{name});
    hashes_.erase(hash);
}

void idempotency::forget(account_id account, std::string_view key) {
    const std::string name(model::idempotency_key(stored(account), key).view());
    hashes_.erase(name);
    in_flight_.erase(name);
}

}  // namespace hikyaku::gateway
