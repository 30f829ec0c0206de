// What an account says of the replies to it: whether they are read, by which rules, and what is
// answered without a person. A part of settings.hpp, which includes it. Plain structs, read by
// load() and never changed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/reply_rules.hpp"

namespace hikyaku::config {

/// In which language replies are read: found by their letters, or always one.
enum class reply_language : std::uint8_t { automatic, japanese, english };

/// Texts that go out without a person; empty = the program's, or for help and closed: none goes.
struct reply_texts {
    std::string stop;      // the one confirmation of a stop
    std::string stop_one;  // of a stop for one debt; {reference} is what was named
    std::string help;
    std::string closed;  // to whom writes into a conversation that staff have closed
    bool operator==(const reply_texts&) const = default;
};

/// The same in one language.
struct language_texts : reply_texts {
    reply_language language = reply_language::automatic;  // automatic: in every language
    bool operator==(const language_texts&) const = default;
};

struct account_replies : reply_texts {
    bool read = false;  // also without a policy pack; with one they are read always
    reply_language language = reply_language::automatic;
    std::string rules;                   // a file with rules beside those of the program
    std::string sender;                  // of answers; empty = the number that was written to
    std::vector<language_texts> texts;   // before those of all languages
    std::vector<reply_rules> own_rules;  // what the file `rules` holds; no setting
    bool operator==(const account_replies&) const = default;
};

}  // namespace hikyaku::config
