// An event of a timeline as JSON, for timelines and conversations. Used inside this folder; pure.
#pragma once

#include <boost/json/object.hpp>

#include "gateway/dunning/desk/chronicle.hpp"

namespace hikyaku::gateway::api {

/// With the text of a reply and what was read in it.
[[nodiscard]] boost::json::object to_json(const dunning::timeline_view& event);

}  // namespace hikyaku::gateway::api
