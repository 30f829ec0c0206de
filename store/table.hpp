// Tables as a part of the program declares them: a number, a name, the type of the keys and what
// the values are. batch and snapshot take such a declaration first, so that a key of another table
// does not compile. The mechanics know no table but `meta`; each domain brings its own as a list.
// Plain constants; any thread.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

#include "store/key.hpp"

namespace hikyaku::store {

// What a table is inside a batch and in the keys of entries that point to another table. Unique in
// one store and never given to another table later.
enum class table_number : std::uint8_t {};
inline constexpr std::size_t tables_max = 64;

struct table_traits {
    // Keys come almost in order: LMDB then fills pages instead of splitting them in halves.
    bool appends = false;
    // Keys come in any order but near each other: a commit writes them in their order, each once.
    bool sorts = false;
    // What an entry still needs until its end (environment::has_room_for keeps it free).
    std::uint32_t bytes_to_finish = 0;
};

// What the mechanics know of a table.
struct table_info {
    table_number number{};
    std::string_view name;  // a literal: LMDB reads up to its zero
    table_traits traits;
};

// The Value of a table whose entries say all in their key.
struct nothing {};

// The Key of a table whose keys are short texts as they stand.
struct text_key {};

// Values: an integer is stored big-endian (a signed one with its sign bit flipped), `nothing` as no
// octets, anything else is a FlatBuffers record.
template <class Value>
concept number_value = std::integral<Value> && !std::same_as<Value, bool>;
template <class Value>
concept record_value = std::is_class_v<Value> && !std::same_as<Value, nothing>;

// `Key` is a class derived from `key`, made from what it means, with `static std::optional<...>
// parse(std::string_view)` if scans need to read it back; or text_key.
template <class Key, class Value>
struct table : table_info {
    consteval table(std::uint8_t in_batches, std::string_view in_the_file, table_traits how = {})
        : table_info{table_number{in_batches}, in_the_file, how} {}
};

// The octets of a key of a table with that Key. A view: it lives as long as what it was made from.
template <class Key>
class key_view : public std::string_view {
public:
    key_view() = default;
    key_view(const Key& made)  // NOLINT: a key is its octets
        requires std::derived_from<Key, key> : std::string_view(made.view()) {}
    // Octets that are known to be such a key, because they were one when they were kept.
    explicit key_view(std::string_view octets) : std::string_view(octets) {}
    template <class Text>
    requires(std::same_as<Key, text_key>&& std::convertible_to<const Text&, std::string_view>)
        key_view(const Text& text)
        : std::string_view(text) {}  // NOLINT: likewise
};

// A parameter that takes part in no deduction: the table decides.
template <class Key>
using key_argument = std::type_identity_t<key_view<Key>>;

template <number_value Number>
[[nodiscard]] key write_number(Number number) {
    static_assert(sizeof(Number) > 1);
    key octets;
    if constexpr (std::same_as<Number, std::int64_t>) {
        octets.i64(number);
    } else if constexpr (std::same_as<Number, std::uint64_t>) {
        octets.u64(number);
    } else if constexpr (std::same_as<Number, std::uint32_t>) {
        octets.u32(number);
    } else {
        static_assert(std::same_as<Number, std::uint16_t>);
        octets.u16(number);
    }
    return octets;
}

// Empty unless the value has exactly the length of the number.
template <number_value Number>
[[nodiscard]] std::optional<Number> read_number(std::string_view value) {
    key_reader reader(value);
    if constexpr (std::same_as<Number, std::int64_t>) {
        return reader.checked(reader.i64());
    } else if constexpr (std::same_as<Number, std::uint64_t>) {
        return reader.checked(reader.u64());
    } else if constexpr (std::same_as<Number, std::uint32_t>) {
        return reader.checked(reader.u32());
    } else {
        static_assert(std::same_as<Number, std::uint16_t>);
        return reader.checked(reader.u16());
    }
}

// Named numbers that every store has: the schema version of each domain, and whatever counter a
// domain keeps under a name of its own. The number stands among those of the first domain.
inline constexpr table<text_key, std::uint64_t> meta{14, "meta"};

struct index_info;

// What one part of the program keeps in the store. The tables are added to a store that does not
// have them yet, so that a new domain finds its place in the stores of today.
struct domain {
    std::string_view version_name;  // of the entry in `meta` that holds the version
    std::uint64_t version = 1;
    // The domain's code reads entries of every version from this one on; such a store is opened and
    // gets the new number, because a program of the old version would not find what is new.
    std::uint64_t oldest_version = 1;
    std::span<const table_info* const> tables;  // without `meta`
    std::span<const index_info* const> indexes{};
};

}  // namespace hikyaku::store
