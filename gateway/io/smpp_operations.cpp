#include "gateway/io/smpp_operations.hpp"

#include <algorithm>
#include <type_traits>

#include "gateway/engine/errors.hpp"
#include "gateway/io/logging.hpp"
#include "gateway/io/smpp_submission.hpp"

namespace hikyaku::gateway::io {
namespace {

using smpp::command_id;
using smpp::command_status;

constexpr std::size_t destinations_max = 254;  // 3.4, 4.5.1: number_of_dests
constexpr std::size_t alias_characters_max = 8;

phone_address source_of(const auto& body) {
    return {body.source_addr_ton, body.source_addr_npi, std::string(body.source_addr)};
}

}  // namespace

void session_operations::on_request(account_id account, const smpp::session_event& event,
                                    instant now) {
    account_ = account;
    if (const auto* submit = event.body_if<smpp::submit_sm>())
        on_submission(*submit, event, now);
    else if (const auto* data = event.body_if<smpp::data_sm>())
        on_submission(*data, event, now);
    else if (const auto* multi = event.body_if<smpp::submit_multi>())
        on_multi(*multi, event, now);
    else if (const auto* query = event.body_if<smpp::query_sm>())
        on_query(*query, event, now);
    else if (const auto* cancel = event.body_if<smpp::cancel_sm>())
        on_cancel(*cancel, event, now);
    else if (const auto* replace = event.body_if<smpp::replace_sm>())
        on_replace(*replace, event, now);
    else if (event.value.header.command_id != command_id::alert_notification)
        on_broadcast(event);
}

// Submissions.

template <class Body>
void session_operations::on_submission(const Body& body, const smpp::session_event& event,
                                       instant now) {
    auto mapped = submission_of(body, event.value.tlvs, now.wall_ms,
                                host_.core().settings_of(account_).smpp_fields, host_.zones());
    if (mapped.has_error()) return respond(event.request(), mapped.error());
    mapped->short_id = speaks_3_3();
    const auto sequence = event.value.header.sequence_number;
    const auto result =
        host_.core().submit(account_, std::move(*mapped), reply_ticket{id_, sequence}, now);
    host_.touched();
    if (result.why != refusal::none) {
        if (log_enabled(log_level::debug)) {
            log(log_level::debug, "a submission is refused",
                {{"account", host_.core().settings_of(account_).name},
                 {"from", mask(body.source_addr)},
                 {"to", mask(body.destination_addr)},
                 {"why", code_of(result.why)}});
        }
        return respond(event.request(), status_of(result.why));
    }
    if constexpr (std::is_same_v<Body, smpp::data_sm>)
        submissions_.push_back({sequence, command_id::data_sm, {}});
}

void session_operations::on_multi(const smpp::submit_multi& body, const smpp::session_event& event,
                                  instant now) {
    if (body.dest_addresses.empty() || body.dest_addresses.size() > destinations_max)
        return respond(event.request(), command_status::esme_rinvnumdests);
    auto mapped = submission_of(body, event.value.tlvs, now.wall_ms,
                                host_.core().settings_of(account_).smpp_fields, host_.zones());
    if (mapped.has_error()) return respond(event.request(), mapped.error());
    mapped->short_id = speaks_3_3();
    const auto sequence = event.value.header.sequence_number;
    waiting answer{sequence, command_id::submit_multi, {}};
    std::vector<phone_address> destinations;
    for (const auto& one : body.dest_addresses) {
        std::string address(one.destination_addr);
        if (one.dest_flag == smpp::dest_flag_distribution_list)  // none is kept here
            answer.refused.push_back({0, 0, std::move(address), command_status::esme_rinvdlname});
        else
            destinations.push_back({one.dest_addr_ton, one.dest_addr_npi, std::move(address)});
    }
    multi_result result;
    if (!destinations.empty()) {
        result = host_.core().submit_multi(account_, std::move(*mapped), destinations,
                                           reply_ticket{id_, sequence}, now);
        host_.touched();
        if (result.why != refusal::none) return respond(event.request(), status_of(result.why));
    }
    for (const auto& refused : result.refused) {
        auto& at = destinations[refused.index];
        answer.refused.push_back({at.ton, at.npi, std::move(at.digits), status_of(refused.why)});
    }
    if (result.id != message_id{}) {
        submissions_.push_back(std::move(answer));
        return;
    }
    const auto first = answer.refused.front().status;
    const bool alike = std::all_of(answer.refused.begin(), answer.refused.end(),
                                   [&](const auto& one) { return one.status == first; });
    respond(event.request(), alike ? first : command_status::esme_rsubmitfail);
}

void session_operations::settle_submission(const settled_submission& what) {
    const auto sequence = what.ticket.sequence;
    const auto answer = take_waiting(submissions_, sequence, command_id::submit_sm);
    const smpp::peer_request request{sequence, answer.command};
    if (what.why != refusal::none) return respond(request, status_of(what.why));
    const auto text = id_of(what);
    if (answer.command == command_id::submit_sm) {
        respond(request, smpp::pdu_body{smpp::submit_sm_resp{text.view()}});
    } else if (answer.command == command_id::data_sm) {
        respond(request, smpp::pdu_body{smpp::data_sm_resp{text.view()}});
    } else {
        std::vector<std::uint8_t> octets;
        smpp::counted_list_writer<smpp::unsuccess_sme> list(octets);
        for (const auto& one : answer.refused) {
            // At most 254 with what was accepted, and each fitted into the request.
            (void)list.add({one.ton, one.npi, one.address, one.status});
        }
        respond(request, smpp::pdu_body{smpp::submit_multi_resp{text.view(), list.list()}});
    }
}

// Operations on what was submitted.

void session_operations::on_query(const smpp::query_sm& body, const smpp::session_event& event,
                                  instant now) {
    operation_target what;
    what.source = source_of(body);
    const auto id = parse_id(body.message_id);
    if (id) what.id = *id;
    const auto found = id ? host_.core().query(account_, what, now) : std::nullopt;
    if (!found) return respond(event.request(), command_status::esme_rqueryfail);
    const auto answer = answer_query(*found, connection_.session().interface_version());
    smpp::query_sm_resp response;
    response.message_id = body.message_id;
    if (answer.final) response.final_date = answer.final_date.view();
    response.message_state = static_cast<std::uint8_t>(answer.state);
    response.error_code = answer.error_code;
    respond(event.request(), smpp::pdu_body{response});
}

void session_operations::on_cancel(const smpp::cancel_sm& body, const smpp::session_event& event,
                                   instant now) {
    operation_target what;
    what.source = source_of(body);
    what.destination = {body.dest_addr_ton, body.dest_addr_npi, std::string(body.destination_addr)};
    if (!body.message_id.empty()) {
        const auto id = parse_id(body.message_id);
        if (!id) return respond(event.request(), command_status::esme_rcancelfail);
        what.id = *id;
    } else {
        what.service_type = body.service_type;
    }
    const auto request = event.request();
    const auto status =
        host_.core().cancel_matching(account_, what, reply_ticket{id_, request.sequence}, now);
    host_.touched();
    if (status != command_status::esme_rok) return respond(request, status);
    operations_.push_back({request.sequence, command_id::cancel_sm, {}});
}

void session_operations::on_replace(const smpp::replace_sm& body, const smpp::session_event& event,
                                    instant now) {
    auto mapped = replacement_of(body, event.value.tlvs, now.wall_ms);
    if (mapped.has_error()) return respond(event.request(), mapped.error());
    const auto id = parse_id(body.message_id);
    if (!id) return respond(event.request(), command_status::esme_rreplacefail);
    operation_target what;
    what.id = *id;
    what.source = source_of(body);
    const auto request = event.request();
    const auto status = host_.core().replace(account_, what, std::move(*mapped),
                                             reply_ticket{id_, request.sequence}, now);
    host_.touched();
    if (status != command_status::esme_rok) return respond(request, status);
    operations_.push_back({request.sequence, command_id::replace_sm, {}});
}

void session_operations::settle_operation(std::uint32_t sequence, command_status status) {
    const auto answer = take_waiting(operations_, sequence, command_id::cancel_sm);
    respond(smpp::peer_request{sequence, answer.command}, status);
}

/// No carrier behind us broadcasts, so that there is nothing to take, to find or to stop.
void session_operations::on_broadcast(const smpp::session_event& event) {
    auto request = event.request();
    auto status = command_status::esme_rinvcmdid;
    if (connection_.session().interface_version() >= 0x50) {
        if (event.body_if<smpp::broadcast_sm>() != nullptr)
            status = command_status::esme_rbcastfail;
        else if (event.body_if<smpp::query_broadcast_sm>() != nullptr)
            status = command_status::esme_rbcastqueryfail;
        else if (event.body_if<smpp::cancel_broadcast_sm>() != nullptr)
            status = command_status::esme_rbcastcancelfail;
    }
    if (status == command_status::esme_rinvcmdid) request.command = command_id::generic_nack;
    respond(request, status);
}

// Ids and responses.

bool session_operations::speaks_3_3() const {
    return !connection_.session().tlvs_allowed();
}

std::optional<message_id> session_operations::parse_id(std::string_view text) const {
    if (text.size() > alias_characters_max)
        return parse_message_id(text, host_.core().settings_of(account_).id_form);
    const auto alias = parse_alias(text);
    return alias ? host_.core().find_alias(*alias) : std::nullopt;
}

message_id_text session_operations::id_of(const settled_submission& what) const {
    return what.alias != 0 && speaks_3_3()
               ? format_alias(what.alias)
               : format_message_id(what.id, host_.core().settings_of(account_).id_form);
}

session_operations::waiting session_operations::take_waiting(std::vector<waiting>& from,
                                                             std::uint32_t sequence,
                                                             command_id otherwise) const {
    const auto found = std::find_if(from.begin(), from.end(),
                                    [&](const auto& one) { return one.sequence == sequence; });
    if (found == from.end()) return {sequence, otherwise, {}};
    auto taken = std::move(*found);
    from.erase(found);
    return taken;
}

void session_operations::respond(const smpp::peer_request& request, command_status status) {
    connection_.session().respond(request, status, smpp::io::connection::now());
    connection_.kick();
}

void session_operations::respond(const smpp::peer_request& request, const smpp::pdu_body& body) {
    connection_.session().respond(request, body, {}, smpp::io::connection::now());
    connection_.kick();
}

}  // namespace hikyaku::gateway::io
