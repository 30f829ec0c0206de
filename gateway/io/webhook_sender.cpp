#include "gateway/io/webhook_sender.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cassert>
#include <stdexcept>
#include <utility>

#include "gateway/api/events.hpp"
#include "gateway/io/tls.hpp"
#include "gateway/io/webhook_connection.hpp"
#include "gateway/io/webhook_signature.hpp"

namespace hikyaku::gateway::io {

namespace asio = boost::asio;

struct webhook_sender::state {
    state(tasks& background_tasks, const webhook_options& sender_options, completion on_done)
        : background(background_tasks), options(sender_options), done(std::move(on_done)) {
        tls_result made = client_tls(options.tls_ca);
        if (made.has_error()) throw std::runtime_error(made.error());
        tls = std::move(*made);
    }

    // An idle connection for this key, null if there is none. Old ones are closed on the way.
    [[nodiscard]] std::unique_ptr<webhook_connection> take(const std::string& key) {
        const auto oldest = std::chrono::steady_clock::now() - options.idle_connection_max;
        std::erase_if(idle, [oldest](const auto& each) { return each->idle_since < oldest; });
        const auto at =
            std::ranges::find_if(idle, [&key](const auto& each) { return each->key == key; });
        if (at == idle.end()) return nullptr;
        std::unique_ptr<webhook_connection> found = std::move(*at);
        idle.erase(at);
        return found;
    }
    void give_back(std::unique_ptr<webhook_connection> connection) {
        if (!connection->reusable() || options.idle_connections_max == 0) return;
        connection->idle_since = std::chrono::steady_clock::now();
        if (idle.size() >= options.idle_connections_max) idle.erase(idle.begin());
        idle.push_back(std::move(connection));
    }

    tasks& background;
    webhook_options options;
    completion done;
    tls_context tls;
    std::vector<std::unique_ptr<webhook_connection>> idle;  // longest idle first
    webhook_counters counters;
    std::size_t running = 0;
};

namespace {

// What a connection may be reused for. An account that must not reach private addresses never gets
// a connection that was opened for one that may.
std::string key_of(const webhook_job& job) {
    return fmt::format("{}|{}|{}|{}", job.target.tls, job.target.host, job.target.port,
                       job.allow_private);
}

// A name that fits into a header whatever it holds.
std::string header_word(std::string_view name) {
    std::string word{name};
    std::ranges::replace_if(
        word, [](char c) { return c <= ' ' || c >= 0x7F; }, '-');
    return word;
}

std::string request_head(const webhook_job& job, const config::account_webhook& webhook,
                         std::string_view id, std::int64_t timestamp) {
    return fmt::format(
        "POST {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: Hikyaku\r\nContent-Type: application/json\r\n"
        "Content-Length: {}\r\nwebhook-id: {}\r\nwebhook-timestamp: {}\r\n"
        "webhook-signature: {}\r\n\r\n",
        job.target.path, job.target.host_header, job.body.size(), id, timestamp,
        webhook_signature(webhook.secret, webhook.secret_previous, id, timestamp, job.body));
}

}  // namespace

webhook_sender::webhook_sender(tasks& background, const webhook_options& options, completion done)
    : state_(std::make_shared<state>(background, options, std::move(done))) {}

webhook_sender::~webhook_sender() {
    state_->done = nullptr;
    state_->idle.clear();
}

void webhook_sender::post(account_id account, const config::account& settings, std::uint64_t token,
                          std::span<const outbox_item> items, std::int64_t now_ms) {
    assert(settings.webhook && !items.empty());
    const config::account_webhook& webhook = *settings.webhook;
    webhook_job job;
    job.account = account;
    job.token = token;
    job.allow_private = webhook.allow_private;
    job.timeout = std::min<std::chrono::milliseconds>(webhook.timeout, state_->options.timeout_max);
    job.body = api::render_events(items);
    if (auto target = parse_webhook_url(webhook.url)) job.target = std::move(*target);
    if (!job.target.host.empty()) {
        const std::string id = fmt::format("msg_{}_{}_{}", header_word(settings.name),
                                           items.front().sequence, items.back().sequence);
        job.head = request_head(job, webhook, id, now_ms / 1000);
    }
    ++state_->counters.posts;
    ++state_->running;
    state_->background.spawn("webhook of " + settings.name, run(state_, std::move(job)));
}

asio::awaitable<void> webhook_sender::run(std::shared_ptr<state> shared, webhook_job job) {
    // The engine is in the middle of a call; it may be told the answer only in a later turn.
    co_await asio::post(shared->background.context().get_executor(), asio::use_awaitable);
    const webhook_answer answer = co_await attempt(*shared, job);
    if (answer.status == 0) ++shared->counters.failures;
    --shared->running;
    if (shared->done) shared->done(job.account, job.token, answer);
}

asio::awaitable<webhook_answer> webhook_sender::attempt(state& shared, const webhook_job& job) {
    webhook_answer answer;
    if (job.target.host.empty()) {
        answer.error = "the webhook's URL is not usable";
        co_return answer;
    }
    const auto deadline = std::chrono::steady_clock::now() + job.timeout;
    const std::string key = key_of(job);
    std::unique_ptr<webhook_connection> connection = shared.take(key);
    if (connection != nullptr) {
        ++shared.counters.reused;
        auto result = co_await connection->exchange(job.head, job.body,
                                                    shared.options.response_bytes_max, deadline);
        if (!result.answered_nothing) {
            shared.give_back(std::move(connection));
            co_return result.answer;
        }
        // The server has closed it in the meantime: once more, on a new one.
    }
    connection =
        std::make_unique<webhook_connection>(shared.background.context(), *shared.tls, job.target);
    connection->key = key;
    bool refused = false;
    answer.error = co_await connection->connect(job.target, job.allow_private, deadline, refused);
    if (refused) ++shared.counters.refused_targets;
    if (!answer.error.empty()) co_return answer;
    ++shared.counters.connections;
    auto result = co_await connection->exchange(job.head, job.body,
                                                shared.options.response_bytes_max, deadline);
    shared.give_back(std::move(connection));
    co_return result.answer;
}

std::size_t webhook_sender::running() const {
    return state_->running;
}

const webhook_counters& webhook_sender::counters() const {
    return state_->counters;
}

}  // namespace hikyaku::gateway::io
