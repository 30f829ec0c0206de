// Loads an SMPP server: binds some transceivers, submits at a rate that answers cannot slow down
// (or as fast as the windows allow), and follows each message to its receipt. Runs on one thread,
// that of its executor; `hikyaku load` and tests use it. Memory is bounded by the windows and by
// `outstanding_max`.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/load/intervals.hpp"
#include "bench/load/options.hpp"
#include "bench/load/pacer.hpp"
#include "bench/load/receipt_table.hpp"
#include "bench/load/report.hpp"
#include "smpp/io/connection.hpp"

namespace hikyaku::bench {

class smpp_load {
public:
    /// `on_done` is called once from the loop, when report() is final.
    smpp_load(boost::asio::any_io_executor executor, load_options options,
              std::function<void()> on_done);
    ~smpp_load();
    smpp_load(const smpp_load&) = delete;
    smpp_load& operator=(const smpp_load&) = delete;

    void start();
    /// Sends no more; what is under way is still waited for.
    void stop_sending() { pacer_.stop(); }
    [[nodiscard]] const load_report& report() const { return report_; }
    /// Called with each interval's report if options ask for intervals. Before start().
    void set_on_interval(intervals::handler handler) { intervals_.set_handler(std::move(handler)); }

private:
    using session_time = smpp::session_time;
    enum class phase : std::uint8_t { binding, running, leaving, done };
    struct bind;

    // One change for the whole run and for its present interval.
    template <class Change>
    void count(Change change) {
        change(report_);
        intervals_.count(change);
    }
    [[nodiscard]] bool prepare_text();
    boost::asio::awaitable<void> connect(bind& which, std::weak_ptr<int> alive);
    void connect_later(bind& which);
    void on_unreachable(bind& which, const std::string& why);
    void on_events(bind& from, std::span<const smpp::session_event> events);
    void on_bound(session_time now);
    void on_response(const smpp::session_event& event, session_time now);
    void on_deliver(bind& from, const smpp::session_event& event, session_time now);
    void on_receipt(const smpp::session_event& event, const smpp::deliver_sm& body,
                    session_time now);
    void on_cycle(std::chrono::nanoseconds latency);
    void on_closed(bind& gone, smpp::close_reason reason);
    void pump(session_time now);
    [[nodiscard]] bind* next_bind();
    [[nodiscard]] bool submit(bind& to, session_time intended, session_time now);
    void stop_if_hopeless(session_time now);
    [[nodiscard]] bool is_over(session_time now) const;
    void arm(session_time now);
    void on_timer();
    void leave(session_time now);
    void finish();
    void give_up(std::string why);

    boost::asio::any_io_executor executor_;
    load_options options_;
    std::function<void()> on_done_;
    pacer pacer_;
    receipt_table receipts_;
    load_report report_;
    intervals intervals_;
    phase phase_ = phase::binding;
    std::vector<std::unique_ptr<bind>> binds_;
    std::size_t next_bind_ = 0;
    std::uint64_t in_flight_ = 0;
    session_time last_sent_{};
    session_time leave_by_{};

    // The message, encoded once.
    std::uint8_t data_coding_ = 0;
    std::string octets_;
    bool as_payload_ = false;
    std::vector<std::uint8_t> tlvs_;
    std::uint8_t source_ton_ = 0, source_npi_ = 0, dest_ton_ = 0, dest_npi_ = 0;
    std::string source_, destination_;

    boost::asio::steady_timer timer_;
    session_time armed_ = session_time::max();
    std::shared_ptr<int> alive_ = std::make_shared<int>();  // for handlers that outlive this
};

}  // namespace hikyaku::bench
