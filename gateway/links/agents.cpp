#include "gateway/links/agents.hpp"

#include <re2/set.h>

#include <algorithm>
#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cassert>
#include <functional>

#include "gateway/links/browsers.hpp"

namespace hikyaku::gateway::links {
namespace {

/// Of the automaton, which is made while it is used: usual traffic takes a few MiB of it, and texts
/// made to be slow all. With less they make it begin anew all the time.
constexpr std::int64_t automaton_octets_max = 32 << 20;

RE2::Options set_options() {
    RE2::Options options;
    options.set_encoding(RE2::Options::EncodingLatin1);  // octets of strangers
    options.set_never_capture(true);
    options.set_log_errors(false);
    options.set_max_mem(automaton_octets_max);
    return options;
}

std::uint64_t mixed(std::uint64_t hash, std::string_view text) {
    constexpr std::uint64_t prime = 1099511628211ULL;  // FNV-1a
    for (const char c : text)
        hash = (hash ^ static_cast<std::uint8_t>(c)) * prime;
    return (hash ^ 0xFFU) * prime;
}

}  // namespace

struct agent_lists::matcher {
    matcher() : automaton(set_options(), RE2::UNANCHORED) {}

    void add(const config::agent_rules& list) {
        for (const config::agent_entry& entry : list.agents)
            for (const std::string& pattern : entry.match) {
                const int id = put(pattern, list.exact_case);
                says[static_cast<std::size_t>(id)] =
                    static_cast<std::uint8_t>(1U << static_cast<unsigned>(entry.says));
                by_text[pattern].push_back(id);
                fingerprint = mixed(mixed(fingerprint, pattern), list.exact_case ? "=" : "~");
                fingerprint ^= static_cast<std::uint64_t>(entry.says);
            }
    }

    void add_exceptions(const config::agent_rules& list) {
        for (const config::agent_exception& exception : list.exceptions) {
            auto& cancelled = exceptions[put(exception.match, false)];
            fingerprint = mixed(fingerprint, exception.match);
            for (const std::string& pattern : exception.cancels) {
                fingerprint = mixed(fingerprint, pattern);
                const auto known = by_text.find(pattern);
                if (known == by_text.end()) continue;
                cancelled.insert(cancelled.end(), known->second.begin(), known->second.end());
            }
        }
    }

    [[nodiscard]] std::uint8_t match(std::string_view agent) const {
        std::vector<int> found;
        if (!automaton.Match(re2::StringPiece(agent.data(), agent.size()), &found)) return 0;
        std::vector<int> cancelled;
        for (const int id : found)
            if (const auto at = exceptions.find(id); at != exceptions.end())
                cancelled.insert(cancelled.end(), at->second.begin(), at->second.end());
        unsigned sum = 0;
        for (const int id : found)
            if (std::ranges::find(cancelled, id) == cancelled.end())
                sum |= says[static_cast<std::size_t>(id)];
        return static_cast<std::uint8_t>(sum);
    }

    RE2::Set automaton;
    std::vector<std::uint8_t> says;  // by number of a pattern; 0 for those of exceptions
    boost::unordered_flat_map<int, std::vector<int>> exceptions;  // -> patterns that do not count
    boost::unordered_flat_map<std::string, std::vector<int>> by_text;
    std::uint64_t fingerprint = 14695981039346656037ULL;

private:
    int put(const std::string& pattern, bool exact_case) {
        const int id = automaton.Add(exact_case ? pattern : "(?i:" + pattern + ")", nullptr);
        assert(id == static_cast<int>(says.size()));  // each was looked at, or a test has
        says.push_back(0);
        return id;
    }
};

agent_lists::agent_lists(const config::agent_rules& own) : matcher_(std::make_unique<matcher>()) {
    for (const config::agent_rules& list : config::shipped_agent_rules())
        matcher_->add(list);
    matcher_->add(own);
    for (const config::agent_rules& list : config::shipped_agent_rules())
        matcher_->add_exceptions(list);
    matcher_->add_exceptions(own);
    matcher_->by_text = {};
    [[maybe_unused]] const bool compiled = matcher_->automaton.Compile();
    assert(compiled);
}

agent_lists::~agent_lists() = default;

agent_description agent_lists::describe(std::string_view user_agent) const {
    user_agent = user_agent.substr(0, agent_octets_max);
    agent_description out;
    out.says = matcher_->match(user_agent);
    const bool feature_phone = out.has(config::agent_says::feature_phone);
    const named_browser named = browser_in(user_agent);
    out.browser = feature_phone ? browser_kind::feature_phone : named.kind;
    out.outdated = !feature_phone && named.outdated;
    return out;
}

std::uint64_t agent_lists::fingerprint() const {
    return matcher_->fingerprint;
}

const agent_lists& agent_lists::shipped() {
    static const agent_lists made{config::agent_rules{}};
    return made;
}

void agent_memory::use(const agent_lists& lists) {
    lists_ = &lists;
    for (entry& each : entries_)
        each.used = false;
}

agent_description agent_memory::describe(std::string_view user_agent) {
    user_agent = user_agent.substr(0, agent_octets_max);
    auto& place = entries_[std::hash<std::string_view>{}(user_agent) % slots];
    if (!place.used || place.user_agent != user_agent) {
        place.user_agent = user_agent;
        place.description = lists_->describe(user_agent);
        place.used = true;
    }
    return place.description;
}

}  // namespace hikyaku::gateway::links
