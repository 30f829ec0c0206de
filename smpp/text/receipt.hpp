// The text of a delivery receipt ("id:... stat:DELIVRD ...", SMPP 3.4 appendix B) in all the
// dialects that carriers write, and in the one that we write. The reader takes fields in any order
// and case, with any of them missing; the engine calls it for each deliver_sm or data_sm that may
// be a receipt, and for every receipt it sends. Pure functions, no allocation, any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "smpp/text/receipt_state.hpp"

namespace hikyaku::smpp::text {

/// The fields as the carrier wrote them, views into its text. A field that is absent is empty, one
/// without a value ("err: text:") is an empty view.
struct receipt_text {
    std::optional<std::string_view> id;
    std::optional<std::string_view> sub;
    std::optional<std::string_view> dlvrd;
    std::optional<std::string_view> submit_date;
    std::optional<std::string_view> done_date;
    std::optional<std::string_view> stat;
    std::optional<std::string_view> err;
    std::optional<std::string_view> text;
};

/// Every field that can be found. For messages that are receipts by esm_class or TLVs, where even
/// the id may be missing from the text. Give it the octets of short_message or message_payload as
/// they are (carriers write ASCII whatever data_coding says), or the decoded text if that is UCS-2.
[[nodiscard]] receipt_text scan_receipt(std::string_view text) noexcept;

/// Whether the fields make a receipt when nothing else says so: an id and a stat, the latter a
/// known state, or all capitals, or in the company of two more fields. "my id: 5" is a reply.
[[nodiscard]] bool is_receipt(const receipt_text& fields) noexcept;

/// Whether there are no words beside the fields before `text:`, as there are in a sentence of a
/// person that happens to hold some.
[[nodiscard]] bool has_only_fields(std::string_view text) noexcept;

/// Whether there are any, however many fields stand beside them.
[[nodiscard]] bool has_words(std::string_view text) noexcept;

/// scan_receipt, if it is_receipt.
[[nodiscard]] std::optional<receipt_text> parse_receipt(std::string_view text) noexcept;

/// A date of a receipt: YYMMDDhhmm, YYMMDDhhmmss, YYYYMMDDhhmmss, or YYYYMMDDhhmm where the 12
/// digits are no date otherwise; `-`, `/`, `.`, `:`, `T` and a space between digits are skipped.
/// Carriers do not tell the time zone: the result is what they wrote, read as UTC. Empty if it is
/// no date.
[[nodiscard]] std::optional<std::chrono::sys_seconds> parse_receipt_date(
    std::string_view digits) noexcept;

/// YYMMDDhhmm as appendix B has it, YYMMDDhhmmss, YYYYMMDDhhmmss.
enum class receipt_date_form : std::uint8_t { ten_digits, twelve_digits, fourteen_digits };

/// A receipt to be written.
struct receipt_fields {
    std::string_view id;    // as in submit_sm_resp, at most 64 characters, none of them a space
    std::uint16_t sub = 1;  // segments submitted and delivered, at most 999
    std::uint16_t dlvrd = 0;
    std::chrono::sys_seconds submit_date;
    std::chrono::sys_seconds done_date;
    receipt_state stat = receipt_state::unknown;
    std::string_view stat_word;  // written in the place of `stat`'s word if it is not empty
    std::string_view err;        // as it is, 32 octets at most; "" is 000
    std::string_view text;       // UTF-8; 20 characters at most are written
    receipt_date_form dates = receipt_date_form::ten_digits;
};

/// A buffer of this size always suffices.
inline constexpr std::size_t receipt_octets_max = 256;

/// Writes `id:... sub:001 dlvrd:001 submit date:YYMMDDhhmm done date:YYMMDDhhmm stat:DELIVRD
/// err:000 text:...` (data_coding 0, dates in UTC and in the form asked for) into `out` and returns
/// the part used, or an empty optional if it is too small. A code of any length is written as it
/// is: Kannel, whose pattern has room for three characters, then looks for each field by its name.
/// Octets of stat_word, err and text outside printable ASCII become '?', and so do blanks in a
/// word.
[[nodiscard]] std::optional<std::string_view> write_receipt(std::span<char> out,
                                                            const receipt_fields& fields) noexcept;

}  // namespace hikyaku::smpp::text
