// Which callback of an account is requested next: a few at a time, fewer to one host, so that a
// slow or dead server does not hold up the others. Hosts that do not answer are left alone for a
// while, single URLs that are answered with an error are tried again later on their own. Holds only
// the sequence numbers at the head of the outbox; the engine reads the events and drives it on its
// thread. Time is an argument.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace hikyaku::gateway {

class callback_queue {
public:
    using time_point = std::chrono::steady_clock::time_point;
    using milliseconds = std::chrono::milliseconds;

    static constexpr std::size_t running_max = 8;
    static constexpr std::size_t running_of_host_max = 6;
    static constexpr std::size_t waiting_of_host_max = 64;
    static constexpr std::size_t hosts_max = 256;
    static constexpr std::size_t retries_max = 8192;  // beyond, errors count as a dead host's
    static constexpr std::chrono::seconds pause_min{5};
    static constexpr std::chrono::minutes pause_max{10};

    enum class offered : std::uint8_t {
        taken,
        later,  // the host has enough in memory; refill() will ask for it
        full,   // no room for one more host: offer it again when something has been done
    };
    /// An event of the outbox that is not in memory. They come in the order of their sequences, and
    /// once more from the first on when older ones may have been passed over.
    offered offer(std::string_view host, std::uint64_t sequence);

    /// What to request now; it counts as running until succeeded(), failed() or dropped().
    [[nodiscard]] std::optional<std::uint64_t> next(time_point now);

    /// A host that has more in the store than in memory, from `from` on.
    struct refill {
        std::string host;
        std::uint64_t from = 0;
    };
    [[nodiscard]] std::optional<refill> wanted_refill() const;
    /// The store was read up to before `from`; `more` false: to its end.
    void refilled(const std::string& host, std::uint64_t from, bool more);

    void succeeded(std::uint64_t sequence);
    /// The event is gone for another reason; says nothing about its host.
    void dropped(std::uint64_t sequence);

    struct failure {
        bool host_is_dead = false;  // no answer, or it asked for a pause: its whole queue waits
        std::optional<milliseconds> retry_after;
        std::uint32_t jitter = 0;  // any random number
    };
    struct verdict {
        std::int64_t failing_since_ms = 0;  // of the host, or of this event alone
    };
    verdict failed(std::uint64_t sequence, const failure& how, time_point now, std::int64_t now_ms);
    /// Takes an event that waits for its next try out; false if there is none.
    bool withdraw(std::uint64_t sequence);

    /// When next() may have something that it does not have now; empty = when something is done.
    [[nodiscard]] std::optional<time_point> next_due(time_point now) const;
    [[nodiscard]] std::size_t running() const { return running_.size(); }
    [[nodiscard]] bool is_running(std::uint64_t sequence) const {
        return running_.contains(sequence);
    }
    [[nodiscard]] std::size_t hosts() const { return hosts_.size(); }

private:
    struct host_state {
        std::deque<std::uint64_t> waiting;
        std::size_t running = 0;
        std::uint32_t failures = 0;  // since its last answer
        std::int64_t failing_since_ms = 0;
        time_point paused_until{};
        std::uint64_t resume = 0;  // what is in the store from here on may be its; 0 = nothing
    };
    struct event_state {
        std::string host;
        std::uint32_t failures = 0;
        std::int64_t failing_since_ms = 0;
    };
    using event_map = std::map<std::uint64_t, event_state>;

    [[nodiscard]] static bool may_run(const host_state& host, time_point now);
    [[nodiscard]] std::optional<std::uint64_t> next_retry(time_point now);
    /// Removes it from `running_`, if it is there.
    std::optional<event_state> end(std::uint64_t sequence);
    void forget_if_idle(const std::string& host);
    [[nodiscard]] static milliseconds pause_after(std::uint32_t failures, const failure& how);

    std::map<std::string, host_state, std::less<>> hosts_;
    std::string last_served_;  // turns go round
    event_map running_;
    event_map failed_;                                  // each waits for its own next try
    std::multimap<time_point, std::uint64_t> retries_;  // the same, by time
};

}  // namespace hikyaku::gateway
