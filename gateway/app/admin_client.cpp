#include "gateway/app/admin_client.hpp"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http.hpp>
#include <boost/json/parse.hpp>
#include <chrono>
#include <cstdlib>
#include <utility>

namespace hikyaku::gateway::app {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

constexpr std::size_t body_bytes_max = 16 << 20;
constexpr auto token = asio::as_tuple(asio::use_awaitable);

admin_reply failed(std::string_view doing, const boost::system::error_code& error) {
    admin_reply reply;
    reply.fault = fmt::format("{}: {}", doing, error.message());
    return reply;
}

/// Ends of a connection by the other side; a time limit is none.
bool is_closed(const boost::system::error_code& error) {
    return error == http::error::end_of_stream || error == asio::error::eof ||
           error == asio::error::connection_reset || error == asio::error::broken_pipe ||
           error == asio::error::connection_aborted;
}

}  // namespace

std::string describe_refusal(const admin_reply& reply) {
    auto said = fmt::format("the gateway answered {}", reply.status);
    boost::system::error_code fault;
    const auto body = boost::json::parse(reply.body, fault);
    const auto* const problem = fault ? nullptr : body.if_object();
    const auto text = [problem](std::string_view name) {
        const auto* const value = problem == nullptr ? nullptr : problem->if_contains(name);
        return value != nullptr && value->is_string() ? std::string_view(value->get_string())
                                                      : std::string_view();
    };
    const auto why = text(text("detail").empty() ? "title" : "detail");
    if (!text("code").empty()) said += fmt::format(" {}: {}", text("code"), why);
    if (reply.status == 401 || reply.status == 403)
        said += "; HIKYAKU_ADMIN_TOKEN must hold a token with the role admin";
    return said;
}

std::optional<io::http_target> parse_admin_url(const std::string& url) {
    auto where = io::parse_http_url(url);
    if (!where || where->tls || where->path != "/") return std::nullopt;
    return where;
}

admin_client::admin_client(io::http_target where) : where_(std::move(where)) {
    const char* const found = std::getenv("HIKYAKU_ADMIN_TOKEN");
    if (found != nullptr) token_ = found;
}

admin_reply admin_client::ask(std::string_view method, const std::string& target,
                              const std::string& body) {
    const bool kept = stream_ != nullptr;
    auto reply = try_once(method, target, body);
    if (kept && closed_ && method == "GET") return try_once(method, target, body);
    return reply;
}

admin_reply admin_client::try_once(std::string_view method, const std::string& target,
                                   const std::string& body) {
    closed_ = false;
    admin_reply reply;
    auto done = [&reply](std::exception_ptr, admin_reply answer) { reply = std::move(answer); };
    asio::co_spawn(context_, exchange(method, target, body), std::move(done));
    context_.restart();
    context_.run();
    if (reply.status == 0) stream_.reset();
    return reply;
}

asio::awaitable<admin_reply> admin_client::exchange(std::string_view method,
                                                    const std::string& target,
                                                    const std::string& body) {
    const auto where = fmt::format("{}:{}", where_.host, where_.port);
    if (!stream_) {
        asio::ip::tcp::resolver resolver(context_);
        boost::system::error_code error;
        const auto found = resolver.resolve(where_.host, fmt::to_string(where_.port), error);
        if (error) co_return failed("cannot find " + where_.host, error);
        stream_ = std::make_unique<boost::beast::tcp_stream>(context_);
        buffer_.clear();
        stream_->expires_after(limit_);
        auto [refused, at] = co_await stream_->async_connect(found, token);
        if (refused) co_return failed("cannot connect to " + where, refused);
    }
    http::request<http::string_body> request;
    request.method_string(method);
    request.target(target);
    request.version(11);
    request.set(http::field::host, where_.host_header);
    if (!token_.empty()) request.set(http::field::authorization, "Bearer " + token_);
    if (!body.empty()) request.set(http::field::content_type, "application/json");
    request.body() = body;
    request.prepare_payload();
    stream_->expires_after(limit_);
    const auto lose = [&](std::string_view doing, const boost::system::error_code& error) {
        closed_ = is_closed(error);
        auto reply = failed(doing, error);
        reply.may_be_done = true;
        return reply;
    };
    auto [unsent, sent] = co_await http::async_write(*stream_, request, token);
    if (unsent) co_return lose("cannot ask " + where, unsent);
    http::response_parser<http::string_body> parser;
    parser.body_limit(body_bytes_max);
    auto [lost, received] = co_await http::async_read(*stream_, buffer_, parser, token);
    if (lost) co_return lose("no answer from " + where, lost);
    admin_reply reply;
    reply.status = parser.get().result_int();
    reply.body = std::move(parser.get().body());
    if (!parser.get().keep_alive()) stream_.reset();
    co_return reply;
}

}  // namespace hikyaku::gateway::app
