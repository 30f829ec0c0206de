// Calls applications: when events wait for an account, none of its sessions can receive, and its
// configuration says where it listens, we connect there, send outbind and take the bind on that
// connection as if it had come through the listener (SMPP 3.4, 2.2.1). At most one such connection
// per account; after failures the interval grows. Part of smpp_server; io thread only.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "config/settings.hpp"
#include "gateway/io/host.hpp"
#include "gateway/io/tls.hpp"

namespace hikyaku::gateway::io {

class smpp_server;

/// The pause between two calls: `interval`, doubled with each failure in a row, at most 16 times it
/// and at most an hour (but never less than `interval`).
[[nodiscard]] std::chrono::seconds outbind_pause(std::chrono::seconds interval,
                                                 std::uint32_t failures);

class smpp_outbind {
public:
    /// Both outlive it.
    smpp_outbind(host& around, smpp_server& server);

    /// Begins to look whether somebody is to be called; does nothing if no account wants that.
    [[nodiscard]] bool start(const config::settings& settings, std::string& fault);
    /// Other settings; calls that are under way end as they would have.
    void apply(const config::settings& settings);
    /// Calls nobody any more.
    void stop();
    /// A connection that was made for this account has ended.
    void on_ended(account_id account, bool was_bound);

private:
    struct callee {
        account_id account{};
        config::account_outbind settings;
        std::chrono::steady_clock::time_point next{};
        std::uint32_t failures = 0;
        bool connecting = false;
    };

    void arm();
    void look();
    void on_failure(callee& whom, std::string_view why);
    [[nodiscard]] callee* find(account_id account);
    [[nodiscard]] bool make_tls(const config::settings& settings, std::string& fault);
    boost::asio::awaitable<void> call(std::shared_ptr<bool> alive, account_id account);

    host& host_;
    smpp_server& server_;
    std::vector<callee> callees_;
    boost::asio::steady_timer timer_;
    bool armed_ = false;
    std::string authorities_;                         // of tls_
    std::shared_ptr<boost::asio::ssl::context> tls_;  // null until somebody is called so
    /// False once this object has stopped: a connection that comes later is dropped.
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace hikyaku::gateway::io
