#include "tests/sim/carrier_link.hpp"

#include <fmt/format.h>

#include <iterator>

#include "gateway/engine/directory/carriers.hpp"
#include "smpp/pdu/encode.hpp"

namespace hikyaku::sim {

using smpp::command_id;
using smpp::command_status;
using smpp::session_event_kind;

namespace {

smpp::session_settings settings_of(const config::carrier& from) {
    smpp::session_settings settings;
    settings.role = smpp::session_role::client;
    settings.interface_version = from.version;
    settings.window_max = from.window;
    settings.peer_window_max = 1000;
    settings.session_init_timeout = from.bind_timeout;
    settings.enquire_link_interval = from.enquire_link_interval;
    settings.inactivity_timeout = from.inactivity_timeout;
    settings.response_timeout = from.response_timeout;
    return settings;
}

wire_habits habits_of(world& around, const world_habits& from) {
    wire_habits habits;
    habits.delay_us_max = around.luck().between(500, 30'000);
    habits.slow = from.slow;
    habits.split = around.luck().chance(0.1) ? 0.5 : from.split;
    habits.socket_bytes = around.luck().chance(0.2) ? 600 : 65536;
    return habits;
}

}  // namespace

carrier_link::carrier_link(world& around, std::size_t carrier, command_id kind,
                           std::uint32_t failures)
    : wire(around, settings_of(around.engine_settings_.carriers[carrier]),
           habits_of(around, around.scenario_.habits)),
      world_(around),
      carrier_(carrier),
      kind_(kind),
      failures_(failures) {}

// Our side.

void carrier_link::connect() {
    opened_us_ = world_.scheduler_.now_us();
    smpp::bind_request request;
    request.system_id = "gateway";
    request.password = "secret";
    request.interface_version = world_.scenario_.settings.carriers[carrier_].version;
    if (ours().bind(kind_, request, world_.steady()).has_error())
        world_.auditor_.fail("a bind cannot be sent");
    kick();
}

void carrier_link::leave() {
    if (ours_alive()) {
        ours().unbind(world_.steady());
        kick();
    }
}

void carrier_link::on_event(const smpp::session_event& event) {
    switch (event.kind) {
        case session_event_kind::bound:
            on_bound();
            break;
        case session_event_kind::bind_refused:
            ours().close(world_.steady());
            break;
        case session_event_kind::response:
        case session_event_kind::late_response:
            on_response(event);
            break;
        case session_event_kind::request_failed: {
            const auto why = event.failure == smpp::request_failure::response_timeout
                                 ? gateway::attempt_failure::timed_out
                             : event.failure == smpp::request_failure::closed_waiting
                                 ? gateway::attempt_failure::not_sent
                                 : gateway::attempt_failure::outcome_unknown;
            --in_flight_;
            world_.auditor_.attempt_failed(attempt_of_token_.at(event.token),
                                           why != gateway::attempt_failure::not_sent);
            if (!world_.planted_done_ && world_.options_.mistake == planted::end_untold) {
                world_.planted_done_ = true;
                break;
            }
            if (up_) world_.engine_->on_attempt_failed(id_, event.token, why, world_.now());
            break;
        }
        case session_event_kind::request:
            on_request(event);
            break;
        default:
            break;
    }
}

void carrier_link::on_bound() {
    id_ = bind_id{world_.next_handle_++};
    up_ = true;
    world_.binds_[id_] = std::static_pointer_cast<carrier_link>(shared_from_this());
    gateway::bind_facts facts;
    facts.carrier = carrier_of(carrier_);
    facts.window = world_.engine_settings_.carriers[carrier_].window;
    facts.can_transmit = kind_ != command_id::bind_receiver;
    facts.can_receive = kind_ != command_id::bind_transmitter;
    facts.version = ours().interface_version();
    world_.engine_->on_bind_up(id_, facts, world_.now());
}

void carrier_link::on_response(const smpp::session_event& event) {
    if (!up_) return;
    auto status = event.status();
    std::string_view message;
    if (const auto* response = event.body_if<smpp::submit_sm_resp>()) {
        if (event.body_valid) message = response->message_id;
    } else if (status == command_status::esme_rok) {
        status = command_status::esme_runknownerr;
    }
    if (event.kind == session_event_kind::response) --in_flight_;
    const auto attempt = attempt_of_token_.at(event.token);
    const bool ok = status == command_status::esme_rok;
    world_.scheduler_.trace(3, attempt);
    std::optional<std::uint32_t> attempts_max;
    if (!ok && event.kind == session_event_kind::response) {
        const auto rule = gateway::rule_for(
            gateway::make_retry_table(world_.scenario_.settings.carriers[carrier_]), status);
        if (rule.then != gateway::refusal_action::throttle)
            attempts_max = rule.then == gateway::refusal_action::fail ? 0 : rule.attempts_max;
    }
    world_.auditor_.attempt_answered(attempt, ok, attempts_max);
    const bool plant = !world_.planted_done_ && world_.scheduler_.now_us() > 5 * second_us &&
                       event.kind == session_event_kind::response;
    if (plant && !ok && world_.options_.mistake == planted::response_invented) {
        world_.planted_done_ = true;
        world_.engine_->on_response(id_, event.token, command_status::esme_rok, "", world_.now());
        return;
    }
    if (plant && ok && world_.options_.mistake == planted::response_lost) {
        world_.planted_done_ = true;
        world_.engine_->on_attempt_failed(id_, event.token,
                                          gateway::attempt_failure::outcome_unknown, world_.now());
        return;
    }
    if (plant && attempts_max == 0U && world_.options_.mistake == planted::refusal_softened) {
        world_.planted_done_ = true;
        status = command_status::esme_rsyserr;
    }
    world_.engine_->on_response(id_, event.token, status, message, world_.now());
}

void carrier_link::on_request(const smpp::session_event& event) {
    const auto sequence = event.value.header.sequence_number;
    const auto* deliver = event.body_if<smpp::deliver_sm>();
    if (!up_ || deliver == nullptr) {
        ours().respond(event.request(), command_status::esme_rinvcmdid, world_.steady());
        return;
    }
    world_.scheduler_.trace(4, sequence);
    auto seen = *deliver;
    if (world_.options_.mistake == planted::addresses_ignored && seen.esm_class == 0x04)
        seen.source_addr = seen.destination_addr = {};
    world_.engine_->on_deliver_sm(id_, sequence, seen, event.value.tlvs, world_.now());
    if (world_.options_.mistake == planted::acknowledged_too_soon)
        ours().respond(event.request(), command_status::esme_rok, world_.steady());
}

bool carrier_link::send(std::uint64_t token, const smpp::submit_sm& request,
                        const smpp::tlv_list& tlvs, std::size_t number, std::size_t segment) {
    if (!up_ || !ours_alive()) return false;
    const auto sent = ours().submit(smpp::make_pdu(0, request, tlvs), token, world_.steady());
    if (sent.has_error()) {
        const auto fault = sent.error();
        if (fault != smpp::submit_error::not_bound && fault != smpp::submit_error::window_full &&
            fault != smpp::submit_error::closing)
            world_.auditor_.fail("a segment does not fit into submit_sm");
        return false;
    }
    const auto attempt = world_.auditor_.attempt_made(number, segment, carrier_);
    attempt_of_sequence_[*sent] = attempt;
    attempt_of_token_[token] = attempt;
    ++in_flight_;
    const auto window = world_.scenario_.settings.carriers[carrier_].window;
    if (in_flight_ > window) {
        world_.auditor_.fail(
            fmt::format("a bind of carrier {} has {} requests in flight, its "
                        "window is {}",
                        carrier_, in_flight_, window));
    }
    if (!world_.planted_done_ && world_.options_.mistake == planted::segment_doubled &&
        world_.scheduler_.now_us() > 5 * second_us) {
        const auto again = ours().submit(smpp::make_pdu(0, request, tlvs), token, world_.steady());
        if (!again.has_error()) {
            world_.planted_done_ = true;
            attempt_of_sequence_[*again] = attempt;
            ++in_flight_;
        }
    }
    kick();
    return true;
}

void carrier_link::acknowledge(std::uint32_t sequence, command_id request, command_status status) {
    if (ours_alive() && world_.options_.mistake != planted::acknowledged_too_soon) {
        ours().respond({sequence, request}, status, world_.steady());
        kick();
    }
}

void carrier_link::on_closed(smpp::close_reason) {
    const auto self = std::static_pointer_cast<carrier_link>(shared_from_this());
    if (std::exchange(up_, false)) {
        world_.binds_.erase(id_);
        world_.engine_->on_bind_down(id_, world_.now());
    }
    world_.link_ended(*this, failures_, world_.scheduler_.now_us() - opened_us_ > 10 * second_us);
}

// The carrier's side.

void carrier_link::write_pdu(const smpp::pdu& whole) {
    std::vector<std::uint8_t> octets;
    if (smpp::encode(octets, whole).has_error()) {
        world_.auditor_.fail("a carrier cannot encode a PDU");
        return;
    }
    leave_octets(whole.header, octets);
    peer_write(octets);
}

// Every third carrier pads its PDUs with NULs or other octets, or ends them with a torn TLV. No
// luck is drawn for it, so that the other carriers' fates stay what they are.
void carrier_link::leave_octets(const smpp::pdu_header& header, std::vector<std::uint8_t>& octets) {
    if (carrier_ % 3 != 2 || octets.size() == smpp::header_octets) return;
    static const std::vector<std::uint8_t> tails[] = {
        {}, {0}, {0, 0}, {0x04, 0x27, 0x00, 0x09, 2}, std::vector<std::uint8_t>(70, 0xFF)};
    const auto& tail = tails[header.sequence_number % std::size(tails)];
    if (tail.empty()) return;
    octets.insert(octets.end(), tail.begin(), tail.end());
    for (std::size_t i = 0; i < 4; ++i)
        octets[i] = static_cast<std::uint8_t>(octets.size() >> (24 - 8 * i));
    ++world_.tally_[fault::trailing];
}

void carrier_link::respond(std::uint32_t sequence, command_status status, const std::string& id) {
    write_pdu(smpp::make_pdu(sequence, smpp::submit_sm_resp{id}, {}, status));
}

void carrier_link::nack(std::uint32_t sequence) {
    write_pdu(smpp::make_pdu(sequence, smpp::generic_nack{}, {}, command_status::esme_rsyserr));
}

void carrier_link::write_garbage() {
    std::vector<std::uint8_t> octets(16 + world_.luck_.below(64));
    for (auto& octet : octets)
        octet = static_cast<std::uint8_t>(world_.luck_() >> 11);
    octets[0] = static_cast<std::uint8_t>(octets[0] | 0x80);  // no length that could be meant
    peer_write(octets);
}

void carrier_link::unbind() {
    write_pdu(smpp::make_pdu(next_sequence_++, smpp::unbind{}));
    bound_ = false;
}

std::uint32_t carrier_link::deliver(std::size_t receipt, const smpp::deliver_sm& body,
                                    const smpp::tlv_list& tlvs) {
    const auto sequence = next_sequence_++;
    unanswered_[sequence] = receipt;
    write_pdu(smpp::make_pdu(sequence, body, tlvs));
    return sequence;
}

void carrier_link::on_peer_octets(std::span<const std::uint8_t> octets) {
    input_.insert(input_.end(), octets.begin(), octets.end());
    std::size_t head = 0;
    while (peer_alive()) {
        const auto got = smpp::decode(std::span(input_).subspan(head));
        if (got.outcome == smpp::decode_outcome::incomplete) break;
        if (!got.ok()) {
            world_.auditor_.fail("a carrier got what is no PDU");
            break;
        }
        head += got.consumed;
        on_peer_pdu(got.value);
    }
    input_.erase(input_.begin(), input_.begin() + static_cast<std::ptrdiff_t>(head));
}

void carrier_link::answer_bind(const smpp::pdu& got) {
    const auto command = got.header.command_id;
    const bool refuses = world_.strikes(world_.scenario_.habits.bind_refused);
    if (refuses) ++world_.tally_[fault::bind_refused];
    const auto status = refuses ? command_status::esme_rbindfail : command_status::esme_rok;
    std::vector<std::uint8_t> octets, raw;
    smpp::tlv_writer tlvs(raw);
    const auto version = world_.scenario_.settings.carriers[carrier_].version;
    if (version >= 0x34) tlvs.u8(smpp::tag::sc_interface_version, version);
    const auto response =
        static_cast<command_id>(static_cast<std::uint32_t>(command) | 0x80000000U);
    (void)smpp::encode(octets, response, status, got.header.sequence_number,
                       smpp::bind_response{"carrier"}, tlvs.list());
    bound_ = !refuses;
    peer_write(octets);
}

void carrier_link::on_peer_pdu(const smpp::pdu& got) {
    const auto sequence = got.header.sequence_number;
    if (smpp::is_bind(got.header.command_id)) {
        answer_bind(got);
    } else if (const auto* body = std::get_if<smpp::submit_sm>(&got.body)) {
        on_segment(got, *body);
    } else if (std::holds_alternative<smpp::enquire_link>(got.body)) {
        write_pdu(smpp::make_pdu(sequence, smpp::enquire_link_resp{}));
    } else if (std::holds_alternative<smpp::unbind>(got.body)) {
        write_pdu(smpp::make_pdu(sequence, smpp::unbind_resp{}));
        bound_ = false;
        peer_close();
    } else if (std::holds_alternative<smpp::unbind_resp>(got.body)) {
        peer_close();
    } else if (std::holds_alternative<smpp::deliver_sm_resp>(got.body) ||
               got.header.command_id == command_id::deliver_sm_resp) {
        const auto at = unanswered_.find(sequence);
        if (at == unanswered_.end()) {
            world_.auditor_.fail("a deliver_sm was answered twice");
            return;
        }
        auto& receipt = world_.receipts_[at->second];
        if (got.header.command_status == command_status::esme_rok) {
            if (!std::exchange(receipt.acknowledged, true))
                receipt.acknowledged_us = world_.scheduler_.now_us();
            if (receipt.reply)
                world_.auditor_.reply(*receipt.reply).parts[receipt.part].acknowledged = true;
        } else {
            world_.plan_receipt(at->second, second_us);
        }
        unanswered_.erase(at);
    }
}

void carrier_link::on_segment(const smpp::pdu& got, const smpp::submit_sm&) {
    const auto sequence = got.header.sequence_number;
    const auto attempt = attempt_of_sequence_.find(sequence);
    if (attempt == attempt_of_sequence_.end()) {
        world_.auditor_.fail("a carrier got a segment that the engine has not handed out");
        return;
    }
    world_.auditor_.attempt_reached(attempt->second);
    world_.segment_reached(*this, sequence, attempt->second);
}

void carrier_link::on_peer_closed() {
    bound_ = false;
    for (const auto& [sequence, receipt] : std::exchange(unanswered_, {}))
        world_.plan_receipt(receipt, world_.luck_.between(1, 5) * second_us);
}

}  // namespace hikyaku::sim
