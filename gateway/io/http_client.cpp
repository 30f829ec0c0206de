#include "gateway/io/http_client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace hikyaku::gateway::io {
namespace {

// What a connection may be reused for. An account that must not reach private addresses never gets
// a connection that was opened for one that may.
std::string key_of(const http_client_request& request) {
    return fmt::format("{}|{}|{}|{}", request.target.tls, request.target.host, request.target.port,
                       request.allow_private);
}

}  // namespace

http_client::http_client(boost::asio::io_context& context, http_client_options options)
    : context_(context), options_(std::move(options)) {
    if (options_.names == nullptr) {
        own_names_ = std::make_unique<smpp::io::resolver>(context.get_executor(),
                                                          smpp::io::resolver_settings{});
        options_.names = own_names_.get();
    }
    if (options_.tls == nullptr) options_.tls = std::make_shared<client_trust>(options_.tls_ca);
}

// An idle connection for this key, null if there is none. Old ones are closed on the way.
std::unique_ptr<http_client_connection> http_client::take(const std::string& key) {
    const auto oldest = std::chrono::steady_clock::now() - options_.idle_connection_max;
    std::erase_if(
        idle_, [oldest](const auto& each) { return each->idle_since < oldest; });
    const auto at =
        std::ranges::find_if(idle_, [&key](const auto& each) { return each->key == key; });
    if (at == idle_.end()) return nullptr;
    std::unique_ptr<http_client_connection> found = std::move(*at);
    idle_.erase(at);
    return found;
}

void http_client::give_back(std::unique_ptr<http_client_connection> connection) {
    if (!connection->reusable() || options_.idle_connections_max == 0) return;
    connection->idle_since = std::chrono::steady_clock::now();
    if (idle_.size() >= options_.idle_connections_max) idle_.erase(idle_.begin());
    idle_.push_back(std::move(connection));
}

boost::asio::awaitable<http_answer> http_client::send(const http_client_request& request) {
    http_answer answer;
    const auto deadline = std::chrono::steady_clock::now() + request.timeout;
    const std::string key = key_of(request);
    std::unique_ptr<http_client_connection> connection = take(key);
    if (connection != nullptr) {
        ++counters_.reused;
        auto result = co_await connection->exchange(request.head, request.body,
                                                    options_.response_bytes_max, deadline);
        if (!result.answered_nothing) {
            give_back(std::move(connection));
            co_return result.answer;
        }
        // The server has closed it in the meantime: once more, on a new one.
    }
    auto* const context = request.target.tls ? options_.tls->context() : &no_tls_;
    if (context == nullptr) {
        answer.error = options_.tls->fault();
        co_return answer;
    }
    connection = std::make_unique<http_client_connection>(context_, *context, request.target);
    connection->key = key;
    const auto found =
        co_await options_.names->resolve(request.owner, request.target.host, deadline);
    if (found.has_error()) {
        answer.error = "resolve: " + found.error().message();
        co_return answer;
    }
    bool refused = false;
    answer.error = co_await connection->connect(request.target, *found, request.allow_private,
                                                deadline, refused);
    if (refused) ++counters_.refused_targets;
    if (!answer.error.empty()) co_return answer;
    ++counters_.connections;
    auto result = co_await connection->exchange(request.head, request.body,
                                                options_.response_bytes_max, deadline);
    give_back(std::move(connection));
    co_return result.answer;
}

}  // namespace hikyaku::gateway::io
