// The faulty PDUs of one peer (an account, a carrier, or all strangers together): how many there
// were, and log lines about them that no peer can make many of. The SMPP server and the carriers
// keep one for each peer, beyond its sessions, so that whoever connects anew gets no line more. Io
// thread only.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "smpp/session/session.hpp"

namespace hikyaku::gateway::io {

/// One line at once, then at most one in each `apart`, which tells how many were left out.
class line_limit {
public:
    using time = std::chrono::steady_clock::time_point;
    explicit line_limit(std::chrono::seconds apart) : apart_(apart) {}
    /// How many lines were held back since the last one; empty: this one is held back too.
    [[nodiscard]] std::optional<std::uint64_t> take(time now);

private:
    std::chrono::seconds apart_;
    std::optional<time> next_;
    std::uint64_t held_ = 0;
};

struct fault_counts {
    std::uint64_t refused = 0;    // answered with a status, or responses that could not be read
    std::uint64_t tolerated = 0;  // taken, though octets stood behind the last field
    fault_counts& operator+=(const fault_counts& more);
};

/// What of a session's counters was not yet added to its peer's.
class fault_meter {
public:
    /// What has been counted since the last call.
    [[nodiscard]] fault_counts take(const smpp::session_counters& now);

private:
    fault_counts seen_;
};

/// Whether note() has something to say of it.
[[nodiscard]] inline bool tells_fault(const smpp::session_event& event) {
    return event.kind == smpp::session_event_kind::request_refused || !event.body_valid ||
           event.trailing > 0;
}

struct fault_log {
    fault_counts counts;
    line_limit refused{std::chrono::minutes(1)};
    line_limit tolerated{std::chrono::hours(1)};
    line_limit reasons{std::chrono::minutes(1)};
    line_limit stats{std::chrono::minutes(1)};

    /// Logs what the event tells of a faulty PDU, if it does. `kind` is "account" or "carrier".
    void note(std::string_view kind, std::string_view name, std::string_view peer,
              const smpp::session_event& event, line_limit::time now);
    /// Logs a carrier's refusal of a segment, if it says why in additional_status_info_text.
    void note_reason(std::string_view carrier, const smpp::session_event& response,
                     line_limit::time now);
    /// Logs a `stat` of a carrier's receipt that is in no list.
    void note_stat(std::string_view carrier, std::string_view stat, std::string_view taken_for,
                   line_limit::time now);
};

/// additional_status_info_text of a response, empty if it has none.
[[nodiscard]] std::string_view info_of(const smpp::session_event& response);
/// The name of a status, or its number in hexadecimal.
[[nodiscard]] std::string status_text(smpp::command_status status);

}  // namespace hikyaku::gateway::io
