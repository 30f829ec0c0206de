#include "tests/sim/wire.hpp"

#include <algorithm>

namespace hikyaku::sim {

wire::wire(wire_host& host, const smpp::session_settings& settings, const wire_habits& habits)
    : host_(host), ours_(settings, host.steady()), habits_(habits) {}

// Our side.

void wire::settle() {
    const auto self = shared_from_this();
    while (!our_end_) {
        write_some();  // may be what closes it
        const auto events = ours_.take_events();
        for (const auto& event : events)
            on_event(event);
        if (ours_.wants_input() && !held_.empty()) {
            const auto octets = std::exchange(held_, {});
            ours_.receive(octets, host_.steady());
            continue;
        }
        if (!events.empty()) continue;
        if (ours_.is_closed()) {
            our_end_ = true;
            on_closed(ours_.reason());
            // What was written still arrives before the end does.
            const auto after = std::max<std::int64_t>(last_to_peer_us_ - host_.time().now_us(), 0);
            host_.time().at(after + 1, [self] { self->close_peer(); });
            return;
        }
        arm_timer();
        return;
    }
}

void wire::write_some() {
    while (true) {
        const auto out = ours_.output();
        if (out.empty() || on_way_to_peer_ >= habits_.socket_bytes) return;
        auto bytes = std::min(out.size(), habits_.socket_bytes - on_way_to_peer_);
        if (bytes > 1 && host_.strikes(habits_.split)) {
            ++host_.counts()[fault::partial_write];
            bytes = 1 + host_.luck().below(bytes - 1);
        }
        on_way_to_peer_ += bytes;
        send(true, out.first(bytes));
        ours_.consume_output(bytes);
    }
}

void wire::arm_timer() {
    const auto next = ours_.next_deadline();
    if (!next) return;
    const auto wait =
        std::chrono::duration_cast<std::chrono::microseconds>(*next - host_.steady()).count();
    const auto due = host_.time().now_us() + std::max<std::int64_t>(wait, 0) + 1;
    if (armed_us_ >= 0 && armed_us_ <= due) return;  // too early does no harm
    armed_us_ = due;
    host_.time().at(due - host_.time().now_us(), [self = shared_from_this(), due] {
        if (self->our_end_ || self->armed_us_ != due) return;
        self->armed_us_ = -1;
        self->ours_.tick(self->host_.steady());
        self->kick();
    });
}

void wire::process_died() {
    if (our_end_) return;
    our_end_ = true;
    const auto after = std::max<std::int64_t>(last_to_peer_us_ - host_.time().now_us(), 0);
    host_.time().at(after + 1, [self = shared_from_this()] { self->close_peer(); });
}

// The way.

void wire::send(bool to_peer, std::span<const std::uint8_t> octets) {
    auto& last = to_peer ? last_to_peer_us_ : last_to_ours_us_;
    auto delay = host_.luck().between(habits_.delay_us_min, habits_.delay_us_max);
    if (host_.strikes(habits_.slow)) {
        ++host_.counts()[fault::delay];
        delay += host_.luck().between(20 * millisecond_us, 3 * second_us);
    }
    const auto now = host_.time().now_us();
    last = std::max(last, now + delay);  // a stream: nothing overtakes
    host_.time().at(last - now, [self = shared_from_this(), to_peer,
                                 copy = std::vector<std::uint8_t>(octets.begin(), octets.end())] {
        to_peer ? self->arrive_at_peer(copy) : self->arrive_at_ours(copy);
    });
}

void wire::arrive_at_peer(const std::vector<std::uint8_t>& octets) {
    if (half_open_ || deaf_) return;  // nobody takes them out of our buffer either
    on_way_to_peer_ -= octets.size();
    if (cut_) {
        if (torn_ || peer_end_) return;
        torn_ = true;  // a part of it had arrived when the connection broke
        on_peer_octets(std::span(octets).first(host_.luck().below(octets.size() + 1)));
        return;
    }
    if (!peer_end_) on_peer_octets(octets);
    if (!our_end_) kick();  // there is room again
}

void wire::arrive_at_ours(const std::vector<std::uint8_t>& octets) {
    if (half_open_ || cut_ || our_end_ || ours_.is_closed()) return;
    if (ours_.wants_input() && held_.empty())
        ours_.receive(octets, host_.steady());
    else
        held_.insert(held_.end(), octets.begin(), octets.end());
    kick();
}

void wire::cut() {
    if (cut_ || our_end_ || peer_end_) return;
    cut_ = true;
    const auto self = shared_from_this();
    host_.time().at(
        host_.luck().between(0, second_us),
        [self] {
            if (!self->our_end_) {
                self->ours_.abort(smpp::close_reason::connection_error);
                self->kick();
            }
        });
    host_.time().at(host_.luck().between(millisecond_us, second_us),
                    [self] { self->close_peer(); });
}

void wire::go_half_open() {
    if (half_open_ || cut_ || our_end_ || peer_end_) return;
    half_open_ = true;
    // The peer finds out some day, as we must: by its own timers.
    host_.time().at(host_.luck().between(second_us, 60 * second_us),
                    [self = shared_from_this()] { self->close_peer(); });
}

void wire::go_deaf() {
    if (half_open_ || cut_ || our_end_ || peer_end_) return;
    deaf_ = true;
    // For longer than we may need to find out by ourselves, mostly.
    host_.time().at(host_.luck().between(second_us, 600 * second_us),
                    [self = shared_from_this()] { self->peer_close(); });
}

// The peer's side.

void wire::peer_write(std::span<const std::uint8_t> octets) {
    if (peer_end_) return;
    while (!octets.empty()) {
        auto bytes = octets.size();
        if (bytes > 1 && host_.strikes(habits_.split)) {
            ++host_.counts()[fault::partial_write];
            bytes = 1 + host_.luck().below(bytes - 1);
        }
        send(false, octets.first(bytes));
        octets = octets.subspan(bytes);
    }
}

void wire::peer_close() {
    if (peer_end_) return;
    const auto after = std::max<std::int64_t>(last_to_ours_us_ - host_.time().now_us(), 0);
    if (!half_open_) {
        host_.time().at(
            after + 1,
            [self = shared_from_this()] {
                if (!self->our_end_ && !self->half_open_) {
                    self->ours_.abort(smpp::close_reason::peer_closed);
                    self->kick();
                }
            });
    }
    close_peer();
}

void wire::close_peer() {
    if (!peer_end_) {
        peer_end_ = true;
        on_peer_closed();
    }
}

}  // namespace hikyaku::sim
