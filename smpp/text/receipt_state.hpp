// What a carrier says has become of a message, in one enum, whether it says so by a word in the
// receipt's text or by the message_state TLV, and the word that our own receipts use. The engine
// maps it to the store's states. Pure functions, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace hikyaku::smpp::text {

/// The values are SMPP's message_state (3.4, 5.2.28), fit for the TLV as they are.
enum class receipt_state : std::uint8_t {
    enroute = 1,
    delivered = 2,
    expired = 3,
    deleted = 4,
    undeliverable = 5,
    accepted = 6,
    unknown = 7,
    rejected = 8
};

/// By the word after "stat:", in any case: the specification's ("DELIVRD") and those that carriers
/// write instead ("DELIVERED", "FAILED", "BUFFERD", "ACKED"). Empty for a word never heard of.
[[nodiscard]] std::optional<receipt_state> receipt_state_of(std::string_view stat) noexcept;

/// By the message_state TLV. SMPP 5.0's 0 (scheduled) counts as enroute and 9 (skipped) as
/// undeliverable; empty for other values.
[[nodiscard]] std::optional<receipt_state> receipt_state_of(std::uint8_t message_state) noexcept;

/// The seven letters of appendix B: "DELIVRD", "UNDELIV" and so on.
[[nodiscard]] std::string_view word_of(receipt_state state) noexcept;

/// Whether nothing more is to be expected. `accepted` is not final: carriers use it for "taken
/// over".
[[nodiscard]] constexpr bool is_final(receipt_state state) noexcept {
    return state != receipt_state::enroute && state != receipt_state::accepted;
}

}  // namespace hikyaku::smpp::text
