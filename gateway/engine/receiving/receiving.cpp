// A receipt from its arrival to its message, or to those that nobody has waited for.
#include "gateway/engine/receiving/receiving.hpp"

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

receiving::receiving(engine_context& context, directory& known, messages& about, delivery& tells,
                     const attempts& under_way, unmatched& box, used_names& announced)
    : room(context),
      directory_(known),
      messages_(about),
      delivery_(tells),
      attempts_(under_way),
      unmatched_(box),
      used_names_(announced) {
    for (auto& carrier : directory_.carriers().all()) {
        unknown_stats_.emplace(carrier.id, 0U);
        read_id_forms(carrier);
    }
    index_begin_ =
        environment_.read().get(model::table::meta, model::table::index_begin).value_or(0);
}

void receiving::take_carriers(const std::vector<carrier_id>& id_forms) {
    for (auto& carrier : directory_.carriers().all()) {
        carrier.replay = false;
        if (!unknown_stats_.contains(carrier.id)) unknown_stats_.emplace(carrier.id, 0U);
    }
    for (const auto carrier : id_forms)
        read_id_forms(directory_[carrier]);
    if (!id_forms.empty()) replay_early();
}

void receiving::on_receipt(carrier_id carrier, const carrier_message& message) {
    auto& receipt = receipt_;
    read_receipt(message, receipt);
    if (!receipt.unknown_stat.empty()) {
        ++unknown_stats_[carrier];
        outputs_.unknown_stat(carrier, receipt.unknown_stat, receipt.state);
    }
    if (receipt.id.empty()) {
        ++count_.receipts_unreadable;
        unmatched_.keep(carrier, message, UnmatchedWhy::unreadable);
        return;
    }
    if (try_fresh(carrier, receipt, message)) return;
    // Intermediate ones are told before the final one, and guesses see what is in flight now.
    if (receipt.final && attempts_.in_flight() > 0 && !messages_.any_waiting())
        parked_.emplace_back(carrier, receipt, message);
    else
        settle_receipt(carrier, receipt, message);
}

void receiving::settle_parked() {
    for (const auto& parked : parked_)
        settle_receipt(parked.carrier, parked.receipt, parked.message);
    parked_.clear();
}

void receiving::settle_receipt(carrier_id carrier, const carrier_receipt& receipt,
                               const carrier_message& message) {
    const auto fate = find_owner(carrier, receipt, message);
    // What may be of two messages is not a third one's.
    if (fate == receipt_fate::applied ||
        (fate != receipt_fate::ambiguous && try_waiting(carrier, receipt, message.source)))
        return;
    ++count_.receipts_unmatched;
    count_.receipts_contradicting += fate == receipt_fate::contradicts ? 1 : 0;
    count_.receipts_ambiguous += fate == receipt_fate::ambiguous ? 1 : 0;
    const auto position = unmatched_.keep(carrier, message, why_of(fate), receipt.id);
    if (fate != receipt_fate::ambiguous)  // what may be of two messages now is not the next one's
        remember_early(carrier, {position, receipt, now_.steady, {}, {}, {}}, message);
}

/// By its id, then by the id of its text where that is another.
receipt_fate receiving::find_owner(carrier_id carrier, const carrier_receipt& receipt,
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
