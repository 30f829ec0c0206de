#include "tests/law/auditor.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace hikyaku::law {
namespace {

constexpr std::size_t faults_max = 20;

const std::set<std::string_view> tags_left_alone{"work",        "workplace", "office",   "employer",
                                                 "third_party", "family",    "neighbour"};

}  // namespace

void tally::add(const tally& more) {
    for (const auto each :
         {&tally::messages, &tally::segments, &tally::crashes, &tally::holds, &tally::suppressions,
          &tally::stops, &tally::rejected, &tally::expired, &tally::went, &tally::opted_out,
          &tally::events, &tally::rows_lost, &tally::rows_left, &tally::cancels, &tally::forgotten})
        this->*each += more.*each;
    virtual_ms += more.virtual_ms;
    late_ms = std::max(late_ms, more.late_ms);
}

auditor::auditor(std::uint64_t seed, std::vector<rules> accounts, std::int64_t begin_ms,
                 std::int64_t end_ms)
    : seed_(seed), laws_(std::move(accounts)), begin_ms_(begin_ms), end_ms_(end_ms) {}

void auditor::fail(const std::string& what) {
    if (faults_.size() < faults_max)
        faults_.push_back(fmt::format("seed {} at {}: {}", seed_, time_text(now_ms_), what));
}

std::string auditor::name_of(std::size_t number) const {
    const auto& one = messages[number];
    return fmt::format("message {} ({} of account {} to {}{}{})", number,
                       gateway::gate::name_of(one.purpose), one.account, one.phone,
                       one.debtor.empty() ? "" : " of ", one.debtor);
}

std::size_t auditor::add(message&& made) {
    messages.push_back(std::move(made));
    return messages.size() - 1;
}

// Where and when.

std::optional<walls> auditor::walls_of(const message& one) const {
    const auto& law = law_of(one);
    auto names = !one.zones.empty()          ? one.zones
                 : !one.number_zones.empty() ? one.number_zones
                                             : law.zones;
    if (law.number_zones && !one.zones.empty())
        names.insert(names.end(), one.number_zones.begin(), one.number_zones.end());
    walls all;
    for (const auto& name : names) {
        all.push_back(wall_of(name));
        if (all.back() == nullptr) return std::nullopt;
    }
    if (all.empty()) return std::nullopt;
    return all;
}

bool auditor::rests_on(const message& one, date::local_days day) const {
    const auto& law = law_of(one);
    if (!one.is_held_at_all()) return false;
    if (std::ranges::find(law.dark, day) != law.dark.end()) return true;
    if (law.sundays && date::weekday{day} == date::Sunday) return true;
    if (law.japans_holidays && is_holiday("JP", day)) return true;
    if (!law.own_holidays) return false;
    std::set<std::string> countries;
    if (!one.country.empty()) countries.insert(one.country);
    for (const auto* names : {&one.zones, &one.number_zones, &law.zones}) {
        if (names->empty()) continue;
        for (const auto& name : *names)
            if (name == "Europe/Berlin" || name == "Europe/Paris")
                countries.insert(name == "Europe/Berlin" ? "DE" : "FR");
        break;
    }
    return std::ranges::any_of(countries,
                               [day](const std::string& each) { return is_holiday(each, day); });
}

std::vector<stretch> auditor::make_openings(const message& one) const {
    const auto& law = law_of(one);
    const auto where = walls_of(one);
    if (!where) return {};
    std::optional<std::vector<stretch>> all;
    for (const wall* each : *where) {
        std::vector<stretch> here;
        const auto last = each->day_at(end_ms_ + day_ms);
        for (auto day = each->day_at(begin_ms_ - day_ms); day <= last; day += date::days{1})
            if (!rests_on(one, day))
                here.push_back({each->moment(day, law.open), each->moment(day, law.close)});
        all = all ? intersection(*all, here) : here;
    }
    return *all;
}

const std::vector<stretch>& auditor::openings_of(const message& one) const {
    auto key = fmt::format("{}/{}/{}/{}/{}", one.account, one.is_held_at_all(), one.country,
                           fmt::join(one.zones, " "), fmt::join(one.number_zones, " "));
    const auto known = openings_.find(key);
    if (known != openings_.end()) return known->second;
    return openings_.emplace(std::move(key), make_openings(one)).first->second;
}

std::int64_t auditor::end_of_window(const message& one) const {
    const auto& law = law_of(one);
    std::int64_t end_ms = never;
    if (!law.any || law.shadow || !one.asks()) return end_ms;
    for (const auto& each : openings_of(one))
        if (each.from <= now_ms_ && now_ms_ < each.to) end_ms = each.to;
    for (const auto& each : holds)
        if (each.is_on(one) && !each.gone && each.asked_ms <= now_ms_ && each.from_ms > now_ms_ &&
            each.from_ms < each.until_ms && each.end_asked_ms > each.from_ms)
            end_ms = std::min(end_ms, each.from_ms);
    return end_ms;
}

/// The gate answers, and counts a contact, before it goes: for as long as a commit and a mark may
/// take, and not again within a minute.
constexpr std::int64_t answered_before_ms = 5000;
constexpr std::int64_t counted_before_ms = minute_ms + answered_before_ms;
/// The rest of a message follows, without being counted anew, while a segment is with the carrier,
/// whose answer is waited for for a minute.
constexpr std::int64_t rest_counted_before_ms = counted_before_ms + minute_ms;

std::string auditor::why_no_time(const message& one) const {
    const auto& law = law_of(one);
    if (!walls_of(one)) return "nobody knows in which zone the person is";
    for (const auto& each : openings_of(one)) {
        if (now_ms_ < each.from || now_ms_ >= each.to) continue;
        const auto ends_ms = std::min(each.to, end_of_window(one));  // also by a hold to come
        if (ends_ms - now_ms_ >= law.floor_ms - answered_before_ms) return {};
        return fmt::format("only {} s of its window are left", (ends_ms - now_ms_) / second_ms);
    }
    const auto where = *walls_of(one);
    const bool rests = std::ranges::any_of(
        where, [&](const wall* here) { return rests_on(one, here->day_at(now_ms_)); });
    return rests ? "it is a day of rest" : "it is outside the window";
}

// How often.

std::vector<std::pair<const message*, auditor::heard_of>> auditor::others_of(
    const message& one) const {
    std::map<std::size_t, heard_of> found;
    const auto look = [&](const auto& in, const std::string& key, bool heard_of::*as) {
        const auto at = key.empty() ? in.end() : in.find({one.account, key});
        if (at == in.end()) return;
        for (const auto number : at->second)
            if (&messages[number] != &one) found[number].*as = true;
    };
    look(to_contact_, one.phone, &heard_of::as_contact);
    look(to_contact_, one.contact, &heard_of::as_contact);
    look(to_debtor_, one.debtor, &heard_of::as_debtor);
    std::vector<std::pair<const message*, heard_of>> others;
    for (auto [number, as] : found) {
        const bool anybodys = one.debtor.empty() || messages[number].debtor.empty();
        as.as_debtor = as.as_debtor || (anybodys && as.as_contact);
        others.emplace_back(&messages[number], as);
    }
    return others;
}

std::string auditor::why_no_more(const message& one) const {
    const auto& law = law_of(one);
    const auto where = *walls_of(one);
    unsigned today = 0, week = 0;
    std::string why;
    for (const auto& [other, as] : others_of(one)) {
        bool of_today = false, of_week = false;
        std::int64_t counted_ms = -week_ms;
        for (const auto& each : other->attempts) {
            if (!each.counted) continue;
            counted_ms = each.at_ms;
            if (!each.may_have_rung()) continue;
            // Allowed after this one had been, and on the air before it: service asks for nobody.
            if (!other->is_held_at_all() && now_ms_ - each.at_ms < answered_before_ms) continue;
            // Counted before it goes: at the latest now, at the earliest so much before.
            const auto early_ms =
                counted_ms - (each.opens ? counted_before_ms : rest_counted_before_ms);
            const bool same_day = std::ranges::any_of(where, [&](const wall* here) {
                return here->day_at(early_ms) == here->day_at(now_ms_);
            });
            of_today = of_today || same_day;
            of_week = of_week || now_ms_ - early_ms < week_ms;
            if (as.as_contact && now_ms_ - early_ms < law.gap_ms)
                why = fmt::format("another went to the contact point only {} s ago",
                                  (now_ms_ - counted_ms) / second_ms);
        }
        if (as.as_debtor && of_today && one.purpose == Purpose::dunning &&
            other->purpose == Purpose::dunning)
            why = "the debtor has had a reminder on this day";
        today += as.as_contact && of_today ? 1 : 0;
        week += as.as_contact && of_week ? 1 : 0;
    }
    if (law.day_max != 0 && today >= law.day_max)
        return fmt::format("{} went to the contact point on this day", today);
    if (law.week_max != 0 && week >= law.week_max)
        return fmt::format("{} went to the contact point in 7 days", week);
    return why;
}

// Not at all.

std::string auditor::why_held(const message& one) const {
    for (const auto& each : holds) {
        if (!each.is_on(one) || each.gone) continue;
        const auto begins_ms = each.begins_ms();
        const auto ends_ms = std::min(each.until_ms, each.end_asked_ms);
        if (begins_ms >= ends_ms || now_ms_ < begins_ms) continue;
        const auto kind = gateway::gate::name_of(each.kind);
        const auto scope =
            gateway::gate::name_of(static_cast<gateway::gate::hold_scope>(each.scope));
        if (now_ms_ < ends_ms)
            return fmt::format("a hold ({}) is on its {} since {} s{}", kind, scope,
                               (now_ms_ - begins_ms) / second_ms,
                               each.known_ms == never ? ", not answered yet" : "");
        if (begins_ms >= one.accepted_ms || ends_ms > one.due_ms)
            return fmt::format("it waited under a hold ({}) on its {}", kind, scope);
    }
    for (const auto& each : suppressions)
        if (each.is_on(one) && each.binds(now_ms_))
            return "its contact point is suppressed for " +
                   std::string(gateway::gate::name_of(each.purpose));
    return {};
}

std::string auditor::why_stopped(const message& one) const {
    for (const auto& each : stops)
        if (each.is_on(one) && each.binds(now_ms_))
            return fmt::format("{} is stopped", each.every_purpose ? "everything" : "its purpose");
    return {};
}

std::string auditor::why_not(const message& one) const {
    if (auto why = why_stopped(one); !why.empty()) return why;
    if (!one.asks()) return {};
    if (auto why = why_held(one); !why.empty()) return why;
    const auto& law = law_of(one);
    if (!law.any || law.shadow) return {};
    if (auto why = why_no_time(one); !why.empty()) return why;
    if (!one.is_held_at_all()) return {};
    if (one.purpose == Purpose::marketing) return "nobody has agreed to marketing";
    for (const auto& tag : one.tags)
        if (tags_left_alone.contains(tag)) return "its contact point is tagged " + tag;
    return why_no_more(one);
}

// A segment.

void auditor::check_validity(std::size_t number, std::int64_t valid_until_ms) {
    const auto& one = messages[number];
    if (one.bound_ms != never && valid_until_ms > one.bound_ms)
        fail(valid_until_ms == never
                 ? name_of(number) + " has no validity_period"
                 : fmt::format("{} is valid until {}, its window ends at {}", name_of(number),
                               time_text(valid_until_ms), time_text(one.bound_ms)));
}

void auditor::handed(std::size_t number, std::size_t segment, std::size_t carrier,
                     std::int64_t valid_until_ms) {
    auto& one = messages[number];
    ++counts.segments;
    if (!one.stored) fail(name_of(number) + " was sent before it was on disk");
    // What was without an outcome when it was put off is asked about as a whole, though a late
    // response may have told since that it had begun.
    const bool was_put_off = one.had_no_outcome && now_ms_ >= one.bound_ms;
    const bool opens = was_put_off || (!one.begun() && !one.may_wait(now_ms_));
    if (!opens) {
        if (now_ms_ >= one.bound_ms) fail(name_of(number) + " goes on after the end of its window");
    } else {
        if (const auto why = why_not(one); !why.empty())
            fail(name_of(number) + " was sent although " + why);
        one.bound_ms = end_of_window(one);
        if (one.attempts.empty()) check_promptness(number, now_ms_);
    }
    check_validity(number, valid_until_ms);
    note_counts(number);
    one.attempts.push_back(
        {.at_ms = now_ms_, .segment = segment, .carrier = carrier, .opens = opens});
}

void auditor::left(std::size_t number, std::int64_t at_ms) {
    auto& one = messages[number];
    if (std::ranges::find(one.left_ms, at_ms) != one.left_ms.end()) return;
    note_counts(number);
    one.left_ms.push_back(at_ms);
    ++counts.rows_left;
}

void auditor::note_counts(std::size_t number) {
    const auto& one = messages[number];
    if (one.is_known_to_count() || !one.asks()) return;
    to_contact_[{one.account, one.phone}].push_back(number);
    if (!one.contact.empty() && one.contact != one.phone)
        to_contact_[{one.account, one.contact}].push_back(number);
    if (!one.debtor.empty()) to_debtor_[{one.account, one.debtor}].push_back(number);
}

}  // namespace hikyaku::law
