// The vocabulary of the engine: what is handed to it, what it hands out, and the strong ids in
// between. Plain data, no behaviour; used by the drivers, the HTTP handlers and the tests.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "smpp/text/plan.hpp"
#include "store/records_generated.h"

namespace hikyaku::gateway {

/// One reading of both clocks, passed into every call of the engine. `steady` drives rates, pauses
/// and time-outs and never goes back; `wall` is milliseconds since 1970 UTC, stamps what is stored,
/// and never goes back either (gateway/app/clock.hpp sees to it).
struct instant {
    std::chrono::steady_clock::time_point steady{};
    std::int64_t wall_ms = 0;
};

enum class message_id : std::uint64_t {};
enum class account_id : std::uint32_t {};
enum class carrier_id : std::uint32_t {};
enum class route_id : std::uint32_t {};
/// One bind to a carrier that is up; never used again after it went down.
enum class bind_id : std::uint64_t {};
/// One bound session of an account (or one HTTP request) that waits for answers.
enum class session_id : std::uint64_t {};

using store::record::EventKind;
using store::record::Origin;
using store::record::State;

/// Whether a message or segment in this state will not change any more.
[[nodiscard]] constexpr bool is_final(State state) {
    return state != State::queued && state != State::submitted;
}

struct phone_address {
    std::uint8_t ton = 0;
    std::uint8_t npi = 0;
    std::string digits;  // or letters, for an alphanumeric sender
};

/// Every reason for which a submission, a cancellation or a look-up is refused. Each has one
/// command_status and one stable HTTP problem code (gateway/engine/refusal.hpp).
enum class refusal : std::uint8_t {
    none,
    source_invalid,
    source_not_allowed,
    destination_invalid,
    text_invalid,   // not in the alphabet that was asked for, or malformed octets
    text_too_long,  // more than parts_max segments
    data_coding_invalid,
    esm_class_invalid,
    schedule_invalid,
    validity_invalid,
    priority_invalid,
    registered_delivery_invalid,
    link_invalid,  // too many links, or a target that is too long
    no_route,
    rate_exceeded,
    queue_full,
    store_busy,     // too much is waiting for the disk
    store_failing,  // the disk refuses writes
    duplicate_reference,
    shutting_down,
    not_found,
    not_cancellable,
    unsupported,
};

/// A message as an application hands it in, before it is planned. Views are copied when accepted.
struct submission {
    Origin origin = Origin::smpp;
    phone_address source;
    phone_address destination;
    /// Exactly one of the two forms: UTF-8 text (HTTP) or octets with a data_coding (SMPP).
    std::optional<std::string> text;
    std::string octets;
    std::uint8_t data_coding = 0;
    smpp::text::encoding_choice encoding = smpp::text::encoding_choice::automatic;
    bool binary = false;  // HTTP: octets are 8-bit data
    std::uint8_t esm_class = 0;
    std::uint8_t protocol_id = 0;
    std::uint8_t priority = 0;
    std::uint8_t registered_delivery = 0;  // SMPP's bits
    std::string service_type;
    std::string tlvs;                        // raw TLVs to pass on
    std::optional<std::int64_t> send_at_ms;  // wall clock; empty = now
    std::optional<std::int64_t> expires_ms;  // wall clock; empty = the account's default
    std::optional<std::uint32_t> parts_max;  // empty = the account's
    std::optional<bool> track_links;         // empty = the account's choice
    std::string reference;                   // the application's own, at most 64 octets
    std::string tag;                         // for routing, at most 64 octets
};

/// Answer to one submission. `id` and the rest are set when `why` is refusal::none.
struct submit_result {
    refusal why = refusal::none;
    std::uint32_t detail = 0;  // text_too_long: parts needed; text_invalid: octet position;
                               // rate_exceeded and queue_full: milliseconds until worth trying
    message_id id{};
    std::uint32_t segments = 0;
    smpp::text::encoding encoding = smpp::text::encoding::gsm7;
};

/// What `estimate` answers: the plan of a submission without accepting it.
struct estimate_result {
    refusal why = refusal::none;
    std::uint32_t detail = 0;
    smpp::text::encoding encoding = smpp::text::encoding::gsm7;
    std::uint32_t units = 0;
    std::vector<std::uint32_t> segment_octets;
    std::string final_text;             // with links rewritten (codes are placeholders)
    std::vector<std::string> forcing;   // characters that force UCS-2, a few of them
    std::string route;                  // empty = none matches
    std::vector<std::string> carriers;  // in the order in which they would be tried
};

struct segment_view {
    State state = State::queued;
    std::string carrier;
    std::string carrier_message_id;
    std::uint32_t attempts = 0;
    std::uint32_t error = 0;
    std::string error_text;
    std::int64_t submitted_ms = 0;
    std::int64_t done_ms = 0;
};

/// One message as its account may see it.
struct message_view {
    message_id id{};
    State state = State::queued;
    phone_address source, destination;
    smpp::text::encoding encoding = smpp::text::encoding::gsm7;
    std::int64_t accepted_ms = 0, not_before_ms = 0, expires_ms = 0, done_ms = 0;
    std::string reference, tag, route;
    std::vector<segment_view> segments;
    std::vector<std::string> links;
    std::uint32_t hits_total = 0;
    std::vector<std::uint32_t> hits_by_class;
};

/// One bound SMPP session or HTTP request as the engine sees it; the driver keeps the rest.
struct reply_ticket {
    session_id session{};
    std::uint32_t sequence = 0;  // SMPP: sequence_number; HTTP: index in the batch
};

/// An event of the outbox on its way to an application. Views live until the call returns.
struct outbox_item {
    std::uint64_t sequence = 0;
    const store::record::Event* event = nullptr;
};

}  // namespace hikyaku::gateway
