#include "gateway/gate/zone_book.hpp"

#include <date/tz.h>

#include <algorithm>
#include <exception>
#include <functional>
#include <unordered_map>
#include <utility>

#include "gateway/gate/calendar.hpp"
#include "gateway/gate/facts.hpp"
#include "gateway/gate/tables/tables.hpp"

namespace hikyaku::gateway::gate {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::seconds;

// Nobody sends before or after; what is outside has the nearest offset.
constexpr std::int64_t first_second = 0;
constexpr std::int64_t last_second = 7'258'118'400;  // 2200
constexpr std::size_t prefix_digits_max = 4;
constexpr std::size_t e164_digits_min = 7;
constexpr std::size_t e164_digits_max = 15;

std::vector<local_zone::change> changes_of(const date::time_zone& zone) {
    std::vector<local_zone::change> changes;
    auto at = date::sys_seconds{seconds{first_second}};
    const auto end = date::sys_seconds{seconds{last_second}};
    while (at < end) {
        const date::sys_info info = zone.get_info(at);
        const std::int64_t offset_ms = duration_cast<milliseconds>(info.offset).count();
        if (changes.empty())
            changes.push_back({always_ms, offset_ms});
        else if (changes.back().offset_ms != offset_ms)
            changes.push_back({info.begin.time_since_epoch().count() * second_ms, offset_ms});
        if (info.end <= at) break;
        at = info.end;
    }
    return changes;
}

/// Null when the system has none.
const date::time_zone* in_database(std::string_view name) {
    const auto& zones = date::get_tzdb().zones;  // sorted by name
    const auto at = std::ranges::lower_bound(zones, name, {}, &date::time_zone::name);
    return at != zones.end() && at->name() == name ? &*at : nullptr;
}

/// Calls `each` with every word of a text with blanks between them.
template <class Each>
void for_each_word(std::string_view text, const Each& each) {
    while (!text.empty()) {
        const auto end = std::min(text.find(' '), text.size());
        each(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

using index_by_word = std::unordered_map<std::string_view, std::size_t>;

const index_by_word& rows_by_prefix() {
    static const index_by_word made = [] {
        index_by_word index;
        for (std::size_t row = 0; row < tables::number_rows_count; ++row)
            for_each_word(tables::number_rows[row].prefixes,
                          [&](std::string_view prefix) { index.emplace(prefix, row); });
        return index;
    }();
    return made;
}

const index_by_word& rows_by_zone() {
    static const index_by_word made = [] {
        index_by_word index;
        for (std::size_t row = 0; row < tables::country_rows_count; ++row)
            for_each_word(tables::country_rows[row].zones,
                          [&](std::string_view zone) { index.emplace(zone, row); });
        return index;
    }();
    return made;
}

std::optional<std::size_t> row_of_number(std::string_view number) {
    if (number.starts_with('+')) number.remove_prefix(1);
    if (number.size() < e164_digits_min || number.size() > e164_digits_max ||
        !std::ranges::all_of(number, [](char c) { return c >= '0' && c <= '9'; }))
        return std::nullopt;
    const auto& rows = rows_by_prefix();
    for (std::size_t length = prefix_digits_max; length > 0; --length)
        if (const auto at = rows.find(number.substr(0, length)); at != rows.end())
            return at->second;
    return std::nullopt;
}

}  // namespace

local_zone::local_zone(std::string name, std::vector<change> changes)
    : name_(std::move(name)), changes_(std::move(changes)) {}

stretch local_zone::at(std::int64_t ms) const {
    const auto ends = [this](std::size_t index) {
        return index + 1 < changes_.size() ? changes_[index + 1].at_ms : never_ms;
    };
    if (ms < changes_[last_].at_ms || ms >= ends(last_)) {
        const auto next = std::ranges::upper_bound(changes_, ms, {}, &change::at_ms);
        last_ = static_cast<std::size_t>(next - changes_.begin()) - 1;
    }
    return {changes_[last_].offset_ms, ends(last_)};
}

std::int64_t begin_of_day(const local_zone& zone, std::int32_t day) {
    const std::int64_t midnight = day * day_ms;  // by a clock without offset
    std::int64_t at_ms = midnight - 2 * day_ms;
    while (true) {
        const stretch here = zone.at(at_ms);
        const std::int64_t local = at_ms + here.offset_ms;
        if (local >= midnight) return at_ms;
        at_ms = std::min(here.end_ms, at_ms + midnight - local);
    }
}

std::size_t zone_book::text_hash::operator()(std::string_view text) const {
    return std::hash<std::string_view>{}(text);
}

const local_zone* zone_book::find(std::string_view name) {
    if (const auto known = zones_.find(name); known != zones_.end()) return known->second.get();
    try {
        const date::time_zone* const zone = in_database(name);
        if (zone == nullptr) return nullptr;
        auto changes = changes_of(*zone);
        if (changes.empty()) return nullptr;
        auto made = std::make_unique<local_zone>(std::string(name), std::move(changes));
        return zones_.emplace(std::string(name), std::move(made)).first->second.get();
    } catch (const std::exception&) {
        return nullptr;  // no database, or a file of it that is none
    }
}

const std::vector<const local_zone*>& zone_book::of_row(std::size_t row) {
    if (rows_.empty()) rows_.resize(tables::number_rows_count);
    auto& known = rows_[row];
    if (known) return *known;
    known.emplace();
    bool complete = true;
    for_each_word(tables::number_rows[row].zones, [&](std::string_view name) {
        const local_zone* const zone = find(name);
        complete = complete && zone != nullptr;
        known->push_back(zone);
    });
    if (!complete) known->clear();
    return *known;
}

zone_book::zones zone_book::of_number(std::string_view number) {
    const auto row = row_of_number(number);
    if (!row) return {};
    return of_row(*row);
}

std::string_view country_of_zone(std::string_view zone) {
    const auto at = rows_by_zone().find(zone);
    return at == rows_by_zone().end() ? std::string_view{}
                                      : tables::country_rows[at->second].country;
}

std::string_view country_of_number(std::string_view number) {
    const auto row = row_of_number(number);
    if (!row) return {};
    std::string_view country;
    bool one = true;
    for_each_word(tables::number_rows[*row].zones, [&](std::string_view zone) {
        const std::string_view here = country_of_zone(zone);
        one = one && !here.empty() && (country.empty() || country == here);
        country = here;
    });
    return one ? country : std::string_view{};
}

}  // namespace hikyaku::gateway::gate
