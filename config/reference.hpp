// What is printed from the settings table: the reference page docs/config.md and the effective
// configuration. Called by the command line and by the test that keeps the page up to date; pure.
#pragma once

#include <string>

#include "config/settings.hpp"

namespace hikyaku::config {

/// The whole text of docs/config.md.
[[nodiscard]] std::string markdown_reference();

/// Every setting with its current value as TOML, defaults too. Secrets that are set are shown as
/// "********", and so are user, password, query and fragment of every URL: the text is of use again
/// only after they are filled in.
[[nodiscard]] std::string effective_text(const settings& from);

}  // namespace hikyaku::config
