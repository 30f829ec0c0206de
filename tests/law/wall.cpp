#include "tests/law/wall.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>

namespace hikyaku::law {
namespace {

using std::chrono::milliseconds;

date::sys_time<milliseconds> sys_of(std::int64_t ms) {
    return date::sys_time<milliseconds>{milliseconds{ms}};
}

/// Easter Sunday of the Gregorian calendar, by Butcher's rule.
date::local_days easter(int year) {
    const int a = year % 19, b = year / 100, c = year % 100, d = b / 4, e = b % 4;
    const int f = (b + 8) / 25, g = (b - f + 1) / 3, h = (19 * a + b - d - g + 15) % 30;
    const int i = c / 4, k = c % 4, l = (32 + 2 * e + 2 * i - h - k) % 7;
    const int m = (a + 11 * h + 22 * l) / 451, sum = h + l - 7 * m + 114;
    return date::local_days{date::year{year} / (sum / 31) / (sum % 31 + 1)};
}

struct day_of_year {
    unsigned month = 0, day = 0;
    friend bool operator==(const day_of_year&, const day_of_year&) = default;
};

// The list of the Cabinet Office (国民の祝日).
constexpr day_of_year japan_2026[] = {{1, 1},  {1, 12}, {2, 11}, {2, 23},  {3, 20}, {4, 29},
                                      {5, 3},  {5, 4},  {5, 5},  {5, 6},   {7, 20}, {8, 11},
                                      {9, 21}, {9, 22}, {9, 23}, {10, 12}, {11, 3}, {11, 23}};
constexpr day_of_year japan_2027[] = {{1, 1},  {1, 11}, {2, 11},  {2, 23}, {3, 21}, {3, 22},
                                      {4, 29}, {5, 3},  {5, 4},   {5, 5},  {7, 19}, {8, 11},
                                      {9, 20}, {9, 23}, {10, 11}, {11, 3}, {11, 23}};
// Gesetzliche Feiertage of all states; jours fériés of the Code du travail, L3133-1.
constexpr day_of_year germany[] = {{1, 1}, {5, 1}, {10, 3}, {12, 25}, {12, 26}};
constexpr int germany_from_easter[] = {-2, 1, 39, 50};
constexpr day_of_year france[] = {{1, 1},  {5, 1},  {5, 8},   {7, 14},
                                  {8, 15}, {11, 1}, {11, 11}, {12, 25}};
constexpr int france_from_easter[] = {1, 39, 50};

template <class Days>
bool has(const Days& days, const date::year_month_day& day) {
    const day_of_year wanted{static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day())};
    return std::ranges::find(days, wanted) != std::end(days);
}

template <class Offsets>
bool is_from_easter(const Offsets& offsets, date::local_days day, int year) {
    return std::ranges::any_of(
        offsets, [&](int offset) { return day == easter(year) + date::days{offset}; });
}

}  // namespace

date::local_days wall::day_at(std::int64_t ms) const {
    const auto at = date::floor<std::chrono::seconds>(sys_of(ms));
    for (const auto& info : known_)
        if (info.begin <= at && at < info.end)
            return date::floor<date::days>(
                date::local_seconds{at.time_since_epoch() + info.offset});
    known_.push_back(zone_.get_info(at));
    return date::floor<date::days>(
        date::local_seconds{at.time_since_epoch() + known_.back().offset});
}

std::int64_t wall::moment(date::local_days day, int seconds) const {
    const auto local = day + std::chrono::seconds{seconds};
    return milliseconds{zone_.to_sys(local, date::choose::earliest).time_since_epoch()}.count();
}

const wall* wall_of(const std::string& zone) {
    static std::map<std::string, std::unique_ptr<wall>> known;
    const auto at = known.find(zone);
    if (at != known.end()) return at->second.get();
    std::unique_ptr<wall> made;
    for (const auto& each : date::get_tzdb().zones)
        if (each.name() == zone) made = std::make_unique<wall>(each);
    return known.emplace(zone, std::move(made)).first->second.get();
}

bool is_holiday(std::string_view country, date::local_days day) {
    const date::year_month_day date{day};
    const auto year = static_cast<int>(date.year());
    if (country == "DE")
        return has(germany, date) || is_from_easter(germany_from_easter, day, year);
    if (country == "FR") return has(france, date) || is_from_easter(france_from_easter, day, year);
    return year == 2026 ? has(japan_2026, date) : has(japan_2027, date);
}

std::vector<stretch> intersection(const std::vector<stretch>& one,
                                  const std::vector<stretch>& other) {
    std::vector<stretch> both;
    for (std::size_t i = 0, k = 0; i < one.size() && k < other.size();) {
        const stretch common{std::max(one[i].from, other[k].from),
                             std::min(one[i].to, other[k].to)};
        if (common.from < common.to) both.push_back(common);
        (one[i].to < other[k].to ? i : k) += 1;
    }
    return both;
}

std::vector<stretch> difference(const std::vector<stretch>& one,
                                const std::vector<stretch>& other) {
    std::vector<stretch> left;
    std::size_t first = 0;
    for (stretch rest : one) {
        while (first < other.size() && other[first].to <= rest.from)
            ++first;
        for (std::size_t k = first; k < other.size() && other[k].from < rest.to; ++k) {
            if (other[k].from > rest.from) left.push_back({rest.from, other[k].from});
            rest.from = std::max(rest.from, other[k].to);
        }
        if (rest.from < rest.to) left.push_back(rest);
    }
    return left;
}

std::vector<stretch> tidied(std::vector<stretch> all) {
    std::ranges::sort(all, {}, &stretch::from);
    std::vector<stretch> joined;
    for (const auto& each : all)
        if (each.from >= each.to)
            continue;
        else if (!joined.empty() && each.from <= joined.back().to)
            joined.back().to = std::max(joined.back().to, each.to);
        else
            joined.push_back(each);
    return joined;
}

std::string time_text(std::int64_t ms) {
    return date::format("%F %T UTC", sys_of(ms));
}

}  // namespace hikyaku::law
