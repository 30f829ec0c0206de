// What was read in a reply, as the JSON that events and timelines have. Pure; any thread.
#pragma once

#include <string>

#include "gateway/replies/intents.hpp"

namespace hikyaku::gateway::dunning {

/// {"intents":[{"intent","confidence","dates","words"}],"decision":"act","language":"ja"}, as
/// `hikyaku reply read` prints it.
[[nodiscard]] std::string json_of(const replies::reading& said);

}  // namespace hikyaku::gateway::dunning
