// The simulated world around one engine: virtual clock, real store, applications that submit and
// take receipts, carriers with all their bad habits, a writer whose commits take time or fail, and
// restarts in the middle of everything. One thread and one seed decide all that happens, so that a
// seed reproduces a run to the letter.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "config/settings.hpp"
#include "gateway/engine/engine.hpp"
#include "store/environment.hpp"
#include "tests/sim/auditor.hpp"

namespace hikyaku::sim {

using gateway::bind_id;
using gateway::session_id;

/// How bad the world is; probabilities are per occasion.
struct faults {
    double carrier_throttles = 0.02;
    double carrier_busy = 0.01;      // ESME_RSYSERR
    double carrier_refuses = 0.005;  // for good
    double no_response = 0.003;      // accepted or not, nobody answers
    double receipt_before_response = 0.1;
    double receipt_twice = 0.05;
    double receipt_fails = 0.1;  // UNDELIV
    double bind_drops_per_second = 0.05;
    double session_drops_per_second = 0.05;
    double application_says_full = 0.02;  // to a deliver_sm
    double application_silent = 0.005;
    double store_fails_per_second = 0.02;
    double restarts_per_second = 0.01;
    double cancels = 0.02;
};

class world final : public gateway::engine_outputs {
public:
    world(std::uint64_t seed, const std::string& store_path);
    ~world() override;

    /// Applications submit for `active` virtual seconds under faults, then everything is well and
    /// the world runs until nothing is left to do, at most `calm_max` more.
    void run(std::int64_t active_seconds, std::int64_t calm_seconds_max);
    [[nodiscard]] auditor& audit() { return auditor_; }
    [[nodiscard]] const gateway::counters& totals() const { return engine_->count(); }
    [[nodiscard]] std::uint64_t events() const { return events_; }
    [[nodiscard]] std::uint64_t restarts() const { return restarts_; }

    // engine_outputs
    void commit(gateway::commit_kind kind, std::unique_ptr<store::batch> batch,
                std::uint64_t ticket) override;
    void submission_settled(gateway::reply_ticket ticket, gateway::message_id id,
                            gateway::refusal why) override;
    void cancellation_settled(gateway::reply_ticket ticket, gateway::message_id id) override;
    void operation_settled(gateway::reply_ticket, smpp::command_status) override {}
    void alert(session_id, const smpp::alert_notification&, const smpp::tlv_list&) override {}
    bool send_segment(bind_id bind, std::uint64_t token, const smpp::submit_sm& request,
                      const smpp::tlv_list& tlvs) override;
    void acknowledge(bind_id bind, std::uint32_t sequence, smpp::command_id request,
                     smpp::command_status status) override;
    bool deliver(session_id session, std::uint64_t outbox_sequence,
                 const store::record::Event& event) override;
    void request_callback(gateway::account_id, std::uint64_t, std::string_view) override {}
    void post_webhook(gateway::account_id account, std::uint64_t token,
                      std::span<const gateway::outbox_item> items) override;

private:
    struct pending_commit {
        gateway::commit_kind kind;
        std::unique_ptr<store::batch> batch;
        std::uint64_t ticket;
    };
    struct in_flight_segment {
        std::size_t number = 0, segment = 0;
    };
    struct bind_model {
        std::size_t carrier = 0;
        std::map<std::uint64_t, in_flight_segment> in_flight;  // by token
        std::map<std::uint32_t, std::size_t> receipts;         // unanswered, by sequence -> receipt
    };
    struct carrier_receipt_model {
        std::size_t carrier = 0;
        std::string id, source;
        bool delivered = true;
        bool acknowledged = false;
    };
    struct session_model {
        std::size_t account = 0;
    };

    void configure();
    void start_engine();
    void restart();
    void at(std::int64_t delay_us, std::function<void()> what);
    /// As at(), but dropped when the engine is restarted before.
    void at_this_run(std::int64_t delay_us, std::function<void()> what);
    void step();
    void after_event();
    void schedule_tick();
    [[nodiscard]] gateway::instant now() const;
    [[nodiscard]] bool chance(double probability);
    [[nodiscard]] std::int64_t between(std::int64_t low, std::int64_t high);
    [[nodiscard]] bool quiet() const;

    // applications
    void open_session(std::size_t account);
    void close_session(session_id session);
    void submit_some(std::size_t account);
    void submit_one(std::size_t account);

    // carriers
    void open_bind(std::size_t carrier);
    void close_bind(bind_id bind);
    void respond(bind_id bind, std::uint64_t token, smpp::command_status status,
                 const std::string& id);
    void accept_segment(std::size_t carrier, bind_id bind, std::uint64_t token,
                        const in_flight_segment& segment, const std::string& destination);
    void send_receipt(std::size_t receipt);
    [[nodiscard]] std::string id_in_response(std::size_t carrier, std::uint64_t number) const;
    [[nodiscard]] std::string id_in_receipt(std::size_t carrier, std::uint64_t number) const;

    // faults
    void every_second();
    void finish_commits();

    std::uint64_t seed_;
    std::mt19937_64 random_;
    faults faults_;
    bool calm_ = false;
    std::string store_path_;
    config::settings settings_;
    std::unique_ptr<store::environment> environment_;
    std::unique_ptr<gateway::engine> engine_;
    auditor auditor_;

    struct event {
        std::int64_t at_us;
        std::uint64_t order;
        std::function<void()> what;
        bool operator>(const event& other) const {
            return std::pair(at_us, order) > std::pair(other.at_us, other.order);
        }
    };
    std::priority_queue<event, std::vector<event>, std::greater<>> queue_;
    std::uint64_t order_ = 0, events_ = 0, restarts_ = 0, run_ = 0;
    std::int64_t now_us_ = 0;
    std::int64_t tick_at_us_ = -1;

    std::deque<pending_commit> commits_;
    bool commit_scheduled_ = false;
    std::int64_t store_fails_until_us_ = 0;

    std::map<bind_id, bind_model> binds_;
    std::map<session_id, session_model> sessions_;
    std::vector<carrier_receipt_model> receipts_;
    std::uint64_t next_handle_ = 1, next_carrier_id_ = 4096;
    std::uint32_t next_sequence_ = 1;
    std::map<std::pair<std::uint64_t, std::uint32_t>, std::size_t> submitted_;  // ticket -> number
    std::uint32_t next_ticket_ = 1;
    std::uint64_t next_phone_ = 0;
};

}  // namespace hikyaku::sim
