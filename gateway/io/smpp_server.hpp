// The SMPP door for applications: listeners with and without TLS, and every session that came
// through them. It knows who is bound, keeps the limits of sessions, lets passwords be checked and
// finds the session that an answer of the engine belongs to; what one session does with its PDUs is
// in smpp_server_session.hpp. Created and used on the io thread.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "config/settings.hpp"
#include "gateway/engine/types.hpp"
#include "gateway/io/host.hpp"
#include "gateway/io/password_pool.hpp"
#include "gateway/io/smpp_event_pdu.hpp"
#include "gateway/io/tls.hpp"
#include "smpp/io/listener.hpp"

namespace hikyaku::gateway::io {

class smpp_server_session;

struct smpp_server_counters {
    std::uint64_t connections = 0;
    std::uint64_t closed_unbound = 0;  // probes and clients that never got in
    std::uint64_t binds = 0;
    std::uint64_t binds_wrong_password = 0;  // unknown system_ids too
    std::uint64_t binds_refused = 0;         // limits, networks, a full queue of checks, shutdown
    std::uint64_t malformed = 0;             // faulty PDUs of sessions that have ended
};

struct listening_address {
    smpp::io::tcp::endpoint local;
    bool tls = false;
};

/// One row for metrics and the admin page.
struct smpp_session_view {
    session_id id{};
    std::string account;  // empty while not bound
    std::string peer;
    std::string_view state;
    std::uint8_t version = 0;
    bool tls = false;
    std::uint32_t submissions_pending = 0;
    std::uint32_t deliveries_in_flight = 0;
};

class smpp_server {
public:
    /// All arguments outlive the server.
    smpp_server(host& around, const config::settings& settings, password_pool& passwords);
    ~smpp_server();
    smpp_server(const smpp_server&) = delete;
    smpp_server& operator=(const smpp_server&) = delete;

    /// Opens every listener of the configuration, or none and says in one sentence why.
    [[nodiscard]] bool open(std::string& fault);
    [[nodiscard]] std::vector<listening_address> addresses() const;

    // Commands of the engine (engine_outputs). Sessions that have gone are no fault.
    void submission_settled(const reply_ticket& ticket, message_id id, refusal why);
    void cancellation_settled(const reply_ticket& ticket);
    [[nodiscard]] bool deliver(session_id session, std::uint64_t outbox_sequence,
                               const store::record::Event& event);

    /// First half of a stop: no new connections, and binds are answered ESME_RSYSERR.
    void stop_accepting();
    /// Second half: every session finishes its windows and is unbound.
    void unbind_all();
    [[nodiscard]] std::size_t connections() const { return sessions_.size(); }

    [[nodiscard]] std::vector<smpp_session_view> sessions() const;
    [[nodiscard]] const smpp_server_counters& counters() const { return counters_; }
    [[nodiscard]] smpp::io::listener_counters listener_counters() const;

private:
    friend class smpp_server_session;

    void on_stream(smpp::io::stream connected);
    /// ESME_ROK if the account may have one more session of this kind, or why not.
    [[nodiscard]] smpp::command_status admit(const smpp_server_session& candidate,
                                             account_id account, smpp::command_id kind);
    void probe_sessions_of(account_id account);
    void remove(session_id id);
    [[nodiscard]] smpp_server_session* find(session_id id);
    [[nodiscard]] bool open_one(const config::address& at, boost::asio::ssl::context* tls,
                                std::string& fault);

    host& host_;
    const config::settings& settings_;
    password_pool& passwords_;
    tls_context tls_;
    std::vector<std::shared_ptr<smpp::io::listener>> listeners_;
    std::vector<listening_address> addresses_;
    boost::unordered_flat_map<std::uint64_t, std::unique_ptr<smpp_server_session>> sessions_;
    std::uint64_t last_session_ = 0;
    event_pdu_scratch scratch_;
    smpp_server_counters counters_;
};

}  // namespace hikyaku::gateway::io
