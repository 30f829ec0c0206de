// What carriers send us: receipts and replies. How a receipt finds its message is in
// engine_receipt_owner.cpp, what the application is told of it in engine_receipts.cpp; replies go
// on in engine_replies.cpp, and what finds nobody in engine_unmatched.cpp.
#include "gateway/engine/engine_unmatched.hpp"

namespace hikyaku::gateway {

parked_receipt::parked_receipt(carrier_id came_from, const carrier_receipt& read,
                               const carrier_message& from)
    : carrier(came_from), receipt(read), message(from) {
    const auto tlvs = from.tlvs.raw();
    bytes.reserve(from.source.size() + from.destination.size() + from.octets.size() + tlvs.size());
    const auto keep = [this](const auto& octets) {
        const auto at = bytes.size();
        bytes.insert(bytes.end(), octets.begin(), octets.end());
        return std::span<const std::uint8_t>(bytes).subspan(at);
    };
    const auto text = [&keep](std::string_view from_message) {
        const auto kept = keep(from_message);
        return std::string_view(reinterpret_cast<const char*>(kept.data()), kept.size());
    };
    message.source = text(from.source);
    message.destination = text(from.destination);
    message.octets = keep(from.octets);
    message.tlvs = smpp::tlv_list::parse(keep(tlvs)).value_or(smpp::tlv_list{});
}

void engine::impl::on_carrier_message(bind_id bind, std::uint32_t sequence,
                                      smpp::command_id command, const carrier_message& message) {
    const auto at = carrier_by_bind_.find(bind);
    if (at == carrier_by_bind_.end()) {
        return;  // the bind is gone, nobody waits for the answer; the carrier sends it again
    }
    if (kind_of(message) == carrier_message_kind::receipt) {
        on_receipt(at->second, message);
    } else {
        on_reply(at->second, message);
    }
    must_keep().then(after::acknowledge{bind, sequence, command});
}

void engine::impl::on_receipt(carrier_id carrier, const carrier_message& message) {
    const auto receipt = read_receipt(message);
    if (!receipt.unknown_stat.empty()) {
        ++directory_[carrier].unknown_stats;
        outputs_.unknown_stat(carrier, receipt.unknown_stat, receipt.state);
    }
    if (receipt.id.empty()) {
        ++count_.receipts_unreadable;
        unmatched_->keep(carrier, message, UnmatchedWhy::unreadable);
        return;
    }
    if (try_fresh(carrier, receipt, message)) {
        return;
    }
    // Intermediate ones are told before the final one, and guesses see what is in flight now.
    if (receipt.final && attempts_in_flight_ > 0 && waiting_.empty()) {
        parked_.emplace_back(carrier, receipt, message);
    } else {
        settle_receipt(carrier, receipt, message);
    }
}

void engine::impl::settle_parked() {
    for (const auto& parked : parked_) {
        settle_receipt(parked.carrier, parked.receipt, parked.message);
    }
    parked_.clear();
}

void engine::impl::settle_receipt(carrier_id carrier, const carrier_receipt& receipt,
                                  const carrier_message& message) {
    const auto fate = find_owner(carrier, receipt, message);
    // What may be of two messages is not a third one's.
    if (fate == receipt_fate::applied ||
        (fate != receipt_fate::ambiguous && try_waiting(carrier, receipt, message.source))) {
        return;
    }
    ++count_.receipts_unmatched;
    count_.receipts_contradicting += fate == receipt_fate::contradicts ? 1 : 0;
    count_.receipts_ambiguous += fate == receipt_fate::ambiguous ? 1 : 0;
    unmatched_->keep(carrier, message, why_of(fate), &receipt);
}

/// By its id, then by the id of its text where that is another.
receipt_fate engine::impl::find_owner(carrier_id carrier, const carrier_receipt& receipt,
                                      const carrier_message& message) {
    const auto fate = try_receipt(carrier, receipt, message);
    if (!receipt.text_id.empty() &&
        (fate == receipt_fate::unknown_id || fate == receipt_fate::contradicts)) {
        auto of_text = receipt;
        of_text.id = receipt.text_id;
        const auto of_text_fate = try_receipt(carrier, of_text, message);
        return of_text_fate == receipt_fate::unknown_id ? fate : of_text_fate;
    }
    return fate;
}

}  // namespace hikyaku::gateway
