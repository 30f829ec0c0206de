// Countries of the time zones, for those that holidays.cpp has.
// From npm countries-and-timezones 3.10.0 (MIT licence, Copyright (c)
// 2020 Manuel de la Torre).
// Written by ./dev data (make.mjs): not to be changed by hand.
#include "gateway/gate/tables/tables.hpp"

namespace hikyaku::gateway::gate::tables {

// clang-format off
const country_row country_rows[] = {
    {"AT", "Europe/Vienna"},
    {"BE", "CET Europe/Brussels MET"},
    {"BG", "Europe/Sofia"},
    {"CH", "Europe/Zurich"},
    {"CY", "Asia/Famagusta Asia/Nicosia Europe/Nicosia"},
    {"CZ", "Europe/Prague"},
    {"DE", "Europe/Berlin Europe/Busingen"},
    {"DK", "Europe/Copenhagen"},
    {"EE", "Europe/Tallinn"},
    {"ES", "Africa/Ceuta Atlantic/Canary Europe/Madrid"},
    {"FI", "Europe/Helsinki"},
    {"FR", "Europe/Paris"},
    {"GB", "Europe/Belfast Europe/London GB GB-Eire"},
    {"GR", "EET Europe/Athens"},
    {"HR", "Europe/Zagreb"},
    {"HU", "Europe/Budapest"},
    {"IE", "Eire Europe/Dublin"},
    {"IT", "Europe/Rome"},
    {"JP", "Asia/Tokyo Japan"},
    {"LT", "Europe/Vilnius"},
    {"LU", "Europe/Luxembourg"},
    {"LV", "Europe/Riga"},
    {"MT", "Europe/Malta"},
    {"NL", "Europe/Amsterdam"},
    {"NO", "Europe/Oslo"},
    {"PL", "Europe/Warsaw Poland"},
    {"PT", "Atlantic/Azores Atlantic/Madeira Europe/Lisbon Portugal WET"},
    {"RO", "Europe/Bucharest"},
    {"SE", "Europe/Stockholm"},
    {"SI", "Europe/Ljubljana"},
    {"SK", "Europe/Bratislava"},
    {"US", "America/Adak America/Anchorage America/Atka America/Boise America/Chicago"
     " America/Denver America/Detroit America/Fort_Wayne America/Indiana/Indianapolis"
     " America/Indiana/Knox America/Indiana/Marengo America/Indiana/Petersburg"
     " America/Indiana/Tell_City America/Indiana/Vevay America/Indiana/Vincennes"
     " America/Indiana/Winamac America/Indianapolis America/Juneau"
     " America/Kentucky/Louisville America/Kentucky/Monticello America/Knox_IN"
     " America/Los_Angeles America/Louisville America/Menominee America/Metlakatla"
     " America/New_York America/Nome America/North_Dakota/Beulah America/North_Dakota/Center"
     " America/North_Dakota/New_Salem America/Phoenix America/Shiprock America/Sitka"
     " America/Yakutat CST6CDT EST5EDT HST MST MST7MDT Navajo PST8PDT Pacific/Honolulu"
     " US/Alaska US/Aleutian US/Arizona US/Central US/East-Indiana US/Eastern US/Hawaii"
     " US/Indiana-Starke US/Michigan US/Mountain US/Pacific"},
};
const std::size_t country_rows_count = 32;
// clang-format on

}  // namespace hikyaku::gateway::gate::tables
