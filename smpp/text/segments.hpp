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
    std::u16string units;  // the same text in UTF-16 where graphemes count: UCS-2 and national GSM

    /// Septets, UTF-16 units or octets.
    [[nodiscard]] std::size_t size() const noexcept {
        return enc == encoding::ucs2 ? octets.size() / 2 : octets.size();
    }
};

/// How many units of text fit at a carrier.
struct segment_room {
    std::size_t single = 0;
    std::size_t part = 0;   // of one of several
    std::size_t total = 0;  // of a message, 0 = no limit
};
[[nodiscard]] segment_room room_for(encoding enc, national_shift shift,
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

/// Writes `utf8` in an alphabet of single octets: GSM with the given tables, Latin-1 or ASCII.
[[nodiscard]] gsm_outcome encode_octets(std::string_view utf8, encoding enc, national_shift shift,
                                        std::string& out);

}  // namespace hikyaku::smpp::text
