// What must hold in every run of every script, kept apart from the session's own books: each own
// request ends exactly once, what the driver has never seen is called waiting and everything else
// unknown, a late response follows only a timeout, what goes out is whole PDUs that do not change
// under the driver's hands, and nothing is told after the end. Used by the player of a script.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <vector>

#include "smpp/session/session.hpp"

namespace hikyaku::smpp::test {

class script_audit {
public:
    explicit script_audit(std::size_t pdu_bytes_max) : pdu_bytes_max_(pdu_bytes_max) {}

    void on_submitted(std::uint32_t sequence, std::uint64_t token);
    /// What session::output() has just returned.
    void on_output(std::span<const std::uint8_t> out);
    void on_consumed(std::size_t count) { staged_left_ -= count; }
    /// Bytes shown by output() and not yet consumed.
    [[nodiscard]] std::size_t staged_left() const { return staged_left_; }
    void on_event(const session_event& event);

    /// Requests without an end, which the session must count as in flight.
    [[nodiscard]] std::size_t open() const { return open_.size(); }
    [[nodiscard]] bool closed() const { return closed_; }

private:
    enum class ended : std::uint8_t { answered, timed_out, failed };
    void on_failed(const session_event& event);

    std::size_t pdu_bytes_max_;
    std::map<std::uint64_t, std::uint32_t> open_;  // token to sequence number
    std::map<std::uint64_t, ended> ended_;
    std::set<std::uint32_t> shown_;  // numbers of requests that output() has shown
    std::size_t staged_left_ = 0;
    bool closed_ = false;
};

}  // namespace hikyaku::smpp::test
