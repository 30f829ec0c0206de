// Clocks on walls and days of rest, as the auditor of the law knows them: zones from the system's
// database by the date library, holidays by their rules or by the official list. Shares nothing
// with gateway/gate. One thread.
#pragma once

#include <date/tz.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hikyaku::law {

inline constexpr std::int64_t second_ms = 1000, minute_ms = 60 * second_ms;
inline constexpr std::int64_t hour_ms = 60 * minute_ms, day_ms = 24 * hour_ms;

/// From `from` to before `to`.
struct stretch {
    std::int64_t from = 0, to = 0;
    friend bool operator==(const stretch&, const stretch&) = default;
};

/// The clock of one zone.
class wall {
public:
    explicit wall(const date::time_zone& zone) : zone_(zone) {}

    [[nodiscard]] date::local_days day_at(std::int64_t ms) const;
    /// When it is so many seconds after midnight of this day.
    [[nodiscard]] std::int64_t moment(date::local_days day, int seconds) const;

private:
    const date::time_zone& zone_;
    mutable std::vector<date::sys_info> known_;
};

/// Null: the system has no such zone. Lives as long as the program.
[[nodiscard]] const wall* wall_of(const std::string& zone);

using walls = std::vector<const wall*>;

/// National holidays of "DE", "FR" and, from 2026 to 2027, "JP".
[[nodiscard]] bool is_holiday(std::string_view country, date::local_days day);

/// What all of the first and one of the second have in common.
[[nodiscard]] std::vector<stretch> intersection(const std::vector<stretch>& one,
                                                const std::vector<stretch>& other);
/// What is left of `one` without `other`. Both by time.
[[nodiscard]] std::vector<stretch> difference(const std::vector<stretch>& one,
                                              const std::vector<stretch>& other);
/// By time, and joined where they touch.
[[nodiscard]] std::vector<stretch> tidied(std::vector<stretch> all);

/// For people: "2027-03-28 01:00:00.000 UTC".
[[nodiscard]] std::string time_text(std::int64_t ms);

}  // namespace hikyaku::law
