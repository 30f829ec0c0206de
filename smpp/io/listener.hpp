// Accepts connections on one address and hands each, after the PROXY header of a balancer and the
// TLS handshake if there are such, to a factory, which makes a smpp::io::connection of it. It
// exists so that a burst of connections, a peer that never finishes its handshake or a system
// without file descriptors costs one counter and not the server. Created and used on the thread of
// its io_context.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/result.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "smpp/io/stream.hpp"

namespace hikyaku::smpp::io {

struct listener_settings {
    tcp::endpoint endpoint;                    // port 0: the system picks one, see local()
    boost::asio::ssl::context* tls = nullptr;  // null: plain; must outlive the listener
    /// Asked for each handshake when set, instead of `tls`: contexts that change while sessions
    /// made with the earlier ones live on.
    std::function<std::shared_ptr<boost::asio::ssl::context>()> tls_source;
    /// True for the addresses of balancers: their connections must begin with a PROXY header.
    /// From nobody else such a header is understood. Empty: there are no balancers.
    std::function<bool(const boost::asio::ip::address&)> is_balancer;
    std::uint32_t connections_max = 1000;  // open at the same time, handshakes included
    /// Of the server behind it, shared by its listeners: each connection gets a place before
    /// anything is read. Null: connections_max is the only limit.
    std::shared_ptr<io::places> places;
    /// Gets a connection without TLS for which there was no place; empty: it is closed.
    std::function<void(tcp::socket)> on_refused;
    /// Told of each client whose TLS handshake failed, with the reason for people; may be empty.
    std::function<void(const tcp::endpoint& client, const std::string& why)> on_handshake_failed;
    std::chrono::milliseconds handshake_timeout{10000};
    std::chrono::milliseconds proxy_timeout{5000};  // for the whole PROXY header
};

struct listener_counters {
    std::uint64_t accepted = 0;
    std::uint64_t accept_errors = 0;     // each is followed by a pause of 100 ms
    std::uint64_t refused = 0;           // closed at once: connections_max were open, or no place
    std::uint64_t handshake_errors = 0;  // failed, or not finished in time
    std::uint64_t proxied = 0;           // with a PROXY header that names a client
    std::uint64_t proxy_local = 0;       // with one that speaks for the balancer: health checks
    std::uint64_t proxy_errors = 0;      // balancers without a sound header in time
};

class listener : public std::enable_shared_from_this<listener> {
public:
    /// Called once for each stream, on the io thread. It must not throw.
    using factory = std::function<void(stream)>;

    /// Binds and listens; start() begins to accept. Errors are the system's (address in use, ...).
    [[nodiscard]] static boost::system::result<std::shared_ptr<listener>> open(
        boost::asio::any_io_executor executor, const listener_settings& settings,
        factory on_stream);

    void start();
    /// Accepts no more; connections made before live on. The factory is not called again.
    void close();

    [[nodiscard]] tcp::endpoint local() const { return local_; }
    [[nodiscard]] const listener_counters& counters() const { return counters_; }
    [[nodiscard]] std::uint32_t open_connections() const { return *open_; }

private:
    listener(boost::asio::any_io_executor executor, const listener_settings& settings,
             factory on_stream);

    boost::asio::awaitable<void> accept_loop();
    /// A connection on its way to the factory.
    struct arrival {
        tcp::socket socket;
        std::shared_ptr<void> lease;  // counts it as open
        tcp::endpoint client;         // as the balancer says; else where the socket comes from
        bool is_named = false;        // by the balancer
        std::shared_ptr<io::place> place;
    };
    boost::asio::awaitable<void> introduce(arrival from);
    boost::asio::awaitable<bool> read_proxy_header(arrival& from);
    boost::asio::awaitable<void> shake_hands(arrival from);
    void take(tcp::socket socket);
    void refuse(tcp::socket socket);
    void deliver(stream ready, arrival& from);

    boost::asio::any_io_executor executor_;
    listener_settings settings_;
    factory on_stream_;
    tcp::acceptor acceptor_;
    boost::asio::steady_timer pause_;
    tcp::endpoint local_;
    listener_counters counters_;
    std::shared_ptr<std::uint32_t> open_ = std::make_shared<std::uint32_t>(0);
    bool closed_ = false;
};

}  // namespace hikyaku::smpp::io
