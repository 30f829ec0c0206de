// What carriers send us: receipts and replies, and the receipts of nobody. How a receipt finds its
// message is in engine_receipt_owner.cpp, what the application is told of it in
// engine_receipts.cpp; replies go on in engine_replies.cpp.
#include <algorithm>

#include "gateway/engine/engine_impl.hpp"
#include "store/environment.hpp"

namespace hikyaku::gateway {

using store::table;
namespace record = store::record;

namespace {

constexpr std::size_t reply_octets_max = 4096;

std::string_view finished(const flatbuffers::FlatBufferBuilder& builder) {
    return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

flatbuffers::Offset<record::Address> address_of(flatbuffers::FlatBufferBuilder& fb,
                                                std::uint8_t ton, std::uint8_t npi,
                                                std::string_view digits) {
    return record::CreateAddress(fb, ton, npi, fb.CreateString(digits.data(), digits.size()));
}

carrier_message message_of(const record::Unmatched& stored) {
    carrier_message out;
    if (stored.source() != nullptr) {
        out.source = stored.source()->digits()->string_view();
    }
    if (stored.destination() != nullptr) {
        out.destination = stored.destination()->digits()->string_view();
    }
    out.esm_class = stored.esm_class();
    out.data_coding = stored.data_coding();
    if (const auto* octets = stored.short_message()) {
        out.octets = {octets->data(), octets->size()};
    }
    if (const auto* raw = stored.tlvs()) {
        out.tlvs = smpp::tlv_list::parse({raw->data(), raw->size()}).value_or(smpp::tlv_list{});
    }
    return out;
}

}  // namespace

parked_receipt::parked_receipt(std::size_t carrier_index, const carrier_receipt& read,
                               const carrier_message& from)
    : carrier(carrier_index), receipt(read), message(from) {
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
        on_reply(at->second, restored(at->second, message));
    }
    state().then.push_back({after::acknowledge,
                            sequence,
                            static_cast<std::uint64_t>(bind),
                            static_cast<std::uint64_t>(command),
                            {}});
}

void engine::impl::on_receipt(std::size_t carrier, const carrier_message& message) {
    const auto receipt = read_receipt(message);
    if (!receipt.unknown_stat.empty()) {
        ++carriers_[carrier].unknown_stats;
        outputs_.unknown_stat(carrier_id{static_cast<std::uint32_t>(carrier)}, receipt.unknown_stat,
                              receipt.state);
    }
    if (receipt.id.empty()) {
        ++count_.receipts_unreadable;
        keep_unmatched(carriers_[carrier].number, message, false, nullptr);
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

void engine::impl::settle_receipt(std::size_t carrier, const carrier_receipt& receipt,
                                  const carrier_message& message) {
    auto fate = try_receipt(carrier, receipt, message);
    if (!receipt.text_id.empty() &&
        (fate == receipt_fate::unknown_id || fate == receipt_fate::contradicts)) {
        auto of_text = receipt;
        of_text.id = receipt.text_id;
        const auto of_text_fate = try_receipt(carrier, of_text, message);
        fate = of_text_fate == receipt_fate::unknown_id ? fate : of_text_fate;
    }
    // What may be of two messages is not a third one's.
    if (fate == receipt_fate::applied ||
        (fate != receipt_fate::ambiguous && try_waiting(carrier, receipt, message.source))) {
        return;
    }
    ++count_.receipts_unmatched;
    count_.receipts_contradicting += fate == receipt_fate::contradicts ? 1 : 0;
    count_.receipts_ambiguous += fate == receipt_fate::ambiguous ? 1 : 0;
    // What may be of two messages now is not the next one's.
    keep_unmatched(carriers_[carrier].number, message, false, &receipt,
                   fate != receipt_fate::ambiguous);
}

void engine::impl::keep_unmatched(std::uint32_t carrier, const carrier_message& message,
                                  bool is_reply, const carrier_receipt* receipt,
                                  bool may_be_early) {
    auto& fb = builder_;
    fb.Clear();
    const auto source = address_of(fb, message.source_ton, message.source_npi, message.source);
    const auto destination =
        address_of(fb, message.destination_ton, message.destination_npi, message.destination);
    const auto id = receipt == nullptr ? flatbuffers::Offset<flatbuffers::String>{}
                                       : fb.CreateString(receipt->id);
    const auto octets =
        fb.CreateVector(message.octets.data(), std::min(message.octets.size(), reply_octets_max));
    const auto tlvs = fb.CreateVector(tlvs_of_part(message.tlvs, reply_octets_max));
    fb.Finish(record::CreateUnmatched(fb, carrier, now_.wall_ms, source, destination, id,
                                      message.esm_class, message.data_coding, octets, tlvs,
                                      is_reply));
    const store::unmatched_position position{carrier, now_.wall_ms, ids_.next(now_.wall_ms)};
    state().batch->put(table::unmatched,
                       store::unmatched_key(position.carrier, position.at, position.counter),
                       finished(fb));
    if (receipt != nullptr && may_be_early) {
        remember_early(carrier_by_number_.at(carrier),
                       {position, *receipt, now_.steady, {}, {}, {}}, message);
    }
}

void engine::impl::load_unmatched() {
    const auto snapshot = environment_.read();
    store::record_reader reader;
    std::size_t loaded = 0;
    snapshot.for_each(table::unmatched, "", [&](std::string_view key, std::string_view value) {
        const auto position = store::parse_unmatched_key(key);
        const auto* stored = reader.read<record::Unmatched>(value);
        if (!position || stored == nullptr || stored->is_reply()) {
            return true;
        }
        const auto carrier = carrier_by_number_.find(position->carrier);
        if (carrier == carrier_by_number_.end()) {
            return true;
        }
        const auto message = message_of(*stored);
        const auto receipt = read_receipt(message);
        if (!receipt.id.empty()) {
            remember_early(carrier->second, {*position, receipt, steady_time::min(), {}, {}, {}},
                           message);
        }
        return ++loaded < early_max;
    });
}

}  // namespace hikyaku::gateway
