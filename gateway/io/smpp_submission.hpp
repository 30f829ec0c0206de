// A submit_sm, submit_multi or data_sm of an application as the submission that the engine takes, a
// replace_sm as what it changes, and a stored message as the answer to query_sm. Here is checked
// what only the PDU tells (both kinds of text at once, a torn user data header, time fields);
// everything else is the engine's to judge. Pure functions, called by the SMPP server on the io
// thread.
#pragma once

#include <array>
#include <boost/system/result.hpp>
#include <cstdint>

#include "config/own_tags.hpp"
#include "config/settings.hpp"
#include "gateway/engine/submission/zone_names.hpp"
#include "gateway/engine/types.hpp"
#include "smpp/pdu/pdu.hpp"
#include "smpp/pdu/times.hpp"

namespace hikyaku::gateway::io {

using config::tag_at_most_once;

/// TLVs that a submission cannot do without: its text, how long it lives, and whether it may go out
/// twice. One that is torn refuses the submission.
inline constexpr std::array<std::uint16_t, 6> submission_vital_tags{
    smpp::text_tags[0], smpp::text_tags[1],          smpp::text_tags[2],
    smpp::text_tags[3], smpp::tag::qos_time_to_live, tag_at_most_once};

/// The status to answer when the PDU itself is at fault.
using submission_result = boost::system::result<submission, smpp::command_status>;

/// `wall_ms` is what relative times count from, `zones` are the time zones that there are. Faults:
/// short_message and message_payload together, or sm_default_msg_id without a text of our own to
/// put there (ESME_RINVMSGLEN, ESME_RINVDFTMSGID); a user data header longer than the message, or
/// receipt bits in esm_class (ESME_RINVESMCLASS); times (ESME_RINVSCHED, ESME_RINVEXPIRY); torn
/// flags (ESME_RINVREPFLAG); another value of tag_at_most_once than 0 and 1, a field that the
/// account has named in `names` with a value against the rules, or one that names a person in a
/// submit_multi to several (ESME_RINVTLVVAL). TLVs are passed on as they are but for
/// message_payload, tag_at_most_once, those in `names`, set_dpf, which is ignored, and
/// qos_time_to_live, which becomes the validity of a data_sm. A submit_multi gives a submission
/// without destination; its replace_if_present_flag is checked and has no effect.
[[nodiscard]] submission_result submission_of(const smpp::submit_sm& request,
                                              const smpp::tlv_list& tlvs, std::int64_t wall_ms,
                                              const config::account_smpp_fields& names = {},
                                              const zone_names& zones = every_zone);
[[nodiscard]] submission_result submission_of(const smpp::submit_multi& request,
                                              const smpp::tlv_list& tlvs, std::int64_t wall_ms,
                                              const config::account_smpp_fields& names = {},
                                              const zone_names& zones = every_zone);
[[nodiscard]] submission_result submission_of(const smpp::data_sm& request,
                                              const smpp::tlv_list& tlvs, std::int64_t wall_ms,
                                              const config::account_smpp_fields& names = {},
                                              const zone_names& zones = every_zone);

/// Faults: no text, or text twice (ESME_RINVMSGLEN; ESME_RINVDFTMSGID with an sm_default_msg_id, of
/// which there are none), times as above. An empty time field leaves that time as it is.
using replacement_result = boost::system::result<replacement, smpp::command_status>;
[[nodiscard]] replacement_result replacement_of(const smpp::replace_sm& request,
                                                const smpp::tlv_list& tlvs, std::int64_t wall_ms);

/// The fields of query_sm_resp but for message_id.
struct query_answer {
    smpp::message_state state = smpp::message_state::unknown;
    bool final = false;
    smpp::time_text final_date;   // when final
    std::uint8_t error_code = 0;  // of the first segment that failed; 255 for greater ones
};
/// SCHEDULED is told to peers of 5.0 (`version` 0x50), who know it; others hear ENROUTE.
[[nodiscard]] query_answer answer_query(const query_view& found, std::uint8_t version);

}  // namespace hikyaku::gateway::io
