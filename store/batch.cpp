#include "store/batch.hpp"

#include <array>
#include <cassert>
#include <cstring>
#include <limits>

namespace hikyaku::store {

namespace {

// What precedes each operation's key and value in the buffer.
struct operation_header {
    std::uint8_t which;
    std::uint8_t what;
    std::uint16_t key_bytes;
    std::uint32_t value_bytes;
};
static_assert(sizeof(operation_header) == 8);

operation_header header_at(const char* at) {
    operation_header header;
    std::memcpy(&header, at, sizeof header);
    return header;
}

}  // namespace

void batch::append(table_number which, kind what, std::string_view key, std::string_view value) {
    assert(!key.empty() && key.size() <= key_bytes_max);
    assert(value.size() <= std::numeric_limits<std::uint32_t>::max());
    operation_header header{static_cast<std::uint8_t>(which), static_cast<std::uint8_t>(what),
                            static_cast<std::uint16_t>(key.size()),
                            static_cast<std::uint32_t>(value.size())};
    const auto before = buffer_.size();
    buffer_.resize(before + sizeof header + key.size() + value.size());
    char* to = buffer_.data() + before;
    std::memcpy(to, &header, sizeof header);
    std::memcpy(to + sizeof header, key.data(), key.size());
    if (!value.empty()) std::memcpy(to + sizeof header + key.size(), value.data(), value.size());
    ++operations_;
}

void batch::put_octets(table_number which, std::string_view key, std::string_view value) {
    append(which, kind::put, key, value);
}

void batch::erase_octets(table_number which, std::string_view key) {
    append(which, kind::erase, key, {});
}

void batch::add_to(table_number which, const index_entry& entry) {
    std::array<char, index_entry_bytes> octets{};
    write_entry(entry, octets.data());
    append(which, kind::add, {octets.data(), octets.size()}, {});
}

void batch::append(const batch& other) {
    assert(&other != this);
    buffer_.insert(buffer_.end(), other.buffer_.begin(), other.buffer_.end());
    operations_ += other.operations_;
}

void batch::clear() {
    buffer_.clear();
    operations_ = 0;
}

batch::operation batch::iterator::operator*() const {
    auto header = header_at(at_);
    const char* key_begin = at_ + sizeof header;
    const auto what = static_cast<kind>(header.what);
    return {static_cast<table_number>(header.which), what == kind::erase, what == kind::add,
            std::string_view(key_begin, header.key_bytes),
            std::string_view(key_begin + header.key_bytes, header.value_bytes)};
}

batch::iterator& batch::iterator::operator++() {
    auto header = header_at(at_);
    at_ += sizeof header + header.key_bytes + header.value_bytes;
    return *this;
}

}  // namespace hikyaku::store
