// Stands between the engine and the policy gate: tells the world when a delayed message is due, so
// that the engine is ticked then, and makes the planted mistakes that are the gate's.
#pragma once

#include <functional>

#include "gateway/dunning/policy_gate.hpp"
#include "tests/law/planted.hpp"

namespace hikyaku::law {

class gate_between final : public gateway::gate_port {
public:
    gate_between(gateway::dunning::policy_gate& inner, planted mistake,
                 std::function<void(std::int64_t)> wake_at)
        : inner_(inner), mistake_(mistake), wake_at_(std::move(wake_at)) {
        any_stop_ = true;
    }

    [[nodiscard]] gateway::gate_verdict ask(const gateway::gate_question& about) override {
        auto answer = inner_.ask(about);
        if (auto* later = std::get_if<gateway::gate_delay>(&answer)) {
            if (mistake_ == planted::delayed_longer) later->until_ms += 3'600'000;
            wake_at_(later->until_ms);
        }
        auto* allowed = std::get_if<gateway::gate_allow>(&answer);
        if (allowed != nullptr && mistake_ == planted::validity_unsaid)
            allowed->deliver_by_ms.reset();
        return answer;
    }
    std::uint64_t on_handed_over(const gateway::gate_question& about, const gateway::gate_allow& as,
                                 store::batch& rows) override {
        const bool is_left_out =
            mistake_ == planted::count_one_an_hour && about.now_ms - counted_ms_ < 3'600'000;
        if (is_left_out) return 0;
        counted_ms_ = about.now_ms;
        return inner_.on_handed_over(about, as, rows);
    }
    void on_went(std::uint64_t hand_off) override { inner_.on_went(hand_off); }
    void on_not_handed_over(std::uint64_t hand_off, std::int64_t now_ms,
                            store::batch& rows) override {
        if (mistake_ != planted::never_taken_back)
            inner_.on_not_handed_over(hand_off, now_ms, rows);
    }
    void on_delivered_late(const gateway::gate_question& about, std::string_view carrier,
                           store::batch& rows) override {
        inner_.on_delivered_late(about, carrier, rows);
    }
    [[nodiscard]] std::uint64_t facts_version() const override { return inner_.facts_version(); }
    void on_withheld(const gateway::gate_question& about, const gateway::gate_verdict& why,
                     store::batch& rows) override {
        inner_.on_withheld(about, why, rows);
    }
    [[nodiscard]] std::uint64_t end_turn() override { return inner_.end_turn(); }
    void on_stored(std::uint64_t turn) override {
        if (mistake_ != planted::contact_row_lost) inner_.on_stored(turn);
    }
    void on_opted_out(const gateway::gate_question& about, store::batch& rows) override {
        inner_.on_opted_out(about, rows);
    }
    void on_forgotten(std::uint64_t message, store::batch& rows) override {
        inner_.on_forgotten(message, rows);
    }
    [[nodiscard]] std::size_t erase_old(const store::snapshot& from, std::int64_t now_ms,
                                        std::size_t limit, store::batch& rows) override {
        return inner_.erase_old(from, now_ms, limit, rows);
    }

protected:
    [[nodiscard]] bool stops(std::uint32_t account) const override {
        return inner_.has_stopped(account);
    }

private:
    gateway::dunning::policy_gate& inner_;
    planted mistake_;
    std::function<void(std::int64_t)> wake_at_;
    std::int64_t counted_ms_ = 0;
};

}  // namespace hikyaku::law
