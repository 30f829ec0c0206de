#include "gateway/engine/delivery/callback_queue.hpp"

#include <algorithm>
#include <cassert>

namespace hikyaku::gateway {

namespace {

void insert_in_order(std::deque<std::uint64_t>& waiting, std::uint64_t sequence) {
    waiting.insert(std::lower_bound(waiting.begin(), waiting.end(), sequence), sequence);
}

}  // namespace

callback_queue::offered callback_queue::offer(std::string_view name, std::uint64_t sequence) {
    auto at = hosts_.find(name);
    if (at == hosts_.end()) {
        if (hosts_.size() >= hosts_max) return offered::full;
        at = hosts_.emplace(name, host_state{}).first;
    }
    auto& host = at->second;
    // Behind what is only in the store, it keeps its place there.
    if (host.resume != 0 || host.waiting.size() >= waiting_of_host_max) {
        host.resume = host.resume == 0 ? sequence : std::min(host.resume, sequence);
        return offered::later;
    }
    insert_in_order(host.waiting, sequence);
    return offered::taken;
}

bool callback_queue::may_run(const host_state& host, time_point now) {
    // One that failed is asked by a single request until it answers.
    const auto most = host.failures > 0 ? 1 : running_of_host_max;
    return host.running < most && host.paused_until <= now;
}

std::optional<std::uint64_t> callback_queue::next(time_point now) {
    if (running_.size() >= running_max) return std::nullopt;
    if (const auto retry = next_retry(now)) return retry;
    auto at = hosts_.upper_bound(last_served_);
    for (std::size_t i = 0; i < hosts_.size(); ++i, ++at) {
        if (at == hosts_.end()) at = hosts_.begin();
        auto& [name, host] = *at;
        if (host.waiting.empty() || !may_run(host, now)) continue;
        const auto sequence = host.waiting.front();
        host.waiting.pop_front();
        ++host.running;
        running_.emplace(sequence, event_state{name});
        last_served_ = name;
        return sequence;
    }
    return std::nullopt;
}

std::optional<std::uint64_t> callback_queue::next_retry(time_point now) {
    while (!retries_.empty() && retries_.begin()->first <= now) {
        const auto sequence = retries_.begin()->second;
        auto& event = failed_.at(sequence);
        auto& host = hosts_[event.host];  // perhaps forgotten meanwhile: then it is a new one
        retries_.erase(retries_.begin());
        if (!may_run(host, now)) {
            retries_.emplace(std::max(host.paused_until, now + std::chrono::seconds{1}), sequence);
            continue;
        }
        ++host.running;
        running_.emplace(sequence, std::move(event));
        failed_.erase(sequence);
        return sequence;
    }
    return std::nullopt;
}

std::optional<callback_queue::refill> callback_queue::wanted_refill() const {
    const auto at = std::ranges::find_if(hosts_, [](const auto& each) {
        return each.second.resume != 0 && each.second.waiting.empty();
    });
    if (at == hosts_.end()) return std::nullopt;
    return refill{at->first, at->second.resume};
}

void callback_queue::refilled(const std::string& name, std::uint64_t from, bool more) {
    hosts_[name].resume = more ? from : 0;
    forget_if_idle(name);
}

std::optional<callback_queue::event_state> callback_queue::end(std::uint64_t sequence) {
    const auto at = running_.find(sequence);
    if (at == running_.end()) return std::nullopt;
    auto event = std::move(at->second);
    running_.erase(at);
    --hosts_.at(event.host).running;
    return event;
}

void callback_queue::succeeded(std::uint64_t sequence) {
    const auto event = end(sequence);
    assert(event);
    auto& host = hosts_.at(event->host);
    host.failures = 0;
    host.failing_since_ms = 0;
    host.paused_until = {};
    forget_if_idle(event->host);
}

void callback_queue::dropped(std::uint64_t sequence) {
    if (const auto event = end(sequence)) forget_if_idle(event->host);
}

callback_queue::verdict callback_queue::failed(std::uint64_t sequence, const failure& how,
                                               time_point now, std::int64_t now_ms) {
    auto event = end(sequence);
    assert(event);
    auto& host = hosts_.at(event->host);
    if (how.host_is_dead || failed_.size() >= retries_max) {
        if (host.failing_since_ms == 0) host.failing_since_ms = now_ms;
        if (host.paused_until <= now) {  // not one of those that were under way together
            host.paused_until = now + pause_after(host.failures, how);
            ++host.failures;
        }
        insert_in_order(host.waiting, sequence);
        return {host.failing_since_ms};
    }
    host.failures = 0;  // it does answer
    host.failing_since_ms = 0;
    if (event->failing_since_ms == 0) event->failing_since_ms = now_ms;
    retries_.emplace(now + pause_after(event->failures, how), sequence);
    ++event->failures;
    const verdict result{event->failing_since_ms};
    failed_.emplace(sequence, std::move(*event));
    return result;
}

bool callback_queue::withdraw(std::uint64_t sequence) {
    std::string name;
    if (const auto at = failed_.find(sequence); at != failed_.end()) {
        name = at->second.host;
        failed_.erase(at);
        std::erase_if(retries_, [&](const auto& retry) { return retry.second == sequence; });
        forget_if_idle(name);
        return true;
    }
    for (auto& [host_name, host] : hosts_) {
        if (std::erase(host.waiting, sequence) > 0) {
            name = host_name;
            break;
        }
    }
    if (name.empty()) return false;
    forget_if_idle(name);
    return true;
}

std::optional<callback_queue::time_point> callback_queue::next_due(time_point now) const {
    std::optional<time_point> due;
    if (running_.size() >= running_max) return due;  // an answer comes first
    const auto want = [&due](time_point at) { due = due ? std::min(*due, at) : at; };
    if (!retries_.empty()) want(retries_.begin()->first);
    for (const auto& [name, host] : hosts_)
        if (!host.waiting.empty() && host.paused_until > now) want(host.paused_until);
    return due;
}

void callback_queue::forget_if_idle(const std::string& name) {
    const auto at = hosts_.find(name);
    if (at == hosts_.end()) return;
    const auto& host = at->second;
    if (host.waiting.empty() && host.running == 0 && host.resume == 0) hosts_.erase(at);
}

callback_queue::milliseconds callback_queue::pause_after(std::uint32_t failures,
                                                         const failure& how) {
    milliseconds pause = pause_min;
    for (std::uint32_t i = 0; i < failures && pause < pause_max; ++i)
        pause *= 2;
    pause = std::min<milliseconds>(pause, pause_max);
    pause += milliseconds(how.jitter % static_cast<std::uint32_t>(pause.count() / 4));
    const auto asked =
        std::min<milliseconds>(how.retry_after.value_or(milliseconds{0}), std::chrono::hours{24});
    return std::max(pause, asked);
}

}  // namespace hikyaku::gateway
