// Times and durations as HTTP and its JSON write them: RFC 3339 and the dates of headers for
// moments, a number with a unit for lengths ("90m"). The date library reads, because the C++20
// library of the supported compiler cannot parse times yet; fmt writes. Pure functions, any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hikyaku::gateway::api {

/// "2026-04-01T09:00:00+09:00" or "...Z", with or without a fraction of a second, as milliseconds
/// since 1970 UTC. Empty for anything else; the offset is required (RFC 3339, 5.6). A leap second
/// counts as the first second of the next minute.
[[nodiscard]] std::optional<std::int64_t> parse_time(std::string_view text);

/// "2026-04-01T00:00:00.000Z".
[[nodiscard]] std::string format_time(std::int64_t wall_ms);

/// Seconds since 1970 UTC of an IMF-fixdate (RFC 9110, 5.6.7): "Tue, 15 Nov 1994 08:12:31 GMT". The
/// name of the day may be wrong. Empty for anything else. A leap second counts as above.
[[nodiscard]] std::optional<std::int64_t> parse_http_date(std::string_view text);

/// The same the other way round.
[[nodiscard]] std::string format_http_date(std::int64_t wall_seconds);

/// "30s", "90m", "2h", "3d"; one unit only. Empty for anything else and above 100 years.
[[nodiscard]] std::optional<std::chrono::seconds> parse_duration(std::string_view text);

}  // namespace hikyaku::gateway::api
