// The auditor that knows the law by itself: from plain rules (rules.hpp), clocks on walls
// (wall.hpp) and what the world has done (facts.hpp) it says at each segment that a carrier gets
// whether it may, and at the end of a run of each message whether it went out as soon as it could,
// or ended for a reason that there was. It asks nothing of gateway/gate.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "tests/law/facts.hpp"
#include "tests/law/rules.hpp"

namespace hikyaku::law {

struct tally {
    std::uint64_t messages = 0, segments = 0, crashes = 0, holds = 0, suppressions = 0, stops = 0;
    std::uint64_t cancels = 0, forgotten = 0;  // asked of carriers, and done by them
    std::uint64_t rejected = 0, expired = 0, went = 0, opted_out = 0, events = 0;
    std::uint64_t rows_lost = 0;               // counts of a contact that a crash has taken
    std::uint64_t rows_left = 0;               // by a crash, of a contact that had not taken place
    std::int64_t virtual_ms = 0, late_ms = 0;  // the longest that a message waited though it could

    void add(const tally& more);
};

class auditor {
public:
    auditor(std::uint64_t seed, std::vector<rules> accounts, std::int64_t begin_ms,
            std::int64_t end_ms);

    void fail(const std::string& what);
    [[nodiscard]] const std::vector<std::string>& faults() const { return faults_; }
    void set_now(std::int64_t wall_ms) { now_ms_ = wall_ms; }

    // Facts, which the world writes down.
    std::deque<message> messages;
    std::deque<hold> holds;
    std::deque<suppression> suppressions;
    std::deque<stop> stops;
    /// Receipts that say "opted out", also those that a death has met before they were answered:
    /// each may have made a suppression.
    struct opt_out {
        std::size_t account = 0;
        std::string phone;
        std::int64_t at_ms = 0;
    };
    std::vector<opt_out> opt_outs;
    /// When the process was down, and when each carrier was, or was too busy.
    std::vector<stretch> process_down;
    std::vector<std::vector<stretch>> carrier_down, carrier_busy;
    std::vector<std::vector<std::size_t>> carriers_of;  // by account
    tally counts;

    [[nodiscard]] const rules& law_of(const message& one) const { return laws_[one.account]; }
    std::size_t add(message&& made);

    /// A carrier gets a segment; `valid_until_ms` is what it was told, never = nothing.
    void handed(std::size_t number, std::size_t segment, std::size_t carrier,
                std::int64_t valid_until_ms);
    /// A death has left a row that counts the message, and it had not gone.
    void left(std::size_t number, std::int64_t at_ms);
    /// Something that asks carriers to forget has been on it at some time.
    [[nodiscard]] bool was_forbidden(const message& one) const;
    /// Why the message must not be with a carrier now; empty: it may.
    [[nodiscard]] std::string why_not(const message& one) const;
    /// When it must not ring any more, if it goes out now.
    [[nodiscard]] std::int64_t end_of_window(const message& one) const;

    /// The message has come to its end, or the run has.
    void check_end(std::size_t number);
    [[nodiscard]] std::string name_of(std::size_t number) const;

private:
    /// Who may be where: empty, or not all known.
    [[nodiscard]] std::optional<walls> walls_of(const message& one) const;
    [[nodiscard]] const std::vector<stretch>& openings_of(const message& one) const;
    [[nodiscard]] std::vector<stretch> make_openings(const message& one) const;
    [[nodiscard]] bool rests_on(const message& one, date::local_days day) const;
    [[nodiscard]] std::string why_no_time(const message& one) const;
    [[nodiscard]] std::string why_no_more(const message& one) const;
    [[nodiscard]] std::string why_held(const message& one) const;
    [[nodiscard]] std::string why_stopped(const message& one) const;
    void check_validity(std::size_t number, std::int64_t valid_until_ms);
    void note_counts(std::size_t number);

    struct heard_of {
        bool as_contact = false, as_debtor = false;
    };
    /// Every other message that has gone to the same contact point or debtor.
    [[nodiscard]] std::vector<std::pair<const message*, heard_of>> others_of(
        const message& one) const;

    // auditor_end.cpp
    void check_rejected(std::size_t number);
    [[nodiscard]] bool is_explained(const message& one) const;
    [[nodiscard]] std::vector<stretch> times_to_go(const message& one, std::int64_t until_ms) const;
    [[nodiscard]] std::vector<stretch> times_full(const message& one, std::int64_t until_ms) const;
    [[nodiscard]] std::vector<stretch> times_without_carrier(const message& one) const;
    void check_promptness(std::size_t number, std::int64_t until_ms);

    std::uint64_t seed_;
    std::vector<rules> laws_;
    std::int64_t begin_ms_, end_ms_, now_ms_ = 0;
    std::vector<std::string> faults_;
    // Messages that count, by account and contact point or debtor.
    std::map<std::pair<std::size_t, std::string>, std::vector<std::size_t>> to_contact_, to_debtor_;
    mutable std::map<std::string, std::vector<stretch>> openings_;
};

}  // namespace hikyaku::law
