// Whether a request may have octets behind its last field. Peers pad PDUs with NULs, and leave torn
// TLVs behind them; a receipt or a submission must not be lost for that, but no message may be
// taken without its text either. Pure; the session asks for every request that has such octets.
#pragma once

#include <cstddef>

#include "smpp/pdu/decode.hpp"
#include "smpp/session/operations.hpp"

namespace hikyaku::smpp {

/// Of an ESME's requests; a carrier (SMSC) may leave as many as the PDU holds.
inline constexpr std::size_t trailing_octets_max = 64;

/// REQUIRES: decoded.ok(), and decoded.trailing > 0. `strict`: an ESME may leave none at all.
/// Refused is a message whose text may be among these octets: from an ESME one where a vital TLV is
/// torn, or that has no text and is followed by more than NULs; from an SMSC one where a vital TLV
/// is torn and neither a text nor receipted_message_id says what the message is about. Requests
/// without any field (enquire_link, unbind) are never refused.
[[nodiscard]] bool may_trail(const decode_result& decoded, session_role role, bool strict);

}  // namespace hikyaku::smpp
