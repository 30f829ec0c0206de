// The gate of the simulated world: what it says of a message follows from seed, message and time
// alone, so that the auditor can be told what the engine heard.
#include "tests/sim/world.hpp"

namespace hikyaku::sim {

using gateway::gate_verdict;

namespace {

constexpr std::int64_t open_ms = 45'000, period_ms = 120'000;  // of those with hours

std::uint64_t mixed(std::uint64_t seed, std::uint64_t number) {
    auto bits = (seed << 32) + number + 0x9E3779B97F4A7C15;
    bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
    bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
    return bits ^ (bits >> 31);
}

}  // namespace

/// Every third seed has accounts whose messages the gate is asked about.
void world::draw_purposes() {
    constexpr config::purpose asked[] = {config::purpose::dunning, config::purpose::service,
                                         config::purpose::marketing};
    auto& accounts = scenario_.settings.accounts;
    for (std::size_t i = 0; seed_ % 3 == 0 && !scenario_.fair && i < accounts.size(); ++i)
        if ((seed_ / 3 + i) % 2 == 0) accounts[i].purpose_default = asked[i % 3];
}

gate_verdict world::ask(const gateway::gate_question& about) {
    const auto* number = auditor_.number_of(about.message);
    for (auto group = members_.begin(); number == nullptr && group != members_.end(); ++group) {
        look_whether_stored(group->first);
        number = auditor_.number_of(about.message);
    }
    if (number == nullptr) {
        auditor_.fail("the gate is asked about a message that nobody wrote");
        return gateway::gate_allow{};
    }
    constexpr auto never = std::numeric_limits<std::int64_t>::max();
    const auto fate = mixed(seed_, *number) % 16;
    scheduler_.trace(21, *number);
    if (fate < 2) {
        ++tally_[fault::gate_refused];
        auditor_.gate_answered(*number, false, true, never);
        if (fate == 0) return gateway::gate_block{"not at all"};
        return gateway::gate_require{{"debt"}};
    }
    if (fate >= 8) {
        auditor_.gate_answered(*number, true, false, never);
        return gateway::gate_allow{};
    }
    const auto phase_ms = about.now_ms % period_ms;
    if (phase_ms < open_ms) {
        const auto closes_ms = about.now_ms - phase_ms + open_ms;
        auditor_.gate_answered(*number, true, false, closes_ms);
        return gateway::gate_allow{closes_ms};
    }
    ++tally_[fault::gate_delayed];
    auditor_.gate_answered(*number, false, false, never);
    return gateway::gate_delay{about.now_ms - phase_ms + period_ms};
}

}  // namespace hikyaku::sim
