#include "gateway/api/callbacks/twilio.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

#include "gateway/api/twilio/errors.hpp"
#include "gateway/api/twilio/sids.hpp"
#include "gateway/api/twilio/signature.hpp"
#include "gateway/engine/delivery/callback_url.hpp"
#include "smpp/text/utf8.hpp"

namespace hikyaku::gateway::api {
namespace {

using twilio::form_values;

/// An international number has no fewer digits. Carriers write their short codes with TON 1 too,
/// and an application looks for the sender that it uses.
constexpr std::size_t international_digits_min = 7;

std::string party_of(const address_view& address) {
    auto shown = phone_of(address);
    if (address.digits.size() < international_digits_min && shown.starts_with('+'))
        shown.erase(0, 1);
    return shown;
}

std::string_view status_word(const receipt_event& event, std::uint8_t type) {
    switch (type) {
        case callback_type::accepted:
            return "sent";
        case callback_type::delivered:
            return "delivered";
        case callback_type::failed:
            return "undelivered";
        default:
            return event.state == State::deleted ? "canceled" : "failed";
    }
}

/// "2611300741", in UTC: as receipts write it.
std::string receipt_date(std::int64_t wall_ms) {
    return fmt::format("{:%y%m%d%H%M}", fmt::gmtime(static_cast<std::time_t>(wall_ms / 1000)));
}

form_values status_values(const receipt_event& event, const config::account_twilio& settings) {
    const auto type = event.callback ? event.callback->type : std::uint8_t{0};
    const auto sid = twilio::sid_of(event.message);
    const std::string status(status_word(event, type));
    form_values out{{"SmsSid", sid},
                    {"SmsStatus", status},
                    {"MessageStatus", status},
                    {"To", party_of(event.destination)},
                    {"MessageSid", sid},
                    {"AccountSid", settings.sid},
                    {"From", party_of(event.source)},
                    {"ApiVersion", "2010-04-01"}};
    const bool reached = type != callback_type::refused;
    if (const auto code = twilio::failure_code(event.state, event.error, reached); code != 0)
        out.emplace_back("ErrorCode", fmt::to_string(code));
    if (type == callback_type::delivered || type == callback_type::failed)
        out.emplace_back("RawDlrDoneDate", receipt_date(event.done_ms));
    return out;
}

form_values reply_values(const reply_event& event, std::uint64_t sequence,
                         const config::account_twilio& settings) {
    const auto sid = twilio::incoming_sid_of(sequence);
    std::string body(event.text);
    smpp::text::mend_utf8(body);
    return {{"SmsMessageSid", sid},
            {"NumMedia", "0"},
            {"SmsSid", sid},
            {"SmsStatus", "received"},
            {"Body", std::move(body)},
            {"To", party_of(event.destination)},
            {"NumSegments", fmt::to_string(std::max<std::uint16_t>(event.parts, 1))},
            {"MessageSid", sid},
            {"AccountSid", settings.sid},
            {"From", party_of(event.source)},
            {"ApiVersion", "2010-04-01"}};
}

}  // namespace

rendered_callback render_twilio_callback(const callback_request& what,
                                         const config::account& account) {
    const config::account_twilio& settings = *account.twilio;
    rendered_callback out;
    form_values values;
    if (const auto* receipt = std::get_if<receipt_event>(&what.event)) {
        values = status_values(*receipt, settings);
    } else if (const auto* reply = std::get_if<reply_event>(&what.event)) {
        values = reply_values(*reply, what.sequence, settings);
        out.answerable = answerable_reply{party_of(reply->source), party_of(reply->destination)};
    } else {
        return out;
    }
    out.method = what.method;
    out.url = what.url.substr(0, what.url.find('#'));
    const auto body = twilio::encode_form(values);
    if (what.method == CallbackMethod::get) {
        out.url.append(out.url.find('?') == std::string::npos ? "?" : "&").append(body);
        values.clear();
    } else {
        out.content_type = "application/x-www-form-urlencoded; charset=utf-8";
        out.body = body;
    }
    out.headers.emplace_back("X-Twilio-Signature",
                             twilio::sign_request(settings.auth_token, out.url, std::move(values)));
    return out;
}

}  // namespace hikyaku::gateway::api
