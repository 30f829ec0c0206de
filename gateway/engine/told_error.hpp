// What was said of the end of a segment, word for word: by its receipt, by the response that
// refused it, or by the gateway itself. Codes and states of carriers are shown to applications and
// operators as the carrier wrote them; what the gateway makes of them stands beside. Kept with each
// segment and in each event; engine's thread, and the io thread for what an event holds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "smpp/pdu/constants.hpp"
#include "smpp/text/receipt_state.hpp"
#include "store/records_generated.h"

namespace hikyaku::gateway {

using store::record::ErrorSource;

/// Longer ones of a carrier are cut there: `stat` and `err` of receipts, octets.
inline constexpr std::size_t carrier_word_octets_max = 32;
/// network_error_code has three octets (SMPP 3.4, 5.3.2.31); others are handed on up to this many.
inline constexpr std::size_t network_code_octets_max = 255;
/// additional_status_info_text (5.3.2.11), without its NUL.
inline constexpr std::size_t status_info_octets_max = 255;

struct told_error {
    /// Of the receipt: err, or what network_error_code says where err is absent or 0; else the
    /// command_status of the refusal. 0: none, or no number.
    std::uint32_t error = 0;
    std::string error_text;  // err as the carrier wrote it
    ErrorSource source = ErrorSource::unsaid;
    std::string stat;          // as the carrier wrote it; "DELIVRD" with "000" is left out
    std::string network_code;  // the octets of network_error_code
    std::string info;          // additional_status_info_text of the response

    void clear_error();
    /// Keeps the capacity of the strings.
    void set_error(const told_error& other) { *this = other; }
    /// Whether err is there and made of zeros only.
    [[nodiscard]] bool says_zero() const;
    /// Whether an application is to be told of an error. A success with the usual words has none.
    [[nodiscard]] bool is_told(store::record::State state) const;
};

/// What stands beside the status of a refusal. Views live until the call returns.
struct refusal_words {
    std::string_view info;  // additional_status_info_text
    bool own = false;       // the gateway's refusal: no carrier was asked
};
[[nodiscard]] told_error refusal_error(smpp::command_status status, const refusal_words& words);
/// The gateway's own.
[[nodiscard]] inline told_error own_error(smpp::command_status status) {
    return refusal_error(status, {.info = {}, .own = true});
}

/// SMPP's name of a stored state, for the text of receipts.
[[nodiscard]] smpp::text::receipt_state stat_of(store::record::State state);

/// The carrier's word for the state, if it is another than SMPP's for the same state; else empty.
[[nodiscard]] std::string_view foreign_stat(std::string_view stat, store::record::State state);

/// What of it goes into the record's `details`; a null offset where there is nothing.
[[nodiscard]] flatbuffers::Offset<store::record::ErrorDetails> build_details(
    flatbuffers::FlatBufferBuilder& fb, const told_error& from);
void read_details(const store::record::ErrorDetails* stored, told_error& into);
/// All that an event says.
[[nodiscard]] told_error error_of(const store::record::Event& event);

/// Views of single members, for where a copy is too dear; empty where there is none.
[[nodiscard]] std::string_view stat_in(const store::record::Event& event);
[[nodiscard]] std::string_view network_code_in(const store::record::Event& event);

}  // namespace hikyaku::gateway
