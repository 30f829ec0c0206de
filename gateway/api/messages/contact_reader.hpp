// Reads `contact` of a message or of one of its recipients: {"id": ..., "zones": [...], "tags":
// [...]}. The rules are those of gateway/engine/submission/contact_fields.hpp. Used inside this
// folder only, for the length of one request.
#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string_view>

#include "gateway/api/json/shape.hpp"
#include "gateway/api/problems.hpp"
#include "gateway/engine/submission/zone_names.hpp"
#include "gateway/engine/types.hpp"

namespace hikyaku::gateway::api {

extern const shape contact_shape;

/// `base` points to the object that has the member `contact`; the fault's pointer goes on from
/// there: base + "/contact/zones/1". `zones` are those that there are. REQUIRES: it
/// has contact_shape, and `into` is empty.
[[nodiscard]] std::optional<problem> read_contact(const boost::json::value& given,
                                                  std::string_view base, const zone_names& zones,
                                                  contact_point& into);

}  // namespace hikyaku::gateway::api
