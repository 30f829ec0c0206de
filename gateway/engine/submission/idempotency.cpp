#include <algorithm>

#include "gateway/engine/submission/idempotency.hpp"
#include "gateway/model/tables.hpp"

namespace hikyaku::gateway {

namespace table = model::table;
namespace record = model::record;

namespace {

constexpr std::int64_t idempotency_ms = std::int64_t{24} * 3600 * 1000;

constexpr std::size_t looked_at_max = 8;  // a key that was used again after its day, or of one hash

idempotent_reply judge(const record::StoredReply& reply, std::string_view body_hash) {
    const auto* hash = reply.body_hash();
    const bool same = hash != nullptr && std::equal(hash->begin(), hash->end(), body_hash.begin(),
                                                    body_hash.end(), [](std::uint8_t a, char b) {
                                                        return a == static_cast<std::uint8_t>(b);
                                                    });
    if (!same) return {.what = idempotent_reply::kind::mismatch, .content_type = {}, .body = {}};
    return {idempotent_reply::kind::replay, reply.status(),
            reply.content_type() != nullptr ? reply.content_type()->str() : "",
            reply.body() != nullptr ? reply.body()->str() : ""};
}

}  // namespace

/// Empty: nothing is stored, or only what is too old.
std::optional<idempotent_reply> idempotency::find(account_id account, std::string_view key,
                                                  const model::idempotency_key& stored_key,
                                                  std::string_view body_hash) {
    const auto snapshot = environment_.read();
    store::record_reader reader;
    const auto counts = [&](const record::StoredReply* reply) {
        return reply != nullptr && reply->created() + idempotency_ms > now_.wall_ms;
    };
    snapshot.find(table::reply_index, environment_.hash(stored_key), looked_at_max, entries_);
    for (const auto& entry : entries_) {
        const auto place = model::reply_key(entry.id, stored(account), key);
        const auto* reply = snapshot.get(table::replies, place, reader);
        if (counts(reply)) return judge(*reply, body_hash);
    }
    const auto* reply = snapshot.get(table::idempotency, stored_key, reader);
    return counts(reply) ? std::optional(judge(*reply, body_hash)) : std::nullopt;
}

idempotent_reply idempotency::begin(account_id account, std::string_view key,
                                    std::string_view body_hash) {
    const auto stored_key = model::idempotency_key(stored(account), key);
    const std::string name(stored_key.view());
    if (in_flight_.contains(name))
        return {.what = idempotent_reply::kind::in_flight, .content_type = {}, .body = {}};
    if (auto known = find(account, key, stored_key, body_hash)) return std::move(*known);
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
    const auto sequence = ids_.next(now_.wall_ms);
    const auto place = model::reply_key(sequence, stored(account), key);
    pending.rows().put(table::replies, place, built());
    pending.rows().add(table::reply_index, {environment_.hash(stored_key), sequence, 0});
    pending.rows().put(table::expiry,
                       model::expiry_key(now_.wall_ms + idempotency_ms, table::replies, place));
    pending.then(after::reply_stored{name});
    hashes_.erase(hash);
}

void idempotency::forget(account_id account, std::string_view key) {
    const std::string name(model::idempotency_key(stored(account), key).view());
    hashes_.erase(name);
    in_flight_.erase(name);
}

}  // namespace hikyaku::gateway
