// How many events the next post of a webhook holds, and which events are posted on their own. An
// answer such as 400 speaks of what was posted: the batch is halved until the event that is refused
// is alone. That one waits for its own next try, and the others go on. Holds sequence numbers only;
// the engine reads the events and drives this on its thread. Time is an argument.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace hikyaku::gateway {

class webhook_batches {
public:
    using time_point = std::chrono::steady_clock::time_point;
    using milliseconds = std::chrono::milliseconds;

    /// Refused posts in a row, without one accepted between, that follow each other at once: enough
    /// to halve the largest batch and to set a few events aside.
    static constexpr std::uint32_t quick_refusals = 16;
    /// Then the pauses grow from the first to the second of these, twice as long after each four.
    static constexpr std::chrono::seconds probe_pause_min{1};
    static constexpr std::uint32_t probes_alike = 4;
    static constexpr std::chrono::seconds probe_pause_max{60};
    /// Between two tries of events that were refused alone.
    static constexpr std::chrono::seconds alone_pause{1};
    /// Events that wait alone; beyond, one that is refused alone is given up at once.
    static constexpr std::size_t alone_max = 4096;

    /// What an answer other than 2xx speaks of.
    enum class subject : std::uint8_t {
        event,     // what was posted: another batch may be accepted now
        receiver,  // nothing would be accepted now: the same batch again, later
        either,    // nobody knows: a smaller batch, later
    };
    [[nodiscard]] static subject subject_of(std::uint32_t status);

    /// Events from the head of the queue in the next post, at most.
    [[nodiscard]] std::size_t size(std::size_t batch_max) const;
    /// So much was refused that the next post is one event from anywhere in the queue, in turn the
    /// newest and any: behind a crowd of events that are refused there may be others.
    [[nodiscard]] bool is_probing() const { return refusals_ > quick_refusals; }
    [[nodiscard]] bool probes_newest() const { return is_probing() && refusals_ % 2 != 0; }
    /// Behind this event of the queue the next post begins, because one picked like that was
    /// accepted and those behind it may be, too; 0 = at the head.
    [[nodiscard]] std::uint64_t behind() const { return behind_; }

    /// A post of this many events from the queue, up to `last`, was accepted. `recovered`: after
    /// some failures in a row, so that all that was refused alone is worth another try.
    void accepted(std::size_t events, std::uint64_t last, bool recovered, time_point now);
    /// A post of this many events from the queue was refused.
    void refused(std::size_t events, subject what);
    /// How long to wait after refused() with subject::event.
    [[nodiscard]] milliseconds pause() const;

    /// False if too many wait already. `pause` is until its next try; a repeated one keeps
    /// `failing_since_ms`.
    [[nodiscard]] bool set_alone(std::uint64_t sequence, milliseconds pause, time_point now,
                                 std::int64_t now_ms);
    /// An event whose next try is due, for a post of its own. While there are others in the queue
    /// every second post is theirs.
    [[nodiscard]] std::optional<std::uint64_t> take_alone(time_point now, bool others);
    [[nodiscard]] bool is_alone(std::uint64_t sequence) const { return alone_.contains(sequence); }
    /// Its try ended without an answer that says anything about it.
    void postpone(std::uint64_t sequence, time_point now);
    /// It was accepted when it was tried again: so the others are tried again, too.
    void accepted_alone(std::uint64_t sequence, time_point now);
    /// It is gone for another reason.
    void forget(std::uint64_t sequence);
    /// Forgets everything, and returns the events that waited.
    [[nodiscard]] std::vector<std::uint64_t> clear();

    struct lonely {
        std::uint32_t failures = 0;
        std::int64_t failing_since_ms = 0;
        time_point due{};
    };
    [[nodiscard]] const std::map<std::uint64_t, lonely>& alone() const { return alone_; }
    /// Refusals of this event so far, 0 if it does not wait alone.
    [[nodiscard]] std::uint32_t failures_of(std::uint64_t sequence) const;
    /// When take_alone() may have something; empty = when something is set alone.
    [[nodiscard]] std::optional<time_point> next_due() const;

private:
    void try_all(time_point now);

    static constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

    std::size_t suspects_ = 0;  // of so many at the head one was refused; 0 = none is known
    std::size_t limit_ = unlimited;
    std::uint64_t behind_ = 0;
    std::uint32_t refusals_ = 0;  // of posts from the queue, since one was accepted
    std::map<std::uint64_t, lonely> alone_;
    std::set<std::pair<time_point, std::uint64_t>> due_;  // of them, those that are not posted now
    time_point next_alone_{};
    bool alone_was_last_ = false;
};

}  // namespace hikyaku::gateway
