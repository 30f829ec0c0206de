// What a seed makes of the world: how many accounts and carriers there are and how they are set up,
// how bad everything is, and what happens when. Everything is drawn from the seed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.hpp"
#include "gateway/engine/types.hpp"
#include "tests/sim/scheduler.hpp"

namespace hikyaku::sim {

/// How an account's applications behave.
struct account_habits {
    enum class kind : std::uint8_t { smpp, http, fair } how = kind::smpp;
    std::uint8_t version = 0x34;
    bool two_sessions = false;              // a transmitter and a receiver instead of a transceiver
    bool expects_receipts = true;           // deliver_by is not `none`
    std::int64_t pause_us_max = second_us;  // between two submissions
    double bulk = 0;                        // chance that it is a bulk instead of one message
    std::string number;                     // for replies; empty = by keyword
    std::string keyword;
};

/// How a carrier writes its ids.
enum class id_dialect : std::uint8_t { hex_then_decimal, padded_then_hex, text, hex, decimal };

/// What it makes of the addresses in its receipts.
enum class address_habit : std::uint8_t {
    as_sent,
    with_plus,
    national,
    swapped,
    sender_replaced,
    none,
};

struct carrier_habits {
    id_dialect dialect = id_dialect::text;
    address_habit addresses = address_habit::as_sent;
    double reuses_ids = 0;  // chance that a segment gets an id that another one has had
    bool receives = true;   // binds that can receive
    std::uint64_t first_id = 4096;
    std::int64_t response_us_max = 100 * millisecond_us;
    bool fair = false;  // the one whose backlog is shared by weight
};

/// Probabilities per occasion, or per second.
struct world_habits {
    double throttles = 0.01, refuses_for_now = 0.01, refuses_for_good = 0.004;
    double never_answers = 0.003, answers_late = 0.003, answers_twice = 0.01, nacks = 0.002;
    double receipt_first = 0.1, receipt_twice = 0.05, receipt_late = 0.005, receipt_fails = 0.1;
    double bind_ends = 0.02, session_ends = 0.02, garbage = 0.0005, bind_refused = 0.1;
    double carrier_goes_down = 0.003;
    double application_full = 0.02, application_silent = 0.005, webhook_fails = 0.1;
    double commit_fails = 0.01, disk_full = 0.001;
    double crash_at_commit = 0.0003, crash_any_time = 0.002, restart_in_peace = 0.002;
    double cancels = 0.02, replaces = 0.02, queries = 0.05, multi = 0.05, scheduled = 0.05;
    double replies = 0.3;  // per carrier and second
    double slow = 0.002, split = 0.02;
};

struct scenario {
    config::settings settings;  // without the store's path
    std::vector<account_habits> accounts;
    std::vector<carrier_habits> carriers;
    world_habits habits;
    std::int64_t active_us = 40 * second_us;
    std::int64_t night_at_us = -1, night_us = 0;  // -1 = none
    bool fair = false;
};

/// The sender of every message. No phone ends in its last eight digits: an address that does is the
/// sender's in another form (smpp.md, "Another phone"), and where a carrier replaces the sender
/// such a receipt contradicts no message.
inline constexpr std::string_view sender_number = "819087654321";

/// A number of +81 as the account's application writes it in its message `number`: some accounts
/// write national numbers and 00 too.
[[nodiscard]] gateway::phone_address as_written(const config::account& account, std::size_t number,
                                                const std::string& phone);

/// What every carrier says of a message that cannot be delivered, in `err` of its receipt.
[[nodiscard]] std::string_view err_of_failure(std::size_t message);

/// `seconds` of traffic, 0 = as the seed likes.
[[nodiscard]] scenario make_scenario(dice& luck, std::int64_t seconds);

}  // namespace hikyaku::sim
