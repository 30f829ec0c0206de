// The middle of planning: a text that is encoded for one alphabet, where it can be cut at a given
// carrier, and the headers in front of the pieces. plan.cpp chooses the alphabet with it; nobody
// else includes this file. Pure functions, any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "smpp/text/data_coding.hpp"
#include "smpp/text/gsm.hpp"
#include "smpp/text/national.hpp"
#include "smpp/text/plan.hpp"
#include "smpp/text/profile.hpp"

namespace hikyaku::smpp::text {

/// A text written in one alphabet, not cut yet.
struct encoded_text {
    encoding enc = encoding::gsm7;
    std::uint8_t data_coding = 0;
    national_shift shift{};
    std::string octets;
    std::u16string units;  // the same text in UTF-16 where graphemes count: UCS-2, national GSM
                           // and fixed character sets
    std::size_t extensions = 0;  // what counts_as_gsm counts beside the octets; see measure()

    /// Septets, UTF-16 units or octets.
    [[nodiscard]] std::size_t size() const noexcept;
};

/// Latin-1 or ASCII in data_coding 0: the carrier writes it as GSM for the air, where there is no
/// other such alphabet, so that its septets decide about the length. A character of the extension
/// table is two; one that GSM does not have is one, since carriers put another letter in its place.
[[nodiscard]] constexpr bool counts_as_gsm(encoding enc, std::uint8_t data_coding) noexcept {
    return data_coding == 0 && (enc == encoding::latin1 || enc == encoding::ascii);
}

/// In what the length of a text counts: gsm7 (septets), ucs2 (UTF-16 units), or else octets. A
/// fixed character set counts as what its data_coding is on the air; septets need one octet a
/// character.
[[nodiscard]] encoding measure_of(encoding enc, std::uint8_t data_coding) noexcept;

/// Sets `extensions` of a text whose octets are complete.
void measure(encoded_text& text) noexcept;

/// How many units of text fit at a carrier.
struct segment_room {
    std::size_t single = 0;
    std::size_t part = 0;   // of one of several
    std::size_t total = 0;  // of a message, 0 = no limit
};
[[nodiscard]] segment_room room_for(encoding enc, std::uint8_t data_coding, national_shift shift,
                                    const text_profile& profile) noexcept;

/// Full segments that a text of `size` units takes: as few as there can be.
[[nodiscard]] constexpr std::size_t least_parts(std::size_t size, segment_room room) noexcept {
    if (size <= room.single) return 1;
    const std::size_t full = (size + room.part - 1) / room.part;
    return full < 2 ? 2 : full;
}

/// The segments that account and carrier allow.
[[nodiscard]] std::size_t parts_max_of(const plan_options& options,
                                       const text_profile& profile) noexcept;

using segment_ends = std::vector<std::size_t>;  // in octets, the last one is the size of the text

/// Cuts into pieces of at most `units_max` (2 or more), without tearing what belongs together.
[[nodiscard]] segment_ends cut(const encoded_text& text, std::size_t units_max);

/// One alphabet's answer: the text and how many parts it takes.
struct candidate {
    encoded_text text;
    segment_room room;
    segment_ends ends;      // empty if there is one part, or so many that nothing was cut
    std::size_t parts = 0;  // 0: the alphabet cannot write the text
};

/// Cuts `text` unless it fits in one part or could not fit in parts_limit full ones. With
/// `better_than` other than 0, a text that by its length takes as many parts is not cut either, and
/// the answer has no parts.
[[nodiscard]] candidate weigh(encoded_text text, const text_profile& profile,
                              std::size_t better_than = 0);

/// Checks the limits in number and writes the segments with their headers.
[[nodiscard]] boost::system::result<plan, plan_failure> assemble(candidate&& chosen,
                                                                 const plan_options& options,
                                                                 const text_profile& profile);

/// Writes `utf8` in an alphabet of single octets: GSM with the given tables, Latin-1 or ASCII; of
/// these two with `gsm_only` nothing that GSM does not have.
[[nodiscard]] gsm_outcome encode_octets(std::string_view utf8, encoding enc, national_shift shift,
                                        bool gsm_only, std::string& out);

}  // namespace hikyaku::smpp::text
