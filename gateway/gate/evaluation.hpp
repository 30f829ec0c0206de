// One walk over the rules of a policy, which decide() and explain() share: with a place for values
// it also writes down what each rule saw. Used inside this folder only, on the stack.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/gate/decision.hpp"
#include "gateway/gate/facts.hpp"
#include "gateway/gate/message_zones.hpp"
#include "gateway/gate/openings.hpp"
#include "gateway/gate/policy.hpp"
#include "gateway/gate/zone_book.hpp"

namespace hikyaku::gateway::gate {

class evaluation {
public:
    /// `values`: where to write what is seen; null = nowhere.
    evaluation(const facts& about, const policy& rules, zone_book& book, std::vector<seen>* values);

    [[nodiscard]] decision run();

private:
    void judge(const rule& by);
    void judge_time(const rule& by);
    void judge_cap(const rule& by);
    void judge_gap(const rule& by);
    void judge_debtor_day(const rule& by);
    void judge_tags(const rule& by);
    void judge_consent(const rule& by);
    void judge_holds(const rule& by);
    void heed_next_hold(const window& found);
    void judge_suppression(const rule& by);
    void judge_zone(const rule& by);
    /// Looks for the moment at which all rules about time and all delays so far allow.
    void find_window();
    void window_found(const window& found);
    void no_window();
    void see_window(const std::optional<window>& found);
    [[nodiscard]] std::optional<std::int64_t> needed_ms() const;

    void find(finding what);
    void delay(const rule& by, std::int64_t until_ms);
    /// `make` gives the value, which costs nothing where nobody looks.
    template <class Make>
    void see(const rule& by, std::string_view name, const Make& make) {
        if (values_ != nullptr) values_->push_back({by.id, name, seen_value(make())});
    }

    const facts& about_;
    const policy& rules_;
    std::vector<seen>* values_;
    message_zones zones_;
    openings openings_;
    const rule* deliver_by_ = nullptr;
    std::int64_t earliest_ms_;
    std::int64_t next_hold_ms_ = never_ms;  // when the first hold begins that has not begun
    finding next_hold_;
    decision made_;
};

}  // namespace hikyaku::gateway::gate
