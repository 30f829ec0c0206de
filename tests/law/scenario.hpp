// What a seed makes of the world of the law: accounts with their packs and their persons, carriers,
// and when it begins. Everything is drawn from the seed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/settings.hpp"
#include "tests/law/rules.hpp"
#include "tests/sim/scheduler.hpp"

namespace hikyaku::law {

using sim::dice;

/// A way to reach a person, as the application names it.
struct way {
    std::string phone;    // without "+"
    std::string contact;  // its name; may be empty
    std::vector<std::string> zones, number_zones, tags;
    std::string country;
};
struct person {
    std::string debtor;  // may be empty
    std::vector<std::string> debts;
    std::vector<way> ways;
};

struct account_plan {
    std::string pack;
    rules law;
    std::vector<person> persons;
    std::vector<std::size_t> carriers;
};

struct carrier_plan {
    double refuses_for_now = 0, refuses_for_good = 0, throttles = 0;
    double never_answers = 0, answers_late = 0, opted_out = 0, fails = 0;
    std::int64_t up_hours_max = 0;    // between two times of being down
    std::int64_t down_hours_max = 0;  // of the long ones
};

struct scenario {
    config::settings settings;  // without the store's path
    std::vector<account_plan> accounts;
    std::vector<carrier_plan> carriers;
    std::int64_t begin_ms = 0, days = 30;
    std::size_t messages = 0, acts = 0, crashes = 0;
};

[[nodiscard]] scenario make_scenario(dice& luck, std::int64_t days);

}  // namespace hikyaku::law
