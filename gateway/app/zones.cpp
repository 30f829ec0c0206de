#include "gateway/app/zones.hpp"

#include <date/tz.h>

#include <exception>

#include "gateway/io/logging.hpp"

namespace hikyaku::gateway::app {

zone_names read_zone_names() {
    std::vector<std::string> names;
    std::string why = "the database has none";
    try {
        for (const auto& zone : date::get_tzdb().zones)
            names.push_back(zone.name());
    } catch (const std::exception& fault) {
        names.clear();
        why = fault.what();
    }
    if (names.empty())
        io::log(io::log_level::warn, "no names of time zones: contacts' zones are not looked up",
                {{"why", why}});
    return zone_names(std::move(names));
}

}  // namespace hikyaku::gateway::app
