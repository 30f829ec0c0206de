// What the tests of the gate share: moments as people write them, facts that own what they point
// to, and the shipped policy packs.
#pragma once

#include <date/date.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "config/policy.hpp"
#include "gateway/gate/calendar.hpp"
#include "gateway/gate/compile.hpp"
#include "gateway/gate/decide.hpp"
#include "gateway/gate/zone_book.hpp"

namespace hikyaku::gateway::gate::test {

/// "2026-12-01T20:59:59+09:00", or "...Z".
inline std::int64_t at(std::string text) {
    if (text.ends_with('Z')) text.replace(text.size() - 1, 1, "+00:00");
    std::istringstream in(text);
    date::sys_time<std::chrono::milliseconds> moment;
    in >> date::parse("%FT%T%Ez", moment);
    EXPECT_FALSE(in.fail()) << text;
    return moment.time_since_epoch().count();
}

inline policy shipped(std::string_view name) {
    const auto* const pack = config::find_pack(config::shipped_packs(), name);
    EXPECT_NE(pack, nullptr) << name;
    return compile(*pack);
}

/// A dunning message to a Japanese number, of which nothing else is known.
struct asked {
    purpose why = purpose::dunning;
    std::string now = "2026-12-01T12:00:00+09:00";
    std::string number = "819012345678";
    std::vector<std::string_view> zones;
    std::vector<std::string_view> tags;
    std::string debtor = "d1";
    std::vector<hold_fact> holds;
    std::vector<contact_fact> history;
    std::vector<consent_fact> consents;
    bool consents_known = false;
    purpose_set suppressed = 0;
    bool stopped = false;
    std::optional<std::int64_t> carrier_retry_ms = 0;
    bool carrier_keeps_validity = true;

    [[nodiscard]] gate::facts facts() const {
        gate::facts made;
        made.why = why;
        made.now_ms = at(now);
        made.number = number;
        made.zones = zones;
        made.tags = tags;
        made.debtor = debtor;
        made.holds = holds;
        made.history = history;
        made.consents = consents;
        made.consents_known = consents_known;
        made.suppressed = suppressed;
        made.stopped = stopped;
        made.carrier_retry_ms = carrier_retry_ms;
        made.carrier_keeps_validity = carrier_keeps_validity;
        return made;
    }
};

/// "allow by <moment>", "delay until <moment>", "block", "require", in the zone that is given, with
/// the rules that have spoken behind it: "block: workplace hold_promise".
class judge {
public:
    explicit judge(policy rules) : rules_(std::move(rules)) {}
    explicit judge(std::string_view pack) : judge(shipped(pack)) {}

    [[nodiscard]] decision decide(const asked& question) {
        return gate::decide(question.facts(), rules_, book_);
    }

    [[nodiscard]] std::string operator()(const asked& question) {
        const gate::facts facts = question.facts();
        const decision made = gate::decide(facts, rules_, book_);
        std::string out(name_of(made.says));
        if (made.says == outcome::allow && made.deliver_by_ms != never_ms)
            out += " by " + utc(made.deliver_by_ms);
        if (made.says == outcome::delay) out += " until " + utc(made.until_ms);
        const auto why = explain(made, facts, rules_, book_);
        for (std::size_t i = 0; i < why.reasons.size(); ++i)
            out += (i == 0 ? ": " : " ") + why.reasons[i].rule;
        return out;
    }

    [[nodiscard]] std::vector<window> windows(const asked& question, int days = 14) {
        return gate::windows(question.facts(), rules_, book_, days);
    }

    /// "2026-12-01T12:00:00Z".
    static std::string utc(std::int64_t ms) {
        const std::int64_t clock = ms - day_ms * day_of(ms);
        return format_day(day_of(ms)) + "T" + format_clock(clock) + ":" +
               (clock / second_ms % 60 < 10 ? "0" : "") + std::to_string(clock / second_ms % 60) +
               "Z";
    }

    [[nodiscard]] policy& rules() { return rules_; }
    [[nodiscard]] zone_book& book() { return book_; }

private:
    policy rules_;
    zone_book book_;
};

}  // namespace hikyaku::gateway::gate::test
