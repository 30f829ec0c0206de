// Holds many bound sessions that send nothing and answer what they are asked: what sessions cost a
// server that wait for receipts all day. Transceivers are opened 32 at a time; when all of
// them are bound they are held for options.idle, then unbound. Runs on the thread of its executor;
// `hikyaku load --idle` and tests use it.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bench/load/options.hpp"
#include "smpp/io/connection.hpp"

namespace hikyaku::bench {

struct idle_report {
    std::string fault;                   // why the sessions were not held; empty: they were
    std::uint64_t sessions = 0;          // bound at the beginning of the hold
    std::chrono::nanoseconds binding{};  // from the start until then
    std::chrono::nanoseconds held{};     // from then to the end
    std::uint64_t enquiries = 0;         // enquire_link that came, and were answered
    std::map<std::string, std::uint64_t> closed;  // sessions that ended before that, by reason
};

[[nodiscard]] std::string to_json(const idle_report& report);
/// 0, 1 if sessions ended too early, 2 if they could not be held at all.
[[nodiscard]] int exit_code_of(const idle_report& report);

class idle_load {
public:
    /// `on_held` is called when all are bound, `on_done` when report() is final; both once, from
    /// the loop. REQUIRES: options.idle.
    idle_load(boost::asio::any_io_executor executor, load_options options,
              std::function<void()> on_held, std::function<void()> on_done);
    ~idle_load();
    idle_load(const idle_load&) = delete;
    idle_load& operator=(const idle_load&) = delete;

    void start();
    /// Ends the hold now.
    void stop();
    [[nodiscard]] const idle_report& report() const { return report_; }

private:
    using time = std::chrono::steady_clock::time_point;
    enum class phase : std::uint8_t { binding, holding, leaving, done };
    struct held;

    void open_next();
    boost::asio::awaitable<void> connect(std::size_t which, std::weak_ptr<int> alive);
    void on_events(held& from, std::span<const smpp::session_event> events);
    void on_closed(smpp::close_reason reason);
    void on_bound();
    void wait(std::chrono::nanoseconds span, void (idle_load::*then)());
    void leave();
    void finish();
    void give_up(std::string why);

    boost::asio::any_io_executor executor_;
    load_options options_;
    std::function<void()> on_held_;
    std::function<void()> on_done_;
    idle_report report_;
    phase phase_ = phase::binding;
    std::vector<std::unique_ptr<held>> sessions_;
    std::size_t opened_ = 0;  // begun to connect
    std::size_t open_ = 0;    // not closed yet
    time started_{};
    time holding_since_{};
    boost::asio::steady_timer timer_;
    std::shared_ptr<int> alive_ = std::make_shared<int>();  // for handlers that outlive this
};

}  // namespace hikyaku::bench
