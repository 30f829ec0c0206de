#include "gateway/app/tools.hpp"

#include <boost/json/parse.hpp>
#include <istream>
#include <ostream>
#include <string_view>

#include "gateway/app/hex.hpp"
#include "gateway/app/lines.hpp"
#include "gateway/app/pdu_json.hpp"
#include "smpp/text/receipt.hpp"

namespace hikyaku::gateway::app {
namespace {

namespace json = boost::json;

json::object input_error(std::string_view field, std::string_view sentence) {
    json::object error;
    error["kind"] = "input";
    error["status"] = nullptr;
    error["field"] = field.empty() ? json::value(nullptr) : json::string(field);
    error["sentence"] = sentence;
    json::object object;
    object["error"] = std::move(error);
    return object;
}

/// Octets that are not UTF-8 cannot stand in JSON; they are shown as the code point of their value.
json::string printable(std::string_view octets) {
    json::string text;
    for (const char character : octets) {
        const auto octet = static_cast<std::uint8_t>(character);
        if (octet < 0x80) {
            text.push_back(character);
        } else {
            text.push_back(static_cast<char>(0xC0 | octet >> 6));
            text.push_back(static_cast<char>(0x80 | (octet & 0x3F)));
        }
    }
    return text;
}

json::object encode_line(const std::string& line) {
    boost::system::error_code fault;
    const auto described = json::parse(line, fault);
    if (fault) return input_error({}, "not one JSON object: " + fault.message());
    if (!described.is_object()) return input_error({}, "not a JSON object");
    const auto encoded = encode_from_json(described.get_object());
    if (encoded.has_error()) return input_error(encoded.error().field, encoded.error().sentence);
    json::object object;
    object["hex"] = to_hex(*encoded);
    return object;
}

}  // namespace

int decode_pdus(std::istream& in, std::ostream& out) {
    return for_each_line(in, out, true, [](const std::string& line) {
        const auto octets = from_hex(line);
        if (!octets) return input_error({}, "not a line of hexadecimal digits");
        return decode_to_json(*octets);
    });
}

int encode_pdus(std::istream& in, std::ostream& out) {
    return for_each_line(in, out, true, encode_line);
}

int parse_receipts(std::istream& in, std::ostream& out) {
    return for_each_line(in, out, true, [](const std::string& line) {
        json::object object;
        const auto fields = smpp::text::parse_receipt(line);
        if (!fields) {
            object["error"] = "not a receipt";
            return object;
        }
        const auto put = [&](std::string_view name, const std::optional<std::string_view>& value) {
            object[name] = value ? json::value(printable(*value)) : json::value(nullptr);
        };
        put("id", fields->id);
        put("sub", fields->sub);
        put("dlvrd", fields->dlvrd);
        put("submit_date", fields->submit_date);
        put("done_date", fields->done_date);
        put("stat", fields->stat);
        const auto state = smpp::text::receipt_state_of(*fields->stat);
        object["taken_for"] =
            smpp::text::word_of(state.value_or(smpp::text::receipt_state::unknown));
        object["stat_known"] = state.has_value();
        put("err", fields->err);
        put("text", fields->text);
        return object;
    });
}

}  // namespace hikyaku::gateway::app
