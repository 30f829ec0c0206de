#include "gateway/dunning/seal/key_ring.hpp"

#include <flatbuffers/flatbuffers.h>

#include "gateway/dunning/model/tables.hpp"

namespace hikyaku::gateway::dunning {

bool key_ring::load(const secret_octets& master, const store::snapshot& from) {
    master_ = master;
    secrets_.clear();
    bool sound = true;
    from.scan(table::account_keys, {}, [&](std::uint32_t account, const record::AccountKey& key) {
        std::optional<secret_octets> root;
        if (key.wrapped() != nullptr)
            root = unwrap(
                master, account,
                {reinterpret_cast<const char*>(key.wrapped()->data()), key.wrapped()->size()});
        sound = root.has_value();
        if (sound) secrets_.emplace(account, derive(*root));
        return sound;
    });
    return sound;
}

const account_secret* key_ring::find(std::uint32_t account) const {
    const auto at = secrets_.find(account);
    return at == secrets_.end() ? nullptr : &at->second;
}

const account_secret& key_ring::of(std::uint32_t account, store::batch& rows) {
    const auto at = secrets_.find(account);
    if (at != secrets_.end()) return at->second;
    const auto root = random_secret();
    const auto wrapped = wrap(master_, account, root);
    flatbuffers::FlatBufferBuilder fb;
    fb.Finish(record::CreateAccountKey(
        fb,
        fb.CreateVector(reinterpret_cast<const std::uint8_t*>(wrapped.data()), wrapped.size())));
    rows.put(table::account_keys, account_key_of(account),
             {reinterpret_cast<const char*>(fb.GetBufferPointer()), fb.GetSize()});
    return secrets_.emplace(account, derive(root)).first->second;
}

}  // namespace hikyaku::gateway::dunning
