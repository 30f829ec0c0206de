#include "gateway/gate/evaluation.hpp"

#include <algorithm>
#include <string>

#include "gateway/gate/calendar.hpp"
#include "gateway/gate/decide.hpp"

namespace hikyaku::gateway::gate {
namespace {

constexpr std::size_t cap_max = 100;  // config/policy: the highest count of a rule

/// The `size` largest of the values that were put in.
class largest {
public:
    explicit largest(std::size_t size) : size_(std::min(size, cap_max)) {}
    void put(std::int64_t value) {
        if (count_ == size_ && value <= kept_[0]) return;
        if (count_ < size_)
            ++count_;
        else
            std::shift_left(kept_.begin(), kept_.begin() + static_cast<std::ptrdiff_t>(count_), 1);
        const auto end = kept_.begin() + static_cast<std::ptrdiff_t>(count_);
        *(end - 1) = value;
        std::ranges::sort(kept_.begin(), end);
    }
    [[nodiscard]] bool full() const { return count_ == size_; }
    [[nodiscard]] std::int64_t smallest() const { return kept_[0]; }

private:
    std::size_t size_;
    std::size_t count_ = 0;
    std::array<std::int64_t, cap_max> kept_;
};

char folded(char c) {
    if (c >= 'A' && c <= 'Z') return static_cast<char>(c - 'A' + 'a');
    return c == '-' || c == ' ' ? '_' : c;
}

bool same_word(std::string_view one, std::string_view other) {
    return std::ranges::equal(one, other, {}, folded, folded);
}

template <class Texts>
std::vector<std::string> strings(const Texts& texts) {
    std::vector<std::string> out;
    for (const auto& each : texts)
        out.emplace_back(each);
    return out;
}

/// "2026-12-01 20:59:59 Asia/Tokyo".
std::string local_time_text(const local_zone& zone, std::int64_t ms) {
    const std::int64_t local = ms + zone.at(ms).offset_ms;
    const std::int64_t clock = local - day_ms * day_of(local);
    const std::int64_t seconds = clock / second_ms % 60;
    return format_day(day_of(local)) + " " + format_clock(clock) + (seconds < 10 ? ":0" : ":") +
           std::to_string(seconds) + " " + zone.name();
}

/// The sum, or never.
std::int64_t later(std::int64_t ms, std::int64_t span_ms) {
    return ms > never_ms - span_ms ? never_ms : ms + span_ms;
}

}  // namespace

evaluation::evaluation(const facts& about, const policy& rules, zone_book& book,
                       std::vector<seen>* values)
    : about_(about),
      rules_(rules),
      values_(values),
      zones_(about, rules, book),
      openings_(rules, about.why, zones_.all(), zones_.countries()),
      earliest_ms_(about.now_ms) {}

decision evaluation::run() {
    for (const rule& each : rules_.rules)
        if ((each.purposes & set_of(about_.why)) != 0) judge(each);
    if (!zones_.all().empty()) find_window();
    if (made_.says != outcome::delay) made_.until_ms = 0;
    if (made_.says != outcome::allow) made_.deliver_by_ms = never_ms;
    return made_;
}

void evaluation::judge(const rule& by) {
    switch (by.kind) {
        case rule_kind::stop:
            see(by, "stopped", [&] { return about_.stopped; });
            if (about_.stopped) find({.by = &by, .says = outcome::block});
            break;
        case rule_kind::zone:
            judge_zone(by);
            break;
        case rule_kind::hours:
        case rule_kind::rest_days:
        case rule_kind::blackout:
            judge_time(by);
            break;
        case rule_kind::cap_day:
        case rule_kind::cap_period:
            judge_cap(by);
            break;
        case rule_kind::gap:
            judge_gap(by);
            break;
        case rule_kind::debtor_day:
            judge_debtor_day(by);
            break;
        case rule_kind::tags:
            judge_tags(by);
            break;
        case rule_kind::consent:
            judge_consent(by);
            break;
        case rule_kind::hold:
            judge_holds(by);
            break;
        case rule_kind::suppression:
            judge_suppression(by);
            break;
        case rule_kind::deliver_by:
            deliver_by_ = &by;
            break;
    }
}

void evaluation::find(finding what) {
    made_.says = std::max(made_.says, what.says);
    if (made_.found_count < decision::findings_max) made_.found[made_.found_count++] = what;
}

void evaluation::delay(const rule& by, std::int64_t until_ms) {
    earliest_ms_ = std::max(earliest_ms_, until_ms);
    find({.by = &by, .says = outcome::delay, .until_ms = until_ms});
}

void evaluation::judge_zone(const rule& by) {
    see(by, "from", [&] { return std::string(name_of(zones_.from())); });
    see(by, "zones", [&] {
        std::vector<std::string> names;
        for (const local_zone* const zone : zones_.all())
            names.push_back(zone->name());
        return names;
    });
    if (zones_.all().empty())
        find({.by = &by, .says = outcome::block, .why = finding::cause::zone_unknown});
}

void evaluation::judge_time(const rule& by) {
    if (zones_.all().empty()) return;  // the rule about zones has blocked it
    const auto piece = openings_.of_rule(by, about_.now_ms);
    see(by, "open_now", [&] { return piece.is == openings::state::open; });
    if (by.kind == rule_kind::hours) {
        see(
            by, "local_times",
            [&] {
                std::vector<std::string> times;
                for (const local_zone* const zone : zones_.all())
                    times.push_back(local_time_text(*zone, about_.now_ms));
                return times;
            });
        see(
            by, "from", [&] { return format_clock(by.open_ms); });
        see(by, "to", [&] { return format_clock(by.close_ms); });
    }
    if (by.kind == rule_kind::rest_days && by.holidays)
        see(by, "calendars",
            [&] { return by.calendars.empty() ? strings(zones_.countries()) : by.calendars; });
    if (piece.is == openings::state::closed) delay(by, piece.end_ms);
    if (piece.is == openings::state::unknown)
        find({.by = &by, .says = outcome::block, .why = finding::cause::calendar_unknown});
}

void evaluation::judge_cap(const rule& by) {
    if (zones_.all().empty() && by.kind == rule_kind::cap_day) return;
    largest ends(by.count);
    std::int64_t counted = 0;
    for (const contact_fact& each : about_.history) {
        if (!each.to_contact || each.why == purpose::transactional) continue;
        const std::int64_t end_ms = by.kind == rule_kind::cap_day ? openings_.end_of_day(each.at_ms)
                                                                  : later(each.at_ms, by.span_ms);
        if (end_ms <= about_.now_ms) continue;
        ++counted;
        ends.put(end_ms);
    }
    see(
        by, "contacts", [&] { return counted; });
    see(by, "max", [&] { return std::int64_t{by.count}; });
    if (counted > 0 && ends.full()) delay(by, ends.smallest());
}

void evaluation::judge_gap(const rule& by) {
    std::int64_t last_ms = always_ms;
    for (const contact_fact& each : about_.history)
        if (each.to_contact && each.why != purpose::transactional)
            last_ms = std::max(last_ms, each.at_ms);
    see(by, "gap_seconds", [&] { return by.span_ms / second_ms; });
    if (last_ms == always_ms) return;
    see(by, "last_contact", [&] { return moment{last_ms}; });
    const std::int64_t end_ms = later(last_ms, by.span_ms);
    if (end_ms > about_.now_ms) delay(by, end_ms);
}

void evaluation::judge_debtor_day(const rule& by) {
    if (zones_.all().empty()) return;
    std::int64_t until_ms = always_ms;
    std::int64_t counted = 0;
    for (const contact_fact& each : about_.history) {
        const bool theirs = each.to_debtor || (about_.debtor.empty() && each.to_contact);
        if (!theirs || each.why != purpose::dunning) continue;
        const std::int64_t end_ms = openings_.end_of_day(each.at_ms);
        if (end_ms <= about_.now_ms) continue;
        ++counted;
        until_ms = std::max(until_ms, end_ms);
    }
    see(
        by, "debtor_known", [&] { return !about_.debtor.empty(); });
    see(by, "messages", [&] { return counted; });
    if (counted > 0) delay(by, until_ms);
}

void evaluation::judge_tags(const rule& by) {
    see(
        by, "tags", [&] { return strings(about_.tags); });
    const bool tagged = std::ranges::any_of(about_.tags, [&](std::string_view tag) {
        return std::ranges::any_of(by.words,
                                   [&](const std::string& word) { return same_word(word, tag); });
    });
    if (tagged) find({.by = &by, .says = outcome::block});
}

void evaluation::judge_consent(const rule& by) {
    see(by, "looked_at", [&] { return about_.consents_known; });
    if (!about_.consents_known) return;
    const bool given = std::ranges::any_of(
        about_.consents,
        [&](const consent_fact& each) {
            const bool counts = (by.kinds >> static_cast<unsigned>(each.kind) & 1U) != 0;
            return counts && !each.source.empty() && each.at_ms <= about_.now_ms &&
                   (by.span_ms == 0 || later(each.at_ms, by.span_ms) > about_.now_ms);
        });
    see(by, "given", [&] { return given; });
    if (!given) find({.by = &by, .says = outcome::require, .field = "consents"});
}

void evaluation::judge_holds(const rule& by) {
    std::vector<std::string> active;
    for (const hold_fact& each : about_.holds) {
        if ((by.kinds >> static_cast<unsigned>(each.kind) & 1U) == 0) continue;
        if (each.from_ms > about_.now_ms && each.until_ms > each.from_ms)
            if (each.from_ms < next_hold_ms_) {
                next_hold_ms_ = each.from_ms;
                next_hold_ = {.by = &by, .hold = each.kind};
            }
        if (about_.now_ms < each.from_ms || about_.now_ms >= each.until_ms) continue;
        if (values_ != nullptr) active.emplace_back(name_of(each.kind));
        find({.by = &by, .says = outcome::block, .until_ms = each.until_ms, .hold = each.kind});
    }
    if (!about_.holds.empty()) see(by, "active", [&] { return active; });
}

void evaluation::judge_suppression(const rule& by) {
    const bool suppressed = (about_.suppressed & set_of(about_.why)) != 0;
    see(by, "suppressed", [&] { return suppressed; });
    if (suppressed) find({.by = &by, .says = outcome::block});
}

std::optional<std::int64_t> evaluation::needed_ms() const {
    if (!about_.carrier_keeps_validity) return about_.carrier_retry_ms;
    // A carrier that does not try again rings at once or never.
    const std::int64_t floor_ms = deliver_by_ == nullptr ? 0 : deliver_by_->span_ms;
    return std::max(second_ms, std::min(about_.carrier_retry_ms.value_or(floor_ms), floor_ms));
}

void evaluation::find_window() {
    if (!openings_.bounded()) {
        see_window(window{earliest_ms_, never_ms});
        window_found({earliest_ms_, never_ms});
        return;
    }
    const auto need_ms = needed_ms();
    if (!need_ms) {
        no_window();
        return;
    }
    const auto found = openings_.next(earliest_ms_, std::max(*need_ms, second_ms));
    see_window(found);
    if (found)
        window_found(*found);
    else
        no_window();
}

void evaluation::window_found(const window& found) {
    const bool waits = found.from_ms > about_.now_ms;
    if (waits && deliver_by_ != nullptr && openings_.bounded()) {
        const auto now = openings_.next(about_.now_ms, 0);
        const bool open = now && now->from_ms == about_.now_ms;
        if (open && now->to_ms - about_.now_ms < std::max(*needed_ms(), second_ms))
            find({.by = deliver_by_,
                  .says = outcome::delay,
                  .until_ms = found.from_ms,
                  .why = about_.carrier_keeps_validity ? finding::cause::floor
                                                       : finding::cause::carrier_late});
    }
    if (waits) made_.says = std::max(made_.says, outcome::delay);
    made_.until_ms = found.from_ms;
    made_.deliver_by_ms = std::min(found.to_ms, next_hold_ms_);
    heed_next_hold(found);
}

/// A carrier that may ring after a hold has begun gets nothing before it: the hold decides then.
void evaluation::heed_next_hold(const window& found) {
    if (next_hold_ms_ >= found.to_ms) return;
    const auto need_ms = std::max(needed_ms().value_or(never_ms), second_ms);
    if (next_hold_ms_ - found.from_ms >= need_ms) return;
    next_hold_.says = outcome::delay;
    next_hold_.until_ms = next_hold_ms_;
    next_hold_.why = finding::cause::hold_begins;
    find(next_hold_);
    made_.until_ms = std::max(made_.until_ms, next_hold_ms_);
}

void evaluation::no_window() {
    // Whether it opens at all, were it not for what the carrier needs.
    const auto any = openings_.next(earliest_ms_, second_ms);
    if (!any && made_.says == outcome::block) return;  // for a reason that says more
    const rule* blamed = deliver_by_;
    for (const rule& each : rules_.rules)
        if ((!any || blamed == nullptr) && is_about_time(each.kind) &&
            (each.purposes & set_of(about_.why)) != 0) {
            blamed = &each;
            break;
        }
    find({.by = blamed,
          .says = outcome::block,
          .why = any ? finding::cause::carrier_late : finding::cause::never_opens});
}

void evaluation::see_window(const std::optional<window>& found) {
    if (deliver_by_ == nullptr) return;
    const rule& by = *deliver_by_;
    if (about_.carrier_retry_ms)
        see(
            by, "carrier_retry_seconds", [&] { return *about_.carrier_retry_ms / second_ms; });
    see(
        by, "carrier_keeps_validity", [&] { return about_.carrier_keeps_validity; });
    see(by, "floor_seconds", [&] { return by.span_ms / second_ms; });
    if (const auto need_ms = needed_ms())
        see(by, "needed_seconds", [&] { return *need_ms / second_ms; });
    if (!found) return;
    see(by, "window_from", [&] { return moment{found->from_ms}; });
    if (found->to_ms != never_ms) see(by, "window_to", [&] { return moment{found->to_ms}; });
}

decision decide(const facts& about, const policy& rules, zone_book& zones) {
    if (about.why == purpose::transactional) return {};
    return evaluation(about, rules, zones, nullptr).run();
}

}  // namespace hikyaku::gateway::gate
