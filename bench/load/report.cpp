#include "bench/load/report.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>

namespace hikyaku::bench {

namespace json = boost::json;

namespace {

double rounded(double number) {
    return std::round(number * 1000) / 1000;
}

double seconds(std::chrono::nanoseconds span) {
    return std::chrono::duration<double>(span).count();
}

double milliseconds(std::chrono::nanoseconds span) {
    return rounded(seconds(span) * 1000);
}

json::object latencies(const histogram& of) {
    return {{"mean", milliseconds(of.mean())},
            {"p50", milliseconds(of.percentile(0.5))},
            {"p90", milliseconds(of.percentile(0.9))},
            {"p99", milliseconds(of.percentile(0.99))},
            {"p999", milliseconds(of.percentile(0.999))},
            {"max", milliseconds(of.max())}};
}

json::object counts(const std::map<std::string, std::uint64_t>& of) {
    json::object result;
    for (const auto& [name, count] : of)
        result[name] = count;
    return result;
}

double per_second(std::uint64_t count, std::chrono::nanoseconds span) {
    return span.count() > 0 ? std::round(static_cast<double>(count) / seconds(span) * 10) / 10 : 0;
}

}  // namespace

std::string to_json(const load_report& report) {
    if (!report.fault.empty()) return json::serialize(json::object{{"error", report.fault}});
    const auto responding =
        std::max(report.last_response - report.started, std::chrono::nanoseconds(0));
    const auto cycling =
        std::max(report.last_receipt - report.started, std::chrono::nanoseconds(0));
    json::object into;
    into["messages"] = report.messages;
    into["accepted"] = report.accepted;
    into["refused"] = counts(report.refused);
    into["failed"] = counts(report.failed);
    into["unsent"] = report.unsent;
    into["reconnects"] = report.reconnects;
    into["duration_s"] = rounded(seconds(std::max(responding, cycling)));
    into["accepted_per_second"] = per_second(report.accepted, responding);
    into["response_latency_ms"] = latencies(report.response_latency);
    if (report.receipts_wanted) {
        into["receipts"] = report.receipts;
        into["receipts_by_stat"] = counts(report.receipts_by_stat);
        into["unmatched_receipts"] = report.unmatched;
        into["cycles"] = report.matched;
        into["cycles_per_second"] = per_second(report.matched, cycling);
        into["receipt_latency_ms"] = latencies(report.receipt_latency);
        into["lost"] = report.lost;
    }
    into["replies"] = report.replies;
    return json::serialize(into);
}

int exit_code_of(const load_report& report) {
    if (!report.fault.empty()) return 2;
    return report.lost > 0 ? 1 : 0;
}

}  // namespace hikyaku::bench
