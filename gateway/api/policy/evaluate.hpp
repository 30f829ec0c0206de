// Answers a question to the gate about a message that nobody sends, for POST /v1/policy:evaluate
// and for `hikyaku gate evaluate`: the same decide() as at hand-off, told in JSON with every
// reason, what each rule saw, and the windows of the next 14 days. Pure but for the zone book.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/system/result.hpp>
#include <span>
#include <string_view>

#include "config/settings.hpp"
#include "gateway/api/json/shape.hpp"
#include "gateway/api/problems.hpp"
#include "gateway/gate/zone_book.hpp"

namespace hikyaku::gateway::api {

/// Against what a question is answered; all of it outlives the call.
struct policy_surroundings {
    std::span<const config::policy_pack> packs;
    const config::account* account = nullptr;  // whose question it is; null: nobody's
    gate::zone_book& zones;
};

/// {"decision", "until", "deliver_by", "reasons", "values", "windows", ...}.
[[nodiscard]] boost::system::result<boost::json::object, problem> evaluate_policy(
    const boost::json::value& question, const policy_surroundings& around);

/// The same of a text that has to be one JSON document.
[[nodiscard]] boost::system::result<boost::json::object, problem> evaluate_policy_text(
    std::string_view question, const policy_surroundings& around);

/// RFC 3339 with the offset of the zone at that moment; "Z" without a zone.
[[nodiscard]] std::string format_local_time(std::int64_t ms, const gate::local_zone* zone);

}  // namespace hikyaku::gateway::api
