// The errors of the Twilio door in one table: their number as Twilio's dictionary has it, the HTTP
// status, and a sentence of ours. A refusal of the engine and a fault of a parameter are rows of
// it; docs/twilio.md lists the rows and a test compares. Here too: which number a message's end
// has. Constant data, any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "gateway/engine/types.hpp"

namespace hikyaku::gateway::api::twilio {

enum class error : std::uint8_t {
    parameter_refused,
    credentials_wrong,
    method_refused,
    not_found,
    too_many_requests,
    unavailable,
    to_invalid,
    from_invalid,
    no_route,
    body_missing,
    from_missing,
    to_missing,
    from_refused,
    status_callback_invalid,
    unreachable,
    body_too_long,
    validity_invalid,
    service_unknown,
    service_without_sender,
    service_invalid,
    queue_full,
    update_invalid,
    not_cancelable,
    send_at_missing,
    send_at_out_of_range,
    schedule_without_service,
    schedule_type_refused,
};

struct error_row {
    error is{};
    std::uint32_t code = 0;
    unsigned status = 400;
    std::string_view message;  // without full stop
    std::string_view when;     // for docs/twilio.md
};

/// In the order of their numbers.
[[nodiscard]] std::span<const error_row> error_rows();
[[nodiscard]] const error_row& row_of(error what);

/// REQUIRES: not refusal::none.
[[nodiscard]] error error_for(refusal why);

/// The number for the end of a message; 0 while it has none, and for good ends. `reached`: a
/// carrier had taken it.
[[nodiscard]] std::uint32_t failure_code(State state, const error_view& said, bool reached);
/// A sentence for it; "" for 0.
[[nodiscard]] std::string_view failure_sentence(std::uint32_t code);

}  // namespace hikyaku::gateway::api::twilio
