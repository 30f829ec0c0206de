#include "gateway/api/twilio/document.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>
#include <charconv>

#include "gateway/api/addresses.hpp"
#include "gateway/api/json/text.hpp"
#include "gateway/api/times.hpp"
#include "gateway/api/twilio/sids.hpp"
#include "smpp/text/utf8.hpp"

namespace hikyaku::gateway::api::twilio {
namespace {

namespace json = boost::json;

constexpr std::string_view xml_type = "application/xml";
constexpr std::string_view xml_head = "<?xml version='1.0' encoding='UTF-8'?>\n<TwilioResponse>";
constexpr std::string_view xml_end = "</TwilioResponse>";

bool has_reached_carrier(const message_view& message) {
    return std::ranges::any_of(
        message.segments,
        [](const segment_view& each) {
            return each.submitted_ms != 0 || !each.carrier_message_id.empty();
        });
}

std::uint32_t error_code_of(const message_view& message) {
    const auto telling = std::ranges::find(message.segments, message.state, &segment_view::state);
    const error_view said = telling == message.segments.end() ? error_view{} : telling->view();
    return failure_code(message.state, said, has_reached_carrier(message));
}

std::int64_t sent_ms_of(const message_view& message) {
    std::int64_t first = 0;
    for (const segment_view& each : message.segments)
        if (each.submitted_ms != 0 && (first == 0 || each.submitted_ms < first))
            first = each.submitted_ms;
    return first;
}

json::value mail_date_or_null(std::int64_t wall_ms) {
    if (wall_ms == 0) return nullptr;
    return json::string(format_mail_date(wall_ms));
}

json::object fields_of(const shown_message& what, std::int64_t now_ms) {
    const message_view& message = what.message;
    const auto sid = sid_of(message.id);
    const auto code = error_code_of(message);
    const bool has_service = is_sid(message.tag, "MG");
    json::object into;
    into["sid"] = sid;
    into["account_sid"] = what.account_sid;
    into["messaging_service_sid"] = text_or_null(has_service ? message.tag : std::string_view{});
    into["api_version"] = "2010-04-01";
    into["from"] = format_address(message.source.ton, message.source.digits);
    into["to"] = format_address(message.destination.ton, message.destination.digits);
    into["body"] = what.body;
    into["status"] = what.is_new && has_service && status_of(message, now_ms) == "queued"
                         ? std::string_view("accepted")
                         : status_of(message, now_ms);
    into["direction"] = "outbound-api";
    into["num_segments"] = fmt::to_string(message.parts);
    into["num_media"] = "0";
    into["price"] = nullptr;
    into["price_unit"] = nullptr;
    into["error_code"] = code == 0 ? json::value(nullptr) : json::value(code);
    into["error_message"] = text_or_null(failure_sentence(code));
    into["date_created"] = format_mail_date(message.accepted_ms);
    into["date_sent"] = mail_date_or_null(sent_ms_of(message));
    into["date_updated"] =
        format_mail_date(std::max({message.accepted_ms, sent_ms_of(message), message.done_ms}));
    into["uri"] = fmt::format("{}/Messages/{}.json", account_uri(what.account_sid), sid);
    into["subresource_uris"] = json::object{};
    return into;
}

/// "num_segments" as "NumSegments".
std::string xml_name(std::string_view name) {
    std::string out;
    bool begins = true;
    for (const char c : name)
        if (c == '_')
            begins = true;
        else
            out.push_back(std::exchange(begins, false) ? static_cast<char>(c - 'a' + 'A') : c);
    return out;
}

/// XML 1.0 has no controls but three, and what is not UTF-8 would spoil the document.
void append_xml_text(std::string& out, std::string_view text) {
    std::string mended(text);
    smpp::text::mend_utf8(mended);
    for (const char c : mended) {
        const auto octet = static_cast<unsigned char>(c);
        if (c == '&')
            out += "&amp;";
        else if (c == '<')
            out += "&lt;";
        else if (c == '>')
            out += "&gt;";
        else if (c == '"')
            out += "&quot;";
        else if (octet < ' ' && c != '\n' && c != '\r' && c != '\t')
            smpp::text::append_utf8(out, smpp::text::replacement_character);
        else
            out.push_back(c);
    }
}

void append_xml(std::string& out, const json::object& fields) {
    for (const auto& [name, value] : fields) {
        const auto element = xml_name(name);
        std::string text;
        if (value.is_string())
            append_xml_text(text, text_of(value));
        else if (value.is_number())
            text = write_json(value);
        if (text.empty())
            out += fmt::format("<{}/>", element);
        else
            out += fmt::format("<{0}>{1}</{0}>", element, text);
    }
}

http_response answer_with(std::string body, form as, unsigned status) {
    http_response response;
    response.status = status;
    response.content_type = as == form::json ? json_type : xml_type;
    response.body = std::move(body);
    return response;
}

std::string xml_of_page(const json::object& paging, const json::array& messages) {
    std::string out(xml_head);
    out += "<Messages";
    for (const auto& [name, value] : paging) {
        std::string text;
        append_xml_text(text, value.is_string() ? std::string(text_of(value))
                              : value.is_null() ? std::string()
                                                : write_json(value));
        std::string attribute(name);
        std::erase(attribute, '_');
        out += fmt::format(" {}=\"{}\"", attribute, text);
    }
    out += ">";
    for (const auto& each : messages) {
        out += "<Message>";
        append_xml(out, each.get_object());
        out += "</Message>";
    }
    return out.append("</Messages>").append(xml_end);
}

}  // namespace

std::string account_uri(std::string_view account_sid) {
    return fmt::format("/2010-04-01/Accounts/{}", account_sid);
}

std::string format_mail_date(std::int64_t wall_ms) {
    auto text = format_http_date(wall_ms / 1000);
    constexpr std::string_view zone = "GMT";
    if (text.ends_with(zone)) text.replace(text.size() - zone.size(), zone.size(), "+0000");
    return text;
}

std::string_view status_of(const message_view& message, std::int64_t now_ms) {
    switch (message.state) {
        case State::queued:
            if (message.not_before_ms > now_ms && message.not_before_ms > message.accepted_ms)
                return "scheduled";
            return std::ranges::any_of(message.segments,
                                       [](const segment_view& each) { return each.attempts > 0; })
                       ? "sending"
                       : "queued";
        case State::submitted:
            return "sent";
        case State::delivered:
            return "delivered";
        case State::deleted:
            return "canceled";
        case State::undeliverable:
        case State::expired:
        case State::rejected:
        case State::unknown:
            break;
    }
    return has_reached_carrier(message) || message.state == State::unknown ? "undelivered"
                                                                           : "failed";
}

http_response render_message(const shown_message& what, form as, unsigned status,
                             std::int64_t now_ms) {
    const auto fields = fields_of(what, now_ms);
    if (as == form::json) return answer_with(write_json(fields), as, status);
    std::string out(xml_head);
    out += "<Message>";
    append_xml(out, fields);
    return answer_with(out.append("</Message>").append(xml_end), as, status);
}

http_response render_page(const shown_page& page, std::span<const shown_message> messages, form as,
                          std::int64_t now_ms) {
    json::array list;
    for (const shown_message& each : messages)
        list.push_back(fields_of(each, now_ms));
    const std::size_t start = page.page * page.page_size;
    json::object into;
    into["first_page_uri"] = page.first_uri;
    into["previous_page_uri"] = text_or_null(page.previous_uri);
    into["next_page_uri"] = text_or_null(page.next_uri);
    into["uri"] = page.uri;
    into["page"] = page.page;
    into["page_size"] = page.page_size;
    into["start"] = start;
    into["end"] = start + (messages.empty() ? 0 : messages.size() - 1);
    if (as == form::xml) return answer_with(xml_of_page(into, list), as, 200);
    into["messages"] = std::move(list);
    return answer_with(write_json(into), as, 200);
}

http_response render_fault(const fault& what, form as) {
    const error_row& row = row_of(what.what);
    std::string message(row.message);
    if (!what.detail.empty()) message.append(": ").append(what.detail);
    json::object into;
    into["code"] = row.code;
    into["message"] = message;
    into["more_info"] = fmt::format("https://www.twilio.com/docs/errors/{}", row.code);
    into["status"] = what.status != 0 ? what.status : row.status;
    const auto status = what.status != 0 ? what.status : row.status;
    http_response response;
    if (as == form::json) {
        response = answer_with(write_json(into), as, status);
    } else {
        std::string out(xml_head);
        out += "<RestException>";
        append_xml(out, into);
        response = answer_with(out.append("</RestException>").append(xml_end), as, status);
    }
    if (what.retry_after != 0)
        response.headers.emplace_back("Retry-After", std::to_string(what.retry_after));
    if (status == 401)
        response.headers.emplace_back("WWW-Authenticate", R"(Basic realm="Twilio API")");
    return response;
}

}  // namespace hikyaku::gateway::api::twilio
