// The simulated world around one engine: virtual clock, real store, applications and carriers with
// all their bad habits, connections that carry octets, a writer whose commits take time or fail,
// and restarts in the middle of everything. One thread and one seed decide all that happens, so
// that a seed reproduces a run to the letter. What belongs together is in one file: world.cpp
// (time, start and end), world_store.cpp (commits, disk, restarts), world_outputs.cpp (the engine's
// commands), world_carriers.cpp, world_applications.cpp, world_http.cpp, world_faults.cpp,
// world_gate.cpp.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/engine/engine.hpp"
#include "gateway/gate/gate.hpp"
#include "smpp/pdu/pdus.hpp"
#include "smpp/pdu/tlv.hpp"
#include "store/environment.hpp"
#include "tests/sim/auditor.hpp"
#include "tests/sim/limits.hpp"
#include "tests/sim/scenario.hpp"
#include "tests/sim/scheduler.hpp"
#include "tests/sim/wire.hpp"

namespace hikyaku::sim {

namespace model = gateway::model;

using gateway::bind_id;
using gateway::session_id;

class carrier_link;
class application_link;

/// Mistakes that the gateway does not make, planted to see whether the auditor finds them.
enum class planted : std::uint8_t {
    nothing,
    lost_state_batch,       // one batch is called written and is not
    lost_acceptance_batch,  // likewise, of new submissions
    receipt_to_stranger,    // handed to a session of another account
    response_invented,      // the engine hears yes where the carrier said no
    response_lost,          // the engine hears of a time-out where the carrier said yes
    segment_doubled,        // handed to the connection twice
    end_untold,             // the engine does not hear that an attempt has ended
    window_ignored,         // the engine believes that a bind has a window of 1,000
    rate_ignored,           // the engine believes that no carrier has a contract rate
    quota_ignored,          // likewise of accounts
    weight_ignored,         // every account weighs the same
    acknowledged_too_soon,  // receipts and replies, before they are on disk
    answered_too_soon,      // submissions, before they are on disk
    policy_ignored,         // nothing is at-most-once, and no carrier is waited for
    addresses_ignored,      // the engine does not see the addresses of receipts
    gate_ignored,           // the engine has none
    limit_invented,         // the engine believes that accounts may have two messages queued
    refusal_softened,       // for good by the carrier, for now as the engine hears it
    told_otherwise,         // a session is told of another end than the engine says
    event_buried,           // the engine hears that an acknowledged event fits into no PDU
    queue_row_stays,        // of what has left the queue before its time, as the other two when
    outbox_row_stays,       // everything is well again
    unmatched_rows_stay,
    commit_untold,  // the engine does not hear that a batch is written
    count_
};

inline constexpr std::int64_t start_wall_ms = 1'790'000'000'000;

struct world_options {
    std::int64_t seconds = 0;  // of traffic; 0 = as the seed likes
    planted mistake = planted::nothing;
};

class world final : public gateway::engine_outputs, public gateway::gate_port, public wire_host {
public:
    world(std::uint64_t seed, const std::string& store_path, const world_options& options = {});
    ~world() override;

    /// Traffic under faults, then everything is well and the world runs until nothing is left to
    /// do.
    void run();
    [[nodiscard]] auditor& audit() { return auditor_; }
    [[nodiscard]] std::uint64_t trace() const { return scheduler_.trace(); }
    [[nodiscard]] std::uint64_t shares_compared() const { return shares_.compared(); }

    // wire_host
    scheduler& time() override { return scheduler_; }
    dice& luck() override { return luck_; }
    tally& counts() override { return tally_; }
    bool strikes(double probability) override { return !calm_ && luck_.chance(probability); }
    [[nodiscard]] smpp::session_time steady() const override { return now().steady; }
    void touched(const std::shared_ptr<wire>& one) override;

    // engine_outputs
    void commit(gateway::commit_kind kind, std::unique_ptr<store::batch> batch,
                std::uint64_t ticket) override;
    void submission_settled(const gateway::settled_submission& what) override;
    void cancellation_settled(gateway::reply_ticket ticket, gateway::message_id id) override;
    void operation_settled(gateway::reply_ticket ticket, smpp::command_status status) override;
    void alert(session_id, const smpp::alert_notification&, const smpp::tlv_list&) override {}
    bool send_segment(bind_id bind, std::uint64_t token, const smpp::submit_sm& request,
                      const smpp::tlv_list& tlvs) override;
    void acknowledge(bind_id bind, std::uint32_t sequence, smpp::command_id request,
                     smpp::command_status status) override;
    bool deliver(session_id session, std::uint64_t outbox_sequence,
                 const gateway::outbox_event& as_told) override;
    void request_callback(gateway::account_id, std::uint64_t,
                          const gateway::callback_request&) override {}
    void post_webhook(gateway::account_id account, std::uint64_t token,
                      std::span<const gateway::outbox_item> items) override;

    // gate_port
    gateway::gate_verdict ask(const gateway::gate_question& about) override;

private:
    friend class carrier_link;
    friend class application_link;

    struct pending_commit {
        gateway::commit_kind kind;
        std::unique_ptr<store::batch> batch;
        std::uint64_t ticket;
    };
    struct carrier_receipt {  // or a reply, if `reply` is set
        std::size_t carrier = 0, message = 0, segment = 0, attempt = 0;
        std::string id, phone, number, text;
        std::optional<std::size_t> reply;
        std::size_t part = 0, parts = 1;
        bool delivered = true, acknowledged = false;
        std::uint32_t sends = 0;
        std::int64_t submit_us = 0, acknowledged_us = 0;
    };
    struct carrier_given_id {
        std::uint64_t number = 0;
        std::vector<std::size_t> receipts;  // of the segments that have it
    };
    struct bind_slot {
        smpp::command_id kind{};
        std::shared_ptr<carrier_link> link;  // the last one, perhaps ended
    };
    struct carrier_model {
        std::uint64_t next_id = 0;
        std::vector<carrier_given_id> ids;
        std::int64_t down_until_us = 0;
        std::size_t last_receipt = 0;
        std::vector<bind_slot> slots;
    };
    struct http_request {
        std::size_t number = 0;
        bool cancels = false;
    };

    // world.cpp
    void start_engine();
    void at(std::int64_t delay_us, std::function<void()> what) {
        scheduler_.at(delay_us, std::move(what));
    }
    /// As at(), but dropped when the process dies before.
    void at_this_run(std::int64_t delay_us, std::function<void()> what);
    void step();
    void after_event();
    void schedule_tick();
    void run_until(std::int64_t end_us, bool until_quiet);
    [[nodiscard]] bool quiet() const;
    void check_memory();
    void check_end();
    void check_tables();
    [[nodiscard]] gateway::instant now() const;

    // world_store.cpp
    void finish_commits();
    void apply_commits();
    [[nodiscard]] const store::batch* spoiled(const pending_commit& item);
    [[nodiscard]] bool is_untold(const pending_commit& item);
    void settle_commits(std::vector<pending_commit>& taken, std::size_t told);
    void disk_refuses(std::vector<pending_commit>& taken);
    void crash(fault how);
    void learn_from_store();
    void restart_in_peace();
    void start_again();
    void learn_members(std::size_t first);
    void look_whether_stored(std::size_t number);

    // world_carriers.cpp
    void add_slots(std::size_t carrier);
    void connect_carriers();
    void keep_connected(std::size_t carrier, std::size_t slot, std::uint32_t failures);
    void link_ended(carrier_link& link, std::uint32_t failures, bool lasted);
    void segment_reached(carrier_link& link, std::uint32_t sequence, std::size_t attempt);
    void accept_segment(carrier_link& link, std::uint32_t sequence, std::size_t attempt);
    [[nodiscard]] carrier_given_id& pick_id(std::size_t carrier, std::size_t message);
    [[nodiscard]] bool may_give_again(const carrier_given_id& id, std::size_t carrier,
                                      std::size_t message);
    void answer_segment(carrier_link& link, std::uint32_t sequence, std::size_t attempt,
                        const std::string& id);
    void plan_receipt(std::size_t receipt, std::int64_t delay_us);
    void send_receipt(std::size_t receipt);
    void mislabel(std::size_t receipt, const std::string& text, smpp::deliver_sm& pdu,
                  std::vector<std::uint8_t>& recoded);
    void name_in_tlvs(std::size_t receipt, smpp::tlv_writer& tlvs);
    [[nodiscard]] std::shared_ptr<carrier_link> receiver_of(
        std::size_t receipt, const std::shared_ptr<carrier_link>& usual);
    [[nodiscard]] std::string text_of_receipt(const carrier_receipt& receipt) const;
    [[nodiscard]] std::pair<std::string, std::string> addresses_of(const carrier_receipt& receipt);
    void send_replies(std::size_t carrier);
    [[nodiscard]] std::string id_in_response(std::size_t carrier, std::uint64_t number) const;
    [[nodiscard]] std::string id_in_receipt(std::size_t carrier, std::uint64_t number) const;

    // world_applications.cpp
    void keep_bound(std::size_t account, smpp::command_id kind);
    void submit_now_and_then(std::size_t account);
    [[nodiscard]] std::size_t new_message(std::size_t account, gateway::submission& message,
                                          bool may_be_long);
    void note_taken(std::size_t number, const gateway::submit_result& result);
    void note_quota(std::size_t account, std::uint32_t segments);
    void note_refused(std::size_t account, gateway::refusal why, std::uint32_t segments,
                      std::uint32_t messages);
    void note_told(std::size_t account, std::uint64_t sequence, const std::string& octets);
    [[nodiscard]] std::optional<gateway::outbox_event> told_otherwise(
        const gateway::outbox_event& event);
    [[nodiscard]] static audited_delivery delivery_of(std::size_t account, std::uint64_t handed_to,
                                                      const gateway::outbox_event& event);
    void operate_now_and_then(std::size_t account, std::size_t number);
    [[nodiscard]] std::shared_ptr<application_link> serving_link(std::size_t account) const;

    // world_http.cpp
    void submit_by_http(std::size_t account);
    void cancel_by_http(std::size_t account, std::size_t number);
    void fill_fair_share(std::size_t account);
    void settle_http(gateway::reply_ticket ticket, gateway::message_id id, gateway::refusal why);

    // world_faults.cpp
    void every_second();
    void disturb_links();
    void begin_night();
    void end_night();
    void everybody_returns();

    // world_gate.cpp
    void draw_purposes();

    [[nodiscard]] std::vector<std::shared_ptr<carrier_link>> open_links(std::size_t carrier) const;

    std::uint64_t seed_;
    world_options options_;
    dice luck_;
    scheduler scheduler_;
    tally tally_;
    auditor auditor_;
    scenario scenario_;
    gateway::engine_limits limits_;  // of every other seed so small that they are met
    std::string store_path_;
    config::settings engine_settings_;  // as the engine sees them; a planted mistake may differ
    std::unique_ptr<store::environment> environment_;
    std::unique_ptr<gateway::engine> engine_;

    bool calm_ = false, night_ = false, draining_ = false;
    std::uint64_t run_ = 0;  // of the process
    std::int64_t tick_at_us_ = -1;
    bool planted_done_ = false;
    std::vector<std::shared_ptr<wire>> touched_;

    // The writer.
    std::vector<pending_commit> commits_;
    bool commit_scheduled_ = false, store_failing_ = false;
    std::int64_t disk_fails_until_us_ = 0, retry_us_ = 0;
    int disk_error_ = 0;
    std::unique_ptr<store::batch> spoiled_;  // by a planted mistake

    // Carriers.
    std::vector<carrier_model> carriers_;
    std::vector<sliding_window> rates_;
    std::map<bind_id, std::shared_ptr<carrier_link>> binds_;
    std::vector<carrier_receipt> receipts_;
    std::uint64_t next_handle_ = 1;

    // Applications.
    std::vector<quota> quotas_;
    shares shares_;
    std::map<session_id, std::shared_ptr<application_link>> sessions_;
    std::vector<std::shared_ptr<application_link>> application_links_;
    std::map<std::uint64_t, http_request> http_requests_;
    std::map<std::size_t, std::vector<std::size_t>> members_;  // of submit_multi, by the first
    std::uint64_t next_phone_ = 0;
    std::int64_t webhooks_fail_until_us_ = 0;
};

}  // namespace hikyaku::sim
