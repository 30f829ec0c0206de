// Which carriers a message may go through. The rules of the file are compiled once; match() finds
// the route when a message is accepted, and the choice among the route's carriers is made anew at
// each attempt (see carriers.hpp). Pure; used by the engine and by `route test`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.hpp"

namespace hikyaku::gateway {

struct route_query {
    std::string_view account;
    std::string_view source;
    std::string_view destination;  // a leading "+" is ignored
    std::string_view tag;
    bool source_is_name = false;  // alphanumeric although it may look like a number
};

class router {
public:
    /// `routes` outlives it.
    explicit router(const std::vector<config::route>& routes);

    /// Index into the configuration's routes. Lowest `order` first; in one order the longest
    /// matching prefix wins, then the rule that stands first. Empty: no rule matches.
    [[nodiscard]] std::optional<std::size_t> match(const route_query& query) const;

    /// One sentence per rule, in the order in which they are looked at.
    [[nodiscard]] std::vector<std::string> explain(const route_query& query) const;

private:
    struct verdict {
        bool matches = false;
        std::size_t prefix_length = 0;
        std::string_view fails_on;  // the condition that does not hold
    };
    [[nodiscard]] static verdict judge(const config::route& rule, const route_query& query);

    const std::vector<config::route>* routes_;
    std::vector<std::size_t> by_order_;
};

/// True if `pattern` equals `text`, or ends in "*" and the rest is a prefix of it.
[[nodiscard]] bool matches_pattern(std::string_view pattern, std::string_view text);

/// The same for patterns of senders. A pattern of digits ("4915*", "+4915*", "12345") is one of
/// numbers: it never matches a name that begins with the same digits ("4915 Bank"), nor digits that
/// are sent as a name (`is_name`). A "+" in front of a number or of such a pattern does not count.
[[nodiscard]] bool matches_sender(std::string_view pattern, std::string_view sender, bool is_name);

}  // namespace hikyaku::gateway
