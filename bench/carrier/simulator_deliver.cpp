// What the carrier sends by itself: receipts and replies, from their making until a session of
// their account has acknowledged them.
#include <algorithm>
#include <cassert>

#include "bench/carrier/message_id.hpp"
#include "bench/carrier/simulator_peer.hpp"
#include "smpp/text/plan.hpp"
#include "smpp/text/receipt.hpp"
#include "smpp/text/utf8.hpp"

namespace hikyaku::bench {

using smpp::command_status;
using smpp::text::receipt_state;

namespace {

// A peer may hold back its deliver_sm_resp until it has the response it waits for.
constexpr std::chrono::milliseconds receipt_first_limit{500};
constexpr std::uint32_t reply_parts_max = 10;
constexpr std::uint8_t ton_alphanumeric = 5;  // SMPP 3.4, 5.2.5

bool is_temporary(command_status status) {
    return status == command_status::esme_rmsgqful || status == command_status::esme_rthrottled ||
           status == command_status::esme_rsyserr || status == command_status::esme_rx_t_appn;
}

// "+81..." is international, plain digits are of unknown type.
bool is_number(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    return text.size() >= 3 && text.size() <= 20 &&
           text.find_first_not_of("0123456789") == std::string_view::npos;
}

// The sender of a text that is a name: with a letter, so that a mistyped number is none.
bool is_name(std::string_view text) {
    const auto is_letter = [](char c) {
        const auto octet = static_cast<unsigned char>(c);
        return (octet >= 'a' && octet <= 'z') || (octet >= 'A' && octet <= 'Z') || octet >= 0x80;
    };
    return text.size() <= 20 && std::ranges::any_of(text, is_letter) &&
           !smpp::text::first_invalid_utf8(text) &&
           std::ranges::none_of(text, [](char c) { return c >= 0 && (c < ' ' || c == 0x7F); });
}

}  // namespace

namespace {

smpp::data_sm data_sm_of(const smpp::deliver_sm& from) {
    smpp::data_sm body;
    body.source_addr_ton = from.source_addr_ton;
    body.source_addr_npi = from.source_addr_npi;
    body.source_addr = from.source_addr;
    body.dest_addr_ton = from.dest_addr_ton;
    body.dest_addr_npi = from.dest_addr_npi;
    body.destination_addr = from.destination_addr;
    body.esm_class = from.esm_class;
    body.data_coding = from.data_coding;
    return body;
}

}  // namespace

std::string_view name_of(reply_error error) {
    constexpr std::array<std::string_view, 5> names{"bad_address", "bad_text", "too_long",
                                                    "nobody_bound", "queue_full"};
    return names[static_cast<std::size_t>(error)];
}

// Returns the response to be held back, or 0.
slab<carrier_simulator::held_response>::handle carrier_simulator::add_receipts(
    const peer& from, const submission& what, const message_fate& fate,
    const held_response& response, session_time now) {
    if (!is_wanted(what.registered_delivery, fate.fails)) return 0;
    ++stats_.receipts_wanted;
    if (fate.no_receipt) return 0;
    delivery made = receipt_of(from, what, fate, response);
    if (fate.twice) {
        const delivery twin = made;
        after_wall(fate.receipt_delay, {task_kind::make_ready, deliveries_.add(twin)});
    }
    if (fate.receipt_first && !accounts_[made.account].receivers.empty()) {
        const auto held = held_.add(response);
        made.held = held;
        make_ready(deliveries_.add(std::move(made)));
        after(receipt_first_limit, {task_kind::respond, held}, now);
        return held;
    }
    after_wall(fate.receipt_delay, {task_kind::make_ready, deliveries_.add(std::move(made))});
    return 0;
}

bool carrier_simulator::is_wanted(std::uint8_t registered, bool fails) {
    namespace bits = smpp::registered_delivery;
    switch (registered & bits::receipt_mask) {
        case bits::final:
            return true;
        case bits::failure:
            return fails;
        case bits::success:
            return !fails;
        default:
            return false;
    }
}

carrier_simulator::delivery carrier_simulator::receipt_of(const peer& from, const submission& what,
                                                          const message_fate& fate,
                                                          const held_response& response) const {
    delivery made;
    made.number = response.number;
    made.account = *from.account;
    made.from = what.to;
    made.to = what.from;
    made.submitted = wall_seconds();
    made.state = fate.fails ? receipt_state::undeliverable : receipt_state::delivered;
    made.registered = what.registered_delivery;
    return made;
}

boost::system::result<std::uint32_t, reply_error> carrier_simulator::send_reply(
    std::string_view from, std::string_view to, std::string_view text) {
    const bool to_name = is_name(to);
    if (!is_number(from) || (!is_number(to) && !to_name)) return reply_error::bad_address;
    if (accounts_.empty()) return reply_error::nobody_bound;
    const auto planned = smpp::text::plan_text(
        text, {.parts_max = reply_parts_max, .reference = ++reply_reference_});
    if (!planned) {
        const bool long_one = planned.error().what == smpp::text::plan_error::too_many_parts;
        return long_one ? reply_error::too_long : reply_error::bad_text;
    }
    if (deliveries_.size() + planned->segments.size() > options_.pending_max)
        return reply_error::queue_full;
    const auto* const sender = phone_ ? phone_->find(from) : nullptr;
    const auto set = [](address& into, std::string_view number) {
        const bool plus = number.starts_with('+');
        return into.set(plus ? 1 : 0, plus ? 1 : 0, number.substr(plus ? 1 : 0));
    };
    for (const std::string& segment : planned->segments) {
        delivery made;
        made.account = sender != nullptr ? sender->account : last_account_;
        const bool fits = set(made.from, from) &&
                          (to_name ? made.to.set(ton_alphanumeric, 0, to) : set(made.to, to));
        assert(fits);
        made.esm_class = planned->udhi ? smpp::esm_class::udhi : std::uint8_t{0};
        made.data_coding = planned->data_coding;
        made.octets = segment;
        make_ready(deliveries_.add(std::move(made)));
        ++stats_.replies;
    }
    const auto segments = static_cast<std::uint32_t>(planned->segments.size());
    if (phone_) {
        phone_message shown;
        shown.with = to;
        shown.text = text;
        shown.time_ms = wall_ms();
        shown.segments = segments;
        shown.encoding = smpp::text::name_of(planned->enc);
        phone_->answered(from, std::move(shown));
    }
    pump(smpp::io::connection::now());
    return segments;
}

void carrier_simulator::make_ready(slab<delivery>::handle which) {
    const delivery* const found = deliveries_.find(which);
    assert(found != nullptr);
    accounts_[found->account].ready.push_back(which);
    dirty_.push_back(found->account);
}

void carrier_simulator::pump(session_time now) {
    // Sending may find more to do (a delivery that cannot be sent releases a response).
    while (!dirty_.empty()) {
        const std::uint32_t next = dirty_.back();
        dirty_.pop_back();
        pump(accounts_[next], now);
    }
}

void carrier_simulator::pump(account& to, session_time now) {
    while (!to.ready.empty()) {
        peer* const receiver = next_receiver(to);
        if (receiver == nullptr) return;
        const auto which = to.ready.front();
        to.ready.pop_front();
        send(*receiver, which, now);
    }
}

carrier_simulator::peer* carrier_simulator::next_receiver(account& of) {
    for (std::size_t tried = 0; tried < of.receivers.size(); ++tried) {
        of.next = (of.next + 1) % of.receivers.size();
        peer* const candidate = of.receivers[of.next];
        const smpp::session& session = candidate->link->session();
        if (session.is_bound() && session.window_free() > 0) return candidate;
    }
    return nullptr;
}

void carrier_simulator::send(peer& to, slab<delivery>::handle which, session_time now) {
    const delivery& what = *deliveries_.find(which);
    smpp::deliver_sm body;
    body.source_addr_ton = what.from.ton;
    body.source_addr_npi = what.from.npi;
    body.source_addr = what.from.view();
    body.dest_addr_ton = what.to.ton;
    body.dest_addr_npi = what.to.npi;
    body.destination_addr = what.to.view();
    body.esm_class = what.esm_class;
    body.data_coding = what.data_coding;
    body.short_message = smpp::text::octets_of(what.octets);
    std::array<char, smpp::text::receipt_octets_max> text;
    smpp::tlv_writer tlvs(tlv_buffer_);
    if (what.number != 0) {
        const message_id id(id_base_ + what.number, options_.receipt_ids);
        const bool delivered = what.state == receipt_state::delivered;
        const auto written =
            smpp::text::write_receipt(text, {.id = id.view(),
                                             .sub = 1,
                                             .dlvrd = static_cast<std::uint16_t>(delivered ? 1 : 0),
                                             .submit_date = what.submitted,
                                             .done_date = wall_seconds(),
                                             .stat = what.state,
                                             .err = delivered ? "000" : "001",
                                             .text = {}});
        assert(written);
        body.esm_class = smpp::esm_class::receipt;
        if (options_.receipts != receipt_form::tlvs)
            body.short_message = smpp::text::octets_of(*written);
        if (options_.receipts != receipt_form::text) {
            tlvs.cstring(smpp::tag::receipted_message_id, id.view())
                .u8(smpp::tag::message_state, static_cast<std::uint8_t>(what.state));
        }
    }
    const bool in_data_sm = what.number != 0 && options_.receipts_in_data_sm;
    if (in_data_sm && !body.short_message.empty())
        tlvs.octets(smpp::tag::message_payload, body.short_message);
    const auto sent =
        to.link->session().submit(in_data_sm ? smpp::make_pdu(0, data_sm_of(body), tlvs.list())
                                             : smpp::make_pdu(0, body, tlvs.list()),
                                  which, now);
    to.link->kick();
    if (sent) return;
    // The receiver was bound and had room, so the fields are at fault: an address the peer gave us.
    ++stats_.receipts_dropped;
    finish(which, now);
}

void carrier_simulator::on_response(std::uint64_t handle, command_status status, session_time now) {
    delivery* const found = deliveries_.find(handle);
    if (found == nullptr) return;
    if (is_temporary(status)) {
        ++stats_.redelivered;
        after_wall(options_.retry_delay, {task_kind::make_ready, handle});
        return;
    }
    const bool receipt = found->number != 0;
    if (status != command_status::esme_rok)
        ++stats_.receipts_dropped;
    else
        ++(receipt ? stats_.receipts_acknowledged : stats_.replies_acknowledged);
    finish(handle, now);
}

void carrier_simulator::on_failed(std::uint64_t handle, session_time now) {
    const delivery* const found = deliveries_.find(handle);
    if (found == nullptr) return;
    ++stats_.redelivered;
    if (found->held != 0) release(found->held, now);
    make_ready(handle);
}

void carrier_simulator::finish(slab<delivery>::handle which, session_time now) {
    const auto held = deliveries_.find(which)->held;
    deliveries_.remove(which);
    if (held != 0) release(held, now);
}

}  // namespace hikyaku::bench
