// What the world of the law has done and heard, as the auditor keeps it: messages with every
// segment that a carrier got, holds, suppressions, stops, and when each of them was asked for and
// answered. Plain data; times are milliseconds since 1970 UTC.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/engine/types.hpp"
#include "gateway/gate/facts.hpp"
#include "gateway/model/keys.hpp"
#include "tests/law/wall.hpp"

namespace hikyaku::law {

using gateway::Purpose;
using gateway::State;
using gateway::gate::hold_kind;
using gateway::model::party_scope;

inline constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

/// "+81..." and "81..." are one.
[[nodiscard]] inline std::string canonical(std::string_view contact) {
    return std::string(contact.starts_with('+') ? contact.substr(1) : contact);
}

/// A segment that was handed to a carrier.
struct attempt {
    enum class outcome : std::uint8_t {
        open,
        accepted,
        refused,    // it rang nowhere
        unknown,    // it may have
        forgotten,  // the process has died before it heard
    };
    std::int64_t at_ms = 0;
    std::size_t segment = 0, carrier = 0;
    outcome what = outcome::open;
    bool opens = true;    // nothing of the message was with a carrier
    bool counted = true;  // a crash has not taken the row that tells of it

    [[nodiscard]] bool may_have_rung() const { return what != outcome::refused; }
};

struct message {
    // As it was submitted.
    std::size_t account = 0, segments = 1;
    Purpose purpose{};
    std::string phone, contact, debtor, debt;  // phone without "+"
    std::vector<std::string> zones, number_zones, tags;
    std::string country;  // of the number; "" = of none with a calendar
    std::int64_t accepted_ms = 0, due_ms = 0, expires_ms = 0;
    // A crash between the mark of a message that is sent at most once and its hand-off leaves it
    // unknown: perhaps.
    bool is_marked = false;
    // What was said to it.
    std::uint64_t id = 0;
    bool stored = false;
    // What became of it.
    std::vector<attempt> attempts;
    std::vector<std::int64_t> left_ms;  // it was counted, and a death came before its hand-off
    std::int64_t bound_ms = never;      // of what is still to be sent of it
    std::int64_t stored_ms = 0, ended_ms = 0;
    bool had_no_outcome = false;  // an attempt ended without one; a late response may tell it
    State state = State::queued;
    std::string why;         // of its end
    std::uint32_t ends = 0;  // times that the end was told to the listener

    [[nodiscard]] bool asks() const { return purpose != Purpose::transactional; }
    [[nodiscard]] bool is_held_at_all() const {
        return purpose == Purpose::dunning || purpose == Purpose::marketing;
    }
    /// A segment of it is with a carrier, as far as the process knows.
    [[nodiscard]] bool begun() const {
        for (const auto& each : attempts)
            if (each.what == attempt::outcome::open || each.what == attempt::outcome::accepted)
                return true;
        return false;
    }
    /// A segment of it may wait for the outcome of an attempt, and the rest goes by its begin.
    [[nodiscard]] bool may_wait(std::int64_t now_ms) const {
        if (!is_marked || now_ms >= bound_ms) return false;
        for (const auto& each : attempts)
            if (each.what == attempt::outcome::unknown) return true;
        return false;
    }
    /// When a row was written that tells of it. A message that is tried again within an hour has
    /// one row, of the first try; what a crash has taken has none.
    [[nodiscard]] std::vector<std::int64_t> rows_ms() const {
        std::vector<std::int64_t> rows;
        for (const auto& each : attempts)
            if (each.opens && each.counted && (rows.empty() || each.at_ms - rows.back() >= hour_ms))
                rows.push_back(each.at_ms);
        return rows;
    }
    /// How many rows there may be: the rest of a begun message, too, counts anew when it goes an
    /// hour later, by another answer.
    [[nodiscard]] std::size_t rows_most() const {
        std::size_t rows = 0;
        std::int64_t last_ms = 0;
        for (const auto& each : attempts) {
            if (rows != 0 && each.at_ms - last_ms < hour_ms) continue;
            ++rows;
            last_ms = each.at_ms;
        }
        return rows;
    }
    [[nodiscard]] bool may_have_rung() const {
        for (const auto& each : attempts)
            if (each.may_have_rung()) return true;
        return false;
    }
    [[nodiscard]] bool is_known_to_count() const { return !attempts.empty() || !left_ms.empty(); }
    /// When it counted first, and last.
    [[nodiscard]] std::pair<std::int64_t, std::int64_t> counted_between_ms() const {
        std::int64_t first = never, last = 0;
        const auto take = [&](std::int64_t at_ms) {
            first = std::min(first, at_ms);
            last = std::max(last, at_ms);
        };
        for (const auto& each : attempts)
            take(each.at_ms);
        for (const auto at_ms : left_ms)
            take(at_ms);
        return {first, last};
    }
    [[nodiscard]] bool has_contact(const std::string& wanted) const {
        return wanted == phone || (!contact.empty() && wanted == contact);
    }
};

/// What begins when it is asked for and is answered when it is on disk, and ends likewise. What was
/// not answered may be forgotten by a crash.
struct term {
    std::int64_t asked_ms = 0, known_ms = never;
    std::int64_t end_asked_ms = never, end_known_ms = never;
    bool gone = false;  // a crash has taken it

    /// The program has to obey.
    [[nodiscard]] bool binds(std::int64_t at_ms) const {
        return !gone && asked_ms <= at_ms && at_ms < end_asked_ms;
    }
    /// It may obey.
    [[nodiscard]] bool may_bind(std::int64_t at_ms) const {
        return asked_ms <= at_ms && at_ms <= end_known_ms;
    }
};

struct hold : term {
    std::size_t account = 0;
    party_scope scope{};
    std::string reference;
    hold_kind kind{};
    std::uint64_t id = 0;
    std::int64_t from_ms = 0, until_ms = never;

    [[nodiscard]] std::int64_t begins_ms() const { return std::max(asked_ms, from_ms); }
    [[nodiscard]] bool is_on(const message& whose) const {
        if (account != whose.account || !whose.is_held_at_all()) return false;
        switch (scope) {
            case party_scope::contact:
                return whose.has_contact(reference);
            case party_scope::debtor:
                return reference == whose.debtor;
            case party_scope::debt:
                return reference == whose.debt;
            case party_scope::account:
                break;
        }
        return true;
    }
};

struct suppression : term {
    static constexpr std::size_t by_carrier = ~std::size_t{0};
    std::size_t account = 0, act = by_carrier;  // those of one act are one event
    std::string contact;
    Purpose purpose{};
    bool unsure = false;  // a death came before its answer, and another says the same

    [[nodiscard]] bool is_on(const message& whose) const {
        return account == whose.account && purpose == whose.purpose && whose.has_contact(contact);
    }
};

struct stop : term {
    static constexpr std::size_t everybody = ~std::size_t{0};
    std::size_t account = everybody;
    bool every_purpose = true;
    Purpose purpose{};

    [[nodiscard]] bool is_on(const message& whose) const {
        return (account == everybody || account == whose.account) &&
               (every_purpose || (whose.asks() && purpose == whose.purpose));
    }
};

}  // namespace hikyaku::law
