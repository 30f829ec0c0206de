// What the peers ask: binds and submissions, and the answers, at once or held back.
#include <algorithm>
#include <cassert>
#include <cstring>

#include "bench/carrier/message_id.hpp"
#include "bench/carrier/simulator_peer.hpp"
#include "smpp/pdu/times.hpp"

namespace hikyaku::bench {

using smpp::command_id;
using smpp::command_status;
using smpp::session_event;
using smpp::session_event_kind;

bool carrier_simulator::address::set(std::uint8_t new_ton, std::uint8_t new_npi,
                                     std::string_view text) {
    if (text.size() > chars.size()) return false;
    ton = new_ton;
    npi = new_npi;
    size = static_cast<std::uint8_t>(text.size());
    std::ranges::copy(text, chars.begin());
    return true;
}

void carrier_simulator::on_events(peer& from, std::span<const session_event> events) {
    const session_time now = smpp::io::connection::now();
    for (const session_event& event : events) {
        switch (event.kind) {
            case session_event_kind::bind_requested:
                on_bind(from, event, now);
                break;
            case session_event_kind::request:
                if (!from.cut) on_request(from, event, now);
                break;
            case session_event_kind::response:
                on_response(event.token, event.status(), now);
                break;
            case session_event_kind::request_failed:
                on_failed(event.token, now);
                break;
            default:
                break;
        }
    }
    if (from.account) dirty_.push_back(*from.account);
    pump(now);
}

void carrier_simulator::on_bind(peer& from, const session_event& event, session_time now) {
    smpp::session& session = from.link->session();
    const auto& request = std::get<smpp::bind_request>(event.value.body);
    const auto known = std::ranges::find(accounts_, request.system_id, &account::system_id);
    command_status status = command_status::esme_rok;
    if (stopping_)
        status = command_status::esme_rsyserr;
    else if (!options_.system_id.empty() && request.system_id != options_.system_id)
        status = command_status::esme_rinvsysid;
    else if (!options_.password.empty() && request.password != options_.password)
        status = command_status::esme_rinvpaswd;
    else if (known == accounts_.end() && accounts_.size() == accounts_max)
        status = command_status::esme_rbindfail;
    if (status != command_status::esme_rok) {
        ++stats_.binds_refused;
        session.refuse_bind(status, now);
        return;
    }
    ++stats_.binds;
    from.account = static_cast<std::uint32_t>(known - accounts_.begin());
    if (known == accounts_.end()) accounts_.emplace_back().system_id = request.system_id;
    last_account_ = *from.account;
    session.accept_bind(now);
    if (session.state() != smpp::session_state::bound_tx)
        accounts_[*from.account].receivers.push_back(&from);
}

template <class Body>
carrier_simulator::submission carrier_simulator::submission_of(const Body& body,
                                                               const smpp::tlv_list& tlvs) const {
    submission result;
    result.addresses_fit =
        result.from.set(body.source_addr_ton, body.source_addr_npi, body.source_addr) &&
        result.to.set(body.dest_addr_ton, body.dest_addr_npi, body.destination_addr);
    result.esm_class = body.esm_class;
    result.registered_delivery = body.registered_delivery;
    result.data_coding = body.data_coding;
    result.octets = smpp::message_octets(body, tlvs).value_or(smpp::octet_view{});
    if (options_.phone_off <= 0) return result;
    const smpp::sys_time now{std::chrono::milliseconds(wall_ms())};
    if constexpr (std::is_same_v<Body, smpp::submit_sm>) {
        if (const auto until = smpp::parse_time(body.validity_period, now); until)
            result.valid_until = *until;
    } else if (const auto seconds = tlvs.u32(smpp::tag::qos_time_to_live)) {
        result.valid_until = now + std::chrono::seconds(*seconds);
    }
    return result;
}

void carrier_simulator::on_request(peer& from, const session_event& event, session_time now) {
    const auto refuse = [&](command_status status) {
        from.link->session().respond(event.request(), status, now);
    };
    switch (event.value.header.command_id) {
        case command_id::submit_sm:
            return on_submission(from, event,
                                 submission_of(*event.body_if<smpp::submit_sm>(), event.value.tlvs),
                                 now);
        case command_id::data_sm:
            return on_submission(
                from, event, submission_of(*event.body_if<smpp::data_sm>(), event.value.tlvs), now);
        case command_id::query_sm:
            return refuse(command_status::esme_rqueryfail);
        case command_id::cancel_sm:
            return refuse(command_status::esme_rcancelfail);
        case command_id::replace_sm:
            return refuse(command_status::esme_rreplacefail);
        case command_id::submit_multi:
            return refuse(command_status::esme_rsubmitfail);
        default:
            return refuse(command_status::esme_rinvcmdid);
    }
}

command_status carrier_simulator::admit(const submission& what, const message_fate& fate,
                                        session_time now) {
    if (options_.throttle_per_second > 0) {
        if (throttle_.in_last_second(now) >= options_.throttle_per_second)
            return command_status::esme_rthrottled;
        throttle_.add(now);
    }
    if (!what.addresses_fit || what.to.size == 0) return command_status::esme_rinvdstadr;
    if (fate.refused) return *fate.refused;
    // A message may leave two receipts.
    if (deliveries_.size() + waiting_.size() + 2 > options_.pending_max)
        return command_status::esme_rmsgqful;
    return command_status::esme_rok;
}

void carrier_simulator::on_submission(peer& from, const session_event& event,
                                      const submission& what, session_time now) {
    const std::uint64_t number = ++stats_.submissions;
    seen_.add(now);
    first_submission_ = std::min(first_submission_, now);
    stats_.last_submission = now;
    ++from.submissions;
    const message_fate fate = fate_of(options_, number);
    held_response response{from.id, event.request(), admit(what, fate, now), number};
    slab<held_response>::handle held = 0;
    if (response.status == command_status::esme_rok) {
        ++stats_.accepted;
        record_.add(what.to.view());
        if (const auto when = on_at(what, number); when > wall_now()) {
            wait_for_phone(from, what, event.value.tlvs, fate, response, when);
        } else {
            show_on_phone(from, what, event.value.tlvs);
            held = add_receipts(from, what, fate, response, now);
        }
    } else {
        ++stats_.refused[response.status];
    }
    const auto delay = value_at(options_.delay_steps, since_first(now), options_.response_delay);
    if (held == 0 && delay.count() > 0) {
        held = held_.add(response);
        after(delay, {task_kind::respond, held}, now);
    }
    if (held == 0) answer(response, now);
    if (options_.disconnect_after > 0 && from.submissions >= options_.disconnect_after) {
        ++stats_.disconnects;
        drop(from);
    }
}

void carrier_simulator::answer(const held_response& with, session_time now) {
    const auto found = peers_.find(with.peer);
    if (found == peers_.end()) return;
    smpp::session& session = found->second->link->session();
    if (!options_.congestion_steps.empty()) {
        session.set_congestion_state(
            value_at(options_.congestion_steps, since_first(now), std::uint8_t{0}));
    }
    if (with.status != command_status::esme_rok || options_.body == response_body::none) {
        session.respond(with.request, with.status, now);
    } else {
        const message_id id(id_base_ + with.number, options_.response_ids);
        const std::string_view shown =
            options_.body == response_body::empty_id ? std::string_view() : id.view();
        const smpp::pdu_body body = with.request.command == command_id::data_sm
                                        ? smpp::pdu_body(smpp::data_sm_resp{shown})
                                        : smpp::pdu_body(smpp::submit_sm_resp{shown});
        session.respond(with.request, body, {}, now);
    }
    found->second->link->kick();
}

void carrier_simulator::release(slab<held_response>::handle which, session_time now) {
    const held_response* const found = held_.find(which);
    if (found == nullptr) return;
    const held_response response = *found;
    held_.remove(which);
    answer(response, now);
}

}  // namespace hikyaku::bench
