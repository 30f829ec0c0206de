// Consents and withdrawals as CSV, in and out. Used inside this folder; engine's thread.
#pragma once

#include <memory>

#include "gateway/api/desk/csv_import.hpp"
#include "gateway/api/service.hpp"
#include "gateway/dunning/protection.hpp"

namespace hikyaku::gateway::api {

/// Both outlive it.
[[nodiscard]] std::unique_ptr<csv_target> make_consent_import(service& gateway,
                                                              dunning::protection& desk,
                                                              account_id account);
/// All of the account, a few at a time.
[[nodiscard]] std::unique_ptr<body_source> make_consent_export(dunning::protection& desk,
                                                               account_id account, bool safe);

/// By more than clocks may differ.
[[nodiscard]] bool is_in_the_future(std::int64_t at_ms, std::int64_t now_ms);
/// "given", "withdrawn".
[[nodiscard]] std::string_view status_of(const dunning::consent_view& one);

}  // namespace hikyaku::gateway::api
