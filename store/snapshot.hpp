// Reading the store: a snapshot sees one state of all tables, unmoved by what the writer commits
// meanwhile. Views that it hands out point into the memory map and die with it. A snapshot is cheap
// to open and must be short-lived (never across a co_await): it holds back the map's growth and the
// reuse of pages. Used on one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "store/hash_index.hpp"
#include "store/record_reader.hpp"
#include "store/table.hpp"

struct MDB_txn;
struct MDB_cursor;

namespace hikyaku::store {

class environment;
class snapshot;
class young_entries;
using young_set = std::vector<std::shared_ptr<young_entries>>;

// A place in a table, whatever its keys are: what cursor is made of.
class octet_cursor {
public:
    octet_cursor(const snapshot& from, const table_info& which);
    octet_cursor(const octet_cursor&) = delete;
    octet_cursor& operator=(const octet_cursor&) = delete;
    ~octet_cursor();

    // Each moves and tells whether there is an entry there; when not, key() and value() are empty.
    bool seek(std::string_view lower_bound);  // first entry not before lower_bound; "" = the first
    // Last entry before `upper_bound`; "" = the last of the table.
    bool seek_before(std::string_view upper_bound);
    bool next();
    bool previous();

    [[nodiscard]] bool valid() const { return valid_; }
    [[nodiscard]] std::string_view key() const { return key_; }
    [[nodiscard]] std::string_view value() const { return value_; }

private:
    bool move(int operation, std::string_view to);

    const snapshot& from_;
    MDB_cursor* cursor_ = nullptr;
    std::string_view key_;
    std::string_view value_;
    bool valid_ = false;
};

// A place in one table. It must not outlive its snapshot.
template <class Key>
class cursor : public octet_cursor {
public:
    template <class Value>
    cursor(const snapshot& from, const table<Key, Value>& which) : octet_cursor(from, which) {}

    [[nodiscard]] key_view<Key> key() const { return key_view<Key>(octet_cursor::key()); }
};

template <class Key>
struct entry {
    key_view<Key> key;
    std::string_view value;
};

class snapshot {
public:
    snapshot(snapshot&& other) noexcept
        : store_(std::exchange(other.store_, nullptr)),
          transaction_(std::exchange(other.transaction_, nullptr)),
          young_(std::move(other.young_)) {}
    snapshot& operator=(snapshot&&) = delete;
    ~snapshot();

    // The number, or the octets of the record.
    template <class Key, class Value>
    [[nodiscard]] auto get(const table<Key, Value>& which, key_argument<Key> key) const {
        const auto found = octets(which, key);
        if constexpr (number_value<Value>)
            return found ? read_number<Value>(*found) : std::optional<Value>();
        else
            return found;
    }
    // The record; nullptr when there is none or it is damaged. Valid as record_reader::read says.
    template <class Key, class Value>
    [[nodiscard]] const Value* get(const table<Key, Value>& which, key_argument<Key> key,
                                   record_reader& reader) const {
        const auto found = octets(which, key);
        return found ? reader.read<Value>(*found) : nullptr;
    }
    // The value as it is stored, whatever it is.
    template <class Key, class Value>
    [[nodiscard]] std::optional<std::string_view> octets(const table<Key, Value>& which,
                                                         key_argument<Key> key) const {
        return get_octets(which.number, key);
    }
    template <class Key, class Value>
    [[nodiscard]] bool has(const table<Key, Value>& which, key_argument<Key> key) const {
        return get_octets(which.number, key).has_value();
    }
    template <class Key, class Value>
    [[nodiscard]] std::optional<entry<Key>> first(const table<Key, Value>& which) const {
        cursor at(*this, which);
        at.seek({});
        return entry_at(at);
    }
    template <class Key, class Value>
    [[nodiscard]] std::optional<entry<Key>> last(const table<Key, Value>& which) const {
        cursor at(*this, which);
        at.seek_before({});
        return entry_at(at);
    }
    // The last entry whose key begins with `prefix`.
    template <class Key, class Value>
    [[nodiscard]] std::optional<entry<Key>> last_with_prefix(const table<Key, Value>& which,
                                                             std::string_view prefix) const {
        cursor at(*this, which);
        return seek_last(at, prefix) ? entry_at(at) : std::nullopt;
    }
    [[nodiscard]] std::uint64_t count(const table_info& which) const;

    // Puts the entries of the hash into `found`, the greatest ids first, at most `limit`. The
    // record of an entry may be gone, and another key may have the same hash: look at the record.
    // Entries that were committed after the snapshot was opened may be among them. Whatever was
    // reported as committed before is found; of a commit that ends while the snapshot is opened, a
    // record may be seen whose entry is not.
    void find(const index_info& which, std::uint64_t hash, std::size_t limit,
              std::vector<index_entry>& found) const;

    // Calls `visit(key, octets of the value)` for entries from lower_bound on (a key, the beginning
    // of one, or a place that was kept; "" is the first) until it returns false.
    template <class Key, class Value, class Visit>
    void for_each(const table<Key, Value>& which, std::string_view lower_bound,
                  Visit&& visit) const {
        cursor at(*this, which);
        for (bool there = at.seek(lower_bound); there; there = at.next())
            if (!visit(at.key(), at.value())) return;
    }
    // The same for the entries whose key begins with `prefix`.
    template <class Key, class Value, class Visit>
    void for_each_with_prefix(const table<Key, Value>& which, std::string_view prefix,
                              Visit&& visit) const {
        for_each(
            which, prefix,
            [&](key_view<Key> found, std::string_view value) {
                return found.starts_with(prefix) && visit(found, value);
            });
    }
    // As for_each with what was read: calls `visit(what Key::parse gives, number or record)`. What
    // cannot be read is left out.
    template <class Key, class Value, class Visit>
    void scan(const table<Key, Value>& which, std::string_view lower_bound, Visit&& visit) const {
        record_reader reader;
        for_each(which, lower_bound, [&](key_view<Key> found, std::string_view octets) {
            const auto key = Key::parse(found);
            if (!key) return true;
            if constexpr (number_value<Value>) {
                const auto number = read_number<Value>(octets);
                return !number || visit(*key, *number);
            } else if constexpr (std::same_as<Value, nothing>) {
                return visit(*key);
            } else {
                const auto* record = reader.read<Value>(octets);
                return record == nullptr || visit(*key, *record);
            }
        });
    }

private:
    friend class environment;
    friend class octet_cursor;
    snapshot(environment& store, MDB_txn* transaction, std::shared_ptr<const young_set> young)
        : store_(&store), transaction_(transaction), young_(std::move(young)) {}
    [[nodiscard]] std::optional<std::string_view> get_octets(table_number which,
                                                             std::string_view key) const;
    static bool seek_last(octet_cursor& at, std::string_view prefix);
    template <class Key>
    static std::optional<entry<Key>> entry_at(const cursor<Key>& at) {
        if (!at.valid()) return std::nullopt;
        return entry<Key>{at.key(), at.value()};
    }

    environment* store_;
    MDB_txn* transaction_;
    std::shared_ptr<const young_set> young_;  // of before the transaction
};

}  // namespace hikyaku::store
