#include "gateway/io/smpp_server_session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <chrono>
#include <utility>

#include "gateway/engine/refusal.hpp"
#include "gateway/io/logging.hpp"
#include "gateway/io/smpp_submission.hpp"
#include "store/ids.hpp"

namespace hikyaku::gateway::io {
namespace {

using smpp::command_id;
using smpp::command_status;
using smpp::session_event_kind;

constexpr std::chrono::seconds probe_timeout{3};

smpp::session_settings session_settings_of(const config::smpp_server& from) {
    smpp::session_settings settings;
    settings.role = smpp::session_role::server;
    settings.system_id = from.system_id;
    settings.interface_version = 0x50;
    settings.pdu_bytes_max = from.pdu_bytes_max;
    settings.session_init_timeout = from.session_init_timeout;
    settings.enquire_link_interval = from.enquire_link_interval;
    settings.inactivity_timeout = from.inactivity_timeout;
    settings.response_timeout = from.response_timeout;
    return settings;
}

std::string text_of(const smpp::io::tcp::endpoint& endpoint) {
    const auto host = endpoint.address().to_string();
    if (endpoint.address().is_v6()) return fmt::format("[{}]:{}", host, endpoint.port());
    return fmt::format("{}:{}", host, endpoint.port());
}

bool inside(const std::vector<config::network>& networks, const boost::asio::ip::address& from) {
    if (networks.empty()) return true;
    const auto any_contains = [&](const auto& bytes, bool v6) {
        return std::any_of(networks.begin(), networks.end(), [&](const config::network& one) {
            return one.contains(bytes.data(), v6);
        });
    };
    if (from.is_v4()) return any_contains(from.to_v4().to_bytes(), false);
    return any_contains(from.to_v6().to_bytes(), true);
}

std::string_view status_name(command_status status) {
    return smpp::name_of(status);
}

}  // namespace

smpp_server_session::smpp_server_session(smpp_server& server, session_id id,
                                         smpp::io::stream connected)
    : server_(server),
      host_(server.host_),
      id_(id),
      connection_(smpp::io::connection::create(std::move(connected),
                                               session_settings_of(server.settings_.smpp), this)),
      peer_(text_of(connection_->peer())) {}

smpp_server_session::~smpp_server_session() {
    connection_->detach();
}

void smpp_server_session::on_events(smpp::io::connection&,
                                    std::span<const smpp::session_event> events) {
    const auto now = host_.now();
    for (const auto& event : events)
        on_event(event, now);
}

void smpp_server_session::on_event(const smpp::session_event& event, instant now) {
    switch (event.kind) {
        case session_event_kind::bind_requested:
            on_bind(event);
            break;
        case session_event_kind::request:
            on_request(event, now);
            break;
        case session_event_kind::response:
            host_.core().on_delivery_answer(id_, event.token, event.status(), now);
            host_.touched();
            break;
        case session_event_kind::late_response:
            // A late yes still counts if the event has gone out here again meanwhile; a late no
            // must not be taken for the answer to the second delivery.
            if (event.status() == command_status::esme_rok) {
                host_.core().on_delivery_answer(id_, event.token, event.status(), now);
                host_.touched();
            }
            break;
        case session_event_kind::request_failed:
            // What was lost with the session goes back to the outbox by on_session_down().
            if (event.failure == smpp::request_failure::response_timeout) {
                host_.core().on_delivery_timeout(id_, event.token, now);
                host_.touched();
            }
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

void smpp_server_session::on_closed(smpp::io::connection& from, smpp::close_reason reason) {
    server_.counters_.malformed += from.session().counters().malformed;
    if (up_) {
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
    server_.remove(id_);  // destroys this object
}

void smpp_server_session::on_bind(const smpp::session_event& event) {
    const auto* request = event.body_if<smpp::bind_request>();
    system_id_ = request->system_id;
    kind_ = event.value.header.command_id;
    account_ = host_.core().account_by_system_id(system_id_);
    if (host_.draining()) return refuse_bind(command_status::esme_rsyserr, "shutting down");
    password_secret secret;
    if (account_) {
        const auto& settings = host_.core().settings_of(*account_);
        secret.hash = settings.password_hash;
        secret.plain = settings.password;
    }
    // By id: the session may be gone when the answer comes.
    server_.passwords_.verify(system_id_, std::move(secret), std::string(request->password),
                              [&server = server_, id = id_](password_verdict verdict) {
                                  if (auto* session = server.find(id))
                                      session->on_password(verdict);
                              });
}

void smpp_server_session::on_password(password_verdict verdict) {
    if (connection_->session().state() != smpp::session_state::binding) return;
    if (verdict == password_verdict::busy) {
        refuse_bind(command_status::esme_rbindfail, "too many passwords wait to be checked");
    } else if (verdict == password_verdict::wrong || !account_) {
        // One answer for both: a stranger does not learn which system_ids exist.
        ++server_.counters_.binds_wrong_password;
        refuse_bind(command_status::esme_rinvpaswd,
                    account_ ? "wrong password" : "unknown system_id");
    } else if (host_.draining()) {
        refuse_bind(command_status::esme_rsyserr, "shutting down");
    } else if (!inside(host_.core().settings_of(*account_).networks,
                       connection_->peer().address())) {
        refuse_bind(command_status::esme_rbindfail, "not from an allowed network");
    } else if (server_.admit(*this, *account_, kind_) != command_status::esme_rok) {
        // Perhaps dead sessions hold the places: those that do not answer now are closed.
        server_.probe_sessions_of(*account_);
        refuse_bind(command_status::esme_rbindfail, "too many sessions");
    } else {
        accept_bind();
    }
    connection_->kick();
}

void smpp_server_session::refuse_bind(command_status status, std::string_view why) {
    ++server_.counters_.binds_refused;
    log(log_level::warn, "bind refused",
        {{"system_id", system_id_},
         {"peer", peer_},
         {"command", smpp::name_of(kind_)},
         {"status", status_name(status)},
         {"why", why}});
    connection_->session().refuse_bind(status, smpp::io::connection::now());
}

void smpp_server_session::accept_bind() {
    const auto& settings = host_.core().settings_of(*account_);
    auto& session = connection_->session();
    session.set_windows(settings.receipt_window, settings.window);
    session.accept_bind(smpp::io::connection::now());
    up_ = true;
    ++server_.counters_.binds;
    session_facts facts;
    facts.account = *account_;
    facts.can_transmit = kind_ != command_id::bind_receiver;
    facts.can_receive = kind_ != command_id::bind_transmitter;
    facts.receipt_window = settings.receipt_window;
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

void smpp_server_session::on_request(const smpp::session_event& event, instant now) {
    if (!up_) return respond(event.request(), command_status::esme_rinvbndsts);
    if (const auto* submit = event.body_if<smpp::submit_sm>()) {
        on_submission(*submit, event, now);
    } else if (const auto* data = event.body_if<smpp::data_sm>()) {
        on_submission(*data, event, now);
    } else if (const auto* query = event.body_if<smpp::query_sm>()) {
        on_query(*query, event);
    } else if (const auto* cancel = event.body_if<smpp::cancel_sm>()) {
        on_cancel(*cancel, event, now);
    } else if (event.body_if<smpp::replace_sm>() != nullptr) {
        respond(event.request(), command_status::esme_rreplacefail);
    } else if (event.body_if<smpp::submit_multi>() != nullptr) {
        respond(event.request(), command_status::esme_rsubmitfail);
    } else if (event.value.header.command_id != command_id::alert_notification) {
        respond(event.request(), command_status::esme_rinvcmdid);
    }
}

template <class Body>
void smpp_server_session::on_submission(const Body& body, const smpp::session_event& event,
                                        instant now) {
    auto mapped = submission_of(body, event.value.tlvs, now.wall_ms);
    if (mapped.has_error()) return respond(event.request(), mapped.error());
    const auto sequence = event.value.header.sequence_number;
    const auto result =
        host_.core().submit(*account_, std::move(*mapped), reply_ticket{id_, sequence}, now);
    host_.touched();
    if (result.why != refusal::none) {
        if (log_enabled(log_level::debug)) {
            log(log_level::debug, "a submission is refused",
                {{"system_id", system_id_},
                 {"from", mask(body.source_addr)},
                 {"to", mask(body.destination_addr)},
                 {"why", code_of(result.why)}});
        }
        return respond(event.request(), status_of(result.why));
    }
    if constexpr (std::is_same_v<Body, smpp::data_sm>) data_sm_waiting_.push_back(sequence);
}

command_id smpp_server_session::take_command_of(std::uint32_t sequence) {
    const auto found = std::find(data_sm_waiting_.begin(), data_sm_waiting_.end(), sequence);
    if (found == data_sm_waiting_.end()) return command_id::submit_sm;
    data_sm_waiting_.erase(found);
    return command_id::data_sm;
}

void smpp_server_session::settle_submission(std::uint32_t sequence, message_id id, refusal why) {
    const smpp::peer_request request{sequence, take_command_of(sequence)};
    if (why != refusal::none) return respond(request, status_of(why));
    std::array<char, 24> digits;
    const auto* end =
        fmt::format_to_n(digits.data(), digits.size(), "{}", static_cast<std::uint64_t>(id)).out;
    const std::string_view text{digits.data(), static_cast<std::size_t>(end - digits.data())};
    const smpp::pdu_body body = request.command == command_id::data_sm
                                    ? smpp::pdu_body{smpp::data_sm_resp{text}}
                                    : smpp::pdu_body{smpp::submit_sm_resp{text}};
    connection_->session().respond(request, body, {}, smpp::io::connection::now());
    connection_->kick();
}

void smpp_server_session::settle_cancellation(std::uint32_t sequence) {
    respond({sequence, command_id::cancel_sm}, command_status::esme_rok);
}

void smpp_server_session::on_query(const smpp::query_sm& body, const smpp::session_event& event) {
    const auto id = store::parse_id(body.message_id);
    const auto found = id ? host_.core().find(*account_, message_id{*id}) : std::nullopt;
    if (!found) return respond(event.request(), command_status::esme_rqueryfail);
    const auto answer = answer_query(*found);
    smpp::query_sm_resp response;
    response.message_id = body.message_id;
    if (answer.final) response.final_date = answer.final_date.view();
    response.message_state = static_cast<std::uint8_t>(answer.state);
    response.error_code = answer.error_code;
    connection_->session().respond(event.request(), smpp::pdu_body{response}, {},
                                   smpp::io::connection::now());
    connection_->kick();
}

void smpp_server_session::on_cancel(const smpp::cancel_sm& body, const smpp::session_event& event,
                                    instant now) {
    // Cancelling by addresses alone (an empty message_id) is not offered.
    const auto id = store::parse_id(body.message_id);
    if (!id) return respond(event.request(), command_status::esme_rcancelfail);
    const auto why = host_.core().cancel(
        *account_, message_id{*id}, reply_ticket{id_, event.value.header.sequence_number}, now);
    host_.touched();
    if (why != refusal::none) respond(event.request(), command_status::esme_rcancelfail);
}

void smpp_server_session::respond(const smpp::peer_request& request, command_status status) {
    connection_->session().respond(request, status, smpp::io::connection::now());
    connection_->kick();
}

bool smpp_server_session::deliver(std::uint64_t outbox_sequence, const store::record::Event& event,
                                  event_pdu_scratch& scratch) {
    if (!up_) return false;
    const bool tlvs = host_.core().settings_of(*account_).delivery.tlvs;
    const auto sent = connection_->session().submit(deliver_sm_of(event, tlvs, scratch),
                                                    outbox_sequence, smpp::io::connection::now());
    if (!sent.has_error()) {
        connection_->kick();
        return true;
    }
    const auto fault = sent.error();
    if (fault == smpp::submit_error::not_bound || fault == smpp::submit_error::window_full ||
        fault == smpp::submit_error::closing) {
        return false;
    }
    // It will never fit into a PDU for this client: kept as a dead letter.
    // Later, because the engine must not be called from its own command.
    log(log_level::error, "an event does not fit into deliver_sm",
        {{"system_id", system_id_}, {"why", smpp::name_of(fault)}, {"sequence", outbox_sequence}});
    auto refuse = [&server = server_, id = id_, outbox_sequence]() {
        auto& around = server.host_;
        if (server.find(id) == nullptr) return;
        around.core().on_delivery_unfit(id, outbox_sequence, around.now());
        around.touched();
    };
    boost::asio::post(host_.running().context(), std::move(refuse));
    return true;
}

void smpp_server_session::unbind() {
    connection_->session().unbind(smpp::io::connection::now());
    connection_->kick();
}

void smpp_server_session::probe() {
    connection_->session().probe(probe_timeout, smpp::io::connection::now());
    connection_->kick();
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
