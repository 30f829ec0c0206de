#include "gateway/api/twilio/request.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "gateway/api/addresses.hpp"
#include "gateway/api/digest.hpp"
#include "gateway/api/http.hpp"
#include "gateway/api/target.hpp"
#include "gateway/api/times.hpp"
#include "gateway/api/twilio/sids.hpp"
#include "gateway/engine/delivery/callback_url.hpp"
#include "smpp/pdu/constants.hpp"
#include "smpp/text/utf8.hpp"

namespace hikyaku::gateway::api::twilio {
namespace {

constexpr std::size_t parameters_max = 64;
constexpr std::size_t body_characters_max = 1600;
constexpr std::size_t status_callback_octets_max = 4000;
constexpr std::int64_t validity_seconds_max = 36'000;
constexpr std::int64_t ahead_ms_min = 300'000, ahead_ms_max = std::int64_t{35} * 24 * 3600 * 1000;

/// What becomes of a parameter of a new message.
enum class treatment : std::uint8_t { used, ignored, only_this };
struct parameter_row {
    std::string_view name;
    treatment what{};
    std::string_view value{};  // only_this: the one that changes nothing
};
// Everything else is refused: MediaUrl, ContentSid, ContentVariables, PersistentAction,
// ApplicationSid, and whatever comes to be.
constexpr std::array parameter_rows{
    parameter_row{"To", treatment::used},
    parameter_row{"From", treatment::used},
    parameter_row{"MessagingServiceSid", treatment::used},
    parameter_row{"Body", treatment::used},
    parameter_row{"StatusCallback", treatment::used},
    parameter_row{"ValidityPeriod", treatment::used},
    parameter_row{"ScheduleType", treatment::used},
    parameter_row{"SendAt", treatment::used},
    parameter_row{"ShortenUrls", treatment::used},
    parameter_row{"SmartEncoded", treatment::used},
    parameter_row{"MaxPrice", treatment::ignored},
    parameter_row{"ProvideFeedback", treatment::ignored},
    parameter_row{"Attempt", treatment::ignored},
    parameter_row{"ForceDelivery", treatment::ignored},
    parameter_row{"RiskCheck", treatment::ignored},
    parameter_row{"TrafficType", treatment::ignored},
    parameter_row{"ContentRetention", treatment::only_this, "retain"},
    parameter_row{"AddressRetention", treatment::only_this, "retain"},
    parameter_row{"SendAsMms", treatment::only_this, "false"},
};

fault refused(std::string_view name) {
    return {.what = error::parameter_refused, .detail = fmt::format("{} is not supported", name)};
}

fault malformed(std::string_view name) {
    return {.what = error::parameter_refused, .detail = fmt::format("{} is malformed", name)};
}

/// "" = not given: Twilio's libraries send empty ones too.
std::string_view value_in(const form_values& form, std::string_view name) {
    const auto at = std::ranges::find(form, name, &form_values::value_type::first);
    return at == form.end() ? std::string_view{} : std::string_view(at->second);
}

std::optional<fault> check_names(const form_values& form) {
    for (const auto& [name, value] : form) {
        const auto row = std::ranges::find(parameter_rows, name, &parameter_row::name);
        if (row == parameter_rows.end()) return refused(name);
        if (row->what == treatment::only_this && !value.empty() && value != row->value)
            return refused(fmt::format("{}={}", name, value));
    }
    return {};
}

template <class Number>
std::optional<Number> number_in(std::string_view text) {
    Number number = 0;
    const auto* const end = text.data() + text.size();
    const auto [at, wrong] = std::from_chars(text.data(), end, number);
    if (wrong != std::errc{} || at != end) return {};
    return number;
}

/// Empty: neither true nor false.
std::optional<bool> flag_in(std::string_view text) {
    if (equal_ignoring_case(text, "true")) return true;
    if (equal_ignoring_case(text, "false")) return false;
    return {};
}

bool matches_sender(std::string_view pattern, std::string_view sender) {
    if (!pattern.ends_with('*')) return pattern == sender;
    pattern.remove_suffix(1);
    return sender.starts_with(pattern);
}

std::string_view without_plus(std::string_view text) {
    return text.starts_with('+') ? text.substr(1) : text;
}

/// "whatsapp:+81901234": short messages alone are sent here.
bool is_of_channel(std::string_view address) {
    return address.find(':') != std::string_view::npos;
}

bool is_in_pool(const config::twilio_service& service, std::string_view sender) {
    return service.senders.empty() ||
           std::ranges::any_of(
               service.senders,
               [sender](const std::string& pattern) {
                   return matches_sender(without_plus(pattern), without_plus(sender));
               });
}

std::optional<fault> read_to(const form_values& form, const config::account& account,
                             new_message& into) {
    const auto to = value_in(form, "To");
    if (to.empty()) return fault{.what = error::to_missing};
    auto address = parse_destination(to, account);
    if (!address)
        return fault{.what = error::to_invalid, .detail = std::string(explain(address.error()))};
    into.message.destination = std::move(*address);
    into.to = format_address(into.message.destination.ton, into.message.destination.digits);
    return {};
}

/// The service that the message names, in MessagingServiceSid or in From.
read_result<const config::twilio_service*> find_service(const form_values& form,
                                                        const config::account& account) {
    auto sid = value_in(form, "MessagingServiceSid");
    if (sid.empty() && is_sid(value_in(form, "From"), "MG")) sid = value_in(form, "From");
    if (sid.empty()) return nullptr;
    if (!is_sid(sid, "MG")) return fault{.what = error::service_invalid};
    const auto& services = account.twilio->services;
    const auto at = std::ranges::find(services, sid, &config::twilio_service::sid);
    if (at == services.end()) return fault{.what = error::service_unknown};
    return &*at;
}

std::optional<fault> read_sender(const form_values& form, const config::account& account,
                                 new_message& into) {
    const auto service = find_service(form, account);
    if (!service) return service.error();
    std::string sender(value_in(form, "From"));
    bool is_chosen = false;
    if (*service != nullptr) {
        into.service_sid = (*service)->sid;
        into.message.tag = into.service_sid;
        if (sender == into.service_sid) sender.clear();
        is_chosen = sender.empty();
        if (is_chosen) {
            auto chosen = choose_sender(**service, account, into.to);
            if (!chosen) return fault{.what = error::service_without_sender};
            sender = std::move(*chosen);
        }
    }
    if (sender.empty()) return fault{.what = error::from_missing};
    auto address = read_sender_address(sender);
    if (!address)
        return fault{.what = error::from_invalid, .detail = std::string(explain(address.error()))};
    into.message.source = std::move(*address);
    into.from = format_address(into.message.source.ton, into.message.source.digits);
    if (*service != nullptr && !is_chosen && !is_in_pool(**service, into.from))
        return fault{.what = error::from_refused};
    return {};
}

std::optional<fault> read_body(const form_values& form, new_message& into) {
    const auto body = value_in(form, "Body");
    if (body.empty()) return fault{.what = error::body_missing};
    std::size_t characters = 0;
    for (std::size_t at = 0; at < body.size(); ++characters) {
        const auto octets = smpp::text::decode_utf8(body, at).bytes;
        if (octets == 0) return malformed("Body");
        at += octets;
    }
    if (characters > body_characters_max) return fault{.what = error::body_too_long};
    into.message.text = body;
    return {};
}

std::optional<fault> read_times(const form_values& form, std::int64_t now_ms, new_message& into) {
    const auto type = value_in(form, "ScheduleType");
    const auto send_at = value_in(form, "SendAt");
    if (!type.empty() || !send_at.empty()) {
        if (type != "fixed") return fault{.what = error::schedule_type_refused};
        if (send_at.empty()) return fault{.what = error::send_at_missing};
        if (into.service_sid.empty()) return fault{.what = error::schedule_without_service};
        const auto moment = parse_time(send_at);
        if (!moment || *moment < now_ms + ahead_ms_min || *moment > now_ms + ahead_ms_max)
            return fault{.what = error::send_at_out_of_range};
        into.message.send_at_ms = *moment;
        into.is_scheduled = true;
    }
    const auto validity = value_in(form, "ValidityPeriod");
    if (validity.empty()) return {};
    const auto seconds = number_in<std::int64_t>(validity);
    if (!seconds || *seconds < 1 || *seconds > validity_seconds_max)
        return fault{.what = error::validity_invalid};
    into.message.expires_ms = into.message.send_at_ms.value_or(now_ms) + *seconds * 1000;
    return {};
}

std::optional<fault> read_callback(const form_values& form, new_message& into) {
    const auto url = value_in(form, "StatusCallback");
    if (url.empty()) return {};
    const bool is_plain = std::ranges::all_of(url, [](char c) { return c > ' ' && c <= '~'; });
    if (url.size() > status_callback_octets_max || !is_plain || !is_callback_url(url))
        return fault{.what = error::status_callback_invalid};
    constexpr std::uint8_t every_end = callback_type::accepted | callback_type::delivered |
                                       callback_type::failed | callback_type::refused;
    into.message.callback = {std::string(url), CallbackForm::twilio, CallbackMethod::post,
                             every_end};
    return {};
}

std::optional<fault> read_flags(const form_values& form, new_message& into) {
    if (const auto text = value_in(form, "ShortenUrls"); !text.empty()) {
        const auto flag = flag_in(text);
        if (!flag) return malformed("ShortenUrls");
        into.message.track_links = *flag;
    }
    if (const auto text = value_in(form, "SmartEncoded"); !text.empty()) {
        const auto flag = flag_in(text);
        if (!flag) return malformed("SmartEncoded");
        using smpp::text::transliteration;
        into.message.transliterate = *flag ? transliteration::punctuation : transliteration::off;
    }
    return {};
}

}  // namespace

boost::system::result<phone_address, address_error> read_sender_address(std::string_view text) {
    if (is_of_channel(text)) return address_error::bad_character;
    return parse_sender(text);
}

read_result<form_values> read_form(std::string_view text) {
    form_values out;
    while (const auto each = take_parameter(text)) {
        if (each->name.empty() && each->value.empty()) continue;
        if (out.size() == parameters_max)
            return fault{.what = error::parameter_refused, .detail = "there are too many"};
        auto name = decode_form(each->name);
        if (std::ranges::find(out, name, &form_values::value_type::first) != out.end())
            return fault{.what = error::parameter_refused,
                         .detail = fmt::format("{} is given twice", name)};
        out.emplace_back(std::move(name), decode_form(each->value));
    }
    return out;
}

std::optional<std::string> choose_sender(const config::twilio_service& service,
                                         const config::account& account, std::string_view to) {
    std::vector<std::string_view> whole;
    for (const std::string& each : service.senders.empty() ? account.senders : service.senders)
        if (!each.ends_with('*')) whole.push_back(each);
    if (whole.empty()) return {};
    const auto digest = digest_of(to);
    const std::size_t place = digest[0] << 8 | digest[1];
    return std::string(whole[place % whole.size()]);
}

read_result<new_message> read_new_message(const form_values& form, const config::account& account,
                                          std::int64_t now_ms) {
    new_message made;
    made.message.origin = Origin::http;
    // So that the message's status is known when it is asked for.
    made.message.registered_delivery = smpp::registered_delivery::final;
    if (const auto wrong = check_names(form)) return *wrong;
    if (const auto wrong = read_to(form, account, made)) return *wrong;
    if (const auto wrong = read_sender(form, account, made)) return *wrong;
    if (const auto wrong = read_body(form, made)) return *wrong;
    if (const auto wrong = read_times(form, now_ms, made)) return *wrong;
    if (const auto wrong = read_callback(form, made)) return *wrong;
    if (const auto wrong = read_flags(form, made)) return *wrong;
    return made;
}

std::optional<fault> check_update(const form_values& form) {
    const auto is_cancel =
        form.size() == 1 && form.front().first == "Status" && form.front().second == "canceled";
    if (is_cancel) return {};
    return fault{.what = error::update_invalid, .detail = "only Status=canceled is supported"};
}

namespace {

constexpr std::size_t page_size_default = 50, page_size_max = 1000;
constexpr std::size_t looked_at_max = 20'000;  // messages of all accounts, for one page

struct day_or_moment {
    std::int64_t first_ms = 0, last_ms = 0;
};

/// "2026-11-30", the whole day in UTC, or a moment.
std::optional<day_or_moment> read_date(std::string_view text) {
    constexpr std::int64_t day_ms = 86'400'000;
    constexpr std::size_t date_octets = 10;
    if (text.size() == date_octets) {
        const auto begin = parse_time(std::string(text) + "T00:00:00Z");
        if (!begin) return {};
        return day_or_moment{*begin, *begin + day_ms - 1};
    }
    const auto moment = parse_time(text);
    if (!moment) return {};
    return day_or_moment{*moment, *moment};
}

/// The address as messages have it. What is none is compared as it stands: messages of other doors
/// may have it.
std::string digits_of(const boost::system::result<phone_address, address_error>& read,
                      std::string_view text) {
    return read ? read->digits : std::string(without_plus(text));
}

std::optional<fault> read_filter(std::string_view name, const std::string& value,
                                 const config::account& account, message_range& into) {
    if (name == "To") {
        into.destination = digits_of(parse_destination(value, account), value);
        return {};
    }
    if (name == "From") {
        into.source = digits_of(parse_sender(value), value);
        return {};
    }
    const auto date = read_date(value);
    if (!date) return malformed(name);
    if (name != "DateSent<") into.from_ms = std::max(into.from_ms, date->first_ms);
    if (name != "DateSent>") into.to_ms = std::min(into.to_ms, date->last_ms);
    return {};
}

/// "PA" or "PB" and the sid of a message: what comes after it, or before it.
std::optional<fault> read_token(std::string_view token, list_request& into) {
    const auto id = parse_message_sid(token.substr(std::min<std::size_t>(2, token.size())));
    into.is_backwards = token.starts_with("PB");
    if (!id || !(into.is_backwards || token.starts_with("PA"))) return malformed("PageToken");
    into.range.beyond = *id;
    into.range.newest_first = !into.is_backwards;
    return {};
}

std::optional<fault> read_list_parameter(const std::string& name, const std::string& value,
                                         const config::account& account, list_request& into) {
    if (name == "PageToken") return read_token(value, into);
    if (name == "Page") {
        const auto page = number_in<std::uint32_t>(value);
        if (!page) return malformed(name);
        into.page = *page;
        return {};
    }
    if (name == "PageSize") {
        const auto size = number_in<std::uint32_t>(value);
        if (!size || *size == 0) return malformed(name);
        into.page_size = std::min<std::size_t>(*size, page_size_max);
        return {};
    }
    if (name != "To" && name != "From" && name != "DateSent" && name != "DateSent<" &&
        name != "DateSent>")
        return refused(name);
    if (value.empty()) return {};
    into.filters += encode_form({{name, value}}) + "&";
    return read_filter(name, value, account, into.range);
}

}  // namespace

read_result<list_request> read_list(std::string_view query, const config::account& account) {
    const auto form = read_form(query);
    if (!form) return form.error();
    list_request made;
    made.page_size = page_size_default;
    for (const auto& [name, value] : *form)
        if (const auto wrong = read_list_parameter(name, value, account, made)) return *wrong;
    if (made.page > 0 && !made.range.beyond)
        return fault{.what = error::parameter_refused, .detail = "Page needs the PageToken"};
    made.range.limit = made.page_size;
    made.range.looked_at_max = looked_at_max;
    return made;
}

}  // namespace hikyaku::gateway::api::twilio
