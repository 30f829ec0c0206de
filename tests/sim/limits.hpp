// The limits that must hold at every moment, each measured by itself and not as the engine does it:
// the contract rate of a carrier in every sliding window, requests in flight on a bind, what an
// account may submit, and the shares of accounts that all want more of a carrier than it gives.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "config/settings.hpp"

namespace hikyaku::sim {

/// At most `count` in any half-open window of `period`.
class sliding_window {
public:
    explicit sliding_window(const config::rate_limit& limit) : limit_(limit) {}
    /// Empty, or what is wrong.
    [[nodiscard]] std::string add(std::int64_t now_us);

private:
    config::rate_limit limit_;
    std::deque<std::int64_t> times_;
};

/// A bucket that fills with the rate and holds `burst`: what is over it must never have been let
/// in. `slack` is what may come on top (pacing lets an account run ahead and answers later).
class quota {
public:
    quota(const config::account_rate& rate, double slack_seconds);
    [[nodiscard]] std::string add(std::int64_t now_us, std::uint32_t segments);
    /// So many more may be refused.
    [[nodiscard]] bool is_over_with(std::int64_t now_us, std::uint32_t segments) const;
    /// A new process starts with a full bucket.
    void restart() { over_ = 0; }

private:
    bool limited_;
    double per_us_ = 0, burst_ = 0, most_ = 0, over_ = 0;
    std::int64_t last_us_ = 0;
};

/// Start-time fair queueing: while two accounts both have something waiting, what they got divided
/// by their weights differs by no more than one segment of each, divided by its weight.
class shares {
public:
    void add_account(std::size_t account, std::uint32_t weight) { of_[account] = {weight, 0, 0}; }
    [[nodiscard]] bool has(std::size_t account) const { return of_.contains(account); }
    void waits(std::size_t account, int more) { of_.at(account).waiting += more; }
    [[nodiscard]] std::int64_t waiting(std::size_t account) const {
        return of_.at(account).waiting;
    }
    void set_waiting(std::size_t account, int count) { of_.at(account).waiting = count; }
    /// A segment of the account was handed out.
    [[nodiscard]] std::string sent(std::size_t account);
    /// Somebody had nothing to send, or the engine began anew: the count starts from here.
    void reset();
    [[nodiscard]] std::uint64_t compared() const { return compared_; }

private:
    struct one {
        std::uint32_t weight = 1;
        std::uint64_t sent = 0;
        std::int64_t waiting = 0;
    };
    std::map<std::size_t, one> of_;
    std::uint64_t compared_ = 0;
};

}  // namespace hikyaku::sim
