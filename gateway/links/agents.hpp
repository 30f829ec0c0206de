// What a User-Agent header says about its sender: which kind of program it names, and whether it
// looks like a browser a person holds in the hand. Both are told apart because they overlap: the
// preview of iMessage calls itself Safari and two crawlers at once. The lists are tables in
// agents.cpp; classify() draws the conclusions. Pure, any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hikyaku::gateway::links {

enum class agent_kind : std::uint8_t {
    none,        // names no program of the lists
    preview,     // draws a preview card in a chat or message program
    scanner,     // looks for malware and phishing
    crawler,     // search engines and the like, also anything that says "bot"
    automation,  // command-line tools, HTTP libraries, remote-controlled browsers
    app          // the HTTP library of a phone's own apps: no browser, but maybe a person
};

enum class browser_kind : std::uint8_t { none, mobile, feature_phone, desktop };

struct agent_description {
    agent_kind kind = agent_kind::none;
    browser_kind browser = browser_kind::none;
    bool operator==(const agent_description&) const = default;
};

/// Looks at the first 1024 octets of the header's value; case makes no difference.
[[nodiscard]] agent_description describe_agent(std::string_view user_agent);

/// Remembers the descriptions of the user agents it was asked for last, because a few hundred texts
/// make up nearly all traffic and looking through the lists takes longer than the rest of a hit.
/// At most slots * 1024 octets of text. One thread.
class agent_memory {
public:
    [[nodiscard]] agent_description describe(std::string_view user_agent);

private:
    static constexpr std::size_t slots = 256;
    struct entry {
        std::string user_agent;
        agent_description description;
        bool used = false;
    };
    std::vector<entry> entries_{slots};
};

}  // namespace hikyaku::gateway::links
