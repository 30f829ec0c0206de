// A small HTTP/1.1 server: several listeners, plain or TLS, in front of one handler. It exists so
// that the API, the admin pages, the redirector and the simulated phone share one place where slow,
// oversized, broken and too many requests are dealt with. A handler may answer later; the next
// request of the connection is read only then. Everything runs on the thread of its io_context.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/settings.hpp"
#include "gateway/api/http.hpp"
#include "gateway/io/body_budget.hpp"
#include "gateway/io/http_message.hpp"
#include "gateway/io/spawn.hpp"
#include "gateway/io/tls.hpp"
#include "smpp/io/listener.hpp"

namespace hikyaku::gateway::io {

class http_connection;

/// The way back for one response. Move-only; usable after the connection died (the response is then
/// dropped) and after handle() returned, on the same thread. If it is destroyed unused, the client
/// gets a 500, so that no request is left without an answer.
class http_responder {
public:
    http_responder() = default;
    http_responder(std::weak_ptr<http_connection> connection, std::uint64_t request);
    http_responder(http_responder&& other) noexcept;
    http_responder& operator=(http_responder&& other) noexcept;
    ~http_responder();

    /// At most once.
    void send(api::http_response&& response);
    /// The body of the request goes to the reader, piece by piece. Only inside handle(), before
    /// send(). A response without a source ends the reading, one with a source does not: both
    /// bodies may be on their way at once. False: the memory for bodies, `whose` share of it, is
    /// used up; the client has got a 503, and there is nothing to send().
    [[nodiscard]] bool read_body(std::unique_ptr<api::body_reader> reader,
                                 body_budget::owner whose);

private:
    std::weak_ptr<http_connection> connection_;
    std::uint64_t request_ = 0;
    bool open_ = false;
};

/// What a handler says of a request whose header is there and whose body is still to come.
struct head_verdict {
    std::optional<api::http_response> refusal;  // instead of reading the body; then it closes
    body_budget::owner owner = body_budget::stranger;  // whose memory the body takes
    /// handle() is called now, without the body, and gives it a reader (http_responder::read_body):
    /// body_bytes_max does not apply, and request_timeout is for each piece that arrives.
    bool in_pieces = false;
};

class http_handler {
public:
    virtual ~http_handler() = default;
    /// Asked before more of the body is read, and before "100 Continue", where the header came
    /// without its whole body. handle() is called with the complete request all the same, unless
    /// the verdict is that it comes in pieces.
    [[nodiscard]] virtual head_verdict look_at_head(const api::http_request&) { return {}; }
    /// `request` is valid until handle() returns.
    virtual void handle(const api::http_request& request, http_responder responder) = 0;
    /// The response to what never became a request (400, 408, 413, 431, 503) or got no answer
    /// (500).
    [[nodiscard]] virtual api::http_response refuse(unsigned status);
};

struct http_limits {
    http_message_limits message;
    std::chrono::milliseconds request_timeout{30000};  // first to last octet; the same to write
    std::chrono::milliseconds idle_timeout{75000};     // before the first octet
    std::uint32_t connections_max = 2000;              // all listeners together
    std::uint32_t strangers_per_address_max = 200;     // of them, see smpp/io/places.hpp
    std::vector<config::network> without_share;    // proxies that hide whose connections they bring
    std::uint64_t bodies_bytes_max = 64ULL << 20;  // see body_budget.hpp
    std::string also;  // a header of every answer, "Name: value"; empty = none
};

/// From the settings of `[server.http]`.
[[nodiscard]] http_limits limits_of(const config::http_server& settings);

struct http_counters {
    std::uint64_t connections = 0;          // accepted and kept
    std::uint64_t connections_refused = 0;  // no place
    std::uint64_t requests = 0;             // complete, given to the handler
    std::uint64_t heads_refused = 0;        // answered before the body was read
    std::uint64_t bodies_refused = 0;       // 503: the budget for bodies was used up
    std::uint64_t in_pieces = 0;            // bodies of requests and responses that were
    std::uint64_t bad_requests = 0;         // 400, 413, 431
    std::uint64_t timeouts = 0;             // 408, and writes that were given up
    std::uint64_t idle_closed = 0;
    std::uint64_t unanswered = 0;  // 500 because a responder was dropped
};

/// What the server and its connections share.
struct http_shared;

class http_server {
public:
    /// `background` and `handler` outlive the server and its connections. `name` is for logs.
    http_server(tasks& background, std::string name, const http_limits& limits,
                http_handler& handler);
    ~http_server();
    http_server(const http_server&) = delete;
    http_server& operator=(const http_server&) = delete;

    /// Adds a listener and begins to accept. `tls` null: plain; it must outlive the server, and its
    /// certificates may be reloaded. A host that is no address is looked up. Returns where it
    /// listens (port 0: what the system chose).
    [[nodiscard]] boost::system::result<boost::asio::ip::tcp::endpoint> listen(
        const config::address& where, const tls_door* tls = nullptr);

    /// Accepts no more, closes idle connections, lets requests under way get their answers.
    void stop();
    /// Closes everything.
    void abort();

    [[nodiscard]] std::size_t connections() const;
    [[nodiscard]] const http_counters& counters() const;
    [[nodiscard]] const smpp::io::place_counters& place_counters() const;
    /// What the bodies of unfinished requests take now.
    [[nodiscard]] std::uint64_t bodies_bytes() const;
    [[nodiscard]] std::vector<smpp::io::listener_counters> listeners() const;

private:
    std::shared_ptr<http_shared> shared_;
    std::vector<std::shared_ptr<smpp::io::listener>> listeners_;
};

}  // namespace hikyaku::gateway::io
