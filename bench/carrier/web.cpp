#include "bench/carrier/web.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "bench/carrier/page.hpp"
#include "gateway/api/answers.hpp"
#include "gateway/api/json/text.hpp"
#include "smpp/text/utf8.hpp"

namespace hikyaku::bench {

namespace json = boost::json;
using gateway::api::http_request;
using gateway::api::http_response;
using gateway::api::json_answer;

namespace {

constexpr std::size_t preview_bytes = 120;
constexpr std::size_t reply_bytes_max = 16384;

// Nothing but our own script may run, whatever a message says.
constexpr std::string_view content_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

http_response with_headers(http_response response) {
    response.headers.emplace_back("Cache-Control", "no-store");
    response.headers.emplace_back("X-Content-Type-Options", "nosniff");
    response.headers.emplace_back("Referrer-Policy", "no-referrer");
    response.headers.emplace_back("Content-Security-Policy", content_policy);
    return response;
}

http_response resource(std::string_view type, std::string_view body) {
    http_response response;
    response.content_type = type;
    response.body = body;
    return response;
}

http_response fault(unsigned status, std::string_view sentence) {
    return json_answer(json::object{{"error", sentence}}, status);
}

json::object to_json(const phone_clock::reading& time) {
    return {{"local_time", time.text}, {"zone", time.zone}, {"night", time.night}};
}

json::object to_json(const phone_message& message, std::string_view number, phone_clock& clock) {
    const auto here = clock.at(number, message.time_ms);
    json::value would;
    if (message.would_ms != 0) would = to_json(clock.at(number, message.would_ms));
    return {{"id", message.id},
            {"direction", message.outgoing ? "sent" : "received"},
            {"with", message.with},
            {"text", message.text},
            {"time_ms", message.time_ms},
            {"segments", message.segments},
            {"encoding", message.encoding},
            {"complete", message.complete},
            {"local_time", here.text},
            {"zone", here.zone},
            {"rang", message.rang},
            {"night", message.rang && !message.outgoing && here.night},
            {"would_ring", std::move(would)}};
}

std::string_view sentence_of(reply_error error) {
    switch (error) {
        case reply_error::bad_address:
            return "from must be a phone number of 3 to 20 digits, a + may stand in front; to must "
                   "be one too, or the name of a sender: at most 20 octets, a letter among them";
        case reply_error::bad_text:
            return "the text is not valid UTF-8";
        case reply_error::too_long:
            return "the text needs more than ten segments";
        case reply_error::nobody_bound:
            return "nobody has bound to this carrier yet";
        case reply_error::queue_full:
            return "too much is waiting to be delivered";
    }
    return {};
}

// Of the monotonic clock, which all programs of a machine share.
std::int64_t microseconds_of(std::chrono::steady_clock::time_point moment) {
    return std::chrono::duration_cast<std::chrono::microseconds>(moment.time_since_epoch()).count();
}

}  // namespace

std::string to_json(const carrier_stats& stats) {
    json::object refused;
    for (const auto& [status, count] : stats.refused) {
        const std::string_view name = smpp::name_of(status);
        const auto number = static_cast<std::uint32_t>(status);
        refused[name.empty() ? fmt::format("{:#010x}", number) : std::string(name)] = count;
    }
    return gateway::api::write_json(
        json::object{{"connections", stats.connections},
                     {"sessions", stats.sessions},
                     {"binds", stats.binds},
                     {"binds_refused", stats.binds_refused},
                     {"submissions", stats.submissions},
                     {"accepted", stats.accepted},
                     {"refused", std::move(refused)},
                     {"receipts_wanted", stats.receipts_wanted},
                     {"receipts_acknowledged", stats.receipts_acknowledged},
                     {"receipts_dropped", stats.receipts_dropped},
                     {"replies", stats.replies},
                     {"replies_acknowledged", stats.replies_acknowledged},
                     {"redelivered", stats.redelivered},
                     {"pending", stats.pending},
                     {"disconnects", stats.disconnects},
                     {"calls", stats.calls},
                     {"most_submissions_in_one_second", stats.most_submissions_in_one_second},
                     {"first_submission_us", microseconds_of(stats.first_submission)},
                     {"last_submission_us", microseconds_of(stats.last_submission)}});
}

void carrier_web::handle(const http_request& request, gateway::io::http_responder responder) {
    responder.send(answer(request));
}

http_response carrier_web::answer(const http_request& request) {
    return with_headers(page(request));
}

http_response carrier_web::page(const http_request& request) {
    const std::string_view path = request.target.substr(0, request.target.find('?'));
    if (path == "/api/replies") {
        if (request.method != "POST") return fault(405, "use POST");
        return reply(request);
    }
    const bool known = path == "/" || path == "/phone.css" || path == "/phone.js" ||
                       path == "/api/numbers" || path == "/api/inbox" || path == "/api/stats";
    if (!known) return fault(404, "there is nothing here; the phones are at /");
    if (request.method != "GET" && request.method != "HEAD") return fault(405, "use GET");
    if (path == "/") return resource("text/html; charset=utf-8", phone_page);
    if (path == "/phone.css") return resource("text/css; charset=utf-8", phone_style);
    if (path == "/phone.js") return resource("text/javascript; charset=utf-8", phone_script);
    if (path == "/api/numbers") return numbers();
    if (path == "/api/inbox") return inbox(request.target);
    http_response response;
    response.body = to_json(carrier_.stats());
    return response;
}

http_response carrier_web::numbers() {
    if (carrier_.phone() == nullptr) return fault(404, "this carrier runs without phones");
    json::array list;
    for (const phone_inbox::phone& one : carrier_.phone()->phones()) {
        if (one.messages.empty()) continue;  // only segments of something unfinished so far
        const phone_message& last = one.messages.back();
        list.push_back(json::object{{"number", one.number},
                                    {"messages", one.messages_ever},
                                    {"last_id", last.id},
                                    {"last_text", smpp::text::cut_utf8(last.text, preview_bytes)},
                                    {"last_time_ms", last.time_ms}});
    }
    return json_answer(json::object{{"numbers", std::move(list)}});
}

http_response carrier_web::inbox(std::string_view target) {
    if (carrier_.phone() == nullptr) return fault(404, "this carrier runs without phones");
    const auto url = boost::urls::parse_origin_form(target);
    if (!url) return fault(400, "the query cannot be read");
    const auto parameters = url->params();
    const auto given = parameters.find("number");
    if (given == parameters.end()) return fault(400, "give ?number=, with + written as %2B");
    const std::string number = (*given).value;
    json::array messages;
    if (const phone_inbox::phone* found = carrier_.phone()->find(number))
        for (const phone_message& one : found->messages)
            messages.push_back(to_json(one, number, clock_));
    return json_answer(json::object{{"number", number}, {"messages", std::move(messages)}});
}

http_response carrier_web::reply(const http_request& request) {
    // Another site's form cannot send this type, so no foreign page can make our phones write.
    const std::string_view type = request.header("Content-Type");
    if (!gateway::api::equal_ignoring_case(type.substr(0, type.find(';')), "application/json"))
        return fault(415, "Content-Type must be application/json");
    if (request.body.size() > reply_bytes_max) return fault(413, "the text is too long");
    json::error_code error;
    const json::value body = json::parse(request.body, error);
    if (error || !body.is_object()) return fault(400, "the body must be a JSON object");
    const auto field = [&](std::string_view name) -> const json::string* {
        const json::value* found = body.get_object().if_contains(name);
        return found == nullptr ? nullptr : found->if_string();
    };
    const json::string* const from = field("from");
    const json::string* const to = field("to");
    const json::string* const text = field("text");
    if (from == nullptr || to == nullptr || text == nullptr)
        return fault(400, "from, to and text are needed, all of them texts");
    const auto sent = carrier_.send_reply(*from, *to, *text);
    if (sent) return json_answer(json::object{{"segments", *sent}}, 202);
    const reply_error why = sent.error();
    const unsigned status = why == reply_error::nobody_bound ? 409
                            : why == reply_error::queue_full ? 503
                                                             : 422;
    return fault(status, sentence_of(why));
}

}  // namespace hikyaku::bench
