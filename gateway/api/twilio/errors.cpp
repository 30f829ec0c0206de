#include "gateway/api/twilio/errors.hpp"

#include <algorithm>
#include <array>
#include <cassert>

#include "smpp/pdu/constants.hpp"

namespace hikyaku::gateway::api::twilio {
namespace {

using enum error;

constexpr std::array rows{
    error_row{
        parameter_refused, 20001, 400, "A parameter is not supported or malformed",
        "a parameter that the tables of this page do not name, that comes twice, or whose value "
        "cannot be read; "
        "an Idempotency-Key in use (409) or used for another request (422)"},
    error_row{credentials_wrong, 20003, 401, "Authentication failed",
              "sid, token, key or secret is wrong, the address is none of the account's, or it is "
              "locked out"},
    error_row{method_refused, 20004, 405, "The method is not allowed",
              "DELETE, and every method that the resource does not have"},
    error_row{not_found, 20404, 404, "The resource was not found",
              "another account's sid in the path, an unknown message, another resource"},
    error_row{too_many_requests, 20429, 429, "Too many requests",
              "the account's rate is used up; Retry-After says for how long"},
    error_row{unavailable, 20503, 503, "The service is unavailable",
              "the disk refuses writes or has too much to write, or the gateway is stopping"},
    error_row{to_invalid, 21211, 400, "'To' is not a phone number", "To cannot be read"},
    error_row{from_invalid, 21212, 400, "'From' is not a sender", "From cannot be read"},
    error_row{no_route, 21408, 400, "Messages to the region of 'To' are not enabled",
              "no route matches the number"},
    error_row{body_missing, 21602, 400, "'Body' is required", "no Body, or an empty one"},
    error_row{from_missing, 21603, 400, "'From' or 'MessagingServiceSid' is required",
              "neither From nor MessagingServiceSid"},
    error_row{to_missing, 21604, 400, "'To' is required", "no To"},
    error_row{from_refused, 21606, 400, "'From' is not a sender of the account",
              "From is none of the account's senders, or not in the pool of the messaging service"},
    error_row{
        status_callback_invalid, 21609, 400, "'StatusCallback' is not a URL",
        "StatusCallback is no http or https URL, names a user, holds a space, or has more than "
        "4,000 octets"},
    error_row{unreachable, 21612, 400, "'To' cannot be reached from 'From'",
              "no carrier of the route can write the sender or the receiver, or a TLV is missing "
              "that all of them require"},
    error_row{body_too_long, 21617, 400, "'Body' is too long",
              "more than 1,600 characters, or more segments than the account's parts_max"},
    error_row{validity_invalid, 21624, 400, "'ValidityPeriod' is out of range",
              "ValidityPeriod is no number from 1 to 36000"},
    error_row{service_unknown, 21701, 404, "The messaging service does not exist",
              "MessagingServiceSid is none of the account's"},
    error_row{service_without_sender, 21703, 400, "The messaging service has no sender",
              "its pool has patterns only, and no From is given"},
    error_row{service_invalid, 21705, 400, "'MessagingServiceSid' is malformed",
              "MessagingServiceSid is not MG and 32 hexadecimal digits"},
    error_row{queue_full, 30001, 429, "The queue is full",
              "the account or the gateway has as many waiting messages as it may have"},
    error_row{update_invalid, 30400, 400, "The update is not valid",
              "POST to a message with anything else than Status=canceled, also an empty Body"},
    error_row{not_cancelable, 30409, 409, "The message cannot be canceled",
              "Status=canceled for a message that waits no more"},
    error_row{send_at_missing, 35111, 400, "'SendAt' is missing", "ScheduleType without SendAt"},
    error_row{send_at_out_of_range, 35114, 400, "'SendAt' is not a time within the window",
              "SendAt is no ISO 8601 time, or not 300 seconds to 35 days ahead"},
    error_row{schedule_without_service, 35118, 400,
              "'MessagingServiceSid' is required to schedule a message",
              "ScheduleType without MessagingServiceSid"},
    error_row{schedule_type_refused, 35126, 400, "'ScheduleType' must be fixed",
              "another ScheduleType, or SendAt without one"},
};

constexpr bool in_order() {
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (static_cast<std::size_t>(rows[i].is) != i ||
            (i > 0 && rows[i - 1].code >= rows[i].code))
            return false;
    return true;
}
static_assert(in_order(), "the table is indexed by error, and its numbers ascend");

// Numbers of ends.
constexpr std::uint32_t unreachable_handset = 30003, unknown_handset = 30005,
                        landline_or_unreachable = 30006, filtered = 30007, unknown_end = 30008,
                        validity_expired = 30036;

/// What a carrier's network_error_code says, if it is one of GSM (SMPP 3.4, 5.3.2.31): the errors
/// of MAP (3GPP 29.002, 17.6).
std::uint32_t code_of_network(std::string_view octets) {
    constexpr char gsm = 3;
    if (octets.size() != 3 || octets.front() != gsm || octets[1] != 0) return 0;
    switch (static_cast<unsigned char>(octets[2])) {
        case 1:  // unknown subscriber
            return unknown_handset;
        case 6:   // absent subscriber (SM)
        case 27:  // absent subscriber
        case 31:  // subscriber busy
            return unreachable_handset;
        case 11:  // teleservice not provisioned
        case 21:  // facility not supported
            return landline_or_unreachable;
        case 13:  // call barred
            return filtered;
        default:
            return 0;
    }
}

std::uint32_t code_of_response(const error_view& said) {
    const auto status = static_cast<smpp::command_status>(said.error);
    if (said.source != model::record::ErrorSource::response) return 0;
    return status == smpp::command_status::esme_rinvdstadr ? unknown_handset : 0;
}

}  // namespace

std::span<const error_row> error_rows() {
    return rows;
}

const error_row& row_of(error what) {
    assert(static_cast<std::size_t>(what) < rows.size());
    return rows[static_cast<std::size_t>(what)];
}

error error_for(refusal why) {
    assert(why != refusal::none);
    switch (why) {
        case refusal::source_invalid:
            return from_invalid;
        case refusal::source_not_allowed:
            return from_refused;
        case refusal::destination_invalid:
            return to_invalid;
        case refusal::text_too_long:
            return body_too_long;
        case refusal::validity_invalid:
            return validity_invalid;
        case refusal::schedule_invalid:
            return send_at_out_of_range;
        case refusal::no_route:
            return no_route;
        case refusal::tlv_missing:
        case refusal::source_unwritable:
        case refusal::destination_unwritable:
            return unreachable;
        case refusal::rate_exceeded:
            return too_many_requests;
        case refusal::queue_full:
            return queue_full;
        case refusal::store_busy:
        case refusal::store_failing:
        case refusal::shutting_down:
            return unavailable;
        case refusal::not_found:
            return not_found;
        case refusal::not_cancellable:
            return not_cancelable;
        default:  // of the text or its links; the others belong to other requests
            return parameter_refused;
    }
}

std::uint32_t failure_code(State state, const error_view& said, bool reached) {
    switch (state) {
        case State::queued:
        case State::submitted:
        case State::delivered:
        case State::deleted:
            return 0;
        case State::expired:
            return reached ? unreachable_handset : validity_expired;
        case State::undeliverable:
        case State::rejected:
        case State::unknown:
            break;
    }
    if (const auto code = code_of_network(said.network_code)) return code;
    if (const auto code = code_of_response(said)) return code;
    if (state == State::rejected && said.source == model::record::ErrorSource::receipt)
        return filtered;
    return unknown_end;
}

std::string_view failure_sentence(std::uint32_t code) {
    switch (code) {
        case 0:
            return "";
        case unreachable_handset:
            return "The phone could not be reached";
        case unknown_handset:
            return "The number is not known";
        case landline_or_unreachable:
            return "The number cannot receive messages";
        case filtered:
            return "The carrier has filtered the message";
        case validity_expired:
            return "The validity period has expired";
        default:
            return "The message was not delivered, for an unknown reason";
    }
}

}  // namespace hikyaku::gateway::api::twilio
