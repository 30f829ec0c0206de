// Reading the store: a snapshot sees one state of all tables, unmoved by what the writer commits
// meanwhile. Views that it hands out point into the memory map and die with it. A snapshot is cheap
// to open and must be short-lived (never across a co_await): it holds back the map's growth and the
// reuse of pages. Used on one thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "store/tables.hpp"

struct MDB_txn;
struct MDB_cursor;

namespace hikyaku::store {

class environment;
class snapshot;

// A place in one table. It must not outlive its snapshot.
class cursor {
public:
    cursor(const snapshot& from, table which);
    cursor(const cursor&) = delete;
    cursor& operator=(const cursor&) = delete;
    ~cursor();

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

struct entry {
    std::string_view key;
    std::string_view value;
};

class snapshot {
public:
    snapshot(snapshot&& other) noexcept
        : store_(std::exchange(other.store_, nullptr)),
          transaction_(std::exchange(other.transaction_, nullptr)) {}
    snapshot& operator=(snapshot&&) = delete;
    ~snapshot();

    [[nodiscard]] std::optional<std::string_view> get(table which, std::string_view key) const;
    [[nodiscard]] bool has(table which, std::string_view key) const {
        return get(which, key).has_value();
    }
    [[nodiscard]] std::optional<entry> first(table which) const;
    [[nodiscard]] std::optional<entry> last(table which) const;
    // The last entry whose key begins with `prefix` (for the next sequence of an outbox).
    [[nodiscard]] std::optional<entry> last_with_prefix(table which, std::string_view prefix) const;
    [[nodiscard]] std::uint64_t count(table which) const;

    // Calls `visit(key, value)` for entries from lower_bound on until it returns false.
    template <class Visit>
    void for_each(table which, std::string_view lower_bound, Visit&& visit) const {
        cursor at(*this, which);
        for (bool there = at.seek(lower_bound); there; there = at.next()) {
            if (!visit(at.key(), at.value())) return;
        }
    }
    // The same for the entries whose key begins with `prefix`.
    template <class Visit>
    void for_each_with_prefix(table which, std::string_view prefix, Visit&& visit) const {
        for_each(which, prefix, [&](std::string_view found, std::string_view value) {
            return found.starts_with(prefix) && visit(found, value);
        });
    }

private:
    friend class environment;
    friend class cursor;
    snapshot(environment& store, MDB_txn* transaction)
        : store_(&store), transaction_(transaction) {}

    environment* store_;
    MDB_txn* transaction_;
};

}  // namespace hikyaku::store
