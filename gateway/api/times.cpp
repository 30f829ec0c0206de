#include "gateway/api/times.hpp"

#include <date/date.h>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <sstream>
#include <utility>

#include "smpp/text/ascii.hpp"

namespace hikyaku::gateway::api {
namespace {

using namespace std::chrono;

using smpp::text::is_digit;

constexpr std::int64_t duration_seconds_max = 100LL * 366 * 86400;

/// A '0' in `form` is any digit, every other character itself. date::parse() alone would also take
/// "26-4-1".
bool has_form(std::string_view text, std::string_view form) {
    return std::ranges::equal(
        text, form, [](char c, char wanted) { return wanted == '0' ? is_digit(c) : c == wanted; });
}

/// Seconds since 1970 UTC of a text whose "ss" is at `seconds_at`; `format` is that of
/// date::parse(). The date library knows no leap seconds.
std::optional<std::int64_t> seconds_in(std::string text, const char* format,
                                       std::size_t seconds_at) {
    const bool is_leap_second = text.compare(seconds_at, 2, "60") == 0;
    if (is_leap_second) text.replace(seconds_at, 2, "59");
    std::istringstream in(std::move(text));
    date::sys_seconds moment;
    in >> date::parse(format, moment);
    if (in.fail() || in.peek() != std::istringstream::traits_type::eof()) return {};
    return moment.time_since_epoch().count() + (is_leap_second ? 1 : 0);
}

/// Takes ".25" and the like off the front of `text`: milliseconds, further digits are dropped. None
/// is 0; empty for a point without digits.
std::optional<int> take_fraction(std::string_view& text) {
    if (!text.starts_with('.')) return 0;
    text.remove_prefix(1);
    const auto end = std::ranges::find_if_not(text, is_digit);
    const auto count = static_cast<std::size_t>(end - text.begin());
    if (count == 0) return {};
    int value = 0;
    for (std::size_t i = 0; i < 3; ++i)
        value = value * 10 + (i < count ? text[i] - '0' : 0);
    text.remove_prefix(count);
    return value;
}

/// "+09:00" or "-04:30"; date::parse() alone would also take "+24:60".
bool is_offset(std::string_view text) {
    return (has_form(text, "+00:00") || has_form(text, "-00:00")) && text.substr(1, 2) <= "23" &&
           text.substr(4, 2) <= "59";
}

}  // namespace

std::optional<std::int64_t> parse_time(std::string_view text) {
    constexpr std::string_view form = "0000-00-00 00:00:00";
    std::string moment(text.substr(0, form.size()));
    text.remove_prefix(moment.size());
    if (moment.size() > 10 && (moment[10] == 'T' || moment[10] == 't')) moment[10] = ' ';
    if (!has_form(moment, form)) return {};
    const auto fraction_ms = take_fraction(text);
    if (text == "Z" || text == "z") text = "+00:00";
    if (!fraction_ms || !is_offset(text)) return {};
    const auto whole = seconds_in(moment.append(text), "%F %T%Ez", 17);
    if (!whole) return {};
    return *whole * 1000 + *fraction_ms;
}

std::string format_time(std::int64_t wall_ms) {
    const milliseconds moment{wall_ms};
    const auto whole = floor<seconds>(moment);
    return fmt::format("{:%FT%T}.{:03}Z", fmt::gmtime(whole.count()), (moment - whole).count());
}

std::optional<std::int64_t> parse_http_date(std::string_view text) {
    constexpr std::string_view day = "Tue, ";
    if (text.size() != day.size() + std::string_view("15 Nov 1994 08:12:31 GMT").size()) return {};
    return seconds_in(std::string(text.substr(day.size())), "%d %b %Y %T GMT", 18);
}

std::string format_http_date(std::int64_t wall_seconds) {
    return fmt::format("{:%a, %d %b %Y %T} GMT", fmt::gmtime(wall_seconds));
}

std::optional<seconds> parse_duration(std::string_view text) {
    std::int64_t count = 0;
    const char* const end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, count);
    if (error != std::errc{} || end - at != 1 || text.front() == '-') return {};
    std::int64_t unit = 0;
    switch (*at) {
        case 's':
            unit = 1;
            break;
        case 'm':
            unit = 60;
            break;
        case 'h':
            unit = 3600;
            break;
        case 'd':
            unit = 86400;
            break;
        default:
            return {};
    }
    if (count > duration_seconds_max / unit) return {};
    return seconds{count * unit};
}

}  // namespace hikyaku::gateway::api
