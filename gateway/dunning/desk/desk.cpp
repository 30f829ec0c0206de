#include "gateway/dunning/desk/desk.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <utility>

#include "gateway/dunning/octets.hpp"
#include "gateway/dunning/seal/words.hpp"
#include "gateway/model/tables.hpp"
#include "store/ids.hpp"

namespace hikyaku::gateway::dunning {
namespace {

constexpr std::size_t written_at_once = 256;
constexpr int niceness = 10;
// In meta: hand-offs up to this row of contacts are in the timeline.
constexpr std::string_view contacts_told = "contacts_told";

}  // namespace

consumer_settings desk::consumer() {
    consumer_settings settings;
    settings.name = "desk";
    settings.receipts = settings.replies = settings.hits = false;
    settings.asked_only = true;
    return settings;
}

desk::desk(const secret_octets& master, store::environment& store, desk_outside outside)
    : outside_(std::move(outside)), store_(store), chronicle_(master, store) {
    const auto from = store_.read();
    contacts_to_ = from.get(table::meta, contacts_told).value_or(0);
    if (const auto last = from.last(table::timeline))
        last_id_ = id_key::parse(last->key).value_or(0);
    thread_ = std::thread([this] { work(); });
}

desk::~desk() {
    stop();
}

void desk::stop() {
    *alive_ = false;
    {
        const std::lock_guard lock(mutex_);
        is_stopping_ = true;
    }
    something_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void desk::wake() {
    {
        const std::lock_guard lock(mutex_);
        if (std::exchange(is_woken_, true)) return;
    }
    something_.notify_one();
}

void desk::kept() {
    {
        const std::lock_guard lock(mutex_);
        is_writing_ = false;
    }
    something_.notify_one();
}

void desk::consume(std::span<const outbox_item> items) {
    {
        const std::lock_guard lock(mutex_);
        for (const auto& item : items) {
            happening what;
            if (const auto* receipt = std::get_if<receipt_event>(&item.event)) {
                what.kind = record::TimelineKind::receipt;
                what.at_ms = receipt->at_ms;
                what.subject = static_cast<std::uint64_t>(receipt->message);
                what.detail = model::record::EnumNameState(receipt->state);
            }
            events_.emplace_back(item.sequence, std::move(what));
        }
    }
    something_.notify_one();
}

bool desk::ask(timeline_question question, timeline_answer answer) {
    {
        const std::lock_guard lock(mutex_);
        if (mailbox_.size() >= mailbox_max || is_stopping_) return false;
        mailbox_.push_back({std::move(question), std::move(answer)});
    }
    something_.notify_one();
    return true;
}

bool desk::idle() const {
    const std::lock_guard lock(mutex_);
    return events_.empty() && !is_woken_ && !is_writing_ && !is_answering_ && mailbox_.empty();
}

bool desk::has_work() const {
    return !mailbox_.empty() || (!is_writing_ && (is_woken_ || !events_.empty()));
}

void desk::work() {
    (void)::setpriority(PRIO_PROCESS, 0, niceness);  // of this thread; as in reader_pool
    std::unique_lock lock(mutex_);
    for (;;) {
        if (!has_work() && !is_writing_ && outside_.rests) {
            lock.unlock();
            outside_.rests();
            lock.lock();
        }
        something_.wait(lock, [this] { return is_stopping_ || has_work(); });
        if (is_stopping_) return;
        if (!mailbox_.empty()) {
            auto next = std::move(mailbox_.front());
            mailbox_.pop_front();
            is_answering_ = true;
            lock.unlock();
            answer_one(std::move(next));
        } else {
            lock.unlock();
            write();
        }
        lock.lock();
        is_answering_ = false;
    }
}

void desk::answer_one(asked&& what) {
    const auto& question = what.question;
    auto found = chronicle_.find(stored(question.account), question.scope, question.reference,
                                 question.before, question.limit);
    outside_.post(
        [alive = alive_, answer = std::move(what.answer), found = std::move(found)]() mutable {
            if (*alive) answer(std::move(found));
        });
}

/// Rises, and tells the time as the message ids do; also behind those of a process before.
std::uint64_t desk::next_id() {
    return ++last_id_;
}

/// Who the message of a happening was for.
void desk::describe(happening& what, const store::snapshot& from) {
    const auto* message =
        from.get(model::table::messages, model::message_key(what.subject), messages_);
    if (message == nullptr) return;
    const auto text = [](const flatbuffers::String* of) {
        return of == nullptr ? std::string() : of->str();
    };
    what.account = message->account();
    what.phone = message->destination()->digits()->str();
    if (message->contact() != nullptr) what.contact = text(message->contact()->id());
    what.debtor = text(message->debtor());
    what.debt = text(message->debt());
}

void desk::take_events(store::batch& rows, const store::snapshot& from,
                       std::vector<std::pair<std::uint64_t, happening>>& events,
                       std::uint64_t& consumed) {
    for (auto& [sequence, what] : events) {
        consumed = sequence;
        describe(what, from);
        if (what.account == 0) continue;  // the message is gone
        what.id = std::max(next_id(), sequence);
        last_id_ = what.id;
        (void)chronicle_.append(what, from, rows);
    }
}

void desk::take_intake(store::batch& rows, const store::snapshot& from) {
    std::size_t count = 0;
    from.scan(table::intake, {}, [&](std::uint64_t id, const record::Intake& row) {
        if (++count > written_at_once) return false;
        rows.erase(table::intake, id_key(id));
        happening what;
        what.account = row.account();
        what.at_ms = row.at();
        what.kind = row.kind();
        what.subject = row.subject();
        if (row.note() != nullptr) what.detail = row.note()->str();
        if (row.sealed() != nullptr)
            chronicle_.open_intake(id, row, from, what);
        else
            describe(what, from);
        what.id = std::max(next_id(), id);
        last_id_ = what.id;
        (void)chronicle_.append(what, from, rows);
        return true;
    });
}

void desk::take_contacts(store::batch& rows, const store::snapshot& from) {
    std::size_t count = 0;
    const auto begin = contacts_to_;
    from.scan(
        table::contacts, id_key(begin + 1), [&](std::uint64_t id, const record::Contact& row) {
            if (++count > written_at_once) return false;
            contacts_to_ = id;
            happening what;
            what.account = row.account();
            what.at_ms = store::id_milliseconds(id);
            what.kind = record::TimelineKind::handed_over;
            what.subject = row.message();
            what.detail =
                model::record::EnumNamePurpose(static_cast<model::record::Purpose>(row.purpose()));
            describe(what, from);
            what.id = std::max(next_id(), id);
            last_id_ = what.id;
            (void)chronicle_.append(what, from, rows);
            return true;
        });
    if (contacts_to_ != begin) rows.put(table::meta, contacts_told, contacts_to_);
}

void desk::write() {
    std::vector<std::pair<std::uint64_t, happening>> events;
    {
        const std::lock_guard lock(mutex_);
        is_woken_ = false;  // what comes from here on wakes again
        is_writing_ = true;
        while (!events_.empty() && events.size() < written_at_once) {
            events.push_back(std::move(events_.front()));
            events_.pop_front();
        }
    }
    desk_rows made{std::make_shared<store::batch>(), 0};
    {
        const auto from = store_.read();
        take_contacts(*made.rows, from);  // a message is handed over before anything is heard of it
        take_intake(*made.rows, from);
        take_events(*made.rows, from, events, made.consumed);
    }
    const bool has_any = !made.rows->empty() || made.consumed != 0;
    {
        const std::lock_guard lock(mutex_);
        is_writing_ = has_any;
        is_woken_ = is_woken_ || has_any;  // there may be more in the store
    }
    if (!has_any) return;
    outside_.post([alive = alive_, keep = outside_.keep, made = std::move(made)] {
        if (*alive) keep(made);
    });
}

}  // namespace hikyaku::gateway::dunning
