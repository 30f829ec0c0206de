// The client's side of an application's connection: what it writes and how it takes what it reads.
#include <fmt/format.h>

#include <algorithm>

#include "gateway/io/smpp_submission.hpp"
#include "smpp/pdu/encode.hpp"
#include "smpp/pdu/times.hpp"
#include "smpp/text/octets.hpp"
#include "smpp/text/receipt.hpp"
#include "tests/sim/application_link.hpp"

namespace hikyaku::sim {

using smpp::command_id;
using smpp::command_status;
using smpp::text::octets_of;

namespace {

template <class Body>
void fill(Body& body, const gateway::submission& from) {
    body.source_addr_ton = body.source_addr_npi = 1;
    body.source_addr = sender_number;
    body.priority_flag = from.priority;
    body.registered_delivery = from.registered_delivery;
}

}  // namespace

std::string text_of_message(std::size_t number, std::size_t segments, char version) {
    const std::size_t length = segments == 1 ? 60 : 153 * segments - 10;
    std::string text;
    while (text.size() < length)
        text += fmt::format("#{:08}{}.", number, version);
    text.resize(length);
    return text;
}

void application_link::start() {
    std::vector<std::uint8_t> octets;
    smpp::bind_request request;
    const auto& settings = world_.scenario_.settings.accounts[account_];
    request.system_id = settings.system_id;
    request.password = "secret";
    request.interface_version = world_.scenario_.accounts[account_].version;
    (void)smpp::encode(octets, kind_, command_status::esme_rok, next_sequence_++, request);
    peer_write(octets);
}

void application_link::write_pdu(const smpp::pdu& whole) {
    std::vector<std::uint8_t> octets;
    if (smpp::encode(octets, whole).has_error()) {
        world_.auditor_.fail("an application cannot encode a PDU");
        return;
    }
    peer_write(octets);
}

std::uint32_t application_link::write_request(const smpp::pdu_body& body, asked what,
                                              smpp::tlv_list tlvs) {
    const auto sequence = next_sequence_++;
    asked_[sequence] = what;
    smpp::pdu whole;
    whole.body = body;
    whole.tlvs = tlvs;
    whole.header.sequence_number = sequence;
    whole.header.command_id = std::visit(
        []<class Body>(const Body&) {
            if constexpr (std::is_same_v<Body, std::monostate>)
                return command_id::generic_nack;
            else
                return smpp::pdu_table<Body>::ids.front();
        },
        body);
    write_pdu(whole);
    return sequence;
}

void application_link::submit() {
    gateway::submission message;
    const bool tlvs_known = world_.scenario_.accounts[account_].version > 0x33;
    const auto number = world_.new_message(account_, message, tlvs_known);
    smpp::submit_sm body;
    fill(body, message);
    body.dest_addr_ton = message.destination.ton;
    body.dest_addr_npi = message.destination.npi;
    body.destination_addr = message.destination.digits;
    smpp::time_text schedule, validity;
    const auto wall_ms = world_.now().wall_ms;
    const auto relative = [&](std::int64_t until_ms) {
        return *smpp::format_relative_time(std::chrono::milliseconds(until_ms - wall_ms));
    };
    if (message.send_at_ms) {
        schedule = relative(*message.send_at_ms);
        body.schedule_delivery_time = schedule.view();
    }
    if (message.expires_ms) {
        validity = relative(*message.expires_ms);
        body.validity_period = validity.view();
    }
    std::vector<std::uint8_t> raw;
    smpp::tlv_writer tlvs(raw);
    if (message.at_most_once && tlvs_known) tlvs.u8(gateway::io::tag_at_most_once, 1);
    if (message.octets.size() > 254)
        tlvs.octets(smpp::tag::message_payload, octets_of(message.octets));
    else
        body.short_message = octets_of(message.octets);
    ++submissions_open_;
    (void)write_request(body, {asking::submit, number}, tlvs.list());
}

void application_link::submit_several() {
    gateway::submission message;
    const auto first = world_.new_message(account_, message, false);
    world_.auditor_.message(first).at_most_once =
        world_.scenario_.settings.accounts[account_].at_most_once;
    const auto known = world_.auditor_.message(first);
    std::vector<std::string> phones{known.phone};
    auto& members = world_.members_[first];
    for (auto more = world_.luck_.between(1, 4); more > 0; --more) {
        audited_message other = known;
        other.parts.clear();
        other.phone = fmt::format("{}{:08}", known.phone.substr(0, 4), world_.next_phone_++);
        phones.push_back(other.phone);
        members.push_back(world_.auditor_.new_message(std::move(other)));
    }
    std::vector<std::uint8_t> raw;
    smpp::counted_list_writer<smpp::dest_address> list(raw);
    const auto& settings = world_.scenario_.settings.accounts[account_];
    for (std::size_t i = 0; i < phones.size(); ++i) {
        const auto to = as_written(settings, i, phones[i]);
        (void)list.add({smpp::dest_flag_address, to.ton, to.npi, to.digits});
    }
    smpp::submit_multi body;
    fill(body, message);
    body.dest_addresses = list.list();
    body.short_message = octets_of(message.octets);
    ++submissions_open_;
    (void)write_request(body, {asking::multi, first});
}

void application_link::cancel(std::size_t number) {
    auto& message = world_.auditor_.message(number);
    message.cancel_asked = true;
    smpp::cancel_sm body;
    body.message_id = message.text_id;
    body.source_addr_ton = body.source_addr_npi = 1;
    body.source_addr = sender_number;
    const auto to =
        as_written(world_.scenario_.settings.accounts[account_], number + 1, message.phone);
    body.dest_addr_ton = to.ton;
    body.dest_addr_npi = to.npi;
    body.destination_addr = to.digits;
    (void)write_request(body, {asking::cancel, number});
}

void application_link::replace(std::size_t number) {
    auto& message = world_.auditor_.message(number);
    const auto text = text_of_message(number, 1, 'b');
    message.versions |= 2;
    smpp::replace_sm body;
    body.message_id = message.text_id;
    body.source_addr_ton = body.source_addr_npi = 1;
    body.source_addr = sender_number;
    body.registered_delivery = message.receipt_wanted ? 1 : 0;
    body.short_message = octets_of(text);
    (void)write_request(body, {asking::replace, number});
}

void application_link::query(std::size_t number) {
    smpp::query_sm body;
    body.message_id = world_.auditor_.message(number).text_id;
    body.source_addr_ton = body.source_addr_npi = 1;
    body.source_addr = sender_number;
    (void)write_request(body, {asking::query, number});
}

void application_link::unbind() {
    write_pdu(smpp::make_pdu(next_sequence_++, smpp::unbind{}));
    bound_ = false;
}

void application_link::write_garbage() {
    std::vector<std::uint8_t> octets(16 + world_.luck_.below(64));
    for (auto& octet : octets)
        octet = static_cast<std::uint8_t>(world_.luck_() >> 11);
    octets[0] = static_cast<std::uint8_t>(octets[0] | 0x80);
    peer_write(octets);
}

// What it reads.

void application_link::on_peer_octets(std::span<const std::uint8_t> octets) {
    input_.insert(input_.end(), octets.begin(), octets.end());
    std::size_t head = 0;
    while (peer_alive()) {
        const auto got = smpp::decode(std::span(input_).subspan(head));
        if (got.outcome == smpp::decode_outcome::incomplete) break;
        if (!got.ok()) {
            world_.auditor_.fail("an application got what is no PDU");
            break;
        }
        head += got.consumed;
        on_peer_pdu(got.value);
    }
    input_.erase(input_.begin(), input_.begin() + static_cast<std::ptrdiff_t>(head));
}

void application_link::on_peer_pdu(const smpp::pdu& got) {
    const auto sequence = got.header.sequence_number;
    const auto command = got.header.command_id;
    if (command == command_id::enquire_link) {
        write_pdu(smpp::make_pdu(sequence, smpp::enquire_link_resp{}));
    } else if (command == command_id::unbind) {
        write_pdu(smpp::make_pdu(sequence, smpp::unbind_resp{}));
        bound_ = false;
        peer_close();
    } else if (command == command_id::unbind_resp) {
        peer_close();
    } else if (command == command_id::deliver_sm || command == command_id::data_sm) {
        on_delivery(got);
    } else if (std::holds_alternative<smpp::bind_response>(got.body)) {
        bound_ = got.header.command_status == command_status::esme_rok;
        if (!bound_) peer_close();
    } else {
        on_response(got);
    }
}

void application_link::on_response(const smpp::pdu& got) {
    const auto at = asked_.find(got.header.sequence_number);
    if (at == asked_.end()) return;  // a generic_nack to garbage
    const auto status = got.header.command_status;
    const auto number = at->second.number;
    switch (at->second.what) {
        case asking::submit:
        case asking::multi: {
            submissions_open_ -= submissions_open_ > 0 ? 1 : 0;
            std::string id;
            if (const auto* one = std::get_if<smpp::submit_sm_resp>(&got.body))
                id = one->message_id;
            else if (const auto* many = std::get_if<smpp::submit_multi_resp>(&got.body))
                id = many->message_id;
            if (status == command_status::esme_rok) {
                world_.auditor_.answered(number, id);
                const auto members = world_.members_.find(number);
                if (members != world_.members_.end())
                    for (const auto other : members->second)
                        world_.auditor_.answered(other, id);
            } else if (status != command_status::esme_rthrottled &&
                       status != command_status::esme_rsyserr &&
                       status != command_status::esme_rmsgqful &&
                       status != command_status::esme_rinvexpiry) {  // it came too late
                world_.auditor_.fail(fmt::format("a good submission was refused with {:#x}",
                                                 static_cast<std::uint32_t>(status)));
            }
            break;
        }
        case asking::query:
            if (status != command_status::esme_rok && status != command_status::esme_rthrottled) {
                world_.auditor_.fail(fmt::format("message {} was answered, but query_sm says {:#x}",
                                                 number, static_cast<std::uint32_t>(status)));
            }
            break;
        default:
            break;
    }
}

void application_link::on_delivery(const smpp::pdu& got) {
    const auto sequence = got.header.sequence_number;
    const bool as_data = got.header.command_id == command_id::data_sm;
    std::optional<smpp::octet_view> view;
    if (const auto* deliver = std::get_if<smpp::deliver_sm>(&got.body))
        view = smpp::message_octets(*deliver, got.tlvs);
    else if (const auto* data = std::get_if<smpp::data_sm>(&got.body))
        view = smpp::message_octets(*data, got.tlvs);
    const auto meant = delivery_of_sequence_.find(sequence);
    if (!view || meant == delivery_of_sequence_.end()) {
        world_.auditor_.fail("an application got a message that the engine has not handed over");
        return;
    }
    const bool silent = world_.strikes(world_.scenario_.habits.application_silent);
    const auto window = world_.scenario_.settings.accounts[account_].receipt_window;
    if (!silent && ++unread_ > window) {
        world_.auditor_.fail(
            fmt::format("an application has {} unanswered deliveries, its window "
                        "is {}",
                        unread_, window));
    }
    const std::string octets(reinterpret_cast<const char*>(view->data()), view->size());
    const auto outbox = meant->second;
    const auto entry = *world_.auditor_.delivery(outbox);
    if (entry.message != 0) check_receipt(got, octets, entry);
    world_.note_told(account_, outbox, octets);
    const bool full = !silent && world_.strikes(world_.scenario_.habits.application_full);
    if (silent) ++world_.tally_[fault::application_silent];
    if (full) ++world_.tally_[fault::application_full];
    const auto self = std::static_pointer_cast<application_link>(shared_from_this());
    const std::chrono::microseconds limit = world_.scenario_.settings.smpp.response_timeout;
    // Who is silent may answer after all, too late.
    const auto delay = silent ? limit.count() + world_.luck_.between(second_us, 20 * second_us)
                              : world_.luck_.between(100, 50 * millisecond_us);
    if (silent && world_.luck_.chance(0.5)) return;
    world_.at(delay, [self, sequence, as_data, full, silent] {
        if (!silent) --self->unread_;
        const auto status = full ? command_status::esme_rmsgqful : command_status::esme_rok;
        if (as_data)
            self->write_pdu(smpp::make_pdu(sequence, smpp::data_sm_resp{}, {}, status));
        else
            self->write_pdu(smpp::make_pdu(sequence, smpp::deliver_sm_resp{}, {}, status));
    });
}

/// What the PDU says must be what the engine meant.
void application_link::check_receipt(const smpp::pdu& got, const std::string& octets,
                                     const audited_delivery& meant) {
    const auto receipt = smpp::text::parse_receipt(octets);
    const auto* number = world_.auditor_.number_of(meant.message);
    if (!receipt || !receipt->id || !receipt->stat || number == nullptr) {
        world_.auditor_.fail("a receipt cannot be read");
        return;
    }
    const auto& message = world_.auditor_.message(*number);
    const auto expected = std::string(meant.told == State::delivered       ? "DELIVRD"
                                      : meant.told == State::undeliverable ? "UNDELIV"
                                      : meant.told == State::expired       ? "EXPIRED"
                                      : meant.told == State::rejected      ? "REJECTD"
                                      : meant.told == State::deleted       ? "DELETED"
                                                                           : "UNKNOWN");
    if (*receipt->stat != expected) {
        world_.auditor_.fail(
            fmt::format("a receipt says {} instead of {}", *receipt->stat, expected));
    }
    if (meant.told == State::undeliverable && receipt->err != err_of_failure(*number)) {
        world_.auditor_.fail(fmt::format("a receipt has err {} instead of {}",
                                         receipt->err.value_or("none"), err_of_failure(*number)));
    }
    if (message.answered && message.text_id != *receipt->id) {
        world_.auditor_.fail(
            fmt::format("the receipt of message {} names id {}, it was answered {}", *number,
                        *receipt->id, message.text_id));
    }
    const auto* deliver = std::get_if<smpp::deliver_sm>(&got.body);
    if (deliver != nullptr && deliver->source_addr != message.phone)
        world_.auditor_.fail("a receipt comes from another phone");
}

void application_link::on_peer_closed() {
    bound_ = false;
    world_.at(world_.luck_.between(second_us, 10 * second_us),
              [around = &world_, account = account_, kind = kind_] {
                  around->keep_bound(account, kind);
              });
}

}  // namespace hikyaku::sim
