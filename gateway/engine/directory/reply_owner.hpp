// Whose a reply is: its addresses in the form that applications know, and the account by keyword,
// by who wrote to the phone last, or by number. Reads the directory and the store; engine's thread.
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

/// What a reply says of its owner. Views.
struct reply_signs {
    std::string_view number;  // that the phone wrote to
    std::string_view phone;
    std::string_view text;
};

/// The account of the text's first word, if that is a keyword. Else of the accounts that have the
/// number, the one that wrote to the phone last within 30 days; where nobody has it, the one that
/// did so with the number as its sender. Else the first that has the number. An account that has a
/// number alone gets its replies without a look at messages.
[[nodiscard]] std::optional<account_id> owner_of_reply(const directory& names,
                                                       store::environment& environment,
                                                       const reply_signs& of, std::int64_t now_ms);

}  // namespace hikyaku::gateway
