// All binds of all carriers: makes them from the configuration, changes them with it, and finds the
// one that a command of the engine is for. Io thread only; it outlives the loops of its binds.
#pragma once

#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/load.hpp"
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

/// What carriers need that can fail, by their names; made before a configuration counts.
using carrier_contexts =
    std::map<std::string, std::shared_ptr<boost::asio::ssl::context>, std::less<>>;

/// Reads the files that the carriers name, and checks what their versions can carry. Takes a tenth
/// of a second for the system's authorities; any thread.
[[nodiscard]] carrier_contexts make_contexts(const config::settings& from,
                                             std::vector<config::fault>& faults);

class smpp_carriers final : public carrier_bind_owner {
public:
    /// Both outlive it, `settings` also when others have replaced them.
    smpp_carriers(host& around, const config::settings& settings);
    smpp_carriers(const smpp_carriers&) = delete;
    smpp_carriers& operator=(const smpp_carriers&) = delete;

    /// Starts every loop and listener, or says in one sentence why a carrier cannot work as it is
    /// configured (TLS files, an address to listen on, texts that its version cannot carry).
    [[nodiscard]] bool start(std::string& fault);

    /// Other settings, which the engine has taken already. Binds go on with them if they can; else
    /// new ones are made, and those there were, or whose carrier is gone, get nothing more to send
    /// and unbind when their windows are empty. Returns what could not be done, in sentences.
    [[nodiscard]] std::vector<std::string> apply(
        const std::shared_ptr<const config::settings>& settings, const carrier_contexts& contexts);

    // Commands of the engine (engine_outputs).
    [[nodiscard]] bool send_segment(bind_id bind, std::uint64_t token,
                                    const smpp::submit_sm& request, const smpp::tlv_list& tlvs);
    [[nodiscard]] bool send_cancel(bind_id bind, std::uint64_t token,
                                   const smpp::cancel_sm& request);
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
    /// Where the carrier may call (outbind); empty if it may not, or cannot.
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
        carrier_setup setup;
        carrier_id id{};
        bool removed = false;  // from the configuration; until its last bind has ended
        fault_log faults;
        bind_ends ends{{}};
        std::vector<std::unique_ptr<carrier_bind>> binds;
        std::vector<std::unique_ptr<carrier_bind>> leaving;  // until their windows are empty
        carrier_bind_counters past;                          // of those that have left
        std::unique_ptr<carrier_outbind> outbind;
    };
    carrier_binds& add_carrier(carrier_setup setup);
    /// Makes the binds from number `first` on.
    void add_binds(carrier_binds& to, std::uint32_t first);
    void add_bind(carrier_binds& to, smpp::command_id kind, std::uint32_t number);
    [[nodiscard]] static bool start(carrier_binds& carrier, std::string& fault);
    /// False: `fault` says why the carrier cannot call.
    [[nodiscard]] static bool listen(carrier_binds& carrier, std::string& fault);
    void change(carrier_binds& carrier, carrier_setup setup);
    static void remove(carrier_binds& carrier);
    /// Takes the binds from number `first` on out of use.
    static void let_go(carrier_binds& carrier, std::uint32_t first);
    void forget_gone();
    [[nodiscard]] carrier_bind* find(bind_id id);
    [[nodiscard]] carrier_binds* find(carrier_id id);

    host& host_;
    std::shared_ptr<const config::settings> settings_;
    std::vector<std::unique_ptr<carrier_binds>> carriers_;
    boost::unordered_flat_map<std::uint64_t, carrier_bind*> open_;
    std::uint64_t last_bind_ = 0;
};

}  // namespace hikyaku::gateway::io
