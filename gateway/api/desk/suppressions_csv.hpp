// Suppressions as CSV, in and out, and the words for their purposes and sources. Used inside this
// folder; engine's thread.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "gateway/api/desk/csv_import.hpp"
#include "gateway/api/service.hpp"
#include "gateway/dunning/protection.hpp"

namespace hikyaku::gateway::api {

inline constexpr gate::purpose_set every_purpose = gate::set_of(Purpose::service) |
                                                   gate::set_of(Purpose::dunning) |
                                                   gate::set_of(Purpose::marketing);
/// In the order of their words in the table of the document.
[[nodiscard]] gate::purpose_set purposes_of(std::uint32_t words);
[[nodiscard]] std::vector<std::string_view> words_of(gate::purpose_set purposes);
/// "api", "import", "carrier".
[[nodiscard]] std::string_view word_of(dunning::record::SuppressionSource source);

/// Both outlive it.
[[nodiscard]] std::unique_ptr<csv_target> make_suppression_import(service& gateway,
                                                                  dunning::protection& desk,
                                                                  account_id account);
/// All of the account, a few at a time.
[[nodiscard]] std::unique_ptr<body_source> make_suppression_export(dunning::protection& desk,
                                                                   account_id account, bool safe);

}  // namespace hikyaku::gateway::api
