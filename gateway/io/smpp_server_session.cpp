#include "gateway/io/smpp_server_session.hpp"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "gateway/io/logging.hpp"
#include "gateway/io/smpp_submission.hpp"

namespace hikyaku::gateway::io {
namespace {

using smpp::command_status;
using smpp::session_event_kind;

smpp::session_settings session_settings_of(const config::smpp_server& from) {
    smpp::session_settings settings;
    settings.role = smpp::session_role::server;
    settings.system_id = from.system_id;
    settings.interface_version = from.version_max;
    settings.pdu_bytes_max = from.pdu_bytes_max;
    settings.session_init_timeout = from.session_init_timeout;
    settings.enquire_link_interval = from.enquire_link_interval;
    settings.inactivity_timeout = from.inactivity_timeout;
    settings.response_timeout = from.response_timeout;
    settings.vital_tags = submission_vital_tags;
    return settings;
}

std::string text_of(const smpp::io::tcp::endpoint& endpoint) {
    const auto host = endpoint.address().to_string();
    if (endpoint.address().is_v6()) return fmt::format("[{}]:{}", host, endpoint.port());
    return fmt::format("{}:{}", host, endpoint.port());
}

}  // namespace

smpp_server_session::smpp_server_session(smpp_server& server, session_id id,
                                         smpp::io::stream connected,
                                         std::optional<account_id> called)
    : server_(server),
      host_(server.host_),
      id_(id),
      connection_(smpp::io::connection::create(std::move(connected),
                                               session_settings_of(server.settings_->smpp), this)),
      operations_(host_, *connection_, id),
      peer_(text_of(connection_->peer())),
      called_(called) {
    if (const auto* tls = connection_->tls()) certificate_names_ = peer_certificate_names(tls);
}

smpp_server_session::~smpp_server_session() {
    connection_->detach();
}

void smpp_server_session::on_events(smpp::io::connection&,
                                    std::span<const smpp::session_event> events) {
    const auto now = host_.now();
    tell_congestion();
    for (const auto& event : events)
        on_event(event, now);
}

void smpp_server_session::on_event(const smpp::session_event& event, instant now) {
    if (tells_fault(event)) {
        server_.faults_of(known_account())
            .note("account", up_ ? std::string_view(host_.core().settings_of(*account_).name) : "",
                  peer_, event, smpp::io::connection::now());
    }
    switch (event.kind) {
        case session_event_kind::bind_requested:
            on_bind(event);
            break;
        case session_event_kind::request:
            on_request(event, now);
            break;
        case session_event_kind::response:
            on_answer(event.token, event.status(), false, now);
            break;
        case session_event_kind::late_response:
            // A late yes still counts if the event has gone out here again meanwhile; a late no
            // must not be taken for the answer to the second delivery.
            if (event.status() == command_status::esme_rok && (event.token & part_bit) == 0) {
                host_.core().on_delivery_answer(id_, event.token, event.status(), now);
                host_.touched();
            }
            break;
        case session_event_kind::request_failed:
            // What was lost with the session goes back to the outbox by on_session_down().
            if (event.failure == smpp::request_failure::response_timeout)
                on_answer(event.token, command_status::esme_rsyserr, true, now);
            break;
        case session_event_kind::unbind_requested:
            if (up_) {
                log(log_level::debug, "an application unbinds",
                    {{"system_id", system_id_}, {"peer", peer_}});
            }
            break;
        default:
            break;  // late responses come after the entry went back; the rest is a client's
    }
}

void smpp_server_session::settle_faults() {
    const auto fresh = meter_.take(connection_->session().counters());
    if (fresh.refused + fresh.tolerated > 0) server_.faults_of(known_account()).counts += fresh;
}

std::optional<account_id> smpp_server_session::known_account() const {
    return was_bound_ ? account_ : std::nullopt;
}

void smpp_server_session::on_closed(smpp::io::connection&, smpp::close_reason reason) {
    settle_faults();
    if (up_) {
        const bool silent = reason == smpp::close_reason::enquire_link_timeout;
        if (silent && is_silent()) ++server_.counters_.evicted;
        up_ = false;
        log(log_level::info, "session closed",
            {{"system_id", system_id_},
             {"peer", peer_},
             {"session", static_cast<std::uint64_t>(id_)},
             {"reason", smpp::name_of(reason)}});
        host_.core().on_session_down(id_, host_.now());
        host_.touched();
    } else {
        ++server_.counters_.closed_unbound;
    }
    server_.remove(id_, was_bound_);  // destroys this object
}

void smpp_server_session::on_request(const smpp::session_event& event, instant now) {
    if (up_) return operations_.on_request(*account_, event, now);
    connection_->session().respond(event.request(), command_status::esme_rinvbndsts,
                                   smpp::io::connection::now());
}

void smpp_server_session::alert(const smpp::alert_notification& alert, const smpp::tlv_list& tlvs) {
    // A client of 3.3 does not know it, a transmitter does not get it: that is no fault.
    const auto sent = connection_->session().submit(smpp::make_pdu(0, alert, tlvs), 0,
                                                    smpp::io::connection::now());
    if (!sent.has_error()) connection_->kick();
}

void smpp_server_session::unbind() {
    connection_->session().unbind(smpp::io::connection::now());
    connection_->kick();
}

void smpp_server_session::probe() {
    probed_at_ = connection_->bytes_read();
    connection_->session().probe(server_.timing_.probe, smpp::io::connection::now());
    connection_->kick();
}

bool smpp_server_session::is_silent() const {
    return up_ && probed_at_ && connection_->bytes_read() == *probed_at_;
}

void smpp_server_session::tell_congestion() {
    auto& session = connection_->session();
    if (!up_ || !server_.settings_->smpp.congestion_state || session.interface_version() < 0x50)
        return;
    session.set_congestion_state(host_.core().congestion_of(*account_, host_.now()));
}

smpp_session_view smpp_server_session::view() const {
    const auto& session = connection_->session();
    smpp_session_view row;
    row.id = id_;
    if (up_) row.account = host_.core().settings_of(*account_).name;
    row.peer = peer_;
    row.state = smpp::name_of(session.state());
    row.version = session.interface_version();
    row.tls = connection_->is_tls();
    row.submissions_pending = session.peer_pending();
    row.deliveries_in_flight = session.in_flight();
    return row;
}

}  // namespace hikyaku::gateway::io
