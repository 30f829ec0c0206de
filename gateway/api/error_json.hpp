// How JSON shows what a carrier said of the end of a segment: the same members in the answer to
// GET /v1/messages and in the events of webhooks (docs/http-api.md, "Errors of carriers"). Pure.
#pragma once

#include <boost/json/object.hpp>

#include "gateway/engine/told_error.hpp"

namespace hikyaku::gateway::api {

/// `stat`, if the carrier's word for the state is another than SMPP's.
void add_stat(boost::json::object& into, const error_view& told, model::record::State state);

/// `error`, if there is one: code (a number or null), text, stat and network_error_code of a
/// receipt; of a refusal also command_status, refused_by ("carrier", "gateway") and, of a carrier
/// that has told it, additional_status_info_text.
void add_error(boost::json::object& into, const error_view& told, model::record::State state);

}  // namespace hikyaku::gateway::api
