// Reads the body of POST /v1/messages (and :estimate): one message, or {"messages": [...]}, each
// with one or several recipients, into submissions for the engine. Types are strict, an unknown
// field is a fault, and every fault carries a JSON pointer to its place; a fault in one message or
// recipient leaves the others valid. Pure; engine's thread.
#pragma once

#include <boost/container/small_vector.hpp>
#include <boost/system/result.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "config/settings.hpp"
#include "gateway/api/problems.hpp"
#include "gateway/engine/submission/zone_names.hpp"
#include "gateway/engine/types.hpp"

namespace hikyaku::gateway::api {

/// One recipient of one message.
struct message_item {
    submission message;
    std::string to;                // for replies: normalised, or as written if it is faulty
    std::string pointer;           // to the message: "" or "/messages/3"
    std::string to_pointer;        // to the recipient: "/to", "/messages/3/to/1"
    std::optional<problem> fault;  // set: `message` is not to be submitted
};

struct message_request {
    /// Each recipient of a list has a copy of the message: a text of a megabyte and a thousand
    /// recipients would be a gigabyte.
    static constexpr std::size_t copied_bytes_max = 8 << 20;
    bool single = true;  // one message with one recipient: the reply is one object, no list
    boost::container::small_vector<message_item, 1> items;  // never empty
};

/// `batch_max` bounds the recipients of the whole request. `now_ms` is wall time, the start of
/// `valid_for` when there is no `send_at`; `zones` are the time zones that there are. An error
/// refuses the request as a whole: utf8_invalid and json_invalid (with the position), body_invalid,
/// batch_too_large (recipients, or copies of one text), and field faults of the outermost object.
[[nodiscard]] boost::system::result<message_request, problem> read_messages(
    std::string_view body, const config::account& account, std::uint32_t batch_max,
    std::int64_t now_ms, const zone_names& zones = every_zone);

}  // namespace hikyaku::gateway::api
