// One HTTP/1.1 client connection of http_client, plain or TLS: connects to an address that
// may be connected to, sends a request, reads the answer, and can do so again. One request at a
// time.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gateway/engine/engine.hpp"
#include "gateway/io/http_target.hpp"

namespace hikyaku::gateway::io {

class http_client_connection {
public:
    using time_point = std::chrono::steady_clock::time_point;

    http_client_connection(boost::asio::io_context& context, boost::asio::ssl::context& tls,
                           const http_target& target);

    /// Picks the allowed ones of the `addresses` of the target's host, connects and shakes hands.
    /// Empty if all went well, otherwise what went wrong, in words. `refused` is set if no address
    /// was allowed.
    boost::asio::awaitable<std::string> connect(
        const http_target& target, const std::vector<boost::asio::ip::address>& addresses,
        bool allow_private, time_point deadline, bool& refused);

    struct exchange_result {
        http_answer answer;             // status 0: no answer
        bool answered_nothing = false;  // the server had closed before it sent an octet
    };
    boost::asio::awaitable<exchange_result> exchange(std::string_view head, std::string_view body,
                                                     std::size_t response_bytes_max,
                                                     time_point deadline);

    /// The connection can carry another request.
    [[nodiscard]] bool reusable() const { return reusable_; }

    std::string key;  // what it may be reused for
    time_point idle_since{};

private:
    [[nodiscard]] boost::beast::tcp_stream& lowest() {
        return boost::beast::get_lowest_layer(stream_);
    }
    [[nodiscard]] boost::system::error_code prepare_tls(const http_target& target);

    bool tls_;
    boost::beast::ssl_stream<boost::beast::tcp_stream> stream_;  // TLS unused for http
    boost::beast::flat_buffer buffer_;
    bool reusable_ = false;
};

/// "120" or an HTTP date, in seconds from `now_seconds` on (wall time); empty for anything else.
[[nodiscard]] std::optional<std::chrono::seconds> parse_retry_after(std::string_view value,
                                                                    std::int64_t now_seconds);

}  // namespace hikyaku::gateway::io
