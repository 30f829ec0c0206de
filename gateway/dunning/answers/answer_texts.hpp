// The texts that answer a reply without a person: those of the account in the language of the
// reply, else its own for all languages, else the program's. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "config/reply_settings.hpp"
#include "gateway/dunning/answers/what_follows.hpp"

namespace hikyaku::gateway::dunning {

/// `reference` is what a stop for one debt named. Empty: the account has none for `which`, and the
/// program has none either (help, closed).
[[nodiscard]] std::string answer_text(const config::account_replies& from, wanted_answer which,
                                      std::string_view language, std::string_view reference = {});

}  // namespace hikyaku::gateway::dunning
