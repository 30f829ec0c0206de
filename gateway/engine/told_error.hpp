// What was said of the end of a segment, word for word: by its receipt, by the response that
// refused it, or by the gateway itself. Codes and states of carriers are shown to applications and
// operators as the carrier wrote them; what the gateway makes of them stands beside. Kept with each
// segment and in each event; engine's thread, and the io thread for what an event holds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/model/records_generated.h"
#include "smpp/pdu/constants.hpp"
#include "smpp/text/receipt_state.hpp"

namespace hikyaku::gateway {

using model::record::ErrorSource;

/// Longer ones of a carrier are cut there: `stat` and `err` of receipts, octets.
inline constexpr std::size_t carrier_word_octets_max = 32;
/// network_error_code has three octets (SMPP 3.4, 5.3.2.31); others are handed on up to this many.
inline constexpr std::size_t network_code_octets_max = 255;
/// additional_status_info_text (5.3.2.11), without its NUL.
inline constexpr std::size_t status_info_octets_max = 255;

/// Views of what a told_error holds; they live as long as what they were made of.
struct error_view {
    std::uint32_t error = 0;
    std::string_view error_text;
    ErrorSource source = ErrorSource::unsaid;
    std::string_view stat, network_code, info;

    /// Whether err is there and made of zeros only.
    [[nodiscard]] bool says_zero() const;
    /// Whether an application is to be told of an error. A success with the usual words has none.
    [[nodiscard]] bool is_told(model::record::State state) const;
};

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
    [[nodiscard]] error_view view() const {
        return {error, error_text, source, stat, network_code, info};
    }
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

/// Whether it says that the phone's owner wants no messages: by one of the carrier's own words or
/// numbers for that, as a whole word of the receipt or the number of the refusal, or in so many
/// words ("opted out", "unsubscribed").
[[nodiscard]] bool says_opted_out(const told_error& why, const std::vector<std::string>& words);

/// SMPP's name of a stored state, for the text of receipts.
[[nodiscard]] smpp::text::receipt_state stat_of(model::record::State state);

/// The carrier's word for the state, if it is another than SMPP's for the same state; else empty.
[[nodiscard]] std::string_view foreign_stat(std::string_view stat, model::record::State state);

/// What of it goes into the record's `details`; a null offset where there is nothing.
[[nodiscard]] flatbuffers::Offset<model::record::ErrorDetails> build_details(
    flatbuffers::FlatBufferBuilder& fb, const error_view& from);
/// The error as the fields of a record have it; nullptr = the field is not there. Views.
[[nodiscard]] error_view error_in(std::uint32_t error, const flatbuffers::String* error_text,
                                  const model::record::ErrorDetails* details);
void read_details(const model::record::ErrorDetails* stored, told_error& into);

}  // namespace hikyaku::gateway
