// The composition root: builds every part of the gateway in one function, in order, connects the
// engine's commands with the drivers that carry them out, turns the loop, and stops it all in
// reverse. One object, one thread (the io_context's); the writer's thread only posts to it. The
// first SIGTERM or SIGINT drains, a second one ends the process at once, which loses nothing that
// was answered. SIGHUP reads the configuration and the certificates again (reloader.hpp).
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <iosfwd>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/settings.hpp"
#include "gateway/app/clock.hpp"
#include "gateway/app/clock_follower.hpp"
#include "gateway/app/clock_mover.hpp"
#include "gateway/app/http_parts.hpp"
#include "gateway/app/reloader.hpp"
#include "gateway/app/sandbox_clock.hpp"
#include "gateway/app/store_guard.hpp"
#include "gateway/dunning/answers/answer_sender.hpp"
#include "gateway/dunning/answers/conversation_book.hpp"
#include "gateway/dunning/answers/reply_follower.hpp"
#include "gateway/dunning/desk/desk.hpp"
#include "gateway/dunning/protection.hpp"
#include "gateway/engine/engine.hpp"
#include "gateway/io/fault_log.hpp"
#include "gateway/io/host.hpp"
#include "gateway/io/password_pool.hpp"
#include "gateway/io/reader_pool.hpp"
#include "gateway/io/smpp_carriers.hpp"
#include "gateway/io/smpp_server.hpp"
#include "store/environment.hpp"
#include "store/log_sync.hpp"
#include "store/writer.hpp"

namespace hikyaku::gateway::app {

struct gateway_options {
    /// How long what is in flight may take to finish after the first signal.
    std::chrono::milliseconds drain_limit{30000};
    /// And how long unbinding everybody may take after that.
    std::chrono::milliseconds unbind_limit{5000};
    /// What a reload reads, on a thread of its own, and its name in faults. Without it SIGHUP reads
    /// the certificates only.
    std::function<config::load_result()> read_file;
    std::string file;
};

class gateway final : public io::host, public engine_outputs {
public:
    /// `settings` and `announce` outlive it, `settings` also after a reload. `announce` gets one
    /// line for each listener with the port it really has, and "ready".
    gateway(const config::settings& settings, std::ostream& announce,
            const gateway_options& options = {});
    ~gateway() override;

    /// Opens and starts everything, or says in one sentence what cannot be.
    [[nodiscard]] bool start(std::string& fault);
    /// Works until it is stopped by a signal; the exit code of the process.
    [[nodiscard]] int run();
    /// From now on this part is told of the clock, which waits for it; it outlives the gateway or
    /// run(). Before start().
    void follow(clock_follower& part) { follower_ = &part; }

    // io::host
    [[nodiscard]] engine& core() override { return *engine_; }
    [[nodiscard]] instant now() override {
        return sandbox_ ? sandbox_->read(clock_.now()) : clock_.now();
    }
    void touched() override;
    [[nodiscard]] io::tasks& running() override { return tasks_; }
    [[nodiscard]] const zone_names& zones() const override { return zones_; }
    [[nodiscard]] io::names& lookups() override { return *names_; }
    [[nodiscard]] bool draining() const override { return draining_; }

    // engine_outputs
    void commit(commit_kind kind, std::unique_ptr<store::batch> batch,
                std::uint64_t ticket) override;
    void submission_settled(const settled_submission& what) override;
    void cancellation_settled(reply_ticket ticket, message_id id) override;
    void operation_settled(reply_ticket ticket, smpp::command_status status) override;
    void replay_settled(reply_ticket ticket) override;
    void rows_kept(reply_ticket ticket) override;
    void consume(consumer_id consumer, std::span<const outbox_item> items) override;
    void reply_unowned(const unowned_reply& what) override;
    [[nodiscard]] bool send_segment(bind_id bind, std::uint64_t token,
                                    const smpp::submit_sm& request,
                                    const smpp::tlv_list& tlvs) override;
    [[nodiscard]] bool send_cancel(bind_id bind, std::uint64_t token,
                                   const smpp::cancel_sm& request) override;
    void acknowledge(bind_id bind, std::uint32_t sequence, smpp::command_id request,
                     smpp::command_status status) override;
    [[nodiscard]] bool deliver(session_id session, std::uint64_t outbox_sequence,
                               const outbox_event& event) override;
    void alert(session_id session, const smpp::alert_notification& alert,
               const smpp::tlv_list& tlvs) override;
    void post_webhook(account_id account, std::uint64_t token,
                      std::span<const outbox_item> items) override;
    void request_callback(account_id account, std::uint64_t token,
                          const callback_request& what) override;
    void unknown_stat(carrier_id carrier, std::string_view stat, State taken_for) override;
    void sync_hit_log(int descriptor, std::uint64_t sequence) override;

private:
    [[nodiscard]] bool open_store(std::string& fault);
    [[nodiscard]] bool open_gate(std::string& fault);
    void open_desk();

    // gateway_store.cpp
    void open_guard();
    void keep_back();
    void look_at_guard();
    [[nodiscard]] api::store_view look_at_store() const;
    [[nodiscard]] refusal confirm_store(std::string_view by, std::string_view why,
                                        reply_ticket ticket);
    [[nodiscard]] bool guard_kept(reply_ticket ticket);

    // gateway_clock.cpp
    [[nodiscard]] bool open_clock(std::string& fault);
    [[nodiscard]] api::clock_view look_at_clock();
    [[nodiscard]] bool move_clock(std::int64_t to_ms, bool stands, reply_ticket ticket);
    void hop(std::int64_t by_ms);
    void keep_clock();
    [[nodiscard]] std::optional<std::int64_t> next_due();
    [[nodiscard]] bool rests();
    void tell_follower();
    void move_on();

    /// The rules that accounts are under, as the settings have them.
    void take_policies(const config::settings& settings);
    /// How replies are read, and what is answered.
    void take_reply_settings(const config::settings& settings);
    /// Keeps rows of the desk, as soon as nothing is on its way that they depend on.
    void keep_for_desk(dunning::desk_rows what);
    void keep_desk_rows();
    [[nodiscard]] static bool is_of_answers(reply_ticket ticket);
    /// What the admin pages show and do.
    [[nodiscard]] http_sources page_sources();
    void announce_listeners();
    [[nodiscard]] std::string metrics();
    /// Why new work is not welcome; empty = it is.
    [[nodiscard]] std::optional<std::string> not_ready() const;

    void end_turn();
    void arm_timer();
    void take_completions();
    void on_hits_synced();
    void wait_for_signal();
    void on_signal();
    void wait_for_hangup();
    /// `done` is told what came of it.
    void reload(reloader::completion done);
    std::vector<std::string> apply(const new_configuration& next);
    void begin_drain(std::string_view why);
    boost::asio::awaitable<void> drain();
    boost::asio::awaitable<void> pause(std::chrono::milliseconds time);
    void finish();

    const config::settings& settings_;  // of the start
    std::ostream& announce_;
    gateway_options options_;
    system_clock clock_;
    bool runs_ahead_ = false;               // of the system's date, which was set back
    std::optional<sandbox_clock> sandbox_;  // on top of it
    std::optional<clock_mover> mover_;      // where there is a sandbox
    bool stands_then_ = false;              // where the mover moves to
    clock_follower* follower_ = nullptr;
    std::int64_t last_ms_ = 0;  // of the store, at the start
    std::optional<store_guard> guard_;
    std::uint64_t boot_ = 0;                  // boot_number()
    std::optional<reply_ticket> confirming_;  // its rows are on their way to the disk

    boost::asio::io_context context_{1};
    io::tasks tasks_{context_};
    boost::asio::signal_set signals_{context_};
    boost::asio::signal_set hangup_{context_};
    boost::asio::steady_timer timer_{context_};
    boost::asio::steady_timer drain_timer_{context_};
    boost::asio::steady_timer look_timer_{context_};
    bool look_posted_ = false;
    std::optional<std::chrono::steady_clock::time_point> armed_;
    std::map<std::string, io::line_limit, std::less<>> unowned_lines_;  // by carrier
    bool turn_posted_ = false;
    bool started_ = false;
    bool draining_ = false;
    int exit_code_ = 0;

    zone_names zones_;

    // Built in this order by start(), destroyed in reverse.
    std::unique_ptr<store::environment> store_;
    std::atomic<bool> completions_posted_ = false;
    std::unique_ptr<store::writer> writer_;
    std::vector<store::completion> completions_;
    std::optional<store::commit_error> store_fault_;
    dunning::secret_octets master_key_{};
    std::unique_ptr<dunning::policy_gate> gate_;
    std::unique_ptr<engine> engine_;
    std::unique_ptr<store::log_sync> hit_sync_;  // where hits have to survive a loss of power
    std::atomic<bool> synced_posted_ = false;
    std::uint64_t sync_failures_ = 0;  // that were logged
    std::unique_ptr<dunning::protection> protection_;
    std::unique_ptr<dunning::conversation_book> conversations_;
    std::unique_ptr<dunning::reply_follower> follower_of_replies_;
    std::unique_ptr<dunning::answer_sender> answers_;
    std::shared_ptr<const dunning::reading_settings> reading_;
    std::optional<dunning::desk_rows> desk_rows_;  // that wait
    std::unique_ptr<dunning::desk> desk_;
    std::unique_ptr<io::names> names_;
    std::unique_ptr<io::password_pool> passwords_;
    std::unique_ptr<io::reader_pool> readers_;
    std::unique_ptr<io::smpp_server> smpp_;
    std::unique_ptr<io::smpp_carriers> carriers_;
    std::unique_ptr<http_parts> http_;
    std::unique_ptr<reloader> reloader_;
};

}  // namespace hikyaku::gateway::app
