// Where a carrier calls us: it connects, says outbind with its credentials, and we bind as receiver
// on that connection (SMPP 3.4, 2.2.1), which from then on is a bind like any other. Calls with
// other credentials are closed and counted. One of these for each carrier with outbind_listen, made
// by smpp_carriers; io thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "config/settings.hpp"
#include "gateway/io/smpp_carrier_client.hpp"
#include "smpp/io/listener.hpp"

namespace hikyaku::gateway::io {

class carrier_outbind {
public:
    using tcp = smpp::io::tcp;
    /// Connections at the same time, those that have not said anything yet included; of these the
    /// oldest makes room.
    static constexpr std::uint32_t connections_max = 16;
    static constexpr std::uint32_t unbound_per_address_max = 8;

    /// `around` and `owner` outlive it. REQUIRES: settings->outbind_listen.
    carrier_outbind(host& around, carrier_bind_owner& owner,
                    std::shared_ptr<const config::carrier> settings, carrier_id carrier);
    ~carrier_outbind();
    carrier_outbind(const carrier_outbind&) = delete;
    carrier_outbind& operator=(const carrier_outbind&) = delete;

    /// Listens, or says in one sentence why it cannot; then it may be tried again. REQUIRES: not
    /// is_listening().
    [[nodiscard]] bool open(std::string& fault);
    [[nodiscard]] bool is_listening() const { return listener_ != nullptr; }
    /// Where it listens. REQUIRES: is_listening().
    [[nodiscard]] tcp::endpoint local() const { return listener_->local(); }
    /// Accepts no more; unbinds what is bound.
    void stop();
    /// Unbinds what is bound; the carrier may call again.
    void leave();
    /// For the calls that are up, and for the next ones. The address and its TLS stay.
    void use(const std::shared_ptr<const config::carrier>& settings);
    [[nodiscard]] bool quiet() const;

    void settle_faults();
    [[nodiscard]] std::uint32_t in_flight() const;
    /// Of all calls, the past ones included.
    [[nodiscard]] carrier_bind_counters counters() const;

private:
    void on_stream(smpp::io::stream connected);

    host& host_;
    carrier_bind_owner& owner_;
    std::shared_ptr<const config::carrier> settings_;
    carrier_id carrier_;
    tls_context tls_;
    std::shared_ptr<smpp::io::listener> listener_;
    std::vector<std::unique_ptr<carrier_bind>> calls_;
    carrier_bind_counters past_;
    std::uint32_t number_ = 0;
};

}  // namespace hikyaku::gateway::io
