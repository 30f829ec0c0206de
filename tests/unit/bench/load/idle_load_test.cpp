#include "bench/load/idle_load.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>
#include <chrono>
#include <optional>
#include <string>

#include "bench/carrier/simulator.hpp"
#include "tests/support/waiting.hpp"

namespace hikyaku::bench {
namespace {

using namespace std::chrono_literals;

// The sessions and the server that they idle at, in one io_context.
class idle : public ::testing::Test {
protected:
    idle() {
        carrier_settings.phone = false;
        options.binds = 250;
        options.idle = 100ms;
        options.wait = tests::beyond_hanging;
    }

    idle_report run() {
        carrier.emplace(loop.get_executor(), carrier_settings);
        const boost::asio::ip::tcp::endpoint any(boost::asio::ip::make_address("127.0.0.1"), 0);
        EXPECT_TRUE(carrier->listen(any).has_value());
        options.port = carrier->local().port();
        std::optional<idle_report> result;
        idle_load load(
            loop.get_executor(), options,
            [&] {
                sessions_when_held = carrier->stats().sessions;
                if (disconnect) carrier->disconnect_all();
                if (stop) load.stop();
            },
            [&] { result = load.report(); });
        load.start();
        EXPECT_TRUE(tests::turn_until(loop, [&] { return result.has_value(); }))
            << "it did not end";
        return result.value_or(idle_report());
    }

    boost::asio::io_context loop;
    carrier_options carrier_settings;
    std::optional<carrier_simulator> carrier;
    load_options options;
    bool disconnect = false;
    bool stop = false;
    std::uint64_t sessions_when_held = 0;
};

TEST_F(idle, holds_all_sessions_for_the_time) {
    const idle_report report = run();
    EXPECT_EQ(report.fault, "");
    EXPECT_EQ(sessions_when_held, 250U);
    EXPECT_EQ(report.sessions, 250U);
    EXPECT_GE(report.held, 100ms);
    EXPECT_TRUE(report.closed.empty());
    EXPECT_EQ(carrier->stats().binds, 250U);
    EXPECT_EQ(carrier->stats().submissions, 0U);
    EXPECT_EQ(exit_code_of(report), 0);
    const boost::json::value written = boost::json::parse(to_json(report));
    EXPECT_EQ(written.at("sessions"), 250);
    EXPECT_EQ(written.at("enquire_links"), 0);
    EXPECT_GE(written.at("held_s").as_double(), 0.1);
}

TEST_F(idle, a_signal_ends_the_hold) {
    options.idle = 1h;
    stop = true;
    const idle_report report = run();
    EXPECT_EQ(report.sessions, 250U);
    EXPECT_LT(report.held, options.idle);
    EXPECT_EQ(exit_code_of(report), 0);
}

TEST_F(idle, sessions_that_end_are_counted) {
    options.idle = 1h;
    disconnect = true;
    const idle_report report = run();
    EXPECT_EQ(report.fault, "");
    std::uint64_t closed = 0;
    for (const auto& [reason, count] : report.closed)
        closed += count;
    EXPECT_EQ(closed, 250U);
    EXPECT_EQ(exit_code_of(report), 1);
    EXPECT_FALSE(boost::json::parse(to_json(report)).at("closed").as_object().empty());
}

TEST_F(idle, says_why_it_cannot_hold_them) {
    carrier_settings.system_id = "app1";
    options.system_id = "app";
    options.accounts = 2;  // app1 and app2 in turn
    const idle_report report = run();
    EXPECT_NE(report.fault.find("ESME_RINVSYSID"), std::string::npos) << report.fault;
    EXPECT_EQ(exit_code_of(report), 2);
    EXPECT_EQ(sessions_when_held, 0U);
}

TEST(idle_names, accounts_take_turns) {
    load_options options;
    options.system_id = "app";
    EXPECT_EQ(system_id_of(options, 3), "app");
    options.accounts = 10;
    EXPECT_EQ(system_id_of(options, 0), "app1");
    EXPECT_EQ(system_id_of(options, 9), "app10");
    EXPECT_EQ(system_id_of(options, 10), "app1");
}

}  // namespace
}  // namespace hikyaku::bench
