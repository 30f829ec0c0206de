// How a refusal is told to an application: one command_status over SMPP and one stable problem code
// over HTTP for each. One table, so that both doors and the metrics say the same; docs/smpp.md and
// docs/http-api.md list it. Constant data, any thread.
#pragma once

#include <cstddef>
#include <string_view>

#include "gateway/engine/types.hpp"
#include "smpp/pdu/constants.hpp"

namespace hikyaku::gateway {

inline constexpr std::size_t refusal_count = static_cast<std::size_t>(refusal::unsupported) + 1;

/// ESME_ROK for refusal::none. Temporary ones are ESME_RTHROTTLED (too fast), ESME_RMSGQFUL (too
/// much waits) and ESME_RSYSERR (the disk, a shutdown); all others are final for that submission.
[[nodiscard]] smpp::command_status status_of(refusal why);

/// "rate_exceeded"; snake_case, never changed once released; "none" for refusal::none.
[[nodiscard]] std::string_view code_of(refusal why);

}  // namespace hikyaku::gateway
