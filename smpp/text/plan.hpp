// Plans how a text goes on the air: which alphabet, how many segments, and the octets of each one.
// Called when a submission is accepted (on the final text, links already rewritten), by the
// estimate and by the `text plan` tool. An escape pair, a surrogate pair, CR LF or a grapheme
// cluster is never split between segments when it fits into one. Pure functions, any thread; a text
// in UCS-2 with several segments uses an ICU break iterator that is kept per thread.
#pragma once

#include <boost/container/small_vector.hpp>
#include <boost/system/result.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "smpp/text/data_coding.hpp"
#include "smpp/text/national.hpp"
#include "smpp/text/octets.hpp"
#include "smpp/text/profile.hpp"
#include "smpp/text/transliterate.hpp"

namespace hikyaku::smpp::text {

enum class encoding_choice : std::uint8_t {
    // A carrier with a fixed character set gets that one, whatever is chosen here.
    automatic,  // what the carrier has that takes the fewest segments, UCS-2 at the worst
    gsm7,       // GSM, with the carrier's national languages, or refused; at a carrier with another
                // default alphabet or a fixed one that one, but only what GSM has too
    ucs2        // UCS-2 always
};

/// An 8-bit total cannot count further (TS 23.040, 9.2.3.24.1).
inline constexpr std::uint32_t parts_limit = 255;

/// What the application and its account ask for; what the carrier can take is in text_profile.
struct plan_options {
    encoding_choice choice = encoding_choice::automatic;
    std::uint32_t parts_max = 10;  // segments; 0 counts as 1, more than parts_limit as parts_limit
    std::uint16_t reference = 0;   // ties several segments together; udh8 takes the low 8 bits
    transliteration transliterate = transliteration::off;
    std::optional<std::uint8_t> message_class{};  // 0 to 3, 0 for flash; plan_text only
};

/// The octets of each segment; the only one of a short message is in place.
using segment_list = boost::container::small_vector<std::string, 1>;

struct plan {
    encoding enc = encoding::gsm7;
    std::uint8_t data_coding = 0;
    bool udhi = false;  // segments begin with a user data header: set esm_class 0x40
    segmentation method = segmentation::none;  // none if there is one segment, sar: the sender adds
                                               // TLVs, payload: send segments[0] as message_payload
    std::uint16_t reference = 0;       // in the headers, or for sar_msg_ref_num; 0 if not needed
    national_shift shift{};            // the national tables in use, named in every header
    std::size_t units = 0;             // of the whole text: septets (whatever stands behind
                                       // data_coding 0), UTF-16 units or octets
    std::size_t units_per_single = 0;  // what fits if there is one segment: 160, 70, 140 or less
    std::size_t units_per_part = 0;    // and in each of several: 153, 67, 134 or less
    std::uint32_t parts = 1;  // on the air: segments.size(), for payload what the carrier will make
    std::uint32_t billed = 1;           // in the carrier's units (text_profile::billing)
    segment_list segments;              // short_message of each, user data header included, GSM
                                        // unpacked; never empty (an empty text is one of them)
    std::vector<replacement> replaced;  // what transliteration changed
};

enum class plan_error : std::uint8_t {
    invalid_utf8,     // position: byte offset of the faulty sequence
    not_in_alphabet,  // GSM was demanded; position: byte offset of the first character outside it
    too_many_parts,   // position: the number of segments needed
    invalid_octets,   // plan_octets: UCS-2 with an odd number of bytes; position: of the last byte
    too_many_units    // above the carrier's total; position: the number of segments needed
};

struct plan_failure {
    plan_error what = plan_error::invalid_utf8;
    std::size_t position = 0;
    bool operator==(const plan_failure&) const = default;
};

/// "invalid_utf8" and so on.
[[nodiscard]] std::string_view name_of(plan_error value) noexcept;

/// Plans a text for a carrier. Limits (TS 23.040) unless the carrier's are lower: 160 septets in
/// one segment, 153 in each of several; 70 and 67 UTF-16 units; 140 and 134 octets of Latin-1 or
/// ASCII in data_coding 3 or 1. In data_coding 0 those two count as the GSM that the carrier makes
/// of them: a character of the extension table as two septets, one that GSM lacks as one (carriers
/// put another letter in its place), every other as one. Less with a 16-bit reference and national
/// languages, whose header elements stand in every segment. For sar and payload the header that the
/// carrier will add is counted, with an 8-bit reference. National tables are used only where they
/// save segments. A byte order mark at the start is left out. A text of more than parts_max
/// segments is refused whole; for one that is longer than parts_limit full segments, the number
/// needed is the least possible one by length. More than text_bytes_max bytes fit nowhere and are
/// refused as such without being read.
[[nodiscard]] boost::system::result<plan, plan_failure> plan_text(std::string_view utf8,
                                                                  const plan_options& options,
                                                                  const text_profile& profile = {});

/// Plans octets that an SMPP client has encoded itself (message_payload or short_message without a
/// user data header; `choice` and `transliterate` have no meaning). Octets pass unchanged and
/// data_coding is kept, but for a UTF-16 byte order mark, which is obeyed and removed. 8-bit data:
/// 140 octets in one segment, 134 in each of several. In JIS, extended kanji JIS and KS C 5601
/// (data_coding 5, 13, 14) segments end between characters: by the lead octets of Shift_JIS, EUC-JP
/// and EUC-KR, or at even offsets where the octets do not follow them.
[[nodiscard]] boost::system::result<plan, plan_failure> plan_octets(
    octets bytes, std::uint8_t data_coding, const plan_options& options,
    const text_profile& profile = {});

/// Whether the segments of a plan are tied by a reference: in their headers, or for sar beside
/// them.
[[nodiscard]] bool names_reference(segmentation method) noexcept;
/// Gives the segments of a plan, which was made with another reference, this one. Returns what
/// stands in them now: of udh8 the low 8 bits. REQUIRES: names_reference(method).
std::uint16_t set_reference(segment_list& segments, segmentation method, std::uint16_t reference);

/// What a text takes at carriers of which one will be chosen later.
struct planned_range {
    struct bounds {
        std::uint32_t least = 0;
        std::uint32_t most = 0;
        bool operator==(const bounds&) const = default;
    };
    bounds parts;
    bounds units;
    bounds billed;
    std::size_t planned = 0;              // profiles that can take the text; the bounds are theirs
    std::optional<plan_failure> refused;  // why the first of the others cannot
};

/// Plans the text for every profile. All bounds are 0 when none can take it.
[[nodiscard]] planned_range plan_range(std::string_view utf8, const plan_options& options,
                                       std::span<const text_profile> profiles);

/// A character that is not in the GSM alphabet, so that the text needs UCS-2.
struct forcing_character {
    std::size_t position = 0;  // byte offset where it appears first
    char32_t code_point = 0;
    bool operator==(const forcing_character&) const = default;
};

/// The different characters that force UCS-2, by first appearance, at most `count_max`. Stops at
/// invalid UTF-8. For estimates, to show the user why a text needs twice the segments.
[[nodiscard]] std::vector<forcing_character> forcing_characters(std::string_view utf8,
                                                                std::size_t count_max = 20);

}  // namespace hikyaku::smpp::text
