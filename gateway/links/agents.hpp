// What a User-Agent header says about its sender: which kind of program it names, and whether it
// looks like a browser a person holds in the hand. Both are told apart because they overlap: the
// preview of iMessage calls itself Safari and two crawlers at once. The lists are data
// (config/agent_rules.hpp), matched all at once by one automaton; classify() draws the conclusions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/agent_rules.hpp"

namespace hikyaku::gateway::links {

inline constexpr std::size_t agent_octets_max = 512;  // more is not looked at

enum class browser_kind : std::uint8_t { none, mobile, feature_phone, desktop };

struct agent_description {
    std::uint8_t says = 0;  // one bit for each config::agent_says
    browser_kind browser = browser_kind::none;
    bool outdated = false;  // a desktop browser that its maker gave up long ago
    [[nodiscard]] bool has(config::agent_says what) const {
        return (says & (1U << static_cast<unsigned>(what))) != 0;
    }
    bool operator==(const agent_description&) const = default;
};

/// The lists of the program with those of an operator over them. Immutable; any thread. Matching
/// takes about a microsecond; a text made to be slow takes some hundred (bench/micro/links.cpp).
class agent_lists {
public:
    /// REQUIRES: every pattern of `own` is sound (config/agent_file.hpp looks at them).
    explicit agent_lists(const config::agent_rules& own);
    ~agent_lists();
    agent_lists(const agent_lists&) = delete;
    agent_lists& operator=(const agent_lists&) = delete;

    /// Looks at the first 512 octets of the header's value.
    [[nodiscard]] agent_description describe(std::string_view user_agent) const;
    /// Tells lists apart that differ in a pattern.
    [[nodiscard]] std::uint64_t fingerprint() const;

    /// Only those of the program.
    [[nodiscard]] static const agent_lists& shipped();

private:
    struct matcher;
    std::unique_ptr<matcher> matcher_;
};

/// Remembers the descriptions of the user agents it was asked for last, because a few hundred texts
/// make up nearly all traffic. At most slots * 512 octets of text. One thread.
class agent_memory {
public:
    /// `lists` outlives it, or until use().
    explicit agent_memory(const agent_lists& lists) : lists_(&lists) {}
    /// Other lists; what was remembered is forgotten.
    void use(const agent_lists& lists);
    [[nodiscard]] agent_description describe(std::string_view user_agent);

private:
    static constexpr std::size_t slots = 256;
    struct entry {
        std::string user_agent;
        agent_description description;
        bool used = false;
    };
    const agent_lists* lists_;
    std::vector<entry> entries_{slots};
};

}  // namespace hikyaku::gateway::links
