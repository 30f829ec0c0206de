#include "config/reply_rules.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <optional>

namespace hikyaku::config {
namespace {

constexpr std::string_view keys_of_file[] = {"language", "version", "salary_day", "words", "rule"};
constexpr std::string_view keys_of_rule[] = {"intent", "confidence", "needs_date",
                                             "match",  "unless",     "unless_text"};

reply_rules_fault fault_at(const toml::node& node, std::string what) {
    return {static_cast<std::uint32_t>(node.source().begin.line), std::move(what)};
}

std::optional<reply_rules_fault> unknown_key(const toml::table& table,
                                             std::span<const std::string_view> known) {
    for (const auto& [key, value] : table)
        if (std::ranges::find(known, key.str()) == known.end())
            return fault_at(value, fmt::format("'{}' is no key of this file", key.str()));
    return std::nullopt;
}

/// Reads one file; the first fault ends that.
class rule_reader {
public:
    boost::system::result<reply_rules, reply_rules_fault> read(const toml::table& file) {
        if (auto fault = unknown_key(file, keys_of_file)) return std::move(*fault);
        made_.language = file["language"].value_or(std::string());
        made_.version = file["version"].value_or(std::string());
        made_.salary_day = file["salary_day"].value_or(0);
        if (made_.language.empty()) return reply_rules_fault{1, "'language' is missing"};
        if (const auto* words = file["words"].as_table())
            if (auto fault = read_words(*words)) return std::move(*fault);
        const auto* rules = file["rule"].as_array();
        if (rules == nullptr) return reply_rules_fault{1, "there is no [[rule]]"};
        for (const auto& each : *rules)
            if (auto fault = read_rule(each)) return std::move(*fault);
        return std::move(made_);
    }

private:
    std::optional<reply_rules_fault> read_words(const toml::table& words) {
        for (const auto& [key, value] : words) {
            const auto text = value.value<std::string>();
            if (!text) return fault_at(value, "a word must be a text");
            std::string whole;
            if (auto fault = put_words(value, *text, whole)) return fault;
            words_.insert_or_assign(std::string(key.str()), std::move(whole));
        }
        return std::nullopt;
    }

    /// {name} becomes the word; {2,3} is the pattern's own.
    std::optional<reply_rules_fault> put_words(const toml::node& at, std::string_view text,
                                               std::string& into) const {
        while (!text.empty()) {
            const auto begin = text.find('{');
            into.append(text.substr(0, begin));
            if (begin == std::string_view::npos) break;
            text.remove_prefix(begin);
            const auto end = text.find('}');
            const auto name = text.substr(1, end == std::string_view::npos ? end : end - 1);
            const bool is_count = !name.empty() && name[0] >= '0' && name[0] <= '9';
            const auto found = words_.find(name);
            if (is_count || end == std::string_view::npos) {
                into += '{';
                text.remove_prefix(1);
            } else if (found == words_.end()) {
                return fault_at(at, fmt::format("there is no word '{}' above", name));
            } else {
                into.append(found->second);
                text.remove_prefix(end + 1);
            }
        }
        return std::nullopt;
    }

    std::optional<reply_rules_fault> read_patterns(const toml::table& from, std::string_view key,
                                                   std::vector<std::string>& into) const {
        const auto* list = from[key].as_array();
        if (list == nullptr)
            return from.contains(key)
                       ? std::optional(fault_at(*from.get(key), "must be a list of texts"))
                       : std::nullopt;
        for (const auto& each : *list) {
            const auto text = each.value<std::string>();
            if (!text) return fault_at(each, "a pattern must be a text");
            if (auto fault = put_words(each, *text, into.emplace_back())) return fault;
        }
        return std::nullopt;
    }

    std::optional<reply_rules_fault> read_rule(const toml::node& node) {
        const auto* table = node.as_table();
        if (table == nullptr) return fault_at(node, "a rule must be a table");
        if (auto fault = unknown_key(*table, keys_of_rule)) return fault;
        reply_rule rule;
        rule.line = static_cast<std::uint32_t>(node.source().begin.line);
        rule.intent = (*table)["intent"].value_or(std::string());
        rule.confidence = (*table)["confidence"].value_or(0.0);
        rule.needs_date = (*table)["needs_date"].value_or(false);
        if (rule.intent.empty()) return fault_at(node, "'intent' is missing");
        if (!(rule.confidence > 0 && rule.confidence <= 1))
            return fault_at(node, "'confidence' must be above 0 and at most 1");
        for (const auto& [key, list] : {std::pair{"match", &rule.match},
                                        {"unless", &rule.unless},
                                        {"unless_text", &rule.unless_text}})
            if (auto fault = read_patterns(*table, key, *list)) return fault;
        if (rule.match.empty()) return fault_at(node, "'match' is missing");
        made_.rules.push_back(std::move(rule));
        return std::nullopt;
    }

    reply_rules made_;
    std::map<std::string, std::string, std::less<>> words_;
};

}  // namespace

boost::system::result<reply_rules, reply_rules_fault> parse_reply_rules(std::string_view text) {
    try {
        return rule_reader().read(toml::parse(text));
    } catch (const toml::parse_error& fault) {
        return reply_rules_fault{static_cast<std::uint32_t>(fault.source().begin.line),
                                 fmt::format("not TOML: {}", fault.description())};
    }
}

}  // namespace hikyaku::config
