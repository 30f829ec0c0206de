#include "bench/load/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cassert>
#include <iterator>
#include <string_view>

#include "gateway/api/json/text.hpp"
#include "smpp/text/utf8.hpp"

namespace hikyaku::bench {

namespace {

// One object, member by member; Boost.JSON would write 0.5 as 5E-1.
class object_writer {
public:
    object_writer& count(std::string_view name, std::uint64_t value) {
        return raw(name, fmt::to_string(value));
    }
    object_writer& number(std::string_view name, double value, int decimals) {
        return raw(name, fmt::format("{:.{}f}", value, decimals));
    }
    object_writer& counts(std::string_view name, const std::map<std::string, std::uint64_t>& of) {
        boost::json::object into;
        for (const auto& [key, value] : of) {  // keys that become the same are one
            std::string name_of_key = key;
            smpp::text::mend_utf8(name_of_key);
            auto& member = into[name_of_key];
            member = value + (member.is_uint64() ? member.get_uint64() : 0);
        }
        return raw(name, gateway::api::write_json(into));
    }
    object_writer& latencies(std::string_view name, const histogram& of) {
        object_writer into;
        const auto add = [&](std::string_view which, std::chrono::nanoseconds span) {
            into.number(which, seconds(span) * 1000, 3);
        };
        add("mean", of.mean());
        add("p50", of.percentile(0.5));
        add("p90", of.percentile(0.9));
        add("p99", of.percentile(0.99));
        add("p999", of.percentile(0.999));
        add("max", of.max());
        return raw(name, into.text());
    }
    [[nodiscard]] std::string text() const { return "{" + members_ + "}"; }

private:
    // Names are ours and need no escaping.
    object_writer& raw(std::string_view name, std::string_view value) {
        fmt::format_to(std::back_inserter(members_), "{}\"{}\":{}", members_.empty() ? "" : ",",
                       name, value);
        return *this;
    }
    std::string members_;
};

double per_second(std::uint64_t count, std::chrono::nanoseconds span) {
    return span.count() > 0 ? static_cast<double>(count) / seconds(span) : 0;
}

}  // namespace

std::string to_json(const load_report& report) {
    if (!report.fault.empty())
        return gateway::api::write_json(boost::json::object{{"error", report.fault}});
    constexpr std::chrono::nanoseconds none{0};
    const auto responding = std::max(report.last_response - report.started, none);
    const auto cycling = std::max(report.last_receipt - report.started, none);
    object_writer into;
    into.count("messages", report.messages)
        .count("accepted", report.accepted)
        .counts("refused", report.refused)
        .counts("failed", report.failed)
        .count("unsent", report.unsent)
        .count("reconnects", report.reconnects)
        .number("duration_s", seconds(std::max(responding, cycling)), 3)
        .number("accepted_per_second", per_second(report.accepted, responding), 1)
        .latencies("response_latency_ms", report.response_latency);
    if (report.receipts_wanted) {
        into.count("receipts", report.receipts)
            .counts("receipts_by_stat", report.receipts_by_stat)
            .count("unmatched_receipts", report.unmatched)
            .count("cycles", report.matched)
            .number("cycles_per_second", per_second(report.matched, cycling), 1)
            .latencies("receipt_latency_ms", report.receipt_latency)
            .count("lost", report.lost);
    }
    into.count("replies", report.replies);
    return into.text();
}

std::string interval_to_json(const load_report& report) {
    assert(report.interval);
    object_writer into;
    into.count("interval", *report.interval)
        .number("duration_s", seconds(report.ended - report.started), 3)
        .count("messages", report.messages)
        .count("accepted", report.accepted)
        .counts("refused", report.refused)
        .counts("failed", report.failed)
        .count("reconnects", report.reconnects)
        .latencies("response_latency_ms", report.response_latency);
    if (report.receipts_wanted) {
        into.count("receipts", report.receipts)
            .count("cycles", report.matched)
            .latencies("receipt_latency_ms", report.receipt_latency);
    }
    return into.text();
}

int exit_code_of(const load_report& report) {
    if (!report.fault.empty()) return 2;
    return report.lost > 0 ? 1 : 0;
}

}  // namespace hikyaku::bench
