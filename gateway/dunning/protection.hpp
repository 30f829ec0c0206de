// What operators and applications do for people who are not to be contacted: holds, suppressions,
// consents and their withdrawal, emergency stops. Each counts from the next hand-off on, and is
// answered when it is on disk; a hold ends what is queued under it in the same batch. Used by the
// HTTP API; one object, engine's thread. Nothing of one account is seen by another.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "gateway/dunning/policy_gate.hpp"
#include "gateway/engine/engine.hpp"

namespace hikyaku::gateway::dunning {

struct new_hold {
    gate::hold_kind kind = gate::hold_kind::manual;
    model::party_scope scope = model::party_scope::contact;
    std::string reference;  // empty for the whole account
    std::int64_t from_ms = 0;
    std::int64_t until_ms = without_end;
    std::string evidence, placed_by;
    bool opens_task = true;  // if its kind needs a person
};

struct hold_view : new_hold {
    std::uint64_t id = 0;
    std::int64_t placed_ms = 0;
    std::int64_t lifted_ms = 0;  // 0 = it is not
    std::string lift_reason, lifted_by;
    bool is_active = false;
};

/// If `why` is none, rows_kept() of the ticket says that it is so.
struct hold_answer {
    refusal why = refusal::none;
    hold_view hold;
    withdrawal ended;
};

struct suppression_view {
    std::string contact;
    gate::purpose_set purposes = 0;
    std::int64_t at_ms = 0;
    record::SuppressionSource source = record::SuppressionSource::api;
    std::string reason;
    /// Of the purposes those that a stop by reply alone has added, and a start takes away.
    gate::purpose_set by_reply = 0;
};

/// What somebody has agreed to, or taken back.
struct consent_view {
    std::string contact;
    gate::consent_kind kind = gate::consent_kind::direct;
    std::int64_t at_ms = 0;
    bool is_withdrawal = false;
    std::string source, recorded_by;
    std::int64_t recorded_ms = 0;
    bool is_imported = false;
    bool counts = false;  // it is a consent, and the latest of its kind
};

/// Work for a person.
struct task_view {
    std::uint64_t id = 0;
    std::string kind;           // what opened it: "hold_dispute", "manual"
    std::uint64_t subject = 0;  // id of the hold; 0 = none
    std::string what, why, contact, debtor, debt;
    std::int64_t since_ms = 0;
    std::int64_t done_ms = 0;  // 0 = open
    std::string done_by, remark;
};

struct decision_view {
    gate::outcome says = gate::outcome::allow;
    std::int64_t at_ms = 0, until_ms = 0, deliver_by_ms = 0;  // 0 = none
    std::vector<gate::reason> reasons;
    std::string values;  // JSON; empty = none
    bool is_shadow = false;
};

class protection {
public:
    /// All outlive it.
    protection(engine& core, policy_gate& asked, store::environment& store)
        : engine_(core), gate_(asked), store_(store) {}

    /// As long as one lives nothing is refused: what the desk has to write goes into the batch
    /// that is kept in any case, also while the disk refuses or the process drains.
    class obligation {
    public:
        explicit obligation(protection& of) : of_(of) { of_.is_obliged_ = true; }
        ~obligation() { of_.is_obliged_ = false; }
        obligation(const obligation&) = delete;
        obligation& operator=(const obligation&) = delete;

    private:
        protection& of_;
    };

    /// Why nothing can be changed now.
    [[nodiscard]] refusal refuses_changes() const { return refuses(); }

    [[nodiscard]] hold_answer place(account_id account, new_hold&& wanted, reply_ticket ticket,
                                    instant now);
    /// not_found: the account has no such hold. One that is lifted stays as it is.
    [[nodiscard]] hold_answer lift(account_id account, std::uint64_t id, std::string_view reason,
                                   std::string_view by, reply_ticket ticket, instant now);
    [[nodiscard]] std::optional<hold_view> find_hold(account_id account, std::uint64_t id,
                                                     instant now) const;
    /// Which holds of a list: behind the id `after` (0: from the first), at most `limit`.
    struct hold_range {
        std::uint64_t after = 0;
        std::size_t limit = 100;
        bool active_only = false;
    };
    /// `next` is where to go on, 0 at the end; a page may have less than its limit, and none.
    struct hold_page {
        std::vector<hold_view> found;
        std::uint64_t next = 0;
    };
    /// All of the account, the youngest first, those that are over too.
    [[nodiscard]] hold_page list_holds(account_id account, const hold_range& which,
                                       instant now) const;
    /// Likewise those on one contact point, debtor or debt, or on the whole account.
    [[nodiscard]] hold_page find_holds(account_id account, model::party_scope scope,
                                       std::string_view reference, const hold_range& which,
                                       instant now) const;

    /// Beside what is suppressed already. `wanted.at_ms` 0: now.
    [[nodiscard]] refusal suppress(account_id account, const suppression_view& wanted,
                                   reply_ticket ticket, instant now);
    /// Some of many, in one batch: a few hundred at most. What is suppressed already stays as it
    /// is, so that they may come twice.
    [[nodiscard]] refusal import_suppressions(account_id account,
                                              std::span<const suppression_view> wanted,
                                              reply_ticket ticket, instant now);
    /// not_found: it is not suppressed.
    [[nodiscard]] refusal allow_again(account_id account, std::string_view contact,
                                      gate::purpose_set purposes, reply_ticket ticket, instant now);
    /// The same of what stops by reply alone have suppressed.
    [[nodiscard]] refusal lift_stop(account_id account, std::string_view contact,
                                    reply_ticket ticket, instant now);
    /// Changes of it are on their way to the disk.
    [[nodiscard]] bool is_changing(account_id account, std::string_view contact) const;
    [[nodiscard]] std::optional<suppression_view> find_suppression(account_id account,
                                                                   std::string_view contact) const;
    /// From behind the place `after` ("" = from the first), at most `limit`; `next` is where to go
    /// on, "" at the end. A place says nothing of anybody to those who have not the account's key.
    struct suppression_page {
        std::vector<suppression_view> found;
        std::string next;
    };
    /// Empty: `after` is no place.
    [[nodiscard]] std::optional<suppression_page> list_suppressions(account_id account,
                                                                    std::string_view after,
                                                                    std::size_t limit) const;

    /// Each becomes a row that stays, unless there is one of the same contact point, kind and time.
    [[nodiscard]] refusal record_consents(account_id account, std::span<const consent_view> wanted,
                                          reply_ticket ticket, instant now);
    /// Those of a contact point by kind, the latest first.
    [[nodiscard]] std::vector<consent_view> find_consents(account_id account,
                                                          std::string_view contact) const;
    /// As suppression_page, in no order that means anything; `counts` is not told. Its places are
    /// for nobody outside.
    struct consent_page {
        std::vector<consent_view> found;
        std::string next;
    };
    [[nodiscard]] consent_page list_consents(account_id account, std::string_view after,
                                             std::size_t limit) const;

    [[nodiscard]] refusal stop(const stop_row& what, reply_ticket ticket, instant now);
    /// not_found: there is no such stop.
    [[nodiscard]] refusal resume(const stop_position& what, reply_ticket ticket, instant now);
    [[nodiscard]] const std::vector<stop_row>& stops() const { return gate_.stopped().all(); }

    /// The number of an account that the store has had, also of one that is in the configuration no
    /// more; and the name of a number, "" if there is none.
    [[nodiscard]] std::optional<std::uint32_t> account_number(std::string_view name) const;
    [[nodiscard]] std::string account_name(std::uint32_t number) const;

    /// One for a person to do; its id comes back in it.
    [[nodiscard]] refusal open_task(account_id account, task_view& wanted, reply_ticket ticket,
                                    instant now);
    /// not_found: the account has no such task. One that is done stays as it is.
    [[nodiscard]] refusal end_task(account_id account, std::uint64_t id, std::string_view by,
                                   std::string_view remark, reply_ticket ticket, instant now);
    [[nodiscard]] std::optional<task_view> find_task(account_id account, std::uint64_t id) const;
    /// Open ones behind the id `after`, the oldest first.
    [[nodiscard]] std::vector<task_view> list_tasks(account_id account, std::uint64_t after,
                                                    std::size_t limit) const;

    /// One event for the timeline, which the desk's thread writes.
    struct noted {
        record::TimelineKind kind{};
        std::uint64_t subject = 0;
        std::string_view contact, debtor, debt;
        std::string_view detail;  // no person's data
    };
    void tell_timeline(account_id account, const noted& what, reply_ticket ticket, instant now);

    /// What the gate has decided about a message last.
    [[nodiscard]] std::optional<decision_view> find_decision(message_id message) const;

    /// The engine says that the rows of this ticket are on disk.
    void rows_kept(reply_ticket ticket);

private:
    struct placed {
        std::uint64_t hash, id;
    };
    struct suppressed {
        std::vector<suppression_position> whose;
    };
    struct consented {
        std::vector<consent_position> whose;
    };
    struct resumed {
        stop_position of;
        std::uint64_t number;  // of the stop that ends
    };
    using following = std::variant<std::monostate, placed, suppressed, consented, resumed>;
    using ticket_key = std::pair<std::uint64_t, std::uint32_t>;

    [[nodiscard]] hold_view view_of(const hold_row& row, const record::Hold& stored,
                                    std::int64_t now_ms) const;
    [[nodiscard]] suppression_view view_of(const suppression_position& at,
                                           const record::Suppression& stored) const;
    [[nodiscard]] consent_view view_of(const consent_position& at,
                                       const record::Consent& stored) const;
    [[nodiscard]] refusal refuses() const {
        return is_obliged_ ? refusal::none : engine_.refuses_changes();
    }
    void put_hold(const hold_row& row, const new_hold& what, store::batch& rows);
    [[nodiscard]] static noted about(const new_hold& hold, const hold_row& row,
                                     record::TimelineKind kind);
    void note(std::uint32_t account, const noted& what, store::batch& rows, instant now);
    void put_task(std::uint32_t account, const task_view& what, store::batch& rows);
    [[nodiscard]] task_view view_of(std::uint64_t id, const record::Task& stored) const;
    void open_task_for(const hold_row& row, const new_hold& hold, store::batch& rows, instant now);
    void keep(store::batch& rows, reply_ticket ticket, following then, instant now);

    void suppress_some(account_id account, std::span<const suppression_view* const> wanted,
                       reply_ticket ticket, instant now);

    engine& engine_;
    policy_gate& gate_;
    store::environment& store_;
    std::map<ticket_key, following> following_;
    bool is_obliged_ = false;
};

}  // namespace hikyaku::gateway::dunning
