// `receipt parse`: what the gateway makes of a receipt. It judges with the functions that the
// engine uses, so that what it says is what happens; only the reasons are worded here.
#include <array>
#include <boost/json/object.hpp>
#include <istream>
#include <ostream>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gateway/api/error_json.hpp"
#include "gateway/app/hex.hpp"
#include "gateway/app/lines.hpp"
#include "gateway/app/pdu_json.hpp"
#include "gateway/app/tools.hpp"
#include "gateway/engine/receiving/carrier_receipt.hpp"
#include "smpp/pdu/constants.hpp"
#include "smpp/pdu/decode.hpp"
#include "smpp/text/hex.hpp"
#include "smpp/text/octets.hpp"
#include "smpp/text/receipt_state.hpp"

namespace hikyaku::gateway::app {
namespace {

namespace json = boost::json;
using smpp::text::receipt_text;

struct named_field {
    std::string_view name;
    std::optional<std::string_view> receipt_text::*value;
};
constexpr std::array named_fields{named_field{"id", &receipt_text::id},
                                  named_field{"sub", &receipt_text::sub},
                                  named_field{"dlvrd", &receipt_text::dlvrd},
                                  named_field{"submit_date", &receipt_text::submit_date},
                                  named_field{"done_date", &receipt_text::done_date},
                                  named_field{"stat", &receipt_text::stat},
                                  named_field{"err", &receipt_text::err},
                                  named_field{"text", &receipt_text::text}};

/// One line of input. The message views what stands beside it.
struct input {
    std::vector<std::uint8_t> octets;
    carrier_message message;
    bool is_pdu = false;
};

template <class Body>
void take(input& into, const Body& body, const smpp::tlv_list& tlvs) {
    into.is_pdu = true;
    into.message.esm_class = body.esm_class;
    into.message.data_coding = body.data_coding;
    into.message.octets = smpp::message_octets(body, tlvs).value_or(smpp::octet_view{});
    into.message.tlvs = tlvs;
}

/// A PDU if the line is one, else its text. `line` outlives the result.
input read_line(const std::string& line) {
    input made;
    if (auto octets = from_hex(line)) {
        made.octets = std::move(*octets);
        const auto decoded = smpp::decode(made.octets);
        if (decoded.ok()) {
            const auto& value = decoded.value;
            if (const auto* deliver = std::get_if<smpp::deliver_sm>(&value.body))
                take(made, *deliver, value.tlvs);
            else if (const auto* data = std::get_if<smpp::data_sm>(&value.body))
                take(made, *data, value.tlvs);
        }
    }
    if (!made.is_pdu) made.message.octets = smpp::text::octets_of(line);
    return made;
}

struct judgement {
    std::string_view sure;
    std::string reason;
};

std::string fields_present(const receipt_text& fields) {
    std::string names;
    for (const auto& [name, value] : named_fields) {
        if (!(fields.*value)) continue;
        if (!names.empty()) names += ", ";
        names += name;
    }
    return names;
}

std::string why_no_receipt(const carrier_message& message, const receipt_text& fields) {
    if ((message.esm_class & smpp::esm_class::message_type_mask) != 0)
        return "esm_class says that the phone's user wrote it";
    if (!fields.id || fields.id->empty()) return "there is no id";
    if (!fields.stat || fields.stat->empty()) return "there is no stat";
    if (!smpp::text::is_receipt(fields))
        return "stat is no known state, and fewer than two other fields stand beside it";
    return "there are words beside the fields, as in a person's reply";
}

judgement judge(const carrier_message& message, const receipt_text& fields, std::string_view text) {
    if (kind_of(message) == carrier_message_kind::reply)
        return {"no_receipt", why_no_receipt(message, fields)};
    if ((message.esm_class & smpp::esm_class::message_type_mask) != 0)
        return {"certain", "esm_class says so"};
    if (message.tlvs.find(smpp::tag::receipted_message_id) &&
        message.tlvs.find(smpp::tag::message_state))
        return {"certain", "the TLVs receipted_message_id and message_state say so"};
    const bool known = smpp::text::receipt_state_of(*fields.stat).has_value();
    const bool all =
        fields.sub && fields.dlvrd && fields.submit_date && fields.done_date && fields.err;
    const bool words = smpp::text::has_words(text);
    if (known && all && !words) return {"certain", "all standard fields"};
    std::string reason = all ? "all standard fields" : "only " + fields_present(fields);
    if (!known) reason += "; stat is no known state";
    if (words) reason += "; there are words beside the fields";
    return {"likely", std::move(reason)};
}

json::value tlvs_of(const smpp::tlv_list& tlvs) {
    json::object shown;
    const auto id = tlvs.cstring(smpp::tag::receipted_message_id);
    shown["receipted_message_id"] = id ? json::value(text_of_octets(*id)) : json::value(nullptr);
    const auto state = tlvs.u8(smpp::tag::message_state);
    shown["message_state"] = state ? json::value(*state) : json::value(nullptr);
    const auto error = tlvs.find(smpp::tag::network_error_code);
    shown["network_error_code"] =
        error ? json::value(smpp::text::to_hex(*error)) : json::value(nullptr);
    return shown;
}

json::object taken(const carrier_message& message) {
    const auto read = read_receipt(message);
    json::object shown;
    shown["id"] = read.id.empty() ? json::value(nullptr) : json::value(text_of_octets(read.id));
    shown["state"] = model::record::EnumNameState(read.state);
    shown["final"] = read.final;
    api::add_stat(shown, read.view(), read.state);
    api::add_error(shown, read.view(), read.state);
    return shown;
}

json::object parse_line(const std::string& line) {
    const auto from = read_line(line);
    std::string text;
    const auto fields = scan_message(from.message, text);
    const auto verdict = judge(from.message, fields, text);
    json::object object;
    if (verdict.sure == "no_receipt") object["error"] = "not a receipt";
    for (const auto& [name, value] : named_fields) {
        const auto& field = fields.*value;
        object[name] = field ? json::value(text_of_octets(*field)) : json::value(nullptr);
    }
    if (from.is_pdu) object["tlvs"] = tlvs_of(from.message.tlvs);
    object["sure"] = verdict.sure;
    object["reason"] = verdict.reason;
    object["taken"] = taken(from.message);
    return object;
}

}  // namespace

int parse_receipts(std::istream& in, std::ostream& out) {
    return for_each_line(in, out, true, parse_line);
}

}  // namespace hikyaku::gateway::app
