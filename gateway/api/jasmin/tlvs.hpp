// The argument `custom_tlvs` of Jasmin: vendors' TLVs as a JSON object of tags, or as a list of
// tuples, to the octets that travel with every segment. Pure, any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hikyaku::gateway::api::jasmin {

/// {"0x1401": "text", "0x1400:Int8": 17}, [[5121, null, "OctetString", "text"]] or [{"tag":
/// "0x1401", "value": "text"}]. Tags 0x1400 to 0x3FFF; the types are Int1, Int2, Int4, Int8,
/// OctetString (also where none is named) and COctetString. Empty: anything else.
[[nodiscard]] std::optional<std::string> read_custom_tlvs(std::string_view json);

}  // namespace hikyaku::gateway::api::jasmin
