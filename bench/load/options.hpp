// What a load run is to do: whom to load, how fast, with what. The command line fills it, tests
// too. Plain data.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hikyaku::bench {

struct load_options {
    std::string host = "127.0.0.1";
    std::uint16_t port = 2775;

    // The rate and the end; see pacer.hpp.
    std::optional<double> per_second;  // of messages; empty: full speed
    std::optional<std::uint64_t> count;
    std::optional<std::chrono::nanoseconds> duration;
    std::chrono::nanoseconds wait{std::chrono::seconds(30)};  // for what is missing at the end
    std::optional<std::chrono::nanoseconds> report_every;     // reports of intervals too

    // The message.
    std::string from = "Hikyaku";
    std::string to_prefix = "+8190";
    std::uint32_t to_digits = 8;  // counted up behind the prefix, beginning anew when used up
    std::string text = "A reminder from Hikyaku.";

    // SMPP.
    std::string system_id = "demo";
    std::string password = "demo";
    std::uint32_t binds = 2;
    std::uint32_t window = 100;  // requests without response on each bind
    std::uint32_t accounts = 0;  // binds in turn as system_id and 1 to this; 0: one
    /// Only hold the binds, for this long: see idle_load.hpp.
    std::optional<std::chrono::nanoseconds> idle;
    bool registered = true;                   // ask for receipts and wait for them
    std::size_t outstanding_max = 1'000'000;  // accepted without receipt; sending pauses there

    // HTTP.
    std::string token;
    std::uint32_t connections = 64;
    std::uint32_t batch = 1;        // messages in one request
    bool idempotency_keys = false;  // a random one with each request
    /// Paths to GET instead of messages to POST: the redirector's load.
    std::vector<std::string> paths;
};

/// Destination number `index` of a run: the prefix and `to_digits` digits.
[[nodiscard]] std::string destination(const load_options& options, std::uint64_t index);
/// The same into memory that is used again.
void write_destination(const load_options& options, std::uint64_t index, std::string& into);
/// Whom bind number `which` (from 0) binds as.
[[nodiscard]] std::string system_id_of(const load_options& options, std::size_t which);

}  // namespace hikyaku::bench
