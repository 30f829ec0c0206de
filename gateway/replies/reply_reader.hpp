// Reads what a reply says by the rules of its language. A sentence that says two things has two
// intents; a question, a negation or somebody else's words are no statement. What is not sure is
// for a person. Pure; any thread, once made.
#pragma once

#include <boost/system/result.hpp>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/reply_rules.hpp"
#include "gateway/replies/intents.hpp"

namespace hikyaku::gateway::replies {

class reply_reader {
public:
    /// Rules of a language that stands twice count together. The error names a pattern that is
    /// none, or an intent that nobody knows, and the line of its rule.
    [[nodiscard]] static boost::system::result<reply_reader, config::reply_rules_fault> make(
        std::span<const config::reply_rules> rules);
    /// With these beside the rules that the program has.
    [[nodiscard]] static boost::system::result<reply_reader, config::reply_rules_fault> extended(
        std::span<const config::reply_rules> by);
    /// With the rules that the program has.
    [[nodiscard]] static const reply_reader& shipped();

    reply_reader(reply_reader&&) noexcept;
    reply_reader& operator=(reply_reader&&) noexcept;
    ~reply_reader();

    /// `language` empty: found by the letters, of rules that there are. `today` is that of whoever
    /// has written. At most 2,000 characters of the text are looked at.
    [[nodiscard]] reading read(std::string_view text, std::string_view language, date today) const;

private:
    struct language_rules;
    reply_reader();
    std::vector<std::unique_ptr<language_rules>> languages_;
};

}  // namespace hikyaku::gateway::replies
