// The /metrics page: everything the parts of the gateway count, gathered into plain values by the
// composition root and written as Prometheus text here. docs/metrics.md lists every family, and a
// test compares. Io thread; reads only.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gateway/engine/counters.hpp"
#include "gateway/engine/engine.hpp"
#include "gateway/io/smpp_carriers.hpp"
#include "gateway/io/smpp_server.hpp"
#include "smpp/io/resolver.hpp"
#include "store/environment.hpp"
#include "store/writer.hpp"

namespace hikyaku::gateway::app {

/// One number of a part that has only plain numbers (HTTP, webhooks, redirector).
struct plain_metric {
    std::string name;
    std::string help;
    bool counter = true;
    std::uint64_t value = 0;
    std::string label, label_value;  // empty = none; rows of one family follow each other
};

struct metrics_sources {
    const counters* engine = nullptr;
    std::vector<account_view> accounts;
    std::vector<carrier_view> carriers;
    std::vector<io::carrier_bind_view> binds;
    std::vector<io::smpp_session_view> sessions;
    io::smpp_server_counters smpp;
    std::vector<io::account_faults_view> smpp_faults;
    std::uint64_t smpp_locked_out = 0;  // addresses, now
    smpp::io::listener_counters listeners;
    smpp::io::place_counters smpp_places;
    std::uint64_t passwords_hashed = 0;
    store::writer_stats writer;
    std::uint64_t writer_pending_bytes = 0;
    bool store_failing = false;
    store::environment_usage store;
    std::uint64_t queued = 0;
    std::int64_t oldest_ready_age_ms = 0;
    std::int64_t clock_ahead_ms = 0;
    std::int64_t clock_moved_ms = 0;
    bool store_unconfirmed = false;
    smpp::io::resolver_counters names_of_carriers, names_of_accounts;
    std::uint64_t tasks_running = 0;
    std::uint64_t tasks_failed = 0;
    std::uint64_t resident_bytes = 0;
    bool ready = false;
    std::vector<plain_metric> others;
};

[[nodiscard]] std::string render_metrics(const metrics_sources& from);

/// Memory of this process in RAM; 0 where the system does not tell.
[[nodiscard]] std::uint64_t resident_bytes();

}  // namespace hikyaku::gateway::app
