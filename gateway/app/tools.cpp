#include "gateway/app/tools.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <istream>
#include <iterator>
#include <ostream>
#include <string_view>

#include "gateway/app/hex.hpp"
#include "gateway/app/pdu_json.hpp"
#include "smpp/text/octets.hpp"
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

/// Calls `convert` for each line that is not blank and prints what it returns.
template <class Convert>
int for_each_line(std::istream& in, std::ostream& out, bool skip_blank, Convert convert) {
    int exit_code = 0;
    std::string line;
    while (std::getline(in, line)) {
        if (line.ends_with('\r')) line.pop_back();
        if (skip_blank && line.find_first_not_of(" \t") == std::string::npos) continue;
        const json::object object = convert(line);
        if (object.contains("error")) exit_code = 1;
        out << json::serialize(object) << std::endl;
    }
    return exit_code;
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

json::object plan_failure_object(const smpp::text::plan_failure& failure) {
    json::object error;
    error["kind"] = smpp::text::name_of(failure.what);
    const bool parts = failure.what == smpp::text::plan_error::too_many_parts;
    error[parts ? "segments_needed" : "position"] = failure.position;
    json::object object;
    object["error"] = std::move(error);
    return object;
}

json::object plan_one(std::string_view text, const smpp::text::plan_options& options) {
    const auto planned = smpp::text::plan_text(text, options);
    if (planned.has_error()) return plan_failure_object(planned.error());
    const std::size_t octets_per_unit = planned->enc == smpp::text::encoding::ucs2 ? 2 : 1;
    json::array segments;
    for (const auto& segment : planned->segments) {
        const auto octets = smpp::text::octets_of(segment);
        const std::size_t header = planned->udhi && !octets.empty() ? octets[0] + 1U : 0U;
        json::object object;
        object["octets"] = segment.size();
        object["units"] = (segment.size() - header) / octets_per_unit;
        object["hex"] = to_hex(octets);
        segments.push_back(std::move(object));
    }
    json::array forcing;
    if (planned->enc == smpp::text::encoding::ucs2) {
        for (const auto& character : smpp::text::forcing_characters(text)) {
            json::object object;
            object["position"] = character.position;
            object["code_point"] = static_cast<std::uint32_t>(character.code_point);
            forcing.push_back(std::move(object));
        }
    }
    json::object object;
    object["encoding"] = smpp::text::name_of(planned->enc);
    object["data_coding"] = planned->data_coding;
    object["udhi"] = planned->udhi;
    object["units"] = planned->units;
    object["units_per_single"] = planned->units_per_single;
    object["units_per_part"] = planned->units_per_part;
    object["segments"] = std::move(segments);
    object["forcing_ucs2"] = std::move(forcing);
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

int plan_texts(const plan_request& request, std::istream& in, std::ostream& out) {
    const auto plan = [&](std::string_view text) { return plan_one(text, request.options); };
    if (!request.text && request.lines) return for_each_line(in, out, false, plan);
    std::string text;
    if (request.text) {
        text = *request.text;
    } else {
        text.assign(std::istreambuf_iterator<char>(in), {});
    }
    const auto object = plan(text);
    out << json::serialize(object) << std::endl;
    return object.contains("error") ? 1 : 0;
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
        put("err", fields->err);
        put("text", fields->text);
        return object;
    });
}

}  // namespace hikyaku::gateway::app
