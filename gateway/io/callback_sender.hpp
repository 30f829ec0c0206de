// Requests the URLs that applications made for Kannel, Jasmin or Twilio name for reports and
// replies. gateway/api/callbacks says how a request looks and what its answer means, the engine
// decides when and how often; this makes the request and tells the answer. Like the webhook sender
// it keeps connections, follows no redirect, and does not reach into the operator's own network
// unless the account allows it. Engine's thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "config/settings.hpp"
#include "gateway/api/callbacks/callback.hpp"
#include "gateway/engine/engine.hpp"
#include "gateway/io/http_client.hpp"
#include "gateway/io/spawn.hpp"

namespace hikyaku::gateway::io {

struct callback_counters : http_client_counters {
    std::uint64_t requests = 0;
    std::uint64_t failures = 0;  // no answer at all
};

/// Where a callback goes. Other than a webhook's URL it is taken as it is behind the host, also
/// where its percent signs are no encoding. Empty if it cannot be requested.
[[nodiscard]] std::optional<http_target> parse_callback_url(std::string_view url);

class callback_sender {
public:
    /// The end of a request.
    struct end {
        account_id account{};
        std::uint64_t token = 0;
        http_answer answer;
        /// Set where the body of the answer may hold messages, as rendered_callback has it.
        std::optional<api::answerable_reply> reply;
    };
    /// Called on the engine's thread, never from inside request(). May call the engine.
    using completion = std::function<void(const end& how)>;

    /// `background` outlives it. Throws std::runtime_error if options.tls_ca cannot be read.
    callback_sender(tasks& background, const http_client_options& options, completion done);
    ~callback_sender();
    callback_sender(const callback_sender&) = delete;
    callback_sender& operator=(const callback_sender&) = delete;

    /// `settings` has those of the form. `done` is called exactly once, unless the sender is
    /// destroyed before.
    void request(account_id account, const config::account& settings, std::uint64_t token,
                 const callback_request& what);

    /// Requests under way.
    [[nodiscard]] std::size_t running() const;
    [[nodiscard]] callback_counters counters() const;

private:
    struct state;
    struct job;
    static boost::asio::awaitable<void> run(std::shared_ptr<state> shared, job what);

    std::shared_ptr<state> state_;
};

}  // namespace hikyaku::gateway::io
