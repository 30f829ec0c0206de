// What a stop is about, where it names one thing: "STOP 12345" is for the debt 12345 alone. Pure;
// any thread.
#pragma once

#include <string>
#include <string_view>

namespace hikyaku::gateway::replies {

/// The reference behind the word, in small letters: "stop ref #INV-9." is "inv-9". Empty: the text
/// is a stop for everything, or none; a reference has a digit in it.
[[nodiscard]] std::string reference_after_stop(std::string_view text);
/// The form of an account's own reference in which the two are compared.
[[nodiscard]] std::string comparable_reference(std::string_view reference);

}  // namespace hikyaku::gateway::replies
