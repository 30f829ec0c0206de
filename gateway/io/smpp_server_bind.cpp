// The bind of an application, from the request to the decision: lockout, password, certificate,
// network, and a place among the sessions of its account.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "gateway/io/logging.hpp"
#include "gateway/io/networks.hpp"
#include "gateway/io/smpp_named_fields.hpp"
#include "gateway/io/smpp_server_session.hpp"

namespace hikyaku::gateway::io {

using smpp::command_id;
using smpp::command_status;

bool smpp_server_session::send_outbind(std::string_view password) {
    const smpp::outbind request{server_.settings_->smpp.system_id, password};
    const auto sent = connection_->session().send_outbind(request, smpp::io::connection::now());
    connection_->kick();
    return !sent.has_error();
}

void smpp_server_session::on_bind(const smpp::session_event& event) {
    const auto* request = event.body_if<smpp::bind_request>();
    system_id_ = request->system_id;
    kind_ = event.value.header.command_id;
    bind_trails_ = event.trailing > 0;
    account_ = host_.core().account_by_system_id(system_id_);
    if (host_.draining()) return refuse_bind(command_status::esme_rsyserr, "shutting down");
    if (server_.lockout_.is_locked(connection_->peer().address(), smpp::io::connection::now())) {
        ++server_.counters_.binds_locked_out;
        return refuse_bind(command_status::esme_rbindfail, "the address is locked out");
    }
    password_secret secret;
    if (account_) {
        const auto& settings = host_.core().settings_of(*account_);
        secret.hash = settings.password_hash;
        secret.plain = settings.password;
    }
    // Whoever shows credentials is not asked to make room while they are checked.
    if (auto* const place = connection_->place()) place->be_busy(true);
    // By id: the session may be gone when the answer comes.
    server_.passwords_.verify(system_id_, std::move(secret), std::string(request->password),
                              [&server = server_, id = id_](password_verdict verdict) {
                                  if (auto* session = server.find(id))
                                      session->on_password(verdict);
                              });
}

bool smpp_server_session::awaits_decision() const {
    return connection_->session().state() == smpp::session_state::binding;
}

void smpp_server_session::on_password(password_verdict verdict) {
    if (!awaits_decision()) return;
    if (verdict == password_verdict::busy) {
        refuse_bind(command_status::esme_rbindfail, "too many passwords wait to be checked");
    } else if (!account_ || host_.core().account_by_system_id(system_id_) != account_) {
        on_wrong_credentials("unknown system_id");  // perhaps since it was asked
    } else if (verdict == password_verdict::wrong) {
        on_wrong_credentials("wrong password");
    } else if (!shows_wanted_certificate()) {
        on_wrong_credentials("no client certificate with a name of the account");
    } else {
        server_.lockout_.on_success(connection_->peer().address(), system_id_);
        decide_bind();
    }
    connection_->kick();
}

// One answer for all of them: a stranger does not learn which system_ids exist.
void smpp_server_session::on_wrong_credentials(std::string_view why) {
    const auto now = smpp::io::connection::now();
    const auto address = connection_->peer().address();
    if (server_.lockout_.is_locked(address, now)) {  // since this password began to be checked
        ++server_.counters_.binds_locked_out;
        return refuse_bind(command_status::esme_rbindfail, "the address is locked out");
    }
    ++server_.counters_.binds_wrong_password;
    if (server_.lockout_.on_failure(address, now, system_id_)) {
        ++server_.counters_.lockouts;
        log(log_level::warn, "an address is locked out after wrong passwords",
            {{"address", address.to_string()},
             {"seconds", server_.settings_->smpp.lockout.lasts.count()}});
    }
    refuse_bind(command_status::esme_rinvpaswd, why);
}

bool smpp_server_session::shows_wanted_certificate() const {
    const auto& wanted = host_.core().settings_of(*account_).certificate_names;
    if (wanted.empty()) return true;
    return std::any_of(wanted.begin(), wanted.end(), [&](const std::string& name) {
        return std::any_of(certificate_names_.begin(), certificate_names_.end(),
                           [&](const std::string& shown) { return name_matches(shown, name); });
    });
}

// The credentials are right.
void smpp_server_session::decide_bind() {
    const auto& settings = host_.core().settings_of(*account_);
    const auto& networks = settings.networks;
    if (host_.draining()) {
        refuse_bind(command_status::esme_rsyserr, "shutting down");
    } else if (bind_trails_ && settings.strict_pdus) {
        refuse_bind(command_status::esme_rinvtlvstream, "octets behind the last field of the bind");
    } else if (!networks.empty() && !any_contains(networks, connection_->peer().address())) {
        refuse_bind(command_status::esme_rbindfail, "not from an allowed network");
    } else if (server_.has_place_for(*this, *account_, kind_)) {
        accept_bind();
    } else {
        // Perhaps dead sessions hold the places: the answer waits until that is known (B-24).
        server_.wait_for_place(id_, *account_);
    }
}

void smpp_server_session::end_waiting(bool admitted) {
    if (host_.draining()) {
        refuse_bind(command_status::esme_rsyserr, "shutting down");
    } else if (!host_.core().has_account(*account_)) {
        refuse_bind(command_status::esme_rinvpaswd, "the account is gone");
    } else if (admitted) {
        accept_bind();
    } else {
        refuse_bind(server_.settings_->smpp.too_many_binds_as_bound
                        ? command_status::esme_ralybnd
                        : command_status::esme_rbindfail,
                    "too many sessions");
    }
    connection_->kick();
}

void smpp_server_session::refuse_bind(command_status status, std::string_view why) {
    ++server_.counters_.binds_refused;
    log(log_level::warn, "bind refused",
        {{"system_id", system_id_},
         {"peer", peer_},
         {"command", smpp::name_of(kind_)},
         {"status", smpp::name_of(status)},
         {"why", why}});
    if (auto* const place = connection_->place()) place->be_busy(false);
    connection_->session().refuse_bind(status, smpp::io::connection::now());
}

void smpp_server_session::use(const config::account& settings) {
    auto& session = connection_->session();
    session.set_windows(settings.receipt_window, settings.window);
    session.set_strict_pdus(settings.strict_pdus);
    session.set_vital_tags(vital_tags_of(settings.smpp_fields));
}

void smpp_server_session::settings_changed() {
    if (!up_) return;  // its bind is decided by what is in force then
    if (host_.core().has_account(*account_))
        use(host_.core().settings_of(*account_));
    else
        unbind();
}

void smpp_server_session::accept_bind() {
    const auto& settings = host_.core().settings_of(*account_);
    auto& session = connection_->session();
    use(settings);
    settle_faults();  // what came before is not the account's
    session.accept_bind(smpp::io::connection::now());
    if (auto* const place = connection_->place()) place->be_known();
    up_ = true;
    was_bound_ = true;
    ++server_.counters_.binds;
    if (called_) ++server_.counters_.outbinds_bound;
    session_facts facts;
    facts.account = *account_;
    facts.can_transmit = kind_ != command_id::bind_receiver;
    facts.can_receive = kind_ != command_id::bind_transmitter;
    facts.receipt_window = settings.receipt_window;
    facts.version = session.interface_version();
    log(log_level::info, "session bound",
        {{"account", settings.name},
         {"system_id", system_id_},
         {"peer", peer_},
         {"session", static_cast<std::uint64_t>(id_)},
         {"command", smpp::name_of(kind_)},
         {"version", fmt::format("{:#04x}", session.interface_version())}});
    host_.core().on_session_up(id_, facts, host_.now());
    host_.touched();
}

}  // namespace hikyaku::gateway::io
