// The applications and the staff of the world of the law: messages at all hours and in heaps, holds
// of every kind on whatever a message is known by, suppressions, emergency stops, and the ends of
// all of these.
#include <fmt/format.h>

#include <algorithm>

#include "gateway/model/keys.hpp"
#include "tests/law/world.hpp"

namespace hikyaku::law {

using gateway::refusal;
using sim::hour_us;
using sim::millisecond_us;
using sim::second_us;

namespace {

constexpr session_id submitting{1}, asking{2};
constexpr std::size_t heap_most = 8;  // messages at a time
constexpr gateway::gate::purpose_set every_asked = gateway::gate::set_of(Purpose::service) |
                                                   gateway::gate::set_of(Purpose::dunning) |
                                                   gateway::gate::set_of(Purpose::marketing);

}  // namespace

reply_ticket world::next_ticket(std::function<void()> then) {
    known_[++tickets_] = std::move(then);
    return {asking, tickets_};
}

void world::rows_kept(reply_ticket ticket) {
    if (ticket.session != asking) {
        desk_writing_ = false;
        wake_desk();
        return;
    }
    protection_->rows_kept(ticket);
    wake_desk();
    const auto then = known_.find(ticket.sequence);
    if (then == known_.end()) return;
    const auto call = std::move(then->second);
    known_.erase(then);
    if (call) call();
}

// Messages.

/// At any time, and near the ends of the windows more often.
void world::plan_messages() {
    const auto length_ms = scenario_.days * day_ms;
    for (std::size_t left = scenario_.messages; left > 0;) {
        const auto account = luck_.below(scenario_.accounts.size());
        auto at_wall_ms = scenario_.begin_ms + luck_.between(0, length_ms - 1);
        const auto& plan = scenario_.accounts[account];
        if (luck_.chance(0.4)) {
            const auto& zones = luck_.pick(luck_.pick(plan.persons).ways).number_zones;
            const auto* const there = zones.empty() ? nullptr : wall_of(zones[0]);
            if (there != nullptr) {
                const auto edge = luck_.chance(0.5) ? plan.law.open : plan.law.close;
                at_wall_ms = there->moment(there->day_at(at_wall_ms), edge) +
                             luck_.between(-30 * minute_ms, 5 * minute_ms);
            }
        }
        const auto heap = luck_.chance(0.2) ? 1 + luck_.below(heap_most) : 1;
        left -= std::min(left, heap);
        at_ms(at_wall_ms, [this, account, heap] {
            for (std::size_t i = 0; i < heap && engine_; ++i)
                submit_some(account);
        });
    }
}

void world::submit_some(std::size_t account) {
    submit(account, luck_.pick(scenario_.accounts[account].persons));
}

/// Of several zones the one whose window opens first, which is all that the program is told when
/// the mistake is planted that one is enough.
std::string world::wanted_zone(const way& to, const rules& law) {
    std::string best = to.zones[0];
    auto soonest_ms = never;
    for (const auto& name : to.zones) {
        const auto* const here = wall_of(name);
        if (here == nullptr) continue;
        auto day = here->day_at(now().wall_ms);
        if (here->moment(day, law.close) - law.floor_ms <= now().wall_ms) day += date::days{1};
        const auto opens_ms = std::max(now().wall_ms, here->moment(day, law.open));
        if (opens_ms < soonest_ms) {
            soonest_ms = opens_ms;
            best = name;
        }
    }
    return best;
}

void world::submit(std::size_t account, const person& whom) {
    const auto& to = luck_.pick(whom.ways);
    message one;
    one.account = account;
    const auto dice = luck_.between(0, 9);
    one.purpose = dice < 6   ? Purpose::dunning
                  : dice < 8 ? Purpose::service
                  : dice < 9 ? Purpose::marketing
                             : Purpose::transactional;
    one.phone = to.phone;
    one.contact = to.contact;
    one.zones = to.zones;
    one.number_zones = to.number_zones;
    one.country = to.country;
    one.tags = to.tags;
    one.debtor = whom.debtor;
    if (!whom.debts.empty() && luck_.chance(0.8)) one.debt = luck_.pick(whom.debts);
    one.segments = luck_.chance(0.2) ? static_cast<std::size_t>(luck_.between(2, 3)) : 1;
    one.accepted_ms = one.due_ms = now().wall_ms;
    if (luck_.chance(0.15)) one.due_ms += luck_.between(minute_ms, 3 * day_ms);
    const auto validity = luck_.between(0, 9);
    one.expires_ms = one.due_ms + (validity < 2   ? luck_.between(hour_ms, 12 * hour_ms)
                                   : validity < 8 ? luck_.between(24 * hour_ms, 72 * hour_ms)
                                                  : luck_.between(5 * day_ms, 7 * day_ms));
    const bool at_most_once = scenario_.settings.accounts[account].at_most_once;
    one.is_marked = at_most_once ||
                    std::ranges::any_of(auditor_.carriers_of[account], [this](std::size_t carrier) {
                        return scenario_.settings.carriers[carrier].on_unknown ==
                               config::unknown_outcome::await_receipt;
                    });
    const auto number = auditor_.messages.size();
    gateway::submission made;
    made.origin = gateway::Origin::http;
    made.source = {5, 0, fmt::format("M{}", number)};
    made.destination = {1, 1, one.phone};
    made.text = std::string(one.segments == 1 ? 20 : one.segments * 150 - 10, 'a');
    made.purpose = one.purpose;
    made.contact = {one.contact, one.zones, one.tags};
    if (options_.mistake == planted::zones_united && one.zones.size() > 1)
        made.contact.zones = {wanted_zone(to, scenario_.accounts[account].law)};
    if (options_.mistake == planted::clock_unchanged && one.zones.empty() && one.country == "DE")
        made.contact.zones = {"Etc/GMT-1"};
    made.debtor = one.debtor;
    made.debt = one.debt;
    made.at_most_once = at_most_once;
    if (one.due_ms != one.accepted_ms) made.send_at_ms = one.due_ms;
    made.expires_ms = one.expires_ms;
    const auto taken = engine_->submit(id_of(account), std::move(made),
                                       {submitting, static_cast<std::uint32_t>(number)}, now());
    if (taken.why != refusal::none) {
        auditor_.fail(fmt::format("a good message is refused ({})", static_cast<int>(taken.why)));
        return;
    }
    one.id = static_cast<std::uint64_t>(taken.id);
    number_of_[one.id] = number;
    wake_at(one.due_ms);
    (void)auditor_.add(std::move(one));
    if (!calm_ && luck_.chance(0.08)) hold_between(number);
}

void world::submission_settled(const gateway::settled_submission& what) {
    auto& one = auditor_.messages[what.ticket.sequence];
    one.stored = what.why == refusal::none;
    one.stored_ms = now().wall_ms;
}

/// Between the acceptance of a message and its hand-off, and sometimes the process dies before the
/// hold is on disk.
void world::hold_between(std::size_t number) {
    const auto account = auditor_.messages[number].account;
    const auto place = [this, account, number] {
        const auto& one = auditor_.messages[number];
        for (const auto& each : scenario_.accounts[account].persons)
            if (std::ranges::any_of(each.ways,
                                    [&](const way& to) { return to.phone == one.phone; })) {
                place_hold(account, each);
                break;
            }
        if (luck_.chance(0.1)) {
            const auto run = run_;
            at(luck_.between(0, 3 * millisecond_us), [this, run] {
                if (run == run_ && engine_) crash();
            });
        }
    };
    const auto delay =
        luck_.chance(0.5) ? luck_.between(0, 10 * millisecond_us) : luck_.between(0, 10 * hour_us);
    at_this_run(delay, place);
}

// What staff do.

void world::plan_acts() {
    const auto length_us = scenario_.days * 24 * hour_us;
    for (std::size_t i = 0; i < scenario_.acts; ++i)
        at(luck_.between(0, length_us - 1), [this] {
            if (engine_ && !calm_) act();
        });
    for (std::size_t i = 0; i < scenario_.crashes; ++i)
        at(luck_.between(0, length_us - 1), [this] {
            if (engine_ && !calm_) crash();
        });
}

void world::act() {
    if (protection_ == nullptr || engine_->refuses_changes() != refusal::none) return;
    const auto account = luck_.below(scenario_.accounts.size());
    const auto& whom = luck_.pick(scenario_.accounts[account].persons);
    const auto dice = luck_.between(0, 19);
    if (dice < 8) {
        place_hold(account, whom);
    } else if (dice < 12) {
        lift_hold();
    } else if (dice < 15) {
        const auto& to = luck_.pick(whom.ways);
        suppress(account, to.contact.empty() || luck_.chance(0.5) ? "+" + to.phone : to.contact);
    } else if (dice < 17) {
        end_suppression();
    } else if (dice < 18) {
        end_task();
    } else {
        begin_stop();
    }
}

void world::place_hold(std::size_t account, const person& whom, std::optional<party_scope> scope) {
    if (engine_->refuses_changes() != refusal::none) return;
    const auto& to = luck_.pick(whom.ways);
    hold made;
    made.account = account;
    made.scope =
        luck_.chance(0.05) ? party_scope::account : static_cast<party_scope>(luck_.between(0, 2));
    if (scope) made.scope = *scope;
    if (made.scope == party_scope::debtor && whom.debtor.empty()) made.scope = party_scope::contact;
    if (made.scope == party_scope::debt && whom.debts.empty()) made.scope = party_scope::contact;
    dunning::new_hold wanted;
    if (made.scope == party_scope::contact)
        wanted.reference = to.contact.empty() || luck_.chance(0.6) ? "+" + to.phone : to.contact;
    if (made.scope == party_scope::debtor) wanted.reference = whom.debtor;
    if (made.scope == party_scope::debt) wanted.reference = luck_.pick(whom.debts);
    made.kind = static_cast<hold_kind>(luck_.below(gateway::gate::hold_kinds));
    made.asked_ms = made.from_ms = now().wall_ms;
    if (luck_.chance(0.25))
        made.from_ms = wanted.from_ms = now().wall_ms + luck_.between(minute_ms, 3 * day_ms);
    const bool is_long = made.scope != party_scope::account && luck_.chance(0.3);
    if (!is_long)
        made.until_ms = made.from_ms + luck_.between(minute_ms, scope ? hour_ms : 6 * day_ms);
    wanted.kind = made.kind;
    wanted.scope = made.scope;
    wanted.until_ms = made.until_ms;
    wanted.evidence = "letter";
    wanted.placed_by = "Sato";
    made.reference =
        made.scope == party_scope::contact ? canonical(wanted.reference) : wanted.reference;
    const auto hash = environment_->hash(
        gateway::model::party_key(stored(id_of(account)), made.scope, wanted.reference));
    if (made.scope == party_scope::contact) held_contacts_.insert(hash);
    const auto number = auditor_.holds.size();
    auto answer = protection_->place(
        id_of(account), std::move(wanted),
        next_ticket([this, number] { auditor_.holds[number].known_ms = now().wall_ms; }), now());
    if (answer.why != refusal::none) {
        auditor_.fail("a hold is refused");
        return;
    }
    ++auditor_.counts.holds;
    scheduler_.trace(4, number);
    made.id = answer.hold.id;
    auditor_.holds.push_back(std::move(made));
}

void world::lift_hold() {
    if (auditor_.holds.empty()) return;
    const auto number = luck_.below(auditor_.holds.size());
    auto& one = auditor_.holds[number];
    if (one.gone || one.known_ms == never || one.end_asked_ms != never) return;
    const auto answer = protection_->lift(
        id_of(one.account), one.id, "kept", "Ito",
        next_ticket([this, number] { auditor_.holds[number].end_known_ms = now().wall_ms; }),
        now());
    if (answer.why != refusal::none)
        auditor_.fail(fmt::format("hold {} was answered and cannot be lifted", one.id));
    one.end_asked_ms = now().wall_ms;
}

void world::suppress(std::size_t account, const std::string& contact) {
    auto purposes = static_cast<gateway::gate::purpose_set>(luck_.between(1, 7) << 1);
    dunning::suppression_view wanted;
    wanted.contact = contact;
    wanted.purposes = purposes;
    if (options_.mistake == planted::suppression_of_one)
        wanted.purposes = static_cast<gateway::gate::purpose_set>(purposes & -purposes);
    const auto first = auditor_.suppressions.size();
    for (const auto purpose : {Purpose::service, Purpose::dunning, Purpose::marketing}) {
        if ((purposes & gateway::gate::set_of(purpose)) == 0) continue;
        suppression made;
        made.account = account;
        made.contact = canonical(contact);
        made.purpose = purpose;
        made.act = auditor_.counts.suppressions;
        made.asked_ms = now().wall_ms;
        auditor_.suppressions.push_back(std::move(made));
    }
    const auto last = auditor_.suppressions.size();
    const auto why = protection_->suppress(id_of(account), wanted, next_ticket([this, first, last] {
                                               for (auto i = first; i < last; ++i)
                                                   auditor_.suppressions[i].known_ms =
                                                       now().wall_ms;
                                           }),
                                           now());
    if (why != refusal::none) auditor_.fail("a suppression is refused");
    ++auditor_.counts.suppressions;
}

/// All purposes of one contact point.
void world::end_suppression() {
    if (auditor_.suppressions.empty()) return;
    const auto& chosen = auditor_.suppressions[luck_.below(auditor_.suppressions.size())];
    const auto account = chosen.account;
    const auto contact = chosen.contact;
    const auto ended_ms = now().wall_ms;
    const auto key = std::pair{account, contact};
    const auto is_meant = [account, contact, ended_ms](const suppression& each) {
        return each.account == account && each.contact == contact && each.asked_ms < ended_ms;
    };
    const auto why = protection_->allow_again(
        id_of(account), contact, every_asked, next_ticket([this, is_meant, key] {
            ++removals_[key].known;
            --removals_[key].open;
            for (auto& each : auditor_.suppressions)
                if (is_meant(each)) each.end_known_ms = std::min(each.end_known_ms, now().wall_ms);
        }),
        now());
    if (why != refusal::none) return;  // it is not suppressed, or a change is under way
    ++removals_[key].open;
    for (auto& each : auditor_.suppressions)
        if (is_meant(each)) each.end_asked_ms = std::min(each.end_asked_ms, ended_ms);
}

void world::end_task() {
    const auto account = luck_.below(scenario_.accounts.size());
    const auto open = protection_->list_tasks(id_of(account), 0, 100);
    if (open.empty()) return;
    const auto& one = luck_.pick(open);
    const auto id = one.id;
    (void)protection_->end_task(id_of(account), id, "Ito", "done",
                                next_ticket([this, id] { tasks_done_.insert(id); }), now());
}

void world::begin_stop() {
    stop made;
    if (luck_.chance(0.7)) made.account = luck_.below(scenario_.accounts.size());
    made.every_purpose = luck_.chance(0.4);
    if (!made.every_purpose) made.purpose = luck_.chance(0.7) ? Purpose::dunning : Purpose::service;
    made.asked_ms = now().wall_ms;
    const auto of = position_of(made);
    const auto is_same = [&](const stop& each) {
        return position_of(each) == of && each.end_known_ms == never;
    };
    if (std::ranges::any_of(auditor_.stops, is_same)) return;
    const auto number = auditor_.stops.size();
    const auto why = protection_->stop(
        {of, now().wall_ms, "Sato"},
        next_ticket([this, number] { auditor_.stops[number].known_ms = now().wall_ms; }), now());
    if (why != refusal::none) auditor_.fail("a stop is refused");
    ++auditor_.counts.stops;
    auditor_.stops.push_back(made);
    const auto lasts = luck_.chance(0.5) ? luck_.between(second_us, 2 * hour_us)
                                         : luck_.between(hour_us, 72 * hour_us);
    at(lasts, [this, number] { end_stop(number); });
}

void world::end_stop(std::size_t number) {
    auto& one = auditor_.stops[number];
    if (one.gone || one.end_known_ms != never) return;
    if (!engine_) {
        at(hour_us, [this, number] { end_stop(number); });
        return;
    }
    const auto why = protection_->resume(position_of(one), next_ticket([this, number] {
                                             auditor_.stops[number].end_known_ms = now().wall_ms;
                                         }),
                                         now());
    if (why == refusal::not_found)
        auditor_.fail("a stop was answered, and there is none to be lifted");
    if (why == refusal::none) one.end_asked_ms = now().wall_ms;
    at(hour_us, [this, number] { end_stop(number); });  // if a crash has forgotten it
}

}  // namespace hikyaku::law
