#include "gateway/replies/dates.hpp"

#include <unicode/regex.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "gateway/replies/day_patterns.hpp"

namespace hikyaku::gateway::replies {
namespace {

using compiled = std::vector<std::unique_ptr<icu::RegexPattern>>;

compiled compile(const std::vector<day_pattern>& patterns) {
    compiled all;
    for (const auto& each : patterns) {
        UErrorCode fault = U_ZERO_ERROR;
        UParseError where;
        all.emplace_back(
            icu::RegexPattern::compile(icu::UnicodeString(each.pattern), where, fault));
        if (U_FAILURE(fault)) std::abort();  // a pattern of ours; each is compiled by the tests
    }
    return all;
}

struct language {
    explicit language(std::vector<day_pattern> all)
        : patterns(std::move(all)), made(compile(patterns)) {}
    std::vector<day_pattern> patterns;
    compiled made;
};

struct found_day {
    std::int32_t at;
    named_day day;
    bool is_salary;  // by a habit of the language, which an exact day overrules
};

void look_for(const day_pattern& pattern, const icu::RegexPattern& compiled_one, const asked& about,
              icu::UnicodeString& text, std::vector<found_day>& into) {
    UErrorCode fault = U_ZERO_ERROR;
    const icu::UnicodeString begun = text;
    const std::unique_ptr<icu::RegexMatcher> matcher(compiled_one.matcher(begun, fault));
    while (U_SUCCESS(fault) && matcher->find()) {
        words groups;
        for (std::int32_t i = 0; i <= matcher->groupCount(); ++i)
            matcher->group(i, fault).toUTF8String(groups.emplace_back());
        const auto begin = matcher->start(fault), end = matcher->end(fault);
        if (U_FAILURE(fault)) return;
        if (const auto day = pattern.make(about, groups))
            into.push_back({begin, *day, pattern.is_salary});
        for (auto i = begin; i < end; ++i)
            text.setCharAt(i, u'\x1');  // nobody finds it again
    }
}

}  // namespace

std::vector<named_day> days_in(const icu::UnicodeString& text, bool is_japanese, date today,
                               int salary_day) {
    static const language japanese{japanese_days()}, english{english_days()};
    const auto& [patterns, made] = is_japanese ? japanese : english;
    const asked about{std::chrono::sys_days(today), salary_day};
    icu::UnicodeString rest = text;
    std::vector<found_day> found;
    for (std::size_t i = 0; i < patterns.size(); ++i)
        look_for(patterns[i], *made[i], about, rest, found);
    const bool is_exact =
        std::ranges::any_of(found, [](const auto& each) { return !each.is_salary; });
    if (is_exact) std::erase_if(found, [](const auto& each) { return each.is_salary; });
    std::ranges::stable_sort(found, {}, &found_day::at);
    std::vector<named_day> days;
    for (const auto& each : found)
        if (std::ranges::find(days, each.day.ahead, &named_day::ahead) == days.end())
            days.push_back(each.day);
    return days;
}

}  // namespace hikyaku::gateway::replies
