// PDUs as JSON objects and back, for `hikyaku pdu decode` and `pdu encode`. Field names are the
// specification's, octet strings are hexadecimal, C-octet strings are text in which U+0080 to
// U+00FF stand for the octets of that value; docs/tools.md shows the format. Both directions walk
// the field tables of smpp/pdu, so a new PDU needs no line here. Pure functions, any thread.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/string.hpp>
#include <boost/system/result.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "smpp/pdu/decode.hpp"
#include "smpp/pdu/pdu.hpp"

namespace hikyaku::gateway::app {

/// Octets above 0x7F become the code point of the same value, so that the result is always UTF-8.
[[nodiscard]] boost::json::string text_of_octets(std::string_view octets);

/// The first PDU in `octets`, or {"error": {...}} with what could be read of the header beside it.
/// Octets behind the PDU are counted in "octets_left".
[[nodiscard]] boost::json::object decode_to_json(std::span<const std::uint8_t> octets);

/// Why an object is no PDU: `field` as the specification calls it, or a key of the object.
struct json_fault {
    std::string field;
    std::string sentence;
};

/// The octets of the PDU that the object describes. What is left out has its default: 0, empty,
/// ESME_ROK, sequence_number 1. Lengths and counts are computed, those in the object are ignored.
[[nodiscard]] boost::system::result<std::vector<std::uint8_t>, json_fault> encode_from_json(
    const boost::json::object& described);

}  // namespace hikyaku::gateway::app
