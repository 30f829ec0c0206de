// Hands the texts that answer replies without a person to the engine, by the door that everybody
// uses: from rows (table answers) that were written with what they confirm. The idempotency key is
// the reply's own id, so that a crash between acceptance and the end of the row makes no second
// message; and each goes out at most once. What is refused for good becomes a task. Engine's
// thread.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/dunning/policy_gate.hpp"
#include "gateway/dunning/protection.hpp"
#include "gateway/engine/engine.hpp"
#include "gateway/engine/outputs.hpp"

namespace hikyaku::gateway::dunning {

class answer_sender {
public:
    /// All outlive it. `session`: of the tickets of its submissions and rows.
    answer_sender(engine& core, policy_gate& asked, protection& acts, store::environment& store,
                  session_id session)
        : engine_(core), gate_(asked), protection_(acts), store_(store), session_(session) {}

    /// There may be new rows on disk.
    void wake() { is_woken_ = true; }
    /// Submits what waits, a few at a time. Once a turn, before engine::flush().
    void pump(instant now);
    /// Nothing is under way, and nothing waits that could be handed in now.
    [[nodiscard]] bool idle() const {
        return !is_woken_ && retry_ms_ == 0 && settled_.empty() && busy_.empty();
    }
    /// The end of a submission with a ticket of `session`; pump() looks at it.
    void settled(const settled_submission& what) { settled_.push_back(what); }
    /// Rows with a ticket of `session` are on disk.
    void rows_kept(reply_ticket ticket);

private:
    struct under_way {
        std::uint64_t row = 0;  // its key
        account_id account{};
        record::AnswerKind kind{};
        std::string contact;
    };
    [[nodiscard]] reply_ticket next_ticket() { return {session_, ++sequence_}; }
    /// False: nothing more now.
    [[nodiscard]] bool submit(std::uint64_t row, const record::Answer& what, instant now);
    void take_settled(instant now);
    void finish(const under_way& what, std::string_view detail, std::uint64_t message, instant now);
    void give_up(const under_way& what, refusal why, instant now);

    engine& engine_;
    policy_gate& gate_;
    protection& protection_;
    store::environment& store_;
    session_id session_;
    std::uint32_t sequence_ = 0;
    bool is_woken_ = true;       // rows of a process before
    std::int64_t retry_ms_ = 0;  // 0 = nothing was refused
    boost::unordered_flat_map<std::uint32_t, under_way> by_ticket_;
    std::vector<settled_submission> settled_;
    boost::unordered_flat_set<std::uint64_t> busy_;                   // rows: accepted or ending
    boost::unordered_flat_map<std::uint32_t, std::uint64_t> ending_;  // rows by their tickets
};

}  // namespace hikyaku::gateway::dunning
