#include "gateway/api/sendsms/message.hpp"

#include <algorithm>
#include <limits>

#include "gateway/api/addresses.hpp"
#include "gateway/api/gsm_text.hpp"
#include "gateway/engine/delivery/callback_url.hpp"
#include "smpp/pdu/constants.hpp"
#include "smpp/text/charset.hpp"
#include "smpp/text/gsm.hpp"
#include "smpp/text/ucs2.hpp"
#include "smpp/text/udh.hpp"
#include "smpp/text/utf8.hpp"

namespace hikyaku::gateway::api {
namespace {

constexpr std::size_t account_octets_max = 64;
constexpr std::size_t smsc_octets_max = 64;
constexpr std::size_t billing_octets_max = 5;  // service_type in SMPP
constexpr std::int64_t minute_ms = 60'000;
constexpr long dlr_mask_max = 64;
constexpr std::uint8_t dlr_mask_used = 31;
constexpr std::uint8_t esm_reply_path = 0x80;

constexpr long coding_automatic = -1;  // not given: what the text needs
constexpr long coding_gsm = 0;
constexpr long coding_binary = 1;
constexpr long coding_ucs2 = 2;

constexpr std::uint8_t dcs_ucs2 = 0x08;
constexpr std::uint8_t dcs_ucs2_class = 0x18;
constexpr std::uint8_t dcs_class = 0xF0;
constexpr std::uint8_t dcs_waiting_off = 0xC0;
constexpr std::uint8_t dcs_waiting_on = 0xD8;
constexpr std::uint8_t dcs_waiting_ucs2_off = 0xE0;
constexpr std::uint8_t dcs_waiting_ucs2_on = 0xE8;

using fault = std::optional<error_id>;

bool outside(const std::optional<long>& value, long least, long most) {
    return value && (*value < least || *value > most);
}

bool printable(std::string_view text) {
    return std::ranges::all_of(
        text, [](char c) { return c < 0 || (c >= ' ' && c != 0x7F); });
}

/// 00 and a digit 1-9 are "+" to Kannel, and here where the account has no prefix of its own.
std::string with_plus(std::string_view number, const config::account& account) {
    const bool dialled = account.international_prefix.empty() && number.starts_with("00") &&
                         !number.starts_with("000");
    return dialled ? "+" + std::string(number.substr(2)) : std::string(number);
}

fault read_receivers(const sendsms_request& request, const config::account& account,
                     std::size_t receivers_max, sendsms_messages& into) {
    if (!request.to || (request.post && request.to->empty()))
        return request.post ? error_id::recipients_missing : error_id::recipient_missing;
    if (request.to->empty()) return error_id::recipient_empty;
    std::string_view rest = *request.to;
    while (!rest.empty()) {
        const auto word = rest.substr(0, rest.find(' '));
        rest.remove_prefix(std::min(word.size() + 1, rest.size()));
        if (word.empty()) continue;
        if (into.receivers.size() + into.denied.size() == receivers_max)
            return error_id::recipients_too_many;
        auto address = parse_destination(with_plus(word, account), account);
        if (address)
            into.receivers.push_back({std::string(word), std::move(*address)});
        else
            into.denied.emplace_back(word);
    }
    if (into.receivers.empty()) return error_id::destination_invalid;
    return {};
}

fault read_sender(const sendsms_request& request, const config::account& account,
                  sendsms_messages& into) {
    into.sender = request.from.value_or(std::string{});
    if (into.sender.empty()) {
        const auto whole = std::ranges::find_if(
            account.senders, [](const std::string& each) { return !each.ends_with('*'); });
        if (whole == account.senders.end()) return error_id::sender_missing;
        into.sender = *whole;
    }
    auto address = parse_sender(into.sender);
    if (!address) return error_id::source_invalid;
    into.message.source = std::move(*address);
    return {};
}

fault check_labels(const sendsms_request& request, sendsms_messages& into) {
    if (request.account.size() > account_octets_max || !printable(request.account))
        return error_id::reference_invalid;
    if (request.smsc.size() > smsc_octets_max || !printable(request.smsc))
        return error_id::tag_invalid;
    into.message.reference = request.account;
    into.message.tag = request.smsc;
    into.message.service_type = smpp::text::cut_utf8(request.billing, billing_octets_max);
    if (!printable(into.message.service_type)) into.message.service_type.clear();
    return {};
}

fault read_report_request(const sendsms_request& request, sendsms_messages& into) {
    const std::string url = request.dlr_url.value_or(std::string{});
    if (!url.empty() && !is_callback_url(url)) return error_id::callback_url_invalid;
    if (outside(request.dlr_mask, 0, dlr_mask_max)) return error_id::callback_mask_invalid;
    const auto mask = static_cast<std::uint8_t>(request.dlr_mask.value_or(0) & dlr_mask_used);
    if (url.empty() || mask == 0) return {};
    into.dlr_url = url;
    into.message.callback.mask = mask;
    if ((mask & callback_type::delivered) != 0)
        into.message.registered_delivery = smpp::registered_delivery::final;
    else if ((mask & callback_type::failed) != 0)
        into.message.registered_delivery = smpp::registered_delivery::failure;
    if ((mask & callback_type::buffered) != 0)
        into.message.registered_delivery |= smpp::registered_delivery::intermediate;
    return {};
}

fault check_numbers(const sendsms_request& request) {
    using enum error_id;
    constexpr long minutes_max = std::numeric_limits<std::int32_t>::max();
    const struct {
        const std::optional<long>& value;
        long least, most;
        error_id reply;
    } rows[] = {
        {request.mclass, 0, 3, message_class_invalid},
        {request.alt_dcs, 0, 1, alt_dcs_invalid},
        {request.coding, 0, 2, data_coding_invalid},
        {request.compress, 0, 0, compress_invalid},  // nobody compresses it
        {request.validity, 0, minutes_max, validity_invalid},
        {request.deferred, 0, minutes_max, schedule_invalid},
        {request.priority, 0, 3, priority_invalid},
        {request.pid, 0, 255, protocol_id_invalid},
        {request.rpi, 0, 2, reply_path_invalid},
        {request.mwi, 0, 7, message_waiting_invalid},
    };
    for (const auto& row : rows)
        if (outside(row.value, row.least, row.most)) return row.reply;
    if (request.udh && !request.udh->empty()) {
        const auto octets = smpp::text::octets_of(*request.udh);
        if (octets.size() != std::size_t{octets[0]} + 1) return esm_class_invalid;
        if (!smpp::text::is_sound_udh(octets.subspan(1))) return esm_class_invalid;
    }
    return {};
}

void read_numbers(const sendsms_request& request, std::int64_t now_ms, submission& into) {
    if (request.validity.value_or(0) > 0) into.expires_ms = now_ms + *request.validity * minute_ms;
    if (request.deferred.value_or(0) > 0) into.send_at_ms = now_ms + *request.deferred * minute_ms;
    into.priority = static_cast<std::uint8_t>(request.priority.value_or(0));
    into.protocol_id = static_cast<std::uint8_t>(request.pid.value_or(0));
    if (request.rpi.value_or(0) == 1) into.esm_class |= esm_reply_path;
}

std::uint8_t data_coding_of(const sendsms_request& request, bool ucs2) {
    const auto small = [](long value) { return static_cast<std::uint8_t>(value); };
    if (request.mwi) {
        const bool active = *request.mwi < 4;
        const auto group = ucs2 ? (active ? dcs_waiting_ucs2_on : dcs_waiting_ucs2_off)
                                : (active ? dcs_waiting_on : dcs_waiting_off);
        return group | small(*request.mwi & 3);
    }
    if (ucs2) return request.mclass ? dcs_ucs2_class | small(*request.mclass) : dcs_ucs2;
    const bool alternative = request.alt_dcs.value_or(0) == 1;
    if (!request.mclass && !alternative) return 0;
    return dcs_class | small(request.mclass.value_or(1));
}

void fill_binary(const sendsms_request& request, submission& into) {
    into.octets += request.text;
    if (request.mwi) {
        into.data_coding = data_coding_of(request, true);
        return;
    }
    into.binary = true;
    const bool alternative = request.alt_dcs.value_or(0) == 1;
    if (request.mclass || alternative)
        into.message_class = static_cast<std::uint8_t>(request.mclass.value_or(1));
}

/// Text whose data_coding, or a header, the application has chosen: encoded here.
void fill_octets(const sendsms_request& request, long coding, const std::string& utf8,
                 const config::account& account, submission& into) {
    const bool ucs2 = coding == coding_ucs2 || (coding == coding_automatic && !fits_gsm(utf8));
    into.data_coding = data_coding_of(request, ucs2);
    if (ucs2) {
        std::u16string units;
        (void)smpp::text::append_utf16(utf8, units);
        smpp::text::append_utf16be(units, into.octets);
    } else {
        (void)smpp::text::encode_gsm(forced_into_gsm(utf8, account), into.octets);
    }
}

fault fill_content(const sendsms_request& request, const config::account& account,
                   submission& into) {
    const bool header = request.udh && !request.udh->empty();
    const long coding =
        request.coding.value_or(header || request.octet_stream ? coding_binary : coding_automatic);
    if (header) {
        into.esm_class |= smpp::esm_class::udhi;
        into.octets = *request.udh;
    }
    if (coding == coding_binary) {
        fill_binary(request, into);
        return {};
    }
    const bool utf16 = coding == coding_ucs2 && !request.post;
    const auto charset = request.charset && !request.charset->empty()
                             ? *request.charset
                             : std::string(utf16 ? "UTF-16BE" : "UTF-8");
    const auto utf8 = smpp::text::decode_charset(smpp::text::octets_of(request.text), charset);
    if (!utf8) return error_id::text_invalid;
    const bool alternative = request.alt_dcs.value_or(0) == 1 && coding != coding_ucs2;
    if (header || request.mwi || alternative) {
        fill_octets(request, coding, *utf8, account, into);
        return {};
    }
    using smpp::text::encoding_choice;
    into.text = coding == coding_gsm ? forced_into_gsm(*utf8, account) : *utf8;
    into.encoding = coding == coding_gsm    ? encoding_choice::gsm7
                    : coding == coding_ucs2 ? encoding_choice::ucs2
                                            : encoding_choice::automatic;
    if (request.mclass) into.message_class = static_cast<std::uint8_t>(*request.mclass);
    return {};
}

}  // namespace

boost::system::result<sendsms_messages, error_id> make_messages(const sendsms_request& request,
                                                                const config::account& account,
                                                                std::size_t receivers_max,
                                                                std::int64_t now_ms) {
    sendsms_messages made;
    made.message.origin = Origin::http;
    if (const auto wrong = read_receivers(request, account, receivers_max, made)) return *wrong;
    if (const auto wrong = read_sender(request, account, made)) return *wrong;
    if (const auto wrong = check_labels(request, made)) return *wrong;
    if (const auto wrong = read_report_request(request, made)) return *wrong;
    if (const auto wrong = check_numbers(request)) return *wrong;
    read_numbers(request, now_ms, made.message);
    if (const auto wrong = fill_content(request, account, made.message)) return *wrong;
    return made;
}

std::optional<submission> message_for(const sendsms_messages& all, const sendsms_receiver& receiver,
                                      const config::account& account) {
    submission message = all.message;
    message.destination = receiver.address;
    if (!all.dlr_url.empty()) {
        callback_values values;
        values.phone = receiver.written;
        values.number = all.sender;
        values.service = account.sendsms->username;
        message.callback.url = prepare_callback(all.dlr_url, values);
        if (message.callback.url.size() > callback_octets_max) return {};
    }
    return message;
}

}  // namespace hikyaku::gateway::api
