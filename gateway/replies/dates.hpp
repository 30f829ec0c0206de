// The days that a text names. Pure; any thread.
#pragma once

#include <unicode/unistr.h>

#include <vector>

#include "gateway/replies/intents.hpp"

namespace hikyaku::gateway::replies {

/// One day, as it is meant of what will be and of what has been: "on the 5th" is this month's or
/// the next one's, or this month's or the last one's.
struct named_day {
    date ahead, behind;
    bool is_behind = false;  // "yesterday", "last Friday": only of what has been
};

/// In the order of the text, none twice. `text` is normal_text(). `salary_day` is what "on payday"
/// means in the language, 0: nothing.
[[nodiscard]] std::vector<named_day> days_in(const icu::UnicodeString& text, bool is_japanese,
                                             date today, int salary_day);

}  // namespace hikyaku::gateway::replies
