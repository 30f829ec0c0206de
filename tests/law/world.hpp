// A month or a year of an engine whose accounts are under the law: the real policy gate with the
// packs of the program, the real store and the desk's scribe, and around them applications, people
// who place holds, suppressions and stops, and carriers with all their habits, under a virtual
// clock. The engine is driven at its commands, without octets in between (tests/sim has those), so
// that a month takes a fraction of a second. One thread and one seed decide all that happens.
// world.cpp: time, start and end; world_store.cpp: commits and deaths; world_carriers.cpp;
// world_people.cpp: submissions, holds, suppressions, stops; world_desk.cpp: the timeline.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "gateway/dunning/desk/scribe.hpp"
#include "gateway/dunning/protection.hpp"
#include "gateway/engine/engine.hpp"
#include "store/environment.hpp"
#include "tests/law/auditor.hpp"
#include "tests/law/gate_between.hpp"
#include "tests/law/planted.hpp"
#include "tests/law/scenario.hpp"

namespace hikyaku::law {

namespace dunning = gateway::dunning;
using gateway::account_id;
using gateway::bind_id;
using gateway::reply_ticket;
using gateway::session_id;

struct world_options {
    std::int64_t days = 30;
    planted mistake = planted::nothing;
};

class world final : public gateway::engine_outputs {
public:
    world(std::uint64_t seed, const std::string& store_path, const world_options& options = {});
    ~world() override;

    /// The days of the scenario, then everything is well, and it runs until nothing is left to do.
    void run();
    [[nodiscard]] auditor& audit() { return auditor_; }
    [[nodiscard]] std::uint64_t trace() const { return scheduler_.trace(); }

    // engine_outputs
    void commit(gateway::commit_kind kind, std::unique_ptr<store::batch> batch,
                std::uint64_t ticket) override;
    void submission_settled(const gateway::settled_submission& what) override;
    void rows_kept(reply_ticket ticket) override;
    bool send_segment(bind_id bind, std::uint64_t token, const smpp::submit_sm& request,
                      const smpp::tlv_list& tlvs) override;
    void acknowledge(bind_id bind, std::uint32_t sequence, smpp::command_id request,
                     smpp::command_status status) override;
    void consume(gateway::consumer_id consumer,
                 std::span<const gateway::outbox_item> items) override;
    void cancellation_settled(reply_ticket, gateway::message_id) override {}
    void operation_settled(reply_ticket, smpp::command_status) override {}
    bool deliver(session_id, std::uint64_t, const gateway::outbox_event&) override { return false; }
    void alert(session_id, const smpp::alert_notification&, const smpp::tlv_list&) override {}
    void post_webhook(account_id, std::uint64_t, std::span<const gateway::outbox_item>) override {}
    void request_callback(account_id, std::uint64_t, const gateway::callback_request&) override {}
    bool send_cancel(bind_id bind, std::uint64_t token, const smpp::cancel_sm& request) override;

private:
    struct pending_commit {
        gateway::commit_kind kind;
        std::unique_ptr<store::batch> batch;
        std::uint64_t ticket;
    };
    using event_key = std::pair<dunning::record::TimelineKind, std::uint64_t>;
    struct open_request {
        std::size_t message = 0, attempt = 0;
    };
    struct carrier_state {
        bool up = false, throttles = false;
        std::uint64_t bind = 0, next_id = 0;
        std::int64_t away_until_us = 0;
        std::map<std::uint64_t, open_request> open;  // by token
    };
    struct sent_receipt {
        std::size_t message = 0, attempt = 0;
        bool opts_out = false;
        std::uint64_t run = 0;  // of the process that has heard the response
        std::int64_t sent_ms = 0;
    };

    // world.cpp
    void start_engine();
    void obey_packs();
    void at(std::int64_t delay_us, std::function<void()> what) {
        scheduler_.at(delay_us, std::move(what));
    }
    void at_ms(std::int64_t wall_ms, std::function<void()> what) {
        scheduler_.at((wall_ms - now().wall_ms) * 1000, std::move(what));
    }
    /// As at(), but dropped when the process dies before.
    void at_this_run(std::int64_t delay_us, std::function<void()> what);
    void step();
    void schedule_tick(bool was_idle);
    void wake_at(std::int64_t wall_ms);
    void run_until(std::int64_t wall_ms, bool until_quiet);
    [[nodiscard]] bool quiet() const;
    void check_end();
    [[nodiscard]] gateway::instant now() const;
    [[nodiscard]] bool strikes(double probability) { return !calm_ && luck_.chance(probability); }

    // world_store.cpp
    void finish_commits();
    [[nodiscard]] const store::batch* spoiled(const pending_commit& item);
    void crash();
    void start_again();
    void note_lost_attempts();
    void learn_what_was_kept();
    void learn_holds();
    void learn_suppressions();
    void learn_stops();

    // world_carriers.cpp
    void carrier_up(std::size_t carrier);
    void carrier_down(std::size_t carrier, std::int64_t away_us);
    void keep_going(std::size_t carrier);
    void throttle_for_a_while(std::size_t carrier);
    void note_taking(std::size_t carrier, bool takes);
    void set_busy(std::size_t carrier, bool is_busy);
    void answer(std::size_t carrier, std::uint64_t bind, std::uint64_t token);
    void respond(std::size_t carrier, std::uint64_t bind, std::uint64_t token,
                 smpp::command_status status);
    void end_attempt(std::size_t carrier, std::uint64_t token, gateway::attempt_failure why);
    void plan_receipt(std::size_t carrier, const std::string& id, sent_receipt what);
    void send_receipt(std::size_t carrier, const std::string& id, const sent_receipt& what);
    void note_opt_out(const sent_receipt& what);

    // world_people.cpp
    void plan_messages();
    void plan_acts();
    void submit_some(std::size_t account);
    void submit(std::size_t account, const person& whom);
    void act();
    void place_hold(std::size_t account, const person& whom,
                    std::optional<party_scope> scope = std::nullopt);
    void hold_between(std::size_t number);
    void lift_hold();
    void end_suppression();
    void begin_stop();
    void end_stop(std::size_t number);
    void suppress(std::size_t account, const std::string& contact);
    void end_task();
    [[nodiscard]] std::string wanted_zone(const way& to, const rules& law);
    [[nodiscard]] reply_ticket next_ticket(std::function<void()> then);

    // world_desk.cpp
    void wake_desk();
    void desk_writes();
    void hear_ends(std::span<const gateway::outbox_item> items);
    void read_timeline();
    void check_timeline();
    void check_holds_told();
    void check_suppressions_told();
    void check_messages_told();
    /// The kind that takes back one of `what` each, if there is such a kind.
    void expect_told(event_key what, std::size_t least, std::size_t most, const std::string& name,
                     std::optional<dunning::record::TimelineKind> taken_back_by = {});

    [[nodiscard]] static dunning::stop_position position_of(const stop& what) {
        const auto account = what.account == stop::everybody ? 0 : stored(id_of(what.account));
        return {account, what.every_purpose ? dunning::stop_position::every_purpose
                                            : static_cast<std::uint8_t>(what.purpose)};
    }
    [[nodiscard]] static account_id id_of(std::size_t account) {
        return account_id{static_cast<std::uint32_t>(account + 1)};
    }

    std::uint64_t seed_;
    world_options options_;
    dice luck_;
    sim::scheduler scheduler_;
    scenario scenario_;
    auditor auditor_;
    std::string store_path_;
    dunning::secret_octets master_{};
    std::unique_ptr<store::environment> environment_;
    std::unique_ptr<dunning::policy_gate> gate_;
    std::unique_ptr<gate_between> between_;
    std::unique_ptr<gateway::engine> engine_;
    std::unique_ptr<dunning::protection> protection_;
    std::unique_ptr<dunning::scribe> scribe_;

    bool calm_ = false, planted_done_ = false;
    std::uint64_t run_ = 0;  // of the process
    std::int64_t tick_at_us_ = -1, idle_us_ = 0;
    std::size_t steps_at_once_ = 0;
    enum class step_kind : std::uint8_t { event, tick, nothing } step_ = step_kind::event;

    std::vector<pending_commit> commits_;
    bool commit_scheduled_ = false;
    std::unique_ptr<store::batch> spoiled_;
    std::set<std::uint64_t> held_contacts_;  // hashes, for a planted mistake

    std::vector<carrier_state> carriers_;
    std::uint64_t next_handle_ = 0;
    std::map<std::pair<std::uint64_t, std::uint64_t>, open_request> late_;  // by bind and token
    std::size_t receipts_under_way_ = 0;
    std::map<std::string, sent_receipt> stored_;  // by the carrier's id: no receipt has come yet
    std::map<std::pair<std::uint64_t, std::uint32_t>, sent_receipt> unacknowledged_;
    std::uint32_t receipt_sequence_ = 0;

    std::uint32_t tickets_ = 0;
    std::map<std::uint32_t, std::function<void()>> known_;  // what a ticket's rows are about
    std::set<std::uint64_t> tasks_done_;

    std::vector<dunning::heard_event> heard_;
    bool desk_writing_ = false, desk_woken_ = false;
    std::map<std::uint64_t, std::map<std::uint64_t, State>> told_;  // by message and sequence
    struct removal_count {
        std::size_t known = 0, open = 0;  // a crash may have taken the latter
    };
    std::map<std::pair<std::size_t, std::string>, removal_count> removals_;
    std::map<event_key, std::vector<std::int64_t>> timeline_;  // when, by kind and subject
    std::map<std::uint64_t, std::size_t> number_of_;
};

}  // namespace hikyaku::law
