#include "gateway/engine/directory/reply_owner.hpp"

#include "gateway/engine/sending/carrier_dialect.hpp"

namespace hikyaku::gateway {

carrier_message with_our_addresses(const directory& names, carrier_id carrier,
                                   const carrier_message& message, restored_addresses& kept) {
    using side = config::address_rule::side;
    const auto& settings = *names[carrier].settings;
    auto out = message;
    if (settings.address_rules.empty()) return out;
    out.source = restore_address(settings, side::destination, message.source_ton, message.source,
                                 kept.source);
    const bool is_number_of_ours =
        !message.destination.starts_with('+') && names.account_by_reply_number(message.destination);
    if (!is_number_of_ours) {
        out.destination = restore_address(settings, side::source, message.destination_ton,
                                          message.destination, kept.destination);
    }
    return out;
}

std::optional<account_id> owner_of_reply(const directory& names, std::string_view number,
                                         std::string_view text) {
    if (const auto owner = names.account_by_reply_number(number)) return owner;
    const auto start = text.find_first_not_of(" \t\r\n");
    if (start == std::string_view::npos) return std::nullopt;
    const auto end = text.find_first_of(" \t\r\n", start);
    const auto word = text.substr(start, end == std::string_view::npos ? end : end - start);
    return names.account_by_keyword(word);
}

}  // namespace hikyaku::gateway
