// Everything that a door of the gateway refuses, once for all doors: the problem of the HTTP API,
// the command_status of SMPP, and the texts of the doors that speak another gateway's protocol. The
// doors answer by this table and docs/errors.md is written from it (`./dev docs`; a test compares),
// so that no door says something else than its documentation. Constant data, any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "gateway/engine/types.hpp"
#include "smpp/pdu/constants.hpp"

namespace hikyaku::gateway {

/// The refusals of the engine first, with the values of `refusal`.
enum class error_id : std::uint8_t {
    none,
    source_invalid,
    source_not_allowed,
    destination_invalid,
    text_invalid,
    text_too_long,
    data_coding_invalid,
    esm_class_invalid,
    schedule_invalid,
    validity_invalid,
    priority_invalid,
    registered_delivery_invalid,
    link_invalid,
    no_route,
    rate_exceeded,
    queue_full,
    store_busy,
    store_failing,
    shutting_down,
    not_found,
    not_cancellable,
    tlv_missing,
    source_unwritable,
    destination_unwritable,
    unsupported,
    link_target_not_allowed,
    // Of requests over HTTP.
    http_invalid,
    utf8_invalid,
    json_invalid,
    idempotency_key_invalid,
    token_missing,
    token_invalid,
    token_expired,
    role_missing,
    address_not_allowed,
    origin_not_allowed,
    no_such_resource,
    method_not_allowed,
    request_timeout,
    idempotency_in_flight,
    body_too_large,
    media_type_unsupported,
    host_not_allowed,
    body_invalid,
    field_unknown,
    field_missing,
    field_invalid,
    batch_too_large,
    configuration_invalid,
    idempotency_mismatch,
    header_too_large,
    internal_error,
    server_busy,
    // Of the doors that speak another gateway's protocol.
    credentials_wrong,
    recipient_missing,
    recipients_missing,
    recipient_empty,
    recipients_too_many,
    sender_missing,
    reference_invalid,
    callback_url_invalid,
    callback_mask_invalid,
    message_class_invalid,
    alt_dcs_invalid,
    compress_invalid,
    protocol_id_invalid,
    reply_path_invalid,
    message_waiting_invalid,
    tag_invalid,
    body_type_invalid,
    body_type_unsupported,
    method_unknown,
    content_missing,
    content_twice,
    hex_content_invalid,
};

inline constexpr std::size_t refusal_count =
    static_cast<std::size_t>(refusal::link_target_not_allowed) + 1;

/// What a foreign protocol says. Status 0: its door never refuses for this reason.
struct door_text {
    unsigned status = 0;      // HTTP
    std::string_view text{};  // `{name}` stands for the value of that argument
};

/// A door that is not named in a line never gives that error.
struct error_line {
    error_id id{};
    std::string_view name{};   // stable code of the HTTP API, never changed once released
    unsigned http = 0;         // status of the HTTP API
    std::string_view title{};  // one short sentence, the same for every occurrence
    /// Temporary ones are ESME_RTHROTTLED (too fast), ESME_RMSGQFUL (too much waits) and
    /// ESME_RSYSERR (the disk, a shutdown); all others are final for that submission.
    std::optional<smpp::command_status> smpp{};
    door_text sendsms{};
    door_text jasmin{};
    std::string_view pointer{};        // the field of a message that it is about
    std::uint32_t retry_after_ms = 0;  // for Retry-After, where nothing better is known
    std::string_view meaning{};        // for docs/errors.md: when, and what helps
};

/// One line for each id but `none`, in the order of the enum.
[[nodiscard]] std::span<const error_line> error_table();
/// REQUIRES: not `none`.
[[nodiscard]] const error_line& line_of(error_id id);

[[nodiscard]] constexpr error_id error_of(refusal why) {
    return static_cast<error_id>(why);
}

/// ESME_ROK for refusal::none.
[[nodiscard]] smpp::command_status status_of(refusal why);
/// "rate_exceeded"; "none" for refusal::none.
[[nodiscard]] std::string_view code_of(refusal why);

}  // namespace hikyaku::gateway
