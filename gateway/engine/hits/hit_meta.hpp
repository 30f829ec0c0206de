// Two numbers of the table `meta` that tell where the work on hits stood when the process ended.
// Read at the start by the room `hits`; engine's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "gateway/model/tables.hpp"
#include "store/environment.hpp"

namespace hikyaku::gateway {

/// Sequence of the last hit that is stored.
inline constexpr std::string_view hits_stored_name = "hits_stored";
/// Time (ms since 1970) before which every stored hit is in its message's counters.
inline constexpr std::string_view hits_counted_name = "hits_counted";

/// Empty if the store has no such number yet.
[[nodiscard]] inline std::optional<std::uint64_t> hit_meta_number(store::environment& environment,
                                                                  std::string_view name) {
    const auto snapshot = environment.read();
    return snapshot.get(model::table::meta, name);
}

}  // namespace hikyaku::gateway
