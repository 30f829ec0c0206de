// A list of changes to the store that is written as one: all of it or nothing. Whoever decides
// something fills a batch on its own thread, the writer applies it on its own and hands the emptied
// object back, so that the buffer is allocated once and used again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "store/hash_index.hpp"
#include "store/table.hpp"

namespace hikyaku::store {

class batch {
public:
    // Views into the batch; valid until it is changed.
    struct operation {
        table_number which{};
        bool erases = false;
        bool adds = false;  // an entry of an index: the key is its octets
        std::string_view key;
        std::string_view value;  // empty when it erases
    };

    // Writes or replaces an entry: the octets of a finished record, a number, or nothing. The key
    // must have 1 to key_bytes_max bytes.
    template <class Key, record_value Value>
    void put(const table<Key, Value>& which, key_argument<Key> key, std::string_view value) {
        put_octets(which.number, key, value);
    }
    template <class Key, number_value Value>
    void put(const table<Key, Value>& which, key_argument<Key> key,
             std::type_identity_t<Value> number) {
        put_octets(which.number, key, write_number(number));
    }
    template <class Key>
    void put(const table<Key, nothing>& which, key_argument<Key> key) {
        put_octets(which.number, key, {});
    }
    // Removes an entry; one that is not there is no error.
    template <class Key, class Value>
    void erase(const table<Key, Value>& which, key_argument<Key> key) {
        erase_octets(which.number, key);
    }
    // Adds an entry to an index; one that is there already is no error. It goes with its record.
    void add(const index_info& which, const index_entry& entry) { add_to(which.number, entry); }
    // For whom the table is a value, as where one entry points to another; nothing is checked.
    void put_octets(table_number which, std::string_view key, std::string_view value);
    void erase_octets(table_number which, std::string_view key);
    void add_to(table_number which, const index_entry& entry);
    // Adds all operations of `other` behind the own ones.
    void append(const batch& other);
    // Forgets all operations and keeps the memory.
    void clear();

    [[nodiscard]] bool empty() const { return operations_ == 0; }
    [[nodiscard]] std::size_t operations() const { return operations_; }
    // What the batch weighs against the writer's bound: keys, values and 8 bytes an operation.
    [[nodiscard]] std::size_t bytes() const { return buffer_.size(); }
    [[nodiscard]] std::size_t capacity() const { return buffer_.capacity(); }

    // Operations in the order in which they were added.
    class iterator {
    public:
        explicit iterator(const char* at) : at_(at) {}
        [[nodiscard]] operation operator*() const;
        iterator& operator++();
        friend bool operator==(const iterator&, const iterator&) = default;

    private:
        const char* at_;
    };
    [[nodiscard]] iterator begin() const { return iterator{buffer_.data()}; }
    [[nodiscard]] iterator end() const { return iterator{buffer_.data() + buffer_.size()}; }

private:
    enum class kind : std::uint8_t { put, erase, add };
    void append(table_number which, kind what, std::string_view key, std::string_view value);

    std::vector<char> buffer_;
    std::size_t operations_ = 0;
};

}  // namespace hikyaku::store
