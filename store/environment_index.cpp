// What environment does for indexes: opening them, hashing, what a commit adds to them.
#include <lmdb.h>
#include <sodium.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <functional>

#include "store/environment.hpp"
#include "store/lmdb_values.hpp"

namespace hikyaku::store {

// The key is made with the store. The young entries are those of the logs.
int environment::open_indexes(MDB_txn* transaction) {
    if (indexes_.empty()) return 0;
    const auto handle = handle_of(meta.number);
    std::size_t at = 0;
    for (const std::string_view part : {"hash_key_0", "hash_key_1"}) {
        MDB_val name = as_value(part);
        MDB_val value;
        int code = mdb_get(transaction, handle, &name, &value);
        std::uint64_t number = 0;
        if (code == 0) number = key_reader(as_view(value)).u64();
        if (code == MDB_NOTFOUND) {
            if (sodium_init() < 0) return EIO;  // no random numbers from the system
            randombytes_buf(&number, sizeof number);
            const auto made = write_number(number);
            value = as_value(made);
            code = mdb_put(transaction, handle, &name, &value, 0);
        }
        if (code != 0) return code;
        // Others hash while the files are opened anew.
        if (std::memcmp(hash_key_.data() + at, &number, sizeof number) != 0)
            std::memcpy(hash_key_.data() + at, &number, sizeof number);
        at += sizeof number;
    }
    auto young = std::make_shared<young_set>();
    for (auto& each : indexes_) {
        if (int code = each.load(transaction, handles_for(each.of())); code != 0) return code;
        young->push_back(each.young());
    }
    young_ = std::move(young);  // nobody reads yet, or all wait until the files are open anew
    return 0;
}

std::size_t environment::place_of(const index_info& which) const {
    const auto place = index_places_.at(static_cast<std::size_t>(which.number));
    assert(place != 0);
    return place - 1;
}

std::uint64_t environment::hash(std::string_view octets) const {
    std::uint64_t hashed = 0;
    static_assert(crypto_shorthash_BYTES == sizeof hashed &&
                  crypto_shorthash_KEYBYTES == sizeof hash_key_);
    crypto_shorthash(reinterpret_cast<unsigned char*>(&hashed),
                     reinterpret_cast<const unsigned char*>(octets.data()), octets.size(),
                     hash_key_.data());
    return hashed;
}

void environment::find_young(const index_info& which, std::uint64_t hash, std::size_t limit,
                             std::vector<index_entry>& found) const {
    found.clear();
    std::shared_ptr<const young_set> young;
    {
        const std::lock_guard guard(read_mutex_);
        young = young_;
    }
    (*young)[place_of(which)]->find(hash, limit, found);
    std::sort(found.begin(), found.end(), std::greater<>());
}

index_writer::handles environment::handles_for(const index_info& which) const {
    return {handle_of(which.number), handle_of(which.owner), handle_of(meta.number),
            handle_of(index_blocks.number), handle_of(index_manifests.number)};
}

// What the batches add, and a little work for one index that gets nothing, so that none is left
// behind with old runs.
int environment::write_indexes(MDB_txn* transaction) {
    int code = 0;
    for (auto& index : indexes_)
        if (code == 0) code = index.write(transaction, handles_for(index.of()));
    if (code != 0 || indexes_.empty()) return code;
    auto& next = indexes_[++tidied_ % indexes_.size()];
    return next.is_idle() ? next.tidy(transaction, handles_for(next.of())) : 0;
}

// Before anybody is told of the commit.
void environment::publish_indexes() {
    bool is_new = false;
    for (std::size_t i = 0; i < indexes_.size(); ++i)
        is_new = (indexes_[i].committed() != (*young_)[i]) || is_new;
    if (!is_new) return;
    auto young = std::make_shared<young_set>();
    for (const auto& index : indexes_)
        young->push_back(index.young());
    const std::lock_guard guard(read_mutex_);
    young_ = std::move(young);
}

}  // namespace hikyaku::store
