#include "gateway/io/smpp_carrier_client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "config/values.hpp"
#include "gateway/api/digest.hpp"
#include "gateway/io/logging.hpp"
#include "smpp/io/connector.hpp"
#include "smpp/text/utf8.hpp"

namespace hikyaku::gateway::io {
namespace {

/// Another bind, or this one later, may take the request.
bool may_pass(smpp::submit_error fault) {
    return fault == smpp::submit_error::not_bound || fault == smpp::submit_error::window_full ||
           fault == smpp::submit_error::closing;
}

using smpp::command_id;
using smpp::command_status;
using smpp::session_event_kind;
using std::chrono::milliseconds;

// A bind that lasted this long was a good one: the next pause is the shortest again.
constexpr std::chrono::seconds settled_after{10};

// What a carrier adds to its refusal; more of it is cut.
constexpr std::size_t words_octets_max = 128;

bind_stage stage_of(const smpp::io::connect_fault& fault) {
    if (fault.code == smpp::io::dns_error::too_many) return bind_stage::own;
    switch (fault.stage) {
        case smpp::io::connect_stage::resolve:
            return bind_stage::resolve;
        case smpp::io::connect_stage::connect:
            return bind_stage::connect;
        case smpp::io::connect_stage::tls:
            return bind_stage::tls;
    }
    return bind_stage::own;
}

std::string_view version_text(std::uint8_t version) {
    return version >= 0x50 ? "5.0" : version >= 0x34 ? "3.4" : "3.3";
}

}  // namespace

carrier_bind_counters& carrier_bind_counters::operator+=(const carrier_bind_counters& more) {
    connects_failed += more.connects_failed;
    binds += more.binds;
    binds_refused += more.binds_refused;
    lost += more.lost;
    outbinds += more.outbinds;
    outbinds_refused += more.outbinds_refused;
    return *this;
}

milliseconds reconnect_delay(std::uint32_t failures, milliseconds min, milliseconds max,
                             double random) {
    const auto shift = std::min<std::uint32_t>(failures, 20);
    const auto ceiling = std::clamp(milliseconds(min.count() << shift), min, std::max(min, max));
    // The first pause is spread too, over one more `min`.
    const auto spread = failures == 0 ? std::min(min, std::max(min, max) - min) : ceiling - min;
    return min + milliseconds(static_cast<std::int64_t>(static_cast<double>(spread.count()) *
                                                        std::clamp(random, 0.0, 1.0)));
}

carrier_bind::carrier_bind(host& around, carrier_bind_owner& owner, carrier_setup with,
                           carrier_id carrier, command_id kind, std::uint32_t number)
    : host_(around),
      owner_(owner),
      settings_(std::move(with.settings)),
      carrier_(carrier),
      kind_(kind),
      number_(number),
      tls_(std::move(with.tls)),
      wake_(around.running().context()),
      random_(std::random_device{}()) {}

carrier_bind::~carrier_bind() {
    if (connection_) connection_->detach();
}

std::string carrier_bind::name() const {
    return fmt::format("carrier {} {} {}", settings_->name, smpp::name_of(kind_), number_);
}

void carrier_bind::start() {
    stopped_ = false;
    host_.running().spawn(name(), run());
}

void carrier_bind::serve(smpp::io::stream connected) {
    stopped_ = false;
    called_ = true;
    up_since_ = {};
    connection_ = smpp::io::connection::create(std::move(connected), session_settings(), this);
    meter_ = {};
    peer_ = connection_->peer().address().to_string();
    target_ = {peer_, 0};
    trying_ = true;
    connection_->start();
}

void carrier_bind::stop() {
    stopping_ = true;
    if (connection_) {
        connection_->session().unbind(smpp::io::connection::now());
        connection_->kick();
    } else {
        wake_.cancel();
    }
}

void carrier_bind::use(carrier_setup with) {
    settings_ = std::move(with.settings);
    tls_ = std::move(with.tls);
    if (connection_)
        connection_->session().set_windows(settings_->window, session_settings().peer_window_max);
}

void carrier_bind::leave() {
    if (up_) host_.core().on_bind_leaving(id_, host_.now());
    stop();
}

boost::asio::awaitable<void> carrier_bind::run() {
    while (!stopping_) {
        co_await connect_once();
        if (stopping_) break;
        // Every host of the list is tried before the first pause, but only when none was reached.
        const bool more_hosts = up_since_ == std::chrono::steady_clock::time_point{} &&
                                next_host_ % settings_->hosts.size() != 0;
        if (more_hosts) continue;
        const double chance = std::uniform_real_distribution<double>(0.0, 1.0)(random_);
        const auto pause =
            reconnect_delay(failures_, settings_->reconnect_min, settings_->reconnect_max, chance);
        ++failures_;
        co_await wait(std::chrono::steady_clock::now() + pause);
    }
    stopped_ = true;
}

boost::asio::awaitable<void> carrier_bind::wait(std::chrono::steady_clock::time_point until) {
    if (stopping_ && !connection_) co_return;
    wake_.expires_at(until);
    co_await wake_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
}

boost::asio::awaitable<void> carrier_bind::connect_once() {
    up_since_ = {};
    target_ = settings_->hosts[next_host_++ % settings_->hosts.size()];
    trying_ = true;
    asked_ = false;
    const auto tls = tls_;  // while it connects: use() may give another
    smpp::io::connector_settings where;
    where.host = target_.host;
    where.port = target_.port;
    where.tls = tls.get();
    where.verify = settings_->tls_verify;
    where.server_name = settings_->tls_server_name;
    where.timeout = settings_->bind_timeout;
    where.names = &host_.lookups().carriers;
    where.owner = settings_->name;
    auto connected =
        co_await smpp::io::connect(host_.running().context().get_executor(), std::move(where));
    if (stopping_) co_return;
    if (connected.has_error()) {
        ++counters_.connects_failed;
        const auto fault = connected.error();
        end_attempt(stage_of(fault), fault.message());
        co_return;
    }
    start_session(std::move(*connected));
    while (connection_)
        co_await wait(std::chrono::steady_clock::time_point::max());
    if (up_since_ != std::chrono::steady_clock::time_point{} &&
        std::chrono::steady_clock::now() - up_since_ >= settled_after)
        failures_ = 0;
}

smpp::session_settings carrier_bind::session_settings() const {
    smpp::session_settings settings;
    settings.role = smpp::session_role::client;
    settings.interface_version = settings_->version;
    settings.window_max = settings_->window;
    // Carriers send receipts in big windows, and each waits for the disk before it is answered.
    settings.peer_window_max = 1000;
    settings.session_init_timeout = settings_->bind_timeout;
    settings.enquire_link_interval = settings_->enquire_link_interval;
    settings.inactivity_timeout = settings_->inactivity_timeout;
    settings.response_timeout = settings_->response_timeout;
    return settings;
}

void carrier_bind::start_session(smpp::io::stream connected) {
    connection_ = smpp::io::connection::create(std::move(connected), session_settings(), this);
    meter_ = {};
    peer_ = connection_->peer().address().to_string();
    connection_->start();
    if (!request_bind()) connection_->close();
    connection_->kick();
}

bool carrier_bind::request_bind() {
    smpp::bind_request request;
    request.system_id = settings_->system_id;
    request.password = settings_->password;
    request.system_type = settings_->system_type;
    request.interface_version = settings_->version;
    if (kind_ != command_id::bind_transmitter) request.address_range = settings_->address_range;
    const auto sent = connection_->session().bind(kind_, request, smpp::io::connection::now());
    asked_ = !sent.has_error();
    if (!asked_) {
        end_attempt(bind_stage::own,
                    fmt::format("the bind cannot be encoded: {}", smpp::name_of(sent.error())));
    }
    return asked_;
}

// Only who knows the credentials gets ours.
void carrier_bind::on_outbind(const smpp::outbind& call) {
    const bool known = called_ && api::same_secret(call.system_id, settings_->outbind_system_id) &&
                       api::same_secret(call.password, settings_->outbind_password);
    if (known && !stopping_ && request_bind()) {
        ++counters_.outbinds;
        return;
    }
    ++counters_.outbinds_refused;
    if (!known) end_attempt(bind_stage::outbind, "wrong credentials");
    connection_->session().close(smpp::io::connection::now());
}

void carrier_bind::end_attempt(bind_stage stage, std::string reason, std::string_view detail) {
    if (!std::exchange(trying_, false) || stopping_) return;
    bind_end what{stage, target_.host, target_.port, std::move(reason),
                  std::string(smpp::text::cut_utf8(detail, words_octets_max))};
    owner_.ends_of(carrier_).failed(identity(), std::move(what), host_.now());
}

// The connection has ended before there was a bind or a refusal.
void carrier_bind::end_attempt_by(smpp::close_reason reason) {
    if (!trying_) return;
    using smpp::close_reason;
    const auto error = connection_->stream_error();
    const auto stage = asked_ ? bind_stage::bind : bind_stage::outbind;
    const std::string_view wanted = asked_ ? "answer to the bind" : "outbind";
    const auto others = connection_->session().counters().unexpected_responses;
    switch (reason) {
        case close_reason::peer_closed: {
            // What the socket says is only news if it is more than "the other side has closed".
            const bool reset = error == boost::asio::error::connection_reset ||
                               error == boost::asio::error::broken_pipe;
            return end_attempt(
                stage,
                fmt::format("closed {}{}", asked_ ? "after the bind was sent" : "before an outbind",
                            reset ? " (" + error.message() + ")" : ""));
        }
        case close_reason::connection_error:
            // In TLS 1.3 a carrier may refuse our certificate after the handshake.
            return end_attempt(error.category() == boost::asio::error::get_ssl_category()
                                   ? bind_stage::tls
                                   : stage,
                               error.message());
        case close_reason::bind_timeout:
        case close_reason::session_init_timeout:
            return end_attempt(stage,
                               fmt::format("no {} within {}{}", wanted,
                                           config::format_duration(settings_->bind_timeout),
                                           others > 0 ? ", only responses to nothing sent" : ""));
        case close_reason::framing_error:
            return end_attempt(stage, "what came is not SMPP");
        case close_reason::local:
            return end_attempt(bind_stage::own, "made room for a newer connection");
        default:
            return end_attempt(stage, std::string(smpp::name_of(reason)));
    }
}

void carrier_bind::on_events(smpp::io::connection& from,
                             std::span<const smpp::session_event> events) {
    if (&from != connection_.get()) return;
    const auto now = host_.now();
    for (const auto& event : events)
        on_event(event, now);
    host_.touched();
}

void carrier_bind::on_event(const smpp::session_event& event, instant now) {
    if (tells_fault(event)) {
        owner_.faults_of(carrier_).note("carrier", settings_->name, peer_, event,
                                        smpp::io::connection::now());
    }
    switch (event.kind) {
        case session_event_kind::bound:
            on_bound(event, now);
            break;
        case session_event_kind::bind_refused:
            ++counters_.binds_refused;
            end_attempt(
                bind_stage::refused, status_text(event.status()),
                event.value.tlvs.cstring(smpp::tag::additional_status_info_text).value_or(""));
            connection_->session().close(smpp::io::connection::now());
            break;
        case session_event_kind::response:
        case session_event_kind::late_response:
            on_response(event, now);
            break;
        case session_event_kind::request_failed: {
            const auto why = event.failure == smpp::request_failure::response_timeout
                                 ? attempt_failure::timed_out
                             : event.failure == smpp::request_failure::closed_waiting
                                 ? attempt_failure::not_sent
                                 : attempt_failure::outcome_unknown;
            if (up_) host_.core().on_attempt_failed(id_, event.token, why, now);
            break;
        }
        case session_event_kind::request:
            on_request(event, now);
            break;
        case session_event_kind::outbind:
            on_outbind(std::get<smpp::outbind>(event.value.body));
            break;
        case session_event_kind::unbind_requested:
            log(log_level::info, "a carrier unbinds", {{"carrier", settings_->name}});
            break;
        default:
            break;
    }
}

void carrier_bind::on_bound(const smpp::session_event& event, instant now) {
    ++counters_.binds;
    id_ = owner_.next_bind_id();
    if (auto* const place = connection_->place()) place->be_known();
    up_ = true;
    up_since_ = std::chrono::steady_clock::now();
    told_of_role_ = false;
    owner_.on_bind_open(id_, *this);
    log(log_level::info, "bound to a carrier",
        {{"carrier", settings_->name},
         {"command", smpp::name_of(kind_)},
         {"number", number_},
         {"version", version_text(connection_->session().interface_version())}});
    tell_info(event);
    trying_ = false;
    owner_.ends_of(carrier_).bound(identity(), now);
    bind_facts facts;
    facts.carrier = carrier_;
    facts.window = settings_->window;
    facts.can_transmit = kind_ != command_id::bind_receiver;
    facts.can_receive = kind_ != command_id::bind_transmitter;
    facts.version = connection_->session().interface_version();
    host_.core().on_bind_up(id_, facts, now);
}

void carrier_bind::tell_info(const smpp::session_event& response) const {
    const auto info = info_of(response);
    if (info.empty()) return;
    log(log_level::warn, "a carrier says something about the bind",
        {{"carrier", settings_->name},
         {"command", smpp::name_of(kind_)},
         {"number", number_},
         {"status", status_text(response.status())},
         {"info", mask_numbers(info)}});
}

void carrier_bind::on_response(const smpp::session_event& event, instant now) {
    if (!up_) return;
    auto status = event.status();
    std::string_view message;
    if (const auto* response = event.body_if<smpp::submit_sm_resp>()) {
        // Of a body that cannot be read (TLVs and no id before them) the id would be garbage.
        if (event.body_valid) message = response->message_id;
    } else if (status == command_status::esme_rok &&
               event.body_if<smpp::cancel_sm_resp>() == nullptr) {
        status = command_status::esme_runknownerr;  // a generic_nack says no, whatever its status
    }
    const auto congestion = event.congestion_state();
    if (congestion && connection_->session().interface_version() >= 0x50)
        host_.core().on_congestion(id_, *congestion, now);
    const auto info = status == command_status::esme_rok ? std::string_view{} : info_of(event);
    if (!info.empty())
        owner_.faults_of(carrier_).note_reason(settings_->name, event, smpp::io::connection::now());
    host_.core().on_response(id_, event.token, status, message, now, {info, false});
}

void carrier_bind::on_request(const smpp::session_event& event, instant now) {
    const auto sequence = event.value.header.sequence_number;
    const auto* deliver = event.body_if<smpp::deliver_sm>();
    const auto* data = event.body_if<smpp::data_sm>();
    if (kind_ == command_id::bind_transmitter && !std::exchange(told_of_role_, true)) {
        log(log_level::warn, "a carrier delivers on a transmitter; what it brings is taken",
            {{"carrier", settings_->name},
             {"number", number_},
             {"command", smpp::name_of(event.value.header.command_id)}});
    }
    if (up_ && deliver != nullptr) {
        host_.core().on_deliver_sm(id_, sequence, *deliver, event.value.tlvs, now);
    } else if (up_ && data != nullptr) {
        host_.core().on_data_sm(id_, sequence, *data, event.value.tlvs, now);
    } else if (const auto* alert = event.body_if<smpp::alert_notification>()) {
        log(log_level::debug, "a phone can be reached again",
            {{"carrier", settings_->name}, {"number", mask(alert->source_addr)}});
        if (up_) host_.core().on_alert_notification(id_, *alert, event.value.tlvs, now);
    } else {
        connection_->session().respond(event.request(), command_status::esme_rinvcmdid,
                                       smpp::io::connection::now());
    }
}

void carrier_bind::on_closed(smpp::io::connection& from, smpp::close_reason reason) {
    if (&from != connection_.get()) return;
    settle_faults();
    end_attempt_by(reason);
    if (up_) {
        up_ = false;
        if (!stopping_) ++counters_.lost;
        log(stopping_ ? log_level::info : log_level::warn, "a bind to a carrier has ended",
            {{"carrier", settings_->name},
             {"command", smpp::name_of(kind_)},
             {"number", number_},
             {"reason", smpp::name_of(reason)}});
        owner_.on_bind_closed(id_);
        host_.core().on_bind_down(id_, host_.now());
        host_.touched();
    }
    connection_->detach();
    connection_.reset();
    if (called_)
        stopped_ = true;
    else
        wake_.cancel();
}

bool carrier_bind::send(std::uint64_t token, const smpp::submit_sm& request,
                        const smpp::tlv_list& tlvs) {
    if (!up_ || !connection_) return false;
    const auto sent = connection_->session().submit(smpp::make_pdu(0, request, tlvs), token,
                                                    smpp::io::connection::now());
    if (!sent.has_error()) {
        connection_->kick();
        return true;
    }
    const auto fault = sent.error();
    if (may_pass(fault)) return false;
    log(log_level::error, "a segment does not fit into submit_sm",
        {{"carrier", settings_->name}, {"why", smpp::name_of(fault)}});
    refuse_later(token);
    return true;
}

/// No carrier could take this PDU: the engine hears of a refusal, later, because it must not be
/// called from its own command.
void carrier_bind::refuse_later(std::uint64_t token) {
    auto refuse = [this, id = id_, token]() {
        if (!up_ || id != id_) return;  // then the engine has heard of the bind's end instead
        host_.core().on_response(id, token, command_status::esme_rinvparlen, {}, host_.now(),
                                 {.info = {}, .own = true});
        host_.touched();
    };
    boost::asio::post(host_.running().context(), std::move(refuse));
}

bool carrier_bind::send_cancel(std::uint64_t token, const smpp::cancel_sm& request) {
    if (!up_ || !connection_) return false;
    const auto sent = connection_->session().submit(smpp::make_pdu(0, request), token,
                                                    smpp::io::connection::now());
    if (sent.has_error() && may_pass(sent.error())) return false;
    sent.has_error() ? refuse_later(token) : connection_->kick();
    return true;
}

void carrier_bind::acknowledge(std::uint32_t sequence, command_id request, command_status status) {
    if (!connection_) return;
    connection_->session().respond({sequence, request}, status, smpp::io::connection::now());
    connection_->kick();
}

void carrier_bind::settle_faults() {
    if (!connection_) return;
    const auto fresh = meter_.take(connection_->session().counters());
    if (fresh.refused + fresh.tolerated > 0) owner_.faults_of(carrier_).counts += fresh;
}

std::uint32_t carrier_bind::in_flight() const {
    return connection_ ? connection_->session().in_flight() : 0;
}

}  // namespace hikyaku::gateway::io
