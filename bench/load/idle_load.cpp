#include "bench/load/idle_load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/json.hpp>
#include <cassert>
#include <utility>

#include "bench/load/report.hpp"
#include "gateway/api/json/text.hpp"
#include "smpp/io/connector.hpp"
#include "smpp/io/spawn.hpp"

namespace hikyaku::bench {

using smpp::session_event_kind;
using smpp::io::connection;

namespace {

// Connections that are not bound yet, at the same time: servers bound that number, and that of the
// passwords that wait to be checked.
constexpr std::size_t opening_max = 32;
constexpr std::chrono::seconds idle_leave_limit{5};

}  // namespace

struct idle_load::held final : smpp::io::connection_handler {
    explicit held(idle_load& load) : owner(load) {}
    ~held() override {
        if (!link || link->session().is_closed()) return;
        link->detach();
        link->close();
    }
    void on_events(connection&, std::span<const smpp::session_event> events) override {
        owner.on_events(*this, events);
    }
    void on_closed(connection&, smpp::close_reason reason) override { owner.on_closed(reason); }

    idle_load& owner;
    std::shared_ptr<connection> link;
};

std::string to_json(const idle_report& report) {
    if (!report.fault.empty())
        return gateway::api::write_json(boost::json::object{{"error", report.fault}});
    boost::json::object closed;
    for (const auto& [reason, count] : report.closed)
        closed[reason] = count;
    return fmt::format(
        R"({{"sessions":{},"binding_s":{:.3f},"held_s":{:.3f},"enquire_links":{},"closed":{}}})",
        report.sessions, seconds(report.binding), seconds(report.held), report.enquiries,
        gateway::api::write_json(closed));
}

int exit_code_of(const idle_report& report) {
    if (!report.fault.empty()) return 2;
    return report.closed.empty() ? 0 : 1;
}

idle_load::idle_load(boost::asio::any_io_executor executor, load_options options,
                     std::function<void()> on_held, std::function<void()> on_done)
    : executor_(std::move(executor)),
      options_(std::move(options)),
      on_held_(std::move(on_held)),
      on_done_(std::move(on_done)),
      timer_(executor_) {
    assert(options_.idle && options_.binds > 0);
}

idle_load::~idle_load() = default;

void idle_load::start() {
    started_ = connection::now();
    for (std::uint32_t i = 0; i < options_.binds; ++i)
        sessions_.push_back(std::make_unique<held>(*this));
    open_ = sessions_.size();
    for (std::size_t i = 0; i < opening_max; ++i)
        open_next();
    wait(options_.wait, &idle_load::finish);  // nobody answers the binds
}

void idle_load::open_next() {
    if (opened_ == sessions_.size() || phase_ != phase::binding) return;
    smpp::io::spawn(executor_, connect(opened_++, alive_), [] {});
}

boost::asio::awaitable<void> idle_load::connect(std::size_t which, std::weak_ptr<int> alive) {
    if (alive.expired()) co_return;
    smpp::io::connector_settings target;
    target.host = options_.host;
    target.port = options_.port;
    auto stream = co_await smpp::io::connect(executor_, target);
    if (alive.expired() || phase_ != phase::binding) co_return;
    if (!stream) {
        give_up(fmt::format("cannot connect to {}:{}: {}", options_.host, options_.port,
                            stream.error().message()));
        co_return;
    }
    smpp::session_settings settings;
    settings.role = smpp::session_role::client;
    settings.enquire_link_interval = std::chrono::milliseconds(0);  // the server asks
    const smpp::io::connection_settings io_settings{.read_bytes = 1024};
    held& one = *sessions_[which];
    one.link = connection::create(std::move(*stream), settings, &one, io_settings);
    one.link->start();
    const std::string system_id = system_id_of(options_, which);
    const smpp::bind_request request{
        .system_id = system_id, .password = options_.password, .interface_version = 0x34};
    const auto sent =
        one.link->session().bind(smpp::command_id::bind_transceiver, request, connection::now());
    if (!sent) {
        give_up("system_id or password is too long");
        co_return;
    }
    one.link->kick();
}

void idle_load::on_events(held& from, std::span<const smpp::session_event> events) {
    for (const smpp::session_event& event : events) {
        switch (event.kind) {
            case session_event_kind::bound:
                on_bound();
                break;
            case session_event_kind::bind_refused:
                give_up(fmt::format("bind {} of {} was refused: {}", report_.sessions + 1,
                                    sessions_.size(), smpp::name_of(event.status())));
                break;
            case session_event_kind::request:  // nothing is expected, and nothing is lost
                from.link->session().respond(event.request(), smpp::command_status::esme_rok,
                                             connection::now());
                break;
            default:
                break;
        }
    }
}

void idle_load::on_bound() {
    if (phase_ != phase::binding) return;
    if (++report_.sessions < sessions_.size()) return open_next();
    phase_ = phase::holding;
    holding_since_ = connection::now();
    report_.binding = holding_since_ - started_;
    wait(*options_.idle, &idle_load::leave);
    if (on_held_) std::exchange(on_held_, nullptr)();
}

void idle_load::on_closed(smpp::close_reason reason) {
    --open_;
    switch (phase_) {
        case phase::binding:
            return give_up(
                fmt::format("the server closed the connection: {}", smpp::name_of(reason)));
        case phase::holding:
            ++report_.closed[std::string(smpp::name_of(reason))];
            if (open_ == 0) finish();
            return;
        case phase::leaving:
            if (open_ == 0) finish();
            return;
        case phase::done:
            return;
    }
}

void idle_load::stop() {
    if (phase_ == phase::holding) return leave();
    if (phase_ == phase::binding) give_up("stopped before all sessions were bound");
}

void idle_load::leave() {
    if (phase_ != phase::holding) return;
    phase_ = phase::leaving;
    report_.held = connection::now() - holding_since_;
    const time now = connection::now();
    for (const auto& one : sessions_) {
        if (one->link->session().is_closed()) continue;
        one->link->session().unbind(now);
        one->link->kick();
    }
    wait(idle_leave_limit, &idle_load::finish);
}

void idle_load::wait(std::chrono::nanoseconds span, void (idle_load::*then)()) {
    timer_.expires_after(span);
    timer_.async_wait(
        [this, then, alive = std::weak_ptr(alive_)](const boost::system::error_code& error) {
            if (!error && !alive.expired()) (this->*then)();
        });
}

void idle_load::give_up(std::string why) {
    if (phase_ == phase::done) return;
    report_.fault = std::move(why);
    finish();
}

void idle_load::finish() {
    if (phase_ == phase::done) return;
    if (phase_ == phase::binding && report_.fault.empty()) {
        report_.fault = fmt::format("only {} of {} sessions were bound in time", report_.sessions,
                                    sessions_.size());
    }
    if (phase_ == phase::holding) report_.held = connection::now() - holding_since_;
    phase_ = phase::done;
    for (const auto& one : sessions_) {
        if (!one->link) continue;
        const auto& counters = one->link->session().counters();
        report_.enquiries += counters.received_of(smpp::command_class::enquire_link).requests;
    }
    timer_.cancel();
    boost::asio::post(executor_, [this, alive = std::weak_ptr(alive_)] {
        if (!alive.expired() && on_done_) std::exchange(on_done_, nullptr)();
    });
}

}  // namespace hikyaku::bench
