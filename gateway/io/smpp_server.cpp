#include "gateway/io/smpp_server.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <functional>
#include <utility>

#include "gateway/io/logging.hpp"
#include "gateway/io/networks.hpp"
#include "gateway/io/smpp_outbind.hpp"
#include "gateway/io/smpp_server_session.hpp"

namespace hikyaku::gateway::io {

namespace {
/// How often a bind that waits for a place looks whether the probed sessions have answered.
constexpr std::chrono::milliseconds waiting_step{25};
/// Who has not bound yet may have to make room; balancers that hide whose connections they bring
/// have no share of their own.
std::shared_ptr<smpp::io::places> places_of(
    const config::smpp_server& settings,
    std::function<bool(const boost::asio::ip::address&)> is_exempt) {
    const smpp::io::place_limits limits{
        .total_max = settings.sessions_max + settings.unbound_sessions_max,
        .strangers_max = settings.unbound_sessions_max,
        .per_address_max =
            std::min(settings.unbound_per_address_max, settings.unbound_sessions_max)};
    return std::make_shared<smpp::io::places>(limits, std::move(is_exempt));
}

/// What a bind waits longer than a probe takes, for a session that does not end by it.
constexpr std::chrono::milliseconds waiting_more_max{1000};
}  // namespace

smpp_server::smpp_server(host& around, const config::settings& settings, password_pool& passwords,
                         const smpp_server_timing& timing)
    : host_(around),
      settings_(std::shared_ptr<void>(), &settings),  // the caller's: nobody counts who uses them
      passwords_(passwords),
      timing_(timing),
      lockout_(settings.smpp.lockout),
      places_(places_of(settings.smpp,
                        [this](const boost::asio::ip::address& from) {
                            return any_contains(settings_->smpp.lockout.exempt, from);
                        })),
      waiting_timer_(around.running().context()) {
    const std::chrono::milliseconds to_bind(settings.smpp.session_init_timeout);
    timing_.probe = std::min(timing_.probe, to_bind / 2);
}

smpp_server::~smpp_server() {
    stop_accepting();
}

bool smpp_server::open(std::string& fault) {
    const auto& wanted = settings_->smpp;
    if (!wanted.tls_listen.empty()) {
        if (!wanted.tls) {
            fault = "server.smpp.tls_listen needs a certificate and a private key";
            return false;
        }
        auto made = tls_door::open(*wanted.tls);
        if (made.has_error()) {
            fault = made.error();
            return false;
        }
        tls_ = std::move(*made);
    }
    for (const auto& at : wanted.listen)
        if (!open_one(at, false, fault)) return false;
    for (const auto& at : wanted.tls_listen)
        if (!open_one(at, true, fault)) return false;
    outbind_ = std::make_unique<smpp_outbind>(host_, *this);
    if (!outbind_->start(*settings_, fault)) return false;
    for (const auto& one : listeners_)
        one->start();
    return true;
}

bool smpp_server::open_one(const config::address& at, bool tls, std::string& fault) {
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(at.host, error);
    if (error) {
        fault = "server.smpp cannot listen on " + at.host + ": not an IP address";
        return false;
    }
    smpp::io::listener_settings settings;
    settings.endpoint = {address, at.port};
    if (tls) settings.tls_source = [this] { return tls_->current(); };
    if (!settings_->smpp.proxy_protocol.empty()) {
        settings.is_balancer = [this](const boost::asio::ip::address& from) {
            return any_contains(settings_->smpp.proxy_protocol, from);
        };
    }
    settings.places = places_;
    settings.on_handshake_failed = [this](const smpp::io::tcp::endpoint& client,
                                          const std::string& why) {
        const auto held = handshake_lines_.take(std::chrono::steady_clock::now());
        if (!held) return;
        log(log_level::warn, "a TLS handshake of an application failed",
            {{"peer", client.address().to_string()}, {"why", why}, {"not_logged", *held}});
    };
    auto opened = smpp::io::listener::open(
        host_.running().context().get_executor(), settings,
        [this](smpp::io::stream connected) { on_stream(std::move(connected)); });
    if (opened.has_error()) {
        fault = "server.smpp cannot listen on " + at.host + ":" + std::to_string(at.port) + ": " +
                opened.error().message();
        return false;
    }
    addresses_.push_back({(*opened)->local(), tls});
    listeners_.push_back(std::move(*opened));
    return true;
}

std::vector<listening_address> smpp_server::addresses() const {
    return addresses_;
}

void smpp_server::apply(std::shared_ptr<const config::settings> settings) {
    lockout_.use(settings->smpp.lockout);
    settings_ = std::move(settings);
    if (outbind_) outbind_->apply(*settings_);
    for (const auto& [id, session] : sessions_)
        session->settings_changed();
}

bool smpp_server::reload_tls() {
    if (!tls_) return true;
    const auto& files = settings_->smpp.tls;
    if (const auto fault = files ? tls_->reload(*files) : tls_->reload()) {
        ++counters_.tls_reloads_failed;
        log(log_level::error, "certificates of server.smpp are not reloaded; the earlier ones stay",
            {{"why", *fault}});
        return false;
    }
    ++counters_.tls_reloads;
    log(log_level::info, "certificates of server.smpp are reloaded");
    return true;
}

smpp_server_session& smpp_server::on_stream(smpp::io::stream connected,
                                            std::optional<account_id> called) {
    ++counters_.connections;
    const session_id id{++last_session_};
    auto session = std::make_unique<smpp_server_session>(*this, id, std::move(connected), called);
    auto& started = *session;
    sessions_.emplace(last_session_, std::move(session));
    started.start();
    return started;
}

bool smpp_server::has_place_for(const smpp_server_session& candidate, account_id account,
                                smpp::command_id kind) const {
    const auto& limits = host_.core().settings_of(account);
    std::uint32_t bound = 0, of_account = 0, of_kind = 0;
    for (const auto& [id, session] : sessions_) {
        if (!session->is_bound() || session.get() == &candidate) continue;
        ++bound;
        if (session->account() != account) continue;
        ++of_account;
        if (session->kind() == kind) ++of_kind;
    }
    const auto kind_max = kind == smpp::command_id::bind_transmitter ? limits.transmitters_max
                          : kind == smpp::command_id::bind_receiver  ? limits.receivers_max
                                                                     : limits.transceivers_max;
    return bound < settings_->smpp.sessions_max && of_account < limits.sessions_max &&
           of_kind < kind_max;
}

void smpp_server::wait_for_place(session_id candidate, account_id account) {
    ++counters_.binds_waited;
    for (const auto& [id, session] : sessions_)
        if (session->is_bound() && session->account() == account && !session->is_silent())
            session->probe();
    waiting_.push_back(
        {candidate, account, std::chrono::steady_clock::now() + timing_.probe + waiting_more()});
    arm_waiting();
}

/// A connection has session_init_timeout to bind: within it the bind must be answered too.
std::chrono::milliseconds smpp_server::waiting_more() const {
    const std::chrono::milliseconds to_bind(settings_->smpp.session_init_timeout);
    return std::min(waiting_more_max, to_bind / 4);
}

void smpp_server::arm_waiting() {
    if (waiting_.empty() || waiting_armed_) return;
    waiting_armed_ = true;
    waiting_timer_.expires_after(waiting_step);
    waiting_timer_.async_wait([this](boost::system::error_code error) {
        if (error) return;  // the server is going
        waiting_armed_ = false;
        look_at_waiting();
        arm_waiting();
    });
}

// A place that is free now goes to whoever waits longest; whoever waits for sessions that have all
// answered is refused. A silent session is closed by its probe.
void smpp_server::look_at_waiting() {
    const auto now = std::chrono::steady_clock::now();
    auto waiting = std::exchange(waiting_, {});
    for (const auto& one : waiting) {
        auto* const session = find(one.session);
        if (session == nullptr || !session->awaits_decision()) continue;
        const bool place = has_place_for(*session, one.account, session->kind());
        const bool hopeless = now >= one.until || !has_silent_session(one.account);
        if (place || hopeless || host_.draining())
            session->end_waiting(place);
        else
            waiting_.push_back(one);
    }
}

bool smpp_server::has_silent_session(account_id account) const {
    return std::any_of(
        sessions_.begin(), sessions_.end(),
        [&](const auto& entry) {
            return entry.second->account() == account && entry.second->is_silent();
        });
}

bool smpp_server::has_called(account_id account) const {
    return std::any_of(
        sessions_.begin(), sessions_.end(),
        [&](const auto& entry) { return entry.second->called() == account; });
}

void smpp_server::submission_settled(const settled_submission& what) {
    if (auto* session = find(what.ticket.session)) {
        session->tell_congestion();
        session->operations().settle_submission(what);
    }
}

void smpp_server::operation_settled(const reply_ticket& ticket, smpp::command_status status) {
    if (auto* session = find(ticket.session))
        session->operations().settle_operation(ticket.sequence, status);
}

void smpp_server::alert(session_id session, const smpp::alert_notification& alert,
                        const smpp::tlv_list& tlvs) {
    if (auto* found = find(session)) found->alert(alert, tlvs);
}

bool smpp_server::deliver(session_id session, std::uint64_t outbox_sequence,
                          const outbox_event& event) {
    auto* const found = find(session);
    return found != nullptr && found->deliver(outbox_sequence, event, scratch_);
}

void smpp_server::stop_accepting() {
    if (outbind_) outbind_->stop();
    for (const auto& one : listeners_)
        one->close();
}

void smpp_server::unbind_all() {
    for (const auto& [id, session] : sessions_)
        session->unbind();
}

std::vector<smpp_session_view> smpp_server::sessions() const {
    std::vector<smpp_session_view> rows;
    rows.reserve(sessions_.size());
    for (const auto& [id, session] : sessions_)
        rows.push_back(session->view());
    return rows;
}

std::vector<account_faults_view> smpp_server::faults() {
    for (const auto& [id, session] : sessions_)
        session->settle_faults();
    std::vector<account_faults_view> rows;
    for (const auto& [account, log] : faults_) {
        rows.push_back(
            {account ? host_.core().settings_of(*account).name : std::string(), log.counts});
    }
    return rows;
}

smpp::io::listener_counters smpp_server::listener_counters() const {
    smpp::io::listener_counters sum;
    for (const auto& one : listeners_) {
        sum.accepted += one->counters().accepted;
        sum.accept_errors += one->counters().accept_errors;
        sum.refused += one->counters().refused;
        sum.handshake_errors += one->counters().handshake_errors;
        sum.proxied += one->counters().proxied;
        sum.proxy_local += one->counters().proxy_local;
        sum.proxy_errors += one->counters().proxy_errors;
    }
    return sum;
}

std::size_t smpp_server::locked_out() const {
    return lockout_.locked(smpp::io::connection::now());
}

void smpp_server::remove(session_id id, bool was_bound) {
    const auto found = sessions_.find(static_cast<std::uint64_t>(id));
    if (found == sessions_.end()) return;
    if (const auto called = found->second->called()) outbind_->on_ended(*called, was_bound);
    sessions_.erase(found);
    look_at_waiting();
}

smpp_server_session* smpp_server::find(session_id id) {
    const auto found = sessions_.find(static_cast<std::uint64_t>(id));
    return found == sessions_.end() ? nullptr : found->second.get();
}

}  // namespace hikyaku::gateway::io
