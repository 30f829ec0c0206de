// All binds of all carriers: makes them from the configuration and finds the one that a command of
// the engine is for. Io thread only; it outlives the loops of its binds.
#pragma once

#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.hpp"
#include "gateway/io/smpp_carrier_client.hpp"
#include "gateway/io/smpp_carrier_outbind.hpp"

namespace hikyaku::gateway::io {

/// One row for metrics: the sums of a carrier's binds.
struct carrier_bind_view {
    std::string carrier;
    std::uint32_t binds_configured = 0;
    std::uint32_t in_flight = 0;
    carrier_bind_counters counters;
    fault_counts faults;
    std::array<std::uint64_t, bind_stage_count> ends{};  // of attempts that failed, by their stage
};

class smpp_carriers final : public carrier_bind_owner {
public:
    /// Both outlive it.
    smpp_carriers(host& around, const config::settings& settings);
    smpp_carriers(const smpp_carriers&) = delete;
    smpp_carriers& operator=(const smpp_carriers&) = delete;

    /// Starts every loop and listener, or says in one sentence why a carrier cannot work as it is
    /// configured (TLS files, an address to listen on, texts that its version cannot carry).
    [[nodiscard]] bool start(std::string& fault);

    // Commands of the engine (engine_outputs).
    [[nodiscard]] bool send_segment(bind_id bind, std::uint64_t token,
                                    const smpp::submit_sm& request, const smpp::tlv_list& tlvs);
    void acknowledge(bind_id bind, std::uint32_t sequence, smpp::command_id request,
                     smpp::command_status status);
    void unknown_stat(carrier_id carrier, std::string_view stat, State taken_for);

    /// Unbinds all when their windows are answered; connects no more.
    void stop();
    /// No connection is left.
    [[nodiscard]] bool quiet() const;

    [[nodiscard]] std::vector<carrier_bind_view> views();
    /// How its last attempt to bind that failed has ended; null: none has, or there is no such
    /// carrier. Valid until the next event of the loop.
    [[nodiscard]] const bind_end_run* last_end(std::string_view carrier) const;
    /// Where the carrier may call (outbind); empty if it may not, or start() was not called.
    [[nodiscard]] std::optional<smpp::io::tcp::endpoint> outbind_endpoint(
        std::string_view carrier) const;

    // carrier_bind_owner
    [[nodiscard]] bind_id next_bind_id() override { return bind_id{++last_bind_}; }
    void on_bind_open(bind_id id, carrier_bind& bind) override;
    void on_bind_closed(bind_id id) override;
    [[nodiscard]] fault_log& faults_of(carrier_id carrier) override;
    [[nodiscard]] bind_ends& ends_of(carrier_id carrier) override;

private:
    struct carrier_binds {
        const config::carrier* settings = nullptr;
        carrier_id id{};
        fault_log faults;
        bind_ends ends{{}};
        tls_context tls;
        std::vector<std::unique_ptr<carrier_bind>> binds;
        std::unique_ptr<carrier_outbind> outbind;
    };
    [[nodiscard]] bool add_carrier(const config::carrier& settings, std::string& fault);
    void add_bind(carrier_binds& to, smpp::command_id kind, std::uint32_t number);
    [[nodiscard]] carrier_bind* find(bind_id id);
    [[nodiscard]] carrier_binds& find(carrier_id id);

    host& host_;
    const config::settings& settings_;
    std::vector<carrier_binds> carriers_;
    boost::unordered_flat_map<std::uint64_t, carrier_bind*> open_;
    std::uint64_t last_bind_ = 0;
};

}  // namespace hikyaku::gateway::io
