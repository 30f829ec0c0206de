#include "gateway/io/http_client_connection.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <charconv>
#include <vector>

#include "gateway/api/times.hpp"
#include "gateway/io/networks.hpp"
#include "smpp/io/use_tuple.hpp"

namespace hikyaku::gateway::io {
namespace {

namespace asio = boost::asio;
using smpp::io::use_tuple;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;

constexpr std::int64_t retry_after_max = 86400;  // seconds
constexpr int interim_responses_max = 4;

std::int64_t wall_seconds() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::seconds>(now).count();
}

std::string explain(std::string_view step, const boost::system::error_code& error) {
    return std::string{step}.append(": ").append(error.message());
}

}  // namespace

std::optional<std::chrono::seconds> parse_retry_after(std::string_view value,
                                                      std::int64_t now_seconds) {
    std::int64_t number = 0;
    const char* const end = value.data() + value.size();
    const auto [at, error] = std::from_chars(value.data(), end, number);
    if (error != std::errc{} || at != end) {
        const auto moment = api::parse_http_date(value);
        if (!moment) return {};
        number = *moment - now_seconds;
    }
    return std::chrono::seconds{std::clamp<std::int64_t>(number, 0, retry_after_max)};
}

http_client_connection::http_client_connection(asio::io_context& context, asio::ssl::context& tls,
                                               const http_target& target)
    : tls_(target.tls), stream_(beast::tcp_stream(context), tls) {}

boost::system::error_code http_client_connection::prepare_tls(const http_target& target) {
    boost::system::error_code error;
    const auto is_address = !asio::ip::make_address(target.host, error).is_unspecified() && !error;
    error = {};
    // Server name indication holds names only (RFC 6066, 3).
    if (!is_address && SSL_set_tlsext_host_name(stream_.native_handle(), target.host.c_str()) != 1)
        return asio::error::invalid_argument;
    stream_.set_verify_mode(asio::ssl::verify_peer, error);
    if (!error) stream_.set_verify_callback(asio::ssl::host_name_verification(target.host), error);
    return error;
}

asio::awaitable<std::string> http_client_connection::connect(
    const http_target& target, const std::vector<asio::ip::address>& addresses, bool allow_private,
    time_point deadline, bool& refused) {
    std::vector<tcp::endpoint> allowed;
    for (const auto& each : addresses)
        if (allow_private || is_public_address(each)) allowed.emplace_back(each, target.port);
    if (allowed.empty()) {
        refused = true;
        co_return std::string{
            "the target is not a public address, and the account does not "
            "allow private ones"};
    }
    lowest().expires_at(deadline);
    boost::system::error_code error;
    tcp::endpoint connected;
    std::tie(error, connected) = co_await lowest().async_connect(allowed, use_tuple);
    if (error) co_return explain("connect", error);
    lowest().socket().set_option(tcp::no_delay(true), error);
    if (!tls_) co_return std::string{};
    error = prepare_tls(target);
    if (!error) {
        std::tie(error) =
            co_await stream_.async_handshake(asio::ssl::stream_base::client, use_tuple);
    }
    if (error) co_return explain("TLS", error);
    co_return std::string{};
}

asio::awaitable<http_client_connection::exchange_result> http_client_connection::exchange(
    std::string_view head, std::string_view body, std::size_t response_bytes_max,
    time_point deadline) {
    exchange_result result;
    reusable_ = false;
    lowest().expires_at(deadline);
    const std::array<asio::const_buffer, 2> request{asio::buffer(head), asio::buffer(body)};
    boost::system::error_code error;
    std::size_t size = 0;
    if (tls_)
        std::tie(error, size) = co_await asio::async_write(stream_, request, use_tuple);
    else
        std::tie(error, size) = co_await asio::async_write(lowest(), request, use_tuple);
    if (error) {
        result.answer.error = explain("write", error);
        result.answered_nothing = error != beast::error::timeout;
        co_return result;
    }
    for (int interim = 0; interim < interim_responses_max; ++interim) {
        http::response_parser<http::string_body> parser;
        parser.body_limit(response_bytes_max);
        parser.header_limit(static_cast<std::uint32_t>(response_bytes_max));
        if (tls_)
            std::tie(error, size) = co_await http::async_read(stream_, buffer_, parser, use_tuple);
        else
            std::tie(error, size) = co_await http::async_read(lowest(), buffer_, parser, use_tuple);
        if (!parser.is_header_done()) {
            result.answer.error = explain("read", error);
            result.answered_nothing = !parser.got_some() && error != beast::error::timeout;
            co_return result;
        }
        const auto& response = parser.get();
        if (response.result_int() < 200) continue;
        // The status decides, also when the body is too long or ends early.
        result.answer.status = response.result_int();
        const auto wait = response[http::field::retry_after];
        result.answer.retry_after = parse_retry_after({wait.data(), wait.size()}, wall_seconds());
        reusable_ = !error && parser.keep_alive();
        result.answer.body = std::move(parser.get().body());
        co_return result;
    }
    result.answer.error = "read: nothing but interim responses";
    co_return result;
}

}  // namespace hikyaku::gateway::io
