// The outbox of a webhook: one post at a time, its answer, and what an answer other than 2xx means
// for the events that were posted (webhook_batches.hpp).
#include <algorithm>

#include "gateway/engine/engine_impl.hpp"
#include "store/environment.hpp"

namespace hikyaku::gateway {

using store::table;
namespace record = store::record;
using std::chrono::milliseconds;
using subject = webhook_batches::subject;

namespace {

constexpr std::chrono::seconds pause_min{5};
constexpr std::chrono::hours pause_max{6};
constexpr std::chrono::hours retry_after_max{24};
constexpr std::uint32_t failures_of_outage = 3;  // in a row; fewer may be one event's

/// Five seconds, doubled with each failure before this one, and up to a quarter more.
milliseconds pause_after(std::uint32_t failures, std::uint64_t random) {
    milliseconds pause = pause_min;
    for (std::uint32_t i = 0; i < failures && pause < pause_max; ++i) {
        pause *= 2;
    }
    pause = std::min<milliseconds>(pause, pause_max);
    return pause + milliseconds(random % static_cast<std::uint64_t>(pause.count() / 4));
}

}  // namespace

/// What the next post holds: an event that was refused alone before, or a batch from the queue.
engine::impl::sequences engine::impl::take_for_post(endpoint_state& endpoint,
                                                    std::size_t batch_max) {
    auto& ready = endpoint.ready;
    if (const auto alone = endpoint.batches.take_alone(now_.steady, !ready.empty())) {
        return {*alone};
    }
    auto first = ready.begin();
    if (endpoint.batches.is_probing() && !ready.empty()) {
        const auto any = random_() % ready.size();
        first +=
            static_cast<std::ptrdiff_t>(endpoint.batches.probes_newest() ? ready.size() - 1 : any);
    } else if (const auto behind = endpoint.batches.behind()) {
        first = std::upper_bound(ready.begin(), ready.end(), behind);
        first = first == ready.end() ? ready.begin() : first;
    }
    const auto left = static_cast<std::size_t>(ready.end() - first);
    const auto last =
        first + static_cast<std::ptrdiff_t>(std::min(left, endpoint.batches.size(batch_max)));
    sequences taken(first, last);
    ready.erase(first, last);
    return taken;
}

void engine::impl::pump_webhook(endpoint_state& endpoint) {
    if (turn_.draining || turn_.store_failing || endpoint.disabled || endpoint.token != 0 ||
        endpoint.next_post > now_.steady) {
        return;
    }
    reload(endpoint);
    const auto taken =
        take_for_post(endpoint, directory_[endpoint.account].settings->webhook->batch_max);
    const auto snapshot = environment_.read();
    std::vector<store::record_reader> readers(taken.size());
    std::vector<outbox_item> items;
    for (const auto sequence : taken) {
        const auto value =
            snapshot.get(table::outbox, store::outbox_key(stored(endpoint.id), sequence));
        const auto* event = value ? readers[items.size()].read<record::Event>(*value) : nullptr;
        if (event == nullptr) {  // damaged: nothing can be told
            endpoint.depth -= endpoint.depth > 0 ? 1 : 0;
            endpoint.batches.forget(sequence);
            endpoint.busy.erase(sequence);
            continue;
        }
        items.push_back({sequence, event});
        endpoint.posted.push_back(sequence);
        endpoint.busy.insert(sequence);
    }
    if (items.empty()) {
        if (endpoint.more_on_disk || !endpoint.ready.empty()) {
            want_tick(now_.steady);
        } else if (const auto due = endpoint.batches.next_due()) {
            want_tick(*due);
        }
        return;
    }
    endpoint.token = ++webhook_tokens_;
    outputs_.post_webhook(endpoint.account, endpoint.token, items);
}

void engine::impl::on_webhook_answer(account_id account, std::uint64_t token,
                                     const webhook_answer& answer) {
    auto& owner = directory_[account];
    if (!owner.webhook_endpoint || endpoints_[*owner.webhook_endpoint].token != token) {
        return;
    }
    const auto index = *owner.webhook_endpoint;
    auto& endpoint = endpoints_[index];
    endpoint.token = 0;
    auto posted = std::exchange(endpoint.posted, {});
    want_endpoint(index);
    if (answer.status >= 200 && answer.status < 300) {
        const bool recovered = std::exchange(endpoint.failed_posts, 0) >= failures_of_outage;
        endpoint.failing_since_ms = 0;
        count_.delivered_webhook += posted.size();
        if (endpoint.batches.is_alone(posted.front())) {
            endpoint.batches.accepted_alone(posted.front(), now_.steady);
        } else {
            endpoint.batches.accepted(posted.size(), posted.back(), recovered, now_.steady);
        }
        for (const auto sequence : posted) {
            remove_event(index, sequence);
        }
        return;
    }
    ++count_.deliveries_failed;
    if (endpoint.failing_since_ms == 0) {
        endpoint.failing_since_ms = now_.wall_ms;
    }
    on_post_failed(index, posted, answer);
    give_up_old(index);
    if (answer.status == 410) {
        set_webhook_disabled(endpoint, true);
    }
}

void engine::impl::on_post_failed(endpoint_id index, const sequences& posted,
                                  const webhook_answer& answer) {
    auto& endpoint = endpoints_[index];
    auto& batches = endpoint.batches;
    const auto what = webhook_batches::subject_of(answer.status);
    const bool again = batches.is_alone(posted.front());
    if (again && what == subject::receiver) {
        batches.postpone(posted.front(), now_.steady);
    } else if (posted.size() == 1 && what != subject::receiver) {
        const auto pause = pause_after(batches.failures_of(posted.front()), random_());
        ++count_.events_refused;
        if (!batches.set_alone(posted.front(), pause, now_.steady, now_.wall_ms)) {
            bury(index, posted.front());
        }
    } else {
        for (const auto sequence : posted) {
            give_back(endpoint, sequence);
        }
    }
    if (!again && what != subject::receiver) {
        batches.refused(posted.size(), what);
    }
    if (what != subject::event || answer.retry_after) {
        back_off(endpoint, answer);
    } else if (!again) {
        endpoint.next_post = now_.steady + batches.pause();
        want_tick(endpoint.next_post);
    }
}

/// Sequences are time-ordered ids: an event is given up when it is old enough and the application
/// has refused it, or everything, all that time, so that our own down-time does not count.
void engine::impl::give_up_old(endpoint_id index) {
    auto& endpoint = endpoints_[index];
    const auto& settings = *directory_[endpoint.account].settings->webhook;
    const auto too_old =
        now_.wall_ms - std::chrono::duration_cast<milliseconds>(settings.give_up_after).count();
    const bool all_failing = endpoint.failing_since_ms != 0 && endpoint.failing_since_ms <= too_old;
    sequences old;
    for (const auto& [sequence, waits] : endpoint.batches.alone()) {
        if (old.size() < settings.batch_max && store::id_milliseconds(sequence) <= too_old &&
            (all_failing || waits.failing_since_ms <= too_old)) {
            old.push_back(sequence);
        }
    }
    while (all_failing && !endpoint.ready.empty() && old.size() < settings.batch_max &&
           store::id_milliseconds(endpoint.ready.front()) <= too_old) {
        old.push_back(endpoint.ready.front());
        endpoint.ready.pop_front();
    }
    for (const auto sequence : old) {
        endpoint.batches.forget(sequence);
        bury(index, sequence);
    }
}

void engine::impl::back_off(endpoint_state& endpoint, const webhook_answer& answer) {
    auto pause = pause_after(endpoint.failed_posts, random_());
    ++endpoint.failed_posts;
    if (answer.retry_after) {
        pause = std::max(pause, std::min<milliseconds>(*answer.retry_after, retry_after_max));
    }
    endpoint.next_post = now_.steady + pause;
    want_tick(endpoint.next_post);
}

/// Forgets what is known of the receiver: its pauses, and which events it has refused.
void engine::impl::begin_anew(endpoint_state& endpoint) {
    endpoint.next_post = {};
    endpoint.failed_posts = 0;
    endpoint.failing_since_ms = 0;
    for (const auto sequence : endpoint.batches.clear()) {
        if (endpoint.posted != sequences{sequence}) {  // that one is under way
            give_back(endpoint, sequence);
        }
    }
}

void engine::impl::set_webhook_disabled(endpoint_state& endpoint, bool disabled) {
    endpoint.disabled = disabled;
    begin_anew(endpoint);
    const auto key = "webhook_disabled:" + directory_[endpoint.account].settings->name;
    if (disabled) {
        must_keep().rows().put(table::meta, key, store::meta_value(1));
    } else {
        must_keep().rows().erase(table::meta, key);
    }
}

}  // namespace hikyaku::gateway
