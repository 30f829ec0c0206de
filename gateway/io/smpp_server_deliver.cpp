// Events on their way to one application: the PDU in the form of its account, in parts if the
// client cannot take it whole, and its answers.
#include <boost/asio/post.hpp>
#include <utility>

#include "gateway/io/logging.hpp"
#include "gateway/io/reply_cut.hpp"
#include "gateway/io/smpp_server_session.hpp"

namespace hikyaku::gateway::io {

using smpp::command_status;
using smpp::submit_error;

bool smpp_server_session::deliver(std::uint64_t outbox_sequence, const outbox_event& event,
                                  event_pdu_scratch& scratch) {
    if (!up_) return false;
    const auto form = event_form_of(host_.core().settings_of(*account_),
                                    connection_->session().interface_version());
    const auto sent = connection_->session().submit(event_pdu_of(event, form, scratch),
                                                    outbox_sequence, smpp::io::connection::now());
    if (!sent.has_error()) {
        connection_->kick();
        return true;
    }
    const auto fault = sent.error();
    if (fault == submit_error::not_bound || fault == submit_error::window_full ||
        fault == submit_error::closing)
        return false;
    const bool too_long = fault == submit_error::tlv_forbidden || fault == submit_error::too_large;
    const auto* reply = std::get_if<reply_event>(&event);
    const bool can_be_cut = reply != nullptr && (reply->esm_class & smpp::esm_class::udhi) == 0;
    if (too_long && can_be_cut) return deliver_in_parts(outbox_sequence, *reply);
    return give_up(outbox_sequence, smpp::name_of(fault));
}

bool smpp_server_session::deliver_in_parts(std::uint64_t outbox_sequence,
                                           const reply_event& reply) {
    auto& session = connection_->session();
    const auto parts = cut_reply(reply.octets, reply.data_coding);
    if (parts.empty() || parts.size() > session.settings().window_max)
        return give_up(outbox_sequence, "too many parts for the window");
    if (parts.size() > session.window_free()) return false;  // when there is room for all of them
    event_pdu_scratch scratch;
    auto whole = event_pdu_of(reply, {.tlvs = false}, scratch);
    auto body = std::get<smpp::deliver_sm>(whole.body);
    body.esm_class |= smpp::esm_class::udhi;
    const auto reference = static_cast<std::uint8_t>(outbox_sequence);  // the same when repeated
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const auto octets = reply_part(parts[i], reference, i + 1, parts.size());
        body.short_message = octets;
        const auto sent = session.submit(smpp::make_pdu(0, body, {}), outbox_sequence | part_bit,
                                         smpp::io::connection::now());
        // The first may fail for a field; the others differ in nothing but their octets.
        if (sent.has_error() && i == 0)
            return give_up(outbox_sequence, smpp::name_of(sent.error()));
    }
    cut_[outbox_sequence].unanswered = parts.size();
    connection_->kick();
    return true;
}

// It will never fit into a PDU for this client: kept as a dead letter. Later, because the engine
// must not be called from its own command.
bool smpp_server_session::give_up(std::uint64_t outbox_sequence, std::string_view why) {
    log(log_level::error, "an event fits into no PDU for this client",
        {{"system_id", system_id_}, {"why", why}, {"sequence", outbox_sequence}});
    auto refuse = [&server = server_, id = id_, outbox_sequence]() {
        auto& around = server.host_;
        if (server.find(id) == nullptr) return;
        around.core().on_delivery_unfit(id, outbox_sequence, around.now());
        around.touched();
    };
    boost::asio::post(host_.running().context(), std::move(refuse));
    return true;
}

void smpp_server_session::on_answer(std::uint64_t token, command_status status, bool timed_out,
                                    instant now) {
    const auto outbox_sequence = token & ~part_bit;
    if ((token & part_bit) != 0) {
        const auto found = cut_.find(outbox_sequence);
        if (found == cut_.end()) return;
        auto& cut = found->second;
        if (cut.status == command_status::esme_rok) cut.status = status;
        cut.timed_out = cut.timed_out || timed_out;
        if (--cut.unanswered > 0) return;
        status = cut.status;
        timed_out = cut.timed_out;
        cut_.erase(found);
    }
    if (timed_out)
        host_.core().on_delivery_timeout(id_, outbox_sequence, now);
    else
        host_.core().on_delivery_answer(id_, outbox_sequence, status, now);
    host_.touched();
}

}  // namespace hikyaku::gateway::io
