// How one carrier wants addresses and TLVs written: its address rules (TON, NPI, prefixes taken
// away or put in front), its TLV rules (pass, add, require, drop), and the way back for the
// addresses of replies. Pure functions of the carrier's configuration; the engine calls them for
// each segment it hands out, into buffers that it keeps, so that nothing is allocated in the steady
// state. Engine's thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.hpp"
#include "gateway/engine/types.hpp"
#include "smpp/pdu/constants.hpp"
#include "smpp/pdu/pdu.hpp"
#include "smpp/pdu/tlv.hpp"

namespace hikyaku::gateway {

/// What kind of address it looks like. TON decides where it says something: 1 international, 2 and
/// 4 national, 3 and 6 short code, 5 alphanumeric. With TON 0 a character that is no digit makes it
/// alphanumeric, "+" international, up to eight digits a short code, a leading 0 national, and the
/// rest international.
[[nodiscard]] config::address_rule::shape shape_of(std::uint8_t ton, std::string_view digits);

struct carrier_address {
    std::uint8_t ton = 0, npi = 0;
    std::string_view digits;
};

/// The address as the carrier is to see it. The first rule that fits changes the digits and may
/// set TON and NPI; where it does not, source_ton, destination_ton and the like of the carrier
/// hold, or else what the address has. An empty address stays empty. Digits that begin with 0 are
/// never called international (TON 1): they get the TON of the address, or 0 where that is 1 too.
/// `digits` of the result is a view of what was given or of `scratch`.
[[nodiscard]] carrier_address write_address(const config::carrier& carrier,
                                            config::address_rule::side side,
                                            const carrier_address& address, std::string& scratch);

/// Whether submit_sm has room for what the carrier's rules make of both addresses, and a
/// destination is left at all: none, source_unwritable or destination_unwritable.
[[nodiscard]] refusal unwritable(const config::carrier& carrier, const phone_address& source,
                                 const phone_address& destination, std::string& scratch);

/// The same of a request with the addresses in it: ESME_ROK, ESME_RINVSRCADR or ESME_RINVDSTADR.
[[nodiscard]] smpp::command_status address_status(const smpp::submit_sm& request);

/// The other way: the address as applications write it, of one that the carrier has written by its
/// rules for `side`. Of several addresses that would be written so, the one that has what a rule
/// strips is taken, if the rule puts something in its place or its prefix asks for it. An address
/// that no rule would write so stays, and so does one whose rule strips a leading 0: international
/// numbers are not made national again.
[[nodiscard]] std::string_view restore_address(const config::carrier& carrier,
                                               config::address_rule::side side, std::uint8_t ton,
                                               std::string_view digits, std::string& scratch);

enum class tlv_fault : std::uint8_t {
    none,
    missing,    // a TLV that the carrier requires, and no value for it is configured
    forbidden,  // the text stands in TLVs (message_payload) or hangs together by them (sar_...),
                // and the bind is one of 3.3
};
/// What such a fault is called in the record of a segment that no carrier takes.
[[nodiscard]] smpp::command_status status_of(tlv_fault fault);

/// Writes the TLVs of `given` that the carrier's rules let through and those they add, in this
/// order, into `out`, and makes `list` a view of it. `sar_...` and `message_payload` are only
/// dropped by a rule of their own, not by tlv_default: they hold a text together. `version` is the
/// bind's: with one below 3.4 the list is empty.
[[nodiscard]] tlv_fault write_tlvs(const config::carrier& carrier, const smpp::tlv_list& given,
                                   std::uint8_t version, std::vector<std::uint8_t>& out,
                                   smpp::tlv_list& list);

/// Whether the carrier requires a TLV that is not there and that it has no value for.
[[nodiscard]] bool lacks_tlv(const config::carrier& carrier, const smpp::tlv_list& given);

/// Why a carrier cannot work as it is configured, as a sentence; empty if it can: texts that need
/// TLVs, or rules that add them, for a carrier of 3.3.
[[nodiscard]] std::optional<std::string> dialect_fault(const config::carrier& carrier);

}  // namespace hikyaku::gateway
