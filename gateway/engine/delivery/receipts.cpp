// The receipts that an application gets: one for a message when its last segment is final, or one
// for each segment (account_receipts.parts), and what carriers tell on the way, if it is wanted.
#include <algorithm>

#include "gateway/engine/delivery/delivery.hpp"
#include "smpp/pdu/constants.hpp"

namespace hikyaku::gateway {

namespace record = model::record;

namespace {

std::string_view text_in_message(const flatbuffers::String* from) {
    return from == nullptr ? std::string_view{} : from->string_view();
}

address_view address_in_message(const record::Address& from) {
    return {from.ton(), from.npi(), from.digits()->string_view()};
}

/// SMPP 3.4, 5.2.17; success only is 5.0's.
bool wants_receipt(const record::Message& message, State state) {
    const auto wanted = message.registered_delivery() & smpp::registered_delivery::receipt_mask;
    const bool delivered = state == State::delivered;
    return wanted != smpp::registered_delivery::none &&
           !(wanted == smpp::registered_delivery::failure && delivered) &&
           !(wanted == smpp::registered_delivery::success && !delivered);
}

bool has_callback(const live_message& live) {
    return live.record().callback() != nullptr;
}

bool reached_carrier(const live_segment& segment) {
    return segment.submitted_ms != 0 || !segment.carrier_message_id.empty();
}

std::uint8_t report_type_of(State state, const live_segment& telling) {
    if (state == State::delivered) return callback_type::delivered;
    return reached_carrier(telling) || state == State::unknown ? callback_type::failed
                                                               : callback_type::refused;
}

/// The segment that made the message's state: the error is that one's.
const live_segment& telling_segment(const live_message& live) {
    return *std::find_if(
        live.segments.begin(), live.segments.end() - 1,
        [&](const auto& segment) { return segment.told_state() == live.state; });
}

}  // namespace

/// True if each segment of the message has a receipt of its own.
bool delivery::tells_parts(const live_message& live) const {
    auto* const account = directory_.find(account_id{live.record().account()});
    return live.segments.size() > 1 && account != nullptr &&
           account->settings->delivery.parts == config::receipt_parts::each;
}

/// Those inside the process that follow what the gate was asked about.
void delivery::tell_asked(const live_message& live) {
    const auto heard = consumers_.of_asked();
    if (heard.empty() || live.record().purpose() == Purpose::transactional) return;
    const auto& telling = telling_segment(live);
    write_event(builder_, receipt_of(live, telling, telling, live.state));
    const auto sequence = ids_.next(now_.wall_ms);
    for (auto* const consumer : heard)
        outboxes_.put(*consumer, sequence, built(), false);
}

void delivery::emit_receipt(live_message& live) {
    if (std::exchange(live.receipted, true)) return;
    tell_asked(live);
    if (emit_final_callback(live) || tells_parts(live) || !wants_receipt(live.record(), live.state))
        return;
    const auto& telling = telling_segment(live);
    put_receipt(live, telling, telling, live.state, 0);
}

void delivery::emit_part_receipts(live_message& live) {
    if (!tells_parts(live) || has_callback(live)) return;
    for (std::size_t i = 0; i < live.segments.size(); ++i) {
        auto& segment = live.segments[i];
        if (is_final(segment.told_state()) && !std::exchange(segment.told, true) &&
            wants_receipt(live.record(), segment.told_state())) {
            put_receipt(live, segment, segment, segment.told_state(),
                        static_cast<std::uint16_t>(i + 1));
        }
    }
}

void delivery::emit_intermediate(const live_message& live, const live_segment& segment,
                                 const told_error& said) {
    if (has_callback(live)) {
        put_callback(live, segment, said, callback_type::buffered, State::submitted);
        return;
    }
    const auto wanted = live.record().registered_delivery();
    if ((wanted & smpp::registered_delivery::intermediate) != 0) {
        const auto part = static_cast<std::uint16_t>(&segment - live.segments.data() + 1);
        put_receipt(live, segment, said, State::submitted, tells_parts(live) ? part : 0);
    }
}

receipt_event delivery::receipt_of(const live_message& live, const live_segment& telling,
                                   const told_error& said, State state) const {
    const auto& message = live.record();
    receipt_event event;
    event.at_ms = now_.wall_ms;
    event.message = live.id;
    event.source = address_in_message(*message.source());
    event.destination = address_in_message(*message.destination());
    event.state = state;
    event.final = is_final(state);
    event.submitted_ms = store::id_milliseconds(static_cast<std::uint64_t>(live.id));
    event.done_ms = now_.wall_ms;
    event.error = said.view();
    event.parts = static_cast<std::uint16_t>(live.segments.size());
    event.parts_delivered = static_cast<std::uint16_t>(std::count_if(
        live.segments.begin(), live.segments.end(),
        [](const auto& segment) { return segment.state == segment_state::delivered; }));
    event.carrier = telling.carrier;
    return event;
}

/// `part` from 1, 0 = the message; State::submitted = not final.
void delivery::put_receipt(const live_message& live, const live_segment& telling,
                           const told_error& said, State state, std::uint16_t part) {
    const auto& message = live.record();
    const account_id account{message.account()};
    if (directory_.find(account) == nullptr) return;
    auto* const by = receipt_outbox(account, message.origin());
    if (!is_heard(account, EventKind::receipt, by)) return;
    answers_.answer_early(message.shown_id() != 0 ? message_id{message.shown_id()} : live.id);
    auto event = receipt_of(live, telling, said, state);
    event.shown_id = message_id{message.shown_id()};
    event.alias = message.alias();
    event.reference = text_in_message(message.reference());
    event.service_type = text_in_message(message.service_type());
    event.part = part;
    if (part != 0) {
        event.parts = 1;
        event.parts_delivered = state == State::delivered ? 1 : 0;
    }
    put_event(account, by, event, true);
}

/// A report by a requested URL, if the application asked for this type.
void delivery::put_callback(const live_message& live, const live_segment& telling,
                            const told_error& said, std::uint8_t type, State state) {
    const auto& message = live.record();
    const account_id account{message.account()};
    if ((message.callback_mask() & type) == 0 || directory_.find(account) == nullptr) return;
    auto* const by = callbacks_.outbox_of(account);
    if (!is_heard(account, EventKind::receipt, by)) return;
    auto event = receipt_of(live, telling, said, state);
    event.callback =
        callback_view{text_in_message(message.callback()), type, telling.carrier_message_id,
                      message.callback_form(), message.callback_method()};
    put_event(account, by, event, true);
}

void delivery::emit_accepted_callback(live_message& live) {
    if (!has_callback(live) || std::exchange(live.announced, true)) return;
    const auto& last = live.segments.back();
    put_callback(live, last, last, callback_type::accepted, State::submitted);
}

/// The end of the message; false if it has no callback and is told in another way.
bool delivery::emit_final_callback(live_message& live) {
    if (!has_callback(live)) return false;
    if (std::all_of(live.segments.begin(), live.segments.end(), reached_carrier))
        emit_accepted_callback(live);
    const auto& telling = telling_segment(live);
    auto type = report_type_of(live.state, telling);
    // Who asks Jasmin for ends alone hears of those too that no carrier had a part in.
    const auto& message = live.record();
    if (type == callback_type::refused && message.callback_form() == CallbackForm::jasmin &&
        (message.callback_mask() & type) == 0)
        type = callback_type::failed;
    put_callback(live, telling, telling, type, live.state);
    return true;
}

}  // namespace hikyaku::gateway
