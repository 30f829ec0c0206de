#include "gateway/engine/announce/used_names.hpp"

#include <algorithm>

#include "config/link_domains.hpp"
#include "gateway/model/tables.hpp"
#include "store/environment.hpp"

namespace hikyaku::gateway {

namespace table = model::table;
using model::used_name_kind;

namespace {

constexpr std::int64_t day_ms = std::int64_t{24} * 3600 * 1000;
// A name is touched once a day, so that its last use may be a day younger than what is known. After
// 31 days it is more than 30 days old; whatever was used within 30 days is younger.
constexpr std::int64_t kept_ms = 31 * day_ms;
constexpr std::int64_t swept_every_ms = 3600 * 1000;

}  // namespace

used_names::used_names(engine_context& context, const directory& known)
    : room(context), directory_(known) {
    const auto snapshot = environment_.read();
    snapshot.scan(table::used_names, {},
                  [this](const model::used_name_position& where, std::int64_t at) {
                      auto& of = accounts_[where.account];
                      const bool is_sender = where.kind == used_name_kind::sender;
                      auto& names = is_sender ? of.senders : of.domains;
                      names.emplace(std::string(where.name), at);
                      return true;
                  });
}

void used_names::note(const model::record::Message& message) {
    const auto number = message.account();
    auto& of = accounts_[number];
    const auto* sender = message.source() == nullptr ? nullptr : message.source()->digits();
    if (sender != nullptr && sender->size() > 0)
        touch(of, number, used_name_kind::sender, sender->string_view());
    if (message.links() == nullptr || message.links()->size() == 0) return;
    const auto* account = directory_.find(account_id{number});
    if (account == nullptr) return;
    touch(of, number, used_name_kind::domain,
          config::link_domain_of(account->settings->links, settings_->links));
}

void used_names::touch(names_of_account& of, std::uint32_t account, used_name_kind kind,
                       std::string_view name) {
    auto& names = kind == used_name_kind::sender ? of.senders : of.domains;
    const auto known = names.find(name);
    if (known != names.end()) {
        if (now_.wall_ms - known->second < day_ms) return;
        known->second = now_.wall_ms;
    } else {
        if (names.size() >= names_max) {
            of.was_full = true;
            return;
        }
        names.emplace(std::string(name), now_.wall_ms);
    }
    may_wait().rows().put(table::used_names, model::used_name_key(account, kind, name),
                          now_.wall_ms);
}

void used_names::forget_old(std::uint32_t account, used_name_kind kind,
                            text_map<std::int64_t>& names) {
    for (auto at = names.begin(); at != names.end();) {
        if (now_.wall_ms - at->second < kept_ms) {
            ++at;
            continue;
        }
        may_wait().rows().erase(table::used_names, model::used_name_key(account, kind, at->first));
        names.erase(at++);
    }
}

void used_names::sweep() {
    if (now_.wall_ms < next_sweep_ms_) return;
    next_sweep_ms_ = now_.wall_ms + swept_every_ms;
    for (auto& [account, of] : accounts_) {
        forget_old(account, used_name_kind::sender, of.senders);
        forget_old(account, used_name_kind::domain, of.domains);
        of.was_full =
            of.was_full && (of.senders.size() >= names_max || of.domains.size() >= names_max);
    }
}

std::vector<std::string> used_names::recent(const text_map<std::int64_t>& from) const {
    std::vector<std::string> found;
    for (const auto& [name, at] : from)
        if (now_.wall_ms - at < kept_ms) found.push_back(name);
    std::ranges::sort(found);
    return found;
}

used_names_view used_names::of(account_id account) const {
    const auto known = accounts_.find(stored(account));
    if (known == accounts_.end()) return {};
    return {recent(known->second.senders), recent(known->second.domains), !known->second.was_full};
}

announcement used_names::announced(account_id account) const {
    announcement out;
    const auto* known = directory_.find(account);
    if (known != nullptr && known->settings->announce) out.says = *known->settings->announce;
    out.used = of(account);
    return out;
}

std::vector<announcement> used_names::announced_at(std::string_view host) const {
    const auto general = config::host_of_url(settings_->links.base_url);
    const bool is_general = host.empty() || host == general;
    std::vector<announcement> found;
    for (const auto& each : directory_.accounts().all()) {
        if (each.removed) continue;
        const auto& links = each.settings->links;
        const bool is_its = is_general
                                ? each.settings->announce.has_value() &&
                                      config::link_domain_of(links, settings_->links) == general
                                : config::is_own_domain(links, host);
        if (!is_its) continue;
        found.push_back(announced(each.id));
        // The name of an account is the operator's word for it.
        if (found.back().says.name.empty()) found.back().says.name = host;
    }
    return found;
}

std::optional<account_id> used_names::owner_of(std::string_view host) const {
    for (const auto& each : directory_.accounts().all())
        if (!each.removed && config::is_own_domain(each.settings->links, host)) return each.id;
    return std::nullopt;
}

}  // namespace hikyaku::gateway
