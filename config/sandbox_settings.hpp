// What the file says of a sandbox ([sandbox]): a gateway behind which there are no phones. A part
// of settings.hpp, which is long enough.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace hikyaku::config {

/// By what the gateway tells the time.
enum class clock_kind : std::uint8_t { system, moved_by_hand };

struct sandbox {
    clock_kind clock = clock_kind::system;
    bool operator==(const sandbox&) const = default;
};

struct settings;

/// Something that leads off this machine although the clock is moved by hand.
struct sandbox_fault {
    std::string path;  // "carrier[0].hosts"
    std::string sentence;
};
/// Empty where the clock is the system's.
[[nodiscard]] std::vector<sandbox_fault> sandbox_faults(const settings& s);

}  // namespace hikyaku::config
