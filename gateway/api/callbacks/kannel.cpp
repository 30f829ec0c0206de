#include "gateway/api/callbacks/kannel.hpp"

#include <fmt/format.h>

#include <array>
#include <iterator>

#include "gateway/engine/delivery/callback_url.hpp"
#include "smpp/text/receipt.hpp"
#include "smpp/text/ucs2.hpp"
#include "smpp/text/udh.hpp"
#include "smpp/text/utf8.hpp"

namespace hikyaku::gateway::api {

namespace record = model::record;
namespace text = smpp::text;

namespace {

std::string foreign_id_of(const callback_view& callback) {
    std::string found(callback.carrier_message_id);
    text::mend_utf8(found);
    return found;
}

std::chrono::sys_seconds seconds_of(std::int64_t wall_ms) {
    return std::chrono::sys_seconds(std::chrono::seconds(wall_ms / 1000));
}

/// `%A` of a report: what the carrier says, in the words in which Kannel hands it on.
std::string report_text(const receipt_event& event, std::uint8_t type,
                        const std::string& foreign_id) {
    if (type == callback_type::accepted) return "ACK/";
    const auto code = event.error.error;
    if (type == callback_type::refused) {
        const auto status = static_cast<smpp::command_status>(code);
        return code == 0 ? fmt::format("NACK/{}", record::EnumNameState(event.state))
                         : fmt::format("NACK/{:#010x}/{}", code, smpp::name_of(status));
    }
    text::receipt_fields fields;
    // A carrier may answer without an id, and a message may end without an answer.
    constexpr std::size_t id_octets_max = 64;
    fields.id =
        foreign_id.empty() ? std::string_view("0") : text::cut_utf8(foreign_id, id_octets_max);
    fields.sub = event.parts;
    fields.dlvrd = event.parts_delivered;
    fields.submit_date = seconds_of(event.submitted_ms);
    fields.done_date = seconds_of(event.done_ms);
    fields.stat = stat_of(event.state);
    fields.stat_word = event.error.stat;  // as Kannel: what reads %A knows its carriers' words
    const auto number = fmt::format("{:03}", code);
    fields.err = event.error.error_text.empty() ? number : event.error.error_text;
    std::array<char, text::receipt_octets_max> space{};
    return std::string(text::write_receipt(space, fields).value_or(std::string_view{}));
}

std::string report_meta_data(const error_view& told, std::uint8_t type) {
    if (type == callback_type::accepted || type == callback_type::refused) return "?smpp_resp?";
    std::string octets(told.network_code);
    const bool is_number = told.error != 0 || told.error_text.empty();
    if (octets.empty() && is_number && told.error <= 0xFFFF) {
        constexpr char gsm = 3;  // what Kannel takes a code of the text for
        octets = {gsm, static_cast<char>(told.error >> 8), static_cast<char>(told.error)};
    }
    if (octets.empty()) return "?smpp?";
    std::string out("?smpp?dlr_err=");
    for (const unsigned char octet : octets)
        fmt::format_to(std::back_inserter(out), "%{:02X}", octet);
    out.push_back('&');
    return out;
}

/// What a reply's octets are for `%a`, with what the values' views point to.
struct reply_content {
    callback_coding coding = callback_coding::text;
    std::string octets;
    std::string header;
};

reply_content content_of(const reply_event& event) {
    reply_content out;
    auto body = event.octets;
    if (smpp::esm_class::has_udh(event.esm_class)) {
        if (const auto parts = text::split_udh(body)) {
            out.header = text::chars_of(body.first(body.size() - parts->text.size()));
            body = parts->text;
        }
    }
    switch (text::encoding_of(event.data_coding)) {
        case text::encoding::binary:
            out.coding = callback_coding::binary;
            out.octets = text::chars_of(body);
            break;
        case text::encoding::ucs2: {
            std::u16string units;
            (void)text::append_utf16(event.text, units);
            text::append_utf16be(units, out.octets);
            out.coding = callback_coding::utf16;
            break;
        }
        default:
            out.octets = event.text;
    }
    return out;
}

void describe_coding(callback_values& values, std::uint8_t data_coding) {
    values.data_coding = data_coding;
    if (const auto kind = text::message_class_of(data_coding)) values.message_class = *kind;
    if (const auto waiting = text::message_waiting_of(data_coding))
        values.message_waiting = waiting->kind + (waiting->active ? 0 : 4);
}

std::string url_of(const reply_event& event, callback_values values, std::uint64_t sequence) {
    const auto source = phone_of(event.source);
    const auto destination = phone_of(event.destination);
    const auto content = content_of(event);
    values.at_ms = event.at_ms;
    values.coding = content.coding;
    values.text = content.octets;
    values.header = content.header;
    values.phone = source;
    values.number = destination;
    values.id = sequence;
    values.meta_data = "?smpp?";
    describe_coding(values, event.data_coding);
    return expand_callback(values.url, values);
}

std::string url_of(const receipt_event& event, callback_values values) {
    const auto callback = event.callback.value_or(callback_view{});
    const auto source = phone_of(event.source);
    const auto destination = phone_of(event.destination);
    const auto foreign_id = foreign_id_of(callback);
    const auto told = report_text(event, callback.type, foreign_id);
    const auto meta_data = report_meta_data(event.error, callback.type);
    values.at_ms = event.at_ms;
    values.type = callback.type;
    values.text = told;
    values.foreign_id = foreign_id;
    values.phone = destination;
    values.number = source;
    values.id = static_cast<std::uint64_t>(event.message);
    values.meta_data = meta_data;
    return expand_callback(values.url, values);
}

}  // namespace

rendered_callback render_kannel_callback(const callback_request& what,
                                         const config::account& account) {
    callback_values values;
    values.service = account.sendsms->username;
    values.carrier = what.carrier;
    values.url = what.url;
    rendered_callback out;
    out.method = what.method;
    if (const auto* reply = std::get_if<reply_event>(&what.event))
        out.url = url_of(*reply, values, what.sequence);
    else if (const auto* receipt = std::get_if<receipt_event>(&what.event))
        out.url = url_of(*receipt, values);
    return out;
}

}  // namespace hikyaku::gateway::api
