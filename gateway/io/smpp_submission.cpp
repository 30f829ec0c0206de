#include "gateway/io/smpp_submission.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/engine/submission/contact_fields.hpp"
#include "gateway/io/smpp_event_pdu.hpp"
#include "gateway/io/smpp_named_fields.hpp"
#include "smpp/text/octets.hpp"
#include "smpp/text/udh.hpp"

namespace hikyaku::gateway::io {
namespace {

using smpp::command_status;

smpp::sys_time time_of(std::int64_t wall_ms) {
    return smpp::sys_time(std::chrono::milliseconds(wall_ms));
}

phone_address address_of(std::uint8_t ton, std::uint8_t npi, std::string_view digits) {
    return {ton, npi, std::string(digits)};
}

void append_octet(std::string& to, unsigned value) {
    to += static_cast<char>(static_cast<std::uint8_t>(value));
}

/// The gateway's own, and set_dpf: what asks for an alert when the phone is back is not for a
/// message that is kept and sent again anyway.
bool is_used_here(std::uint16_t tag) {
    return tag == smpp::tag::message_payload || tag == smpp::tag::qos_time_to_live ||
           tag == smpp::tag::set_dpf || tag == tag_at_most_once;
}

/// All TLVs but those that the gateway itself has used, and those that tell it of persons.
std::string passed_on(const smpp::tlv_list& tlvs, const config::account_smpp_fields& names) {
    std::string raw;
    const auto named = tags_in(names);
    for (const auto& one : tlvs) {
        if (is_used_here(one.tag) || std::ranges::find(named, one.tag) != named.end()) continue;
        append_octet(raw, one.tag >> 8U);
        append_octet(raw, one.tag);
        append_octet(raw, static_cast<unsigned>(one.value.size() >> 8U));
        append_octet(raw, static_cast<unsigned>(one.value.size()));
        raw += smpp::text::chars_of(one.value);
    }
    return raw;
}

/// False for anything but one octet 0 or 1.
bool read_at_most_once(const smpp::tlv_list& tlvs, bool& into) {
    const auto value = tlvs.find(tag_at_most_once);
    if (!value) return true;
    if (value->size() != 1 || (*value)[0] > 1) return false;
    into = (*value)[0] == 1;
    return true;
}

/// The user data header, if there is one, and the SAR TLVs (5.3.2.22 to 24): what a phone could not
/// read or put together is refused. ESME_ROK or the fault.
command_status check_parts(std::uint8_t esm_class, smpp::octet_view octets,
                           const smpp::tlv_list& tlvs) {
    std::optional<smpp::text::concatenation_info> by_header;
    if (smpp::esm_class::has_udh(esm_class)) {
        const auto header = smpp::text::split_udh(octets);
        if (!header || !smpp::text::is_sound_udh(header->elements))
            return command_status::esme_rinvesmclass;
        by_header = smpp::text::concatenation_of(header->elements);
    }
    const auto reference = tlvs.find(smpp::tag::sar_msg_ref_num);
    const auto total = tlvs.find(smpp::tag::sar_total_segments);
    const auto sequence = tlvs.find(smpp::tag::sar_segment_seqnum);
    if (!reference && !total && !sequence) return command_status::esme_rok;
    const auto has_length = [](const auto& value, std::size_t octets_wanted) {
        return !value || value->size() == octets_wanted;
    };
    if (!has_length(reference, 2) || !has_length(total, 1) || !has_length(sequence, 1))
        return command_status::esme_rinvparlen;
    if (!reference || !total || !sequence) return command_status::esme_rmissingtlv;
    const auto number = static_cast<std::uint16_t>((*reference)[0] << 8 | (*reference)[1]);
    const auto by_tlvs = smpp::text::concatenation_from_sar(number, (*total)[0], (*sequence)[0]);
    const bool agree = by_tlvs && (!by_header || smpp::text::is_same_part(*by_header, *by_tlvs));
    return agree ? command_status::esme_rok : command_status::esme_rinvtlvval;
}

/// What submit_sm, submit_multi and data_sm have in common. ESME_ROK or the fault.
template <class Body>
command_status fill_common(const Body& request, const smpp::tlv_list& tlvs,
                           const config::account_smpp_fields& names, const zone_names& zones,
                           submission& into) {
    constexpr auto type_mask = smpp::esm_class::message_type_mask;
    const auto octets = smpp::message_octets(request, tlvs);
    if (!octets) return command_status::esme_rinvmsglen;
    if (const auto status = check_parts(request.esm_class, *octets, tlvs);
        status != command_status::esme_rok)
        return status;
    const auto type = request.esm_class & type_mask;
    if (type == smpp::esm_class::receipt || type == smpp::esm_class::intermediate)
        return command_status::esme_rinvesmclass;  // an application has no receipts to give
    into.origin = Origin::smpp;
    into.source = address_of(request.source_addr_ton, request.source_addr_npi, request.source_addr);
    if constexpr (requires { request.destination_addr; }) {
        into.destination =
            address_of(request.dest_addr_ton, request.dest_addr_npi, request.destination_addr);
    }
    into.octets = smpp::text::chars_of(*octets);
    into.data_coding = request.data_coding;
    into.esm_class = request.esm_class;
    into.registered_delivery = request.registered_delivery;
    into.service_type = request.service_type;
    into.tlvs = passed_on(tlvs, names);
    const bool sound =
        read_at_most_once(tlvs, into.at_most_once) && read_named_fields(names, tlvs, zones, into);
    return sound ? command_status::esme_rok : command_status::esme_rinvtlvval;
}

/// schedule_delivery_time and validity_period of any request that has them.
template <class Body, class Into>
command_status fill_times(const Body& request, std::int64_t wall_ms, Into& into) {
    const auto schedule = smpp::parse_time(request.schedule_delivery_time, time_of(wall_ms));
    if (schedule.has_error()) return command_status::esme_rinvsched;
    const auto validity = smpp::parse_time(request.validity_period, time_of(wall_ms));
    if (validity.has_error()) return command_status::esme_rinvexpiry;
    if (*schedule) into.send_at_ms = (*schedule)->time_since_epoch().count();
    if (*validity) into.expires_ms = (*validity)->time_since_epoch().count();
    return command_status::esme_rok;
}

template <class Body>
submission_result submission_with_times(const Body& request, const smpp::tlv_list& tlvs,
                                        std::int64_t wall_ms,
                                        const config::account_smpp_fields& names,
                                        const zone_names& zones) {
    submission result;
    if (const auto status = fill_common(request, tlvs, names, zones, result);
        status != command_status::esme_rok)
        return status;
    if (request.replace_if_present_flag > 1) return command_status::esme_rinvrepflag;
    if (request.sm_default_msg_id != 0 && result.octets.empty())
        return command_status::esme_rinvdftmsgid;
    if (const auto status = fill_times(request, wall_ms, result);
        status != command_status::esme_rok)
        return status;
    result.protocol_id = request.protocol_id;
    result.priority = request.priority_flag;
    return result;
}

}  // namespace

submission_result submission_of(const smpp::submit_sm& request, const smpp::tlv_list& tlvs,
                                std::int64_t wall_ms, const config::account_smpp_fields& names,
                                const zone_names& zones) {
    auto result = submission_with_times(request, tlvs, wall_ms, names, zones);
    if (result) result->replace_if_present = request.replace_if_present_flag == 1;
    return result;
}

submission_result submission_of(const smpp::submit_multi& request, const smpp::tlv_list& tlvs,
                                std::int64_t wall_ms, const config::account_smpp_fields& names,
                                const zone_names& zones) {
    auto result = submission_with_times(request, tlvs, wall_ms, names, zones);
    if (result && request.dest_addresses.size() > 1 && names_one_person(*result))
        return command_status::esme_rinvtlvval;
    return result;
}

submission_result submission_of(const smpp::data_sm& request, const smpp::tlv_list& tlvs,
                                std::int64_t wall_ms, const config::account_smpp_fields& names,
                                const zone_names& zones) {
    submission result;
    if (const auto status = fill_common(request, tlvs, names, zones, result);
        status != command_status::esme_rok)
        return status;
    if (const auto seconds = tlvs.u32(smpp::tag::qos_time_to_live))
        result.expires_ms = wall_ms + std::int64_t{*seconds} * 1000;
    return result;
}

replacement_result replacement_of(const smpp::replace_sm& request, const smpp::tlv_list& tlvs,
                                  std::int64_t wall_ms) {
    const auto octets = smpp::message_octets(request, tlvs);
    if (!octets) return command_status::esme_rinvmsglen;
    if (octets->empty()) {
        return request.sm_default_msg_id != 0 ? command_status::esme_rinvdftmsgid
                                              : command_status::esme_rinvmsglen;
    }
    replacement result;
    result.octets = smpp::text::chars_of(*octets);
    result.registered_delivery = request.registered_delivery;
    if (const auto status = fill_times(request, wall_ms, result);
        status != command_status::esme_rok)
        return status;
    return result;
}

query_answer answer_query(const query_view& found, std::uint8_t version) {
    query_answer answer;
    answer.state = message_state_of(found.state);
    if (found.scheduled && version >= 0x50) answer.state = smpp::message_state::scheduled;
    answer.final = is_final(found.state);
    if (answer.final) answer.final_date = smpp::format_absolute_time(time_of(found.done_ms));
    // One octet: a code that does not fit is not told, for any other number would be a wrong one.
    answer.error_code = static_cast<std::uint8_t>(found.error <= 0xFF ? found.error : 0);
    return answer;
}

}  // namespace hikyaku::gateway::io
