#include "gateway/engine/delivery/callbacks.hpp"

#include <algorithm>
#include <utility>

#include "gateway/model/tables.hpp"
#include "store/environment.hpp"

namespace hikyaku::gateway {

namespace table = model::table;

namespace {

constexpr std::size_t looked_at_max = 1000;  // events of one turn

/// A bit for the reports of each form, and one for replies.
std::uint32_t doors_of(const config::account& account) {
    constexpr std::uint32_t replies = 1U << 31;
    std::uint32_t doors = reply_callback_of(account) ? replies : 0;
    for (const auto form : model::record::EnumValuesCallbackForm())
        if (callback_settings_of(account, form)) doors |= 1U << static_cast<unsigned>(form);
    return doors;
}

}  // namespace

void callbacks::add(account_id account, outbox& from) {
    auto& added = accounts_.emplace(account);
    added.from = &from;
    added.doors = doors_of(settings_of(added));
}

void callbacks::take_settings(account_id account) {
    auto* const known = accounts_.find(account);
    if (known == nullptr) return;
    const auto doors = doors_of(settings_of(*known));
    const auto come = doors & ~std::exchange(known->doors, doors);
    if (come == 0) return;
    known->scanned_to = 0;
    known->from->more_on_disk = true;
    outboxes_.want(*known->from);
}

outbox* callbacks::outbox_of(account_id account) const {
    const auto* known = accounts_.find(account);
    return known == nullptr || !is_configured(*known) ? nullptr : known->from;
}

/// Replies go where the configuration says, reports where their message said.
std::optional<callbacks::way> callbacks::way_of(const account_callbacks& of,
                                                const outbox_event& event) const {
    const auto& settings = settings_of(of);
    if (std::holds_alternative<reply_event>(event)) {
        const auto form = reply_callback_of(settings);
        if (!form) return way{.waits = true};
        const auto known = callback_settings_of(settings, *form);
        return way{*form, known->reply_method, known->reply_url};
    }
    const auto* receipt = std::get_if<receipt_event>(&event);
    if (receipt == nullptr || !receipt->callback) return {};
    const auto& told = *receipt->callback;
    if (!callback_settings_of(settings, told.form)) return way{.waits = true};
    return way{told.form, told.method, told.url};
}

std::string_view callbacks::carrier_of(const outbox_event& event) const {
    const auto* reply = std::get_if<reply_event>(&event);
    const auto* receipt = std::get_if<receipt_event>(&event);
    const auto id = reply != nullptr     ? reply->carrier
                    : receipt != nullptr ? receipt->carrier
                                         : carrier_id{};
    const auto* known = directory_.find(id);
    return known == nullptr ? std::string_view{} : std::string_view(known->settings->name);
}

void callbacks::on_added(outbox& to, std::uint64_t sequence) {
    auto& account = accounts_[to.account];
    to.busy.erase(sequence);
    account.scanned_to = std::min(account.scanned_to, sequence - 1);
    to.more_on_disk = true;
}

void callbacks::pump(outbox& from) {
    if (turn_.draining || turn_.store_failing) return;
    auto& account = accounts_[from.account];
    if (!is_in_use(account)) return;
    scan(account);
    refill(account);
    while (const auto sequence = account.queue.next(now_.steady))
        request(account, *sequence);
    if (const auto due = account.queue.next_due(now_.steady)) turn_.want_tick(*due);
    if (account.queue.wanted_refill()) turn_.want_tick(now_.steady);
}

/// Reads on in the store where the last time ended, and sorts what is there by hosts.
void callbacks::scan(account_callbacks& account) {
    auto& from = *account.from;
    if (!from.more_on_disk) return;
    from.more_on_disk = false;
    std::size_t looked_at = 0;
    visit(account, account.scanned_to + 1, [&](std::uint64_t sequence, const auto& host) {
        if (++looked_at > looked_at_max) {
            from.more_on_disk = true;
            turn_.want_tick(now_.steady);
            return false;
        }
        if (!host) {
            account.scanned_to = sequence;
            return true;
        }
        const auto answer = account.queue.offer(*host, sequence);
        if (answer == callback_queue::offered::full) {
            from.more_on_disk = true;
            return false;
        }
        if (answer == callback_queue::offered::taken) from.busy.insert(sequence);
        account.scanned_to = sequence;
        return true;
    });
}

/// A host whose events in memory are used up gets more of those that were passed over.
void callbacks::refill(account_callbacks& account) {
    auto& queue = account.queue;
    const auto wanted = queue.wanted_refill();
    if (!wanted) return;
    queue.refilled(wanted->host, 0, false);
    std::size_t looked_at = 0;
    visit(account, wanted->from, [&](std::uint64_t sequence, const auto& host) {
        if (sequence > account.scanned_to) return false;
        if (++looked_at > looked_at_max) {
            queue.refilled(wanted->host, sequence, true);
            return false;
        }
        if (host != wanted->host) return true;
        if (queue.offer(*host, sequence) != callback_queue::offered::taken) return false;
        account.from->busy.insert(sequence);
        return true;
    });
}

/// Calls seen(sequence, host) for what lies in the outbox from `first` on and is in nobody's hands.
/// `host` is an optional: empty for what waits for its door. What cannot be read has the host "";
/// request() buries it.
template <typename Seen>
void callbacks::visit(const account_callbacks& account, std::uint64_t first, Seen seen) const {
    const auto& from = *account.from;
    const auto snapshot = environment_.read();
    store::record_reader reader;
    snapshot.for_each(table::outbox, model::outbox_key(stored(from.id), first),
                      [&](std::string_view key, std::string_view value) {
                          const auto position = model::outbox_key::parse(key);
                          if (!position || position->endpoint != stored(from.id)) return false;
                          if (from.busy.contains(position->sequence)) return true;
                          const auto event = read_event(reader, value);
                          const auto told = event ? way_of(account, *event) : std::nullopt;
                          std::optional<std::string> host;
                          if (!told || !told->waits)
                              host = callback_host(told ? told->url : std::string_view{});
                          return seen(position->sequence, host);
                      });
}

void callbacks::request(account_callbacks& account, std::uint64_t sequence) {
    auto& from = *account.from;
    switch (try_request(account, sequence)) {
        case tried::requested:
            return;
        case tried::waits:  // take_settings() has it looked at again
            account.queue.dropped(sequence);
            from.busy.erase(sequence);
            return;
        case tried::impossible:
            account.queue.dropped(sequence);
            outboxes_.bury(from, sequence);
            return;
    }
}

callbacks::tried callbacks::try_request(account_callbacks& account, std::uint64_t sequence) {
    const auto& from = *account.from;
    const auto snapshot = environment_.read();
    store::record_reader reader;
    const auto value = snapshot.get(table::outbox, model::outbox_key(stored(from.id), sequence));
    const auto event = value ? read_event(reader, *value) : std::nullopt;
    const auto told = event ? way_of(account, *event) : std::nullopt;
    if (told && told->waits) return tried::waits;
    if (!told || !is_callback_url(told->url)) return tried::impossible;
    account.forms[sequence] = told->form;
    outputs_.request_callback(
        from.account, sequence,
        {told->form, told->method, told->url, carrier_of(*event), sequence, *event});
    return tried::requested;
}

void callbacks::on_answer(account_id id, std::uint64_t sequence, const http_answer& answer) {
    auto* const account = accounts_.find(id);
    if (account == nullptr || !account->queue.is_running(sequence)) return;
    outboxes_.want(*account->from);
    const auto form = account->forms.at(sequence);
    account->forms.erase(sequence);
    if (answer.status >= 200 && answer.status < 300 && !answer.is_refused) {
        account->queue.succeeded(sequence);
        ++count_.delivered_callback;
        outboxes_.remove(*account->from, sequence);
        return;
    }
    ++count_.deliveries_failed;
    constexpr std::uint32_t too_many_requests = 429;
    constexpr std::uint32_t unavailable = 503;
    callback_queue::failure how;
    how.host_is_dead =
        answer.status == 0 || answer.status == too_many_requests || answer.status == unavailable;
    how.retry_after = answer.retry_after;
    how.jitter = static_cast<std::uint32_t>(random_() >> 32);
    const auto verdict = account->queue.failed(sequence, how, now_.steady, now_.wall_ms);
    if (is_too_old(*account, form, sequence, verdict.failing_since_ms)) {
        (void)account->queue.withdraw(sequence);
        outboxes_.bury(*account->from, sequence);
    }
}

/// As with webhooks: old enough, and failing all that time. Without its door an event waits.
bool callbacks::is_too_old(const account_callbacks& of, CallbackForm form, std::uint64_t sequence,
                           std::int64_t failing_since_ms) const {
    const auto known = callback_settings_of(settings_of(of), form);
    if (!known) return false;
    const std::chrono::milliseconds patience = known->give_up_after;
    const auto too_old = now_.wall_ms - patience.count();
    return failing_since_ms <= too_old && store::id_milliseconds(sequence) <= too_old;
}

bool callbacks::idle() const {
    return std::ranges::none_of(
        accounts_.all(),
        [](const account_callbacks& account) { return account.queue.running() > 0; });
}

}  // namespace hikyaku::gateway
