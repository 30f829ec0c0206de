// Construction, connections, time and the end. Submissions are handled in simulator_submit.cpp,
// what is sent to the peers in simulator_deliver.cpp.
#include "bench/carrier/simulator.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cassert>

#include "bench/carrier/simulator_peer.hpp"
#include "smpp/io/connector.hpp"
#include "smpp/io/spawn.hpp"

namespace hikyaku::bench {

using smpp::io::connection;

namespace {

constexpr std::chrono::seconds stop_limit{2};
constexpr std::chrono::seconds phone_interval{5};
constexpr std::chrono::milliseconds timer_step{1};

std::uint64_t id_base_now() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(now).count());
}

}  // namespace

carrier_simulator::carrier_simulator(boost::asio::any_io_executor executor, carrier_options options)
    : executor_(std::move(executor)),
      options_(std::move(options)),
      id_base_(options_.first_id != 0 ? options_.first_id - 1 : id_base_now()),
      timer_(executor_) {
    assert(!fault_of(options_));
    if (options_.phone) phone_.emplace();
}

carrier_simulator::~carrier_simulator() {
    if (listener_) listener_->close();
}

boost::system::result<void> carrier_simulator::listen(const tcp::endpoint& endpoint) {
    assert(!listener_);
    const smpp::io::listener_settings settings{.endpoint = endpoint,
                                               .connections_max = options_.sessions_max};
    auto opened = smpp::io::listener::open(
        executor_, settings, [this](smpp::io::stream stream) { on_stream(std::move(stream)); });
    if (!opened) return opened.error();
    listener_ = std::move(*opened);
    listener_->start();
    const session_time now = connection::now();
    if (options_.disconnect_every.count() > 0)
        after(options_.disconnect_every, {task_kind::disconnect, 0}, now);
    if (phone_) after(phone_interval, {task_kind::phone, 0}, now);
    if (options_.outbind) call();
    return {};
}

void carrier_simulator::call() {
    assert(options_.outbind);
    if (stopping_ || called_ != 0) return;
    smpp::io::spawn(executor_, connect_out(alive_), [this, alive = std::weak_ptr(alive_)] {
        if (!alive.expired()) call_later();
    });
}

void carrier_simulator::call_later() {
    after(options_.outbind->interval, {task_kind::call, 0}, connection::now());
}

boost::asio::awaitable<void> carrier_simulator::connect_out(std::weak_ptr<int> alive) {
    smpp::io::connector_settings where;
    where.host = options_.outbind->host;
    where.port = options_.outbind->port;
    auto connected = co_await smpp::io::connect(executor_, std::move(where));
    if (alive.expired() || stopping_) co_return;
    if (!connected) {
        call_later();
        co_return;
    }
    auto& called = on_stream(std::move(*connected));
    called_ = called.id;
    ++stats_.calls;
    const smpp::outbind body{options_.outbind->system_id, options_.outbind->password};
    const auto sent = called.link->session().send_outbind(body, connection::now());
    if (!sent) drop(called);
    called.link->kick();
}

std::chrono::microseconds carrier_simulator::since_first(session_time now) const {
    return std::chrono::duration_cast<std::chrono::microseconds>(now -
                                                                 std::min(now, first_submission_));
}

carrier_simulator::peer& carrier_simulator::on_stream(smpp::io::stream stream) {
    ++stats_.connections;
    smpp::session_settings settings;
    settings.role = smpp::session_role::server;
    settings.system_id = "simulated";
    settings.interface_version = options_.version;
    settings.window_max = options_.window;
    settings.peer_window_max = options_.peer_window;
    const std::uint64_t id = next_peer_++;
    auto made = std::make_unique<peer>(*this, id);
    const smpp::io::connection_settings io_settings{.read_bytes = 65536};
    made->link = connection::create(std::move(stream), settings, made.get(), io_settings);
    made->link->start();
    return *peers_.emplace(id, std::move(made)).first->second;
}

void carrier_simulator::on_closed(peer& gone) {
    if (gone.account) std::erase(accounts_[*gone.account].receivers, &gone);
    const session_time now = connection::now();
    if (called_ == gone.id) {
        called_ = 0;
        if (!stopping_) call_later();
    }
    peers_.erase(gone.id);
    pump(now);
    if (stopping_ && peers_.empty() && on_stopped_) std::exchange(on_stopped_, nullptr)();
}

void carrier_simulator::drop(peer& victim) {
    if (victim.cut) return;
    victim.cut = true;
    victim.link->close();
}

void carrier_simulator::disconnect_all() {
    for (const auto& [id, one] : peers_)
        drop(*one);
}

void carrier_simulator::stop(std::function<void()> on_stopped) {
    if (stopping_) return;
    stopping_ = true;
    on_stopped_ = std::move(on_stopped);
    if (listener_) listener_->close();
    const session_time now = connection::now();
    for (const auto& [id, one] : peers_) {
        one->link->session().unbind(now);
        one->link->kick();
    }
    after(stop_limit, {task_kind::give_up, 0}, now);
    if (!peers_.empty()) return;
    boost::asio::post(executor_, [this, alive = std::weak_ptr(alive_)] {
        if (!alive.expired() && on_stopped_) std::exchange(on_stopped_, nullptr)();
    });
}

carrier_stats carrier_simulator::stats() const {
    carrier_stats result = stats_;
    result.sessions = peers_.size();
    result.pending = deliveries_.size();
    if (stats_.submissions > 0) result.first_submission = first_submission_;
    result.most_submissions_in_one_second = seen_.most();
    return result;
}

// Time.

void carrier_simulator::after(std::chrono::microseconds delay, task what, session_time now) {
    schedule_.add(now + delay, what);
    arm();
}

std::int64_t carrier_simulator::wall_ms() const {
    if (wall_) return wall_();
    const auto wall = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(wall).count();
}

smpp::session_time carrier_simulator::wall_now() const {
    return wall_ ? session_time(std::chrono::milliseconds(wall_())) : connection::now();
}

std::chrono::sys_seconds carrier_simulator::wall_seconds() const {
    return std::chrono::floor<std::chrono::seconds>(
        std::chrono::sys_time<std::chrono::milliseconds>(std::chrono::milliseconds(wall_ms())));
}

void carrier_simulator::after_wall(std::chrono::microseconds delay, task what) {
    if (what.kind == task_kind::make_ready) ++receipts_to_come_;
    by_wall_.add(wall_now() + delay, what);
    arm();
}

void carrier_simulator::on_clock() {
    const session_time now = connection::now();
    run_due(now);
    pump(now);
    arm();
}

std::optional<std::int64_t> carrier_simulator::next_due() const {
    const auto next = by_wall_.next();
    if (!next) return std::nullopt;
    return std::chrono::ceil<std::chrono::milliseconds>(next->time_since_epoch()).count();
}

bool carrier_simulator::rests() const {
    const auto next = by_wall_.next();
    return deliveries_.size() == receipts_to_come_ && (!next || *next > wall_now());
}

// At most one wake-up a millisecond: under load each finds many things due.
void carrier_simulator::arm() {
    auto next = schedule_.next();
    if (const auto by_wall = by_wall_.next()) {
        // A clock that stands is looked at again.
        const auto left = std::max<std::chrono::nanoseconds>(*by_wall - wall_now(), timer_step);
        const auto then = connection::now() + (wall_ ? left : *by_wall - connection::now());
        next = next ? std::min(*next, then) : then;
    }
    if (!next) return;
    const session_time due = std::max(*next, fired_ + timer_step);
    if (due >= armed_) return;
    armed_ = due;
    timer_.expires_at(due);
    timer_.async_wait(
        [this, alive = std::weak_ptr(alive_)](const boost::system::error_code& error) {
            if (!error && !alive.expired()) on_timer();
        });
}

void carrier_simulator::on_timer() {
    const session_time now = connection::now();
    armed_ = session_time::max();
    fired_ = now;
    run_due(now);
    pump(now);
    arm();
}

void carrier_simulator::run_due(session_time now) {
    while (const auto what = schedule_.take(now))
        run(*what, now);
    const session_time wall = wall_now();
    while (const auto what = by_wall_.take(wall))
        run(*what, now);
}

void carrier_simulator::run(const task& what, session_time now) {
    switch (what.kind) {
        case task_kind::respond:
            release(what.handle, now);
            break;
        case task_kind::make_ready:
            --receipts_to_come_;
            make_ready(what.handle);
            break;
        case task_kind::ring:
            ring(what.handle);
            break;
        case task_kind::disconnect:
            ++stats_.disconnects;
            disconnect_all();
            after(options_.disconnect_every, what, now);
            break;
        case task_kind::phone:
            phone_->tick(wall_ms());
            after(phone_interval, what, now);
            break;
        case task_kind::give_up:
            disconnect_all();
            break;
        case task_kind::call:
            call();
            break;
    }
}

}  // namespace hikyaku::bench
