#include "gateway/engine/directory/directory.hpp"

#include <algorithm>
#include <set>
#include <utility>

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
    : room(context), sent_before_(sent_before), router_(settings_->routes) {
    load_names();
    take_settings();
}

directory_changes directory::take_settings() {
    directory_changes changes;
    take_carriers(changes);
    take_accounts();
    take_routes(changes);
    return changes;
}

void directory::take_carriers(directory_changes& changes) {
    for (auto& carrier : carriers_.all())
        carrier.removed = true;
    for (const auto& each : settings_->carriers) {
        const carrier_id id{number_of(name_kind::carrier, each.name)};
        std::shared_ptr<const config::carrier> settings(settings_, &each);
        auto* const known = carriers_.find(id);
        if (known == nullptr) {
            carriers_.emplace(id, std::move(settings), id, sent_before_);
            changes.id_forms.push_back(id);
            continue;
        }
        if (known->settings->response_id != each.response_id ||
            known->settings->receipt_id != each.receipt_id)
            changes.id_forms.push_back(id);
        known->use(std::move(settings), now_.steady);
        known->removed = false;
    }
}

void directory::take_accounts() {
    for (auto& account : accounts_.all())
        account.removed = true;
    tokens_.clear();
    for (auto* names :
         {&by_system_id_, &by_username_, &by_jasmin_username_, &by_twilio_sid_, &by_keyword_})
        names->clear();
    by_reply_number_.clear();
    for (const auto& each : settings_->accounts) {
        const account_id id{number_of(name_kind::account, each.name)};
        auto* known = accounts_.find(id);
        if (known == nullptr) known = &accounts_.emplace(id, known_account{id, {}});
        known->settings = std::shared_ptr<const config::account>(settings_, &each);
        known->removed = false;
        name_account(*known);
    }
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
            taken.emplace(kind, *number).second) {
            numbers_.emplace(std::pair{kind, std::string(key.substr(1))}, *number);
            highest_[kind] = std::max(highest_[kind], *number);
        }
        return true;
    });
}

std::uint32_t directory::number_of(name_kind kind, std::string_view name) {
    if (const auto known = known_number(kind, name)) return *known;
    const auto key = std::pair{static_cast<std::uint8_t>(kind), std::string(name)};
    const auto number = ++highest_[key.first];
    numbers_.emplace(key, number);
    must_keep().rows().put(table::names, model::name_key(kind, name), number);
    return number;
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

/// What applications and phones may call the account.
void directory::name_account(const known_account& account) {
    const auto& settings = *account.settings;
    if (!settings.system_id.empty()) by_system_id_[settings.system_id] = account.id;
    for (const auto& token : settings.api_tokens)
        tokens_.add(view_of(hash_of_token(token)), {account.id, nullptr});
    for (const auto& token : settings.tokens)
        tokens_.add(octets_of_hash(token.hash), {account.id, &token});
    if (settings.sendsms) by_username_[settings.sendsms->username] = account.id;
    if (settings.jasmin) by_jasmin_username_[settings.jasmin->username] = account.id;
    if (settings.twilio) {
        by_twilio_sid_[settings.twilio->sid] = account.id;
        for (const auto& key : settings.twilio->keys)
            by_twilio_sid_[key.sid] = account.id;
    }
    for (const auto& number : settings.numbers)
        by_reply_number_[std::string(without_plus(number))].push_back(account.id);
    for (const auto& keyword : settings.keywords)
        by_keyword_[fold_keyword(keyword)] = account.id;
}

void directory::take_routes(directory_changes& changes) {
    for (auto& route : routes_.all())
        route.removed = true;
    route_of_rule_.clear();
    for (const auto& each : settings_->routes) {
        const route_id id{number_of(name_kind::route, each.name)};
        auto* known = routes_.find(id);
        if (known == nullptr) known = &routes_.emplace(id);
        known->id = id;
        known->settings = std::shared_ptr<const config::route>(settings_, &each);
        known->removed = false;
        if (take_targets(*known)) changes.routes.push_back(id);
        route_of_rule_.push_back(id);
    }
    for (auto& route : routes_.all())
        if (route.removed) route.targets.clear();
    router_ = router(settings_->routes);
}

/// True: they are not those that there were. What round robin owes a carrier stays.
bool directory::take_targets(route_state& route) const {
    const auto before = std::exchange(route.targets, {});
    for (const auto& wanted : route.settings->targets) {
        const auto carrier = carrier_by_name(wanted.carrier);
        if (!carrier) continue;
        const auto same = std::ranges::find(before, *carrier, &target_state::carrier);
        const auto credit = same == before.end() ? 0 : same->credit;
        route.targets.push_back({*carrier, wanted.weight, wanted.priority, credit});
    }
    route.texts_differ = std::ranges::any_of(route.targets, [&](const target_state& target) {
        return carriers_[target.carrier].text_fingerprint !=
               carriers_[route.targets.front().carrier].text_fingerprint;
    });
    return !std::ranges::equal(before, route.targets, {}, &target_state::carrier,
                               &target_state::carrier);
}

std::optional<account_id> directory::account_by_twilio_sid(std::string_view sid) const {
    return find_in(by_twilio_sid_, sid);
}

std::optional<account_id> directory::account_by_system_id(std::string_view id) const {
    return find_in(by_system_id_, id);
}

std::optional<known_token> directory::find_token(std::string_view token) {
    return tokens_.find(token);
}

std::optional<account_id> directory::account_by_username(std::string_view username) const {
    return find_in(by_username_, username);
}

std::optional<account_id> directory::account_by_jasmin_username(std::string_view username) const {
    return find_in(by_jasmin_username_, username);
}

std::optional<account_id> directory::account_by_reply_number(std::string_view number) const {
    const auto all = accounts_by_reply_number(number);
    return all.empty() ? std::nullopt : std::optional(all.front());
}

std::span<const account_id> directory::accounts_by_reply_number(std::string_view number) const {
    const auto at = by_reply_number_.find(without_plus(number));
    return at == by_reply_number_.end() ? std::span<const account_id>{}
                                        : std::span<const account_id>(at->second);
}

std::optional<account_id> directory::account_by_keyword(std::string_view word) const {
    return find_in(by_keyword_, fold_keyword(word));
}

std::optional<carrier_id> directory::carrier_by_name(std::string_view name) const {
    const auto all = carriers_.all();
    const auto at = std::ranges::find_if(all, [&](const carrier_state& carrier) {
        return !carrier.removed && carrier.settings->name == name;
    });
    return at == all.end() ? std::nullopt : std::optional((*at).id);
}

std::optional<route_id> directory::match(const route_query& query) const {
    const auto rule = router_.match(query);
    return rule ? std::optional(route_of_rule_[*rule]) : std::nullopt;
}

}  // namespace hikyaku::gateway
