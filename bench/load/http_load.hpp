// Loads an HTTP server: keep-alive connections that post messages, alone or in batches, or that get
// the paths of tracked links. Each request has its moment in an open loop, like the submissions of
// smpp_load; a connection takes the next moment, waits for it and then for the answer. One thread,
// that of the executor.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/load/http_answer.hpp"
#include "bench/load/intervals.hpp"
#include "bench/load/options.hpp"
#include "bench/load/pacer.hpp"
#include "bench/load/report.hpp"

namespace hikyaku::bench {

class http_load {
public:
    /// `on_done` is called once from the loop, when report() is final.
    http_load(boost::asio::any_io_executor executor, load_options options,
              std::function<void()> on_done);
    ~http_load();
    http_load(const http_load&) = delete;
    http_load& operator=(const http_load&) = delete;

    void start();
    /// Sends no more; answers under way are still waited for.
    void stop_sending() { pacer_.stop(); }
    [[nodiscard]] const load_report& report() const { return report_; }
    /// Called with each interval's report if options ask for intervals. Before start().
    void set_on_interval(intervals::handler handler) { intervals_.set_handler(std::move(handler)); }

private:
    using time = std::chrono::steady_clock::time_point;
    struct worker;

    // One change for the whole run and for its present interval.
    template <class Change>
    void count(Change change) {
        change(report_);
        intervals_.count(change);
    }
    boost::asio::awaitable<void> work(std::shared_ptr<worker> self, std::weak_ptr<int> alive);
    void write_request(std::uint64_t index, worker& by) const;
    void write_body(std::uint64_t index, worker& by) const;
    static boost::asio::awaitable<bool> send_request(worker& by);
    static boost::asio::awaitable<bool> read_answer(worker& by, http_answer& into);
    void on_answer(unsigned status, std::string_view body, time intended);
    void on_failure(std::string_view what);
    void on_limit();
    void on_worker_end();

    boost::asio::any_io_executor executor_;
    load_options options_;
    std::uint64_t keys_from_ = std::random_device{}() * std::uint64_t{1} << 32;
    // What all requests have in common: up to the length, or the path, and what is behind a path;
    // and one message before and behind its destination.
    std::string head_, head_end_, message_, message_end_;
    std::function<void()> on_done_;
    pacer pacer_;  // of requests
    load_report report_;
    intervals intervals_;
    std::vector<std::shared_ptr<worker>> workers_;
    std::size_t running_ = 0;
    bool reached_ = false;  // somebody was connected once
    boost::asio::steady_timer limit_;
    std::shared_ptr<int> alive_ = std::make_shared<int>();  // for coroutines that outlive this
};

}  // namespace hikyaku::bench
