// What the HTTP API answers about messages and accounts, as JSON. The shapes are documented in
// docs/http-api.md. Pure functions over the engine's views; engine's thread.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/api/problems.hpp"
#include "gateway/engine/engine.hpp"

namespace hikyaku::gateway::api {

/// What became of one recipient of a POST.
struct item_outcome {
    std::string to, reference;
    std::optional<problem> fault;  // set: refused
    submit_result result;          // otherwise
};

/// The answer to POST /v1/messages. `single`: the one object itself or its problem. Otherwise
/// {"accepted", "refused", "messages": [...]} with one entry for each recipient, in order; the
/// status is 202 if at least one was accepted, else that of the first fault.
[[nodiscard]] http_response render_submission(std::span<const item_outcome> items, bool single);

struct estimate_outcome {
    std::string to;
    std::optional<problem> fault;
    estimate_result result;
};

/// The answer to POST /v1/messages:estimate: 200 with the object, or {"messages": [...]}.
[[nodiscard]] http_response render_estimate(std::span<const estimate_outcome> items, bool single);

[[nodiscard]] boost::json::object to_json(const message_view& message);
/// `decision`: of the gate, as `decision` of the document; null = none.
[[nodiscard]] http_response render_message(const message_view& message,
                                           boost::json::value decision = {});
/// {"messages": [...]}.
[[nodiscard]] http_response render_messages(std::span<const message_view> messages);
/// The answer to DELETE: {"id", "status": "deleted"}.
[[nodiscard]] http_response render_cancelled(message_id id);
/// The answer to GET /v1/account. No secrets.
[[nodiscard]] http_response render_account(const account_view& account);

/// "0", "123": how clients see an id.
[[nodiscard]] std::string format_id(message_id id);
/// Empty unless `text` is a number from 1 to 2^63 - 1 without leading zeros.
[[nodiscard]] std::optional<message_id> parse_id(std::string_view text);

}  // namespace hikyaku::gateway::api
