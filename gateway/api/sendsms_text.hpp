// What the sendsms door answers: Kannel's statuses and texts, word for word where Kannel has one,
// because applications compare them. Measured with Kannel 1.4.5; docs/sendsms.md marks those that
// are our own. Pure, any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "gateway/api/http.hpp"
#include "gateway/engine/types.hpp"

namespace hikyaku::gateway::api {

enum class sendsms_reply : std::uint8_t {
    accepted,
    queued,  // accepted, but no carrier is there to take it
    authorization_failed,
    receiver_missing,   // GET
    receivers_missing,  // POST
    receiver_empty,
    receivers_denied,
    receivers_too_many,
    sender_missing,
    sender_misformed,
    sender_denied,
    account_misformed,
    dlr_url_misformed,
    dlr_mask_misformed,
    mclass_misformed,
    alt_dcs_misformed,
    coding_misformed,
    compress_misformed,
    validity_misformed,
    deferred_misformed,
    priority_misformed,
    udh_misformed,
    pid_misformed,
    rpi_misformed,
    mwi_misformed,
    charset_misformed,
    smsc_misformed,
    text_too_long,
    content_type_invalid,
    content_type_unsupported,
    method_unknown,
    not_routable,
    temporal_failure,
};

[[nodiscard]] unsigned status_of(sendsms_reply reply);
[[nodiscard]] std::string_view text_of(sendsms_reply reply);
/// text/html and not to be cached, as Kannel says it.
[[nodiscard]] http_response render(sendsms_reply reply);
/// How a refusal of the engine is told. REQUIRES: not refusal::none.
[[nodiscard]] sendsms_reply reply_of(refusal why);

}  // namespace hikyaku::gateway::api
