// Our side of an application's connection.
#include "tests/sim/application_link.hpp"

#include <fmt/format.h>

#include "gateway/engine/errors.hpp"
#include "gateway/engine/submission/message_id_text.hpp"
#include "gateway/io/smpp_submission.hpp"

namespace hikyaku::sim {

using gateway::message_id;
using gateway::refusal;
using smpp::command_id;
using smpp::command_status;
using smpp::session_event_kind;

namespace {

smpp::session_settings settings_of(const config::smpp_server& from) {
    smpp::session_settings settings;
    settings.role = smpp::session_role::server;
    settings.system_id = from.system_id;
    settings.interface_version = from.version_max;
    settings.session_init_timeout = from.session_init_timeout;
    settings.enquire_link_interval = from.enquire_link_interval;
    settings.inactivity_timeout = from.inactivity_timeout;
    settings.response_timeout = from.response_timeout;
    return settings;
}

wire_habits habits_of(dice& luck, const world_habits& from) {
    wire_habits habits;
    habits.delay_us_max = luck.between(500, 30'000);
    habits.slow = from.slow;
    habits.split = luck.chance(0.1) ? 0.5 : from.split;
    habits.socket_bytes = luck.chance(0.2) ? 600 : 65536;
    return habits;
}

}  // namespace

application_link::application_link(world& around, std::size_t account, command_id kind)
    : wire(around, settings_of(around.scenario_.settings.smpp),
           habits_of(around.luck(), around.scenario_.habits)),
      world_(around),
      account_(account),
      kind_(kind) {}

void application_link::on_event(const smpp::session_event& event) {
    switch (event.kind) {
        case session_event_kind::bind_requested:
            on_bind(event);
            break;
        case session_event_kind::request:
            on_request(event);
            break;
        case session_event_kind::response:
            on_answer(event.token, event.status(), false);
            break;
        case session_event_kind::late_response:
            if (event.status() == command_status::esme_rok)
                on_answer(event.token, event.status(), false);
            break;
        case session_event_kind::request_failed:
            if (event.failure == smpp::request_failure::response_timeout)
                on_answer(event.token, command_status::esme_rsyserr, true);
            else
                world_.auditor_.delivery_ended(event.token, handle(), false);
            break;
        default:
            break;
    }
}

void application_link::on_bind(const smpp::session_event& event) {
    const auto& request = std::get<smpp::bind_request>(event.value.body);
    const auto account = world_.engine_->account_by_system_id(request.system_id);
    if (!account || world_.draining_) {
        ours().refuse_bind(command_status::esme_rsyserr, world_.steady());
        return;
    }
    const auto& settings = world_.engine_->settings_of(*account);
    ours().set_windows(settings.receipt_window, settings.window);
    ours().accept_bind(world_.steady());
    id_ = session_id{world_.next_handle_++};
    up_ = true;
    world_.sessions_[id_] = std::static_pointer_cast<application_link>(shared_from_this());
    gateway::session_facts facts;
    facts.account = *account;
    facts.can_transmit = kind_ != command_id::bind_receiver;
    facts.can_receive = kind_ != command_id::bind_transmitter;
    facts.receipt_window = settings.receipt_window;
    facts.version = ours().interface_version();
    world_.engine_->on_session_up(id_, facts, world_.now());
}

void application_link::on_closed(smpp::close_reason) {
    const auto self = shared_from_this();
    if (std::exchange(up_, false)) {
        world_.sessions_.erase(id_);
        world_.engine_->on_session_down(id_, world_.now());
    }
    std::erase_if(world_.application_links_, [&](const auto& one) { return one == self; });
}

// Requests.

void application_link::respond(const smpp::peer_request& request, command_status status) {
    ours().respond(request, status, world_.steady());
    kick();
}

void application_link::on_request(const smpp::session_event& event) {
    if (!up_)
        respond(event.request(), command_status::esme_rinvbndsts);
    else if (const auto* submit = event.body_if<smpp::submit_sm>())
        on_submit(*submit, event);
    else if (const auto* multi = event.body_if<smpp::submit_multi>())
        on_multi(*multi, event);
    else if (const auto* wanted = event.body_if<smpp::query_sm>())
        on_query(*wanted, event);
    else if (const auto* unwanted = event.body_if<smpp::cancel_sm>())
        on_cancel(*unwanted, event);
    else if (const auto* changed = event.body_if<smpp::replace_sm>())
        on_replace(*changed, event);
    else
        respond(event.request(), command_status::esme_rinvcmdid);
}

void application_link::on_submit(const smpp::submit_sm& body, const smpp::session_event& event) {
    const auto wall_ms = world_.now().wall_ms;
    auto mapped = gateway::io::submission_of(body, event.value.tlvs, wall_ms);
    if (mapped.has_error()) {
        world_.auditor_.fail("a good submit_sm cannot be read");
        return;
    }
    mapped->short_id = !ours().tlvs_allowed();
    if (world_.options_.mistake == planted::policy_ignored) mapped->at_most_once = false;
    const auto sequence = event.value.header.sequence_number;
    const auto number = asked_.at(sequence).number;
    auto& message = world_.auditor_.message(number);
    const auto& settings = world_.scenario_.settings.accounts[account_];
    const std::chrono::milliseconds validity = settings.validity_default;
    const auto starts = std::max(wall_ms, mapped->send_at_ms.value_or(wall_ms));
    message.expires_ms = mapped->expires_ms.value_or(starts + validity.count());
    const auto account = account_of(account_);
    const auto result =
        world_.engine_->submit(account, std::move(*mapped), {id_, sequence}, world_.now());
    if (result.why != refusal::none) {
        world_.note_refused(account_, result.why, static_cast<std::uint32_t>(message.segments), 1);
        respond(event.request(), gateway::status_of(result.why));
        return;
    }
    operations_[sequence] = command_id::submit_sm;
    world_.note_taken(number, result);
    if (world_.options_.mistake == planted::answered_too_soon)
        settle_submission({{id_, sequence}, result.id});
}

void application_link::on_multi(const smpp::submit_multi& body, const smpp::session_event& event) {
    const auto wall_ms = world_.now().wall_ms;
    auto mapped = gateway::io::submission_of(body, event.value.tlvs, wall_ms);
    if (mapped.has_error()) {
        world_.auditor_.fail("a good submit_multi cannot be read");
        return;
    }
    mapped->short_id = !ours().tlvs_allowed();
    if (world_.options_.mistake == planted::policy_ignored) mapped->at_most_once = false;
    const auto sequence = event.value.header.sequence_number;
    const auto first = asked_.at(sequence).number;
    std::vector<gateway::phone_address> to;
    for (const auto& one : body.dest_addresses)
        to.push_back({one.dest_addr_ton, one.dest_addr_npi, std::string(one.destination_addr)});
    const std::chrono::milliseconds validity =
        world_.scenario_.settings.accounts[account_].validity_default;
    const auto expires = mapped->expires_ms.value_or(wall_ms + validity.count());
    world_.auditor_.message(first).expires_ms = expires;
    for (const auto other : world_.members_.at(first))
        world_.auditor_.message(other).expires_ms = expires;
    const auto account = account_of(account_);
    const auto result = world_.engine_->submit_multi(account, std::move(*mapped), to,
                                                     {id_, sequence}, world_.now());
    if (result.why != refusal::none) {
        const auto count = static_cast<std::uint32_t>(to.size());
        world_.note_refused(account_, result.why, count, count);
        respond(event.request(), gateway::status_of(result.why));
        return;
    }
    if (!result.refused.empty()) {
        world_.auditor_.fail(fmt::format("a good destination was refused ({})",
                                         static_cast<int>(result.refused.front().why)));
    }
    operations_[sequence] = command_id::submit_multi;
    gateway::submit_result taken;
    taken.id = result.id;
    taken.segments = 1;
    world_.note_taken(first, taken);
    for (std::size_t i = 0; i < world_.members_.at(first).size(); ++i)
        world_.note_quota(account_, 1);
}

void application_link::on_query(const smpp::query_sm& body, const smpp::session_event& event) {
    gateway::operation_target what;
    what.source = {body.source_addr_ton, body.source_addr_npi, std::string(body.source_addr)};
    const auto id = parse_id(body.message_id);
    if (id) what.id = *id;
    const auto account = account_of(account_);
    const auto found = id ? world_.engine_->query(account, what, world_.now()) : std::nullopt;
    if (!found) {
        respond(event.request(), command_status::esme_rqueryfail);
        return;
    }
    const auto answer = gateway::io::answer_query(*found, ours().interface_version());
    smpp::query_sm_resp response;
    response.message_id = body.message_id;
    if (answer.final) response.final_date = answer.final_date.view();
    response.message_state = static_cast<std::uint8_t>(answer.state);
    response.error_code = answer.error_code;
    if (answer.final && !world_.members_.contains(asked_.at(event.request().sequence).number))
        world_.auditor_.check_state(asked_.at(event.request().sequence).number, found->state);
    ours().respond(event.request(), smpp::pdu_body{response}, {}, world_.steady());
    kick();
}

void application_link::on_cancel(const smpp::cancel_sm& body, const smpp::session_event& event) {
    gateway::operation_target what;
    what.source = {body.source_addr_ton, body.source_addr_npi, std::string(body.source_addr)};
    what.destination = {body.dest_addr_ton, body.dest_addr_npi, std::string(body.destination_addr)};
    const auto id = parse_id(body.message_id);
    if (!id) {
        respond(event.request(), command_status::esme_rcancelfail);
        return;
    }
    what.id = *id;
    const auto request = event.request();
    const auto account = account_of(account_);
    const auto status =
        world_.engine_->cancel_matching(account, what, {id_, request.sequence}, world_.now());
    if (status != command_status::esme_rok) {
        respond(request, status);
        return;
    }
    operations_[request.sequence] = command_id::cancel_sm;
}

void application_link::on_replace(const smpp::replace_sm& body, const smpp::session_event& event) {
    auto mapped = gateway::io::replacement_of(body, event.value.tlvs, world_.now().wall_ms);
    const auto id = parse_id(body.message_id);
    if (mapped.has_error() || !id) {
        world_.auditor_.fail("a good replace_sm cannot be read");
        return;
    }
    gateway::operation_target what;
    what.id = *id;
    what.source = {body.source_addr_ton, body.source_addr_npi, std::string(body.source_addr)};
    const auto request = event.request();
    const auto account = account_of(account_);
    const auto status = world_.engine_->replace(account, what, std::move(*mapped),
                                                {id_, request.sequence}, world_.now());
    if (status != command_status::esme_rok) {
        auto& message = world_.auditor_.message(asked_.at(request.sequence).number);
        message.versions = 1;  // the first text stays
        respond(request, status);
        return;
    }
    operations_[request.sequence] = command_id::replace_sm;
}

// Answers.

void application_link::settle_submission(const gateway::settled_submission& what) {
    const auto sequence = what.ticket.sequence;
    const auto at = operations_.find(sequence);
    if (at == operations_.end()) {
        if (world_.options_.mistake != planted::answered_too_soon)
            world_.auditor_.fail("a submission was answered twice");
        return;
    }
    const smpp::peer_request request{sequence, at->second};
    operations_.erase(at);
    if (what.why != refusal::none) {
        respond(request, gateway::status_of(what.why));
        return;
    }
    const auto text = id_of(what);
    if (request.command == command_id::submit_sm) {
        ours().respond(request, smpp::pdu_body{smpp::submit_sm_resp{text}}, {}, world_.steady());
    } else {
        ours().respond(request, smpp::pdu_body{smpp::submit_multi_resp{text, {}}}, {},
                       world_.steady());
    }
    kick();
}

void application_link::settle_operation(std::uint32_t sequence, command_status status) {
    const auto at = operations_.find(sequence);
    if (at == operations_.end()) {
        world_.auditor_.fail("an operation was answered twice");
        return;
    }
    const smpp::peer_request request{sequence, at->second};
    operations_.erase(at);
    if (status == command_status::esme_rok) {
        auto& message = world_.auditor_.message(asked_.at(sequence).number);
        if (request.command == command_id::cancel_sm)
            message.cancelled = true;
        else
            message.versions = 2;  // the first text must not be sent any more
    }
    respond(request, status);
}

std::optional<message_id> application_link::parse_id(std::string_view text) const {
    if (text.size() > 8) {
        return gateway::parse_message_id(text,
                                         world_.scenario_.settings.accounts[account_].id_form);
    }
    const auto alias = gateway::parse_alias(text);
    return alias ? world_.engine_->find_alias(*alias) : std::nullopt;
}

std::string application_link::id_of(const gateway::settled_submission& what) const {
    auto& session = const_cast<application_link*>(this)->ours();
    const auto alias = session.tlvs_allowed() ? 0 : what.alias;
    const auto form = world_.scenario_.settings.accounts[account_].id_form;
    return std::string(alias != 0 ? gateway::format_alias(alias).view()
                                  : gateway::format_message_id(what.id, form).view());
}

// Receipts and replies.

bool application_link::deliver(std::uint64_t sequence, const gateway::outbox_event& event) {
    if (!up_ || !ours_alive()) return false;
    const auto form = gateway::io::event_form_of(world_.scenario_.settings.accounts[account_],
                                                 ours().interface_version());
    const auto sent =
        ours().submit(gateway::io::event_pdu_of(event, form, scratch_), sequence, world_.steady());
    if (sent.has_error()) {
        const auto fault = sent.error();
        if (fault != smpp::submit_error::not_bound && fault != smpp::submit_error::window_full &&
            fault != smpp::submit_error::closing)
            world_.auditor_.fail("an event fits into no PDU");
        return false;
    }
    delivery_of_sequence_[*sent] = sequence;
    kick();
    return true;
}

void application_link::on_answer(std::uint64_t token, command_status status, bool timed_out) {
    world_.scheduler_.trace(5, token);
    world_.auditor_.delivery_ended(token, handle(),
                                   !timed_out && status == command_status::esme_rok);
    if (timed_out) return world_.engine_->on_delivery_timeout(id_, token, world_.now());
    if (world_.options_.mistake == planted::event_buried && status == command_status::esme_rok &&
        !std::exchange(world_.planted_done_, true))
        return world_.engine_->on_delivery_unfit(id_, token, world_.now());
    world_.engine_->on_delivery_answer(id_, token, status, world_.now());
}

}  // namespace hikyaku::sim
