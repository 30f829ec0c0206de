// Shapes as JSON Schema (draft 2020-12, as OpenAPI 3.1 has it). Those with a name are kept in one
// place, `components`, and referred to. Used while the OpenAPI document is made; pure.
#pragma once

#include <boost/json/object.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <string_view>

#include "gateway/api/json/shape.hpp"

namespace hikyaku::gateway::api {

/// Whose document it is. A client's is closed: the gateway refuses members that are not in the
/// table. The gateway's own may have more in a later version.
enum class written_by : std::uint8_t { client, gateway };

class schema_writer {
public:
    /// Refers to a named shape. REQUIRES: shapes of one name are the same, but for null, and have
    /// one writer.
    [[nodiscard]] boost::json::object schema_of(const shape& what, written_by whom);

    /// The named ones, in the order of their names.
    [[nodiscard]] boost::json::object take_components();

private:
    [[nodiscard]] boost::json::object inline_schema(const shape& what, written_by whom);
    void add_object(boost::json::object& into, const shape& what, written_by whom);

    boost::unordered_flat_map<std::string_view, boost::json::object> components_;
};

}  // namespace hikyaku::gateway::api
