#include "gateway/engine/directory/reply_owner.hpp"

#include <vector>

#include "gateway/engine/directory/last_message.hpp"
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

namespace {

constexpr std::int64_t wrote_within_ms = std::int64_t{30} * 86'400'000;
constexpr std::size_t accounts_max = 256;  // of those that are looked at for a number of nobody

std::optional<account_id> owner_by_keyword(const directory& names, std::string_view text) {
    const auto start = text.find_first_not_of(" \t\r\n");
    if (start == std::string_view::npos) return std::nullopt;
    const auto end = text.find_first_of(" \t\r\n", start);
    const auto word = text.substr(start, end == std::string_view::npos ? end : end - start);
    return names.account_by_keyword(word);
}

}  // namespace

std::optional<account_id> owner_of_reply(const directory& names, store::environment& environment,
                                         const reply_signs& of, std::int64_t now_ms) {
    if (const auto owner = owner_by_keyword(names, of.text)) return owner;
    const auto owners = names.accounts_by_reply_number(of.number);
    if (owners.size() == 1) return owners.front();
    std::vector<account_id> among(owners.begin(), owners.end());
    if (among.empty())
        for (const auto& each : names.accounts().all())
            if (!each.removed && among.size() < accounts_max) among.push_back(each.id);
    const auto sender = owners.empty() ? of.number : std::string_view{};
    if (const auto writer =
            last_writer_of(environment, {among, of.phone, sender, now_ms - wrote_within_ms}))
        return writer;
    return owners.empty() ? std::nullopt : std::optional(owners.front());
}

}  // namespace hikyaku::gateway
