// What `to` of a message may be: a number, an object with a number and what the recipient has of
// its own, or a list of these. Reads such an object; used by json_request.cpp for the length of one
// request.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string_view>

#include "gateway/api/json/shape.hpp"
#include "gateway/api/problems.hpp"
#include "gateway/engine/submission/zone_names.hpp"
#include "gateway/engine/types.hpp"

namespace hikyaku::gateway::api {

/// One recipient, and all that `to` may be.
extern const shape recipient_shape;
extern const shape to_shape;

/// What a recipient's object says; it takes the place of what the message says. Views of the
/// request.
struct recipient_fields {
    std::string_view reference, debtor, debt;
    std::optional<contact_point> contact;

    /// Everything but "number", which is there and a string if there is no fault. `at` points to
    /// the object.
    [[nodiscard]] std::optional<problem> read(std::string_view at, const boost::json::object& given,
                                              const zone_names& zones);
    void write_to(submission& message);
};

}  // namespace hikyaku::gateway::api
