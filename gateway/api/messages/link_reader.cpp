#include "gateway/api/messages/link_reader.hpp"

#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <string>

#include "gateway/api/json/field_faults.hpp"
#include "gateway/api/json/text.hpp"
#include "gateway/api/times.hpp"

namespace hikyaku::gateway::api {
namespace {

constexpr std::int64_t lifetime_ms_max = std::int64_t{3650} * 86400 * 1000;

constexpr shape moment_shape{
    .is = shape::kind::text,
    .format = "date-time",
    .says =
        "must be a time in the future with its offset, like 2026-12-31T23:59:59+09:00, within "
        "3650 days",
};
constexpr shape lifetime_shape{
    .is = shape::kind::text,
    .min = 2,
    .pattern = "^[0-9]+[smhd]$",
    .says = R"(must be a text like "90m", "12h" or "30d", up to 3650 days)",
};
constexpr shape uses_shape = integer_shape(1, 1'000'000);

constexpr member link_members[] = {
    {"expires_at", &moment_shape, false,
     "from when on they are answered like unknown ones; without an offset it is refused"},
    {"expires_after", &lifetime_shape, false, "or after how long. Default: the server's"},
    {"max_uses", &uses_shape, false,
     "how often people may follow each; previews, prefetches and scanners use nothing up. Default: "
     "without limit"},
};

}  // namespace

constinit const shape links_shape{
    .is = shape::kind::object,
    .min = 1,
    .members = link_members,
    .name = "LinkLimits",
    .meaning = "How long and how often the tracked links of a message may be used",
    .says = R"(must be an object with "expires_at", "expires_after" or "max_uses")",
};

std::optional<problem> read_links(const boost::json::value& given, std::string_view base,
                                  std::int64_t now_ms, submission& into) {
    const std::string inside = fmt::format("{}/links", base);
    const auto& object = given.get_object();
    if (auto fault = object_fault(links_shape, object, inside)) return fault;
    const auto wrong = [&inside](std::string_view name, std::string_view says) {
        return field_fault(problem_code::field_invalid, inside, name, std::string(says));
    };
    if (const auto* at = object.if_contains("expires_at")) {
        if (object.contains("expires_after"))
            return wrong("expires_after", R"(must be absent beside "expires_at")");
        const auto moment = parse_time(text_of(*at));
        if (!moment || *moment <= now_ms || *moment - now_ms > lifetime_ms_max)
            return wrong("expires_at", moment_shape.says);
        into.link_expires_ms = *moment;
    }
    if (const auto* after = object.if_contains("expires_after")) {
        const auto length = parse_duration(text_of(*after));
        const std::int64_t ms = length ? length->count() * 1000 : 0;
        if (ms <= 0 || ms > lifetime_ms_max) return wrong("expires_after", lifetime_shape.says);
        into.link_expires_ms = now_ms + ms;
    }
    if (const auto* uses = object.if_contains("max_uses"))
        into.link_max_uses = static_cast<std::uint32_t>(uses->get_int64());
    return {};
}

}  // namespace hikyaku::gateway::api
