// A simulated carrier as it is started from a command line: its options, the carrier and the page
// of its phones, on the loop of `hikyaku carrier` or on that of the gateway in the same process.
// One thread.
#pragma once

#include <CLI/CLI.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "bench/carrier/simulator.hpp"
#include "bench/carrier/web.hpp"
#include "gateway/io/spawn.hpp"

namespace hikyaku::bench {

struct carrier_command_options {
    using endpoint = boost::asio::ip::tcp::endpoint;

    carrier_options carrier;
    endpoint listen{boost::asio::ip::make_address_v4("127.0.0.1"), 2776};
    std::optional<endpoint> web{{boost::asio::ip::make_address_v4("127.0.0.1"), 8090}};
    bool no_phone = false;
    bool rate_report = false;
    std::string record;
};

/// Adds them all. `into` outlives the parser.
void add_carrier_options(CLI::App& to, carrier_command_options& into);

class running_carrier {
public:
    /// `background` outlives it. REQUIRES: fault_of(options.carrier) is empty.
    running_carrier(gateway::io::tasks& background, const carrier_command_options& options);
    ~running_carrier() { web_.abort(); }

    /// Opens it, and prints where, by this name; false: prints what cannot be, on standard error.
    [[nodiscard]] bool open(std::string_view name = "smpp");
    void stop(std::function<void()> on_stopped);
    [[nodiscard]] carrier_simulator& carrier() { return carrier_; }

private:
    carrier_command_options options_;
    carrier_simulator carrier_;
    carrier_web pages_;
    gateway::io::http_server web_;
};

}  // namespace hikyaku::bench
