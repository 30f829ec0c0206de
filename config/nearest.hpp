// The nearest known word to a mistyped one, for "did you mean ...?" in faults. Pure; used by the
// readers and the cross checks while the configuration is loaded.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hikyaku::config {

/// Insertions, deletions, replacements and swaps of neighbours that turn one text into the other;
/// upper and lower case count as equal. `limit` + 1 when it takes more than `limit`.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit);

/// The candidate with the smallest distance, the first of equals; empty when every one is further
/// than a third of the word (at least 1, at most 4 edits).
[[nodiscard]] std::string nearest(std::string_view word,
                                  const std::vector<std::string_view>& candidates);

}  // namespace hikyaku::config
