// One connected byte stream, plain TCP or TLS over it, so that connection, listener and connector
// need not care which. It carries what lives as long as the stream: its place at the door, and a
// lease by which the listener counts its open connections. Used on the thread of its io_context
// only.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <memory>
#include <variant>

#include "smpp/io/places.hpp"

namespace hikyaku::smpp::io {

using tcp = boost::asio::ip::tcp;
using tls_stream = boost::asio::ssl::stream<tcp::socket>;

class stream {
public:
    /// REQUIRES: connected, and for TLS the handshake done.
    explicit stream(tcp::socket socket) : any_(std::move(socket)) { remember_peer(); }
    explicit stream(tls_stream socket) : any_(std::move(socket)) { remember_peer(); }

    [[nodiscard]] tls_stream* tls() { return std::get_if<tls_stream>(&any_); }
    [[nodiscard]] tcp::socket& socket() {
        if (tls_stream* secured = tls()) return secured->next_layer();
        return std::get<tcp::socket>(any_);
    }
    /// Where the other side is; known even after it has gone. Behind a balancer that says so: the
    /// client, not the balancer.
    [[nodiscard]] const tcp::endpoint& peer() const { return peer_; }
    void set_peer(const tcp::endpoint& client) { peer_ = client; }
    void hold(std::shared_ptr<void> lease) { lease_ = std::move(lease); }
    void hold_place(std::shared_ptr<io::place> place) { place_ = std::move(place); }
    /// Null: the connection came through no door that has places.
    [[nodiscard]] io::place* place() const { return place_.get(); }

private:
    void remember_peer() {
        boost::system::error_code ignored;
        peer_ = socket().remote_endpoint(ignored);
        socket().set_option(tcp::no_delay(true), ignored);
    }

    std::variant<tcp::socket, tls_stream> any_;
    tcp::endpoint peer_;
    std::shared_ptr<void> lease_;
    std::shared_ptr<io::place> place_;
};

}  // namespace hikyaku::smpp::io
