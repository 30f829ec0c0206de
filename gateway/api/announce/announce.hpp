// The page of an account by which people check whether a message is really from it, and the same as
// JSON: its name, the senders and link domains that it has really used in the last 30 days, samples
// of its texts, and what to do when in doubt. No text of a message that went to a person is on it.
// Pure, any thread.
#pragma once

#include <boost/json/object.hpp>
#include <span>
#include <string>
#include <string_view>

#include "gateway/api/http.hpp"
#include "gateway/engine/announce/announcement.hpp"

namespace hikyaku::gateway::api {

[[nodiscard]] boost::json::object to_json(const announcement& what);

/// GET /about: HTML without script, for any phone. Several businesses may share a domain.
[[nodiscard]] http_response announce_page(std::span<const announcement> all);
/// GET /about.json: {"businesses": [...]}.
[[nodiscard]] http_response announce_document(std::span<const announcement> all);

/// `text` with what HTML would take for its own replaced.
[[nodiscard]] std::string escape_html(std::string_view text);

}  // namespace hikyaku::gateway::api
