#include "gateway/io/http_server.hpp"

#include <malloc.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <cassert>
#include <utility>

#include "gateway/api/problems.hpp"
#include "gateway/io/http_connection.hpp"

namespace hikyaku::gateway::io {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr std::string_view busy_response =
    "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n"
    "Connection: close\r\n\r\n";

constexpr std::size_t trim_bytes = 8 << 20;

std::chrono::milliseconds sweep_interval(const http_limits& limits) {
    const auto shortest = std::min(limits.request_timeout, limits.idle_timeout) / 8;
    return std::clamp(shortest, std::chrono::milliseconds{2}, std::chrono::milliseconds{250});
}

// After a crowd has gone its memory lies in pieces that the allocator keeps; it goes back to the
// system, which takes about a millisecond.
void return_memory(http_shared& shared) {
    if (shared.buffers_freed_bytes < trim_bytes) return;
    shared.buffers_freed_bytes = 0;
    malloc_trim(0);
}

// Looks for connections whose time is up, as long as there are any.
void sweep(const std::shared_ptr<http_shared>& shared) {
    return_memory(*shared);
    if (shared->connections.empty()) {
        shared->sweeping = false;
        return;
    }
    shared->sweeping = true;
    shared->sweeper.expires_after(sweep_interval(shared->limits));
    std::weak_ptr<http_shared> weak = shared;
    shared->sweeper.async_wait([weak](boost::system::error_code error) {
        const auto alive = weak.lock();
        if (!alive || error) return;
        const auto now = std::chrono::steady_clock::now();
        for (http_connection* each : alive->connections)
            each->check_time(now);
        sweep(alive);
    });
}

// Over the limit: a word of explanation if it fits into the socket's buffer, then the end.
void turn_away(smpp::io::stream stream) {
    boost::system::error_code ignored;
    if (stream.tls() == nullptr) {
        stream.socket().non_blocking(true, ignored);
        stream.socket().write_some(asio::buffer(busy_response), ignored);
        stream.socket().shutdown(asio::socket_base::shutdown_send, ignored);
    }
    stream.socket().close(ignored);
}

void serve(const std::shared_ptr<http_shared>& shared, smpp::io::stream stream) {
    if (shared->stopping) {
        turn_away(std::move(stream));
        return;
    }
    ++shared->counters.connections;
    smpp::io::place* const place = stream.place();
    auto connection = std::make_shared<http_connection>(shared, std::move(stream));
    place->on_eviction([weak = std::weak_ptr(connection)] {
        if (const auto alive = weak.lock()) alive->abort();
    });
    shared->background.spawn(shared->name, http_connection::run(std::move(connection)));
    if (!shared->sweeping) sweep(shared);
}

boost::system::result<tcp::endpoint> resolve(tasks& background, const config::address& where) {
    boost::system::error_code error;
    const auto address = asio::ip::make_address(where.host, error);
    if (!error) return tcp::endpoint{address, where.port};
    tcp::resolver resolver(background.context());
    const auto found =
        resolver.resolve(where.host, std::to_string(where.port), tcp::resolver::passive, error);
    if (error) return error;
    return found.begin()->endpoint();
}

}  // namespace

http_limits limits_of(const config::http_server& settings) {
    http_limits limits;
    limits.message = {settings.header_bytes_max, settings.body_bytes_max};
    limits.request_timeout = settings.request_timeout;
    limits.idle_timeout = settings.idle_timeout;
    limits.connections_max = settings.connections_max;
    limits.strangers_per_address_max = settings.strangers_per_address_max;
    limits.bodies_bytes_max = settings.bodies_bytes_max;
    return limits;
}

http_responder::http_responder(std::weak_ptr<http_connection> connection, std::uint64_t request)
    : connection_(std::move(connection)), request_(request), open_(true) {}

http_responder::http_responder(http_responder&& other) noexcept
    : connection_(std::move(other.connection_)),
      request_(other.request_),
      open_(std::exchange(other.open_, false)) {}

http_responder& http_responder::operator=(http_responder&& other) noexcept {
    if (this != &other) {
        http_responder dropped(std::move(*this));
        connection_ = std::move(other.connection_);
        request_ = other.request_;
        open_ = std::exchange(other.open_, false);
    }
    return *this;
}

http_responder::~http_responder() {
    if (!open_) return;
    if (const auto connection = connection_.lock()) {
        connection->count_unanswered();
        connection->deliver(request_, connection->handler().refuse(500));
    }
}

void http_responder::send(api::http_response&& response) {
    assert(open_);
    open_ = false;
    if (const auto connection = connection_.lock())
        connection->deliver(request_, std::move(response));
}

bool http_responder::read_body(std::unique_ptr<api::body_reader> reader, body_budget::owner whose) {
    assert(open_);
    const auto connection = connection_.lock();
    if (connection && connection->read_body(request_, std::move(reader), whose)) return true;
    open_ = false;
    return false;
}

api::http_response http_handler::refuse(unsigned status) {
    api::problem what;
    switch (status) {
        case 400:
            what.code = api::problem_code::http_invalid;
            break;
        case 408:
            what.code = api::problem_code::request_timeout;
            break;
        case 413:
            what.code = api::problem_code::body_too_large;
            break;
        case 431:
            what.code = api::problem_code::header_too_large;
            break;
        case 503:
            what.code = api::problem_code::server_busy;
            break;
        default:
            what.code = api::problem_code::internal_error;
            break;
    }
    return api::problem_response(what);
}

http_server::http_server(tasks& background, std::string name, const http_limits& limits,
                         http_handler& handler)
    : shared_(std::make_shared<http_shared>(background, std::move(name), limits, handler)) {}

http_server::~http_server() {
    abort();
}

boost::system::result<tcp::endpoint> http_server::listen(const config::address& where,
                                                         const tls_door* tls) {
    const auto endpoint = resolve(shared_->background, where);
    if (!endpoint) return endpoint.error();
    smpp::io::listener_settings settings;
    settings.endpoint = *endpoint;
    if (tls != nullptr) settings.tls_source = [tls] { return tls->current(); };
    settings.places = shared_->places;
    settings.handshake_timeout = shared_->limits.request_timeout;
    std::weak_ptr<http_shared> weak = shared_;
    settings.on_refused = [weak](tcp::socket socket) {
        const auto shared = weak.lock();
        if (!shared) return;
        ++shared->counters.connections_refused;
        turn_away(smpp::io::stream(std::move(socket)));
    };
    auto opened = smpp::io::listener::open(shared_->background.context().get_executor(), settings,
                                           [weak](smpp::io::stream stream) {
                                               if (const auto shared = weak.lock())
                                                   serve(shared, std::move(stream));
                                           });
    if (!opened) return opened.error();
    (*opened)->start();
    listeners_.push_back(*opened);
    return (*opened)->local();
}

void http_server::stop() {
    shared_->stopping = true;
    for (const auto& each : listeners_)
        each->close();
    for (http_connection* each : shared_->connections)
        each->finish();
}

void http_server::abort() {
    shared_->stopping = true;
    for (const auto& each : listeners_)
        each->close();
    for (http_connection* each : shared_->connections)
        each->abort();
}

std::size_t http_server::connections() const {
    return shared_->connections.size();
}

const http_counters& http_server::counters() const {
    return shared_->counters;
}

const smpp::io::place_counters& http_server::place_counters() const {
    return shared_->places->counters();
}

std::uint64_t http_server::bodies_bytes() const {
    return shared_->bodies.taken();
}

std::vector<smpp::io::listener_counters> http_server::listeners() const {
    std::vector<smpp::io::listener_counters> result;
    for (const auto& each : listeners_)
        result.push_back(each->counters());
    return result;
}

}  // namespace hikyaku::gateway::io
