#include "tests/law/scenario.hpp"

#include <fmt/format.h>

#include "gateway/gate/facts.hpp"

namespace hikyaku::law {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using texts = std::vector<std::string>;

/// Where numbers begin so, and where people may be who have them.
struct numbering {
    const char* prefix;
    texts zones;
    const char* country = "";
};

std::vector<numbering> numbers_of(const std::string& pack) {
    if (pack == "us/first-party")
        return {{"1212555", {"America/New_York"}},
                {"1310555", {"America/Los_Angeles"}},
                {"1312555", {"America/Chicago"}},
                {"1602555", {"America/Phoenix"}}};
    if (pack == "uk") return {{"447700900", {"Europe/London"}}};
    if (pack == "eu")
        return {{"49151123", {"Europe/Berlin"}, "DE"}, {"33612345", {"Europe/Paris"}, "FR"}};
    return {{"8190123", {"Asia/Tokyo"}}};
}

/// Which zones an application may name for such a number: some far away, some without a common
/// hour.
std::vector<texts> zones_of(const std::string& pack) {
    if (pack == "us/first-party")
        return {{"America/New_York"},
                {"America/New_York", "America/Los_Angeles"},
                {"America/Chicago", "America/Phoenix"},
                {"Pacific/Honolulu", "America/Denver"}};
    if (pack == "uk")
        return {{"Europe/London"},
                {"Europe/London", "Europe/Madrid"},
                {"Europe/London", "Pacific/Auckland"},
                {"Atlantic/Azores", "Europe/Athens"}};
    if (pack == "eu")
        return {{"Europe/Berlin"}, {"Europe/Paris"}, {"Europe/Berlin", "Europe/Paris"}};
    return {{"Asia/Tokyo"},
            {"Asia/Tokyo", "America/New_York"},
            {"Asia/Tokyo", "Europe/London"},
            {"Australia/Sydney", "Asia/Kolkata"},
            {"Asia/Tokyo", "Europe/London", "America/Los_Angeles"}};
}

way some_way(const std::string& pack, std::size_t number, dice& luck) {
    way made;
    const auto from = luck.pick(numbers_of(pack));
    made.phone = fmt::format("{}{:04}", from.prefix, number);
    made.number_zones = from.zones;
    made.country = from.country;
    if (luck.chance(0.05)) {  // a satellite phone: it may be anywhere
        made.phone = fmt::format("8821600{:05}", number);
        made.number_zones.clear();
        made.country.clear();
    }
    if (luck.chance(0.5)) made.contact = fmt::format("c-{}", number);
    if (luck.chance(0.5)) made.zones = luck.pick(zones_of(pack));
    if (luck.chance(0.04)) made.zones.emplace_back("Asia/Tokio");
    if (luck.chance(0.05)) made.tags = {luck.pick(texts{"work", "third_party", "office"})};
    if (luck.chance(0.1)) made.tags.emplace_back("mobile");
    return made;
}

person some_person(const std::string& pack, std::size_t account, std::size_t number, dice& luck) {
    person made;
    const auto name = account * 100 + number;
    if (luck.chance(0.85)) made.debtor = fmt::format("d-{}", name);
    for (auto count = luck.between(0, 2); count > 0; --count)
        made.debts.push_back(fmt::format("L-{}-{}", name, count));
    const auto ways = static_cast<std::size_t>(luck.chance(0.4) ? 2 : 1);
    for (std::size_t i = 0; i < ways; ++i)
        made.ways.push_back(some_way(pack, name * 2 + i, luck));
    if (ways == 2 && luck.chance(0.2)) made.ways[1].contact = made.ways[0].contact;
    return made;
}

/// What a business has tightened, in its settings and as the auditor knows it.
void tighten(config::account& account, rules& law, std::int64_t begin_ms, dice& luck) {
    auto& own = account.policy_rules;
    if (luck.chance(0.3)) {
        own.open = "09:30";
        own.close = "19:00";
        law.open = 9 * 3600 + 1800;
        law.close = 19 * 3600;
    }
    if (luck.chance(0.2)) {
        own.min_gap = hours(30);
        law.gap_ms = 30 * hour_ms;
    }
    if (luck.chance(0.2)) own.max_per_7d = law.week_max = 2;
    if (luck.chance(0.2)) {
        own.deliver_floor = hours(1);
        law.floor_ms = hour_ms;
    }
    if (luck.chance(0.2)) own.number_zones = law.number_zones = true;
    if (luck.chance(0.2)) {
        const auto first = date::floor<date::days>(
            date::sys_time<milliseconds>{milliseconds{begin_ms + luck.between(2, 20) * day_ms}});
        own.blackout_days = {date::format("%F", first) + ".." +
                             date::format("%F", first + date::days{2})};
        for (int i = 0; i < 3; ++i)
            law.dark.push_back(date::local_days{(first + date::days{i}).time_since_epoch()});
    }
}

void add_account(scenario& out, dice& luck) {
    const auto index = out.accounts.size();
    account_plan plan;
    config::account account;
    plan.pack =
        luck.pick(texts{"japan/lender", "us/first-party", "uk", "eu", "eu", "us/first-party", ""});
    plan.law = rules_of(plan.pack);
    account.name = fmt::format("account{}", index);
    account.policy = plan.pack;
    account.delivery.receipts = account.delivery.replies = config::deliver_by::none;
    account.at_most_once = luck.chance(0.15);
    if (!plan.pack.empty()) {
        account.policy_shadow = plan.law.shadow = luck.chance(0.15);
        if (luck.chance(0.4)) tighten(account, plan.law, out.begin_ms, luck);
        if (plan.pack == "japan/lender" && luck.chance(0.4)) {
            account.policy_rules.rest_weekdays = {"sunday"};
            account.policy_rules.rest_holidays = true;
            account.policy_rules.holiday_calendars = {"JP"};
            plan.law.sundays = plan.law.japans_holidays = true;
        }
        if (luck.chance(0.4)) account.zones = plan.law.zones = zones_of(plan.pack)[0];
    }
    for (auto count = luck.between(3, 10), i = std::int64_t{0}; i < count; ++i)
        plan.persons.push_back(some_person(plan.pack, index, static_cast<std::size_t>(i), luck));
    config::route route;
    route.name = account.name;
    route.accounts = {account.name};
    for (std::size_t i = 0; i < out.carriers.size(); ++i)
        if (i == index % out.carriers.size() || luck.chance(0.3)) {
            plan.carriers.push_back(i);
            route.targets.push_back(
                {out.settings.carriers[i].name, 1, static_cast<std::uint32_t>(luck.between(0, 1))});
        }
    out.settings.routes.push_back(std::move(route));
    out.settings.accounts.push_back(std::move(account));
    out.accounts.push_back(std::move(plan));
}

void add_carrier(scenario& out, dice& luck) {
    const auto some = [&luck](double most) { return luck.chance(0.5) ? most : most / 10; };
    carrier_plan plan;
    plan.refuses_for_now = some(0.1);
    plan.refuses_for_good = some(0.03);
    plan.throttles = some(0.05);
    plan.never_answers = some(0.03);
    plan.answers_late = some(0.05);
    plan.opted_out = some(0.03);
    plan.fails = some(0.1);
    plan.up_hours_max = luck.pick(std::vector<std::int64_t>{12, 48, 200});
    plan.down_hours_max = luck.pick(std::vector<std::int64_t>{1, 8, 60});
    config::carrier carrier;
    carrier.name = fmt::format("carrier{}", out.carriers.size());
    carrier.response_id = carrier.receipt_id = config::message_id_form::text;
    carrier.opted_out = {"051"};
    carrier.cancels = luck.chance(0.7);
    carrier.window = static_cast<std::uint32_t>(luck.between(1, 10));
    carrier.contract_rate = std::nullopt;
    if (luck.chance(0.5)) carrier.contract_rate = config::rate{2, milliseconds{1000}};
    if (luck.chance(0.2)) carrier.on_unknown = config::unknown_outcome::await_receipt;
    out.settings.carriers.push_back(std::move(carrier));
    out.carriers.push_back(plan);
}

/// Every second seed sees clocks change: in March, October or November.
std::int64_t some_begin(std::int64_t days, dice& luck) {
    using namespace date::literals;
    const auto ms_of = [](date::sys_days day) {
        return milliseconds{day.time_since_epoch()}.count();
    };
    const auto in_day = luck.between(0, day_ms - 1);
    if (days > 100) return ms_of(2026_y / 1 / 2) + luck.between(0, 300) * day_ms + in_day;
    const date::sys_days change =
        luck.pick(std::vector<date::sys_days>{2026_y / 3 / 8, 2026_y / 3 / 29, 2026_y / 10 / 25,
                                              2026_y / 11 / 1, 2027_y / 3 / 14, 2027_y / 3 / 28});
    if (luck.chance(0.5)) return ms_of(change) - luck.between(2, days - 3) * day_ms + in_day;
    return ms_of(2026_y / 1 / 2) + luck.between(0, 640) * day_ms + in_day;
}

}  // namespace

scenario make_scenario(dice& luck, std::int64_t days) {
    scenario out;
    out.days = days;
    out.begin_ms = some_begin(days, luck);
    for (auto count = luck.between(1, 3); count > 0; --count)
        add_carrier(out, luck);
    for (auto count = luck.between(2, 4); count > 0; --count)
        add_account(out, luck);
    const auto months = static_cast<std::size_t>((days + 29) / 30);
    const auto of = [&](std::int64_t low, std::int64_t high) {
        return static_cast<std::size_t>(luck.between(low, high));
    };
    out.messages = days > 100 ? of(400, 1200) : of(50, 300);
    out.acts = (days > 100 ? 3 : 1) * of(10, 60);
    out.crashes = luck.chance(0.8) ? of(1, 8) + months : 0;
    return out;
}

}  // namespace hikyaku::law
