#include "gateway/app/reloader.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <boost/asio/post.hpp>
#include <utility>

#include "gateway/io/logging.hpp"

namespace hikyaku::gateway::app {

using io::log;
using io::log_level;

/// One reload on its way through the thread.
struct reloader::work {
    std::shared_ptr<const config::settings> running;
    new_configuration made;
    outcome result;

    void read(const std::function<config::load_result()>& from) {
        auto file = from();
        if (file.has_error()) {
            result.faults = file.error();
            return;
        }
        result.warnings = std::move(file->warnings);
        auto next = config::settings_to_run(*running, file->values);
        made.contexts = io::make_contexts(next, result.faults);
        // What runs on may be of one file and what is new of the other.
        for (auto& each : config::sandbox_faults(next)) {
            auto& fault = result.faults.emplace_back();
            fault.path = std::move(each.path);
            fault.sentence = std::move(each.sentence);
        }
        if (!result.faults.empty()) return;
        result.what = config::difference_of(*running, file->values);
        made.settings = std::make_shared<const config::settings>(std::move(next));
    }
};

reloader::reloader(boost::asio::io_context& context, std::string file,
                   std::function<config::load_result()> read, const config::settings& running,
                   application apply)
    : context_(context),
      file_(std::move(file)),
      read_(std::move(read)),
      running_(std::shared_ptr<void>(), &running),
      apply_(std::move(apply)) {}

void reloader::ask(completion done) {
    waiting_.push_back(std::move(done));
    if (!under_way_) begin();
}

void reloader::begin() {
    under_way_ = true;
    asked_ = std::exchange(waiting_, {});
    auto what = std::make_shared<work>();
    what->running = running_;
    auto finished = [this, what, alive = alive_] {
        if (*alive) finish(*what);
    };
    auto run = [this, what, finished = std::move(finished)]() mutable {
        what->read(read_);
        for (auto& each : what->result.faults)
            if (each.file.empty()) each.file = file_;
        boost::asio::post(context_, std::move(finished));
    };
    boost::asio::post(thread_, std::move(run));
}

void reloader::finish(work& what) {
    under_way_ = false;
    if (what.made.settings) {
        what.result.troubles = apply_(what.made);
        running_ = what.made.settings;
    }
    for (const auto& each : std::exchange(asked_, {}))
        each(what.result);
    if (!waiting_.empty()) begin();
}

void reloader::stop() {
    *alive_ = false;
    thread_.join();
}

namespace {

std::string words_of(const config::name_changes& names) {
    std::vector<std::string> words;
    for (const auto& each : names.added)
        words.push_back("+" + each);
    for (const auto& each : names.changed)
        words.push_back("~" + each);
    for (const auto& each : names.removed)
        words.push_back("-" + each);
    return fmt::format("{}", fmt::join(words, " "));
}

void log_lines(log_level level, const config::faults& list) {
    for (const auto& each : list) {
        auto line = config::describe({each});
        if (line.ends_with('\n')) line.pop_back();
        log(level, "configuration", {{"what", line}});
    }
}

}  // namespace

void log_outcome(const api::reload_outcome& outcome) {
    if (!outcome.faults.empty()) {
        log_lines(log_level::error, outcome.faults);
        log(log_level::error, "the configuration is not reloaded; the earlier one stays",
            {{"faults", outcome.faults.size()}});
        return;
    }
    log_lines(log_level::warn, outcome.warnings);
    const auto& what = outcome.what;
    for (const auto& each : what.restart)
        log(log_level::warn, "a setting needs a restart",
            {{"setting", each.path}, {"file", each.file}, {"running", each.running}});
    for (const auto& each : outcome.troubles)
        log(log_level::error, "something of the configuration could not be done", {{"why", each}});
    log(log_level::info, "the configuration is reloaded",
        {{"accounts", words_of(what.accounts)},
         {"carriers", words_of(what.carriers)},
         {"new_binds", fmt::format("{}", fmt::join(what.rebound, " "))},
         {"routes", words_of(what.routes)},
         {"settings", fmt::format("{}", fmt::join(what.settings, " "))}});
}

}  // namespace hikyaku::gateway::app
