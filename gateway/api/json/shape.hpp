// What a JSON value must look like, as data: one table a document says which members it has, of
// which kind, within which bounds and what for. Readers check by it what a stranger sent, and the
// OpenAPI document is made from it, so that the two cannot differ. Constants of the program; pure,
// any thread.
#pragma once

#include <array>
#include <boost/json/fwd.hpp>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace hikyaku::gateway::api {

struct member;

struct shape {
    enum class kind : std::uint8_t {
        any,
        text,
        integer,
        number,
        flag,
        object,
        list,
        either,  // one of `forms`
    };
    static constexpr std::int64_t no_max = std::numeric_limits<std::int64_t>::max();

    kind is = kind::any;
    bool nullable = false;
    /// Of an integer its value, of a text its octets, of a list its items, of an object its
    /// members.
    std::int64_t min = 0, max = no_max;
    std::string_view format{};                  // of a text, in OpenAPI: "date-time", "uri"
    std::string_view pattern{};                 // of a text, in OpenAPI; the reader checks it
    std::span<const std::string_view> words{};  // all that a text may be; empty = any
    std::span<const member> members{};          // of an object
    bool open = false;                          // an object may have others beside them
    const shape* items = nullptr;               // of a list
    std::span<const shape* const> forms{};      // of `either`
    std::string_view name{};                    // under which OpenAPI keeps it; empty = inline
    std::string_view meaning{};                 // one sentence, Markdown
    std::string_view says{};                    // detail of a fault; empty = made of the bounds
};

struct member {
    std::string_view name;
    const shape* is = nullptr;
    bool required = false;
    std::string_view meaning{};
};

/// The members of a table whose lines are members with something more, such as a reader.
template <class Line, std::size_t Size>
[[nodiscard]] constexpr std::array<member, Size> members_of(const Line (&table)[Size]) {
    std::array<member, Size> members;
    for (std::size_t i = 0; i < Size; ++i)
        members[i] = table[i];
    return members;
}

/// Of a text that is at most `octets_max` octets long.
[[nodiscard]] constexpr shape text_shape(std::int64_t octets_min = 0,
                                         std::int64_t octets_max = shape::no_max,
                                         std::string_view format = {}) {
    return {.is = shape::kind::text, .min = octets_min, .max = octets_max, .format = format};
}
[[nodiscard]] constexpr shape integer_shape(std::int64_t min = 0,
                                            std::int64_t max = shape::no_max) {
    return {.is = shape::kind::integer, .min = min, .max = max};
}
[[nodiscard]] constexpr shape word_shape(std::span<const std::string_view> words) {
    return {.is = shape::kind::text, .words = words};
}
[[nodiscard]] constexpr shape list_shape(const shape& items, std::int64_t items_min = 0,
                                         std::int64_t items_max = shape::no_max) {
    return {.is = shape::kind::list, .min = items_min, .max = items_max, .items = &items};
}
/// One of these; they outlive the program's constants.
[[nodiscard]] constexpr shape either_shape(std::span<const shape* const> forms) {
    return {.is = shape::kind::either, .forms = forms};
}
[[nodiscard]] constexpr shape object_shape(std::span<const member> members,
                                           std::string_view name = {}) {
    return {.is = shape::kind::object, .members = members, .name = name};
}
/// The same, or null.
[[nodiscard]] constexpr shape or_null(shape what) {
    what.nullable = true;
    return what;
}

inline constexpr shape any_shape{};
inline constexpr shape flag_shape{.is = shape::kind::flag};

/// Whether the value itself is of this shape; what an object or a list holds is not looked at.
[[nodiscard]] bool fits(const shape& wanted, const boost::json::value& given);

/// What a value of this shape must be, as the detail of a fault: "must be an integer from 0 to 3".
[[nodiscard]] std::string sentence_of(const shape& wanted);

/// Empty if the value fits(), otherwise the sentence.
[[nodiscard]] std::optional<std::string> misfit(const shape& wanted,
                                                const boost::json::value& given);

/// The index of the text in `words`, or `words.size()`.
[[nodiscard]] std::size_t index_of(std::span<const std::string_view> words, std::string_view text);

}  // namespace hikyaku::gateway::api
