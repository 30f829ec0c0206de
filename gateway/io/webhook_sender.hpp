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
#include "gateway/io/spawn.hpp"
#include "gateway/io/webhook_target.hpp"

namespace hikyaku::gateway::io {

struct webhook_options {
    std::string tls_ca;                            // PEM path; empty = the system's
    std::chrono::milliseconds timeout_max{60000};  // bounds the account's own timeout
    std::chrono::milliseconds idle_connection_max{30000};
    std::size_t idle_connections_max = 64;
    std::size_t response_bytes_max = 64 << 10;  // what is beyond is not read
};

struct webhook_counters {
    std::uint64_t posts = 0;
    std::uint64_t connections = 0;
    std::uint64_t reused = 0;
    std::uint64_t refused_targets = 0;  // not a public address
    std::uint64_t failures = 0;         // no answer at all
};

/// One post on its way; everything copied.
struct webhook_job {
    account_id account{};
    std::uint64_t token = 0;
    webhook_target target;
    bool allow_private = false;
    std::chrono::milliseconds timeout{0};
    std::string head;  // of the HTTP request
    std::string body;
};

class webhook_connection;

class webhook_sender {
public:
    /// Called on the engine's thread, never from inside post(). May call the engine.
    using completion =
        std::function<void(account_id account, std::uint64_t token, const webhook_answer& answer)>;

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
    [[nodiscard]] const webhook_counters& counters() const;

private:
    struct state;
    static boost::asio::awaitable<void> run(std::shared_ptr<state> shared, webhook_job job);
    static boost::asio::awaitable<webhook_answer> attempt(state& shared, const webhook_job& job);

    std::shared_ptr<state> state_;
};

}  // namespace hikyaku::gateway::io
