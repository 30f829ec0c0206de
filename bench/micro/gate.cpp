// How long one decision of the gate takes: a dunning message that may go out, by the zones of its
// number or by two named ones, with a history and holds that are over; and one that has to wait.
#include <benchmark/benchmark.h>

#include <array>
#include <string_view>

#include "config/policy.hpp"
#include "gateway/gate/compile.hpp"
#include "gateway/gate/decide.hpp"
#include "gateway/gate/zone_book.hpp"

namespace {

using namespace hikyaku::gateway::gate;

constexpr std::int64_t noon_in_japan_ms = 1'796'180'400'000;  // 2026-12-02T12:00:00+09:00
constexpr std::int64_t night_in_japan_ms = noon_in_japan_ms + 12 * 3'600'000LL;

void decide_one(benchmark::State& state, std::string_view pack, facts about, outcome wanted) {
    const auto* const found = hikyaku::config::find_pack(hikyaku::config::shipped_packs(), pack);
    if (found == nullptr) return state.SkipWithError("no such pack");
    const policy rules = compile(*found);
    zone_book zones;
    constexpr std::int64_t day = 86'400'000;
    const std::array history{contact_fact{about.now_ms - 3 * day},
                             contact_fact{about.now_ms - 9 * day}};
    const std::array holds{hold_fact{hold_kind::promise, hold_scope::debt, 0, about.now_ms - day}};
    about.history = history;
    about.holds = holds;
    about.consents_known = false;
    for (auto _ : state) {
        const decision made = decide(about, rules, zones);
        if (made.says != wanted) return state.SkipWithError("another decision");
        benchmark::DoNotOptimize(made.until_ms);
    }
    state.SetItemsProcessed(state.iterations());
}

void gate_allow_by_number(benchmark::State& state) {
    decide_one(state, "japan/lender", {.now_ms = noon_in_japan_ms, .number = "819012345678"},
               outcome::allow);
}
BENCHMARK(gate_allow_by_number);

void gate_allow_by_two_zones(benchmark::State& state) {
    static constexpr std::array<std::string_view, 2> zones{"Asia/Tokyo", "Asia/Manila"};
    decide_one(state, "us/third-party", {.now_ms = noon_in_japan_ms, .zones = zones},
               outcome::allow);
}
BENCHMARK(gate_allow_by_two_zones);

void gate_allow_with_holidays(benchmark::State& state) {
    decide_one(state, "eu",
               {.now_ms = noon_in_japan_ms + 6 * 3'600'000LL, .number = "4915112345678"},
               outcome::allow);
}
BENCHMARK(gate_allow_with_holidays);

void gate_delay(benchmark::State& state) {
    decide_one(state, "japan/lender", {.now_ms = night_in_japan_ms, .number = "819012345678"},
               outcome::delay);
}
BENCHMARK(gate_delay);

}  // namespace
