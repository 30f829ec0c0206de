// A list of changes to the store that is written as one: all of it or nothing. Whoever decides
// something (the engine, the redirector) fills a batch on its own thread, the writer applies it on
// its own and hands the emptied object back, so that the buffer is allocated once and used again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "store/tables.hpp"

namespace hikyaku::store {

class batch {
public:
    // Views into the batch; valid until it is changed.
    struct operation {
        table which = table::messages;
        bool erases = false;
        std::string_view key;
        std::string_view value;  // empty when it erases
    };

    // Writes or replaces an entry. The key must have 1 to key_bytes_max bytes.
    void put(table which, std::string_view key, std::string_view value);
    // Removes an entry; one that is not there is no error.
    void erase(table which, std::string_view key);
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
    void add(table which, bool erases, std::string_view key, std::string_view value);

    std::vector<char> buffer_;
    std::size_t operations_ = 0;
};

}  // namespace hikyaku::store
