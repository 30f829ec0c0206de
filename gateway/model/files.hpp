// The gateway's two files beside the store, both of which must be written sooner than a commit:
// hits that are answered before they are stored, and until when carriers may have been sent
// something (docs/store.md). Names and marks only; the engine opens them.
#pragma once

#include <string>

#include "store/clock_mark.hpp"

namespace hikyaku::gateway::model {

[[nodiscard]] inline std::string hit_log_path(const std::string& folder) {
    return folder + "/hits.log";
}

// One for all carriers: a carrier that has been renamed, or whose address another one has now, is
// still the same at its end.
[[nodiscard]] inline std::string sent_mark_path(const std::string& folder) {
    return folder + "/sent.mark";
}
inline constexpr store::clock_mark::magic_octets sent_mark_magic{'s', 'e', 'n', 't',
                                                                 '0', '0', '0', '1'};

}  // namespace hikyaku::gateway::model
