#include "store/snapshot.hpp"

#include <lmdb.h>

#include <algorithm>
#include <cassert>
#include <functional>
#include <string>

#include "store/environment.hpp"
#include "store/index_runs.hpp"
#include "store/lmdb_values.hpp"
#include "store/young_entries.hpp"

namespace hikyaku::store {

namespace {

// The first key after all keys that begin with `prefix`; empty when there is none.
key after_prefix(std::string_view prefix) {
    while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xFF)
        prefix.remove_suffix(1);
    if (prefix.empty()) return {};
    key after;
    after.bytes(prefix.substr(0, prefix.size() - 1));
    after.u8(static_cast<std::uint8_t>(static_cast<unsigned char>(prefix.back()) + 1));
    return after;
}

}  // namespace

snapshot::~snapshot() {
    if (transaction_ != nullptr) store_->end_read(transaction_);
}

std::optional<std::string_view> snapshot::get_octets(table_number which,
                                                     std::string_view key) const {
    if (key.empty() || key.size() > key_bytes_max) return std::nullopt;
    MDB_val name = as_value(key);
    MDB_val value;
    int code = mdb_get(transaction_, store_->handle_of(which), &name, &value);
    if (code == 0) return as_view(value);
    if (code != MDB_NOTFOUND) store_->note_read_fault();
    return std::nullopt;
}

bool snapshot::seek_last(octet_cursor& at, std::string_view prefix) {
    return at.seek_before(after_prefix(prefix)) && at.key().starts_with(prefix);
}

std::uint64_t snapshot::count(const table_info& which) const {
    MDB_stat status{};
    int code = mdb_stat(transaction_, store_->handle_of(which.number), &status);
    if (code != 0) store_->note_read_fault();
    return status.ms_entries;
}

void snapshot::find(const index_info& which, std::uint64_t hash, std::size_t limit,
                    std::vector<index_entry>& found) const {
    found.clear();
    const auto place = store_->place_of(which);
    (*young_)[place]->find(hash, limit, found);
    const index_search::place in{transaction_, store_->handle_of(index_blocks.number),
                                 store_->handle_of(index_manifests.number)};
    const int code = store_->searches_[place]->find(in, hash, limit, found);
    if (code != 0) store_->note_read_fault();
    if (found.size() < 2) return;
    std::sort(found.begin(), found.end(), std::greater<>());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    found.resize(std::min(found.size(), limit));
}

octet_cursor::octet_cursor(const snapshot& from, const table_info& which) : from_(from) {
    auto handle = from.store_->handle_of(which.number);
    if (mdb_cursor_open(from.transaction_, handle, &cursor_) != 0) {
        cursor_ = nullptr;
        from.store_->note_read_fault();
    }
}

octet_cursor::~octet_cursor() {
    if (cursor_ != nullptr) mdb_cursor_close(cursor_);
}

bool octet_cursor::move(int operation, std::string_view to) {
    valid_ = false;
    key_ = {};
    value_ = {};
    if (cursor_ == nullptr) return false;
    MDB_val found = as_value(to);
    MDB_val value;
    int code = mdb_cursor_get(cursor_, &found, &value, static_cast<MDB_cursor_op>(operation));
    if (code == 0) {
        valid_ = true;
        key_ = as_view(found);
        value_ = as_view(value);
    } else if (code != MDB_NOTFOUND) {
        from_.store_->note_read_fault();
    }
    return valid_;
}

bool octet_cursor::seek(std::string_view lower_bound) {
    assert(lower_bound.size() <= key_bytes_max);
    return lower_bound.empty() ? move(MDB_FIRST, {}) : move(MDB_SET_RANGE, lower_bound);
}

bool octet_cursor::seek_before(std::string_view upper_bound) {
    assert(upper_bound.size() <= key_bytes_max);
    if (upper_bound.empty() || !move(MDB_SET_RANGE, upper_bound)) return move(MDB_LAST, {});
    return move(MDB_PREV, {});
}

// After the end was reached LMDB would start again from the edge; here the end stays the end.
bool octet_cursor::next() {
    return valid_ && move(MDB_NEXT, {});
}

bool octet_cursor::previous() {
    return valid_ && move(MDB_PREV, {});
}

}  // namespace hikyaku::store
