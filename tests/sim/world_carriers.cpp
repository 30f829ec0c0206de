// The carriers of the simulated world: they accept, throttle, refuse, forget to answer, hang up,
// and send receipts early, late, twice and in another dialect than their responses.
#include <fmt/format.h>

#include <cstring>

#include "smpp/text/udh.hpp"
#include "tests/sim/world.hpp"

namespace hikyaku::sim {

using smpp::command_status;

namespace {

constexpr std::int64_t second_us = 1'000'000;

/// Which message and segment the octets are, by the mark in the text and the header.
std::optional<std::pair<std::size_t, std::size_t>> identify(const smpp::submit_sm& request) {
    auto octets = request.short_message;
    std::size_t segment = 0;
    if ((request.esm_class & 0x40) != 0) {
        const auto parts = smpp::text::split_udh(octets);
        if (!parts) {
            return std::nullopt;
        }
        const auto concatenation = smpp::text::concatenation_of(parts->elements);
        if (!concatenation) {
            return std::nullopt;
        }
        segment = static_cast<std::size_t>(concatenation->sequence - 1);
        octets = parts->text;
    }
    const std::string_view text(reinterpret_cast<const char*>(octets.data()), octets.size());
    const auto mark = text.find('#');
    if (mark == std::string_view::npos || mark + 10 > text.size()) {
        return std::nullopt;
    }
    return std::pair{static_cast<std::size_t>(std::stoull(std::string(text.substr(mark + 1, 8)))),
                     segment};
}

}  // namespace

void world::open_bind(std::size_t carrier) {
    const bind_id id{next_handle_++};
    binds_[id].carrier = carrier;
    engine_->on_bind_up(id,
                        {gateway::carrier_id{static_cast<std::uint32_t>(carrier)},
                         settings_.carriers[carrier].window, true, true},
                        now());
}

void world::close_bind(bind_id id) {
    auto bind = std::move(binds_.at(id));
    binds_.erase(id);
    for (const auto& [token, segment] : bind.in_flight) {
        auditor_.excuse(segment.number, segment.segment);
        engine_->on_attempt_failed(id, token, gateway::attempt_failure::outcome_unknown, now());
    }
    engine_->on_bind_down(id, now());
    for (const auto& [sequence, receipt] : bind.receipts) {
        at(between(1, 5) * second_us, [this, receipt = receipt] { send_receipt(receipt); });
    }
    const auto carrier = bind.carrier;
    at_this_run(between(1, 30) * second_us, [this, carrier] { open_bind(carrier); });
}

std::string world::id_in_response(std::size_t carrier, std::uint64_t number) const {
    return carrier == 0   ? fmt::format("{:X}", number)
           : carrier == 1 ? fmt::format("{:010}", number)
                          : fmt::format("c2-{:08x}", number);
}

std::string world::id_in_receipt(std::size_t carrier, std::uint64_t number) const {
    return carrier == 0   ? fmt::format("{}", number)
           : carrier == 1 ? fmt::format("{:x}", number)
                          : fmt::format("c2-{:08x}", number);
}

bool world::send_segment(bind_id id, std::uint64_t token, const smpp::submit_sm& request,
                         const smpp::tlv_list&) {
    auto& bind = binds_.at(id);
    const auto carrier = bind.carrier;
    const auto& limit = settings_.carriers[carrier].contract_rate;
    auditor_.sent_to_carrier(carrier, now_us_, limit ? limit->count : 0);
    const auto who = identify(request);
    if (!who) {
        auditor_.fail("a carrier got a segment that nobody wrote");
        return true;
    }
    const in_flight_segment segment{who->first, who->second};
    bind.in_flight[token] = segment;
    auditor_.window_used(carrier, static_cast<std::uint32_t>(bind.in_flight.size()),
                         settings_.carriers[carrier].window);
    const std::string destination(request.destination_addr);
    at_this_run(between(500, 100'000), [this, id, token, segment, carrier, destination] {
        if (!binds_.contains(id)) {
            return;  // hung up before it was handled
        }
        if (chance(faults_.carrier_throttles)) {
            respond(id, token, command_status::esme_rthrottled, "");
        } else if (chance(faults_.carrier_busy)) {
            respond(id, token, command_status::esme_rsyserr, "");
        } else if (chance(faults_.carrier_refuses)) {
            auditor_.refused_for_good(segment.number);
            respond(id, token, command_status::esme_rinvdstadr, "");
        } else {
            accept_segment(carrier, id, token, segment, destination);
        }
    });
    return true;
}

void world::accept_segment(std::size_t carrier, bind_id bind, std::uint64_t token,
                           const in_flight_segment& segment, const std::string& destination) {
    auditor_.accepted_by_carrier(segment.number, segment.segment);
    const auto number = next_carrier_id_++;
    receipts_.push_back({carrier, id_in_receipt(carrier, number), destination,
                         !chance(faults_.receipt_fails), false});
    const auto receipt = receipts_.size() - 1;
    const bool silent = chance(faults_.no_response);
    const auto response_delay = chance(faults_.receipt_before_response) ? 50'000 : 0;
    at(between(response_delay == 0 ? 1'000 : 0, response_delay == 0 ? 5 * second_us : 40'000),
       [this, receipt] { send_receipt(receipt); });
    if (silent) {
        auditor_.excuse(segment.number, segment.segment);
        at_this_run(20 * second_us, [this, bind, token, carrier, number] {
            if (!binds_.contains(bind) || binds_.at(bind).in_flight.erase(token) == 0) {
                return;
            }
            engine_->on_attempt_failed(bind, token, gateway::attempt_failure::timed_out, now());
            if (between(0, 1) == 0) {  // and then the response comes after all
                at_this_run(between(1, 60) * second_us, [this, bind, token, carrier, number] {
                    if (binds_.contains(bind)) {
                        engine_->on_response(bind, token, command_status::esme_rok,
                                             id_in_response(carrier, number), now());
                    }
                });
            }
        });
        return;
    }
    const auto id = id_in_response(carrier, number);
    if (response_delay == 0) {
        respond(bind, token, command_status::esme_rok, id);
    } else {
        at_this_run(response_delay, [this, bind, token, id] {
            respond(bind, token, command_status::esme_rok, id);
        });
    }
}

void world::respond(bind_id bind, std::uint64_t token, command_status status,
                    const std::string& id) {
    const auto at = binds_.find(bind);
    if (at == binds_.end() || at->second.in_flight.erase(token) == 0) {
        return;
    }
    engine_->on_response(bind, token, status, id, now());
}

void world::send_receipt(std::size_t index) {
    const auto& receipt = receipts_[index];
    if (receipt.acknowledged) {
        return;
    }
    std::vector<bind_id> open;
    for (const auto& [id, bind] : binds_) {
        if (bind.carrier == receipt.carrier) {
            open.push_back(id);
        }
    }
    if (open.empty()) {
        at(second_us, [this, index] { send_receipt(index); });
        return;
    }
    const auto bind =
        open[static_cast<std::size_t>(between(0, static_cast<std::int64_t>(open.size()) - 1))];
    const auto text = fmt::format(
        "id:{} sub:001 dlvrd:{} submit date:2611220000 done date:2611220001 stat:{} "
        "err:{} text:",
        receipt.id, receipt.delivered ? "001" : "000", receipt.delivered ? "DELIVRD" : "UNDELIV",
        receipt.delivered ? "000" : "012");
    const auto times = chance(faults_.receipt_twice) ? 2 : 1;
    for (int i = 0; i < times; ++i) {
        smpp::deliver_sm pdu;
        pdu.source_addr = receipt.source;
        pdu.destination_addr = "819000000001";
        pdu.esm_class = 0x04;
        pdu.short_message = {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
        const auto sequence = next_sequence_++;
        binds_.at(bind).receipts[sequence] = index;
        engine_->on_deliver_sm(bind, sequence, pdu, {}, now());
    }
}

void world::acknowledge(bind_id bind, std::uint32_t sequence, smpp::command_id,
                        command_status status) {
    const auto at = binds_.find(bind);
    if (at == binds_.end()) {
        return;
    }
    const auto receipt = at->second.receipts.find(sequence);
    if (receipt == at->second.receipts.end()) {
        auditor_.fail("a deliver_sm was answered twice");
        return;
    }
    if (status == command_status::esme_rok) {
        receipts_[receipt->second].acknowledged = true;
    }
    at->second.receipts.erase(receipt);
}

}  // namespace hikyaku::sim
