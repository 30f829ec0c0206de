// The names of the time zones that there are, so that a door can refuse one that nobody could
// compute with. The composition root reads them once, at the start, from the system's database, and
// hands them to the doors. Immutable; engine's thread.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hikyaku::gateway {

class zone_names {
public:
    /// Knows every name: without a database only the form of a name can be checked.
    zone_names() = default;
    explicit zone_names(std::vector<std::string> names) : names_(std::move(names)) {
        std::ranges::sort(names_);
    }

    /// Letters count as they are written: there is no "asia/tokyo".
    [[nodiscard]] bool knows(std::string_view name) const {
        return names_.empty() || std::ranges::binary_search(names_, name);
    }
    [[nodiscard]] std::size_t size() const { return names_.size(); }

private:
    std::vector<std::string> names_;
};

inline const zone_names every_zone;

}  // namespace hikyaku::gateway
