#include "gateway/io/smpp_submission.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/io/smpp_event_pdu.hpp"

namespace hikyaku::gateway::io {
namespace {

using smpp::command_status;

smpp::sys_time time_of(std::int64_t wall_ms) {
    return smpp::sys_time(std::chrono::milliseconds(wall_ms));
}

phone_address address_of(std::uint8_t ton, std::uint8_t npi, std::string_view digits) {
    return {ton, npi, std::string(digits)};
}

std::string string_of(smpp::octet_view octets) {
    return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

void append_octet(std::string& to, unsigned value) {
    to += static_cast<char>(static_cast<std::uint8_t>(value));
}

/// All TLVs but those that the gateway itself has used.
std::string passed_on(const smpp::tlv_list& tlvs) {
    std::string raw;
    for (const auto& one : tlvs) {
        if (one.tag == smpp::tag::message_payload || one.tag == smpp::tag::qos_time_to_live) {
            continue;
        }
        append_octet(raw, one.tag >> 8U);
        append_octet(raw, one.tag);
        append_octet(raw, static_cast<unsigned>(one.value.size() >> 8U));
        append_octet(raw, static_cast<unsigned>(one.value.size()));
        raw += string_of(one.value);
    }
    return raw;
}

/// What submit_sm and data_sm have in common. ESME_ROK or the fault.
template <class Body>
command_status fill_common(const Body& request, const smpp::tlv_list& tlvs, submission& into) {
    constexpr auto type_mask = smpp::esm_class::message_type_mask;
    const auto octets = smpp::message_octets(request, tlvs);
    if (!octets) return command_status::esme_rinvmsglen;
    if (!smpp::udh_octets(request.esm_class, *octets)) return command_status::esme_rinvesmclass;
    const auto type = request.esm_class & type_mask;
    if (type == smpp::esm_class::receipt || type == smpp::esm_class::intermediate) {
        return command_status::esme_rinvesmclass;  // an application has no receipts to give
    }
    into.origin = Origin::smpp;
    into.source = address_of(request.source_addr_ton, request.source_addr_npi, request.source_addr);
    into.destination =
        address_of(request.dest_addr_ton, request.dest_addr_npi, request.destination_addr);
    into.octets = string_of(*octets);
    into.data_coding = request.data_coding;
    into.esm_class = request.esm_class;
    into.registered_delivery = request.registered_delivery;
    into.service_type = request.service_type;
    into.tlvs = passed_on(tlvs);
    return command_status::esme_rok;
}

}  // namespace

submission_result submission_of(const smpp::submit_sm& request, const smpp::tlv_list& tlvs,
                                std::int64_t wall_ms) {
    submission result;
    if (const auto status = fill_common(request, tlvs, result);
        status != command_status::esme_rok) {
        return status;
    }
    if (request.replace_if_present_flag > 1) return command_status::esme_rinvrepflag;
    if (request.sm_default_msg_id != 0 && result.octets.empty()) {
        return command_status::esme_rinvdftmsgid;
    }
    const auto schedule = smpp::parse_time(request.schedule_delivery_time, time_of(wall_ms));
    if (schedule.has_error()) return command_status::esme_rinvsched;
    const auto validity = smpp::parse_time(request.validity_period, time_of(wall_ms));
    if (validity.has_error()) return command_status::esme_rinvexpiry;
    if (*schedule) result.send_at_ms = (*schedule)->time_since_epoch().count();
    if (*validity) result.expires_ms = (*validity)->time_since_epoch().count();
    result.protocol_id = request.protocol_id;
    result.priority = request.priority_flag;
    return result;
}

submission_result submission_of(const smpp::data_sm& request, const smpp::tlv_list& tlvs,
                                std::int64_t wall_ms) {
    submission result;
    if (const auto status = fill_common(request, tlvs, result);
        status != command_status::esme_rok) {
        return status;
    }
    if (const auto seconds = tlvs.u32(smpp::tag::qos_time_to_live)) {
        result.expires_ms = wall_ms + std::int64_t{*seconds} * 1000;
    }
    return result;
}

query_answer answer_query(const message_view& message) {
    query_answer answer;
    answer.state = message_state_of(message.state);
    answer.final = message.state != State::queued && message.state != State::submitted;
    if (answer.final) answer.final_date = smpp::format_absolute_time(time_of(message.done_ms));
    for (const auto& segment : message.segments) {
        if (segment.error == 0) continue;
        answer.error_code = static_cast<std::uint8_t>(std::min<std::uint32_t>(segment.error, 255));
        break;
    }
    return answer;
}

}  // namespace hikyaku::gateway::io
