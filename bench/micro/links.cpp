// How long a hit's class takes: of a user agent that is remembered, of one that is looked for in
// the lists, and of one made to be slow there; and how long the lists take to be made.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "gateway/links/classify.hpp"
#include "gateway/links/hit_lists.hpp"

namespace {

using namespace hikyaku::gateway::links;

constexpr std::string_view phone =
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/136.0.0.0 "
    "Mobile Safari/537.36";

request_facts request_of(std::string_view user_agent) {
    request_facts facts;
    facts.method = "GET";
    facts.http_version = 11;
    for (const auto& [name, value] :
         std::initializer_list<std::pair<std::string_view, std::string_view>>{
             {"Host", "pay.example"},
             {"User-Agent", user_agent},
             {"Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"},
             {"Accept-Language", "ja-JP,ja;q=0.9"},
             {"Accept-Encoding", "gzip, deflate"},
             {"Connection", "keep-alive"}})
        add_header(facts, name, value);
    return facts;
}

void link_class_of_known_agent(benchmark::State& state) {
    agent_memory memory(agent_lists::shipped());
    for (auto _ : state) {
        request_facts facts = request_of(phone);
        facts.agent = memory.describe(facts.user_agent);
        const hit_verdict verdict = classify(facts);
        if (verdict.kind != hit_class::human_likely) return state.SkipWithError("another class");
        benchmark::DoNotOptimize(verdict.reasons);
    }
}
BENCHMARK(link_class_of_known_agent);

void link_class_of_new_agent(benchmark::State& state) {
    std::vector<std::string> agents;
    for (int i = 0; i < 512; ++i)
        agents.push_back(std::string(phone) + " Build/" + std::to_string(i * 7919));
    std::size_t next = 0;
    for (auto _ : state) {
        request_facts facts = request_of(agents[next++ % agents.size()]);
        facts.agent = agent_lists::shipped().describe(facts.user_agent);
        benchmark::DoNotOptimize(classify(facts).reasons);
    }
}
BENCHMARK(link_class_of_new_agent);

/// Pieces of the patterns themselves, in an order that comes never twice.
void link_class_of_hostile_agent(benchmark::State& state) {
    std::string pieces;
    for (const auto& list : hikyaku::config::shipped_agent_rules())
        for (const auto& entry : list.agents)
            for (const auto& pattern : entry.match)
                pieces += pattern;
    std::uint64_t random = 1;
    const auto next = [&random] { return (random = random * 6364136223846793005U + 1) >> 33; };
    for (auto _ : state) {
        state.PauseTiming();
        std::string agent;
        while (agent.size() < agent_octets_max)
            agent += pieces.substr(next() % (pieces.size() - 10), 3 + next() % 6);
        state.ResumeTiming();
        benchmark::DoNotOptimize(agent_lists::shipped().describe(agent));
    }
}
BENCHMARK(link_class_of_hostile_agent);

void link_lists_made(benchmark::State& state) {
    for (auto _ : state) {
        const hit_lists lists(hikyaku::config::settings{});
        benchmark::DoNotOptimize(lists.fingerprint());
    }
    state.SetLabel("without reading the files");
}
BENCHMARK(link_lists_made);

}  // namespace
