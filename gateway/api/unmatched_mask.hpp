// What an operator may see of a receipt or reply that found nobody. Of a receipt: its id, state,
// error and dates, because they show how the carrier writes; not the words of the message that it
// repeats, nor the phone's number. Of a reply: how long it is and its user data header, no word of
// it. The same rule for the text and for the octets. Pure, any thread.
#pragma once

#include <string>

#include "gateway/engine/unmatched.hpp"

namespace hikyaku::gateway::api {

struct masked_message {
    std::string octets;  // hidden ones are '*', or the character '*' in UTF-16; packed septets end
                         // where the first hidden one begins
    std::string text;    // UTF-8, hidden characters are '*'
};

/// Of a receipt with words between its fields the values of the fields are shown, and one without
/// any field is hidden like a reply: they may be a person's words that the carrier has labelled
/// wrongly.
[[nodiscard]] masked_message mask_message(const unmatched_view& one);

}  // namespace hikyaku::gateway::api
