// What the gate has decided about a message, as JSON. Pure but for the store that it reads;
// engine's thread.
#pragma once

#include <boost/json/value.hpp>

#include "gateway/engine/types.hpp"

namespace hikyaku::gateway::dunning {
class protection;
}

namespace hikyaku::gateway::api {

/// Null: the gate was never asked, or there is no desk.
[[nodiscard]] boost::json::value decision_json(const dunning::protection* desk, message_id message);

}  // namespace hikyaku::gateway::api
