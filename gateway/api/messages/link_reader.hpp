// Reads `links` of a message: {"expires_at": ... or "expires_after": ..., "max_uses": ...}, how
// long and how often its tracked links may be used. Used inside this folder only, for the length
// of one request.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string_view>

#include "gateway/api/json/shape.hpp"
#include "gateway/api/problems.hpp"
#include "gateway/engine/types.hpp"

namespace hikyaku::gateway::api {

extern const shape links_shape;

/// `base` points to the object that has the member `links`. REQUIRES: it has links_shape.
[[nodiscard]] std::optional<problem> read_links(const boost::json::value& given,
                                                std::string_view base, std::int64_t now_ms,
                                                submission& into);

}  // namespace hikyaku::gateway::api
