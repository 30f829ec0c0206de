// What the carriers of the simulated world decide: they accept, throttle, refuse, forget to answer,
// answer late or twice, and send receipts early, late, twice and in another dialect than their
// responses; and replies of phones, long ones in parts.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "gateway/io/smpp_carrier_client.hpp"
#include "tests/sim/application_link.hpp"
#include "tests/sim/carrier_link.hpp"
#include "tests/sim/world.hpp"

namespace hikyaku::sim {

using smpp::command_id;
using smpp::command_status;

// Connections.

void world::add_slots(std::size_t carrier) {
    const auto& settings = scenario_.settings.carriers[carrier];
    auto& slots = carriers_[carrier].slots;
    for (std::uint32_t i = 0; i < settings.binds; ++i) {
        if (settings.bind == config::bind_type::transceiver) {
            slots.push_back({command_id::bind_transceiver, nullptr});
        } else {
            slots.push_back({command_id::bind_transmitter, nullptr});
            slots.push_back({command_id::bind_receiver, nullptr});
        }
    }
}

std::vector<std::shared_ptr<carrier_link>> world::open_links(std::size_t carrier) const {
    std::vector<std::shared_ptr<carrier_link>> open;
    for (const auto& slot : carriers_[carrier].slots)
        if (slot.link && slot.link->serves() && slot.kind != command_id::bind_transmitter)
            open.push_back(slot.link);
    return open;
}

void world::connect_carriers() {
    for (std::size_t i = 0; i < carriers_.size(); ++i) {
        for (std::size_t slot = 0; slot < carriers_[i].slots.size(); ++slot) {
            at_this_run(
                luck_.between(0, 2 * second_us), [this, i, slot] { keep_connected(i, slot, 0); });
        }
    }
}

void world::keep_connected(std::size_t carrier, std::size_t slot, std::uint32_t failures) {
    auto& of = carriers_[carrier].slots[slot];
    if (draining_ || night_ || (of.link && of.link->ours_alive())) return;
    if (scheduler_.now_us() < carriers_[carrier].down_until_us) {  // the connection is refused
        const auto& settings = scenario_.settings.carriers[carrier];
        const auto wait =
            gateway::io::reconnect_delay(failures, settings.reconnect_min, settings.reconnect_max,
                                         static_cast<double>(luck_.between(0, 1000)) / 1000);
        at_this_run(wait.count() * 1000, [this, carrier, slot, failures] {
            keep_connected(carrier, slot, failures + 1);
        });
        return;
    }
    of.link = std::make_shared<carrier_link>(*this, carrier, of.kind, failures);
    of.link->connect();
}

void world::link_ended(carrier_link& link, std::uint32_t failures, bool lasted) {
    const auto carrier = link.carrier();
    const auto& slots = carriers_[carrier].slots;
    const auto place = std::find_if(slots.begin(), slots.end(),
                                    [&](const auto& one) { return one.link.get() == &link; });
    if (place == slots.end()) return;
    const auto next = lasted ? 0 : failures + 1;
    const auto& settings = scenario_.settings.carriers[carrier];
    const auto wait =
        gateway::io::reconnect_delay(next, settings.reconnect_min, settings.reconnect_max,
                                     static_cast<double>(luck_.between(0, 1000)) / 1000);
    const auto slot = static_cast<std::size_t>(place - slots.begin());
    at_this_run(wait.count() * 1000,
                [this, carrier, slot, next] { keep_connected(carrier, slot, next); });
}

// Segments.

namespace {

/// Every fourth id in a text dialect is longer than the specification allows.
std::string rest_of_id(std::uint64_t number) {
    return number % 4 == 1 ? "-" + std::string(number % 60 + 54, 'x') : std::string();
}

}  // namespace

std::string world::id_in_response(std::size_t carrier, std::uint64_t number) const {
    switch (scenario_.carriers[carrier].dialect) {
        case id_dialect::hex_then_decimal:
            return fmt::format("{:X}", number);
        case id_dialect::padded_then_hex:
            return fmt::format("{:010}", number);
        case id_dialect::text:
            return fmt::format("c{}-{:08x}{}", carrier, number, rest_of_id(number));
        case id_dialect::hex:
            return fmt::format("{:08x}", number);
        case id_dialect::decimal:
            return fmt::format("{}", number);
    }
    return {};
}

std::string world::id_in_receipt(std::size_t carrier, std::uint64_t number) const {
    switch (scenario_.carriers[carrier].dialect) {
        case id_dialect::hex_then_decimal:
            return fmt::format("{}", number);
        case id_dialect::padded_then_hex:
            return fmt::format("{:x}", number);
        case id_dialect::text:
            return fmt::format("c{}-{:08x}{}", carrier, number, rest_of_id(number));
        case id_dialect::hex:
            return fmt::format("{:X}", number);
        case id_dialect::decimal:
            return fmt::format("{:012}", number);
    }
    return {};
}

void world::segment_reached(carrier_link& link, std::uint32_t sequence, std::size_t attempt) {
    const auto& habits = scenario_.habits;
    const auto delay = luck_.between(500, scenario_.carriers[link.carrier()].response_us_max);
    const auto self = std::static_pointer_cast<carrier_link>(link.shared_from_this());
    at(delay, [this, self, sequence, attempt, &habits] {
        if (!self->peer_alive() && luck_.chance(0.5)) return;  // died with the connection
        if (strikes(habits.throttles)) {
            ++tally_[fault::throttled];
            self->respond(
                sequence,
                luck_.chance(0.5) ? command_status::esme_rthrottled : command_status::esme_rmsgqful,
                "");
        } else if (strikes(habits.refuses_for_now)) {
            ++tally_[fault::refused_for_now];
            self->respond(sequence,
                          luck_.pick(std::vector{
                              command_status::esme_rsyserr, command_status::esme_rx_t_appn,
                              command_status::esme_rsubmitfail, command_status::esme_rinvbndsts}),
                          "");
        } else if (strikes(habits.refuses_for_good)) {
            ++tally_[fault::refused_for_good];
            self->respond(sequence,
                          luck_.pick(std::vector{command_status::esme_rinvdstadr,
                                                 command_status::esme_rinvsrcadr}),
                          "");
        } else if (strikes(habits.nacks)) {
            ++tally_[fault::response_nack];
            self->nack(sequence);
        } else {
            accept_segment(*self, sequence, attempt);
        }
    });
}

/// The number of the id for one more segment: a new one, or one that the carrier has given before.
world::carrier_given_id& world::pick_id(std::size_t carrier, std::size_t message) {
    auto& model = carriers_[carrier];
    const auto& habits = scenario_.carriers[carrier];
    if (habits.reuses_ids > 0 && !model.ids.empty() && strikes(habits.reuses_ids)) {
        const auto recent = habits.addresses == address_habit::none
                                ? model.ids.size()
                                : std::min<std::size_t>(model.ids.size(), 20);
        auto& id = model.ids[model.ids.size() - 1 - luck_.below(recent)];
        if (may_give_again(id, carrier, message)) return id;
    }
    model.ids.push_back({model.next_id++, {}});
    return model.ids.back();
}

/// With addresses at any time; without them only when nothing that has it can be waited for, or
/// nobody could know whose receipt it is. Segments of one message are for one phone.
bool world::may_give_again(const carrier_given_id& id, std::size_t carrier, std::size_t message) {
    bool waits = false, of_others = false;
    for (const auto index : id.receipts) {
        const auto& receipt = receipts_[index];
        const auto& before = auditor_.message(receipt.message);
        waits = waits || !receipt.acknowledged;
        of_others = of_others || before.account != auditor_.message(message).account;
        if (receipt.message == message) return false;
        if (scenario_.carriers[carrier].addresses == address_habit::none) {
            const auto told = receipt.acknowledged &&
                              scheduler_.now_us() - receipt.acknowledged_us > 120 * second_us;
            const auto known =
                auditor_.attempt(receipt.attempt).what == audited_attempt::state::known_ok;
            const auto account = account_of(before.account);
            const auto view =
                engine_ ? engine_->find(account, gateway::message_id{before.id}) : std::nullopt;
            if (!told || !known || !view || !gateway::is_final(view->state)) return false;
        }
    }
    if (id.receipts.size() >= 6) return false;
    ++tally_[!waits      ? fault::id_used_again
             : of_others ? fault::id_of_two_accounts
                         : fault::id_of_one_account];
    return true;
}

void world::accept_segment(carrier_link& link, std::uint32_t sequence, std::size_t attempt) {
    const auto& habits = scenario_.habits;
    const auto carrier = link.carrier();
    const auto& what = auditor_.attempt(attempt);
    const auto& message = auditor_.message(what.message);
    auditor_.attempt_accepted(attempt);
    auto& given = pick_id(carrier, what.message);
    const auto number = given.number;
    const bool addressed = scenario_.carriers[carrier].addresses != address_habit::none;
    // Without addresses only the response says whose id it is from now on.
    const bool in_order = !addressed && !given.receipts.empty();
    given.receipts.push_back(receipts_.size());
    carrier_receipt receipt;
    receipt.carrier = carrier;
    receipt.attempt = attempt;
    receipt.submit_us = scheduler_.now_us();
    receipt.message = what.message;
    receipt.segment = what.segment;
    receipt.id = id_in_receipt(carrier, number);
    receipt.phone = message.phone;
    receipt.number = sender_number;
    receipt.delivered = !strikes(habits.receipt_fails);
    receipts_.push_back(std::move(receipt));
    const auto index = receipts_.size() - 1;
    const bool early = !in_order && strikes(habits.receipt_first);
    if (in_order) {
        plan_receipt(index, luck_.between(60, 90) * second_us);
    } else if (early) {
        ++tally_[fault::receipt_early];
        plan_receipt(index, luck_.between(0, 20 * millisecond_us));
    } else if (strikes(habits.receipt_late)) {
        ++tally_[fault::receipt_late];
        plan_receipt(index, luck_.between(60, 900) * second_us);
    } else {
        plan_receipt(index, luck_.between(millisecond_us, 5 * second_us));
    }
    const auto self = std::static_pointer_cast<carrier_link>(link.shared_from_this());
    const auto id = id_in_response(carrier, number);
    std::int64_t delay = early ? 50 * millisecond_us : 0;
    if (!in_order && strikes(habits.never_answers)) {
        ++tally_[fault::response_never];
        return;
    }
    if (!in_order && strikes(habits.answers_late)) {
        ++tally_[fault::response_late];
        const std::chrono::microseconds limit =
            scenario_.settings.carriers[carrier].response_timeout;
        delay = limit.count() + luck_.between(second_us / 10, 30 * second_us);
    }
    at(delay,
       [this, self, sequence, attempt, id] { answer_segment(*self, sequence, attempt, id); });
    if (strikes(habits.answers_twice)) {
        ++tally_[fault::response_duplicate];
        at(delay + luck_.between(0, second_us),
           [this, self, sequence, attempt, id] { answer_segment(*self, sequence, attempt, id); });
    }
}

void world::answer_segment(carrier_link& link, std::uint32_t sequence, std::size_t,
                           const std::string& id) {
    if (!link.peer_alive()) return;
    if (sequence < link.last_answered_) ++tally_[fault::response_reordered];
    link.last_answered_ = sequence;
    if (id.size() > 64) ++tally_[fault::id_long];
    const bool pads = link.carrier() % 2 == 1 && sequence % 3 == 0;
    if (pads) ++tally_[fault::id_padded];
    link.respond(sequence, command_status::esme_rok, pads ? id + "  " : id);
}

// Receipts and replies.

void world::plan_receipt(std::size_t receipt, std::int64_t delay_us) {
    at(
        delay_us, [this, receipt] { send_receipt(receipt); });
}

std::string world::text_of_receipt(const carrier_receipt& receipt) const {
    const std::time_t submitted = (start_wall_ms + receipt.submit_us / 1000) / 1000;
    const auto date = fmt::format("{:%y%m%d%H%M}", fmt::gmtime(submitted));
    return fmt::format(
        "id:{} sub:001 dlvrd:{} submit date:{} done date:{} stat:{} err:{} text:", receipt.id,
        receipt.delivered ? "001" : "000", date, date, receipt.delivered ? "DELIVRD" : "UNDELIV",
        receipt.delivered ? "000" : err_of_failure(receipt.message));
}

/// Source and destination, as the carrier likes to write them.
std::pair<std::string, std::string> world::addresses_of(const carrier_receipt& receipt) {
    if (receipt.reply) return {receipt.phone, receipt.number};
    const auto habit = scenario_.carriers[receipt.carrier].addresses;
    tally_[fault::receipt_rewritten] +=
        habit != address_habit::as_sent && habit != address_habit::none ? 1 : 0;
    switch (habit) {
        case address_habit::with_plus:
            return {"+" + receipt.phone, receipt.number};
        case address_habit::national:
            return {"0" + receipt.phone.substr(2), receipt.number};
        case address_habit::swapped:
            return {receipt.number, receipt.phone};
        case address_habit::sender_replaced:
            return {receipt.phone, "12345"};
        case address_habit::none:
            ++tally_[fault::receipt_unaddressed];
            return {};
        case address_habit::as_sent:
            break;
    }
    return {receipt.phone, receipt.number};
}

/// Every second carrier does not label its receipts rightly: data_coding is that of the message,
/// the octets are UTF-16 of one order or the other, esm_class says nothing. No luck is drawn for
/// this, nor for the next two, so that the other fates stay what they are.
void world::mislabel(std::size_t index, const std::string& text, smpp::deliver_sm& pdu,
                     std::vector<std::uint8_t>& recoded) {
    if (receipts_[index].carrier % 2 == 0) return;
    constexpr std::size_t octets_max = 254;
    const auto habit = index % 6;
    const bool wide = (habit == 1 || habit == 2) && text.size() * 2 + 2 <= octets_max;
    if (habit == 0 || ((habit == 1 || habit == 2) && !wide)) return;
    ++tally_[fault::receipt_mislabelled];
    if (wide) {
        const bool little = habit == 2;
        if (little) recoded = {0xFF, 0xFE};
        for (const char letter : text) {
            const auto octet = static_cast<std::uint8_t>(letter);
            recoded.push_back(little ? octet : 0);
            recoded.push_back(little ? 0 : octet);
        }
        pdu.short_message = recoded;
    }
    if (habit == 3 || habit == 4) pdu.data_coding = 8;
    if (habit >= 4) pdu.esm_class = 0;
}

/// Every third carrier puts an id of its own into the TLV now and then, or blanks behind it.
void world::name_in_tlvs(std::size_t index, smpp::tlv_writer& tlvs) {
    const auto& receipt = receipts_[index];
    if (receipt.carrier % 3 != 1 || index % 3 == 0) return;
    const bool strange = index % 3 == 1;
    ++tally_[strange ? fault::id_of_tlv_unknown : fault::id_padded];
    tlvs.cstring(smpp::tag::receipted_message_id,
                 strange ? fmt::format("zz-{}", index) : receipt.id + " ");
}

/// Some receipts come on a transmitter, where there is one.
std::shared_ptr<carrier_link> world::receiver_of(std::size_t index,
                                                 const std::shared_ptr<carrier_link>& usual) {
    const auto& receipt = receipts_[index];
    if (receipt.reply || index % 7 != 3) return usual;
    for (const auto& slot : carriers_[receipt.carrier].slots) {
        if (slot.link && slot.link->serves() && slot.kind == command_id::bind_transmitter) {
            ++tally_[fault::receipt_transmitted];
            return slot.link;
        }
    }
    return usual;
}

void world::send_receipt(std::size_t index) {
    auto& receipt = receipts_[index];
    if (receipt.acknowledged) return;
    const auto open =
        night_ ? std::vector<std::shared_ptr<carrier_link>>{} : open_links(receipt.carrier);
    if (open.empty()) {
        plan_receipt(index, night_ ? hour_us : 2 * second_us);
        return;
    }
    auto& model = carriers_[receipt.carrier];
    if (!receipt.reply) {
        auditor_.carrier_says(receipt.message, receipt.segment, receipt.delivered);
        if (index < model.last_receipt && receipt.sends == 0) ++tally_[fault::receipt_reordered];
        model.last_receipt = index;
    }
    const bool twice = strikes(scenario_.habits.receipt_twice);
    if (twice) ++tally_[receipt.reply ? fault::reply_duplicate : fault::receipt_duplicate];
    const auto text = receipt.reply ? receipt.text : text_of_receipt(receipt);
    const auto [from, to] = addresses_of(receipt);
    std::vector<std::uint8_t> recoded, tlv_octets;
    smpp::tlv_writer tlvs(tlv_octets);
    smpp::deliver_sm pdu;
    pdu.source_addr = from;
    pdu.source_addr_ton = pdu.dest_addr_ton = pdu.source_addr_npi = pdu.dest_addr_npi = 1;
    pdu.destination_addr = to;
    pdu.esm_class = receipt.reply ? (receipt.parts > 1 ? 0x40 : 0x00) : 0x04;
    pdu.short_message = {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
    if (!receipt.reply) {
        mislabel(index, text, pdu, recoded);
        name_in_tlvs(index, tlvs);
    }
    for (int i = 0; i < (twice ? 2 : 1); ++i) {
        const auto link = receiver_of(index, luck_.pick(open));
        ++receipt.sends;
        if (receipt.reply) ++auditor_.reply(*receipt.reply).parts[receipt.part].sends;
        const auto sequence = link->deliver(index, pdu, tlvs.list());
        at(30 * second_us, [this, link, sequence] {  // no answer: once more
            const auto waits = link->unanswered_.find(sequence);
            if (waits != link->unanswered_.end()) {
                const auto again = waits->second;
                send_receipt(again);
            }
        });
    }
}

/// A phone answers somebody: in one message, or in a long one whose parts come in any order.
void world::send_replies(std::size_t carrier) {
    if (!strikes(scenario_.habits.replies) || open_links(carrier).empty()) return;
    const auto account = luck_.below(scenario_.accounts.size());
    const auto& to = scenario_.accounts[account];
    const bool by_number = !to.number.empty();
    const auto parts =
        static_cast<std::size_t>(by_number && luck_.chance(0.3) ? luck_.between(2, 3) : 1);
    const auto number = auditor_.new_reply(account, parts);
    const auto phone = fmt::format("8160{:08}", next_phone_++);
    const auto reference = static_cast<char>(luck_.between(0, 255));
    for (std::size_t part = 0; part < parts; ++part) {
        carrier_receipt made;
        made.carrier = carrier;
        made.reply = number;
        made.part = part;
        made.parts = parts;
        made.phone = phone;
        made.number = by_number ? to.number : "815099999999";
        if (parts > 1)
            made.text = {5, 0, 3, reference, static_cast<char>(parts), static_cast<char>(part + 1)};
        if (!by_number) made.text += to.keyword + " ";
        made.text += fmt::format("~{:08}/{}.", number, part);
        receipts_.push_back(std::move(made));
        plan_receipt(receipts_.size() - 1, luck_.between(0, 3 * second_us));
    }
}

}  // namespace hikyaku::sim
