// `text plan`: how a text goes on the air for one carrier, or between what it lies while nobody has
// chosen the carrier yet. Prints one JSON object for each text; docs/tools.md shows it. A function
// over streams so that tests need no process. Main thread only.
#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "config/settings.hpp"
#include "smpp/text/plan.hpp"

namespace hikyaku::gateway::app {

/// A carrier of a configuration or a shipped profile, for which a text is planned.
struct plan_target {
    std::string name;
    bool is_carrier = false;
    smpp::text::text_profile profile;
};

/// Whose profiles are asked for on the command line; all empty: nobody's.
struct plan_question {
    std::vector<std::string> profiles;  // names of shipped ones, or "standard"
    std::vector<std::string> carriers;  // of the configuration
    std::string route;                  // all carriers of this route
};

/// The targets of a question. Without one: all carriers of `settings` if there are any, otherwise
/// the standard and every shipped profile. On failure `fault` says in one sentence what is unknown.
[[nodiscard]] std::optional<std::vector<plan_target>> targets_of(const plan_question& question,
                                                                 const config::settings& settings,
                                                                 std::string& fault);

struct plan_request {
    std::optional<std::string> text;  // from the command line; otherwise the input is read
    bool lines = false;               // one text a line instead of the whole input as one
    smpp::text::plan_options options;
    /// One: its plan with octets. Several: the first one's plan, a row for each, and the range.
    /// None: the standard alone.
    std::vector<plan_target> targets;
};
/// The exit code: 0, or 1 if any text could not be planned.
[[nodiscard]] int plan_texts(const plan_request& request, std::istream& in, std::ostream& out);

}  // namespace hikyaku::gateway::app
