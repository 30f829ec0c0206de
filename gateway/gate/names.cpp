// The words for what a decision is made of, as both doors and the policy packs write them.
#include <algorithm>
#include <array>
#include <iterator>

#include "gateway/gate/decision.hpp"

namespace hikyaku::gateway::gate {
namespace {

constexpr std::array<std::string_view, hold_kinds> hold_words{
    "promise", "dispute",   "representation",  "insolvency",
    "death",   "hardship",  "wrong_person",    "ownership_doubt",
    "opt_out", "cease",     "breathing_space", "disaster",
    "manual",  "complaint", "service_issue",   "vulnerability"};
constexpr std::array<std::string_view, 4> scope_words{"contact", "debtor", "debt", "account"};
constexpr std::array<std::string_view, consent_kinds> consent_words{"direct", "texted",
                                                                    "number_checked"};
constexpr std::array<std::string_view, 4> purpose_words{"transactional", "service", "dunning",
                                                        "marketing"};
constexpr std::array<std::string_view, 4> outcome_words{"allow", "delay", "require", "block"};
constexpr std::array<std::string_view, 14> rule_words{
    "stop", "zone",       "hours", "rest_days", "blackout", "cap_day",     "cap_period",
    "gap",  "debtor_day", "tags",  "consent",   "hold",     "suppression", "deliver_by"};

template <class Enum, std::size_t Size>
std::optional<Enum> from_words(const std::array<std::string_view, Size>& words,
                               std::string_view name) {
    const auto at = std::ranges::find(words, name);
    if (at == words.end()) return std::nullopt;
    return static_cast<Enum>(std::distance(words.begin(), at));
}

template <class Enum, std::size_t Size>
std::string_view word_of(const std::array<std::string_view, Size>& words, Enum what) {
    return words.at(static_cast<std::size_t>(what));
}

}  // namespace

std::string_view name_of(hold_kind what) {
    return word_of(hold_words, what);
}

std::optional<hold_kind> hold_kind_from(std::string_view name) {
    return from_words<hold_kind>(hold_words, name);
}

std::string_view name_of(hold_scope what) {
    return word_of(scope_words, what);
}

std::optional<hold_scope> hold_scope_from(std::string_view name) {
    return from_words<hold_scope>(scope_words, name);
}

std::string_view name_of(consent_kind what) {
    return word_of(consent_words, what);
}

std::optional<consent_kind> consent_kind_from(std::string_view name) {
    return from_words<consent_kind>(consent_words, name);
}

std::string_view name_of(purpose what) {
    return word_of(purpose_words, what);
}

std::optional<purpose> purpose_from(std::string_view name) {
    return from_words<purpose>(purpose_words, name);
}

std::string_view name_of(outcome what) {
    return word_of(outcome_words, what);
}

std::string_view name_of(rule_kind what) {
    return word_of(rule_words, what);
}

}  // namespace hikyaku::gateway::gate
