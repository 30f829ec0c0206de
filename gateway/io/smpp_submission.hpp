// A submit_sm or data_sm of an application as the submission that the engine takes, and a stored
// message as the answer to query_sm. Here is checked what only the PDU tells (both kinds of text at
// once, a torn user data header, time fields); everything else is the engine's to judge. Pure
// functions, called by the SMPP server on the io thread.
#pragma once

#include <boost/system/result.hpp>
#include <cstdint>

#include "gateway/engine/types.hpp"
#include "smpp/pdu/pdu.hpp"
#include "smpp/pdu/times.hpp"

namespace hikyaku::gateway::io {

/// The status to answer when the PDU itself is at fault.
using submission_result = boost::system::result<submission, smpp::command_status>;

/// `wall_ms` is what relative times count from. Faults: short_message and message_payload together,
/// or sm_default_msg_id without a text of our own to put there (ESME_RINVMSGLEN,
/// ESME_RINVDFTMSGID); a user data header longer than the message, or receipt bits in esm_class
/// (ESME_RINVESMCLASS); times (ESME_RINVSCHED, ESME_RINVEXPIRY); torn flags (ESME_RINVREPFLAG).
/// TLVs are passed on as they are but for message_payload, and qos_time_to_live, which becomes the
/// validity of a data_sm.
[[nodiscard]] submission_result submission_of(const smpp::submit_sm& request,
                                              const smpp::tlv_list& tlvs, std::int64_t wall_ms);
[[nodiscard]] submission_result submission_of(const smpp::data_sm& request,
                                              const smpp::tlv_list& tlvs, std::int64_t wall_ms);

/// The fields of query_sm_resp but for message_id.
struct query_answer {
    smpp::message_state state = smpp::message_state::unknown;
    bool final = false;
    smpp::time_text final_date;   // when final
    std::uint8_t error_code = 0;  // of the first segment that failed; 255 for greater ones
};
[[nodiscard]] query_answer answer_query(const message_view& message);

}  // namespace hikyaku::gateway::io
