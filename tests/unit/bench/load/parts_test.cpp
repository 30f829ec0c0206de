#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <random>
#include <vector>

#include "bench/load/histogram.hpp"
#include "bench/load/intervals.hpp"
#include "bench/load/options.hpp"
#include "bench/load/pacer.hpp"
#include "bench/load/receipt_table.hpp"
#include "bench/load/report.hpp"

namespace hikyaku::bench {
namespace {

using namespace std::chrono_literals;
using time = pacer::time;
using std::chrono::nanoseconds;

constexpr time origin{std::chrono::hours(1)};

TEST(histogram, is_exact_for_small_values) {
    histogram counts;
    for (int i = 1; i <= 100; ++i)
        counts.add(nanoseconds(i));
    EXPECT_EQ(counts.percentile(0), 1ns);
    EXPECT_EQ(counts.percentile(0.5), 50ns);
    EXPECT_EQ(counts.percentile(0.9), 90ns);
    EXPECT_EQ(counts.percentile(0.99), 99ns);
    EXPECT_EQ(counts.percentile(1), 100ns);
    EXPECT_EQ(counts.max(), 100ns);
    EXPECT_EQ(counts.mean(), 50ns);
    EXPECT_EQ(counts.count(), 100U);
}

TEST(histogram, is_empty_at_first_and_takes_extremes) {
    histogram counts;
    EXPECT_EQ(counts.percentile(0.99), 0ns);
    EXPECT_EQ(counts.mean(), 0ns);
    counts.add(-5ns);
    EXPECT_EQ(counts.max(), 0ns);
    counts.add(nanoseconds::max());
    EXPECT_EQ(counts.percentile(0.5), 0ns);
    EXPECT_EQ(counts.percentile(1), nanoseconds::max());
}

TEST(histogram, agrees_with_sorting_within_one_percent) {
    std::mt19937_64 random(11);
    std::lognormal_distribution<double> spread(14, 3);  // microseconds to hours
    std::vector<std::int64_t> values;
    histogram counts;
    for (int i = 0; i < 20'000; ++i) {
        values.push_back(static_cast<std::int64_t>(spread(random)));
        counts.add(nanoseconds(values.back()));
    }
    std::ranges::sort(values);
    for (const double fraction : {0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 1.0}) {
        const auto rank = static_cast<std::size_t>(std::ceil(fraction * 20'000)) - 1;
        const double exact = static_cast<double>(values[rank]);
        const double got = static_cast<double>(counts.percentile(fraction).count());
        EXPECT_GE(got, exact) << fraction;
        EXPECT_LE(got, exact * 1.01 + 1) << fraction;
    }
}

TEST(pacer, plans_an_open_loop_beforehand) {
    pacer pace(1000.0, std::nullopt, nanoseconds(10ms));
    pace.start(origin);
    EXPECT_EQ(pace.planned_end(), origin + 9ms);
    for (int i = 0; i < 10; ++i) {
        // However late it is asked.
        EXPECT_EQ(pace.next(origin + 1h), origin + i * 1ms);
        EXPECT_EQ(pace.left(), static_cast<std::uint64_t>(10 - i));
        pace.advance();
    }
    EXPECT_EQ(pace.next(origin), std::nullopt);
    EXPECT_EQ(pace.left(), 0U);
}

TEST(pacer, does_not_drift) {
    pacer pace(3.0, 3'000'001, std::nullopt);
    pace.start(origin);
    for (int i = 0; i < 3'000'000; ++i)
        pace.advance();
    EXPECT_EQ(pace.next(origin), origin + 1'000'000s);
}

TEST(pacer, of_count_and_duration_the_first_to_end_counts) {
    const auto planned = [](std::optional<std::uint64_t> count, nanoseconds duration) {
        pacer pace(100.0, count, duration);
        pace.start(origin);
        return pace.left();
    };
    EXPECT_EQ(planned(5, 1s), 5U);
    EXPECT_EQ(planned(500, 1s), 100U);
    EXPECT_EQ(planned(std::nullopt, 5ms), 0U);
}

TEST(pacer, at_full_speed_the_moment_is_now) {
    pacer counted(std::nullopt, 2, std::nullopt);
    counted.start(origin);
    EXPECT_EQ(counted.next(origin + 5s), origin + 5s);
    counted.advance();
    counted.advance();
    EXPECT_EQ(counted.next(origin + 5s), std::nullopt);
    EXPECT_EQ(counted.planned_end(), std::nullopt);

    pacer timed(std::nullopt, std::nullopt, nanoseconds(1s));
    timed.start(origin);
    EXPECT_EQ(timed.next(origin + 999ms), origin + 999ms);
    EXPECT_EQ(timed.next(origin + 1s), std::nullopt);
    EXPECT_EQ(timed.left(), 0U);
    EXPECT_EQ(timed.planned_end(), origin + 1s);

    pacer stopped(std::nullopt, 9, std::nullopt);
    stopped.start(origin);
    stopped.stop();
    EXPECT_EQ(stopped.next(origin), std::nullopt);
    EXPECT_EQ(stopped.left(), 9U);
}

TEST(receipt_table, matches_in_either_order_once) {
    receipt_table table;
    EXPECT_EQ(table.accepted("100", origin), std::nullopt);
    EXPECT_EQ(table.accepted("101", origin + 1ms), std::nullopt);
    EXPECT_EQ(table.waiting(), 2U);
    EXPECT_EQ(table.received("101", origin + 5ms), nanoseconds(4ms));
    EXPECT_EQ(table.waiting(), 1U);
    EXPECT_EQ(table.received("102", origin + 6ms), std::nullopt);  // before its response
    EXPECT_EQ(table.unclaimed(), 1U);
    EXPECT_EQ(table.accepted("102", origin + 2ms), nanoseconds(4ms));
    EXPECT_EQ(table.unclaimed(), 0U);
    EXPECT_EQ(table.received("101", origin + 7ms), std::nullopt);  // twice
    EXPECT_EQ(table.received("101", origin + 8ms), std::nullopt);
    EXPECT_EQ(table.unclaimed(), 2U);
    EXPECT_EQ(table.waiting(), 1U);
}

TEST(receipt_table, forgets_the_oldest_early_receipt) {
    receipt_table table(2);
    for (const auto* const id : {"1", "2", "3"})
        EXPECT_EQ(table.received(id, origin), std::nullopt);
    EXPECT_EQ(table.unclaimed(), 3U);
    EXPECT_EQ(table.accepted("1", origin), std::nullopt);
    EXPECT_NE(table.accepted("2", origin), std::nullopt);
    EXPECT_NE(table.accepted("3", origin), std::nullopt);
    EXPECT_EQ(table.unclaimed(), 1U);
    EXPECT_EQ(table.waiting(), 1U);
}

TEST(destination, counts_up_behind_the_prefix) {
    load_options options;
    options.to_prefix = "+8190";
    options.to_digits = 4;
    EXPECT_EQ(destination(options, 0), "+81900000");
    EXPECT_EQ(destination(options, 42), "+81900042");
    EXPECT_EQ(destination(options, 12'345), "+81902345");
}

TEST(intervals, end_when_their_time_is_over_and_at_the_end) {
    std::vector<load_report> ended;
    intervals made(10ms);
    made.set_handler([&](const load_report& part) { ended.push_back(part); });
    const load_report::time begin{};
    made.roll(begin + 1h);  // not started
    made.count([](load_report& into) { ++into.accepted; });
    made.start(begin, true);
    made.count([](load_report& into) { into.accepted += 2; });
    made.roll(begin + 9ms);
    EXPECT_TRUE(ended.empty());
    made.roll(begin + 10ms);
    made.roll(begin + 11ms);
    ASSERT_EQ(ended.size(), 1U);
    EXPECT_EQ(ended[0].interval, 1U);
    EXPECT_EQ(ended[0].accepted, 2U);
    EXPECT_TRUE(ended[0].receipts_wanted);
    made.roll(begin + 45ms);  // later than three
    made.roll(begin + 49ms);
    ASSERT_EQ(ended.size(), 2U);
    EXPECT_EQ(ended[1].accepted, 0U);
    EXPECT_EQ(ended[1].ended - ended[1].started, 35ms);
    made.count([](load_report& into) { ++into.accepted; });
    made.end(begin + 47ms);
    made.end(begin + 60ms);
    ASSERT_EQ(ended.size(), 3U);
    EXPECT_EQ(ended[2].interval, 3U);
    const auto object = boost::json::parse(interval_to_json(ended[2])).as_object();
    EXPECT_EQ(object.at("interval"), 3);
    EXPECT_EQ(object.at("accepted"), 1);
    EXPECT_EQ(object.at("duration_s").as_double(), 0.002);
    EXPECT_TRUE(object.contains("receipt_latency_ms"));
    EXPECT_FALSE(object.contains("lost"));  // not known before the end
}

TEST(report, says_what_happened_in_json) {
    load_report report;
    report.started = origin;
    report.last_response = origin + 2s;
    report.last_receipt = origin + 4s;
    report.messages = 110;
    report.accepted = 100;
    report.refused["ESME_RTHROTTLED"] = 10;
    report.matched = 98;
    report.lost = 2;
    report.receipts_wanted = true;
    report.response_latency.add(5ms);
    const boost::json::value read = boost::json::parse(to_json(report));
    EXPECT_EQ(read.at("accepted_per_second").to_number<double>(), 50);
    EXPECT_EQ(read.at("cycles_per_second").to_number<double>(), 24.5);
    EXPECT_EQ(read.at("duration_s").to_number<double>(), 4);
    EXPECT_EQ(read.at("refused").at("ESME_RTHROTTLED"), 10);
    EXPECT_EQ(read.at("response_latency_ms").at("p99").to_number<double>(), 5);
    EXPECT_EQ(read.at("lost"), 2);
    EXPECT_EQ(exit_code_of(report), 1);
    report.lost = 0;
    EXPECT_EQ(exit_code_of(report), 0);
    report.fault = "no connection";
    EXPECT_EQ(exit_code_of(report), 2);
    EXPECT_EQ(to_json(report), R"({"error":"no connection"})");
}

}  // namespace
}  // namespace hikyaku::bench
