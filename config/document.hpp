// A parsed TOML file as a plain tree with the line and column of every key and value, in the order
// of the file. It keeps the TOML library, and its exceptions, inside document.cpp. Built and read
// while the configuration is loaded, on one thread.
#pragma once

#include <boost/system/result.hpp>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hikyaku::config {

/// Both count from 1; line 0 means the file as a whole.
struct position {
    std::uint32_t line = 0;
    std::uint32_t column = 0;
    auto operator<=>(const position&) const = default;
};

struct member;

struct node {
    /// `other` is what no setting uses: dates, times and numbers with a fraction.
    enum class kind { text, integer, flag, list, table, other };

    kind type = kind::other;
    position at;
    std::string text;
    std::int64_t integer = 0;
    bool flag = false;
    bool from_file = false;  // content of a *_file: ${NAME} in it is not replaced
    std::vector<node> items;
    std::vector<member> members;
};

struct member {
    std::string key;
    position at;  // of the key
    node value;
};

struct syntax_fault {
    position at;
    std::string sentence;
};

/// The root table of the text, or the first place where it is not TOML.
[[nodiscard]] boost::system::result<node, syntax_fault> parse_document(std::string_view text);

}  // namespace hikyaku::config
