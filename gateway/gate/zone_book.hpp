// Time zones in the form that a decision needs: the offset at a moment and how long it lasts, in
// some nanoseconds. A zone is read from the system's database (Debian: tzdata) when it is first
// asked for, in some ten microseconds, and kept; a name that the database does not have is not
// kept, as strangers could send any number of them. Also knows in which zones a phone number may
// be. One thread: each thread that decides has a book of its own.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hikyaku::gateway::gate {

/// A stretch of time with one offset.
struct stretch {
    std::int64_t offset_ms = 0;  // local = UTC + offset
    std::int64_t end_ms = 0;     // the first moment after it
};

class local_zone {
public:
    struct change {
        std::int64_t at_ms = 0;
        std::int64_t offset_ms = 0;
    };
    /// `changes` by time; the first is at the begin of time.
    local_zone(std::string name, std::vector<change> changes);

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] stretch at(std::int64_t ms) const;

private:
    std::string name_;
    std::vector<change> changes_;
    mutable std::size_t last_ = 0;  // the change that counted when it was last asked
};

class zone_book {
public:
    using zones = std::span<const local_zone* const>;

    /// Null: the system has no such zone. Lives as long as the book. Letters count as written.
    [[nodiscard]] const local_zone* find(std::string_view name);

    /// Zones in which a number in E.164, with or without "+", may be; empty when its country is not
    /// known, the system lacks one of the zones, or it is no such number.
    [[nodiscard]] zones of_number(std::string_view number);

private:
    struct text_hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const;
    };
    template <class Value>
    using by_text = boost::unordered_flat_map<std::string, Value, text_hash, std::equal_to<>>;

    [[nodiscard]] const std::vector<const local_zone*>& of_row(std::size_t row);

    by_text<std::unique_ptr<local_zone>> zones_;
    std::vector<std::optional<std::vector<const local_zone*>>> rows_;  // of tables::number_rows
};

/// The first moment at which the date in a zone is `day` (days since 1970) or later.
[[nodiscard]] std::int64_t begin_of_day(const local_zone& zone, std::int32_t day);

/// The country of a number by its digits, as ISO 3166, of those that have a table of holidays;
/// empty for all others.
[[nodiscard]] std::string_view country_of_number(std::string_view number);
/// The same of a time zone.
[[nodiscard]] std::string_view country_of_zone(std::string_view zone);

}  // namespace hikyaku::gateway::gate
