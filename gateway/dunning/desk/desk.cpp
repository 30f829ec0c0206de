#include "gateway/dunning/desk/desk.hpp"

#include <sys/resource.h>

#include <iterator>
#include <utility>

namespace hikyaku::gateway::dunning {
namespace {

constexpr int niceness = 10;

}  // namespace

consumer_settings desk::consumer() {
    consumer_settings settings;
    settings.name = "desk";
    settings.receipts = settings.replies = settings.hits = settings.links_seen = false;
    settings.asked_only = settings.read_replies = true;
    return settings;
}

desk::desk(const secret_octets& master, store::environment& store, desk_outside outside)
    : outside_(std::move(outside)), scribe_(master, store) {
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
        for (const auto& item : items)
            events_.push_back(scribe::heard(item));
    }
    something_.notify_one();
}

void desk::read_by(std::shared_ptr<const reading_settings> settings) {
    const std::lock_guard lock(mutex_);
    reading_ = std::move(settings);
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
    auto found = question.contact
                     ? scribe_.book().find(stored(question.account), *question.contact,
                                           question.before, question.limit)
                     : scribe_.book().find(stored(question.account), question.scope,
                                           question.reference, question.before, question.limit);
    outside_.post(
        [alive = alive_, answer = std::move(what.answer), found = std::move(found)]() mutable {
            if (*alive) answer(std::move(found));
        });
}

void desk::write() {
    std::vector<heard_event> events;
    {
        const std::lock_guard lock(mutex_);
        scribe_.read_by(reading_);
        is_woken_ = false;  // what comes from here on wakes again
        is_writing_ = true;
        while (!events_.empty() && events.size() < scribe::written_at_once) {
            events.push_back(std::move(events_.front()));
            events_.pop_front();
        }
    }
    auto made = scribe_.compose(events);
    const bool has_any = !made.empty();
    {
        const std::lock_guard lock(mutex_);
        is_writing_ = has_any;
        events_.insert(events_.begin(), std::make_move_iterator(events.begin()),
                       std::make_move_iterator(events.end()));
        is_woken_ = is_woken_ || has_any;  // there may be more in the store
    }
    if (!has_any) return;
    outside_.post([alive = alive_, keep = outside_.keep, made = std::move(made)] {
        if (*alive) keep(made);
    });
}

}  // namespace hikyaku::gateway::dunning
