// Events on their way to webhooks: one post at a time for each account, its answer, and what an
// answer other than 2xx means for the events that were posted (webhook_batches.hpp). Engine's
// thread only.
#pragma once

#include <string>
#include <vector>

#include "gateway/engine/delivery/outboxes.hpp"
#include "gateway/engine/delivery/webhook_batches.hpp"

namespace hikyaku::gateway {

class webhooks : private room {
public:
    webhooks(engine_context& context, directory& known, outboxes& all)
        : room(context), directory_(known), outboxes_(all) {}

    /// The account's webhook is told of what is in this outbox.
    void add(account_id account, outbox& from);
    [[nodiscard]] bool knows(account_id account) const { return webhooks_.contains(account); }
    /// The account's settings may be others: one with another URL is tried at once.
    void take_settings(account_id account);
    /// nullptr: the account has no webhook, or none any more.
    [[nodiscard]] outbox* outbox_of(account_id account) const;

    /// Posts what is due. REQUIRES: `from` is a webhook's.
    void pump(outbox& from);
    /// The answer to outputs.post_webhook().
    void on_answer(account_id account, std::uint64_t token, const http_answer& answer);
    /// Ends the disabling by 410.
    void enable(account_id account);
    /// Forgets what is known of the receiver: its pauses, and which events it has refused.
    void begin_anew(account_id account);
    /// Asks for a tick when the next pause ends.
    void tick();
    /// Whether events that were refused alone wait for their next try. REQUIRES: it has a webhook.
    [[nodiscard]] bool has_alone(account_id account) const;

    [[nodiscard]] bool is_disabled(account_id account) const;
    /// The most events that wait alone for one webhook.
    [[nodiscard]] std::size_t alone_most() const;
    /// No post is under way.
    [[nodiscard]] bool idle() const;

private:
    using sequences = std::vector<std::uint64_t>;

    struct webhook_state {
        outbox* from = nullptr;
        std::string url;          // to which its pauses and refusals belong
        std::uint64_t token = 0;  // of the post that is under way; 0 = none
        sequences posted;         // in it
        std::uint32_t failed_posts = 0;
        std::int64_t failing_since_ms = 0;
        steady_time next_post{};
        bool disabled = false;
        webhook_batches batches;
    };

    [[nodiscard]] sequences take_for_post(webhook_state& webhook, std::size_t batch_max);
    void on_post_accepted(webhook_state& webhook, const sequences& posted);
    void on_post_failed(webhook_state& webhook, const sequences& posted, const http_answer& answer);
    void give_up_old(webhook_state& webhook);
    void back_off(webhook_state& webhook, const http_answer& answer);
    void begin_anew(webhook_state& webhook);
    void set_disabled(webhook_state& webhook, bool disabled);
    [[nodiscard]] const config::account& settings_of(const webhook_state& webhook) const {
        return *directory_[webhook.from->account].settings;
    }
    [[nodiscard]] bool is_configured(const webhook_state& webhook) const {
        return directory_[webhook.from->account].settings->webhook.has_value();
    }
    /// Else what the account was to be told stays in the store, for its return or until retention.
    [[nodiscard]] bool is_in_use(const webhook_state& webhook) const {
        return is_configured(webhook) && !directory_[webhook.from->account].removed;
    }

    directory& directory_;
    outboxes& outboxes_;
    numbered<account_id, webhook_state> webhooks_;
    std::uint64_t last_token_ = 0;
};

}  // namespace hikyaku::gateway
