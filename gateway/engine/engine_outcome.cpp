// What the end of an attempt means for its message: sent again now or later, submitted, or final,
// and the record of it in the store.
#include <algorithm>
#include <cassert>

#include "gateway/engine/engine_impl.hpp"

namespace hikyaku::gateway {

using store::table;
namespace record = store::record;

static_assert(std::tuple_size_v<decltype(counters::finished)> ==
              static_cast<std::size_t>(State::MAX) + 1);

void engine::impl::back_to_front(live_message& live) {
    if (live.where == live_message::place::sending && live.retry_at_ms == 0 && !live.failed) {
        auto& flow = flow_of(live.position);
        flows_.put_back(flow, live);
    }
}

void engine::impl::retry_later(live_message& live, std::chrono::milliseconds delay) {
    live.retry_at_ms = std::max(live.retry_at_ms, now_.wall_ms + delay.count());
    take_from_flow(live);
}

void engine::impl::take_from_flow(live_message& live) {
    if (live.where == live_message::place::ready) {
        flows_.remove(flow_of(live.position), live);
        live.where = live_message::place::sending;
    } else if (live.where == live_message::place::marking) {  // there is no need of it any more
        live.where = live_message::place::sending;
        live.marked = {};
    }
}

void engine::impl::fail_segment(live_message& live, std::size_t index, const told_error& why) {
    auto& segment = live.segments[index];
    segment.state = State::rejected;
    segment.set_error(why);
    segment.done_ms = now_.wall_ms;
    live.failed = true;
    take_from_flow(live);
}

void engine::impl::after_attempt(live_message& live) {
    if (live.in_flight > 0) {
        return;
    }
    const bool was_marked = live.where != live_message::place::marking &&
                            std::exchange(live.marked, {}) != carrier_id{};
    if (is_final(live.state)) {
        write_outcome(live);  // a late response has brought one more id
        return;
    }
    if (live.failed) {  // what was not sent of it yet is not sent, nor waited for, any more
        for (auto& segment : live.segments) {
            if (segment.state == State::queued || segment.waiting()) {
                segment.state = segment.waiting() ? State::unknown : State::rejected;
                segment.done_ms = now_.wall_ms;
            }
        }
        finish(live);
        return;
    }
    if (live.all_submitted()) {
        const bool final = std::all_of(live.segments.begin(), live.segments.end(),
                                       [](auto& part) { return part.state != State::submitted; });
        if (final) {
            finish(live);
            return;
        }
        if (live.has_waiting()) {
            keep_waiting(live);
            return;
        }
        forget_waiting(live);
        emit_accepted_callback(live);
        if (live.where == live_message::place::sending) {
            live.where = live_message::place::idle;
        }
        live.state = State::submitted;
        live.retry_at_ms = 0;
        forget_queue_entry(live);
        write_outcome(live);
        return;
    }
    if (live.retry_at_ms != 0 && live.queued) {
        live.where = live_message::place::idle;
        move_queue_entry(live, std::exchange(live.retry_at_ms, 0));
        write_outcome(live);
        return;
    }
    if (live.where == live_message::place::sending) {
        back_to_front(live);
    }
    const bool any_progress = std::any_of(live.segments.begin(), live.segments.end(),
                                          [](auto& s) { return s.state != State::queued; });
    if (any_progress || was_marked) {
        write_outcome(live);
    }
}

void engine::impl::finish(live_message& live) {
    forget_waiting(live);
    forget_queue_entry(live);
    if (live.where == live_message::place::ready) {
        flows_.remove(flow_of(live.position), live);
    }
    live.where = live_message::place::idle;
    live.done_ms = now_.wall_ms;
    live.state = State::delivered;
    for (const auto& segment : live.segments) {
        if (segment.state != State::delivered && segment.state != State::submitted) {
            live.state = segment.state;
            if (segment.state != State::unknown) {  // a known failure says more
                break;
            }
        }
    }
    ++count_.finished[static_cast<std::size_t>(live.state)];
    emit_receipt(live);
    write_outcome(live);
}

void engine::impl::write_outcome(live_message& live) {
    emit_part_receipts(live);
    auto& fb = builder_;
    fb.Clear();
    auto& parts = outcome_parts_;
    parts.clear();
    const auto text = [&fb](const std::string& value) {
        return value.empty() ? flatbuffers::Offset<flatbuffers::String>{} : fb.CreateString(value);
    };
    for (const auto& segment : live.segments) {
        const auto id = text(segment.carrier_message_id);
        const auto error_text = text(segment.error_text);
        flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>> earlier;
        if (!segment.earlier_ids.empty()) {
            earlier = fb.CreateVectorOfStrings(segment.earlier_ids);
        }
        // Of a marked message it says what is true if this process ends now: that nobody knows.
        const bool marked = live.marked != carrier_id{} && segment.state == State::queued;
        const auto details =
            marked ? flatbuffers::Offset<record::ErrorDetails>{} : build_details(fb, segment);
        const bool known = !marked || segment.in_flight || !segment.carrier_message_id.empty();
        parts.push_back(record::CreateSegmentOutcome(
            fb, marked ? State::submitted : segment.state,
            stored(known ? segment.carrier : live.marked),
            static_cast<std::uint16_t>(segment.attempts + (marked ? 1 : 0)), id, earlier,
            marked ? 0 : segment.error, error_text, marked ? 0 : segment.submitted_ms,
            segment.done_ms, details));
    }
    const auto& message = live.record();
    const auto moved = live.position.not_before != message.not_before();
    const auto rerouted = live.position.route != message.route();
    fb.Finish(record::CreateOutcome(fb, live.state, live.done_ms, fb.CreateVector(parts),
                                    live.receipted, moved ? live.position.not_before : 0,
                                    rerouted ? live.position.route : 0, build_plan(fb, live)));
    must_keep().rows().put(table::outcomes, store::message_key(static_cast<std::uint64_t>(live.id)),
                           {reinterpret_cast<const char*>(fb.GetBufferPointer()), fb.GetSize()});
    ++live.pins;
    must_keep().then(after::unpin{live.id});
}

}  // namespace hikyaku::gateway
