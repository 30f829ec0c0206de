// Facts of the world that the gate needs, as tables in the tree: national holidays, time zones by
// number, countries by time zone. `./dev data` writes the three sources beside this header from
// public npm packages that it pins; each names its packages and their licences. Read once, by
// calendar.cpp and number_zones.cpp of the folder above.
#pragma once

#include <cstddef>
#include <string_view>

namespace hikyaku::gateway::gate::tables {

struct holiday_row {
    std::string_view country;  // ISO 3166
    int year = 0;
    std::string_view days;  // "01010112...": month and day, two digits each
};
extern const holiday_row holiday_rows[];
extern const std::size_t holiday_rows_count;

struct number_row {
    std::string_view prefixes;  // of E.164 without "+", separated by blanks
    std::string_view zones;     // IANA names, separated by blanks
};
extern const number_row number_rows[];
extern const std::size_t number_rows_count;

struct country_row {
    std::string_view country;
    std::string_view zones;
};
extern const country_row country_rows[];
extern const std::size_t country_rows_count;

}  // namespace hikyaku::gateway::gate::tables
