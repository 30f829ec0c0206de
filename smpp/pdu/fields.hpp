// The kinds of mandatory field a PDU body is made of. The table of a PDU (pdus.hpp) is a tuple of
// these values: the field's name in the specification, its limits and the struct member that holds
// it. Decoder, encoder and printers are written once per kind and never once per PDU.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "smpp/pdu/lists.hpp"
#include "smpp/pdu/octet_reader.hpp"

namespace hikyaku::smpp {

/// One octet.
template <class Body>
struct u8_field {
    std::string_view name;
    std::uint8_t Body::*member;
};

/// What a C-octet string means besides its length.
enum class cstring_form : std::uint8_t {
    text,
    time,          // empty, or the 16 characters that times.hpp reads
    nul_optional,  // responses: some carriers leave out the NUL of the last field
};

/// A C-octet string. Limits count octets with the NUL. `octets_max` is the specification's;
/// `octets_lenient_max` is what is accepted and sent, because real passwords are longer than eight
/// characters.
template <class Body>
struct cstring_field {
    std::string_view name;
    std::uint16_t octets_max;
    std::string_view Body::*member;
    cstring_form form = cstring_form::text;
    std::uint16_t octets_lenient_max = octets_max;
};

/// One octet of length, then that many octets: sm_length and short_message.
template <class Body>
struct octets_field {
    std::string_view length_name;
    std::string_view name;
    std::uint8_t octets_max;
    octet_view Body::*member;
};

/// One octet of count, then that many items.
template <class Body, class Item>
struct list_field {
    std::string_view count_name;
    std::string_view name;
    counted_list<Item> Body::*member;
};

}  // namespace hikyaku::smpp
