// When the rules about time let a message go out: hours of the day, days of rest, holidays and
// blackout days, in every zone in which the person may be. Time is walked in pieces within which
// nothing changes, so that days with 23 or 25 hours need no rule of their own: what counts is what
// a clock on the wall shows at each moment. Made for one decision, on its stack.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "gateway/gate/decision.hpp"
#include "gateway/gate/facts.hpp"
#include "gateway/gate/policy.hpp"
#include "gateway/gate/zone_book.hpp"

namespace hikyaku::gateway::gate {

class openings {
public:
    /// The rules of `rules` about time for messages of this purpose. Both spans and the policy
    /// outlive this. `countries`: whose holidays count where a rule names none.
    openings(const policy& rules, purpose why, zone_book::zones zones,
             std::span<const std::string_view> countries);

    enum class state : std::uint8_t { open, closed, unknown };
    struct piece {
        state is = state::open;
        std::int64_t end_ms = never_ms;
    };
    /// What one rule says at a moment, and until when it says so at least.
    [[nodiscard]] piece of_rule(const rule& about, std::int64_t ms) const;
    /// What all of them say.
    [[nodiscard]] piece at(std::int64_t ms) const;

    /// The first moment from `from_ms` on at which it is open and stays so for `need_ms`, and the
    /// end of that time; never_ms where no end comes within a year. Empty: it never opens.
    [[nodiscard]] std::optional<window> next(std::int64_t from_ms, std::int64_t need_ms) const;

    /// The first moment at which the day that `ms` is in is over in all zones.
    [[nodiscard]] std::int64_t end_of_day(std::int64_t ms) const;

    [[nodiscard]] bool bounded() const { return count_ > 0; }

private:
    static constexpr std::size_t rules_max = 24;

    [[nodiscard]] piece of_rule_in(const rule& about, const local_zone& zone,
                                   std::int64_t ms) const;
    [[nodiscard]] state of_day(const rule& about, std::int32_t day) const;

    zone_book::zones zones_;
    std::span<const std::string_view> countries_;
    std::array<const rule*, rules_max> rules_{};
    std::size_t count_ = 0;
};

/// True if the rule is about time: hours, days of rest, blackout.
[[nodiscard]] bool is_about_time(rule_kind what);

}  // namespace hikyaku::gateway::gate
