// The links behind the hits: which one a code stands for under which host, how often it may still
// be used, and when a hit of it may be answered.
#include "config/link_domains.hpp"
#include "gateway/engine/hits/hits.hpp"
#include "gateway/links/classify.hpp"
#include "gateway/model/tables.hpp"
#include "store/environment.hpp"

namespace hikyaku::gateway {

namespace table = model::table;
namespace record = model::record;

namespace {

constexpr std::size_t links_looked_at_max = 8;  // of one hash: a second one would be a miracle

std::string_view text_of(const flatbuffers::String* value) {
    return value == nullptr ? std::string_view{} : value->string_view();
}

}  // namespace

void hits::take_settings() {
    default_domain_ = config::host_of_url(settings_->links.base_url);
    const bool has_policy = std::ranges::any_of(
        settings_->accounts, [](const config::account& each) { return !each.policy.empty(); });
    const auto wanted = settings_->links.survive;
    survives_power_ = wanted == config::hits_survive::power ||
                      (wanted == config::hits_survive::automatic && has_policy);
}

/// While the disk refuses nothing can be kept, and people are led on.
std::uint64_t hits::safe_to() const {
    return survives_power_ && !turn_.store_failing ? std::max(synced_to_, stored_to_)
                                                   : std::numeric_limits<std::uint64_t>::max();
}

/// Whether the host answers the link: that of which it was made (exact), or another one of its
/// account.
hits::fit hits::fit_of(const record::Link& link, std::string_view host) const {
    const auto at = host.empty() ? std::string_view(default_domain_) : host;
    const auto made_at = text_of(link.domain());
    const auto* owner = directory_.find(account_id{link.account()});
    const bool is_own = owner != nullptr && config::is_own_domain(owner->settings->links, at);
    // A version before has not written down where it was made: there, or at the default domain.
    if (made_at.empty() ? at == default_domain_ : made_at == at) {
        const auto is_others = [&](const known_account& each) {
            return !each.removed && stored(each.id) != link.account() &&
                   std::ranges::find(each.settings->links.domains, at) !=
                       each.settings->links.domains.end();
        };
        const bool is_taken = !is_own && at != default_domain_ &&
                              std::ranges::any_of(directory_.accounts().all(), is_others);
        return is_taken ? fit::foreign : fit::exact;
    }
    return is_own ? fit::own : fit::foreign;
}

std::optional<link_view> hits::find_link(std::string_view code) const {
    return read_link(environment_.read(), code, 0);
}

std::optional<link_view> hits::find_link_at(std::string_view host, std::string_view code) const {
    const auto snapshot = environment_.read();
    std::vector<store::index_entry> entries;
    snapshot.find(table::link_index, environment_.hash(code), links_looked_at_max, entries);
    store::record_reader reader;
    std::optional<link_view> own;
    for (const auto& entry : entries) {
        const auto* link =
            snapshot.get(table::link_records, model::link_record_key(entry.id, code), reader);
        const auto how = link == nullptr ? fit::foreign : fit_of(*link, host);
        if (how == fit::exact) return view_of(snapshot, code, link);
        if (how == fit::own && !own) own = view_of(snapshot, code, link);
    }
    if (own) return own;
    const auto* link = snapshot.get(table::links, model::link_key(code), reader);
    const bool is_foreign = link == nullptr || fit_of(*link, host) == fit::foreign;
    return is_foreign ? std::nullopt : view_of(snapshot, code, link);
}

std::optional<link_view> hits::read_link(const store::snapshot& snapshot, std::string_view code,
                                         std::uint64_t message) const {
    store::record_reader reader;
    if (message != 0) {
        const auto* link =
            snapshot.get(table::link_records, model::link_record_key(message, code), reader);
        if (link != nullptr) return view_of(snapshot, code, link);
    }
    std::vector<store::index_entry> entries;
    snapshot.find(table::link_index, environment_.hash(code), links_looked_at_max, entries);
    const record::Link* link = nullptr;
    for (const auto& entry : entries) {
        link = snapshot.get(table::link_records, model::link_record_key(entry.id, code), reader);
        if (link != nullptr) break;
    }
    if (link == nullptr) link = snapshot.get(table::links, model::link_key(code), reader);
    return view_of(snapshot, code, link);
}

/// Empty for nullptr.
std::optional<link_view> hits::view_of(const store::snapshot& snapshot, std::string_view code,
                                       const record::Link* link) const {
    if (link == nullptr) return std::nullopt;
    link_view view{message_id{link->message()}, link->target()->str(), link->created(),
                   link->expires(), account_id{link->account()}};
    view.max_uses = link->max_uses();
    if (view.max_uses != 0)
        view.uses = uses_of(snapshot, model::link_record_key(link->message(), code));
    return view;
}

std::uint32_t hits::uses_of(const store::snapshot& snapshot,
                            const model::link_record_key& key) const {
    const auto pending = spent_.find(std::string(key.view()));
    if (pending != spent_.end()) return pending->second.uses;
    store::record_reader reader;
    const auto* stored = snapshot.get(table::link_uses, key, reader);
    return stored == nullptr ? 0 : stored->uses();
}

/// A person has used a link with a limit: in the batch of the hit, so that they are counted alike.
/// What draws previews and scans texts spends nothing.
void hits::spend(const hit_facts& hit, const link_view& link, std::uint64_t sequence) {
    const auto person = static_cast<std::uint8_t>(links::hit_class::human_likely);
    if (link.max_uses == 0 || hit.hit_class != person) return;
    const model::link_record_key key(static_cast<std::uint64_t>(link.message), hit.code);
    const auto before = uses_of(environment_.read(), key);
    if (before >= link.max_uses) return;
    flatbuffers::FlatBufferBuilder fb(64);
    fb.Finish(record::CreateLinkUses(fb, before + 1));
    auto& rows = may_wait().rows();
    rows.put(table::link_uses, key,
             std::string_view(reinterpret_cast<const char*>(fb.GetBufferPointer()), fb.GetSize()));
    const auto kept =
        std::chrono::duration_cast<std::chrono::milliseconds>(settings_->store.retention);
    rows.put(table::expiry,
             model::expiry_key(link.expires_ms + kept.count(), table::link_uses, key));
    std::string octets(key.view());
    spent_[octets] = {before + 1, sequence};
    spending_.emplace_back(sequence, std::move(octets));
}

}  // namespace hikyaku::gateway
