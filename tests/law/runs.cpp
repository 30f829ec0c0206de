#include "tests/law/runs.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <fstream>
#include <map>
#include <sstream>
#include <string_view>
#include <vector>

#include "tests/law/world.hpp"
#include "tests/support/temporary_folder.hpp"

namespace hikyaku::law {
namespace {

template <class Number>
bool read(std::string_view text, Number& into) {
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), into);
    return fault == std::errc{} && end == text.data() + text.size();
}

bool take(std::string_view name, std::string_view value, run_options& into) {
    if (name == "--seeds") {
        const auto dash = value.find('-');
        const auto last = dash == std::string_view::npos ? value : value.substr(dash + 1);
        return read(value.substr(0, dash), into.first) && read(last, into.last);
    }
    if (name == "--days") return read(value, into.days) && (into.days == 30 || into.days == 365);
    if (name == "--jobs") return read(value, into.jobs) && into.jobs > 0 && into.jobs <= 64;
    into.done = value;
    return name == "--done";
}

/// What a line of the file says after the seed.
constexpr std::uint64_t tally::*told[] = {
    &tally::messages,  &tally::segments,  &tally::went,         &tally::rejected,  &tally::expired,
    &tally::holds,     &tally::stops,     &tally::suppressions, &tally::opted_out, &tally::crashes,
    &tally::rows_lost, &tally::rows_left, &tally::cancels,      &tally::forgotten, &tally::events};
constexpr const char* told_names[] = {"messages",
                                      "segments handed to carriers",
                                      "went out",
                                      "rejected",
                                      "expired",
                                      "holds",
                                      "stops",
                                      "suppressions",
                                      "opted out by carriers",
                                      "crashes",
                                      "counts that a crash took",
                                      "counts that a crash left",
                                      "cancels asked of carriers",
                                      "forgotten by carriers",
                                      "events"};

struct done_seed {
    bool is_good = false;
    tally counts;
};

std::string line_of(std::uint64_t seed, const auditor& audit) {
    auto line = fmt::format("{} {}", seed, audit.faults().empty() ? "good" : "bad");
    for (const auto member : told)
        line += fmt::format(" {}", audit.counts.*member);
    return line + fmt::format(" {} {}\n", audit.counts.late_ms, audit.counts.virtual_ms);
}

std::map<std::uint64_t, done_seed> read_done(const std::string& file) {
    std::map<std::uint64_t, done_seed> all;
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        std::istringstream words(line);
        std::uint64_t seed = 0;
        std::string how;
        done_seed one;
        words >> seed >> how;
        for (const auto member : told)
            words >> one.counts.*member;
        words >> one.counts.late_ms >> one.counts.virtual_ms;
        one.is_good = how == "good";
        if (words) all[seed] = one;
    }
    return all;
}

void run_one(std::uint64_t seed, std::int64_t days, int to) {
    const temporary_folder folder;
    world simulated(seed, folder / "store", {.days = days});
    simulated.run();
    for (const auto& fault : simulated.audit().faults())
        std::printf("%s\nagain: test_law --days %lld --seeds %llu\n", fault.c_str(),
                    static_cast<long long>(days), static_cast<unsigned long long>(seed));
    std::fflush(stdout);
    const auto line = line_of(seed, simulated.audit());
    if (write(to, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
        std::printf("the file of what is done cannot be written\n");
}

void print_sums(const std::map<std::uint64_t, done_seed>& all, const run_options& options) {
    tally sum;
    std::uint64_t good = 0, bad = 0;
    for (const auto& [seed, one] : all) {
        if (seed < options.first || seed > options.last) continue;
        sum.add(one.counts);
        (one.is_good ? good : bad) += 1;
    }
    std::printf("%llu seeds of %lld days without a fault, %llu with one; %.1f virtual years\n",
                static_cast<unsigned long long>(good), static_cast<long long>(options.days),
                static_cast<unsigned long long>(bad),
                static_cast<double>(sum.virtual_ms) / static_cast<double>(365 * day_ms));
    for (std::size_t i = 0; i < std::size(told); ++i)
        std::printf("  %12llu  %s\n", static_cast<unsigned long long>(sum.*told[i]), told_names[i]);
    std::printf("  %12.0f  seconds, the longest that a message waited though it could have gone\n",
                static_cast<double>(sum.late_ms) / second_ms);
}

}  // namespace

bool asks_for_runs(int count, char** words) {
    for (int i = 1; i < count; ++i)
        if (std::string_view(words[i]) == "--seeds") return true;
    return false;
}

std::optional<run_options> parse_run_options(int count, char** words) {
    run_options options;
    for (int i = 1; i < count; i += 2)
        if (i + 1 == count || !take(words[i], words[i + 1], options)) return std::nullopt;
    if (options.last < options.first) return std::nullopt;
    return options;
}

bool run_seeds(const run_options& options) {
    const temporary_folder folder;
    const auto file = options.done.empty() ? folder / "done" : options.done;
    const auto before = read_done(file);
    std::vector<std::uint64_t> wanted;
    for (auto seed = options.first; seed <= options.last; ++seed)
        if (!before.contains(seed) || !before.at(seed).is_good) wanted.push_back(seed);
    std::printf("%zu seeds of %llu to do\n", wanted.size(),
                static_cast<unsigned long long>(options.last - options.first + 1));
    std::fflush(nullptr);
    bool all_ended = true;
    for (std::uint64_t job = 0; job < options.jobs; ++job) {
        if (fork() != 0) continue;
        const int to = open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        for (auto i = job; i < wanted.size(); i += options.jobs)
            run_one(wanted[i], options.days, to);
        std::fflush(nullptr);
        _exit(0);
    }
    for (std::uint64_t job = 0; job < options.jobs; ++job) {
        int status = 0;
        all_ended = wait(&status) > 0 && status == 0 && all_ended;
    }
    const auto after = read_done(file);
    print_sums(after, options);
    for (auto seed = options.first; seed <= options.last; ++seed)
        all_ended = all_ended && after.contains(seed) && after.at(seed).is_good;
    return all_ended;
}

}  // namespace hikyaku::law
