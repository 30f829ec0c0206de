// Posts batches of events to the webhooks of accounts (docs/http-api.md, "Webhooks"). The engine
// decides when, with what and how often; this makes the request, signs it and reports what came
// back. Connections are kept and used again. Redirects are not followed, and addresses inside the
// operator's network are refused unless the account allows them. Engine's thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "config/settings.hpp"
#include "gateway/engine/engine.hpp"
#include "gateway/io/http_client.hpp"
#include "gateway/io/spawn.hpp"

namespace hikyaku::gateway::io {

struct webhook_options : http_client_options {
    std::chrono::milliseconds timeout_max{60000};  // bounds the account's own timeout
};

struct webhook_counters : http_client_counters {
    std::uint64_t posts = 0;
    std::uint64_t failures = 0;  // no answer at all
};

/// One post on its way; everything copied.
struct webhook_job {
    account_id account{};
    std::uint64_t token = 0;
    http_client_request request;
};

class webhook_sender {
public:
    /// Called on the engine's thread, never from inside post(). May call the engine.
    using completion =
        std::function<void(account_id account, std::uint64_t token, const http_answer& answer)>;

    /// `background` outlives it. Throws std::runtime_error if tls_ca cannot be read.
    webhook_sender(tasks& background, const webhook_options& options, completion done);
    ~webhook_sender();
    webhook_sender(const webhook_sender&) = delete;
    webhook_sender& operator=(const webhook_sender&) = delete;

    /// Copies the events and posts them to the account's webhook, which it must have. The
    /// webhook-id names the account and the events, so that it is the same when they are sent
    /// again. `now_ms` is wall time. `done` is called exactly once, unless the sender is destroyed
    /// before.
    void post(account_id account, const config::account& settings, std::uint64_t token,
              std::span<const outbox_item> items, std::int64_t now_ms);

    /// Posts under way.
    [[nodiscard]] std::size_t running() const;
    [[nodiscard]] webhook_counters counters() const;

private:
    struct state;
    static boost::asio::awaitable<void> run(std::shared_ptr<state> shared, webhook_job job);

    std::shared_ptr<state> state_;
};

}  // namespace hikyaku::gateway::io
