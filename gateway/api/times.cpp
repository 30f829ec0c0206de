#include "gateway/api/times.hpp"

#include <fmt/format.h>

#include <charconv>

namespace hikyaku::gateway::api {
namespace {

using namespace std::chrono;

constexpr std::int64_t duration_seconds_max = 100LL * 366 * 86400;

// Reads fixed-width pieces from the left; any mismatch makes it fail for good.
class scanner {
public:
    explicit scanner(std::string_view text) : rest_(text) {}

    int digits(std::size_t count) {
        if (rest_.size() < count) return fail();
        int value = 0;
        for (std::size_t i = 0; i < count; ++i) {
            const char c = rest_[i];
            if (c < '0' || c > '9') return fail();
            value = value * 10 + (c - '0');
        }
        rest_.remove_prefix(count);
        return value;
    }
    void one_of(std::string_view characters) {
        if (rest_.empty() || characters.find(rest_.front()) == std::string_view::npos) {
            fail();
            return;
        }
        rest_.remove_prefix(1);
    }
    // ".25" and so on, in milliseconds; further digits are dropped.
    int fraction() {
        if (rest_.empty() || rest_.front() != '.') return 0;
        rest_.remove_prefix(1);
        if (rest_.empty() || rest_.front() < '0' || rest_.front() > '9') return fail();
        int value = 0;
        int weight = 100;
        while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') {
            value += (rest_.front() - '0') * weight;
            weight /= 10;
            rest_.remove_prefix(1);
        }
        return value;
    }
    // Minutes east of Greenwich.
    int offset() {
        if (rest_ == "Z" || rest_ == "z") {
            rest_ = {};
            return 0;
        }
        const bool west = !rest_.empty() && rest_.front() == '-';
        one_of("+-");
        const int hour = digits(2);
        one_of(":");
        const int minute = digits(2);
        if (hour > 23 || minute > 59) return fail();
        return (hour * 60 + minute) * (west ? -1 : 1);
    }
    [[nodiscard]] bool finished() const { return !failed_ && rest_.empty(); }

private:
    int fail() {
        failed_ = true;
        rest_ = {};
        return 0;
    }

    std::string_view rest_;
    bool failed_ = false;
};

}  // namespace

std::optional<std::int64_t> parse_time(std::string_view text) {
    scanner in(text);
    const int y = in.digits(4);
    in.one_of("-");
    const int mo = in.digits(2);
    in.one_of("-");
    const int d = in.digits(2);
    in.one_of("Tt ");
    const int h = in.digits(2);
    in.one_of(":");
    const int mi = in.digits(2);
    in.one_of(":");
    const int s = in.digits(2);
    const int ms = in.fraction();
    const int offset = in.offset();
    if (!in.finished()) return {};
    const year_month_day date{year{y}, month{static_cast<unsigned>(mo)},
                              day{static_cast<unsigned>(d)}};
    if (!date.ok() || h > 23 || mi > 59 || s > 60) return {};
    const auto moment = sys_days{date} + hours{h} + minutes{mi - offset} + seconds{s};
    return duration_cast<milliseconds>(moment.time_since_epoch()).count() + ms;
}

std::string format_time(std::int64_t wall_ms) {
    const sys_time<milliseconds> moment{milliseconds{wall_ms}};
    const auto days_part = floor<days>(moment);
    const year_month_day date{days_part};
    const hh_mm_ss<milliseconds> clock{moment - days_part};
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                       clock.subseconds().count());
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
