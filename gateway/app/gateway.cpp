#include "gateway/app/gateway.hpp"

#include <sodium.h>

#include <array>
#include <bit>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <cstdlib>
#include <ostream>
#include <utility>

#include "gateway/app/metrics.hpp"
#include "gateway/app/zones.hpp"
#include "gateway/io/logging.hpp"
#include "gateway/links/random.hpp"
#include "gateway/model/tables.hpp"
#include "store/ids.hpp"

namespace hikyaku::gateway::app {

using io::log;
using io::log_level;

namespace {

std::uint64_t random_bits() {
    std::array<std::uint8_t, sizeof(std::uint64_t)> octets{};
    links::random_source().fill(octets);
    return std::bit_cast<std::uint64_t>(octets);
}

/// The cost that checking an unknown system_id's password shall have: that of a configured one.
std::string decoy_hash(const config::settings& settings) {
    for (const auto& account : settings.accounts)
        if (!account.password_hash.empty()) return account.password_hash;
    return {};
}

std::optional<api::bind_end_view> view_of(const io::bind_end_run* run) {
    if (run == nullptr) return std::nullopt;
    api::bind_end_view view;
    view.stage = io::name_of(run->what.stage);
    view.reason = run->what.reason;
    view.carrier_says = run->what.detail;
    view.host = run->what.host;
    view.port = run->what.port;
    view.times = run->times;
    view.first_ms = run->first.wall_ms;
    view.last_ms = run->last.wall_ms;
    view.over = run->over;
    return view;
}

}  // namespace

gateway::gateway(const config::settings& settings, std::ostream& announce,
                 const gateway_options& options)
    : settings_(settings), announce_(announce), options_(options) {}

gateway::~gateway() {
    // Nothing may be posted to the io_context any more while the parts go.
    if (writer_) writer_->stop();
    if (hit_sync_) hit_sync_->stop();
    if (passwords_) passwords_->stop();
    if (reloader_) reloader_->stop();
    if (readers_) readers_->stop();
    if (desk_) desk_->stop();
}

bool gateway::start(std::string& fault) {
    if (sodium_init() < 0) {
        fault = "the system's random numbers are not available";
        return false;
    }
    std::signal(SIGPIPE, SIG_IGN);  // a peer that has gone is an error code, not a signal
    std::signal(SIGXFSZ, SIG_IGN);  // so is a file that may not grow any more
    signals_.add(SIGTERM);
    signals_.add(SIGINT);
    hangup_.add(SIGHUP);
    wait_for_signal();

    if (!open_store(fault) || !open_gate(fault) || !open_clock(fault)) return false;
    open_guard();
    store::writer_settings writing;
    writing.pending_bytes_max = settings_.store.pending_bytes_max;
    writer_ = std::make_unique<store::writer>(*store_, writing, [this] {
        // The writer's thread: wake the loop, once for all that has completed until it runs.
        if (completions_posted_.exchange(true)) return;
        auto take = [this] { take_completions(); };
        boost::asio::post(context_, std::move(take));
    });
    engine_options how;
    how.gate = gate_.get();
    how.consumers = {dunning::desk::consumer()};
    engine_ =
        std::make_unique<engine>(settings_, *store_, *this, random_bits, now(), std::move(how));
    open_desk();

    zones_ = read_zone_names();
    names_ = std::make_unique<io::names>(context_.get_executor(), settings_.dns);
    io::password_pool_settings checking;
    checking.decoy_hash = decoy_hash(settings_);
    passwords_ = std::make_unique<io::password_pool>(context_, std::move(checking));
    readers_ = std::make_unique<io::reader_pool>(context_, *store_);
    smpp_ = std::make_unique<io::smpp_server>(*this, settings_, *passwords_);
    carriers_ = std::make_unique<io::smpp_carriers>(*this, settings_);
    if (options_.read_file) {
        reloader_ = std::make_unique<reloader>(
            context_, options_.file, options_.read_file, settings_,
            [this](const new_configuration& next) { return apply(next); });
    }
    http_ = std::make_unique<http_parts>(*this, settings_, page_sources());

    if (!smpp_->open(fault) || !http_->open(fault) || !carriers_->start(fault)) return false;
    started_ = true;
    tell_follower();
    wait_for_hangup();
    announce_listeners();
    touched();
    return true;
}

http_sources gateway::page_sources() {
    http_sources pages;
    pages.metrics = [this] { return metrics(); };
    pages.not_ready = [this] { return not_ready(); };
    pages.last_bind_end = [this](std::string_view carrier) {
        return view_of(carriers_->last_end(carrier));
    };
    if (options_.read_file) {
        pages.reload = [this](reply_ticket ticket) {
            reload([this, ticket](const reloader::outcome& outcome) {
                http_->answer(ticket, api::reload_answer(outcome));
            });
        };
    }
    pages.clock.look = [this] { return look_at_clock(); };
    if (sandbox_)
        pages.clock.move = [this](std::int64_t to_ms, bool stands, reply_ticket ticket) {
            return move_clock(to_ms, stands, ticket);
        };
    pages.store.look = [this] { return look_at_store(); };
    pages.store.confirm = [this](std::string_view by, std::string_view why, reply_ticket ticket) {
        return confirm_store(by, why, ticket);
    };
    pages.readers = readers_.get();
    pages.desk = protection_.get();
    pages.chronicler = desk_.get();
    pages.conversations = conversations_.get();
    return pages;
}

void gateway::announce_listeners() {
    for (const auto& one : smpp_->addresses()) {
        announce_ << (one.tls ? "smpp (tls) listening on " : "smpp listening on ") << one.local
                  << std::endl;
    }
    for (const auto& line : http_->announcements())
        announce_ << line << std::endl;
    announce_ << "ready" << std::endl;
    log(log_level::info, "ready");
}

int gateway::run() {
    context_.run();
    return exit_code_;
}

void gateway::touched() {
    if (turn_posted_) return;
    turn_posted_ = true;
    // Behind every handler that is ready now: all of them share one flush.
    auto turn = [this] { end_turn(); };
    boost::asio::post(context_, std::move(turn));
}

void gateway::end_turn() {
    turn_posted_ = false;
    look_at_guard();
    keep_desk_rows();
    answers_->pump(now());
    engine_->flush(now());
    http_->end_turn();
    move_on();
    arm_timer();
}

void gateway::arm_timer() {
    const auto deadline = engine_->next_deadline(now());
    if (armed_ && *armed_ <= deadline) return;  // too early does no harm
    armed_ = deadline;
    timer_.expires_at(deadline);
    auto on_time = [this](boost::system::error_code error) {
        if (error) return;  // set anew
        armed_.reset();
        engine_->tick(now());
        touched();
    };
    timer_.async_wait(std::move(on_time));
}

void gateway::take_completions() {
    completions_posted_ = false;
    completions_.clear();
    writer_->take_completed(completions_);
    const auto time = now();
    for (auto& one : completions_)
        engine_->on_committed(one.ticket, !one.error, std::move(one.operations), time);
    const auto fault = writer_->refusing();
    if (fault.has_value() != store_fault_.has_value()) {
        if (fault) {
            log(log_level::error, "the disk refuses writes; new submissions are refused",
                {{"why", store::commit_error_name(*fault)}});
        } else {
            log(log_level::info, "the disk takes writes again");
        }
    }
    // A full map refuses what is new only: what was accepted goes on.
    engine_->set_store_failing(writer_->failing().has_value());
    store_fault_ = fault;
    if (fault == store::commit_error::needs_restart && !draining_) {
        exit_code_ = 1;
        begin_drain("the store must be opened anew");
    }
    touched();
}

// Stopping.

void gateway::wait_for_signal() {
    auto on_one = [this](boost::system::error_code error, int) {
        if (!error) on_signal();
    };
    signals_.async_wait(std::move(on_one));
}

void gateway::on_signal() {
    if (draining_) {
        log(log_level::warn, "second signal: ending at once; what was answered is on disk");
        io::flush_log();
        std::_Exit(1);
    }
    wait_for_signal();
    begin_drain("signal");
}

void gateway::wait_for_hangup() {
    auto on_one = [this](boost::system::error_code error, int) {
        if (error) return;
        wait_for_hangup();
        reload([](const reloader::outcome&) {});
    };
    hangup_.async_wait(std::move(on_one));
}

// The certificates are read whatever the file is like: sessions and connections go on, the next
// handshakes see the new ones.
void gateway::reload(reloader::completion done) {
    auto told = [this, done = std::move(done)](const reloader::outcome& outcome) {
        if (reloader_) log_outcome(outcome);
        smpp_->reload_tls();
        http_->reload_tls();
        done(outcome);
    };
    if (reloader_)
        reloader_->ask(std::move(told));
    else
        told({});
}

// The engine first: the drivers ask it for what they find no more.
std::vector<std::string> gateway::apply(const new_configuration& next) {
    if (draining_) return {"the gateway is stopping: nothing is applied any more"};
    engine_->apply(next.settings, now());
    take_policies(*next.settings);
    take_reply_settings(*next.settings);
    smpp_->apply(next.settings);
    http_->apply(*next.settings);
    io::set_log_level(next.settings->log.level);
    auto troubles = carriers_->apply(next.settings, next.contexts);
    touched();
    return troubles;
}

void gateway::begin_drain(std::string_view why) {
    draining_ = true;
    if (!started_) return context_.stop();
    log(log_level::info, "draining", {{"why", why}});
    if (mover_) mover_->give_up();
    engine_->begin_drain();
    // What still waits for a name is tried again by the next process.
    names_->accounts.stop();
    smpp_->stop_accepting();
    touched();
    tasks_.spawn("drain", drain());
}

boost::asio::awaitable<void> gateway::pause(std::chrono::milliseconds time) {
    drain_timer_.expires_after(time);
    co_await drain_timer_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
}

boost::asio::awaitable<void> gateway::drain() {
    using clock = std::chrono::steady_clock;
    constexpr std::chrono::milliseconds step{20};
    const auto in_flight_until = clock::now() + options_.drain_limit;
    while (!(engine_->drained() && http_->idle()) && clock::now() < in_flight_until)
        co_await pause(step);
    if (!engine_->drained()) log(log_level::warn, "stopping although something is in flight");
    smpp_->unbind_all();
    carriers_->stop();
    names_->carriers.stop();
    http_->stop();
    const auto unbound_until = clock::now() + options_.unbind_limit;
    const auto all_gone = [this] {
        return smpp_->connections() == 0 && carriers_->quiet() && http_->quiet();
    };
    while (!all_gone() && clock::now() < unbound_until)
        co_await pause(step);
    finish();
}

void gateway::finish() {
    engine_->flush(now());
    writer_->stop();  // writes everything that it was given
    take_completions();
    log(log_level::info, "stopped");
    io::flush_log();
    context_.stop();
}

std::optional<std::string> gateway::not_ready() const {
    if (!started_) return "starting";
    if (draining_) return "draining";
    if (store_fault_)
        return "the disk refuses writes: " + std::string(store::commit_error_name(*store_fault_));
    return std::nullopt;
}

// Commands of the engine.

void gateway::commit(commit_kind kind, std::unique_ptr<store::batch> batch, std::uint64_t ticket) {
    const auto as =
        kind == commit_kind::acceptance ? store::batch_kind::acceptance : store::batch_kind::state;
    if (writer_->submit(as, batch, ticket) == store::admission::taken) return;
    auto refused = [this, ticket, kept = std::move(batch)]() mutable {
        engine_->on_committed(ticket, false, std::move(kept), now());
        touched();
    };
    boost::asio::post(context_, std::move(refused));
}

void gateway::submission_settled(const settled_submission& what) {
    if (is_of_answers(what.ticket))
        answers_->settled(what);
    else if (io::api_driver::owns(what.ticket.session))
        http_->submission_settled(what.ticket, what.id, what.why);
    else
        smpp_->submission_settled(what);
}

void gateway::cancellation_settled(reply_ticket ticket, message_id id) {
    http_->cancellation_settled(ticket, id);
}

void gateway::operation_settled(reply_ticket ticket, smpp::command_status status) {
    smpp_->operation_settled(ticket, status);
}

void gateway::replay_settled(reply_ticket ticket) {
    http_->replay_settled(ticket);
}

void gateway::reply_unowned(const unowned_reply& what) {
    auto at = unowned_lines_.find(what.carrier);
    if (at == unowned_lines_.end())
        at = unowned_lines_.emplace(what.carrier, std::chrono::minutes(1)).first;
    const auto held = at->second.take(std::chrono::steady_clock::now());
    if (!held) return;
    log(log_level::info, "a reply is nobody's",
        {{"carrier", what.carrier},
         {"from", io::mask(what.source)},
         {"to", io::mask(what.destination)},
         {"why", word_of(what.why)},
         {"not_logged", *held}});
}

void gateway::alert(session_id session, const smpp::alert_notification& alert,
                    const smpp::tlv_list& tlvs) {
    smpp_->alert(session, alert, tlvs);
}

bool gateway::send_segment(bind_id bind, std::uint64_t token, const smpp::submit_sm& request,
                           const smpp::tlv_list& tlvs) {
    if (io::log_enabled(log_level::trace)) {
        log(log_level::trace, "a segment goes to a carrier",
            {{"bind", static_cast<std::uint64_t>(bind)},
             {"from", io::mask(request.source_addr)},
             {"to", io::mask(request.destination_addr)},
             {"octets", request.short_message.size()}});
    }
    return carriers_->send_segment(bind, token, request, tlvs);
}

bool gateway::send_cancel(bind_id bind, std::uint64_t token, const smpp::cancel_sm& request) {
    return carriers_->send_cancel(bind, token, request);
}

void gateway::acknowledge(bind_id bind, std::uint32_t sequence, smpp::command_id request,
                          smpp::command_status status) {
    carriers_->acknowledge(bind, sequence, request, status);
}

bool gateway::deliver(session_id session, std::uint64_t outbox_sequence,
                      const outbox_event& event) {
    return smpp_->deliver(session, outbox_sequence, event);
}

void gateway::post_webhook(account_id account, std::uint64_t token,
                           std::span<const outbox_item> items) {
    http_->post_webhook(account, token, items);
}

void gateway::request_callback(account_id account, std::uint64_t token,
                               const callback_request& what) {
    http_->request_callback(account, token, what);
}

void gateway::unknown_stat(carrier_id carrier, std::string_view stat, State taken_for) {
    carriers_->unknown_stat(carrier, stat, taken_for);
}

void gateway::sync_hit_log(int descriptor, std::uint64_t sequence) {
    if (!hit_sync_)
        hit_sync_ = std::make_unique<store::log_sync>(settings_.store.path, [this] {
            // The thread of the syncs: wake the loop, once until it runs.
            if (synced_posted_.exchange(true)) return;
            auto take = [this] { on_hits_synced(); };
            boost::asio::post(context_, std::move(take));
        });
    hit_sync_->ask(descriptor, sequence);
}

void gateway::on_hits_synced() {
    synced_posted_ = false;
    engine_->on_hits_synced(hit_sync_->synced());
    if (const auto failures = hit_sync_->failures(); failures != sync_failures_) {
        log(log_level::error, "the disk does not sync the hit log", {{"failures", failures}});
        sync_failures_ = failures;
    }
    http_->answer_safe();
}

std::string gateway::metrics() {
    metrics_sources from;
    const auto time = now();
    from.engine = &engine_->count();
    from.accounts = engine_->accounts();
    from.carriers = engine_->carriers();
    from.binds = carriers_->views();
    from.sessions = smpp_->sessions();
    from.smpp = smpp_->counters();
    from.smpp_faults = smpp_->faults();
    from.smpp_locked_out = smpp_->locked_out();
    from.listeners = smpp_->listener_counters();
    from.smpp_places = smpp_->place_counters();
    from.passwords_hashed = passwords_->hashed();
    from.writer = writer_->stats();
    from.writer_pending_bytes = writer_->pending_bytes();
    from.store_failing = store_fault_.has_value();
    from.store = store_->usage();
    from.queued = engine_->queued();
    from.oldest_ready_age_ms = engine_->oldest_ready_age_ms(time);
    from.clock_ahead_ms = clock_.wall().ahead_ms();
    from.clock_moved_ms = time.moved_ms;
    from.store_unconfirmed = guard_->what() != 0;
    from.names_of_carriers = names_->carriers.counters();
    from.names_of_accounts = names_->accounts.counters();
    from.tasks_running = tasks_.running();
    from.tasks_failed = tasks_.failed();
    from.resident_bytes = resident_bytes();
    from.ready = !not_ready();
    from.others = http_->metrics();
    from.others.push_back({"hikyaku_link_hit_syncs_total",
                           "Syncs of the hit log, each for all redirects that waited for it.", true,
                           hit_sync_ ? hit_sync_->syncs() : 0});
    return render_metrics(from);
}

}  // namespace hikyaku::gateway::app
