// The sentences and values of a decision, and the windows of the next days. None of it is on the
// hot path: a message that may go out needs no words.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "gateway/gate/calendar.hpp"
#include "gateway/gate/decide.hpp"
#include "gateway/gate/evaluation.hpp"

namespace hikyaku::gateway::gate {
namespace {

std::string span_text(std::int64_t ms) {
    if (ms % day_ms == 0) return fmt::format("{} days", ms / day_ms);
    if (ms % hour_ms == 0) return fmt::format("{} hours", ms / hour_ms);
    if (ms % minute_ms == 0) return fmt::format("{} minutes", ms / minute_ms);
    return fmt::format("{} seconds", ms / second_ms);
}

std::string sentence_of_time(const rule& by) {
    if (by.kind == rule_kind::hours)
        return fmt::format(
            "only from {} to before {}, by the clock of every zone in which the "
            "person may be",
            format_clock(by.open_ms), format_clock(by.close_ms));
    return by.kind == rule_kind::blackout ? "not on this day: it is a blackout day"
                                          : "not on days of rest and holidays";
}

std::string sentence_of_cause(const finding& about) {
    switch (about.why) {
        case finding::cause::zone_unknown:
            return "the time zone is not known: no zone of the contact point, the number or the "
                   "account, or one that the system does not have";
        case finding::cause::never_opens:
            return "no moment within a year is allowed in all zones and by all rules about time";
        case finding::cause::floor:
            return fmt::format(
                "too little is left of the window for a carrier that tries again: "
                "{} are needed",
                span_text(about.by->span_ms));
        case finding::cause::carrier_late:
            return "the carrier may ring after the end of the window: it tries again for too long "
                   "and does not keep the validity period";
        case finding::cause::hold_begins:
            return "a hold begins before the carrier has tried for the last time";
        case finding::cause::calendar_unknown:
            return "the holidays of that country or year are not known";
        case finding::cause::itself:
            break;
    }
    return {};
}

std::string sentence_of_rule(const finding& about) {
    const rule& by = *about.by;
    switch (by.kind) {
        case rule_kind::stop:
            return "sending is stopped";
        case rule_kind::zone:
            return "the time zone is not known";
        case rule_kind::hours:
        case rule_kind::rest_days:
        case rule_kind::blackout:
            return sentence_of_time(by);
        case rule_kind::cap_day:
            return fmt::format("at most {} a day to one contact point", by.count);
        case rule_kind::cap_period:
            return fmt::format("at most {} in {} to one contact point", by.count,
                               span_text(by.span_ms));
        case rule_kind::gap:
            return fmt::format("at least {} between two messages to one contact point",
                               span_text(by.span_ms));
        case rule_kind::debtor_day:
            return "one dunning message for each debtor and day";
        case rule_kind::tags:
            return fmt::format("not to a contact point tagged {}", fmt::join(by.words, " or "));
        case rule_kind::consent:
            return "needs a consent with its source, and not an old one";
        case rule_kind::hold:
            return fmt::format("a hold is in force: {}", name_of(about.hold));
        case rule_kind::suppression:
            return "the contact point is suppressed for this purpose";
        case rule_kind::deliver_by:
            return "has to be delivered within the window";
    }
    return {};
}

}  // namespace

std::string sentence_of(const rule& what) {
    if (!what.text.empty()) return what.text;
    if (what.kind != rule_kind::hold) return sentence_of_rule({.by = &what});
    std::vector<std::string_view> kinds;
    for (std::size_t i = 0; i < hold_kinds; ++i)
        if ((what.kinds >> i & 1U) != 0) kinds.push_back(name_of(static_cast<hold_kind>(i)));
    return fmt::format("not under a hold: {}", fmt::join(kinds, ", "));
}

namespace {

reason reason_of(const finding& about) {
    const rule& by = *about.by;
    reason made{by.id, sentence_of_cause(about)};
    if (by.kind == rule_kind::hold) made.rule = fmt::format("hold_{}", name_of(about.hold));
    if (made.text.empty()) made.text = by.text.empty() ? sentence_of_rule(about) : by.text;
    if (!by.source.empty()) made.text += fmt::format(" ({})", by.source);
    return made;
}

}  // namespace

explanation explain(const decision& made, const facts& about, const policy& rules,
                    zone_book& zones) {
    explanation out;
    if (about.why != purpose::transactional)
        (void)evaluation(about, rules, zones, &out.values).run();
    std::vector<finding> found(made.findings().begin(), made.findings().end());
    std::ranges::stable_sort(found, std::greater<>{}, &finding::says);
    for (const finding& each : found) {
        if (each.by == nullptr) continue;
        reason one = reason_of(each);
        if (!each.field.empty()) out.fields.emplace_back(each.field);
        if (std::ranges::find(out.reasons, one.rule, &reason::rule) == out.reasons.end())
            out.reasons.push_back(std::move(one));
    }
    return out;
}

std::vector<window> windows(const facts& about, const policy& rules, zone_book& zones, int days) {
    const std::int64_t end_ms = about.now_ms + days * day_ms;
    if (about.why == purpose::transactional) return {{about.now_ms, end_ms}};
    const message_zones where(about, rules, zones);
    if (where.all().empty()) return {};
    const openings when(rules, about.why, where.all(), where.countries());
    // A window that has begun is told whole.
    const std::int64_t scan_ms = about.now_ms - 2 * day_ms;
    std::vector<window> out;
    for (auto next = when.next(scan_ms, 0); next && next->from_ms < end_ms;
         next = when.next(next->to_ms, 0)) {
        if (next->from_ms == scan_ms) next->from_ms = about.now_ms;
        if (next->to_ms == never_ms) next->to_ms = end_ms;
        if (next->to_ms > about.now_ms) out.push_back(*next);
        if (next->to_ms >= end_ms) break;
    }
    return out;
}

}  // namespace hikyaku::gateway::gate
