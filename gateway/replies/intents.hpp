// What somebody says who answers a message, as facts that rules and people can act on. Plain data.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hikyaku::gateway::replies {

/// Values are stored: append only.
enum class intent : std::uint8_t {
    stop,
    start,
    help,
    paid,
    promise,
    plan_request,  // instalments, or more time
    dispute,
    wrong_person,
    representation,  // by a lawyer or another adviser
    insolvency,
    death,
    hardship,
    callback,
    question,
    complaint,
    abuse,
    unclear,
};
inline constexpr std::size_t intent_count = 17;

/// "stop", "plan_request".
[[nodiscard]] std::string_view name_of(intent what);
[[nodiscard]] std::optional<intent> intent_from(std::string_view name);

using date = std::chrono::year_month_day;

struct read_intent {
    intent what = intent::unclear;
    double confidence = 0;           // 0 to 1
    std::vector<date> dates;         // of a promise, a request, a payment; several are alternatives
    std::vector<std::string> words;  // of the text, by which it was decided
};

/// Whether rules may act on it, or a person has to look.
enum class decision : std::uint8_t { act, person };

struct reading {
    std::string language;
    std::vector<read_intent> intents;  // the surest first; never empty
    decision says = decision::person;
};

}  // namespace hikyaku::gateway::replies
