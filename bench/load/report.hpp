// What a load run has measured, and its one JSON object. docs/load.md explains each member. Plain
// data, filled by one generator on its thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "bench/load/histogram.hpp"

namespace hikyaku::bench {

[[nodiscard]] inline double seconds(std::chrono::nanoseconds span) {
    return std::chrono::duration<double>(span).count();
}

struct load_report {
    using time = std::chrono::steady_clock::time_point;

    /// Of a part of the run only: its number from 1, and when it ended.
    std::optional<std::uint32_t> interval;
    time ended{};
    /// Why nothing was measured (no connection, bind refused); empty if the run took place.
    std::string fault;
    std::uint64_t messages = 0;  // given to a connection
    std::uint64_t accepted = 0;
    std::map<std::string, std::uint64_t> refused;  // by status: "ESME_RTHROTTLED", "429"
    std::map<std::string, std::uint64_t> failed;   // without answer, by reason
    std::uint64_t unsent = 0;                      // planned, but there was never room
    std::uint64_t reconnects = 0;
    bool receipts_wanted = false;
    std::uint64_t receipts = 0;                             // final ones, every one that came
    std::uint64_t matched = 0;                              // that ended a message's cycle
    std::map<std::string, std::uint64_t> receipts_by_stat;  // "DELIVRD"
    std::uint64_t unmatched = 0;                            // duplicates, and nobody's
    std::uint64_t lost = 0;                                 // accepted, receipt never came
    std::uint64_t replies = 0;                              // deliver_sm that are no receipts
    time started{};
    time last_response{};
    time last_receipt{};
    histogram response_latency;  // from the intended moment
    histogram receipt_latency;   // the same
};

[[nodiscard]] std::string to_json(const load_report& report);
/// The same for one interval, with what is known before the run ends. REQUIRES: `interval` is set.
[[nodiscard]] std::string interval_to_json(const load_report& report);
/// 0, 1 if receipts are missing, 2 if the run could not take place.
[[nodiscard]] int exit_code_of(const load_report& report);

}  // namespace hikyaku::bench
