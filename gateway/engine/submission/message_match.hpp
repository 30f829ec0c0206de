// Whether a message is the one that an application speaks of in query_sm, cancel_sm or replace_sm,
// and what is told of several messages that it knows by one id. Pure functions, used by the engine
// on its thread.
#pragma once

#include <string_view>

#include "config/settings.hpp"
#include "gateway/engine/types.hpp"
#include "gateway/model/records_generated.h"

namespace hikyaku::gateway {

/// `given` as an application writes it, `stored` as the planner has normalised it: "+81 90-1234" is
/// "81901234". Letters must be the same in every case. TON and NPI are not compared, because the
/// planner may have changed them. Empty is equal to empty only (SMPP 3.4, 4.8.1).
[[nodiscard]] bool same_address(std::string_view stored, std::string_view given);

/// Fills in what the planner makes of the addresses by the settings of the account: the E.164
/// number of a national one, the account's sender where the source is empty. Once, before
/// is_meant().
void read_addresses(operation_target& what, const config::account& account);

/// Source, and destination and service_type unless they are empty in `what`; not the id.
[[nodiscard]] bool is_meant(const model::record::Message& message, const operation_target& what);

/// Adds one more message of a submit_multi to what is told of those before it: not final while any
/// is not, else the first state that is not `delivered`; `scheduled` if all of them are.
void add_to_query(query_view& sum, const query_view& one, bool first);

}  // namespace hikyaku::gateway
