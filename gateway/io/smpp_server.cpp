#include "gateway/io/smpp_server.hpp"

#include <boost/asio/ip/address.hpp>

#include "gateway/io/logging.hpp"
#include "gateway/io/smpp_server_session.hpp"

namespace hikyaku::gateway::io {

smpp_server::smpp_server(host& around, const config::settings& settings, password_pool& passwords)
    : host_(around), settings_(settings), passwords_(passwords) {}

smpp_server::~smpp_server() {
    stop_accepting();
}

bool smpp_server::open(std::string& fault) {
    const auto& wanted = settings_.smpp;
    if (!wanted.tls_listen.empty()) {
        if (!wanted.tls) {
            fault = "server.smpp.tls_listen needs a certificate and a private key";
            return false;
        }
        auto made = server_tls(*wanted.tls);
        if (made.has_error()) {
            fault = made.error();
            return false;
        }
        tls_ = std::move(*made);
    }
    for (const auto& at : wanted.listen) {
        if (!open_one(at, nullptr, fault)) return false;
    }
    for (const auto& at : wanted.tls_listen) {
        if (!open_one(at, tls_.get(), fault)) return false;
    }
    for (const auto& one : listeners_)
        one->start();
    return true;
}

bool smpp_server::open_one(const config::address& at, boost::asio::ssl::context* tls,
                           std::string& fault) {
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(at.host, error);
    if (error) {
        fault = "server.smpp cannot listen on " + at.host + ": not an IP address";
        return false;
    }
    smpp::io::listener_settings settings;
    settings.endpoint = {address, at.port};
    settings.tls = tls;
    settings.connections_max = settings_.smpp.sessions_max + settings_.smpp.unbound_sessions_max;
    auto opened = smpp::io::listener::open(
        host_.running().context().get_executor(), settings,
        [this](smpp::io::stream connected) { on_stream(std::move(connected)); });
    if (opened.has_error()) {
        fault = "server.smpp cannot listen on " + at.host + ":" + std::to_string(at.port) + ": " +
                opened.error().message();
        return false;
    }
    addresses_.push_back({(*opened)->local(), tls != nullptr});
    listeners_.push_back(std::move(*opened));
    return true;
}

std::vector<listening_address> smpp_server::addresses() const {
    return addresses_;
}

void smpp_server::on_stream(smpp::io::stream connected) {
    ++counters_.connections;
    std::uint32_t unbound = 0;
    for (const auto& [id, session] : sessions_)
        unbound += session->is_bound() ? 0 : 1;
    if (unbound >= settings_.smpp.unbound_sessions_max) {
        ++counters_.closed_unbound;
        return;  // the stream closes as it goes out of scope
    }
    const session_id id{++last_session_};
    auto session = std::make_unique<smpp_server_session>(*this, id, std::move(connected));
    auto& started = *session;
    sessions_.emplace(last_session_, std::move(session));
    started.start();
}

smpp::command_status smpp_server::admit(const smpp_server_session& candidate, account_id account,
                                        smpp::command_id kind) {
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
    const bool room = bound < settings_.smpp.sessions_max && of_account < limits.sessions_max &&
                      of_kind < kind_max;
    return room ? smpp::command_status::esme_rok : smpp::command_status::esme_rbindfail;
}

void smpp_server::probe_sessions_of(account_id account) {
    for (const auto& [id, session] : sessions_) {
        if (session->is_bound() && session->account() == account) session->probe();
    }
}

void smpp_server::submission_settled(const reply_ticket& ticket, message_id id, refusal why) {
    if (auto* session = find(ticket.session)) session->settle_submission(ticket.sequence, id, why);
}

void smpp_server::cancellation_settled(const reply_ticket& ticket) {
    if (auto* session = find(ticket.session)) session->settle_cancellation(ticket.sequence);
}

bool smpp_server::deliver(session_id session, std::uint64_t outbox_sequence,
                          const store::record::Event& event) {
    auto* const found = find(session);
    return found != nullptr && found->deliver(outbox_sequence, event, scratch_);
}

void smpp_server::stop_accepting() {
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

smpp::io::listener_counters smpp_server::listener_counters() const {
    smpp::io::listener_counters sum;
    for (const auto& one : listeners_) {
        sum.accepted += one->counters().accepted;
        sum.accept_errors += one->counters().accept_errors;
        sum.refused += one->counters().refused;
        sum.handshake_errors += one->counters().handshake_errors;
    }
    return sum;
}

void smpp_server::remove(session_id id) {
    sessions_.erase(static_cast<std::uint64_t>(id));
}

smpp_server_session* smpp_server::find(session_id id) {
    const auto found = sessions_.find(static_cast<std::uint64_t>(id));
    return found == sessions_.end() ? nullptr : found->second.get();
}

}  // namespace hikyaku::gateway::io
