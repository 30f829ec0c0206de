// How long it takes to plan a text: a short one of one GSM segment, and a long one in UCS-2 that is
// cut between grapheme clusters.
#include <benchmark/benchmark.h>

#include <string>
#include <string_view>

#include "smpp/text/plan.hpp"

namespace {

using namespace hikyaku::smpp::text;

void plan(benchmark::State& state, std::string_view text, std::size_t segments) {
    for (auto _ : state) {
        const auto planned = plan_text(text, {});
        if (!planned || planned->segments.size() != segments)
            return state.SkipWithError("not the plan that was expected");
        benchmark::DoNotOptimize(planned->segments.data());
    }
    state.SetItemsProcessed(state.iterations());
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

void plan_short_gsm(benchmark::State& state) {
    plan(state, "Reminder: invoice 1188 over 128 EUR is due on Friday. https://pay.example/aB3dE5",
         1);
}
BENCHMARK(plan_short_gsm);

void plan_long_ucs2(benchmark::State& state) {
    std::string text;
    for (int i = 0; i < 20; ++i)
        text += "お支払い期限が過ぎています。";  // 14 units
    plan(state, text, 5);                        // 280 units, 67 in each segment
}
BENCHMARK(plan_long_ucs2);

}  // namespace
