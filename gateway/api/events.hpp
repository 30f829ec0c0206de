// Receipts, replies and hits as JSON, for the webhook of an account (docs/http-api.md, "Events").
// Pure functions; called on the engine's thread while the views of the events live.
#pragma once

#include <boost/json/object.hpp>
#include <span>
#include <string>

#include "gateway/engine/delivery/events.hpp"

namespace hikyaku::gateway::api {

/// {"id": "evt_<sequence>", "type": "receipt" | "reply" | "hit", "timestamp", "data": {...}}.
[[nodiscard]] boost::json::object event_json(const outbox_item& item);

/// {"type": "events", "timestamp", "data": {"events": [...]}}. The time is that of the newest
/// event, so that a batch that is sent again has the same body.
[[nodiscard]] std::string render_events(std::span<const outbox_item> items);

}  // namespace hikyaku::gateway::api
