// Reads the configuration again while the gateway works: SIGHUP and POST /admin/config:reload. The
// file, its checks and the certificates of carriers take tens of milliseconds, or a tenth of a
// second: a thread of its own reads them; what is right is applied on the loop, in one go. One at a
// time: who asks meanwhile gets the outcome of one more. Io thread only, but for that thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "config/load.hpp"
#include "gateway/api/admin/config_page.hpp"
#include "gateway/io/smpp_carriers.hpp"

namespace hikyaku::gateway::app {

/// A file without faults, and what was made of it before it counts.
struct new_configuration {
    std::shared_ptr<const config::settings> settings;  // to run with
    io::carrier_contexts contexts;
};

class reloader {
public:
    using outcome = api::reload_outcome;
    using completion = std::function<void(const outcome&)>;
    /// Applies it and returns what could not be done. On the loop.
    using application = std::function<std::vector<std::string>(const new_configuration&)>;

    /// `read` is called on the thread and reads `file`. `running` is what the gateway works with at
    /// the start; its owner keeps it. `context` outlives the reloader.
    reloader(boost::asio::io_context& context, std::string file,
             std::function<config::load_result()> read, const config::settings& running,
             application apply);
    ~reloader() { stop(); }
    reloader(const reloader&) = delete;
    reloader& operator=(const reloader&) = delete;

    /// Reads and applies; `done` is called on the loop, unless stop() comes before.
    void ask(completion done);
    /// Waits for the thread. What it reads is not applied.
    void stop();

private:
    struct work;
    void begin();
    void finish(work& what);

    boost::asio::io_context& context_;
    std::string file_;
    std::function<config::load_result()> read_;
    std::shared_ptr<const config::settings> running_;
    application apply_;
    std::vector<completion> waiting_;  // for the next one
    std::vector<completion> asked_;    // for the one under way
    bool under_way_ = false;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    boost::asio::thread_pool thread_{1};
};

/// Writes what came of a reload into the log.
void log_outcome(const api::reload_outcome& outcome);

}  // namespace hikyaku::gateway::app
