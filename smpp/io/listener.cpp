#include "smpp/io/listener.hpp"

#include <boost/asio/use_awaitable.hpp>
#include <vector>

#include "smpp/io/proxy_protocol.hpp"
#include "smpp/io/spawn.hpp"
#include "smpp/io/use_tuple.hpp"

namespace hikyaku::smpp::io {

namespace asio = boost::asio;

namespace {
constexpr std::chrono::milliseconds accept_error_pause{100};

// Shared by a coroutine, the timer that limits it and the place that may have to go.
struct proxy_reading {
    tcp::socket socket;
    asio::steady_timer timer;
    bool over = false;
    void close() {
        boost::system::error_code ignored;
        if (!over) socket.close(ignored);
    }
};

struct tls_handshake {
    tls_stream secured;
    asio::steady_timer timer;
    bool over = false;
    bool late = false;
    void close() {
        boost::system::error_code ignored;
        if (!over) secured.next_layer().close(ignored);
    }
};

std::string reason_of(tls_handshake& failed, const boost::system::error_code& error) {
    if (failed.late) return "not finished in time";
    const auto verdict = SSL_get_verify_result(failed.secured.native_handle());
    if (verdict == X509_V_OK) return error.message();
    return error.message() + ": " + X509_verify_cert_error_string(verdict);
}

template <class Work>
std::function<void()> closer_of(const std::shared_ptr<Work>& work) {
    return [weak = std::weak_ptr(work)] {
        if (const auto alive = weak.lock()) alive->close();
    };
}
}  // namespace

listener::listener(asio::any_io_executor executor, const listener_settings& settings,
                   factory on_stream)
    : executor_(std::move(executor)),
      settings_(settings),
      on_stream_(std::move(on_stream)),
      acceptor_(executor_),
      pause_(executor_) {}

boost::system::result<std::shared_ptr<listener>> listener::open(asio::any_io_executor executor,
                                                                const listener_settings& settings,
                                                                factory on_stream) {
    std::shared_ptr<listener> made(
        new listener(std::move(executor), settings, std::move(on_stream)));
    tcp::acceptor& acceptor = made->acceptor_;
    boost::system::error_code error;
    acceptor.open(settings.endpoint.protocol(), error);
    if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor.bind(settings.endpoint, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (!error) made->local_ = acceptor.local_endpoint(error);
    if (error) return error;
    return made;
}

void listener::start() {
    auto self = shared_from_this();
    spawn(executor_, accept_loop(), [self] {
        ++self->counters_.accept_errors;
        if (!self->closed_) self->start();
    });
}

void listener::close() {
    closed_ = true;
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
}

asio::awaitable<void> listener::accept_loop() {
    const auto self = shared_from_this();
    while (!closed_) {
        auto [error, socket] = co_await acceptor_.async_accept(use_tuple);
        if (closed_) break;
        if (error) {
            ++counters_.accept_errors;
            pause_.expires_after(accept_error_pause);
            co_await pause_.async_wait(use_tuple);
            continue;
        }
        take(std::move(socket));
    }
}

void listener::refuse(tcp::socket socket) {
    ++counters_.refused;
    const bool plain = settings_.tls == nullptr && !settings_.tls_source;
    if (plain && settings_.on_refused) settings_.on_refused(std::move(socket));
    // otherwise the destructor closes it
}

void listener::take(tcp::socket socket) {
    boost::system::error_code ignored;
    const auto peer = socket.remote_endpoint(ignored);
    const bool plain = settings_.tls == nullptr && !settings_.tls_source;
    const bool balanced = settings_.is_balancer && settings_.is_balancer(peer.address());
    std::shared_ptr<io::place> place;
    if (settings_.places) {
        place = balanced ? settings_.places->enter({}) : settings_.places->enter(peer.address());
        if (!place) return refuse(std::move(socket));
    } else if (*open_ >= settings_.connections_max) {
        return refuse(std::move(socket));
    }
    ++counters_.accepted;
    ++*open_;
    std::shared_ptr<void> lease(nullptr, [open = open_](void*) { --*open; });
    arrival from{std::move(socket), std::move(lease), peer, false, std::move(place)};
    if (plain && !balanced) return deliver(stream(std::move(from.socket)), from);
    auto self = shared_from_this();
    auto work = balanced ? introduce(std::move(from)) : shake_hands(std::move(from));
    spawn(executor_, std::move(work), [self] { ++self->counters_.handshake_errors; });
}

// The balancer says whose connection it is; then everything is as without one.
asio::awaitable<void> listener::introduce(arrival from) {
    const auto self = shared_from_this();
    const bool sound = co_await read_proxy_header(from);
    if (closed_) co_return;
    if (!sound) {
        ++counters_.proxy_errors;
        co_return;
    }
    if (from.place && from.is_named && !from.place->move_to(from.client.address())) {
        ++counters_.refused;
        co_return;
    }
    if (settings_.tls == nullptr && !settings_.tls_source) {
        deliver(stream(std::move(from.socket)), from);
        co_return;
    }
    co_await shake_hands(std::move(from));
}

// Never reads an octet that comes after the header: it belongs to TLS or to SMPP.
asio::awaitable<bool> listener::read_proxy_header(arrival& from) {
    const auto shared = std::make_shared<proxy_reading>(proxy_reading{
        std::move(from.socket), asio::steady_timer(executor_, settings_.proxy_timeout)});
    shared->timer.async_wait([shared](const boost::system::error_code&) { shared->close(); });
    if (from.place) from.place->on_eviction(closer_of(shared));
    std::vector<std::uint8_t> octets;
    auto progress = parse_proxy_header(octets);
    while (progress.has_value() && progress->wanted > 0) {
        const std::size_t before = octets.size();
        octets.resize(before + progress->wanted);
        const asio::mutable_buffer room(octets.data() + before, progress->wanted);
        const auto [error, bytes] = co_await shared->socket.async_read_some(room, use_tuple);
        octets.resize(before + bytes);
        if (error) break;
        progress = parse_proxy_header(octets);
    }
    shared->over = true;
    shared->timer.cancel();
    if (progress.has_error() || progress->wanted > 0) co_return false;
    if (progress->header.source) {
        from.client = *progress->header.source;
        from.is_named = true;
    }
    ++(progress->header.local ? counters_.proxy_local : counters_.proxied);
    from.socket = std::move(shared->socket);
    co_return true;
}

asio::awaitable<void> listener::shake_hands(arrival from) {
    const auto self = shared_from_this();
    // OpenSSL keeps what the session needs of the context, whatever becomes of ours.
    const auto current = settings_.tls_source ? settings_.tls_source() : nullptr;
    auto& context = current ? *current : *settings_.tls;
    const auto shared = std::make_shared<tls_handshake>(
        tls_handshake{tls_stream(std::move(from.socket), context),
                      asio::steady_timer(executor_, settings_.handshake_timeout)});
    // A wait that has fired already cannot be cancelled: its handler looks at `over`.
    shared->timer.async_wait([shared](const boost::system::error_code&) {
        shared->late = !shared->over;
        shared->close();
    });
    if (from.place) from.place->on_eviction(closer_of(shared));
    const auto [error] =
        co_await shared->secured.async_handshake(asio::ssl::stream_base::server, use_tuple);
    shared->over = true;
    shared->timer.cancel();
    if (closed_) co_return;
    if (error) {
        ++counters_.handshake_errors;
        if (settings_.on_handshake_failed)
            settings_.on_handshake_failed(from.client, reason_of(*shared, error));
        co_return;
    }
    deliver(stream(std::move(shared->secured)), from);
}

void listener::deliver(stream ready, arrival& from) {
    if (from.place) from.place->on_eviction({});  // whoever gets the stream says what ends it
    ready.hold(std::move(from.lease));
    ready.hold_place(std::move(from.place));
    ready.set_peer(from.client);
    if (!closed_) on_stream_(std::move(ready));
}

}  // namespace hikyaku::smpp::io
