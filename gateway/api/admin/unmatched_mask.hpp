// What an operator may see of a receipt or reply that found nobody. Of a receipt: its id, state,
// error and dates, because they show how the carrier writes; not the words of the message that it
// repeats, nor the phone's number. Of a reply: how long it is and its user data header, no word of
// it. The same rule for the text and for the octets. Pure, any thread.
#pragma once

#include <string>
#include <string_view>

#include "gateway/engine/unmatched/unmatched_entry.hpp"

namespace hikyaku::gateway::api {

struct masked_message {
    std::string octets;  // hidden ones are '*', or the character '*' in UTF-16; packed septets end
                         // where the first hidden one begins
    std::string text;    // UTF-8, hidden characters are '*'
};

/// Of a receipt with words beside its fields the names and values of the known fields are shown,
/// and one without any known field but with words is hidden like a reply: they may be a person's
/// words that the carrier has labelled wrongly. Fields of other names are shown where there are no
/// words, but for those that repeat a message ("text:", "msg:"). A number that is the source's or
/// destination's, in any writing, shows its last three digits.
[[nodiscard]] masked_message mask_message(const unmatched_view& one);

/// An id that the carrier wrote, in the text or a TLV: hidden are the digits of source and
/// destination where it repeats all of them. Fewer may be an id by themselves.
[[nodiscard]] std::string mask_id(std::string_view id, const unmatched_view& one);

/// Of a reply whole if it is a number of ours or a short code, which have to be compared with the
/// accounts' numbers; else, and of a receipt, like a source.
[[nodiscard]] std::string mask_destination(const unmatched_view& one);

}  // namespace hikyaku::gateway::api
