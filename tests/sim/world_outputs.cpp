// The commands of the engine, passed on to the connections of the simulated world and told to the
// auditor.
#include <fmt/format.h>

#include "gateway/model/tables.hpp"
#include "smpp/pdu/times.hpp"
#include "smpp/text/udh.hpp"
#include "tests/sim/application_link.hpp"
#include "tests/sim/carrier_link.hpp"
#include "tests/sim/world.hpp"

namespace hikyaku::sim {

using gateway::message_id;
using gateway::refusal;
using gateway::reply_ticket;

namespace {

struct found_segment {
    std::size_t number = 0, segment = 0;
    char version = 'a';
    std::string text;
};

/// Which message and segment the octets are, by the mark in the text and the header.
std::optional<found_segment> identify(const smpp::submit_sm& request) {
    found_segment found;
    auto octets = request.short_message;
    if ((request.esm_class & 0x40) != 0) {
        const auto parts = smpp::text::split_udh(octets);
        const auto concatenation =
            parts ? smpp::text::concatenation_of(parts->elements) : std::nullopt;
        if (!concatenation) return std::nullopt;
        found.segment = static_cast<std::size_t>(concatenation->sequence - 1);
        octets = parts->text;
    }
    found.text.assign(octets.begin(), octets.end());
    const auto mark = found.text.find('#');
    if (mark == std::string::npos || mark + mark_octets > found.text.size()) return std::nullopt;
    found.number = std::stoull(found.text.substr(mark + 1, 8));
    found.version = found.text[mark + 9];
    return found;
}

}  // namespace

/// The answer of an account that is paced comes later than the commit.
void world::look_whether_stored(std::size_t number) {
    const auto id = auditor_.message(number).id;
    if (!auditor_.message(number).stored && id != 0 &&
        environment_->read().has(model::table::messages, model::message_key(id))) {
        auditor_.stored(number);
        learn_members(number);
    }
}

// To the carriers.

bool world::send_segment(bind_id bind, std::uint64_t token, const smpp::submit_sm& request,
                         const smpp::tlv_list& tlvs) {
    const auto link = binds_.find(bind);
    auto found = identify(request);
    if (!found || found->number >= auditor_.count()) {
        auditor_.fail("a carrier is sent a segment that nobody wrote");
        return true;
    }
    auto number = found->number;
    const auto members = members_.find(number);  // all of a submit_multi have the same text
    if (members != members_.end()) {
        for (const auto other : members->second)
            if (auditor_.message(other).phone == request.destination_addr) number = other;
    }
    look_whether_stored(found->number);
    const auto& message = auditor_.message(number);
    if (message.phone != request.destination_addr) {
        auditor_.fail(fmt::format("message {} goes to {} instead of {}", number,
                                  request.destination_addr, message.phone));
    }
    const auto text = text_of_message(found->number, message.segments, found->version);
    const auto size = message.segments == 1 ? text.size() : std::size_t{153};
    const auto bit = 1U << static_cast<unsigned>(found->version - 'a');
    if (found->segment >= message.segments ||
        text.substr(found->segment * size, size) != found->text) {
        auditor_.fail(fmt::format("message {} is sent with another text", number));
        return true;
    }
    if ((message.versions & bit) == 0) {
        auditor_.fail(fmt::format("message {} is sent with the text '{}' that does not count",
                                  number, found->version));
    }
    if (message.gate.deliver_by_ms != std::numeric_limits<std::int64_t>::max()) {
        const auto end = smpp::parse_time(request.validity_period,
                                          smpp::sys_time(std::chrono::milliseconds(now().wall_ms)));
        const bool bounded =
            end && *end &&
            **end <= smpp::sys_time(std::chrono::milliseconds(message.gate.deliver_by_ms));
        if (!bounded) {
            auditor_.fail(fmt::format("message {} may be delivered after the gate's time: '{}'",
                                      number, request.validity_period));
        }
    }
    const bool first = !message.handed_out;
    if (link == binds_.end() || !link->second->send(token, request, tlvs, number, found->segment))
        return false;
    const auto carrier = link->second->carrier();
    scheduler_.trace(8, number * 8 + found->segment);
    const auto wrong = rates_[carrier].add(scheduler_.now_us());
    if (!wrong.empty()) auditor_.fail(fmt::format("carrier {}: {}", carrier, wrong));
    if (message.fair) {
        if (first) shares_.waits(message.account, -1);
        const auto unfair = shares_.sent(message.account);
        if (!unfair.empty()) auditor_.fail(unfair);
    }
    return true;
}

void world::acknowledge(bind_id bind, std::uint32_t sequence, smpp::command_id request,
                        smpp::command_status status) {
    const auto link = binds_.find(bind);
    if (link != binds_.end()) link->second->acknowledge(sequence, request, status);
}

// To the applications.

void world::submission_settled(const gateway::settled_submission& what) {
    const auto* number = auditor_.number_of(static_cast<std::uint64_t>(what.id));
    if (number == nullptr) {
        auditor_.fail("a submission was answered with an id nobody was given");
        return;
    }
    scheduler_.trace(9, *number);
    if (what.why == refusal::none) {
        look_whether_stored(*number);
        const auto& message = auditor_.message(*number);
        if (message.fair && !message.handed_out) shares_.waits(message.account, 1);
    } else {
        auditor_.given_back(*number);
    }
    if ((static_cast<std::uint64_t>(what.ticket.session) >> 63) != 0) {
        settle_http(what.ticket, what.id, what.why);
        return;
    }
    const auto link = sessions_.find(what.ticket.session);
    if (link != sessions_.end()) link->second->settle_submission(what);
}

void world::cancellation_settled(reply_ticket ticket, message_id id) {
    settle_http(ticket, id, refusal::none);
}

void world::operation_settled(reply_ticket ticket, smpp::command_status status) {
    const auto link = sessions_.find(ticket.session);
    if (link != sessions_.end()) link->second->settle_operation(ticket.sequence, status);
}

audited_delivery world::delivery_of(std::size_t account, std::uint64_t handed_to,
                                    const gateway::outbox_event& event) {
    audited_delivery made;
    made.account = account;
    made.handed_to = handed_to;
    if (const auto* receipt = std::get_if<gateway::receipt_event>(&event)) {
        made.message = static_cast<std::uint64_t>(receipt->message);
        made.part = receipt->part;
        made.told = receipt->state;
        made.final = receipt->final;
    } else if (const auto* reply = std::get_if<gateway::reply_event>(&event)) {
        made.part = reply->part;
    } else if (const auto* hit = std::get_if<gateway::hit_event>(&event)) {
        made.message = static_cast<std::uint64_t>(hit->message);
    } else {
        made.message =
            static_cast<std::uint64_t>(std::get<gateway::link_seen_event>(event).message);
    }
    return made;
}

/// The end of a message whose validity is over, told as if that had been its end.
std::optional<gateway::outbox_event> world::told_otherwise(const gateway::outbox_event& event) {
    const auto* receipt = std::get_if<gateway::receipt_event>(&event);
    if (options_.mistake != planted::told_otherwise || planted_done_ || receipt == nullptr ||
        receipt->state != State::delivered)
        return std::nullopt;
    const auto* number = auditor_.number_of(static_cast<std::uint64_t>(receipt->message));
    if (number == nullptr || auditor_.message(*number).expires_ms > now().wall_ms)
        return std::nullopt;
    planted_done_ = true;
    auto other = *receipt;
    other.state = State::expired;
    return other;
}

bool world::deliver(session_id session, std::uint64_t outbox_sequence,
                    const gateway::outbox_event& as_told) {
    const auto mistaken = told_otherwise(as_told);
    const auto& event = mistaken ? *mistaken : as_told;
    const auto at = sessions_.find(session);
    if (at == sessions_.end()) return false;
    auto link = at->second;
    const auto account = link->account();
    if (options_.mistake == planted::receipt_to_stranger && !planted_done_) {
        for (const auto& [id, other] : sessions_) {
            if (other->account() != account &&
                other->kind() != smpp::command_id::bind_transmitter) {
                link = other;
                planted_done_ = true;
                break;
            }
        }
    }
    if (!link->deliver(outbox_sequence, event)) return false;
    auditor_.delivery_handed(outbox_sequence, delivery_of(account, link->handle(), event));
    return true;
}

}  // namespace hikyaku::sim
