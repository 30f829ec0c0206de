// The receipts that an application gets: one for a message when its last segment is final, or one
// for each segment (account_receipts.parts), and what carriers tell on the way, if it is wanted.
#include <algorithm>

#include "gateway/engine/engine_impl.hpp"
#include "gateway/engine/record_values.hpp"

namespace hikyaku::gateway {

namespace record = store::record;

namespace {

/// SMPP 3.4, 5.2.17; success only is 5.0's.
bool wants_receipt(const record::Message& message, State state) {
    const auto wanted = message.registered_delivery() & smpp::registered_delivery::receipt_mask;
    const bool delivered = state == State::delivered;
    return wanted != smpp::registered_delivery::none &&
           !(wanted == smpp::registered_delivery::failure && delivered) &&
           !(wanted == smpp::registered_delivery::success && !delivered);
}

}  // namespace

/// True if each segment of the message has a receipt of its own.
bool engine::impl::tells_parts(const live_message& live) const {
    auto* const account = directory_.find(account_id{live.record().account()});
    return live.segments.size() > 1 && account != nullptr &&
           account->settings->delivery.parts == config::receipt_parts::each;
}

void engine::impl::emit_receipt(live_message& live) {
    if (std::exchange(live.receipted, true) || emit_final_callback(live) || tells_parts(live) ||
        !wants_receipt(live.record(), live.state)) {
        return;
    }
    // The error is that of the segment that made the message's state.
    const auto telling =
        std::find_if(live.segments.begin(), live.segments.end() - 1,
                     [&](const auto& segment) { return segment.state == live.state; });
    put_receipt(live, *telling, *telling, live.state, 0);
}

/// Called in front of every record of an outcome, so that a segment which is final there has been
/// told in the same batch.
void engine::impl::emit_part_receipts(live_message& live) {
    if (!tells_parts(live) || has_callback(live)) {
        return;
    }
    for (std::size_t i = 0; i < live.segments.size(); ++i) {
        auto& segment = live.segments[i];
        if (is_final(segment.state) && !std::exchange(segment.told, true) &&
            wants_receipt(live.record(), segment.state)) {
            put_receipt(live, segment, segment, segment.state, static_cast<std::uint16_t>(i + 1));
        }
    }
}

void engine::impl::emit_intermediate(const live_message& live, const live_segment& segment,
                                     const told_error& said) {
    if (emit_buffered_callback(live, segment, said)) {
        return;
    }
    const auto wanted = live.record().registered_delivery();
    if ((wanted & smpp::registered_delivery::intermediate) != 0) {
        const auto part = static_cast<std::uint16_t>(&segment - live.segments.data() + 1);
        put_receipt(live, segment, said, State::submitted, tells_parts(live) ? part : 0);
    }
}

/// `part` from 1, 0 = the message; State::submitted = not final.
void engine::impl::put_receipt(const live_message& live, const live_segment& telling,
                               const told_error& said, State state, std::uint16_t part) {
    const auto& message = live.record();
    auto* const account = directory_.find(account_id{message.account()});
    const auto endpoint =
        account == nullptr ? std::nullopt : receipt_endpoint(*account, message.origin());
    if (!endpoint) {
        return;
    }
    answer_early(message.shown_id() != 0 ? message_id{message.shown_id()} : live.id);
    const auto delivered =
        std::count_if(live.segments.begin(), live.segments.end(),
                      [](const auto& segment) { return segment.state == State::delivered; });
    auto& fb = builder_;
    fb.Clear();
    const auto source = copy_of(fb, *message.source());
    const auto destination = copy_of(fb, *message.destination());
    const auto reference = message.reference() != nullptr
                               ? fb.CreateString(message.reference()->str())
                               : flatbuffers::Offset<flatbuffers::String>{};
    const auto service_type = message.service_type() != nullptr
                                  ? fb.CreateString(message.service_type()->str())
                                  : flatbuffers::Offset<flatbuffers::String>{};
    const auto error_text = fb.CreateString(said.error_text);
    const auto details = build_details(fb, said);
    record::EventBuilder event(fb);
    event.add_kind(EventKind::receipt);
    event.add_at(now_.wall_ms);
    event.add_message(static_cast<std::uint64_t>(live.id));
    event.add_reference(reference);
    event.add_source(source);
    event.add_destination(destination);
    event.add_state(state);
    event.add_final(is_final(state));
    event.add_submitted(store::id_milliseconds(static_cast<std::uint64_t>(live.id)));
    event.add_done(now_.wall_ms);
    event.add_error(said.error);
    event.add_error_text(error_text);
    event.add_details(details);
    event.add_parts(part != 0 ? 1 : static_cast<std::uint16_t>(live.segments.size()));
    event.add_parts_delivered(part != 0 ? (state == State::delivered ? 1 : 0)
                                        : static_cast<std::uint16_t>(delivered));
    event.add_carrier(stored(telling.carrier));
    event.add_shown_id(message.shown_id());
    event.add_alias(message.alias());
    event.add_part(part);
    event.add_service_type(service_type);
    put_event(*endpoint, event.Finish());
}

}  // namespace hikyaku::gateway
