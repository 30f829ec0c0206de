#include "smpp/io/connector.hpp"

#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <optional>
#include <vector>

#include "smpp/io/use_tuple.hpp"

namespace hikyaku::smpp::io {

namespace asio = boost::asio;
using boost::system::error_code;
using steady_time = std::chrono::steady_clock::time_point;

namespace {

// Each of these is shared with handlers that may run after the coroutine has gone on or ended.
struct dial {
    tcp::socket socket;
    asio::steady_timer timer;
    bool over = false;
    bool timed_out = false;
};

struct handshake {
    tls_stream secured;
    asio::steady_timer timer;
    bool over = false;
    bool timed_out = false;
};

tcp::socket& socket_of(dial& one) {
    return one.socket;
}
tcp::socket& socket_of(handshake& one) {
    return one.secured.next_layer();
}

// Closes the socket at `limit` unless `over` is set by then: what is awaited on it then fails.
template <class Work>
void watch(const std::shared_ptr<Work>& work, steady_time limit) {
    work->timer.expires_at(limit);
    work->timer.async_wait([work](const error_code& error) {
        if (error || work->over) return;
        work->timed_out = true;
        error_code ignored;
        socket_of(*work).close(ignored);
    });
}

template <class Work>
error_code outcome(const std::shared_ptr<Work>& work, error_code error) {
    work->over = true;
    work->timer.cancel();
    if (work->timed_out) return asio::error::timed_out;
    return error;
}

asio::awaitable<boost::system::result<std::vector<tcp::endpoint>>> resolve(
    asio::any_io_executor executor, const connector_settings& settings, steady_time limit) {
    std::optional<resolver> own;
    if (settings.names == nullptr) own.emplace(executor, resolver_settings{});
    resolver& names = own ? *own : *settings.names;
    auto found = co_await names.resolve(settings.owner, settings.host, limit);
    if (!found) co_return found.error();
    std::vector<tcp::endpoint> endpoints;
    for (const auto& address : *found)
        endpoints.emplace_back(address, settings.port);
    co_return endpoints;
}

// The addresses share the time that is left, so that a silent first one does not use all of it.
asio::awaitable<boost::system::result<tcp::socket>> reach(asio::any_io_executor executor,
                                                          std::vector<tcp::endpoint> endpoints,
                                                          steady_time limit) {
    error_code last = asio::error::host_not_found;
    for (std::size_t i = 0; i < endpoints.size(); ++i) {
        const auto now = std::chrono::steady_clock::now();
        if (now >= limit) co_return error_code(asio::error::timed_out);
        const auto share = (limit - now) / static_cast<long>(endpoints.size() - i);
        const auto work = std::make_shared<dial>(
            dial{tcp::socket(executor), asio::steady_timer(executor), false, false});
        watch(work, now + share);
        const auto [error] = co_await work->socket.async_connect(endpoints[i], use_tuple);
        last = outcome(work, error);
        if (!last) co_return std::move(work->socket);
    }
    co_return last;
}

error_code prepare_tls(tls_stream& secured, const connector_settings& settings) {
    error_code error;
    error_code not_numeric;
    const std::string& name = settings.server_name.empty() ? settings.host : settings.server_name;
    (void)asio::ip::make_address(name, not_numeric);
    // SNI names hosts, never addresses (RFC 6066, 3).
    if (not_numeric && SSL_set_tlsext_host_name(secured.native_handle(), name.c_str()) != 1)
        return asio::error::invalid_argument;
    secured.set_verify_mode(settings.verify ? asio::ssl::verify_peer : asio::ssl::verify_none,
                            error);
    if (!error && settings.verify)
        secured.set_verify_callback(asio::ssl::host_name_verification(name), error);
    return error;
}

/// What speaks against the certificate that the peer showed; empty: nothing.
std::string objection(tls_stream& secured, const connector_settings& settings) {
    const auto verdict = SSL_get_verify_result(secured.native_handle());
    if (verdict == X509_V_OK) return {};
    // OpenSSL finds no fault, our own look at the name does.
    if (verdict == X509_V_ERR_UNSPECIFIED) {
        return "not made out for " +
               (settings.server_name.empty() ? settings.host : settings.server_name);
    }
    return X509_verify_cert_error_string(verdict);
}

}  // namespace

std::string connect_fault::message() const {
    return detail.empty() ? code.message() : code.message() + ": " + detail;
}

asio::awaitable<connect_result> connect(asio::any_io_executor executor,
                                        connector_settings settings) {
    const steady_time limit = std::chrono::steady_clock::now() + settings.timeout;
    connect_fault fault;
    auto endpoints = co_await resolve(executor, settings, limit);
    if (!endpoints) {
        fault.code = endpoints.error();
        co_return fault;
    }
    fault.stage = connect_stage::connect;
    auto socket = co_await reach(executor, std::move(*endpoints), limit);
    if (!socket) {
        fault.code = socket.error();
        co_return fault;
    }
    if (settings.tls == nullptr) co_return stream(std::move(*socket));

    fault.stage = connect_stage::tls;
    const auto work = std::make_shared<handshake>(handshake{
        tls_stream(std::move(*socket), *settings.tls), asio::steady_timer(executor), false, false});
    fault.code = prepare_tls(work->secured, settings);
    if (fault.code) co_return fault;
    watch(work, limit);
    const auto [error] =
        co_await work->secured.async_handshake(asio::ssl::stream_base::client, use_tuple);
    fault.code = outcome(work, error);
    if (!fault.code) co_return stream(std::move(work->secured));
    if (settings.verify) fault.detail = objection(work->secured, settings);
    co_return fault;
}

}  // namespace hikyaku::smpp::io
