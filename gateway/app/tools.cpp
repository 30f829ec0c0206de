#include "gateway/app/tools.hpp"

#include <boost/json/parse.hpp>
#include <istream>
#include <ostream>
#include <string_view>

#include "gateway/app/hex.hpp"
#include "gateway/app/lines.hpp"
#include "gateway/app/pdu_json.hpp"
#include "smpp/text/hex.hpp"

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

json::object encode_line(const std::string& line) {
    boost::system::error_code fault;
    const auto described = json::parse(line, fault);
    if (fault) return input_error({}, "not one JSON object: " + fault.message());
    if (!described.is_object()) return input_error({}, "not a JSON object");
    const auto encoded = encode_from_json(described.get_object());
    if (encoded.has_error()) return input_error(encoded.error().field, encoded.error().sentence);
    json::object object;
    object["hex"] = smpp::text::to_hex(*encoded);
    return object;
}

}  // namespace

int decode_pdus(std::istream& in, std::ostream& out) {
    return for_each_line(
        in, out, true,
        [](const std::string& line) {
            const auto octets = from_hex(line);
            if (!octets) return input_error({}, "not a line of hexadecimal digits");
            return decode_to_json(*octets);
        });
}

int encode_pdus(std::istream& in, std::ostream& out) {
    return for_each_line(in, out, true, encode_line);
}

}  // namespace hikyaku::gateway::app
