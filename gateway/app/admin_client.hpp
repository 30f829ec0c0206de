// Asks the admin listener of a running gateway, for the subcommands that operators type: one
// connection, one request after the other, each with a time limit. Main thread; turns a loop of its
// own while it waits.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/io/http_target.hpp"

namespace hikyaku::gateway::app {

struct admin_reply {
    unsigned status = 0;  // 0: no answer, `fault` says why in one sentence
    std::string body;
    std::string fault;
    bool may_be_done = false;  // without an answer: the gateway may have read the request
};

/// One sentence for an answer that is none of the wanted ones: "the gateway answered 404 not_found:
/// ...", and what helps where that is a token.
[[nodiscard]] std::string describe_refusal(const admin_reply& reply);

/// Where an operator says that the admin listener is; empty if that is no URL of one.
[[nodiscard]] std::optional<io::http_target> parse_admin_url(const std::string& url);
inline constexpr std::string_view wants_admin_url =
    "hikyaku: --admin must be the URL of the admin listener, such as http://127.0.0.1:8081";

class admin_client {
public:
    /// `where` must be plain HTTP: the admin listener has no TLS. The environment variable
    /// HIKYAKU_ADMIN_TOKEN holds the token, where the listener wants one: a command line would show
    /// it to everybody on the machine.
    explicit admin_client(io::http_target where);
    /// `target` is a path with its query, `body` JSON; empty = none. Connects if it has to. A GET
    /// for which the gateway has closed the connection of former requests is asked once more over a
    /// new one; nothing else is repeated.
    [[nodiscard]] admin_reply ask(std::string_view method, const std::string& target,
                                  const std::string& body = {});
    /// How long one answer may take. Before: 30 s.
    void wait_for(std::chrono::seconds limit) { limit_ = limit; }

private:
    admin_reply try_once(std::string_view method, const std::string& target,
                         const std::string& body);
    boost::asio::awaitable<admin_reply> exchange(std::string_view method, const std::string& target,
                                                 const std::string& body);

    io::http_target where_;
    std::string token_;  // empty = none
    std::chrono::seconds limit_{30};
    boost::asio::io_context context_{1};
    std::unique_ptr<boost::beast::tcp_stream> stream_;
    boost::beast::flat_buffer buffer_;
    bool closed_ = false;  // the last request ended because the gateway had closed the connection
};

}  // namespace hikyaku::gateway::app
