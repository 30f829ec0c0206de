// What the acceptance of messages costs on disk: one synced transaction of 1, 100 or 1000 messages,
// each with the entries of an acceptance (message, queue, expiry). The store is made in TMPDIR, so
// set that to the disk to be measured.
#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "gateway/model/tables.hpp"
#include "store/batch.hpp"
#include "store/environment.hpp"
#include "store/ids.hpp"
#include "tests/support/temporary_folder.hpp"

namespace {

using namespace hikyaku;
namespace model = hikyaku::gateway::model;

constexpr std::size_t message_octets = 320;  // a FlatBuffer with a text of one segment
constexpr std::int64_t day_ms = 86'400'000;

void add_acceptance(store::batch& into, std::uint64_t id, std::int64_t now,
                    const std::string& message) {
    const model::message_key key(id);
    into.put(model::table::messages, key, message);
    into.put(model::table::queue, model::queue_key(1, 1, 1, now, id), now + day_ms);
    into.put(model::table::expiry,
             model::expiry_key(now + 90 * day_ms, model::table::messages, key));
}

void commit_acceptances(benchmark::State& state) {
    const auto messages = static_cast<std::size_t>(state.range(0));
    const temporary_folder folder;
    store::environment_settings settings;
    settings.path = folder / "store";
    auto opened = store::environment::open(std::move(settings), {model::domain});
    if (!opened) return state.SkipWithError(opened.error().sentence.c_str());
    store::environment& environment = **opened;
    const std::string message(message_octets, 'm');
    std::int64_t now = std::chrono::duration_cast<std::chrono::milliseconds>(
                           std::chrono::system_clock::now().time_since_epoch())
                           .count();
    store::id_source ids(1);
    store::batch batch;
    for (auto _ : state) {
        batch.clear();
        now += 1;
        for (std::size_t i = 0; i < messages; ++i)
            add_acceptance(batch, ids.next(now), now, message);
        const store::batch* const one[] = {&batch};
        if (!environment.apply(one)) state.SkipWithError("not committed");
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(messages));
}
BENCHMARK(commit_acceptances)
    ->Arg(1)
    ->Arg(100)
    ->Arg(1000)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
