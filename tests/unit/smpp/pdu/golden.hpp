// Every PDU of SMPP 3.4 and 5.0 as bytes written by hand from the specification's tables, beside
// the values they mean. The codec is checked against these in both directions, so that a mistake in
// the field table cannot hide by being made twice.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "smpp/pdu/pdu.hpp"

namespace hikyaku::smpp {

struct golden_pdu {
    std::string_view name;
    std::string_view hex;   // as from_hex reads it
    std::string_view text;  // as describe() prints it
};

std::span<const golden_pdu> golden_pdus();

/// "command status sequence | field=value ... | tag=hex ...": numbers decimal, strings in quotes,
/// octets hex, lists in brackets.
std::string describe(const pdu& whole);

}  // namespace hikyaku::smpp
