// The field `tlvs` of a message: a list of SMPP's optional parameters, as JSON, to the octets that
// travel with every segment. It exists for what carriers demand beyond the text, such as the ids of
// India's DLT. Pure; called by message_reader on any thread.
#pragma once

#include <boost/json/value.hpp>
#include <boost/system/result.hpp>
#include <cstddef>
#include <string>

#include "gateway/api/json/shape.hpp"

namespace hikyaku::gateway::api {

inline constexpr std::size_t tlvs_max = 32;
inline constexpr std::size_t tlv_octets_max = 4096;  // of all together

extern const shape tlvs_shape;

/// Each entry has `tag` (a number, "0x1400" or a name) and either `value` (octets in hexadecimal)
/// or `text` (UTF-8, as it is). The error says what is wrong, for people. REQUIRES: the
/// list has tlvs_shape.
[[nodiscard]] boost::system::result<std::string, std::string> tlvs_from_json(
    const boost::json::value& given);

}  // namespace hikyaku::gateway::api
