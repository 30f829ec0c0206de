// Makes HTTP/1.1 requests for the senders of webhooks and callbacks: picks a kept connection or
// opens one, to addresses that may be reached, and reports what came back. Redirects are not
// followed. Never logs: URLs may hold what is secret. Engine's thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "gateway/engine/engine.hpp"
#include "gateway/io/http_client_connection.hpp"
#include "gateway/io/http_target.hpp"
#include "gateway/io/tls.hpp"
#include "smpp/io/resolver.hpp"

namespace hikyaku::gateway::io {

struct http_client_options {
    std::shared_ptr<client_trust> tls;  // null = one of its own, with the certificates of tls_ca
    std::string tls_ca;                 // PEM path; empty = the system's
    std::chrono::milliseconds idle_connection_max{30000};
    std::size_t idle_connections_max = 64;
    std::size_t response_bytes_max = 64 << 10;  // what is beyond is not read
    smpp::io::resolver* names = nullptr;        // outlives the client; null = one of its own
};

struct http_client_counters {
    std::uint64_t connections = 0;
    std::uint64_t reused = 0;
    std::uint64_t refused_targets = 0;  // not a public address
};

/// One request on its way; everything copied.
struct http_client_request {
    std::string owner;  // the account that it is for
    http_target target;
    bool allow_private = false;
    std::chrono::milliseconds timeout{0};
    std::string head;  // with the empty line
    std::string body;
};

class http_client {
public:
    /// `context` outlives it. Throws std::runtime_error if tls_ca cannot be read.
    http_client(boost::asio::io_context& context, http_client_options options);

    /// Must be awaited to its end before the client goes.
    boost::asio::awaitable<http_answer> send(const http_client_request& request);
    /// Closes the kept connections.
    void close() { idle_.clear(); }
    [[nodiscard]] const http_client_counters& counters() const { return counters_; }

private:
    [[nodiscard]] std::unique_ptr<http_client_connection> take(const std::string& key);
    void give_back(std::unique_ptr<http_client_connection> connection);

    boost::asio::io_context& context_;
    http_client_options options_;
    std::unique_ptr<smpp::io::resolver> own_names_;
    // For connections without TLS, whose stream wants a context all the same.
    boost::asio::ssl::context no_tls_{boost::asio::ssl::context::tls_client};
    std::vector<std::unique_ptr<http_client_connection>> idle_;  // longest idle first
    http_client_counters counters_;
};

}  // namespace hikyaku::gateway::io
