#include "gateway/engine/directory/router.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "gateway/engine/submission/numbers.hpp"
#include "smpp/text/ascii.hpp"

namespace hikyaku::gateway {

bool matches_pattern(std::string_view pattern, std::string_view text) {
    if (!pattern.empty() && pattern.back() == '*')
        return text.starts_with(pattern.substr(0, pattern.size() - 1));
    return pattern == text;
}

using smpp::text::all_digits;

namespace {

bool is_for_numbers(std::string_view pattern) {
    auto digits = without_plus(pattern);
    if (digits.ends_with('*')) digits.remove_suffix(1);
    return all_digits(digits) && (!digits.empty() || pattern.starts_with('+'));
}

bool any_sender(const std::vector<std::string>& patterns, const route_query& query) {
    return patterns.empty() ||
           std::any_of(
               patterns.begin(), patterns.end(),
               [&](const std::string& pattern) {
                   return matches_sender(pattern, query.source, query.source_is_name);
               });
}

}  // namespace

bool matches_sender(std::string_view pattern, std::string_view sender, bool is_name) {
    if (!is_for_numbers(pattern)) return matches_pattern(pattern, sender);
    const auto digits = without_plus(sender);
    return !is_name && !digits.empty() && all_digits(digits) &&
           matches_pattern(without_plus(pattern), digits);
}

router::router(const std::vector<config::route>& routes) : routes_(&routes) {
    by_order_.resize(routes.size());
    std::iota(by_order_.begin(), by_order_.end(), std::size_t{0});
    std::stable_sort(by_order_.begin(), by_order_.end(), [&](std::size_t a, std::size_t b) {
        return (*routes_)[a].order < (*routes_)[b].order;
    });
}

router::verdict router::judge(const config::route& rule, const route_query& query) {
    const auto& accounts = rule.accounts;
    if (!accounts.empty() &&
        std::find(accounts.begin(), accounts.end(), query.account) == accounts.end())
        return {.fails_on = "account"};
    if (!any_sender(rule.senders, query)) return {.fails_on = "sender"};
    if (!rule.tags.empty() &&
        std::find(rule.tags.begin(), rule.tags.end(), query.tag) == rule.tags.end())
        return {.fails_on = "tag"};
    if (rule.prefixes.empty()) return {.matches = true, .fails_on = {}};
    const auto digits = without_plus(query.destination);
    verdict best{.fails_on = "prefix"};
    for (const auto& prefix : rule.prefixes) {
        const auto wanted = without_plus(prefix);
        if (digits.starts_with(wanted)) {
            best = {.matches = true,
                    .prefix_length = std::max(best.prefix_length, wanted.size()),
                    .fails_on = {}};
        }
    }
    return best;
}

std::optional<std::size_t> router::match(const route_query& query) const {
    std::optional<std::size_t> found;
    std::size_t longest = 0;
    for (const auto index : by_order_) {
        const auto& rule = (*routes_)[index];
        if (found && rule.order != (*routes_)[*found].order) break;
        const auto result = judge(rule, query);
        if (result.matches && (!found || result.prefix_length > longest)) {
            found = index;
            longest = result.prefix_length;
        }
    }
    return found;
}

std::vector<std::string> router::explain(const route_query& query) const {
    std::vector<std::string> lines;
    const auto chosen = match(query);
    for (const auto index : by_order_) {
        const auto& rule = (*routes_)[index];
        const auto result = judge(rule, query);
        if (chosen == index) {
            lines.push_back(fmt::format("{}: chosen (order {}, prefix of {} digits)", rule.name,
                                        rule.order, result.prefix_length));
        } else if (result.matches) {
            lines.push_back(
                fmt::format("{}: matches, but an earlier rule or a longer prefix wins", rule.name));
        } else {
            lines.push_back(fmt::format("{}: {} does not match", rule.name, result.fails_on));
        }
    }
    return lines;
}

}  // namespace hikyaku::gateway
