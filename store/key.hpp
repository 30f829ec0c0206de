// Building and reading the keys of the store. A key is a short run of bytes whose byte order is the
// order wanted in the table, so every number is written big-endian and signed numbers with their
// sign bit flipped. A `key` lives on the stack and never allocates; any thread may use it.
#pragma once

#include <array>
#include <boost/endian/conversion.hpp>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

namespace hikyaku::store {

// LMDB refuses longer keys (MDB_MAXKEYSIZE of Debian's build); empty ones too.
inline constexpr std::size_t key_bytes_max = 511;

// Texts inside keys: up to this many bytes are stored as they are; of a longer one the first
// key_text_max bytes, then its 64-bit FNV-1a hash. The two forms differ in length.
inline constexpr std::size_t key_text_max = 400;

class key {
public:
    // Not defaulted: `key{}` must not write zeros over half a kilobyte, nor a copy copy it.
    key() {}  // NOLINT(modernize-use-equals-default)
    explicit key(std::string_view raw) { bytes(raw); }
    key(const key& other) { bytes(other.view()); }
    key& operator=(const key& other) {
        if (this != &other) {
            size_ = 0;
            bytes(other.view());
        }
        return *this;
    }
    ~key() = default;

    key& u8(std::uint8_t value) {
        assert(size_ < key_bytes_max);
        bytes_[size_++] = static_cast<char>(value);
        return *this;
    }
    key& u16(std::uint16_t value) { return big_endian(value); }
    key& u32(std::uint32_t value) { return big_endian(value); }
    key& u64(std::uint64_t value) { return big_endian(value); }
    // Negative numbers sort before positive ones.
    key& i64(std::int64_t value) {
        return big_endian(static_cast<std::uint64_t>(value) ^ (std::uint64_t{1} << 63));
    }
    // Raw bytes; the key must have room for them (a caller's bug otherwise).
    key& bytes(std::string_view value) {
        assert(size_ + value.size() <= key_bytes_max);
        if (!value.empty()) std::memcpy(bytes_.data() + size_, value.data(), value.size());
        size_ = static_cast<std::uint16_t>(size_ + value.size());
        return *this;
    }
    // A text of any length, shortened as key_text_max says.
    key& text(std::string_view value);

    [[nodiscard]] std::string_view view() const { return {bytes_.data(), size_}; }
    [[nodiscard]] std::size_t size() const { return size_; }
    operator std::string_view() const { return view(); }  // NOLINT: a key is its bytes

private:
    template <class Number>
    key& big_endian(Number value) {
        assert(size_ + sizeof(Number) <= key_bytes_max);
        boost::endian::native_to_big_inplace(value);
        std::memcpy(bytes_.data() + size_, &value, sizeof value);
        size_ = static_cast<std::uint16_t>(size_ + sizeof value);
        return *this;
    }

    std::array<char, key_bytes_max> bytes_;
    std::uint16_t size_ = 0;
};

// Reads the parts of a key in the order in which they were written. A read past the end gives zero
// and makes ok() false, so that a parser checks once, at its end.
class key_reader {
public:
    explicit key_reader(std::string_view bytes) : rest_(bytes) {}

    std::uint8_t u8() { return static_cast<std::uint8_t>(big_endian(1)); }
    std::uint16_t u16() { return static_cast<std::uint16_t>(big_endian(2)); }
    std::uint32_t u32() { return static_cast<std::uint32_t>(big_endian(4)); }
    std::uint64_t u64() { return big_endian(8); }
    std::int64_t i64() {
        return static_cast<std::int64_t>(big_endian(8) ^ (std::uint64_t{1} << 63));
    }
    std::string_view bytes(std::size_t count) {
        if (count > rest_.size()) {
            ok_ = false;
            return {};
        }
        auto taken = rest_.substr(0, count);
        rest_.remove_prefix(count);
        return taken;
    }

    [[nodiscard]] std::size_t remaining() const { return rest_.size(); }
    [[nodiscard]] bool ok() const { return ok_; }
    // True when every read succeeded and nothing is left.
    [[nodiscard]] bool complete() const { return ok_ && rest_.empty(); }
    // What was read, if complete().
    template <class Value>
    [[nodiscard]] std::optional<Value> checked(Value value) const {
        return complete() ? std::optional<Value>(value) : std::nullopt;
    }

private:
    std::uint64_t big_endian(std::size_t count) {
        std::uint64_t value = 0;
        for (char byte : bytes(count))
            value = (value << 8) | static_cast<std::uint8_t>(byte);
        return value;
    }

    std::string_view rest_;
    bool ok_ = true;
};

}  // namespace hikyaku::store
