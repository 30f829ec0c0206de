#include "smpp/io/listener.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "smpp/io/spawn.hpp"

namespace hikyaku::smpp::io {

namespace asio = boost::asio;

namespace {
constexpr auto use_tuple = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::milliseconds accept_error_pause{100};
}  // namespace

listener::listener(asio::any_io_executor executor, const listener_settings& settings,
                   factory on_stream)
    : executor_(executor),
      settings_(settings),
      on_stream_(std::move(on_stream)),
      acceptor_(executor),
      pause_(executor) {}

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

void listener::take(tcp::socket socket) {
    if (*open_ >= settings_.connections_max) {
        ++counters_.refused;
        return;  // the destructor closes it
    }
    ++counters_.accepted;
    ++*open_;
    std::shared_ptr<void> lease(nullptr, [open = open_](void*) { --*open; });
    if (settings_.tls == nullptr) {
        deliver(stream(std::move(socket)), std::move(lease));
        return;
    }
    auto self = shared_from_this();
    spawn(executor_, shake_hands(std::move(socket), std::move(lease)),
          [self] { ++self->counters_.handshake_errors; });
}

asio::awaitable<void> listener::shake_hands(tcp::socket socket, std::shared_ptr<void> lease) {
    struct handshake {
        tls_stream secured;
        asio::steady_timer timer;
        bool over = false;
    };
    const auto self = shared_from_this();
    const auto shared = std::make_shared<handshake>(
        handshake{tls_stream(std::move(socket), *settings_.tls),
                  asio::steady_timer(executor_, settings_.handshake_timeout)});
    // A wait that has fired already cannot be cancelled: its handler looks at `over`.
    shared->timer.async_wait([shared](const boost::system::error_code&) {
        boost::system::error_code ignored;
        if (!shared->over) shared->secured.next_layer().close(ignored);
    });
    const auto [error] =
        co_await shared->secured.async_handshake(asio::ssl::stream_base::server, use_tuple);
    shared->over = true;
    shared->timer.cancel();
    if (closed_) co_return;
    if (error) {
        ++counters_.handshake_errors;
        co_return;
    }
    deliver(stream(std::move(shared->secured)), std::move(lease));
}

void listener::deliver(stream ready, std::shared_ptr<void> lease) {
    ready.hold(std::move(lease));
    if (!closed_) on_stream_(std::move(ready));
}

}  // namespace hikyaku::smpp::io
