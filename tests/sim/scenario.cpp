#include "tests/sim/scenario.hpp"

#include <fmt/format.h>

#include "smpp/pdu/constants.hpp"

namespace hikyaku::sim {

using config::message_id_form;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr std::string_view fair_prefix = "8188";

std::chrono::hours hours_of(std::int64_t count) {
    return std::chrono::hours(count);
}

config::rate_limit some_rate(dice& luck) {
    switch (luck.between(0, 6)) {
        case 0:
            return config::rate{5, milliseconds{1000}};
        case 1:
            return config::rate{1, milliseconds{500}};
        case 2:
            return config::rate{120, milliseconds{60000}};
        case 3:
            return config::rate{200, milliseconds{1000}};
        case 4:
            return config::rate{3000, milliseconds{3600000}};
        case 5:
            return config::rate{40, milliseconds{1000}};
        default:
            return std::nullopt;
    }
}

void add_carrier(scenario& out, dice& luck) {
    config::carrier carrier;
    carrier_habits habits;
    carrier.name = fmt::format("carrier{}", out.carriers.size());
    carrier.contract_rate = some_rate(luck);
    carrier.bind =
        luck.pick(std::vector{config::bind_type::transceiver, config::bind_type::transceiver,
                              config::bind_type::transmitter_receiver});
    carrier.binds = static_cast<std::uint32_t>(luck.between(1, 3));
    carrier.window = static_cast<std::uint32_t>(luck.between(1, 20));
    carrier.window_adaptive = luck.chance(0.5);
    if (luck.chance(0.5)) {  // so few attempts that the last one is met
        carrier.retries[static_cast<std::uint32_t>(smpp::command_status::esme_rx_t_appn)] = {
            config::retry_rule::action::retry, seconds{2}, seconds{5},
            static_cast<std::uint32_t>(luck.between(1, 3))};
    }
    carrier.version = luck.pick(std::vector<std::uint8_t>{0x33, 0x34, 0x34, 0x50});
    carrier.response_timeout = seconds(luck.between(5, 20));
    carrier.enquire_link_interval = seconds(luck.between(10, 30));
    carrier.bind_timeout = seconds(5);
    carrier.reconnect_max = milliseconds(luck.between(2000, 30000));
    if (luck.chance(0.2)) carrier.on_unknown = config::unknown_outcome::await_receipt;
    habits.dialect = static_cast<id_dialect>(luck.between(0, 4));
    switch (habits.dialect) {
        case id_dialect::text:
            carrier.response_id = carrier.receipt_id = message_id_form::text;
            break;
        case id_dialect::hex:
            carrier.response_id = carrier.receipt_id = message_id_form::hexadecimal;
            break;
        case id_dialect::decimal:
            carrier.response_id = carrier.receipt_id = message_id_form::decimal;
            break;
        case id_dialect::hex_then_decimal:
            if (luck.chance(0.5)) {
                carrier.response_id = message_id_form::hexadecimal;
                carrier.receipt_id = message_id_form::decimal;
            }
            break;
        case id_dialect::padded_then_hex:
            if (luck.chance(0.5)) {
                carrier.response_id = message_id_form::decimal;
                carrier.receipt_id = message_id_form::hexadecimal;
            }
            break;
    }
    // Near each other, so that an id of one form is another message's in the other form.
    habits.first_id = static_cast<std::uint64_t>(luck.between(4096, 17000));
    habits.response_us_max = luck.pick(std::vector<std::int64_t>{20'000, 100'000, 2'000'000});
    dice own(habits.first_id * 64 + out.carriers.size());
    if (own.chance(0.3)) habits.reuses_ids = own.pick(std::vector{0.05, 0.2, 0.6});
    // Without addresses an id must have one reading.
    const bool guessed = carrier.response_id == message_id_form::automatic;
    habits.addresses = static_cast<address_habit>(
        own.chance(0.5) ? 0 : own.between(0, static_cast<int>(address_habit::none)));
    if (guessed && habits.addresses == address_habit::none)
        habits.addresses = address_habit::as_sent;
    out.settings.carriers.push_back(std::move(carrier));
    out.carriers.push_back(habits);
}

/// Every third account: nothing is drawn for it, so that it changes no other choice of a seed.
void write_national_numbers(config::account& account, std::size_t index) {
    if (index % 3 != 1) return;
    account.home_country = "81";
    account.trunk_prefix = "0";
    account.international_prefix = "00";
}

config::account& add_account(scenario& out, account_habits::kind how, dice& luck) {
    config::account account;
    account_habits habits;
    habits.how = how;
    account.name = fmt::format("account{}", out.accounts.size());
    write_national_numbers(account, out.accounts.size());
    account.weight = static_cast<std::uint32_t>(luck.between(1, 8));
    account.validity_default = hours_of(luck.pick(std::vector<std::int64_t>{1, 2, 24, 72}));
    account.at_most_once = luck.chance(0.15);
    account.window = static_cast<std::uint32_t>(luck.between(5, 100));
    account.receipt_window = static_cast<std::uint32_t>(luck.between(1, 20));
    if (how == account_habits::kind::smpp) {
        account.system_id = account.name;
        account.id_form =
            luck.chance(0.3) ? config::id_form::hexadecimal : config::id_form::decimal;
        habits.version = luck.pick(std::vector<std::uint8_t>{0x33, 0x34, 0x34, 0x50});
        habits.two_sessions = luck.chance(0.3);
        account.delivery.tlvs = luck.chance(0.7);
        if (luck.chance(0.2)) account.delivery.pdu = config::receipt_pdu::data_sm;
        if (luck.chance(0.2)) account.delivery.parts = config::receipt_parts::each;
        if (luck.chance(0.3) && habits.version > 0x33)
            account.delivery.reply_form = config::reply_form::whole;
    } else {
        config::account_webhook webhook;
        webhook.url = "https://application.example/events";
        webhook.batch_max = static_cast<std::uint32_t>(luck.between(1, 50));
        webhook.give_up_after = hours_of(1000);  // longer than any run
        account.webhook = webhook;
        if (luck.chance(0.2)) account.delivery.parts = config::receipt_parts::each;
    }
    if (luck.chance(0.3)) {
        account.rate.per_second =
            config::rate{static_cast<std::uint32_t>(luck.between(2, 20)), milliseconds{1000}};
        account.rate.excess =
            luck.chance(0.5) ? config::on_excess::pace : config::on_excess::reject;
    }
    if (luck.chance(0.15)) account.queued_max = static_cast<std::uint64_t>(luck.between(3, 40));
    if (luck.chance(0.1)) {
        account.delivery.receipts = config::deliver_by::none;
        habits.expects_receipts = false;
    }
    if (luck.chance(0.7)) {
        habits.number = fmt::format("8150{:06}", out.accounts.size());
        account.numbers.push_back(habits.number);
    } else {
        habits.keyword = fmt::format("word{}", out.accounts.size());
        account.keywords.push_back(habits.keyword);
    }
    out.settings.accounts.push_back(std::move(account));
    out.accounts.push_back(std::move(habits));
    return out.settings.accounts.back();
}

/// A few accounts that want more of one carrier than it takes.
void add_fair_share(scenario& out, dice& luck) {
    out.fair = true;
    add_carrier(out, luck);
    auto& carrier = out.settings.carriers.back();
    carrier.name = "fair";
    carrier.on_unknown = config::unknown_outcome::resend;
    carrier.contract_rate =
        config::rate{static_cast<std::uint32_t>(luck.between(5, 25)), milliseconds{1000}};
    out.carriers.back().fair = true;
    config::route route;
    route.name = "fair";
    route.prefixes = {std::string(fair_prefix)};
    route.targets = {{carrier.name, 1, 0}};
    for (auto count = luck.between(2, 5); count > 0; --count) {
        auto& account = add_account(out, account_habits::kind::fair, luck);
        account.queued_max = 1'000'000;
        account.at_most_once = false;  // what is marked before it is sent leaves its turn
        account.rate.per_second = std::nullopt;
        account.delivery.receipts = config::deliver_by::automatic;
        out.accounts.back().expects_receipts = true;
        route.accounts.push_back(account.name);
    }
    out.settings.routes.push_back(std::move(route));
}

void add_routes(scenario& out, std::size_t carriers, dice& luck) {
    for (int i = 0; i < 10; ++i) {  // by a digit of the number
        config::route route;
        route.name = fmt::format("route{}", i);
        route.prefixes = {fmt::format("817{}", i)};
        std::vector<std::size_t> order(carriers);
        for (std::size_t at = 0; at < carriers; ++at)
            order[at] = at;
        const auto targets = std::min<std::size_t>(carriers, 1 + luck.below(4));
        for (std::size_t at = 0; at < targets; ++at) {
            std::swap(order[at], order[at + luck.below(carriers - at)]);
            route.targets.push_back({out.settings.carriers[order[at]].name,
                                     static_cast<std::uint32_t>(luck.between(1, 5)),
                                     static_cast<std::uint32_t>(luck.between(0, 1))});
        }
        out.settings.routes.push_back(std::move(route));
    }
}

/// Some worlds are mild and others are not: each kind of fault is left out, or comes more often.
void draw_habits(world_habits& habits, dice& luck) {
    for (auto* one : {&habits.throttles,
                      &habits.refuses_for_now,
                      &habits.refuses_for_good,
                      &habits.never_answers,
                      &habits.answers_late,
                      &habits.answers_twice,
                      &habits.nacks,
                      &habits.receipt_twice,
                      &habits.receipt_late,
                      &habits.receipt_fails,
                      &habits.bind_ends,
                      &habits.session_ends,
                      &habits.garbage,
                      &habits.carrier_goes_down,
                      &habits.application_full,
                      &habits.application_silent,
                      &habits.commit_fails,
                      &habits.disk_full,
                      &habits.crash_at_commit,
                      &habits.crash_any_time,
                      &habits.restart_in_peace,
                      &habits.cancels,
                      &habits.replaces,
                      &habits.slow,
                      &habits.split}) {
        const std::vector<double> factors{0, 0.5, 1, 1, 2, 5};
        *one *= luck.pick(factors);
    }
}

}  // namespace

gateway::phone_address as_written(const config::account& account, std::size_t number,
                                  const std::string& phone) {
    const auto& home = account.home_country;
    if (home.empty()) return {1, 1, phone};
    const auto national = phone.substr(home.size());
    switch (number % 5) {
        case 0:
            return {2, 1, account.trunk_prefix + national};
        case 1:
            return {0, 0, account.international_prefix + phone};
        case 2:
            return {2, 1, national};
        case 3:
            return {1, 1, account.trunk_prefix + national};
        default:
            return {1, 1, phone};
    }
}

std::string_view err_of_failure(std::size_t message) {
    constexpr std::string_view codes[] = {"012", "2050", "0x0A", "7", "E-19"};
    return codes[message % std::size(codes)];
}

scenario make_scenario(dice& luck, std::int64_t seconds_of_traffic) {
    scenario out;
    const bool dozens = luck.chance(0.25);
    const auto carriers =
        static_cast<std::size_t>(dozens ? luck.between(12, 24) : luck.between(2, 6));
    const auto accounts =
        static_cast<std::size_t>(dozens ? luck.between(24, 40) : luck.between(3, 9));
    for (std::size_t i = 0; i < carriers; ++i)
        add_carrier(out, luck);
    for (std::size_t i = 0; i < accounts; ++i) {
        const bool http = luck.chance(0.3);
        add_account(out, http ? account_habits::kind::http : account_habits::kind::smpp, luck);
        auto& habits = out.accounts.back();
        habits.pause_us_max = luck.pick(std::vector<std::int64_t>{1, 2, 5}) *
                              (dozens ? 2 * second_us : second_us) / 2;
        habits.bulk = luck.chance(0.2) ? 0.03 : 0;
    }
    add_routes(out, carriers, luck);
    out.settings.replies.timeout = seconds(luck.between(30, 300));
    out.settings.smpp.enquire_link_interval = seconds(luck.between(10, 30));
    out.settings.smpp.response_timeout = seconds(luck.between(5, 15));
    out.settings.smpp.session_init_timeout = seconds(10);
    draw_habits(out.habits, luck);
    out.active_us = luck.between(dozens ? 8 : 20, dozens ? 25 : 60) * second_us;
    if (seconds_of_traffic > 0) out.active_us = seconds_of_traffic * second_us;
    if (luck.chance(0.3)) {
        out.night_at_us = luck.between(out.active_us / 4, out.active_us * 3 / 4);
        out.night_us = luck.between(6, 96) * hour_us;
        out.active_us += out.night_us;
    } else if (luck.chance(0.5)) {
        add_fair_share(out, luck);
    }
    return out;
}

}  // namespace hikyaku::sim
