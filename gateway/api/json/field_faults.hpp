// What is wrong with an object of a body, as problems with a JSON pointer to the place: by the
// table of its members (shape.hpp) before a reader converts it. Used by the readers of this folder,
// for the length of one request; pure.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/api/json/shape.hpp"
#include "gateway/api/problems.hpp"

namespace hikyaku::gateway::api {

/// A fault of kind `code` at base + "/" + field.
[[nodiscard]] problem field_fault(problem_code code, std::string_view base, std::string_view field,
                                  std::string detail);

/// The first fault of the object at `base` by the table of `wanted`: a member that the table does
/// not have (if it is not open) or that has another shape, in their order, or a required one that
/// is missing. Looks into no member.
[[nodiscard]] std::optional<problem> object_fault(const shape& wanted,
                                                  const boost::json::object& given,
                                                  std::string_view base);

/// A text of the application's own: references, tags, ids. It may hold no control characters.
inline constexpr shape label_shape = text_shape(1, 64);

/// Of a value that has label_shape.
[[nodiscard]] std::optional<problem> label_fault(const boost::json::value& given,
                                                 std::string_view base, std::string_view field);

}  // namespace hikyaku::gateway::api
