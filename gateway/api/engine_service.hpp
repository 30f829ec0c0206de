// The real engine behind api::service: every function passes its call on. Made once by the
// composition root; engine's thread.
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "config/policy.hpp"
#include "gateway/api/service.hpp"

namespace hikyaku::gateway::api {

class engine_service final : public service {
public:
    /// All outlive it.
    engine_service(engine& target, const zone_names& zones, dunning::protection* desk = nullptr,
                   dunning::desk* chronicler = nullptr,
                   dunning::conversation_book* conversations = nullptr)
        : engine_(target),
          zones_(zones),
          desk_(desk),
          chronicler_(chronicler),
          conversations_(conversations) {}

    std::optional<known_token> find_token(std::string_view token) override;
    std::optional<account_id> account_by_username(std::string_view username) override;
    std::optional<account_id> account_by_jasmin_username(std::string_view username) override;
    std::optional<account_id> account_by_twilio_sid(std::string_view sid) override;
    const config::account& settings_of(account_id account) override;
    const zone_names& zones() const override { return zones_; }
    std::span<const config::policy_pack> packs() const override { return packs_; }
    /// Those of the configuration that counts now; before: those of the program.
    void use_packs(std::vector<config::policy_pack> packs) { packs_ = std::move(packs); }
    submit_result submit(account_id account, submission&& message, reply_ticket ticket,
                         instant now) override;
    refusal refuses_now(account_id account, std::uint32_t segments, instant now) override;
    bool has_carrier_up(message_id id) override;
    estimate_result estimate(account_id account, submission&& message, instant now) override;
    refusal cancel(account_id account, message_id id, reply_ticket ticket, instant now) override;
    std::optional<message_view> find(account_id account, message_id id) override;
    std::vector<message_view> find_by_reference(account_id account, std::string_view reference,
                                                std::size_t limit) override;
    message_page list_messages(account_id account, const message_range& range) override;
    std::string text_of(account_id account, message_id id) override;
    idempotent_reply begin_idempotent(account_id account, std::string_view key,
                                      std::string_view body_hash, instant now) override;
    void store_reply(account_id account, std::string_view key, std::uint32_t status,
                     std::string_view content_type, std::string_view body, instant now) override;
    void forget_reply(account_id account, std::string_view key) override;
    std::size_t replay_dead_letters(account_id account, std::size_t limit, instant now) override;
    void enable_webhook(account_id account, instant now) override;
    std::vector<account_view> accounts() override;
    std::vector<carrier_view> carriers() override;
    shown_names names() override;
    void pause_carrier(std::string_view name, bool paused, instant now) override;
    unmatched_page unmatched(const unmatched_query& query) override;
    std::optional<unmatched_view> find_unmatched(const model::unmatched_position& id) override;
    unmatched_replay replay_unmatched(const model::unmatched_position& id, reply_ticket ticket,
                                      instant now) override;
    dunning::protection* desk() override { return desk_; }
    dunning::desk* chronicler() override { return chronicler_; }
    dunning::conversation_book* conversations() override { return conversations_; }
    std::optional<link_view> find_link(std::string_view code) override;
    void on_hit(const hit_facts& hit, const link_view& link, instant now) override;
    seen_answer tell_seen(account_id account, std::string_view code, std::int64_t at_ms,
                          reply_ticket ticket, instant now) override;
    void begin_reclassification(instant now) override;
    reclassification_view reclassification() override;
    std::optional<link_view> find_link_at(std::string_view host, std::string_view code) override {
        return engine_.find_link_at(host, code);
    }
    announcement announced(account_id account) const override { return engine_.announced(account); }
    std::vector<announcement> announced_at(std::string_view host) const override {
        return engine_.announced_at(host);
    }
    refusal report_abuse(std::string_view host, std::string_view code, std::string_view text,
                         reply_ticket ticket, instant now) override;
    void tell_operator(std::string_view kind, std::string_view what, std::string_view why,
                       reply_ticket ticket, instant now) override;
    std::uint64_t hits_taken() const override { return engine_.hits_taken(); }
    std::uint64_t hits_safe() const override { return engine_.hits_safe(); }

private:
    engine& engine_;
    const zone_names& zones_;
    dunning::protection* desk_;
    dunning::desk* chronicler_;
    dunning::conversation_book* conversations_;
    std::vector<config::policy_pack> packs_ = config::shipped_packs();
};

}  // namespace hikyaku::gateway::api
