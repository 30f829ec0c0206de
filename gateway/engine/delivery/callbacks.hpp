// Callbacks: what applications made for Kannel (sendsms) are told by requests for URLs of theirs.
// Their events lie in an outbox of their own, are sorted by hosts (callback_queue.hpp), and are
// removed when their URL was answered with 2xx. Engine's thread only.
#pragma once

#include <string>
#include <string_view>

#include "gateway/engine/delivery/callback_queue.hpp"
#include "gateway/engine/delivery/callback_url.hpp"
#include "gateway/engine/delivery/events.hpp"
#include "gateway/engine/delivery/outboxes.hpp"

namespace hikyaku::gateway {

class callbacks : private room {
public:
    callbacks(engine_context& context, directory& known, outboxes& all)
        : room(context), directory_(known), outboxes_(all) {}

    /// The account's callbacks tell what is in this outbox.
    void add(account_id account, outbox& from);
    [[nodiscard]] bool knows(account_id account) const { return accounts_.contains(account); }
    /// nullptr: the account has no callbacks, or none any more.
    [[nodiscard]] outbox* outbox_of(account_id account) const;

    /// An event is on disk: it is read and sorted when its turn comes.
    void on_added(outbox& to, std::uint64_t sequence);
    /// Requests what is due.
    void pump(outbox& from);
    /// The answer to outputs.request_callback(), whose token is the sequence.
    void on_answer(account_id account, std::uint64_t sequence, const http_answer& answer);

    /// No request is under way.
    [[nodiscard]] bool idle() const;

private:
    struct account_callbacks {
        outbox* from = nullptr;
        callback_queue queue;
        std::uint64_t scanned_to = 0;  // what is in the store up to here was sorted by hosts
    };

    [[nodiscard]] std::string_view template_of(const account_callbacks& of,
                                               const outbox_event& event) const;
    [[nodiscard]] std::string url_of(const account_callbacks& of, std::uint64_t sequence,
                                     const reply_event& event) const;
    [[nodiscard]] std::string url_of(const account_callbacks& of, std::uint64_t sequence,
                                     const receipt_event& event) const;
    void describe_origin(callback_values& values, const account_callbacks& of,
                         carrier_id carrier) const;
    void scan(account_callbacks& account);
    void refill(account_callbacks& account);
    template <typename Seen>
    void visit(const account_callbacks& account, std::uint64_t first, Seen seen) const;
    void request(account_callbacks& account, std::uint64_t sequence);
    /// REQUIRES: is_configured(of)
    [[nodiscard]] const config::account_sendsms& settings_of(const account_callbacks& of) const {
        return *directory_[of.from->account].settings->sendsms;
    }
    [[nodiscard]] bool is_configured(const account_callbacks& of) const {
        return directory_[of.from->account].settings->sendsms.has_value();
    }
    /// Else what the account was to be told stays in the store, for its return or until retention.
    [[nodiscard]] bool is_in_use(const account_callbacks& of) const {
        return is_configured(of) && !directory_[of.from->account].removed;
    }

    directory& directory_;
    outboxes& outboxes_;
    numbered<account_id, account_callbacks> accounts_;
};

}  // namespace hikyaku::gateway
