// What is special about a carrier, where the engine meets it: the addresses and TLVs of a request,
// what answers tell about its pace, replies in our own addresses again, and receipts that find
// their message after the way of writing ids was corrected in the configuration.
#include <algorithm>

#include "gateway/engine/engine_unmatched.hpp"
#include "gateway/engine/record_values.hpp"
#include "smpp/text/octets.hpp"
#include "store/environment.hpp"

namespace hikyaku::gateway {

using config::address_rule;
using store::table;
namespace record = store::record;

namespace {

/// How a carrier's ids were written, as it stands in the table `meta`.
struct id_forms {
    static constexpr std::uint8_t none = 0xFF;

    std::uint8_t response = none;
    std::uint8_t receipt = none;
    std::uint8_t former = none;   // the response form before `changed`
    std::uint64_t changed_s = 0;  // seconds since 1970, 40 bits

    [[nodiscard]] std::uint64_t packed() const {
        return std::uint64_t{response} << 56 | std::uint64_t{receipt} << 48 |
               std::uint64_t{former} << 40 | (changed_s & 0xFFFFFFFFFFULL);
    }
    static id_forms unpacked(std::uint64_t value) {
        return {static_cast<std::uint8_t>(value >> 56), static_cast<std::uint8_t>(value >> 48),
                static_cast<std::uint8_t>(value >> 40), value & 0xFFFFFFFFFFULL};
    }
};

}  // namespace

void engine::impl::on_bind_up(bind_id bind, const bind_facts& facts) {
    auto& carrier = directory_[facts.carrier];
    carrier.binds.push_back({.id = bind,
                             .window = carrier.new_window(facts.window),
                             .can_transmit = facts.can_transmit,
                             .version = facts.version});
    carrier_by_bind_[bind] = facts.carrier;
}

void engine::impl::write_addresses(const carrier_state& carrier, const record::Message& message,
                                   smpp::submit_sm& request) {
    const auto& settings = *carrier.settings;
    const auto source = write_address(settings, address_rule::side::source,
                                      view_of(*message.source()), source_text_);
    request.source_addr_ton = source.ton;
    request.source_addr_npi = source.npi;
    request.source_addr = source.digits;
    const auto destination = write_address(settings, address_rule::side::destination,
                                           view_of(*message.destination()), destination_text_);
    request.dest_addr_ton = destination.ton;
    request.dest_addr_npi = destination.npi;
    request.destination_addr = destination.digits;
}

/// Whether no carrier of the route could be given this message as it is.
bool engine::impl::lacks_required_tlv(const route_state& route, const submission& message) const {
    const auto given =
        smpp::tlv_list::parse(smpp::text::octets_of(message.tlvs)).value_or(smpp::tlv_list{});
    return !route.targets.empty() &&
           std::all_of(route.targets.begin(), route.targets.end(), [&](const auto& target) {
               return lacks_tlv(*directory_[target.carrier].settings, given);
           });
}

/// Why none of the route's carriers could be given this message; of several reasons the first.
refusal engine::impl::unwritable(const route_state& route, const submission& message) {
    auto first = refusal::none;
    for (const auto& target : route.targets) {
        const auto why = gateway::unwritable(*directory_[target.carrier].settings, message.source,
                                             message.destination, source_text_);
        if (why == refusal::none) {
            return refusal::none;
        }
        first = first == refusal::none ? why : first;
    }
    return first;
}

/// The carrier cannot be given this segment; others of the route may be. The segment is at the
/// front of its flow or on its way there. Nothing in its outcome names the carrier, which was not
/// asked.
void engine::impl::refuse_by_dialect(live_message& live, std::size_t segment, carrier_id carrier,
                                     smpp::command_status why) {
    live.segments[segment].set_error(own_error(why));
    if (exclude(live, carrier) == availability::none_left) {
        fail_segment(live, segment, own_error(why));
        after_attempt(live);
    }
    // Else the next turn of pump() finds another carrier, or waits for one.
}

void engine::impl::note_answer(const attempt& done, carrier_bind& bind,
                               smpp::command_status status) {
    bind.unanswered = 0;
    const auto rule = rule_for(directory_[done.carrier].retries, status);
    if (status != smpp::command_status::esme_rok && rule.then == refusal_action::throttle) {
        bind.window.refused(done.sent_at, now_.steady);
    } else {
        bind.window.answered(done.sent_at, now_.steady);
    }
}

/// A reply with the addresses that applications know: what the carrier's rules do to the addresses
/// of submissions is undone. A destination that stands among the accounts' numbers as it is stays.
carrier_message engine::impl::restored(carrier_id carrier, const carrier_message& message) {
    const auto& settings = *directory_[carrier].settings;
    auto out = message;
    if (settings.address_rules.empty()) {
        return out;
    }
    out.source = restore_address(settings, address_rule::side::destination, message.source_ton,
                                 message.source, source_text_);
    const bool is_number_of_ours = !message.destination.starts_with('+') &&
                                   directory_.account_by_reply_number(message.destination);
    if (!is_number_of_ours) {
        out.destination =
            restore_address(settings, address_rule::side::source, message.destination_ton,
                            message.destination, destination_text_);
    }
    return out;
}

/// Compares the forms in which the carrier's ids are stored with the configuration's, and keeps
/// what they were before for as long as messages of that time may get receipts.
void engine::impl::read_id_forms(carrier_state& carrier) {
    const auto& settings = *carrier.settings;
    const auto name = "id_forms:" + settings.name;
    id_forms stored;
    {
        const auto snapshot = environment_.read();
        const auto value = snapshot.get(table::meta, name);
        const auto number = value ? store::parse_meta_value(*value) : std::nullopt;
        if (number) {
            stored = id_forms::unpacked(*number);
        }
    }
    id_forms wanted = stored;
    wanted.response = static_cast<std::uint8_t>(settings.response_id);
    wanted.receipt = static_cast<std::uint8_t>(settings.receipt_id);
    if (stored.response != id_forms::none && stored.response != wanted.response) {
        wanted.former = stored.response;
        wanted.changed_s = static_cast<std::uint64_t>(now_.wall_ms / 1000);
    }
    if (wanted.packed() != stored.packed()) {
        must_keep().rows().put(table::meta, name, store::meta_value(wanted.packed()));
        carrier.replay = stored.response != id_forms::none;
    }
    const auto changed_ms = static_cast<std::int64_t>(wanted.changed_s) * 1000 + 999;
    const std::chrono::milliseconds kept = settings_.store.retention;
    if (wanted.former != id_forms::none && changed_ms + kept.count() > now_.wall_ms) {
        carrier.former_form = static_cast<config::message_id_form>(wanted.former);
        carrier.form_changed_ms = changed_ms;
    }
}

/// After a start with other forms than before: receipts that found nothing are tried once more.
void engine::impl::replay_unmatched() {
    std::vector<std::uint64_t> found;
    for (const auto& [number, early] : early_.all()) {
        auto* const at = directory_.find(carrier_id{early.position.carrier});
        if (at == nullptr || !at->replay) {
            continue;
        }
        carrier_message addresses;
        addresses.source = early.source;
        addresses.destination = early.destination;
        addresses.arrival_id = early.position.counter;
        if (try_receipt(at->id, early.receipt, addresses) == receipt_fate::applied) {
            unmatched_->erase(early.position);
            ++at->receipts_replayed;
            ++count_.receipts_replayed;
            found.push_back(number);
        }
    }
    for (const auto number : found) {
        early_.forget(number);
    }
}

/// The receipt key as it was stored before response_id was corrected; empty if it was not.
std::string engine::impl::former_key_of(carrier_id carrier, std::string_view id) const {
    auto* const known = directory_.find(carrier_id{carrier});
    if (known == nullptr || !known->former_form) {
        return {};
    }
    const auto form = *known->former_form;
    return std::string(store::receipt_key(stored(carrier), canonical_id(id, form)).view());
}

/// Whether this receipt key, in the form of today or of before the last correction, is that of the
/// segment's last attempt.
bool engine::impl::is_key_of_last(const live_segment& segment, std::string_view key) const {
    const auto& id = segment.carrier_message_id;
    return key == receipt_key_of(segment.carrier, id) || key == former_key_of(segment.carrier, id);
}

receipt_fate engine::impl::try_former_forms(carrier_id carrier, const carrier_receipt& receipt,
                                            const carrier_message& message) {
    const auto& from = directory_[carrier];
    if (!from.former_form) {
        return receipt_fate::unknown_id;
    }
    const auto ids = former_candidate_ids(receipt.id, from.settings->response_id,
                                          from.settings->receipt_id, *from.former_form);
    return try_readings(carrier, ids, receipt, message, from.form_changed_ms);
}

}  // namespace hikyaku::gateway
