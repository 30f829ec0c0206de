// What the gate decided, and why. `decision` is what the hot path needs: it has room for every rule
// that spoke and allocates nothing. `explanation` is the same for people and for the store, with
// sentences and with the values that each rule saw; it is made only when somebody reads it or when
// the answer is not *allow*.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gateway/gate/facts.hpp"
#include "gateway/gate/policy.hpp"

namespace hikyaku::gateway::gate {

/// In the order of their strength: of several the strongest is the decision.
enum class outcome : std::uint8_t { allow, delay, require, block };

/// "allow", "delay", "require", "block".
[[nodiscard]] std::string_view name_of(outcome what);

/// One rule that does not allow.
struct finding {
    const rule* by = nullptr;  // of the policy
    outcome says = outcome::allow;
    std::int64_t until_ms = 0;           // of a delay, before the other rules were looked at
    hold_kind hold = hold_kind::manual;  // of a rule about holds
    std::string_view field;              // of a require: as the HTTP API names it
    enum class cause : std::uint8_t {
        itself,            // what the rule is about
        zone_unknown,      // no zone, or one that the system does not know
        never_opens,       // no common moment in all zones within a year
        floor,             // too little is left of the window
        carrier_late,      // the carrier does not keep the validity period and retries for too long
        calendar_unknown,  // no table of holidays for the country or the year
        hold_begins,       // before the carrier has tried for the last time
    } why = cause::itself;
};

struct decision {
    static constexpr std::size_t findings_max = 32;

    outcome says = outcome::allow;
    /// Of a delay: the first moment at which every rule about time allows.
    std::int64_t until_ms = 0;
    /// Of an allow: the first moment at which it must not ring any more. never_ms = no window.
    std::int64_t deliver_by_ms = never_ms;
    std::array<finding, findings_max> found{};
    std::uint8_t found_count = 0;

    [[nodiscard]] std::span<const finding> findings() const { return {found.data(), found_count}; }
};

/// A value that a rule saw. Times are `moment`s, so that whoever prints them can choose the zone.
struct moment {
    std::int64_t ms = 0;
};
using seen_value = std::variant<std::int64_t, bool, std::string, moment, std::vector<std::string>>;

struct seen {
    std::string_view rule;  // its id
    std::string_view name;
    seen_value value;
};

struct reason {
    std::string rule;  // its id; of holds with the kind: "hold_promise"
    std::string text;
};

struct window {
    std::int64_t from_ms = 0;
    std::int64_t to_ms = 0;  // the first moment outside
};

struct explanation {
    std::vector<reason> reasons;      // all rules that do not allow, the strongest first
    std::vector<std::string> fields;  // of require
    std::vector<seen> values;
};

}  // namespace hikyaku::gateway::gate
