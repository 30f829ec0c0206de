// What the outside may see: messages, accounts, carriers, how much is held and how loaded the
// gateway is; and what an account is told of a hit.
#include <algorithm>

#include "gateway/engine/congestion.hpp"
#include "gateway/engine/engine_impl.hpp"
#include "gateway/engine/record_values.hpp"
#include "gateway/model/tables.hpp"
#include "smpp/text/utf8.hpp"

namespace hikyaku::gateway {

namespace table = model::table;
namespace record = model::record;

namespace {

std::vector<smpp::text::replacement> replaced_in(const record::Message& message) {
    std::vector<smpp::text::replacement> changes;
    if (message.replaced() != nullptr) {
        for (const auto* change : *message.replaced()) {
            changes.push_back({change->position(), std::string(view_of(change->from())),
                               std::string(view_of(change->to()))});
        }
    }
    return changes;
}

double share(std::uint64_t used, std::uint64_t limit) {
    return limit == 0 ? 1.0 : static_cast<double>(used) / static_cast<double>(limit);
}

struct told_message {
    std::string reference;
    phone_address destination;
};

// What the event of a hit says about its message; empty once retention has removed that.
std::optional<told_message> read_message(store::environment& environment, message_id id) {
    const auto snapshot = environment.read();
    const auto value =
        snapshot.get(table::messages, model::message_key(static_cast<std::uint64_t>(id)));
    store::record_reader reader;
    const auto* message = value ? reader.read<record::Message>(*value) : nullptr;
    if (message == nullptr) return std::nullopt;
    return told_message{std::string(view_of(message->reference())),
                        address_of(*message->destination())};
}

/// What the events of links have in common; `about` holds texts of the message.
template <class Event>
Event about_link(std::string_view code, const link_view& link, std::int64_t at_ms,
                 const std::optional<told_message>& about) {
    Event event;
    event.at_ms = at_ms;
    event.message = link.message;
    if (about) {
        const auto& to = about->destination;
        event.reference = about->reference;
        event.destination = address_view{to.ton, to.npi, to.digits};
    }
    event.link = code;
    event.target = link.target;
    return event;
}

}  // namespace

std::optional<message_view> engine::impl::view(account_id account, message_id id) {
    auto* live = messages_.find_or_load(id);
    if (live == nullptr) return std::nullopt;
    const auto& message = live->record();
    if (message.account() != stored(account) || !live->committed) {
        messages_.release(*live);
        return std::nullopt;
    }
    message_view out;
    out.id = id;
    out.state = live->state;
    out.source = address_of(*message.source());
    out.destination = address_of(*message.destination());
    out.encoding = live->encoding();
    out.data_coding = live->data_coding();
    out.parts = live->parts();
    out.replaced = replaced_in(message);
    out.accepted_ms = store::id_milliseconds(static_cast<std::uint64_t>(id));
    out.not_before_ms = live->position.not_before;
    out.expires_ms = live->expires_ms;
    out.done_ms = live->done_ms;
    out.reference = view_of(message.reference());
    out.tag = view_of(message.tag());
    out.purpose = message.purpose();
    out.contact = contact_of(message);
    out.debtor = view_of(message.debtor());
    out.debt = view_of(message.debt());
    auto* const route = directory_.find(route_id{live->position.route});
    out.route = route == nullptr ? "" : route->settings->name;
    for (const auto& segment : live->segments) {
        auto* const carrier = directory_.find(segment.carrier);
        out.segments.push_back(
            {segment, segment.told_state(), carrier == nullptr ? "" : carrier->settings->name,
             segment.carrier_message_id, segment.attempts, segment.submitted_ms, segment.done_ms});
    }
    if (message.links() != nullptr) {
        for (const auto* code : *message.links())
            out.links.push_back(code->str());
        const auto counters = hits_.counters_of(id);
        out.hits_total = counters.total;
        out.hits_by_class.assign(counters.by_class.begin(), counters.by_class.end());
        out.hits_unique = counters.known_unique();
        out.seen_ms = counters.seen_ms;
    }
    messages_.release(*live);
    return out;
}

void engine::impl::tell_seen(std::string_view code, const link_view& link, std::int64_t at_ms) {
    if (!delivery_.takes_links_seen(link.account)) return;
    const auto about = read_message(context_.environment, link.message);
    delivery_.tell(link.account, about_link<link_seen_event>(code, link, at_ms, about));
}

void engine::impl::tell_hit(const hit_facts& hit, const link_view& link, std::int64_t at_ms,
                            hit_told told) {
    if (told == hit_told::no || !delivery_.takes_hits(link.account)) return;
    const auto about = read_message(context_.environment, link.message);
    auto event = about_link<hit_event>(hit.code, link, at_ms, about);
    event.first_of_visit = told == hit_told::first_of_visit;
    event.hit_class = hit.hit_class;
    event.hit_reasons = hit.reasons;
    event.user_agent = smpp::text::cut_utf8(hit.user_agent, user_agent_octets_max);
    delivery_.tell(link.account, event);
}

memory_view engine::memory() const {
    memory_view held;
    impl_->messages_.count(held);
    held.in_flight = impl_->attempts_.in_flight();
    held.late = impl_->attempts_.late();
    held.early = impl_->receiving_.early().size();
    impl_->delivery_.add_to(held);
    held.committing_entries = impl_->context_.changes.committing_entries();
    held.committing_bytes = impl_->context_.changes.committing_bytes();
    return held;
}

std::uint8_t engine::congestion_of(account_id account, instant now) const {
    const auto& known = impl_->directory_[account];
    const auto& store = impl_->context_.settings->store;
    congestion_loads loads;
    loads.writer = share(impl_->context_.changes.committing_bytes(), store.pending_bytes_max);
    loads.account_queue = share(impl_->messages_.queued(account), known.settings->queued_max);
    loads.all_queues = share(impl_->messages_.queued(), store.queued_messages_max);
    loads.rate = impl_->submissions_.rate_used(account, now.steady);
    return congestion_state_of(loads);
}

bool engine::wants_receiver(account_id account) const {
    return !impl_->context_.this_turn.draining && impl_->delivery_.wants_receiver(account);
}

std::vector<account_view> engine::accounts() const {
    std::vector<account_view> views;
    for (const auto& account : impl_->directory_.accounts().all()) {
        if (account.removed) continue;
        const auto depths = impl_->delivery_.depths_of(account.id);
        account_view view{.id = account.id,
                          .name = account.settings->name,
                          .queued = impl_->messages_.queued(account.id),
                          .outbox_smpp = depths.sessions,
                          .outbox_webhook = depths.webhook,
                          .outbox_callback = depths.callbacks,
                          .dead_letters = depths.dead,
                          .settings = account.settings.get()};
        view.sessions = static_cast<std::uint32_t>(impl_->delivery_.sessions().count(account.id));
        view.webhook_disabled = impl_->delivery_.by_webhook().is_disabled(account.id);
        views.push_back(std::move(view));
    }
    return views;
}

shown_names engine::names() const {
    shown_names names;
    for (const auto& carrier : impl_->directory_.carriers().all())
        names.carriers.emplace(stored(carrier.id), carrier.settings->name);
    for (const auto& route : impl_->directory_.routes().all())
        names.routes.emplace(stored(route.id), route.settings->name);
    return names;
}

std::vector<carrier_view> engine::carriers() const {
    std::vector<carrier_view> views;
    for (const auto& carrier : impl_->directory_.carriers().all()) {
        if (carrier.removed) continue;
        const auto& unmatched = impl_->unmatched_.counts_of(carrier.id);
        carrier_view view{.id = carrier.id,
                          .name = carrier.settings->name,
                          .binds_up = static_cast<std::uint32_t>(carrier.binds.size()),
                          .paused = carrier.paused_by_operator,
                          .submitted = carrier.submitted,
                          .refused = carrier.refused,
                          .throttled = carrier.throttled,
                          .delivered_late = carrier.delivered_late,
                          .cancels_asked = carrier.cancels_asked,
                          .cancels_granted = carrier.cancels_granted,
                          .unknown_stats = impl_->receiving_.unknown_stats(carrier.id),
                          .unmatched = unmatched.kept,
                          .receipts_replayed = unmatched.receipts_replayed,
                          .replies_replayed = unmatched.replies_replayed};
        for (const auto& bind : carrier.binds) {
            view.in_flight += bind.in_flight;
            if (bind.can_transmit) {
                view.window += carrier.limit_of(bind, impl_->context_.this_turn.now.steady);
                view.window_max += bind.window.max();
            }
        }
        view.congestion = carrier.congestion;
        views.push_back(std::move(view));
    }
    return views;
}

std::vector<message_view> engine::find_by_reference(account_id account, std::string_view reference,
                                                    std::size_t limit) const {
    std::vector<message_id> ids;
    {
        const auto number = stored(account);
        const auto prefix = model::reference_prefix(number, reference);
        auto& environment = impl_->context_.environment;
        const auto snapshot = environment.read();
        std::vector<store::index_entry> entries;
        const auto hash = environment.hash(prefix);
        // Entries may outlive their messages.
        for (auto asked = limit;; asked *= 2) {
            snapshot.find(model::table::reference_index, hash, asked, entries);
            ids.clear();
            for (const auto& entry : entries)
                if (ids.size() < limit &&
                    snapshot.has(model::table::messages, model::message_key(entry.id)))
                    ids.push_back(message_id{entry.id});
            if (ids.size() == limit || entries.size() < asked || asked > 64 * limit) break;
        }
        store::cursor at(snapshot, model::table::references);
        bool there = at.seek_before(model::reference_key(number, reference, ~std::uint64_t{0}));
        for (; there && at.key().starts_with(prefix.view()) && ids.size() < limit;
             there = at.previous())
            if (const auto id = model::reference_key::parse(at.key());
                id && std::find(ids.begin(), ids.end(), message_id{*id}) == ids.end())
                ids.push_back(message_id{*id});
    }
    std::vector<message_view> found;
    for (const auto id : ids)
        if (auto view = impl_->view(account, id); view && view->reference == reference)
            found.push_back(std::move(*view));
    return found;
}

route_explanation engine::explain_route(std::string_view account, std::string_view source,
                                        std::string_view destination, std::string_view tag) const {
    const route_query query{account, source, destination, tag};
    const auto& rules = impl_->directory_.rules();
    route_explanation out{.route = {}, .reasons = rules.explain(query), .carriers = {}};
    if (const auto match = rules.match(query)) {
        out.route = impl_->context_.settings->routes[*match].name;
        for (const auto& target : impl_->context_.settings->routes[*match].targets)
            out.carriers.push_back(target.carrier);
    }
    return out;
}

std::int64_t engine::oldest_ready_age_ms(instant now) const {
    std::int64_t oldest = now.wall_ms;
    for (const auto& flow : impl_->messages_.flows().all())
        if (!flow->ready.empty())
            oldest = std::min(oldest, flow->ready.front()->position.not_before);
    return now.wall_ms - oldest;
}

refusal engine::refuses_now(account_id account, std::uint32_t segments, instant now) {
    impl_->context_.this_turn.set_now(now);
    return impl_->submissions_.refuses_now(account, segments);
}

bool engine::has_carrier_up(message_id id) const {
    const auto* live = impl_->messages_.find(id);
    const auto* route =
        live == nullptr ? nullptr : impl_->directory_.find(route_id{live->position.route});
    return route != nullptr && std::ranges::any_of(route->targets, [&](const auto& target) {
               return impl_->directory_[target.carrier].up();
           });
}

std::uint64_t engine::queued() const {
    return impl_->messages_.queued();
}

}  // namespace hikyaku::gateway
