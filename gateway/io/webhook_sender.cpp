#include "gateway/io/webhook_sender.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cassert>
#include <utility>

#include "gateway/api/events.hpp"
#include "gateway/io/webhook_signature.hpp"

namespace hikyaku::gateway::io {

namespace asio = boost::asio;

struct webhook_sender::state {
    state(tasks& background_tasks, const webhook_options& options, completion on_done)
        : background(background_tasks),
          client(background_tasks.context(), options),
          timeout_max(options.timeout_max),
          done(std::move(on_done)) {}

    tasks& background;
    http_client client;
    std::chrono::milliseconds timeout_max;
    completion done;
    webhook_counters counters;
    std::size_t running = 0;
};

namespace {

// A name that fits into a header whatever it holds.
std::string header_word(std::string_view name) {
    std::string word{name};
    std::ranges::replace_if(
        word, [](char c) { return c <= ' ' || c >= 0x7F; }, '-');
    return word;
}

std::string request_head(const http_client_request& request, const config::account_webhook& webhook,
                         std::string_view id, std::int64_t timestamp) {
    return fmt::format(
        "POST {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: Hikyaku\r\nContent-Type: application/json\r\n"
        "Content-Length: {}\r\nwebhook-id: {}\r\nwebhook-timestamp: {}\r\n"
        "webhook-signature: {}\r\n\r\n",
        request.target.path, request.target.host_header, request.body.size(), id, timestamp,
        webhook_signature(webhook.secret, webhook.secret_previous, id, timestamp, request.body));
}

}  // namespace

webhook_sender::webhook_sender(tasks& background, const webhook_options& options, completion done)
    : state_(std::make_shared<state>(background, options, std::move(done))) {}

webhook_sender::~webhook_sender() {
    state_->done = nullptr;
    state_->client.close();
}

void webhook_sender::post(account_id account, const config::account& settings, std::uint64_t token,
                          std::span<const outbox_item> items, std::int64_t now_ms) {
    assert(settings.webhook && !items.empty());
    const config::account_webhook& webhook = *settings.webhook;
    webhook_job job;
    job.account = account;
    job.token = token;
    http_client_request& request = job.request;
    request.owner = settings.name;
    request.allow_private = webhook.allow_private;
    request.timeout = std::min<std::chrono::milliseconds>(webhook.timeout, state_->timeout_max);
    request.body = api::render_events(items);
    if (auto target = parse_http_url(webhook.url)) request.target = std::move(*target);
    if (!request.target.host.empty()) {
        const std::string id = fmt::format("msg_{}_{}_{}", header_word(settings.name),
                                           items.front().sequence, items.back().sequence);
        request.head = request_head(request, webhook, id, now_ms / 1000);
    }
    ++state_->counters.posts;
    ++state_->running;
    state_->background.spawn("webhook of " + settings.name, run(state_, std::move(job)));
}

asio::awaitable<void> webhook_sender::run(std::shared_ptr<state> shared, webhook_job job) {
    // The engine is in the middle of a call; it may be told the answer only in a later turn.
    co_await asio::post(shared->background.context().get_executor(), asio::use_awaitable);
    http_answer answer;
    if (job.request.target.host.empty())
        answer.error = "the webhook's URL is not usable";
    else
        answer = co_await shared->client.send(job.request);
    if (answer.status == 0) ++shared->counters.failures;
    --shared->running;
    if (shared->done) shared->done(job.account, job.token, answer);
}

std::size_t webhook_sender::running() const {
    return state_->running;
}

webhook_counters webhook_sender::counters() const {
    webhook_counters all = state_->counters;
    static_cast<http_client_counters&>(all) = state_->client.counters();
    return all;
}

}  // namespace hikyaku::gateway::io
