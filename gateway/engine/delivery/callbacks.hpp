// Callbacks: what applications made for Kannel, Jasmin or Twilio are told by requests for URLs of
// theirs. Their events lie in an outbox of their own, are sorted by hosts (callback_queue.hpp), and
// are removed when their request was answered with 2xx. How a request of each form looks, and
// whether the body of an answer takes back its status, is known where it is made
// (gateway/api/callbacks). An event whose door the account has no more waits for its return while
// the other doors go on. Engine's thread only.
#pragma once

#include <map>
#include <optional>
#include <string_view>

#include "gateway/engine/delivery/callback_queue.hpp"
#include "gateway/engine/delivery/callback_settings.hpp"
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
    /// After a reload: what waited for a door that is back is looked at again.
    void take_settings(account_id account);
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
        std::uint32_t doors = 0;       // what can be told, a set of bits
        std::map<std::uint64_t, CallbackForm> forms;  // of those that are requested, by sequence
    };

    /// How an event is told.
    struct way {
        CallbackForm form{};
        CallbackMethod method{};
        std::string_view url;
        bool waits = false;  // for its door, or the door's URL for replies; the rest is empty
    };
    /// Empty: the event can be no callback.
    [[nodiscard]] std::optional<way> way_of(const account_callbacks& of,
                                            const outbox_event& event) const;
    [[nodiscard]] std::string_view carrier_of(const outbox_event& event) const;
    void scan(account_callbacks& account);
    void refill(account_callbacks& account);
    template <typename Seen>
    void visit(const account_callbacks& account, std::uint64_t first, Seen seen) const;
    enum class tried : std::uint8_t { requested, waits, impossible };
    void request(account_callbacks& account, std::uint64_t sequence);
    [[nodiscard]] tried try_request(account_callbacks& account, std::uint64_t sequence);
    [[nodiscard]] bool is_too_old(const account_callbacks& of, CallbackForm form,
                                  std::uint64_t sequence, std::int64_t failing_since_ms) const;
    [[nodiscard]] const config::account& settings_of(const account_callbacks& of) const {
        return *directory_[of.from->account].settings;
    }
    [[nodiscard]] bool is_configured(const account_callbacks& of) const {
        return has_callbacks(settings_of(of));
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
