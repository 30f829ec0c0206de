#include "gateway/engine/delivery/consumers.hpp"

#include <algorithm>
#include <cassert>

#include "gateway/model/tables.hpp"
#include "store/environment.hpp"

namespace hikyaku::gateway {

namespace table = model::table;

namespace {

constexpr std::size_t handed_out_at_once_max = 64;

bool wants_kind(const consumer_settings& settings, EventKind kind) {
    switch (kind) {
        case EventKind::receipt:
            return settings.receipts;
        case EventKind::reply:
            return settings.replies;
        case EventKind::hit:
            return settings.hits;
        case EventKind::reply_read:
            return false;
        case EventKind::link_seen:
            return settings.links_seen;
    }
    return false;
}

/// No account's outbox is called so: they begin with the account's name.
std::string outbox_name(const consumer_settings& settings) {
    return "/" + settings.name;
}

}  // namespace

consumers::consumers(engine_context& context, outboxes& all,
                     std::vector<consumer_settings> settings)
    : room(context), outboxes_(all) {
    for (auto& one : settings) {
        assert(!one.name.empty() && one.window > 0);
        auto& from = outboxes_.add(outbox_name(one), outbox_kind::consumer, account_id{});
        if (one.asked_only) of_asked_.push_back(&from);
        if (one.read_replies) of_read_.push_back(&from);
        consumers_.push_back({std::move(one), &from, {}});
    }
}

void consumers::listen_to(account_id account, std::string_view name) {
    for (auto& one : consumers_) {
        const auto& wanted = one.settings.accounts;
        if (one.settings.asked_only || std::ranges::find(wanted, name) == wanted.end()) continue;
        auto* heard = listeners_.find(account);
        if (heard == nullptr) heard = &listeners_.emplace(account);
        for (const auto kind :
             {EventKind::receipt, EventKind::reply, EventKind::hit, EventKind::link_seen})
            if (wants_kind(one.settings, kind))
                (*heard)[static_cast<std::size_t>(kind)].push_back(one.from);
    }
}

std::span<outbox* const> consumers::listening(account_id account, EventKind kind) const {
    const auto* heard = listeners_.find(account);
    return heard == nullptr ? std::span<outbox* const>{}
                            : std::span<outbox* const>((*heard)[static_cast<std::size_t>(kind)]);
}

void consumers::pump(outbox& from) {
    if (turn_.draining || turn_.store_failing) return;
    const auto at = std::ranges::find(consumers_, &from, &consumer_state::from);
    assert(at != consumers_.end());
    const auto id = static_cast<consumer_id>(at - consumers_.begin());
    while (at->in_hand.size() < at->settings.window) {
        outboxes_.reload(from);
        if (from.ready.empty()) return;
        hand_out(id, *at);
    }
}

void consumers::hand_out(consumer_id id, consumer_state& consumer) {
    auto& from = *consumer.from;
    const auto count = std::min(consumer.settings.window - consumer.in_hand.size(),
                                std::min(from.ready.size(), handed_out_at_once_max));
    const auto snapshot = environment_.read();
    std::vector<store::record_reader> readers(count);
    std::vector<outbox_item> items;
    for (std::size_t i = 0; i < count; ++i) {
        const auto sequence = from.ready.front();
        from.ready.pop_front();
        const auto value =
            snapshot.get(table::outbox, model::outbox_key(stored(from.id), sequence));
        auto event = value ? read_event(readers[i], *value) : std::nullopt;
        if (!event) {
            outboxes_.bury(from, sequence);
            continue;
        }
        items.push_back({sequence, *event});
        consumer.in_hand.push_back(sequence);
        from.busy.insert(sequence);
    }
    if (!items.empty()) outputs_.consume(id, items);
}

void consumers::on_consumed(consumer_id consumer, std::uint64_t sequence) {
    auto& known = consumers_.at(static_cast<std::size_t>(consumer));
    while (!known.in_hand.empty() && known.in_hand.front() <= sequence) {
        outboxes_.remove(*known.from, known.in_hand.front());
        known.in_hand.pop_front();
        ++count_.delivered_consumer;
    }
    outboxes_.want(*known.from);
}

std::vector<consumer_view> consumers::views() const {
    std::vector<consumer_view> out;
    for (const auto& one : consumers_)
        out.push_back({one.settings.name, one.from->depth, one.in_hand.size()});
    return out;
}

bool consumers::idle() const {
    return std::ranges::all_of(
        consumers_, [](const consumer_state& one) { return one.in_hand.empty(); });
}

}  // namespace hikyaku::gateway
