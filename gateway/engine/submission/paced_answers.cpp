#include "gateway/engine/submission/paced_answers.hpp"

namespace hikyaku::gateway {

void paced_answers::answer_at(steady_time due, const settled_submission& what) {
    if (due <= now_.steady) {
        outputs_.submission_settled(what);
        return;
    }
    answer_early(what.id);  // a message that was replaced may have an answer due
    by_time_.push({due, what.id});
    held_[what.id] = what;
    turn_.want_tick(due);
}

void paced_answers::answer_due() {
    while (!by_time_.empty() && (by_time_.top().due <= now_.steady || turn_.draining)) {
        answer_early(by_time_.top().id);
        by_time_.pop();
    }
}

void paced_answers::answer_early(message_id id) {
    const auto at = held_.find(id);
    if (at == held_.end()) return;
    const auto what = at->second;
    held_.erase(at);
    outputs_.submission_settled(what);
}

}  // namespace hikyaku::gateway
