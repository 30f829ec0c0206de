#include "gateway/engine/delivery/webhooks.hpp"

#include <algorithm>

#include "gateway/engine/delivery/events.hpp"
#include "gateway/model/tables.hpp"
#include "store/environment.hpp"

namespace hikyaku::gateway {

using std::chrono::milliseconds;
namespace table = model::table;
using subject = webhook_batches::subject;

namespace {

constexpr std::chrono::seconds pause_min{5};
constexpr std::chrono::hours pause_max{6};
constexpr std::chrono::hours retry_after_max{24};
constexpr std::uint32_t failures_of_outage = 3;  // in a row; fewer may be one event's

/// In table meta: the account's webhook is disabled.
std::string disabled_key(const config::account& account) {
    return "webhook_disabled:" + account.name;
}

/// Five seconds, doubled with each failure before this one, and up to a quarter more.
milliseconds pause_after(std::uint32_t failures, std::uint64_t random) {
    milliseconds pause = pause_min;
    for (std::uint32_t i = 0; i < failures && pause < pause_max; ++i)
        pause *= 2;
    pause = std::min<milliseconds>(pause, pause_max);
    return pause + milliseconds(random % static_cast<std::uint64_t>(pause.count() / 4));
}

}  // namespace

void webhooks::add(account_id account, outbox& from) {
    auto& added = webhooks_.emplace(account);
    added.from = &from;
    added.url = settings_of(added).webhook->url;
    added.disabled = environment_.read().has(table::meta, disabled_key(settings_of(added)));
}

outbox* webhooks::outbox_of(account_id account) const {
    const auto* webhook = webhooks_.find(account);
    return webhook == nullptr || !is_configured(*webhook) ? nullptr : webhook->from;
}

void webhooks::take_settings(account_id account) {
    auto* const webhook = webhooks_.find(account);
    if (webhook == nullptr || !is_configured(*webhook)) return;
    const auto& url = settings_of(*webhook).webhook->url;
    if (webhook->url == url) return;
    webhook->url = url;
    begin_anew(*webhook);
}

/// What the next post holds: an event that was refused alone before, or a batch from the queue.
webhooks::sequences webhooks::take_for_post(webhook_state& webhook, std::size_t batch_max) {
    auto& ready = webhook.from->ready;
    if (const auto alone = webhook.batches.take_alone(now_.steady, !ready.empty())) return {*alone};
    auto first = ready.begin();
    if (webhook.batches.is_probing() && !ready.empty()) {
        const auto any = random_() % ready.size();
        first +=
            static_cast<std::ptrdiff_t>(webhook.batches.probes_newest() ? ready.size() - 1 : any);
    } else if (const auto behind = webhook.batches.behind()) {
        first = std::upper_bound(ready.begin(), ready.end(), behind);
        first = first == ready.end() ? ready.begin() : first;
    }
    const auto left = static_cast<std::size_t>(ready.end() - first);
    const auto last =
        first + static_cast<std::ptrdiff_t>(std::min(left, webhook.batches.size(batch_max)));
    sequences taken(first, last);
    ready.erase(first, last);
    return taken;
}

void webhooks::pump(outbox& from) {
    auto& webhook = webhooks_[from.account];
    if (turn_.draining || turn_.store_failing || webhook.disabled || !is_in_use(webhook) ||
        webhook.token != 0 || webhook.next_post > now_.steady)
        return;
    outboxes_.reload(from);
    const auto taken = take_for_post(webhook, settings_of(webhook).webhook->batch_max);
    const auto snapshot = environment_.read();
    std::vector<store::record_reader> readers(taken.size());
    std::vector<outbox_item> items;
    for (const auto sequence : taken) {
        const auto value =
            snapshot.get(table::outbox, model::outbox_key(stored(from.id), sequence));
        auto event = value ? read_event(readers[items.size()], *value) : std::nullopt;
        if (!event) {
            webhook.batches.forget(sequence);
            outboxes_.bury(from, sequence);
            continue;
        }
        items.push_back({sequence, *event});
        webhook.posted.push_back(sequence);
        from.busy.insert(sequence);
    }
    if (items.empty()) {
        if (from.more_on_disk || !from.ready.empty())
            turn_.want_tick(now_.steady);
        else if (const auto due = webhook.batches.next_due())
            turn_.want_tick(*due);
        return;
    }
    webhook.token = ++last_token_;
    outputs_.post_webhook(from.account, webhook.token, items);
}

void webhooks::on_answer(account_id account, std::uint64_t token, const http_answer& answer) {
    auto* const webhook = webhooks_.find(account);
    if (webhook == nullptr || webhook->token != token) return;
    webhook->token = 0;
    const auto posted = std::exchange(webhook->posted, {});
    outboxes_.want(*webhook->from);
    if (answer.status >= 200 && answer.status < 300) {
        on_post_accepted(*webhook, posted);
        return;
    }
    ++count_.deliveries_failed;
    if (webhook->failing_since_ms == 0) webhook->failing_since_ms = now_.wall_ms;
    on_post_failed(*webhook, posted, answer);
    give_up_old(*webhook);
    if (answer.status == 410) set_disabled(*webhook, true);
}

void webhooks::on_post_accepted(webhook_state& webhook, const sequences& posted) {
    const bool recovered = std::exchange(webhook.failed_posts, 0) >= failures_of_outage;
    webhook.failing_since_ms = 0;
    count_.delivered_webhook += posted.size();
    if (webhook.batches.is_alone(posted.front()))
        webhook.batches.accepted_alone(posted.front(), now_.steady);
    else
        webhook.batches.accepted(posted.size(), posted.back(), recovered, now_.steady);
    for (const auto sequence : posted)
        outboxes_.remove(*webhook.from, sequence);
}

void webhooks::on_post_failed(webhook_state& webhook, const sequences& posted,
                              const http_answer& answer) {
    auto& batches = webhook.batches;
    const auto what = webhook_batches::subject_of(answer.status);
    const bool again = batches.is_alone(posted.front());
    if (again && what == subject::receiver) {
        batches.postpone(posted.front(), now_.steady);
    } else if (posted.size() == 1 && what != subject::receiver) {
        const auto pause = pause_after(batches.failures_of(posted.front()), random_());
        ++count_.events_refused;
        if (!batches.set_alone(posted.front(), pause, now_.steady, now_.wall_ms))
            outboxes_.bury(*webhook.from, posted.front());
    } else {
        for (const auto sequence : posted)
            outboxes_.give_back(*webhook.from, sequence);
    }
    if (!again && what != subject::receiver) batches.refused(posted.size(), what);
    if (what != subject::event || answer.retry_after) {
        back_off(webhook, answer);
    } else if (!again) {
        webhook.next_post = now_.steady + batches.pause();
        turn_.want_tick(webhook.next_post);
    }
}

/// Sequences are time-ordered ids: an event is given up when it is old enough and the application
/// has refused it, or everything, all that time, so that our own down-time does not count.
void webhooks::give_up_old(webhook_state& webhook) {
    if (!is_configured(webhook)) return;
    auto& ready = webhook.from->ready;
    const auto& settings = *settings_of(webhook).webhook;
    const auto too_old =
        now_.wall_ms - std::chrono::duration_cast<milliseconds>(settings.give_up_after).count();
    const bool all_failing = webhook.failing_since_ms != 0 && webhook.failing_since_ms <= too_old;
    sequences old;
    for (const auto& [sequence, waits] : webhook.batches.alone())
        if (old.size() < settings.batch_max && store::id_milliseconds(sequence) <= too_old &&
            (all_failing || waits.failing_since_ms <= too_old))
            old.push_back(sequence);
    while (all_failing && !ready.empty() && old.size() < settings.batch_max &&
           store::id_milliseconds(ready.front()) <= too_old) {
        old.push_back(ready.front());
        ready.pop_front();
    }
    for (const auto sequence : old) {
        webhook.batches.forget(sequence);
        outboxes_.bury(*webhook.from, sequence);
    }
}

void webhooks::back_off(webhook_state& webhook, const http_answer& answer) {
    auto pause = pause_after(webhook.failed_posts, random_());
    ++webhook.failed_posts;
    if (answer.retry_after)
        pause = std::max(pause, std::min<milliseconds>(*answer.retry_after, retry_after_max));
    webhook.next_post = now_.steady + pause;
    turn_.want_tick(webhook.next_post);
}

void webhooks::begin_anew(webhook_state& webhook) {
    webhook.next_post = {};
    webhook.failed_posts = 0;
    webhook.failing_since_ms = 0;
    for (const auto sequence : webhook.batches.clear())
        if (webhook.posted != sequences{sequence})  // that one is under way
            outboxes_.give_back(*webhook.from, sequence);
}

void webhooks::begin_anew(account_id account) {
    if (auto* const webhook = webhooks_.find(account)) begin_anew(*webhook);
}

void webhooks::set_disabled(webhook_state& webhook, bool disabled) {
    webhook.disabled = disabled;
    begin_anew(webhook);
    const auto key = disabled_key(settings_of(webhook));
    if (disabled)
        must_keep().rows().put(table::meta, key, 1);
    else
        must_keep().rows().erase(table::meta, key);
}

void webhooks::enable(account_id account) {
    if (auto* const webhook = webhooks_.find(account)) {
        set_disabled(*webhook, false);
        outboxes_.want(*webhook->from);
    }
}

void webhooks::tick() {
    for (const auto& webhook : webhooks_.all())
        if (webhook.next_post > now_.steady) turn_.want_tick(webhook.next_post);
}

bool webhooks::has_alone(account_id account) const {
    return !webhooks_[account].batches.alone().empty();
}

bool webhooks::is_disabled(account_id account) const {
    const auto* const webhook = webhooks_.find(account);
    return webhook != nullptr && webhook->disabled;
}

std::size_t webhooks::alone_most() const {
    std::size_t most = 0;
    for (const auto& webhook : webhooks_.all())
        most = std::max(most, webhook.batches.alone().size());
    return most;
}

bool webhooks::idle() const {
    return std::ranges::none_of(
        webhooks_.all(), [](const webhook_state& webhook) { return webhook.token != 0; });
}

}  // namespace hikyaku::gateway
