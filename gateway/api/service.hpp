// The part of the engine that HTTP needs, as an interface: handlers are tested against a small fake
// and know nothing of queues and carriers. engine_service.hpp passes everything on to the real
// engine; the meaning of each function is written in gateway/engine/engine.hpp. Engine's thread.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "config/policy.hpp"
#include "gateway/engine/engine.hpp"
#include "gateway/engine/submission/zone_names.hpp"

namespace hikyaku::gateway::dunning {
class protection;         // gateway/dunning/protection.hpp
class desk;               // gateway/dunning/desk/desk.hpp
class conversation_book;  // gateway/dunning/answers/conversation_book.hpp
}  // namespace hikyaku::gateway::dunning

namespace hikyaku::gateway::api {

class service {
public:
    virtual ~service() = default;

    /// Whose token this is; expiry, networks and roles are the caller's to look at.
    [[nodiscard]] virtual std::optional<known_token> find_token(std::string_view token) = 0;
    [[nodiscard]] virtual std::optional<account_id> account_by_username(
        std::string_view username) = 0;
    [[nodiscard]] virtual std::optional<account_id> account_by_jasmin_username(
        std::string_view username) = 0;
    [[nodiscard]] virtual std::optional<account_id> account_by_twilio_sid(std::string_view sid) = 0;
    [[nodiscard]] virtual const config::account& settings_of(account_id account) = 0;
    /// The time zones that there are.
    [[nodiscard]] virtual const zone_names& zones() const { return every_zone; }

    /// The policy packs that there are.
    [[nodiscard]] virtual std::span<const config::policy_pack> packs() const {
        return config::shipped_packs();
    }

    [[nodiscard]] virtual submit_result submit(account_id account, submission&& message,
                                               reply_ticket ticket, instant now) = 0;
    [[nodiscard]] virtual refusal refuses_now(account_id account, std::uint32_t segments,
                                              instant now) = 0;
    [[nodiscard]] virtual bool has_carrier_up(message_id id) = 0;
    [[nodiscard]] virtual estimate_result estimate(account_id account, submission&& message,
                                                   instant now) = 0;
    [[nodiscard]] virtual refusal cancel(account_id account, message_id id, reply_ticket ticket,
                                         instant now) = 0;
    [[nodiscard]] virtual std::optional<message_view> find(account_id account, message_id id) = 0;
    [[nodiscard]] virtual std::vector<message_view> find_by_reference(account_id account,
                                                                      std::string_view reference,
                                                                      std::size_t limit) = 0;

    [[nodiscard]] virtual message_page list_messages(account_id account,
                                                     const message_range& range) = 0;
    [[nodiscard]] virtual std::string text_of(account_id account, message_id id) = 0;

    [[nodiscard]] virtual idempotent_reply begin_idempotent(account_id account,
                                                            std::string_view key,
                                                            std::string_view body_hash,
                                                            instant now) = 0;
    virtual void store_reply(account_id account, std::string_view key, std::uint32_t status,
                             std::string_view content_type, std::string_view body, instant now) = 0;
    virtual void forget_reply(account_id account, std::string_view key) = 0;

    virtual std::size_t replay_dead_letters(account_id account, std::size_t limit, instant now) = 0;
    virtual void enable_webhook(account_id account, instant now) = 0;

    [[nodiscard]] virtual std::vector<account_view> accounts() = 0;
    [[nodiscard]] virtual std::vector<carrier_view> carriers() = 0;
    [[nodiscard]] virtual shown_names names() = 0;
    /// `name` must be one of carriers().
    virtual void pause_carrier(std::string_view name, bool paused, instant now) = 0;

    [[nodiscard]] virtual unmatched_page unmatched(const unmatched_query& query) = 0;
    [[nodiscard]] virtual std::optional<unmatched_view> find_unmatched(
        const model::unmatched_position& id) = 0;
    [[nodiscard]] virtual unmatched_replay replay_unmatched(const model::unmatched_position& id,
                                                            reply_ticket ticket, instant now) = 0;

    /// Holds, suppressions, stops; nullptr: this gateway has none.
    [[nodiscard]] virtual dunning::protection* desk() { return nullptr; }
    /// Whom timelines are asked of; nullptr: nobody.
    [[nodiscard]] virtual dunning::desk* chronicler() { return nullptr; }
    /// Who has replied; nullptr: nobody.
    [[nodiscard]] virtual dunning::conversation_book* conversations() { return nullptr; }

    [[nodiscard]] virtual std::optional<link_view> find_link(std::string_view code) = 0;
    virtual void on_hit(const hit_facts& hit, const link_view& link, instant now) = 0;
    [[nodiscard]] virtual seen_answer tell_seen(account_id account, std::string_view code,
                                                std::int64_t at_ms, reply_ticket ticket,
                                                instant now) = 0;
    virtual void begin_reclassification(instant now) = 0;
    [[nodiscard]] virtual reclassification_view reclassification() = 0;
    /// `host` in lower case, without port; "" for the default one.
    [[nodiscard]] virtual std::optional<link_view> find_link_at(std::string_view /*host*/,
                                                                std::string_view code) {
        return find_link(code);
    }
    [[nodiscard]] virtual announcement announced(account_id /*account*/) const { return {}; }
    [[nodiscard]] virtual std::vector<announcement> announced_at(std::string_view /*host*/) const {
        return {};
    }
    /// Makes a task of a report of abuse under this host: for the account of the link, or of the
    /// host, or for the operator. The ticket tells when it is on disk.
    [[nodiscard]] virtual refusal report_abuse(std::string_view /*host*/, std::string_view /*code*/,
                                               std::string_view /*text*/, reply_ticket /*ticket*/,
                                               instant /*now*/) {
        return refusal::shutting_down;
    }
    /// Makes a task for the operator, under account 0, which no account has.
    virtual void tell_operator(std::string_view /*kind*/, std::string_view /*what*/,
                               std::string_view /*why*/, reply_ticket /*ticket*/, instant /*now*/) {
    }
    [[nodiscard]] virtual std::uint64_t hits_taken() const { return 0; }
    [[nodiscard]] virtual std::uint64_t hits_safe() const { return ~std::uint64_t{0}; }
};

}  // namespace hikyaku::gateway::api
