// What names of browsers and programs say about who asks for a link, as lists: patterns of the
// header User-Agent and what each of them says. Two lists are part of the program (config/links/):
// one taken over from a public source, one with our own additions to it; an operator adds a third
// (server.links.agents_file). Read with the configuration; gateway/links matches them.
#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hikyaku::config {

enum class agent_says : std::uint8_t {
    preview,       // draws a preview card in a chat or message program
    scanner,       // looks for malware and phishing
    crawler,       // search engines and the like
    automation,    // command-line tools, HTTP libraries, remote-controlled browsers
    app,           // the HTTP library of a phone's own apps: no browser, but maybe a person
    in_app,        // a browser inside an app: a person
    feature_phone  // a browser that sends few headers, or a proxy that stands for one
};

struct agent_entry {
    agent_says says{};
    std::vector<std::string> match;  // regular expressions, as RE2 has them
    bool operator==(const agent_entry&) const = default;
};

/// A user agent that matches is none of those that the patterns `cancels` stand for.
struct agent_exception {
    std::string match;
    std::vector<std::string> cancels;  // patterns of any list, as they are written there
    bool operator==(const agent_exception&) const = default;
};

struct agent_rules {
    std::string source, licence;
    bool exact_case = false;  // of `agents`; exceptions never look at it
    std::vector<agent_entry> agents;
    std::vector<agent_exception> exceptions;
    [[nodiscard]] bool empty() const { return agents.empty() && exceptions.empty(); }
    bool operator==(const agent_rules&) const = default;
};

struct embedded_list {
    std::string_view name, text;
};
/// config/links as it was when the program was built, by name: "agents", "crawlers".
[[nodiscard]] std::span<const embedded_list> embedded_agent_lists();

/// The same, read once; crawlers first.
[[nodiscard]] const std::vector<agent_rules>& shipped_agent_rules();

/// What is wrong with a pattern, as a predicate; empty if nothing is.
[[nodiscard]] std::string agent_pattern_fault(const std::string& pattern, bool exact_case);

}  // namespace hikyaku::config
