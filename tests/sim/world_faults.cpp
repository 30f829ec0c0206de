// What befalls the simulated world from outside: connections that end in every way, carriers that
// are away, nights in which everybody is, disks that fill, processes that die.
#include <cerrno>

#include "tests/sim/application_link.hpp"
#include "tests/sim/carrier_link.hpp"
#include "tests/sim/world.hpp"

namespace hikyaku::sim {

using smpp::command_id;

namespace {

/// One of the ways in which a connection ends.
template <class Link>
void end_somehow(const std::shared_ptr<Link>& link, dice& luck, tally& counts) {
    switch (luck.between(0, 4)) {
        case 0:
            ++counts[fault::half_open];
            link->go_half_open();
            break;
        case 1:
            ++counts[fault::deaf];
            link->go_deaf();
            break;
        case 2:
            ++counts[fault::cut];
            link->cut();
            break;
        case 3:
            ++counts[fault::hang_up];
            link->peer_close();
            break;
        default:
            ++counts[fault::unbind];
            link->unbind();
            break;
    }
}

}  // namespace

void world::every_second() {
    at(night_ ? 300 * second_us : second_us, [this] { every_second(); });
    if (night_ || !engine_) return;
    const auto& habits = scenario_.habits;
    disturb_links();
    for (std::size_t i = 0; i < carriers_.size(); ++i)
        send_replies(i);
    if (strikes(habits.commit_fails)) {
        disk_error_ = luck_.chance(0.5) ? ENOSPC : EIO;
        disk_fails_until_us_ = scheduler_.now_us() + luck_.between(second_us / 10, 5 * second_us);
    }
    if (strikes(habits.disk_full)) {
        ++tally_[fault::disk_full];
        disk_error_ = ENOSPC;
        disk_fails_until_us_ = scheduler_.now_us() + luck_.between(60, 300) * second_us;
    }
    if (strikes(0.003))
        webhooks_fail_until_us_ = scheduler_.now_us() + luck_.between(5, 60) * second_us;
    if (engine_ && strikes(habits.restart_in_peace))
        restart_in_peace();
    else if (engine_ && strikes(habits.crash_any_time))
        crash(fault::crash_any_time);
}

void world::disturb_links() {
    const auto& habits = scenario_.habits;
    for (std::size_t i = 0; i < carriers_.size(); ++i) {
        const auto slots = carriers_[i].slots;
        for (const auto& [kind, link] : slots) {
            if (!link || !link->serves()) continue;
            if (strikes(habits.bind_ends)) {
                end_somehow(link, luck_, tally_);
            } else if (strikes(habits.garbage)) {
                ++tally_[fault::garbage];
                link->write_garbage();
            }
        }
        if (strikes(habits.carrier_goes_down)) {
            ++tally_[fault::carrier_down];
            carriers_[i].down_until_us = scheduler_.now_us() + luck_.between(5, 600) * second_us;
            for (const auto& [kind, link] : slots)
                if (link) link->peer_close();
        }
    }
    const auto links = application_links_;
    for (const auto& link : links) {
        if (!link->serves()) continue;
        if (strikes(habits.session_ends)) {
            end_somehow(link, luck_, tally_);
        } else if (strikes(habits.garbage)) {
            ++tally_[fault::garbage];
            link->write_garbage();
        }
    }
}

void world::begin_night() {
    if (!calm_) {
        ++tally_[fault::night];
        at(scenario_.night_us, [this] { end_night(); });
    }
    night_ = true;
    for (const auto& carrier : carriers_) {
        for (const auto& slot : carrier.slots)
            if (slot.link) slot.link->peer_close();
    }
    for (const auto& link : std::vector(application_links_))
        link->peer_close();
}

/// Some carriers stay away until the faults stop: their routes fall back, or wait.
void world::end_night() {
    if (!std::exchange(night_, false)) return;
    if (!calm_) {
        for (auto& carrier : carriers_) {
            if (!luck_.chance(0.2)) continue;
            ++tally_[fault::carrier_away];
            carrier.down_until_us = scheduler_.now_us() + scenario_.active_us;
        }
    }
    everybody_returns();
}

/// Applications bind if they are not bound, and our binds are tried again at once.
void world::everybody_returns() {
    for (std::size_t i = 0; i < scenario_.accounts.size(); ++i) {
        const auto& habits = scenario_.accounts[i];
        if (habits.how != account_habits::kind::smpp) continue;
        const auto bind = [this, i](command_id kind) {
            at(luck_.between(0, second_us), [this, i, kind] { keep_bound(i, kind); });
        };
        if (habits.two_sessions) {
            bind(command_id::bind_transmitter);
            bind(command_id::bind_receiver);
        } else {
            bind(command_id::bind_transceiver);
        }
    }
    for (std::size_t i = 0; i < carriers_.size(); ++i)
        if (calm_) carriers_[i].down_until_us = 0;
    connect_carriers();
}

}  // namespace hikyaku::sim
