// Reads the names of the time zones from the system's database (Debian: tzdata). Called once by the
// composition root before the doors open; it reads a folder and no zone.
#pragma once

#include "gateway/engine/submission/zone_names.hpp"

namespace hikyaku::gateway::app {

/// Without a database one line is logged, and every name is known.
[[nodiscard]] zone_names read_zone_names();

}  // namespace hikyaku::gateway::app
