// Two limits on a rate. token_bucket is what an account may submit (bursts allowed, may go into
// debt when the account is paced). contract_rate is what a carrier may be sent: a wall in every
// sliding window, and even spacing inside it. Pure: time is an argument. Used by the engine only.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "config/settings.hpp"
#include "gateway/engine/types.hpp"

namespace hikyaku::gateway {

class token_bucket {
public:
    /// `burst` in tokens; 0 means one period's worth, but at least 10. No limit: never refuses.
    token_bucket(const config::rate_limit& limit, std::uint32_t burst);

    /// Another limit from now on. What was used up stays so; nothing changes if it is the same.
    void change(const config::rate_limit& limit, std::uint32_t burst, steady_time now);

    /// Takes `tokens` if they are there. More than the burst can only be taken from a full bucket,
    /// which then goes into debt, so that a long message is never refused for ever.
    [[nodiscard]] bool try_take(std::uint32_t tokens, steady_time now);
    /// Takes them at any rate; returns how long the taker has to wait until the debt is paid.
    std::chrono::microseconds take_in_debt(std::uint32_t tokens, steady_time now);
    /// How long until try_take(tokens) would succeed; zero if it would now.
    [[nodiscard]] std::chrono::microseconds wait_for(std::uint32_t tokens, steady_time now);
    [[nodiscard]] bool limited() const { return limited_; }
    /// The share of the burst that has been used up: 0 = full, 1 = empty, more in debt.
    [[nodiscard]] double used(steady_time now);

private:
    void refill(steady_time now);

    bool limited_;
    double per_microsecond_ = 0;
    double burst_ = 0;
    double tokens_ = 0;
    steady_time filled_at_{};
    bool started_ = false;
};

/// At most `count` segments in any half-open window of `period`. The window is kept `guard` longer
/// than the contract's, for what the network does to the spacing on the way; that
/// is all that is given away of the rate.
class contract_rate {
public:
    static constexpr std::chrono::microseconds guard{20000};
    static constexpr std::chrono::microseconds catch_up{100000};

    /// An earlier process may have sent until `sent_before`: the window before that counts as full
    /// when the period is a second or less; of a longer one the first segment waits for its
    /// interval.
    contract_rate(const config::rate_limit& limit, steady_time sent_before);

    /// Another limit from `now` on: what was sent before counts against it, as far as it is known
    /// or the limit of that time tells. Nothing changes if it is the same.
    void change(const config::rate_limit& limit, steady_time now);

    [[nodiscard]] bool ready(steady_time now) const { return !limited_ || next() <= now; }
    /// When the next segment may go; long past when it may go now.
    [[nodiscard]] steady_time next() const;
    /// The same for a text that the carrier will cut into so many segments; more than the whole
    /// rate can only wait until all of it is free.
    [[nodiscard]] steady_time next(std::uint32_t segments) const;
    /// Nothing goes out before `until`, so that the rate for such a text can gather.
    void hold(steady_time until) { held_until_ = until; }
    /// So many segments go out at once. REQUIRES: next(segments) <= now.
    void take(steady_time now, std::uint32_t segments = 1);

private:
    config::rate_limit limit_;
    bool limited_;
    std::chrono::microseconds window_{};
    std::chrono::nanoseconds interval_{};
    std::chrono::nanoseconds tolerance_{};
    steady_time held_until_{};
    steady_time due_{};              // theoretical time of the next one, evenly spaced
    std::vector<steady_time> sent_;  // ring of the last `count`; oldest at head_
    std::size_t head_ = 0;
};

}  // namespace hikyaku::gateway
