#include "tests/sim/auditor.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace hikyaku::sim {

void auditor::fail(const std::string& what) {
    if (faults_.size() < 20) {
        faults_.push_back(fmt::format("seed {} at {:.6f} s: {}", seed_,
                                      static_cast<double>(now_us_) / 1e6, what));
    }
}

std::size_t auditor::new_message(std::size_t account, std::size_t segments, bool receipt_wanted) {
    audited_message made;
    made.account = account;
    made.segments = segments;
    made.accepted_by_carrier.resize(segments);
    made.excuses.resize(segments);
    made.receipt_wanted = receipt_wanted;
    messages_.push_back(std::move(made));
    return messages_.size() - 1;
}

void auditor::answered(std::size_t number, std::uint64_t id) {
    auto& message = messages_[number];
    if (message.answered) {
        fail(fmt::format("message {} was answered twice", number));
    }
    message.answered = true;
    message.id = id;
    if (!by_id_.emplace(id, number).second) {
        fail(fmt::format("id {} was given out twice", id));
    }
}

void auditor::accepted_by_carrier(std::size_t number, std::size_t segment) {
    if (number >= messages_.size() || segment >= messages_[number].segments) {
        fail(fmt::format("a carrier got segment {} of unknown message {}", segment, number));
        return;
    }
    auto& message = messages_[number];
    if (message.cancelled) {
        fail(fmt::format("message {} was sent after it was cancelled", number));
    }
    const auto times = ++message.accepted_by_carrier[segment];
    if (times > 1) {
        ++duplicates_;
    }
    if (times > 1 + message.excuses[segment]) {
        fail(fmt::format("message {} segment {} was accepted {} times with {} excuses", number,
                         segment, times, message.excuses[segment]));
    }
}

void auditor::excuse(std::size_t number, std::size_t segment) {
    if (number < messages_.size() && segment < messages_[number].segments) {
        ++messages_[number].excuses[segment];
    }
}

void auditor::receipt_handed(std::size_t account, std::uint64_t id, bool delivered,
                             bool acknowledged) {
    const auto at = by_id_.find(id);
    if (at == by_id_.end()) {
        fail(fmt::format("a receipt names id {}, which no application was given", id));
        return;
    }
    auto& message = messages_[at->second];
    if (message.account != account) {
        fail(fmt::format("the receipt of account {} went to account {}", message.account, account));
    }
    if (!message.receipt_wanted) {
        fail(fmt::format("message {} got a receipt that it had not asked for", at->second));
    }
    if (message.receipts_handed > 0 && message.told_delivered != delivered) {
        fail(fmt::format("message {} got two receipts that contradict each other", at->second));
    }
    ++message.receipts_handed;
    message.told_delivered = delivered;
    if (acknowledged) {
        ++message.final_receipts;
    }
    const bool all_accepted =
        std::all_of(message.accepted_by_carrier.begin(), message.accepted_by_carrier.end(),
                    [](std::uint32_t times) { return times > 0; });
    if (delivered && !all_accepted) {
        fail(fmt::format("message {} is called delivered, but was never sent whole", at->second));
    }
}

void auditor::sent_to_carrier(std::size_t carrier, std::int64_t now_us, std::uint32_t rate) {
    if (rate == 0) {
        return;
    }
    auto& times = sent_[carrier];
    times.push_back(now_us);
    while (times.front() <= now_us - 1'000'000) {
        times.pop_front();
    }
    if (times.size() > rate) {
        fail(fmt::format("carrier {} got {} segments within a second, its contract says {}",
                         carrier, times.size(), rate));
    }
}

void auditor::window_used(std::size_t carrier, std::uint32_t in_flight, std::uint32_t window) {
    if (in_flight > window) {
        fail(fmt::format("a bind of carrier {} has {} requests in flight, its window is {}",
                         carrier, in_flight, window));
    }
}

std::size_t auditor::unfinished() const {
    return static_cast<std::size_t>(
        std::count_if(messages_.begin(), messages_.end(), [](const audited_message& message) {
            return message.answered && message.receipt_wanted && message.final_receipts == 0;
        }));
}

void auditor::finish() {
    for (std::size_t i = 0; i < messages_.size(); ++i) {
        const auto& message = messages_[i];
        if (!message.answered) {
            continue;
        }
        if (message.receipt_wanted && message.final_receipts == 0) {
            fail(fmt::format("message {} (id {}) was answered, but its receipt never came", i,
                             message.id));
        }
        const bool sent =
            std::all_of(message.accepted_by_carrier.begin(), message.accepted_by_carrier.end(),
                        [](std::uint32_t times) { return times > 0; });
        if (!sent && !message.cancelled && !message.refused_for_good) {
            fail(fmt::format("message {} (id {}) was answered, but never sent", i, message.id));
        }
    }
}

}  // namespace hikyaku::sim
