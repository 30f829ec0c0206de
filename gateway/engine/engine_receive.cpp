// What carriers send us: receipts find their message. Replies go on in engine_replies.cpp;
// what the application is told of a receipt is in engine_receipts.cpp.
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
    if (receipt.id.empty()) {
        ++count_.receipts_unreadable;
        keep_unmatched(carriers_[carrier].number, message, false, nullptr);
        return;
    }
    if (try_fresh(carrier, receipt, message.source)) {
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
    if (!try_receipt(carrier, receipt, message.source) &&
        !try_waiting(carrier, receipt, message.source)) {
        ++count_.receipts_unmatched;
        keep_unmatched(carriers_[carrier].number, message, false, &receipt);
    }
}

/// try_receipt() with the likeliest form of the id alone, of the keys in memory, and as careful as
/// if it were a guess; false leaves the receipt to try_receipt().
bool engine::impl::try_fresh(std::size_t carrier, const carrier_receipt& receipt,
                             std::string_view source) {
    const auto& settings = *carriers_[carrier].settings;
    const auto id = likeliest_id(receipt.id, settings.response_id, settings.receipt_id);
    const auto key = store::receipt_key(carriers_[carrier].number, id);
    const auto target = fresh_keys_.find(key);
    return target && apply_receipt(key, *target, receipt, source, true);
}

bool engine::impl::try_receipt(std::size_t carrier, const carrier_receipt& receipt,
                               std::string_view source) {
    const auto& settings = *carriers_[carrier].settings;
    const auto candidates = candidate_ids(receipt.id, settings.response_id, settings.receipt_id);
    for (std::size_t i = 0; i < candidates.count; ++i) {
        const auto key = store::receipt_key(carriers_[carrier].number, candidates.forms[i]);
        const auto target = find_target(key);
        if (target && apply_receipt(key, *target, receipt, source, candidates.count > 1)) {
            return true;
        }
    }
    return try_former_forms(carrier, receipt, source);
}

std::optional<store::receipt_target> engine::impl::find_target(std::string_view key) {
    if (const auto fresh = fresh_keys_.find(key)) {
        return fresh;
    }
    const auto snapshot = environment_.read();
    const auto value = snapshot.get(table::receipt_keys, key);
    return value ? store::parse_receipt_value(*value) : std::nullopt;
}

bool engine::impl::apply_receipt(std::string_view key, const store::receipt_target& target,
                                 const carrier_receipt& receipt, std::string_view source,
                                 bool guessed) {
    auto* live = live_.find(message_id{target.message});
    if (live == nullptr) {
        live = load_message(message_id{target.message});
    }
    if (live == nullptr || target.segment >= live->segments.size()) {
        return false;
    }
    if (guessed &&
        !addresses_agree(source, live->record().destination()->digits()->string_view())) {
        release(*live);
        return false;
    }
    auto& segment = live->segments[target.segment];
    ++count_.receipts;
    const auto of_carrier = store::receipt_key(segment.carrier, "");
    if (segment.waiting() && segment.carrier_message_id.empty() &&
        target.attempt == segment.attempts && key.starts_with(of_carrier.view())) {
        // The process died between the response, which stored the key, and the outcome.
        segment.carrier_message_id = key.substr(of_carrier.view().size());
    }
    // A repeated receipt, or one that tells of a failure of an attempt that has been replaced. An
    // outcome that was only given up as unknown can still be learnt.
    const bool settled = is_final(segment.state) &&
                         (segment.state != State::unknown || receipt.state == State::unknown);
    const bool outdated = receipt.state != State::delivered && !is_key_of_last(segment, key);
    if (settled || outdated) {
        ++count_.receipts_duplicate;
        release(*live);
    } else if (!receipt.final) {
        emit_intermediate(*live, segment);
        release(*live);
    } else {
        settle_segment(*live, segment, receipt);
    }
    return true;
}

void engine::impl::settle_segment(live_message& live, live_segment& segment,
                                  const carrier_receipt& receipt) {
    segment.state = receipt.state;
    segment.error = receipt.error;
    segment.error_text = receipt.error_text;
    segment.done_ms = now_.wall_ms;
    segment.told = false;
    const bool all_final = std::all_of(live.segments.begin(), live.segments.end(),
                                       [](const auto& part) { return is_final(part.state); });
    if (live.state == State::unknown && all_final) {
        live.receipted = false;  // what the account was told is told again, with the outcome
    }
    const bool open = !is_final(live.state) || live.state == State::unknown;
    if (live.next_unsent() == live.segments.size()) {
        take_from_flow(live);  // after a crash: it was to be sent again
    }
    if (all_final && live.in_flight == 0 && open) {
        finish(live);
    } else if (live.in_flight == 0 &&
               (live.where == live_message::place::sending ||
                (live.where == live_message::place::idle && live.all_submitted()))) {
        after_attempt(live);
    } else {
        write_outcome(live);
    }
}

void engine::impl::keep_unmatched(std::uint32_t carrier, const carrier_message& message,
                                  bool is_reply, const carrier_receipt* receipt) {
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
    if (receipt != nullptr) {
        remember_early(carrier_by_number_.at(carrier),
                       {position, *receipt, std::string(message.source), {}});
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
            remember_early(carrier->second, {*position, receipt, std::string(message.source), {}});
        }
        return ++loaded < early_max;
    });
}

void engine::impl::remember_early(std::size_t carrier, early_receipt&& early) {
    const auto& settings = *carriers_[carrier].settings;
    const auto candidates =
        candidate_ids(early.receipt.id, settings.response_id, settings.receipt_id);
    const auto number = early_next_++;
    for (std::size_t i = 0; i < candidates.count; ++i) {
        early.keys.emplace_back(
            store::receipt_key(carriers_[carrier].number, candidates.forms[i]).view());
        const auto other = early_by_key_.find(early.keys.back());
        const bool other_is_final =
            other != early_by_key_.end() && early_.at(other->second).receipt.final;
        if (early.receipt.final || !other_is_final) {
            early_by_key_[early.keys.back()] = number;
        }
    }
    early_.emplace(number, std::move(early));
    while (early_.size() > early_max) {  // stays in the store for the operator, until retention
        forget_early(early_.begin()->first);
    }
}

void engine::impl::forget_early(std::uint64_t number) {
    const auto at = early_.find(number);
    for (const auto& key : at->second.keys) {
        const auto entry = early_by_key_.find(key);
        if (entry != early_by_key_.end() && entry->second == number) {
            early_by_key_.erase(entry);
        }
    }
    early_.erase(at);
}

void engine::impl::match_early(std::size_t carrier, const std::string& key) {
    const auto at = early_by_key_.find(key);
    if (at == early_by_key_.end()) {
        return;
    }
    const auto number = at->second;
    const auto early = early_.at(number);
    const auto target = fresh_keys_.find(key);
    if (!target ||
        !apply_receipt(key, *target, early.receipt, early.source, early.keys.size() > 1)) {
        return;
    }
    ++count_.receipts_early;
    state().batch->erase(
        table::unmatched,
        store::unmatched_key(carriers_[carrier].number, early.position.at, early.position.counter));
    forget_early(number);
}

}  // namespace hikyaku::gateway
