// The SMPP door for applications: listeners with and without TLS, and every session that came
// through them. It knows who is bound, keeps the limits of sessions, lets passwords be checked and
// finds the session that an answer of the engine belongs to; what one session does with its PDUs is
// in smpp_server_session.hpp. Created and used on the io thread.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/settings.hpp"
#include "gateway/engine/outputs.hpp"
#include "gateway/io/fault_log.hpp"
#include "gateway/io/host.hpp"
#include "gateway/io/lockout_table.hpp"
#include "gateway/io/password_pool.hpp"
#include "gateway/io/smpp_event_pdu.hpp"
#include "gateway/io/tls.hpp"
#include "smpp/io/listener.hpp"

namespace hikyaku::gateway::io {

class smpp_outbind;
class smpp_server_session;

struct smpp_server_counters {
    std::uint64_t connections = 0;
    std::uint64_t closed_unbound = 0;  // probes, and clients that never bound
    std::uint64_t binds = 0;
    std::uint64_t binds_wrong_password = 0;  // unknown system_ids too
    std::uint64_t binds_refused = 0;         // all reasons, wrong passwords too
    std::uint64_t binds_locked_out = 0;      // without a look at the password
    std::uint64_t lockouts = 0;              // addresses that came to be locked out
    std::uint64_t binds_waited = 0;          // for a probe of the sessions that held the places
    std::uint64_t evicted = 0;               // bound sessions that did not answer a probe
    std::uint64_t outbinds = 0;              // sent to applications
    std::uint64_t outbinds_bound = 0;        // answered by a bind
    std::uint64_t outbinds_failed = 0;       // no connection, or no bind on it
    std::uint64_t tls_reloads = 0;
    std::uint64_t tls_reloads_failed = 0;  // the earlier certificates stay
};

/// The faulty PDUs of an account's sessions, or of connections that never bound.
struct account_faults_view {
    std::string account;  // empty: of the latter
    fault_counts counts;
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

/// Not of the configuration; tests are in a hurry.
struct smpp_server_timing {
    std::chrono::milliseconds probe{3000};        // how long a session may keep silent to a probe
    std::chrono::milliseconds outbind_look{500};  // between two looks for somebody to call
};

class smpp_server {
public:
    /// All arguments outlive the server, `settings` also when others have replaced them.
    smpp_server(host& around, const config::settings& settings, password_pool& passwords,
                const smpp_server_timing& timing = {});
    ~smpp_server();
    smpp_server(const smpp_server&) = delete;
    smpp_server& operator=(const smpp_server&) = delete;

    /// Opens every listener of the configuration, or none and says in one sentence why.
    [[nodiscard]] bool open(std::string& fault);
    [[nodiscard]] std::vector<listening_address> addresses() const;
    /// Other settings, which the engine has taken already. Sessions stay, but those of accounts
    /// that are gone: they are unbound when what they were answered for is on disk.
    void apply(std::shared_ptr<const config::settings> settings);
    /// Reads the certificates again; sessions stay. False: a file is at fault (logged), and the
    /// listeners go on with what they have. Nothing to do without TLS.
    bool reload_tls();

    // Commands of the engine (engine_outputs). Sessions that have gone are no fault.
    void submission_settled(const settled_submission& what);
    void operation_settled(const reply_ticket& ticket, smpp::command_status status);
    void alert(session_id session, const smpp::alert_notification& alert,
               const smpp::tlv_list& tlvs);
    [[nodiscard]] bool deliver(session_id session, std::uint64_t outbox_sequence,
                               const outbox_event& event);

    /// First half of a stop: no new connections, and binds are answered ESME_RSYSERR.
    void stop_accepting();
    /// Second half: every session finishes its windows and is unbound.
    void unbind_all();
    [[nodiscard]] std::size_t connections() const { return sessions_.size(); }

    [[nodiscard]] std::vector<smpp_session_view> sessions() const;
    [[nodiscard]] const smpp_server_counters& counters() const { return counters_; }
    /// Sessions that are up included; accounts without a fault may be missing.
    [[nodiscard]] std::vector<account_faults_view> faults();
    [[nodiscard]] smpp::io::listener_counters listener_counters() const;
    [[nodiscard]] const smpp::io::place_counters& place_counters() const {
        return places_->counters();
    }
    /// Addresses that are locked out now.
    [[nodiscard]] std::size_t locked_out() const;

private:
    friend class smpp_outbind;
    friend class smpp_server_session;

    smpp_server_session& on_stream(smpp::io::stream connected,
                                   std::optional<account_id> called = std::nullopt);
    /// Whether the account may have one more session of this kind.
    [[nodiscard]] bool has_place_for(const smpp_server_session& candidate, account_id account,
                                     smpp::command_id kind) const;
    /// Probes the sessions of the account. The bind of `candidate` is decided as soon as one of
    /// them has ended, or all of them have answered.
    void wait_for_place(session_id candidate, account_id account);
    void look_at_waiting();
    [[nodiscard]] std::chrono::milliseconds waiting_more() const;
    void arm_waiting();
    [[nodiscard]] bool has_silent_session(account_id account) const;
    void remove(session_id id, bool was_bound);
    [[nodiscard]] bool has_called(account_id account) const;
    [[nodiscard]] smpp_server_session* find(session_id id);
    /// Without an account: of all who have not bound.
    [[nodiscard]] fault_log& faults_of(std::optional<account_id> account) {
        return faults_[account];
    }
    [[nodiscard]] bool open_one(const config::address& at, bool tls, std::string& fault);

    host& host_;
    std::shared_ptr<const config::settings> settings_;
    password_pool& passwords_;
    smpp_server_timing timing_;
    std::unique_ptr<tls_door> tls_;
    lockout_table lockout_;
    std::shared_ptr<smpp::io::places> places_;  // of all listeners together
    std::vector<std::shared_ptr<smpp::io::listener>> listeners_;
    std::vector<listening_address> addresses_;
    boost::unordered_flat_map<std::uint64_t, std::unique_ptr<smpp_server_session>> sessions_;
    std::uint64_t last_session_ = 0;
    /// A bind whose credentials are right and that waits for a place.
    struct waiting_bind {
        session_id session{};
        account_id account{};
        std::chrono::steady_clock::time_point until{};
    };
    std::vector<waiting_bind> waiting_;  // first come, first served
    boost::asio::steady_timer waiting_timer_;
    bool waiting_armed_ = false;
    std::unique_ptr<smpp_outbind> outbind_;
    event_pdu_scratch scratch_;
    smpp_server_counters counters_;
    std::map<std::optional<account_id>, fault_log> faults_;
    line_limit handshake_lines_{std::chrono::minutes(1)};
};

}  // namespace hikyaku::gateway::io
