#include "gateway/engine/directory/directory.hpp"

#include <algorithm>
#include <set>

#include "gateway/engine/directory/token_hash.hpp"
#include "gateway/engine/submission/numbers.hpp"
#include "gateway/model/tables.hpp"
#include "smpp/text/hex.hpp"

namespace hikyaku::gateway {

using model::name_kind;
namespace table = model::table;

namespace {

constexpr std::uint32_t number_max = 1U << 20;  // names that were ever met, of one kind

/// The hash as the configuration writes it, "sha256:" and hexadecimal digits.
std::string octets_of_hash(std::string_view written) {
    return smpp::text::from_hex(written.substr(written.find(':') + 1)).value_or(std::string{});
}

/// Lower case for ASCII letters; other characters stay.
std::string fold_keyword(std::string_view word) {
    std::string out(word);
    std::ranges::transform(out, out.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return out;
}

std::optional<account_id> find_in(const text_map<account_id>& map, std::string_view key) {
    const auto at = map.find(key);
    return at == map.end() ? std::nullopt : std::optional(at->second);
}

}  // namespace

directory::directory(engine_context& context, steady_time sent_before)
    : room(context), router_(settings_.routes) {
    load_names();
    for (const auto& carrier : settings_.carriers) {
        const carrier_id id{number_of(name_kind::carrier, carrier.name)};
        carriers_.emplace(id, carrier, id, sent_before);
    }
    for (const auto& account : settings_.accounts)
        add_account(account);
    for (const auto& route : settings_.routes)
        add_route(route);
}

/// A name whose number is out of bounds, or another's, is met anew: the store is damaged, and its
/// messages are those of a name that is gone.
void directory::load_names() {
    std::set<std::pair<std::uint8_t, std::uint32_t>> taken;
    const auto snapshot = environment_.read();
    snapshot.for_each(table::names, "", [&](std::string_view key, std::string_view value) {
        store::key_reader reader(key);
        const auto kind = reader.u8();
        const auto number = store::read_number<std::uint32_t>(value);
        if (reader.ok() && number && *number != 0 && *number <= number_max &&
            taken.emplace(kind, *number).second)
            numbers_.emplace(std::pair{kind, std::string(key.substr(1))}, *number);
        return true;
    });
}

std::uint32_t directory::number_of(name_kind kind, std::string_view name) {
    if (const auto known = known_number(kind, name)) return *known;
    const auto key = std::pair{static_cast<std::uint8_t>(kind), std::string(name)};
    std::uint32_t highest = 0;
    for (const auto& [other, number] : numbers_)
        if (other.first == key.first) highest = std::max(highest, number);
    numbers_.emplace(key, highest + 1);
    must_keep().rows().put(table::names, model::name_key(kind, name), highest + 1);
    return highest + 1;
}

std::optional<std::uint32_t> directory::known_number(name_kind kind, std::string_view name) const {
    const auto known = numbers_.find({static_cast<std::uint8_t>(kind), std::string(name)});
    return known == numbers_.end() ? std::nullopt : std::optional(known->second);
}

std::string directory::name_of(name_kind kind, std::uint32_t number) const {
    const auto at = std::ranges::find_if(numbers_, [&](const auto& known) {
        return known.first.first == static_cast<std::uint8_t>(kind) && known.second == number;
    });
    return at == numbers_.end() ? std::string() : at->first.second;
}

void directory::add_account(const config::account& settings) {
    const account_id id{number_of(name_kind::account, settings.name)};
    accounts_.emplace(id, known_account{id, &settings});
    if (!settings.system_id.empty()) by_system_id_[settings.system_id] = id;
    for (const auto& token : settings.api_tokens)
        by_token_[std::string(view_of(hash_of_token(token)))] = {id, nullptr};
    for (const auto& token : settings.tokens)
        by_token_[octets_of_hash(token.hash)] = {id, &token};
    if (settings.sendsms) by_username_[settings.sendsms->username] = id;
    for (const auto& number : settings.numbers)
        by_reply_number_[std::string(without_plus(number))] = id;
    for (const auto& keyword : settings.keywords)
        by_keyword_[fold_keyword(keyword)] = id;
}

void directory::add_route(const config::route& settings) {
    const route_id id{number_of(name_kind::route, settings.name)};
    auto& route = routes_.emplace(id);
    route.id = id;
    route.settings = &settings;
    for (const auto& wanted : settings.targets)
        if (const auto carrier = carrier_by_name(wanted.carrier))
            route.targets.push_back({*carrier, wanted.weight, wanted.priority, 0});
    route.texts_differ = std::ranges::any_of(route.targets, [&](const target_state& target) {
        return carriers_[target.carrier].text_fingerprint !=
               carriers_[route.targets.front().carrier].text_fingerprint;
    });
    route_of_rule_.push_back(id);
}

std::optional<account_id> directory::account_by_system_id(std::string_view id) const {
    return find_in(by_system_id_, id);
}

std::optional<known_token> directory::find_token(std::string_view token) const {
    const auto at = by_token_.find(view_of(hash_of_token(token)));
    return at == by_token_.end() ? std::nullopt : std::optional(at->second);
}

std::optional<account_id> directory::account_by_username(std::string_view username) const {
    return find_in(by_username_, username);
}

std::optional<account_id> directory::account_by_reply_number(std::string_view number) const {
    return find_in(by_reply_number_, without_plus(number));
}

std::optional<account_id> directory::account_by_keyword(std::string_view word) const {
    return find_in(by_keyword_, fold_keyword(word));
}

std::optional<carrier_id> directory::carrier_by_name(std::string_view name) const {
    const auto all = carriers_.all();
    const auto at = std::ranges::find_if(
        all, [&](const carrier_state& carrier) { return carrier.settings->name == name; });
    return at == all.end() ? std::nullopt : std::optional((*at).id);
}

std::optional<route_id> directory::match(const route_query& query) const {
    const auto rule = router_.match(query);
    return rule ? std::optional(route_of_rule_[*rule]) : std::nullopt;
}

}  // namespace hikyaku::gateway
