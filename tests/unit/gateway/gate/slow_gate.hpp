// The law a second time, as simply as it can be written: for each minute of a year the clock on the
// wall of every zone, and for each question every minute from now on. It shares no code with the
// gate but the records of a question, and knows hours, days of rest, caps, gaps and the floor.
#pragma once

#include <date/tz.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "gateway/gate/facts.hpp"

namespace hikyaku::gateway::gate::test {

struct slow_rules {
    std::vector<std::string> zones;
    int open_minute = 8 * 60, close_minute = 21 * 60;
    std::set<unsigned> weekdays;  // of rest, Sunday = 0
    std::set<std::string> dates;  // of rest, "2027-01-01", in every zone
    std::size_t max_per_day = 0;  // 0 = none
    std::size_t max_per_7d = 0;   // 0 = none
    std::chrono::minutes gap{0};
    std::chrono::minutes need{0};  // of the window
    bool one_a_debtor = false;
};

class slow_gate {
public:
    using minutes = std::chrono::minutes;
    using moment = date::sys_time<minutes>;

    slow_gate(slow_rules rules, moment first, minutes length)
        : rules_(std::move(rules)), first_(first) {
        for (const std::string& name : rules_.zones) {
            zones_.push_back(date::locate_zone(name));
            offsets_.push_back(zones_.back()->get_info(first));
        }
        for (minutes passed{0}; passed < length; ++passed)
            open_.push_back(is_open(first + passed));
    }

    /// The first minute from `now` on at which it may go out; empty: not before the end.
    [[nodiscard]] std::optional<moment> first_allowed(
        moment now, const std::vector<contact_fact>& history) const {
        const auto limits = limits_of(history);
        for (moment at = now; index_of(at) < open_.size(); at += minutes{1})
            if (open_[index_of(at)] && end_of_window(at) - at >= rules_.need &&
                allowed_by(history, limits, at))
                return at;
        return std::nullopt;
    }

    [[nodiscard]] moment end_of_window(moment at) const {
        while (index_of(at) < open_.size() && open_[index_of(at)])
            at += minutes{1};
        return at;
    }

private:
    [[nodiscard]] std::size_t index_of(moment at) const {
        return static_cast<std::size_t>((at - first_).count());
    }

    [[nodiscard]] bool is_open(moment at) {
        for (std::size_t zone = 0; zone < zones_.size(); ++zone) {
            if (at >= offsets_[zone].end) offsets_[zone] = zones_[zone]->get_info(at);
            const auto local = at + offsets_[zone].offset;
            const auto day = date::floor<date::days>(local);
            const auto minute = std::chrono::duration_cast<minutes>(local - day).count();
            if (minute < rules_.open_minute || minute >= rules_.close_minute ||
                rules_.weekdays.contains(date::weekday{day}.c_encoding()) ||
                (!rules_.dates.empty() && rules_.dates.contains(date::format("%F", day))))
                return false;
        }
        return true;
    }

    /// The local days of every message, by zone.
    using days = std::vector<std::vector<date::local_days>>;
    [[nodiscard]] days limits_of(const std::vector<contact_fact>& history) const {
        days out;
        for (const date::time_zone* zone : zones_) {
            auto& of_zone = out.emplace_back();
            for (const contact_fact& each : history)
                of_zone.push_back(date::floor<date::days>(zone->to_local(time_of(each))));
        }
        return out;
    }

    static date::sys_time<std::chrono::milliseconds> time_of(const contact_fact& sent) {
        return date::sys_time<std::chrono::milliseconds>{std::chrono::milliseconds{sent.at_ms}};
    }

    [[nodiscard]] bool allowed_by(const std::vector<contact_fact>& history, const days& limits,
                                  moment at) const {
        std::size_t today = 0, week = 0, dunned_today = 0;
        std::vector<date::local_days> dates;
        for (const date::time_zone* zone : zones_)
            dates.push_back(date::floor<date::days>(zone->to_local(at)));
        for (std::size_t i = 0; i < history.size(); ++i) {
            const contact_fact& each = history[i];
            if (each.why == purpose::transactional) continue;
            bool same_day = false;
            for (std::size_t zone = 0; zone < zones_.size(); ++zone)
                same_day = same_day || limits[zone][i] >= dates[zone];
            if (each.to_contact && same_day) ++today;
            if (each.to_debtor && each.why == purpose::dunning && same_day) ++dunned_today;
            if (!each.to_contact) continue;
            if (at - time_of(each) < date::days{7}) ++week;
            if (at - time_of(each) < rules_.gap) return false;
        }
        return (rules_.max_per_day == 0 || today < rules_.max_per_day) &&
               (rules_.max_per_7d == 0 || week < rules_.max_per_7d) &&
               (!rules_.one_a_debtor || dunned_today == 0);
    }

    slow_rules rules_;
    moment first_;
    std::vector<const date::time_zone*> zones_;
    std::vector<date::sys_info> offsets_;  // of the minute that is looked at
    std::vector<bool> open_;
};

}  // namespace hikyaku::gateway::gate::test
