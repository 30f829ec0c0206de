// Asks the admin listener of a running gateway, for the subcommands that operators type: one
// connection, one request after the other, each with a time limit. Main thread; turns a loop of its
// own while it waits.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/io/webhook_target.hpp"

namespace hikyaku::gateway::app {

struct admin_reply {
    unsigned status = 0;  // 0: no answer, `fault` says why in one sentence
    std::string body;
    std::string fault;
};

class admin_client {
public:
    /// `where` must be plain HTTP: the admin listener has no TLS.
    explicit admin_client(io::webhook_target where) : where_(std::move(where)) {}
    /// `target` is a path with its query. Connects if it has to; a connection that the gateway has
    /// closed meanwhile fails the request, which is not repeated.
    [[nodiscard]] admin_reply ask(std::string_view method, const std::string& target);

private:
    boost::asio::awaitable<admin_reply> exchange(std::string_view method,
                                                 const std::string& target);

    io::webhook_target where_;
    boost::asio::io_context context_{1};
    std::unique_ptr<boost::beast::tcp_stream> stream_;
    boost::beast::flat_buffer buffer_;
};

/// Percent-encodes what is not unreserved (RFC 3986, 2.3), for values of a query.
[[nodiscard]] std::string encode_query(std::string_view value);

}  // namespace hikyaku::gateway::app
