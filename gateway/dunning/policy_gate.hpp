// The gate as the engine asks it (gateway/gate/gate.hpp): collects what is known about a message
// (stops, holds, suppressions, earlier contacts) from the store and from what is on its way there,
// and has it judged. It writes down what it decided, and each hand-off for those who count them.
// Transactional messages never come here. One object, made before the engine; engine's thread.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "gateway/dunning/facts/consent_list.hpp"
#include "gateway/dunning/facts/contact_history.hpp"
#include "gateway/dunning/facts/hold_book.hpp"
#include "gateway/dunning/facts/stop_list.hpp"
#include "gateway/dunning/facts/suppression_list.hpp"
#include "gateway/dunning/judge.hpp"
#include "gateway/dunning/seal/key_ring.hpp"
#include "gateway/gate/gate.hpp"
#include "store/environment.hpp"
#include "store/ids.hpp"

namespace hikyaku::gateway::dunning {

class policy_gate final : public gate_port {
public:
    /// `store` outlives it; `node` is that of the settings.
    policy_gate(store::environment& store, std::uint32_t node);

    /// Reads what is kept in memory. False: the master key is not that of the store.
    [[nodiscard]] bool load(const secret_octets& master);

    // gate_port
    [[nodiscard]] gate_verdict ask(const gate_question& about) override;
    [[nodiscard]] std::uint64_t on_handed_over(const gate_question& about, const gate_allow& as,
                                               store::batch& rows) override;
    void on_went(std::uint64_t hand_off) override { history_.note_went(hand_off); }
    void on_not_handed_over(std::uint64_t hand_off, std::int64_t now_ms,
                            store::batch& rows) override;
    void on_withheld(const gate_question& about, const gate_verdict& why,
                     store::batch& rows) override;
    [[nodiscard]] std::uint64_t end_turn() override;
    void on_opted_out(const gate_question& about, store::batch& rows) override;
    void on_delivered_late(const gate_question& about, std::string_view carrier,
                           store::batch& rows) override;
    void on_stored(std::uint64_t turn) override {
        history_.note_stored(turn);
        forget_opt_outs(turn);
        if (news_) news_();
    }
    void on_forgotten(std::uint64_t message, store::batch& rows) override;
    [[nodiscard]] std::size_t erase_old(const store::snapshot& from, std::int64_t now_ms,
                                        std::size_t limit, store::batch& rows) override;

    /// The rules of the accounts that have any. `is_known` says whether the configuration has an
    /// account: the messages of one that it has no more stay under the rules they were accepted by.
    void take_policies(boost::unordered_flat_map<std::uint32_t, gate::policy> of_accounts,
                       const std::function<bool(std::uint32_t)>& is_known);
    /// The account's pack lets the one confirmation of a stop out at any hour, and only at once.
    [[nodiscard]] bool confirms_at_once(std::uint32_t account) const {
        const auto known = confirming_.find(account);
        return known != confirming_.end() && known->second.confirms_at_once;
    }
    /// What asks is kept back from now on, by this rule ("clock_jumped"); "" = it is not.
    void keep_back(std::string_view rule) {
        unconfirmed_ = rule;
        note_change();
    }
    /// Called when the store has more for the timeline.
    void on_news(std::function<void()> news) { news_ = std::move(news); }

    // For those who change the facts (protection.hpp).
    [[nodiscard]] key_ring& keys() { return keys_; }
    [[nodiscard]] hold_book& holds() { return holds_; }
    [[nodiscard]] suppression_list& suppressions() { return suppressions_; }
    [[nodiscard]] consent_list& consents() { return consents_; }
    [[nodiscard]] const stop_list& stopped() const { return stops_; }
    void add_stop(const stop_row& stop);
    void remove_stop(const stop_position& of, std::uint64_t number);
    /// A hold, suppression or consent has changed.
    void note_change() { ++facts_version_; }
    [[nodiscard]] std::uint64_t next_id(std::int64_t now_ms) { return ids_.next(now_ms); }

protected:
    [[nodiscard]] bool stops(std::uint32_t account) const override { return stops_.stops(account); }

private:
    void collect(const gate_question& about);
    void collect_number(const model::record::Address& to);
    void collect_contact(const model::record::Message& record);
    void collect_holds(const gate_question& about, std::span<const party> whose,
                       const account_secret& keys);
    void write_decision(const judgement& made, const gate_question& about, const gate_allow& as,
                        store::batch& rows);
    void note_in_timeline(const gate_question& about, record::TimelineKind kind,
                          std::string_view note, store::batch& rows);
    void collect_suppressed(std::uint32_t account, std::span<const party> whose);
    void collect_consents(std::uint32_t account, std::span<const party> whose,
                          const account_secret& keys);
    [[nodiscard]] const gate::policy* rules_for(const gate_question& about) const;
    void note_consent_rules();
    void forget_opt_outs(std::uint64_t turn);
    [[nodiscard]] const store::snapshot& view();

    store::environment& store_;
    store::id_source ids_;
    key_ring keys_;
    hold_book holds_;
    suppression_list suppressions_;
    consent_list consents_;
    stop_list stops_;
    std::string unconfirmed_;  // the rule; empty = nothing is kept back
    contact_history history_;

    boost::unordered_flat_map<std::uint32_t, gate::policy> policies_;  // of those that have one
    // The same for confirmations of stops.
    boost::unordered_flat_map<std::uint32_t, gate::policy> confirming_;
    struct consent_rules {
        gate::purpose_set purposes = 0;
        std::uint32_t kinds = 0;  // that any of them takes
    };
    boost::unordered_flat_map<std::uint32_t, consent_rules> consent_rules_;  // of those with any
    gate::zone_book zones_;
    std::function<void()> news_;
    std::optional<store::snapshot> view_;  // of this turn
    std::uint64_t turn_ = 1;
    std::deque<std::pair<std::uint64_t, suppression_position>>
        opt_outs_;              // by turn, not stored yet
    bool has_written_ = false;  // in this turn

    // Of the question that is being answered.
    gate::facts facts_;
    std::vector<std::string_view> contact_zones_, contact_tags_;
    std::vector<gate::hold_fact> hold_facts_;
    std::vector<gate::contact_fact> contact_facts_;
    std::vector<gate::consent_fact> consent_facts_;
    std::uint64_t judged_ = 0;  // message
    judgement judged_as_;
    flatbuffers::FlatBufferBuilder builder_{256};
};

}  // namespace hikyaku::gateway::dunning
