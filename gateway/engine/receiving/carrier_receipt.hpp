// Reading what a carrier sends us: is a deliver_sm or data_sm a receipt or a reply, which message
// does a receipt speak of, and what does it say. Carriers write the message id in a dialect of
// their own (hexadecimal in the response and decimal in the receipt, leading zeros, other case), so
// an id is compared in a canonical form, and where the dialect is not configured several forms are
// tried. Pure; engine's thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.hpp"
#include "gateway/engine/told_error.hpp"
#include "gateway/engine/types.hpp"
#include "smpp/pdu/tlv.hpp"
#include "smpp/text/receipt.hpp"

namespace hikyaku::gateway {

/// The fields of deliver_sm and data_sm that matter here; views into the PDU.
struct carrier_message {
    std::uint8_t source_ton = 0, source_npi = 0;
    std::string_view source;
    std::uint8_t destination_ton = 0, destination_npi = 0;
    std::string_view destination;
    std::uint8_t esm_class = 0;
    std::uint8_t data_coding = 0;
    std::span<const std::uint8_t> octets;  // short_message or message_payload
    smpp::tlv_list tlvs;
    /// Of one that is tried again: the counter of ids when it came. 0 = it has just come.
    std::uint64_t arrival_id = 0;
};

enum class carrier_message_kind : std::uint8_t { receipt, reply };

/// esm_class decides first, then the TLVs receipted_message_id and message_state, then the text:
/// with nothing else to say so, a receipt has an id, a state, and no words beside its fields. A
/// person's sentence that holds "id:" and "stat:" is a reply.
[[nodiscard]] carrier_message_kind kind_of(const carrier_message& message);

struct carrier_receipt : told_error {
    std::string id;       // as the carrier wrote it, without blanks around; empty = unreadable
    std::string text_id;  // of the text, if the TLV names another: for where that finds nobody
    State state = State::unknown;
    bool final = false;  // false: still under way (ENROUTE, ACCEPTD, esm_class 0x20)
    /// A word after "stat:" that is in no list; empty if it is, or there is none.
    std::string unknown_stat;
};

/// TLVs win over the text where both say something. The text is read in whichever way makes a
/// receipt of the octets: carriers copy the data_coding of the message.
/// REQUIRES: kind_of(message) is receipt.
[[nodiscard]] carrier_receipt read_receipt(const carrier_message& message);
/// The same into one whose strings keep their capacity.
void read_receipt(const carrier_message& message, carrier_receipt& into);

/// The form in which an id of a response is stored. text: as it is. decimal and hexadecimal: the
/// number without leading zeros, in decimal ("0x" may stand before hexadecimal ones); an id that is
/// no such number, or one of more than 64 bits, as with automatic. automatic: lower case, without
/// "0x" and leading zeros.
[[nodiscard]] std::string canonical_id(std::string_view id, config::message_id_form form);
/// The same into a string that keeps its capacity; `id` is no part of it.
void write_canonical_id(std::string_view id, config::message_id_form form, std::string& into);

/// The id of a receipt as a response of the carrier would have written it, where the configuration
/// says that the two are written differently; else as it is.
[[nodiscard]] std::string response_id_of(std::string_view id, config::message_id_form response_form,
                                         config::message_id_form receipt_form);

/// The forms under which a receipt's id is to be looked up, best first, at most three.
/// `response_form` is how the keys were stored. Where both forms are configured there is one; else
/// the id itself, then what it reads as a decimal or hexadecimal number where the forms allow that.
struct id_candidates {
    std::array<std::string, 3> forms;
    std::size_t count = 0;
};
[[nodiscard]] id_candidates candidate_ids(std::string_view id,
                                          config::message_id_form response_form,
                                          config::message_id_form receipt_form);

/// The first of them is canonical_id() in this form.
[[nodiscard]] config::message_id_form likeliest_form(config::message_id_form response_form,
                                                     config::message_id_form receipt_form);

/// The forms under which ids were stored while response_id was `former`, of the message that a
/// receipt with this id means now. Guesses, some of them: compare the addresses as well.
[[nodiscard]] std::vector<std::string> former_candidate_ids(std::string_view id,
                                                            config::message_id_form response_form,
                                                            config::message_id_form receipt_form,
                                                            config::message_id_form former);

/// What a receipt repeats of its message, for where its addresses do not decide.
struct receipt_content {
    std::string text;                       // the first characters, as the carrier wrote them
    std::optional<std::int64_t> submit_ms;  // in a time zone that nobody tells
};
[[nodiscard]] receipt_content read_content(const carrier_message& message);

/// The fields that kind_of() and read_receipt() have seen, for tools. `text` becomes what was read
/// of the octets, without a user data header; the fields view it.
[[nodiscard]] smpp::text::receipt_text scan_message(const carrier_message& message,
                                                    std::string& text);

}  // namespace hikyaku::gateway
