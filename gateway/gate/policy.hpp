// The rules that one account is under: a policy pack (config/policy/*.toml, read by config/policy)
// with what the account has tightened, or by a named approval loosened, in the form that `decide`
// walks through. Made when the configuration is read; immutable then, any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/gate/facts.hpp"

namespace hikyaku::gateway::gate {

enum class rule_kind : std::uint8_t {
    stop,         // an emergency stop
    zone,         // the zone has to be known
    hours,        // from `open_ms` to before `close_ms` of the day in every possible zone
    rest_days,    // not on these days of the week, and with `holidays` not on those
    blackout,     // not on these dates
    cap_day,      // at most `count` contacts to a contact point on a day
    cap_period,   // at most `count` contacts to a contact point in `span_ms`
    gap,          // at least `span_ms` between two contacts to a contact point
    debtor_day,   // one dunning message for each debtor and day
    tags,         // not to a contact point with one of these tags
    consent,      // needs one of these consents, at most `span_ms` old
    hold,         // not under a hold of these kinds
    suppression,  // not where the contact point is suppressed for the purpose
    deliver_by,   // with what is left of the window: at least `span_ms` where the carrier retries
};

/// Days since 1970-01-01 of a civil calendar, both ends included.
struct day_range {
    std::int32_t first = 0;
    std::int32_t last = 0;
};

struct rule {
    rule_kind kind = rule_kind::hours;
    std::string id;      // "contact_hours"
    std::string source;  // law and article
    std::string date;    // of the version that was read: "2010-06-18"
    std::string text;    // one sentence for people
    bool statutory = false;
    purpose_set purposes = 0;

    std::int32_t open_ms = 0, close_ms = 0;  // hours: since local midnight
    bool number_zone_too = false;            // zone: the number's zones count beside the contact's
    std::uint8_t weekdays = 0;               // rest_days: a bit each, Sunday = 0
    bool holidays = false;                   // rest_days
    std::vector<std::string> calendars;      // rest_days: "JP"; empty = those of the contact
    std::vector<day_range> days;             // blackout
    std::uint32_t count = 0;                 // cap_day, cap_period
    std::int64_t span_ms = 0;                // cap_period, gap, consent, deliver_by
    std::vector<std::string> words;          // tags
    std::uint32_t kinds = 0;                 // hold, consent: a bit for each kind
};

struct policy {
    std::string pack;     // "japan/lender"
    std::string version;  // of the pack: "2026-11-30"
    std::string jurisdiction;
    std::string capacity;
    std::vector<std::string> account_zones;  // where the contact's and the number's are not known
    std::vector<rule> rules;
    bool shadow = false;  // decisions are stored, and nothing is held back
    /// The one confirmation of a stop need not wait for the hours.
    bool confirms_at_once = false;
};

[[nodiscard]] std::string_view name_of(rule_kind what);

}  // namespace hikyaku::gateway::gate
