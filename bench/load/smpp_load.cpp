#include "bench/load/smpp_load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cassert>
#include <utility>

#include "smpp/io/connector.hpp"
#include "smpp/io/spawn.hpp"
#include "smpp/text/gsm.hpp"
#include "smpp/text/plan.hpp"
#include "smpp/text/receipt.hpp"
#include "smpp/text/ucs2.hpp"

namespace hikyaku::bench {

using smpp::command_status;
using smpp::session_event_kind;
using smpp::io::connection;

namespace {

constexpr std::chrono::microseconds step_min{200};  // between two wake-ups of an open loop
constexpr std::chrono::milliseconds step_max{20};   // to notice the end
constexpr std::chrono::seconds leave_limit{2};
constexpr std::uint32_t parts_max = 255;

std::string name_of_status(command_status status) {
    const std::string_view name = smpp::name_of(status);
    return name.empty() ? fmt::format("{:#010x}", static_cast<std::uint32_t>(status))
                        : std::string(name);
}

struct split_address {
    std::uint8_t ton = 0, npi = 0;
    std::string digits;
};

// "+8190..." is international, letters are a sender's name, other digits of unknown type.
split_address split(const std::string& shown) {
    if (shown.starts_with('+')) return {1, 1, shown.substr(1)};
    const bool digits = shown.find_first_not_of("0123456789") == std::string::npos;
    return digits ? split_address{0, 0, shown} : split_address{5, 0, shown};
}

std::uint64_t token_of(smpp::session_time intended) {
    return static_cast<std::uint64_t>(intended.time_since_epoch().count());
}
smpp::session_time time_of(std::uint64_t token) {
    return smpp::session_time(smpp::session_time::duration(static_cast<std::int64_t>(token)));
}

}  // namespace

struct smpp_load::bind final : smpp::io::connection_handler {
    bind(smpp_load& load, std::size_t position) : owner(load), number(position) {}
    ~bind() override {
        if (!link || link->session().is_closed()) return;
        link->detach();
        link->close();
    }
    void on_events(connection&, std::span<const smpp::session_event> events) override {
        owner.on_events(*this, events);
    }
    void on_closed(connection&, smpp::close_reason reason) override {
        owner.on_closed(*this, reason);
    }
    [[nodiscard]] bool is_open() const { return link && !link->session().is_closed(); }
    [[nodiscard]] bool is_bound() const { return link && link->session().is_bound(); }

    smpp_load& owner;
    const std::size_t number;
    std::shared_ptr<connection> link;
};

smpp_load::smpp_load(boost::asio::any_io_executor executor, load_options options,
                     std::function<void()> on_done)
    : executor_(std::move(executor)),
      options_(std::move(options)),
      on_done_(std::move(on_done)),
      pacer_(options_.per_second, options_.count, options_.duration),
      intervals_(options_.report_every),
      timer_(executor_) {
    assert(options_.binds > 0 && options_.window > 0);
    report_.receipts_wanted = options_.registered;
}

smpp_load::~smpp_load() = default;

void smpp_load::start() {
    if (!prepare_text()) return give_up("the text is not valid UTF-8 or too long");
    for (std::uint32_t i = 0; i < options_.binds; ++i) {
        binds_.push_back(std::make_unique<bind>(*this, i));
        connect_later(*binds_.back());
    }
}

// What fits one segment goes as short_message; a longer text goes whole as message_payload, to be
// segmented by the server.
bool smpp_load::prepare_text() {
    const auto planned = smpp::text::plan_text(options_.text, {.parts_max = parts_max});
    if (!planned) return false;
    data_coding_ = planned->data_coding;
    as_payload_ = planned->segments.size() > 1;
    if (!as_payload_) {
        octets_ = planned->segments.front();
    } else if (planned->enc == smpp::text::encoding::gsm7) {
        (void)smpp::text::encode_gsm(options_.text, octets_);
    } else {
        std::u16string units;
        (void)smpp::text::append_utf16(options_.text, units);
        smpp::text::append_utf16be(units, octets_);
    }
    if (as_payload_)
        smpp::tlv_writer(tlvs_).octets(smpp::tag::message_payload, smpp::text::octets_of(octets_));
    const split_address source = split(options_.from);
    source_ton_ = source.ton;
    source_npi_ = source.npi;
    source_ = source.digits;
    const split_address prefix = split(options_.to_prefix + "0");
    dest_ton_ = prefix.ton == 1 ? 1 : 0;
    dest_npi_ = dest_ton_;
    return true;
}

// Connections.

void smpp_load::connect_later(bind& which) {
    smpp::io::spawn(
        executor_, connect(which, alive_), [] {});
}

boost::asio::awaitable<void> smpp_load::connect(bind& which, std::weak_ptr<int> alive) {
    if (alive.expired()) co_return;
    smpp::io::connector_settings target;
    target.host = options_.host;
    target.port = options_.port;
    auto stream = co_await smpp::io::connect(executor_, target);
    if (alive.expired()) co_return;
    if (!stream) {
        on_unreachable(which, stream.error().message());
        co_return;
    }
    smpp::session_settings settings;
    settings.role = smpp::session_role::client;
    settings.window_max = options_.window;
    settings.peer_window_max = 100'000;
    settings.response_timeout =
        std::max(std::chrono::duration_cast<std::chrono::milliseconds>(options_.wait),
                 std::chrono::milliseconds(1000));
    const smpp::io::connection_settings io_settings{.read_bytes = 65536};
    which.link = connection::create(std::move(*stream), settings, &which, io_settings);
    which.link->start();
    const std::string system_id = system_id_of(options_, which.number);
    const smpp::bind_request request{
        .system_id = system_id, .password = options_.password, .interface_version = 0x34};
    const auto sent =
        which.link->session().bind(smpp::command_id::bind_transceiver, request, connection::now());
    if (!sent) {
        give_up("system_id or password is too long");
        co_return;
    }
    which.link->kick();
}

void smpp_load::on_unreachable(bind& which, const std::string& why) {
    if (phase_ == phase::binding) {
        return give_up(
            fmt::format("cannot connect to {}:{}: {}", options_.host, options_.port, why));
    }
    if (phase_ != phase::running) return;
    const auto pause = std::make_shared<boost::asio::steady_timer>(executor_, reconnect_pause);
    pause->async_wait(
        [this, &which, pause, alive = std::weak_ptr(alive_)](const boost::system::error_code&) {
            if (!alive.expired() && phase_ == phase::running) connect_later(which);
        });
}

void smpp_load::on_closed(bind& gone, smpp::close_reason reason) {
    const session_time now = connection::now();
    switch (phase_) {
        case phase::binding:
            return give_up(
                fmt::format("the server closed the connection: {}", smpp::name_of(reason)));
        case phase::running:
            count([](load_report& into) { ++into.reconnects; });
            on_unreachable(gone, {});
            return pump(now);
        case phase::leaving:
            if (std::ranges::none_of(binds_, [](const auto& one) { return one->is_open(); }))
                finish();
            return;
        case phase::done:
            return;
    }
}

// Events.

void smpp_load::on_events(bind& from, std::span<const smpp::session_event> events) {
    const session_time now = connection::now();
    for (const smpp::session_event& event : events) {
        switch (event.kind) {
            case session_event_kind::bound:
                on_bound(now);
                break;
            case session_event_kind::bind_refused:
                if (phase_ == phase::binding)
                    give_up("the bind was refused: " + name_of_status(event.status()));
                from.link->close();
                break;
            case session_event_kind::response:
                --in_flight_;
                if (phase_ == phase::running) on_response(event, now);
                break;
            case session_event_kind::request_failed:
                --in_flight_;
                if (phase_ == phase::running) {
                    count([&](load_report& into) {
                        ++into.failed[std::string(smpp::name_of(event.failure))];
                    });
                }
                break;
            case session_event_kind::request:
                on_deliver(from, event, now);
                break;
            default:
                break;
        }
    }
    pump(now);
}

void smpp_load::on_bound(session_time now) {
    if (phase_ != phase::binding) return;
    if (!std::ranges::all_of(binds_, [](const auto& one) { return one->is_bound(); })) return;
    phase_ = phase::running;
    pacer_.start(now);
    last_sent_ = now;
    report_.started = report_.last_response = report_.last_receipt = now;
    intervals_.start(now, options_.registered);
}

void smpp_load::on_response(const smpp::session_event& event, session_time now) {
    const session_time intended = time_of(event.token);
    const bool good = event.status() == command_status::esme_rok;
    count([&](load_report& into) {
        into.last_response = now;
        into.response_latency.add(now - intended);
        if (good)
            ++into.accepted;
        else
            ++into.refused[name_of_status(event.status())];
    });
    if (!good) return;
    if (!options_.registered) return;
    const auto* const body = event.body_if<smpp::submit_sm_resp>();
    const std::string_view id = body != nullptr ? body->message_id : std::string_view();
    if (const auto latency = receipts_.accepted(id, intended)) on_cycle(*latency);
}

void smpp_load::on_deliver(bind& from, const smpp::session_event& event, session_time now) {
    const auto* const body = event.body_if<smpp::deliver_sm>();
    if (body == nullptr) {
        from.link->session().respond(event.request(), command_status::esme_rinvcmdid, now);
        return;
    }
    if (smpp::esm_class::is_receipt(body->esm_class))
        on_receipt(event, *body, now);
    else
        ++report_.replies;
    from.link->session().respond(event.request(), command_status::esme_rok, now);
}

void smpp_load::on_receipt(const smpp::session_event& event, const smpp::deliver_sm& body,
                           session_time now) {
    const auto octets = smpp::message_octets(body, event.value.tlvs).value_or(smpp::octet_view{});
    const auto fields = smpp::text::scan_receipt(smpp::text::chars_of(octets));
    const std::string_view stat = fields.stat.value_or("?");
    const auto state = smpp::text::receipt_state_of(stat);
    if (state && !smpp::text::is_final(*state)) return;
    count([&](load_report& into) {
        ++into.receipts;
        into.last_receipt = now;
        ++into.receipts_by_stat[std::string(stat)];
    });
    std::string_view id = fields.id.value_or(std::string_view());
    if (id.empty()) id = event.value.tlvs.cstring(smpp::tag::receipted_message_id).value_or(id);
    if (const auto latency = receipts_.received(id, now)) on_cycle(*latency);
}

// A message whose response and receipt have both come.
void smpp_load::on_cycle(std::chrono::nanoseconds latency) {
    count([&](load_report& into) {
        ++into.matched;
        into.receipt_latency.add(latency);
    });
}

// Sending.

smpp_load::bind* smpp_load::next_bind() {
    for (std::size_t tried = 0; tried < binds_.size(); ++tried) {
        next_bind_ = (next_bind_ + 1) % binds_.size();
        bind& candidate = *binds_[next_bind_];
        if (candidate.is_bound() && candidate.link->session().window_free() > 0) return &candidate;
    }
    return nullptr;
}

bool smpp_load::submit(bind& to, session_time intended, session_time now) {
    write_destination(options_, pacer_.taken(), destination_);
    const std::string_view digits = destination_;
    smpp::submit_sm body;
    body.source_addr_ton = source_ton_;
    body.source_addr_npi = source_npi_;
    body.source_addr = source_;
    body.dest_addr_ton = dest_ton_;
    body.dest_addr_npi = dest_npi_;
    body.destination_addr = dest_ton_ == 1 ? digits.substr(1) : digits;
    body.registered_delivery =
        options_.registered ? smpp::registered_delivery::final : smpp::registered_delivery::none;
    body.data_coding = data_coding_;
    if (!as_payload_) body.short_message = smpp::text::octets_of(octets_);
    const auto tlvs = smpp::tlv_list::parse(tlvs_);
    assert(tlvs);
    const auto sent =
        to.link->session().submit(smpp::make_pdu(0, body, *tlvs), token_of(intended), now);
    if (!sent) return false;
    to.link->kick();
    return true;
}

void smpp_load::pump(session_time now) {
    if (phase_ != phase::running) return;
    intervals_.roll(now);
    for (;;) {
        const auto intended = pacer_.next(now);
        if (!intended || *intended > now) break;
        if (options_.registered && receipts_.waiting() + in_flight_ >= options_.outstanding_max)
            break;
        bind* const to = next_bind();
        if (to == nullptr) break;
        if (!submit(*to, *intended, now))
            return give_up("the message cannot be encoded: from, to-prefix or text is too long");
        pacer_.advance();
        count([](load_report& into) { ++into.messages; });
        ++in_flight_;
        last_sent_ = now;
    }
    stop_if_hopeless(now);
    if (is_over(now)) return leave(now);
    arm(now);
}

// What was due could not be sent for so long, or the run is so late, that it ends as it is.
void smpp_load::stop_if_hopeless(session_time now) {
    const auto due = pacer_.next(now);
    if (!due || *due > now) return;
    const auto end = pacer_.planned_end();
    const session_time since = options_.per_second ? std::max(last_sent_, *due) : last_sent_;
    if (now > since + options_.wait || (end && now > *end + options_.wait)) pacer_.stop();
}

bool smpp_load::is_over(session_time now) const {
    if (pacer_.next(now)) return false;
    const bool complete = in_flight_ == 0 && (!options_.registered || receipts_.waiting() == 0);
    const session_time from = std::max(last_sent_, report_.started);
    return complete || now >= from + options_.wait;
}

void smpp_load::arm(session_time now) {
    session_time due = now + step_max;
    if (const auto next = pacer_.next(now); next && *next > now && phase_ == phase::running)
        due = std::min(due, std::max(*next, now + step_min));
    if (due >= armed_) return;
    armed_ = due;
    timer_.expires_at(due);
    timer_.async_wait(
        [this, alive = std::weak_ptr(alive_)](const boost::system::error_code& error) {
            if (!error && !alive.expired()) on_timer();
        });
}

void smpp_load::on_timer() {
    armed_ = session_time::max();
    const session_time now = connection::now();
    if (phase_ == phase::running) return pump(now);
    if (phase_ != phase::leaving) return;
    if (now < leave_by_) return arm(now);
    for (const auto& one : binds_)
        if (one->is_open()) one->link->close();
}

// The end.

void smpp_load::leave(session_time now) {
    phase_ = phase::leaving;
    intervals_.end(now);
    leave_by_ = now + leave_limit;
    report_.unsent = pacer_.left();
    report_.unmatched = receipts_.unclaimed();
    report_.lost = options_.registered ? receipts_.waiting() : 0;
    if (in_flight_ > 0) report_.failed["no_response"] += in_flight_;
    bool open = false;
    for (const auto& one : binds_) {
        if (!one->is_open()) continue;
        open = true;
        // Nobody waits for what is unanswered by now.
        if (in_flight_ > 0) {
            one->link->close();
        } else {
            one->link->session().unbind(now);
            one->link->kick();
        }
    }
    if (!open) return finish();
    arm(now);
}

void smpp_load::give_up(std::string why) {
    if (phase_ == phase::done) return;
    report_.fault = std::move(why);
    for (const auto& one : binds_)
        if (one->is_open()) one->link->close();
    finish();
}

void smpp_load::finish() {
    if (phase_ == phase::done) return;
    phase_ = phase::done;
    timer_.cancel();
    boost::asio::post(executor_, [this, alive = std::weak_ptr(alive_)] {
        if (!alive.expired() && on_done_) std::exchange(on_done_, nullptr)();
    });
}

}  // namespace hikyaku::bench
