#include "gateway/api/jasmin/message.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>

#include "gateway/api/addresses.hpp"
#include "gateway/api/gsm_text.hpp"
#include "gateway/api/jasmin/tlvs.hpp"
#include "gateway/engine/delivery/callback_url.hpp"
#include "smpp/pdu/constants.hpp"
#include "smpp/pdu/times.hpp"
#include "smpp/text/hex.hpp"
#include "smpp/text/utf8.hpp"

namespace hikyaku::gateway::api::jasmin {
namespace {

constexpr std::int64_t minute_ms = 60'000;
constexpr std::uint8_t dcs_ucs2 = 8;

using maybe_fault = std::optional<fault>;

fault plain(error_id why) {
    return {why, {}, {}};
}

fault invalid(const request& what, std::string_view name) {
    return {error_id::field_invalid, std::string(name), std::string(what.value_of(name))};
}

std::int64_t integer_in(std::string_view digits, std::int64_t beyond) {
    std::int64_t number = 0;
    const auto [at, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return error == std::errc{} ? number : beyond;
}

maybe_fault read_addresses(const request& what, const config::account& account, submission& into) {
    auto to = parse_destination(what.value_of("to"), account);
    if (!to) return plain(error_id::destination_invalid);
    into.destination = std::move(*to);
    std::string_view from = what.value_of("from");
    if (from.empty()) {
        const auto whole = std::ranges::find_if(
            account.senders, [](const std::string& each) { return !each.ends_with('*'); });
        if (whole == account.senders.end()) return plain(error_id::sender_missing);
        from = *whole;
    }
    auto source = parse_sender(from);
    if (!source) return plain(error_id::source_invalid);
    into.source = std::move(*source);
    return {};
}

maybe_fault read_times(const request& what, std::int64_t now_ms, submission& into) {
    if (const auto* const at = what.find("sdt")) {
        const smpp::sys_time now{std::chrono::milliseconds(now_ms)};
        const auto time = smpp::parse_time(*at, now);
        if (time.has_error() || !*time) return plain(error_id::schedule_invalid);
        into.send_at_ms = (*time)->time_since_epoch().count();
    }
    if (const auto* const minutes = what.find("validity-period")) {
        constexpr std::int64_t minutes_max = 1'000'000'000;
        const auto number = integer_in(*minutes, minutes_max + 1);
        if (number == 0 || number > minutes_max) return plain(error_id::validity_invalid);
        into.expires_ms = now_ms + number * minute_ms;
    }
    return {};
}

/// Text for coding 0, which theirs writes with '?' for what the alphabet lacks; without `coding`
/// what the text needs. Other codings leave the octets to the application.
maybe_fault read_content(const request& what, const config::account& account, submission& into) {
    const auto* const content = what.find("content");
    const auto* const coding = what.find("coding");
    const auto number = static_cast<std::uint8_t>(coding == nullptr ? 0 : integer_in(*coding, 0));
    if (content == nullptr) {
        auto octets = smpp::text::from_hex(what.value_of("hex-content"));
        if (!octets) return plain(error_id::hex_content_invalid);
        into.octets = std::move(*octets);
        into.data_coding = number;
        return {};
    }
    const bool is_text = number == 0 || (what.json && number == dcs_ucs2);
    if (!is_text) {
        into.octets = *content;
        into.data_coding = number;
        return {};
    }
    if (smpp::text::first_invalid_utf8(*content)) return plain(error_id::text_invalid);
    using smpp::text::encoding_choice;
    into.encoding = number == dcs_ucs2  ? encoding_choice::ucs2
                    : coding == nullptr ? encoding_choice::automatic
                                        : encoding_choice::gsm7;
    into.text = number == 0 && coding != nullptr ? forced_into_gsm(*content, account) : *content;
    return {};
}

/// A `dlr-url` or a level alone asks for reports, as in Jasmin; without a URL there are none.
void read_report_request(const request& what, submission& into) {
    const auto url = what.value_of("dlr-url");
    if (url.empty()) return;
    const auto* const level = what.find("dlr-level");
    const bool smsc = level == nullptr || *level != "2";
    const bool terminal = level != nullptr && *level != "1";
    auto& told = into.callback;
    told.url = url;
    told.form = CallbackForm::jasmin;
    told.method = equal_ignoring_case(what.value_of("dlr-method"), "GET") ? CallbackMethod::get
                                                                          : CallbackMethod::post;
    if (smsc) told.mask |= callback_type::accepted | callback_type::refused;
    if (terminal) {
        told.mask |= callback_type::delivered | callback_type::failed;
        into.registered_delivery = smpp::registered_delivery::final;
    }
}

}  // namespace

boost::system::result<submission, fault> make_message(const request& what,
                                                      const config::account& account,
                                                      std::int64_t now_ms) {
    submission made;
    made.origin = Origin::http;
    if (const auto wrong = read_addresses(what, account, made)) return *wrong;
    if (const auto wrong = read_times(what, now_ms, made)) return *wrong;
    made.priority = static_cast<std::uint8_t>(integer_in(what.value_of("priority"), 0));
    made.tag = what.value_of("tags");
    auto tlvs = read_custom_tlvs(what.value_of("custom_tlvs"));
    if (!tlvs) return invalid(what, "custom_tlvs");
    made.tlvs = std::move(*tlvs);
    if (const auto wrong = read_content(what, account, made)) return *wrong;
    read_report_request(what, made);
    return made;
}

}  // namespace hikyaku::gateway::api::jasmin
