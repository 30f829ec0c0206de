// test_sim [--seed N] [--runs N] [--seconds N] [--hours N]: the tests of the simulation, with the
// options of GoogleTest beside its own. test_sim --write-traces FILE: see traces.hpp.
#include <gtest/gtest.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/sim/options.hpp"
#include "tests/sim/traces.hpp"

namespace hikyaku::sim {

run_options chosen_options;

namespace {

bool take(std::string_view name, std::string_view value, run_options& into) {
    const auto read = [&](auto& number) {
        const auto [end, fault] =
            std::from_chars(value.data(), value.data() + value.size(), number);
        return fault == std::errc{} && end == value.data() + value.size();
    };
    into.as_usual = false;
    return name == "seed"      ? read(into.seed)
           : name == "runs"    ? read(into.runs)
           : name == "seconds" ? read(into.seconds)
           : name == "hours"   ? read(into.hours)
                               : false;
}

}  // namespace

std::optional<run_options> parse_options(int count, char** words) {
    run_options options;
    for (const auto& [variable, name] :
         {std::pair{"HIKYAKU_SIM_SEED", "seed"}, std::pair{"HIKYAKU_SIM_RUNS", "runs"},
          std::pair{"HIKYAKU_SIM_SECONDS", "seconds"}, std::pair{"HIKYAKU_SIM_HOURS", "hours"}}) {
        const char* value = std::getenv(variable);
        if (value != nullptr && !take(name, value, options)) return std::nullopt;
    }
    for (int i = 1; i < count; ++i) {
        std::string_view word = words[i];
        if (!word.starts_with("--")) return std::nullopt;
        word.remove_prefix(2);
        const auto equals = word.find('=');
        const auto name = word.substr(0, equals);
        std::string_view value;
        if (equals != std::string_view::npos)
            value = word.substr(equals + 1);
        else if (++i < count)
            value = words[i];
        if (!take(name, value, options)) return std::nullopt;
    }
    return options;
}

}  // namespace hikyaku::sim

int main(int count, char** words) {
    if (count == 3 && std::string_view(words[1]) == "--write-traces")
        return hikyaku::sim::write_traces(words[2]) ? 0 : 1;
    testing::InitGoogleTest(&count, words);
    const auto options = hikyaku::sim::parse_options(count, words);
    if (!options) {
        std::fprintf(stderr, "usage: %s [--seed N] [--runs N] [--seconds N] [--hours N]\n",
                     words[0]);
        return 2;
    }
    hikyaku::sim::chosen_options = *options;
    return RUN_ALL_TESTS();
}
