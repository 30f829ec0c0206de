// How a carrier wants texts: its settings as a profile of the planner, and a message that was cut
// for one carrier cut anew for another. The text is read back from the segments, so that a message
// stores nothing for carriers it never meets. The planner, the engine's hand-out, the estimate and
// the `text plan` tool call this. Pure functions; engine's thread, or any.
#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.hpp"
#include "smpp/text/plan.hpp"

namespace hikyaku::gateway {

/// The profile of a carrier: the shipped one that `settings` names, or the standard, with what the
/// settings say beside it. Names that are not known are left out; the configuration was checked.
[[nodiscard]] smpp::text::text_profile profile_of(const config::carrier_text& settings);

[[nodiscard]] smpp::text::transliteration transliteration_of(config::transliteration value);

/// Message.choice of octets whose data_coding an application has chosen and every carrier gets.
inline constexpr std::uint8_t keep_octets = 255;

/// Message.languages: single shift, locking shift * 256.
[[nodiscard]] constexpr std::uint16_t languages_of(smpp::text::national_shift shift) {
    return static_cast<std::uint16_t>(shift.single | shift.locking << 8);
}
[[nodiscard]] constexpr smpp::text::national_shift shift_from(std::uint16_t languages) {
    return {static_cast<std::uint8_t>(languages), static_cast<std::uint8_t>(languages >> 8)};
}

/// A message's segments as they were cut, with what is stored beside them.
struct cut_message {
    std::vector<smpp::text::octets> segments;  // views
    smpp::text::encoding encoding = smpp::text::encoding::gsm7;
    std::uint8_t data_coding = 0;
    bool udhi = false;
    smpp::text::segmentation method = smpp::text::segmentation::none;
    smpp::text::national_shift shift{};
    std::uint8_t choice = 0;  // smpp::text::encoding_choice or keep_octets
    std::uint32_t parts_max = 1;
};

/// Whether the segments can be sent as they are to a carrier with this profile: its alphabet stands
/// behind data_coding 0, it knows the national tables, it takes the TLVs, it writes UCS-2 and
/// message classes with the same data_coding. Of its limits only those above the standard's are
/// asked, which segments longer than the standard's need.
[[nodiscard]] bool can_carry(const cut_message& message, const smpp::text::text_profile& profile);

/// The characters of all segments, without headers; empty where they are no text.
[[nodiscard]] std::optional<std::string> text_of(const cut_message& message);

/// The same characters cut for another carrier: octets with a data_coding of their own keep it, a
/// text takes whatever saves most there. A header of the application's own stays in front of its
/// one segment.
[[nodiscard]] boost::system::result<smpp::text::plan, smpp::text::plan_failure> cut_anew(
    const cut_message& message, const smpp::text::text_profile& profile, std::uint16_t reference);

/// One segment: a header that the application wrote (its length octet included), and behind it
/// `text` in what the carrier has for it. too_many_parts (2) when it does not fit.
[[nodiscard]] boost::system::result<smpp::text::plan, smpp::text::plan_failure> plan_behind_header(
    smpp::text::octets header, std::string_view text, const smpp::text::text_profile& profile);

/// Whether octets with this data_coding, as our own server reads it, mean something else at the
/// carrier: it has another default alphabet, or one fixed alphabet for all texts.
[[nodiscard]] bool needs_recoding(std::uint8_t data_coding,
                                  const smpp::text::text_profile& profile);

/// `text` with the changes made; their positions are those in `text`.
[[nodiscard]] std::string with_replacements(std::string_view text,
                                            const std::vector<smpp::text::replacement>& changes);

}  // namespace hikyaku::gateway
