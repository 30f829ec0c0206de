// The answers to submissions that are held back for a while because their account goes too fast.
// A class of its own, below delivery: no receipt is told before its submission was answered, so
// what is about to be told ends the wait of the answer. Engine's thread only.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <functional>
#include <queue>
#include <vector>

#include "gateway/engine/room.hpp"

namespace hikyaku::gateway {

class paced_answers : private room {
public:
    explicit paced_answers(engine_context& context) : room(context) {}

    /// The message is on disk: its submission is answered at `due`, or now if that is past.
    void answer_at(steady_time due, const settled_submission& what);
    /// Those whose time has come; all of them when the process drains.
    void answer_due();
    /// The answer of this message, if one is held back.
    void answer_early(message_id id);

    [[nodiscard]] bool empty() const { return by_time_.empty(); }
    /// REQUIRES: !empty()
    [[nodiscard]] steady_time next_due() const { return by_time_.top().due; }

private:
    struct entry {
        steady_time due;
        message_id id;
        bool operator>(const entry& other) const { return due > other.due; }
    };

    std::priority_queue<entry, std::vector<entry>, std::greater<>> by_time_;  // some are answered
    boost::unordered_flat_map<message_id, settled_submission> held_;
};

}  // namespace hikyaku::gateway
