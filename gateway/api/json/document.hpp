// Reads one JSON document that a stranger sent: valid UTF-8, JSON, not too deep, and no name twice
// in one object. Boost.JSON keeps the last of two members of one name and others keep the first, so
// a proxy that checked the one would let the other pass. Pure, any thread.
#pragma once

#include <boost/json/storage_ptr.hpp>
#include <boost/json/value.hpp>
#include <boost/system/result.hpp>
#include <cstddef>
#include <span>
#include <string_view>

#include "gateway/api/problems.hpp"

namespace hikyaku::gateway::api {

inline constexpr std::size_t json_depth_max = 8;

/// `memory` holds the values, `scratch` what is being parsed; both must outlive the result. Errors:
/// utf8_invalid and json_invalid, with the octet where reading ended; for a name that comes twice
/// with the pointer to the second member and the end of its name.
[[nodiscard]] boost::system::result<boost::json::value, problem> parse_json(
    std::string_view body, boost::json::storage_ptr memory, std::span<unsigned char> scratch);

}  // namespace hikyaku::gateway::api
