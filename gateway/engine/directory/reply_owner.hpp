// Whose a reply is: its addresses in the form that applications know, and the account by number or
// keyword. Pure look-ups in the directory; engine's thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gateway/engine/directory/directory.hpp"
#include "gateway/engine/receiving/carrier_receipt.hpp"

namespace hikyaku::gateway {

/// What a message with restored addresses may view.
struct restored_addresses {
    std::string source, destination;
};

/// The carrier's message with the addresses that applications know: what the carrier's rules do to
/// the addresses of submissions is undone. A destination that stands among the accounts' numbers as
/// it is stays. Valid as long as `message` and `kept` are.
[[nodiscard]] carrier_message with_our_addresses(const directory& names, carrier_id carrier,
                                                 const carrier_message& message,
                                                 restored_addresses& kept);

/// The account that has the number, or else the first word of `text` as a keyword.
[[nodiscard]] std::optional<account_id> owner_of_reply(const directory& names,
                                                       std::string_view number,
                                                       std::string_view text);

}  // namespace hikyaku::gateway
