// How replies are read: the rules of one language as data (config/replies/*.toml), those of the
// program and those that an account adds. What they mean is gateway/replies' business. Pure; any
// thread.
#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hikyaku::config {

/// A text that matches one of `match`, in a sentence that matches none of `unless` and a text that
/// matches none of `unless_text`, says `intent`.
struct reply_rule {
    std::uint32_t line = 0;  // of the file that it stands in
    std::string intent;
    double confidence = 0;                                // 0 to 1
    bool needs_date = false;                              // without a date it counts for less
    std::vector<std::string> match, unless, unless_text;  // patterns, {words} already put in
    bool operator==(const reply_rule&) const = default;
};

struct reply_rules {
    std::string language;  // "ja", "en"
    std::string version;
    int salary_day = 0;  // of the month; 0: not known
    std::vector<reply_rule> rules;
    bool operator==(const reply_rules&) const = default;
};

struct reply_rules_fault {
    std::uint32_t line = 0;
    std::string sentence;  // "there is no word 'pay' above"
};

/// The rules of a file, or what is wrong with it first. Patterns are not compiled here.
[[nodiscard]] boost::system::result<reply_rules, reply_rules_fault> parse_reply_rules(
    std::string_view text);

struct embedded_text {
    std::string_view name, text;
};
/// config/replies as it was when the program was built: "ja", "en".
[[nodiscard]] std::span<const embedded_text> embedded_reply_rules();

}  // namespace hikyaku::config
