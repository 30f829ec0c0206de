// The phones of the carrier's side: one that is on shows a text at once; for one that is off the
// carrier tries again by itself, for hours, as real ones do, and within the validity period if it
// keeps to that.
#include <algorithm>

#include "bench/carrier/simulator_peer.hpp"

namespace hikyaku::bench {

using smpp::text::receipt_state;

namespace {

constexpr std::size_t off_phones_max = 100'000;

}  // namespace

smpp::session_time carrier_simulator::on_at(const submission& what, std::uint64_t number) {
    const session_time now = wall_now();
    if (options_.phone_off <= 0) return now;
    const auto known = off_until_.find(std::string(what.to.view()));
    if (known != off_until_.end() && known->second > now) return known->second;
    if (known != off_until_.end()) off_until_.erase(known);
    const auto off_for = phone_off_of(options_, number);
    if (off_for.count() == 0 || off_until_.size() >= off_phones_max) return now;
    return off_until_.emplace(what.to.view(), now + off_for).first->second;
}

carrier_simulator::waiting_segment carrier_simulator::segment_of(const peer& from,
                                                                 const submission& what,
                                                                 const smpp::tlv_list& tlvs) {
    const auto shown = [](const address& one) {
        const bool plus = one.ton == 1 && !one.view().starts_with('+');
        return (plus ? "+" : "") + std::string(one.view());
    };
    waiting_segment segment;
    segment.from = shown(what.from);
    segment.to = shown(what.to);
    segment.octets = smpp::text::chars_of(what.octets);
    segment.has_udh = smpp::esm_class::has_udh(what.esm_class);
    segment.data_coding = what.data_coding;
    segment.account = *from.account;
    if (const auto total = tlvs.u8(smpp::tag::sar_total_segments)) {
        segment.sar = {.reference = tlvs.u16(smpp::tag::sar_msg_ref_num).value_or(0),
                       .total = *total,
                       .sequence = tlvs.u8(smpp::tag::sar_segment_seqnum).value_or(0),
                       .wide = true};
    }
    return segment;
}

void carrier_simulator::show_on_phone(const peer& from, const submission& what,
                                      const smpp::tlv_list& tlvs) {
    if (phone_) show(segment_of(from, what, tlvs), true);
}

void carrier_simulator::show(const waiting_segment& what, bool rang) {
    if (!phone_) return;
    phone_segment segment;
    segment.from = what.from;
    segment.to = what.to;
    segment.has_udh = what.has_udh;
    segment.data_coding = what.data_coding;
    segment.octets = smpp::text::octets_of(what.octets);
    segment.sar = what.sar;
    segment.account = what.account;
    segment.rang = rang;
    if (!rang && what.on_at <= what.retried_until) {
        const auto later = what.on_at - wall_now();
        segment.would_ms =
            wall_ms() + std::chrono::duration_cast<std::chrono::milliseconds>(later).count();
    }
    phone_->receive(segment, wall_ms());
}

void carrier_simulator::wait_for_phone(const peer& from, const submission& what,
                                       const smpp::tlv_list& tlvs, const message_fate& fate,
                                       const held_response& response, session_time on_at) {
    auto segment = segment_of(from, what, tlvs);
    const session_time now = wall_now();
    segment.on_at = on_at;
    segment.retried_until = segment.tried_until = now + options_.retry_for;
    if (what.valid_until && !options_.ignores_validity) {
        const auto left =
            what.valid_until->time_since_epoch() - std::chrono::milliseconds(wall_ms());
        segment.tried_until = std::min(segment.tried_until, now + left);
    }
    if (!fate.no_receipt) segment.receipt = receipt_of(from, what, fate, response);
    const auto until = std::min(on_at, segment.tried_until);
    const auto handle = waiting_.add(std::move(segment));
    after_wall(std::chrono::duration_cast<std::chrono::microseconds>(until - now),
               {task_kind::ring, handle});
}

void carrier_simulator::ring(slab<waiting_segment>::handle which) {
    const waiting_segment segment = std::move(*waiting_.find(which));
    waiting_.remove(which);
    const bool rings = segment.on_at <= segment.tried_until;
    show(segment, rings);
    if (!segment.receipt) return;
    auto receipt = *segment.receipt;
    if (!rings) receipt.state = receipt_state::expired;
    if (!is_wanted(receipt.registered, receipt.state != receipt_state::delivered)) return;
    ++stats_.receipts_wanted;
    make_ready(deliveries_.add(std::move(receipt)));
}

}  // namespace hikyaku::bench
