#include "gateway/engine/planner.hpp"

#include <algorithm>

#include "gateway/engine/router.hpp"
#include "smpp/pdu/constants.hpp"
#include "smpp/pdu/tlv.hpp"
#include "smpp/text/plan.hpp"

namespace hikyaku::gateway {

namespace {

constexpr std::uint8_t ton_international = 1;
constexpr std::uint8_t ton_alphanumeric = 5;
constexpr std::uint8_t npi_isdn = 1;
constexpr std::uint8_t data_coding_binary = 4;
constexpr std::size_t address_octets_max = 20;
constexpr std::size_t alphanumeric_octets_max = 11;
constexpr std::int64_t schedule_ms_max = std::int64_t{366} * 24 * 3600 * 1000;

template <class Value>
using planned = boost::system::result<Value, plan_refusal>;

bool all_digits(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// "+81 90-1234 (5678)" -> "+819012345678"; what is left must be digits.
bool normalise_number(std::string& digits) {
    std::erase_if(digits, [](char c) { return c == ' ' || c == '-' || c == '(' || c == ')'; });
    const std::string_view rest =
        digits.starts_with('+') ? std::string_view(digits).substr(1) : std::string_view(digits);
    return all_digits(rest) && rest.size() <= address_octets_max;
}

bool normalise_destination(phone_address& address) {
    if (address.ton == ton_alphanumeric || !normalise_number(address.digits)) {
        return false;
    }
    if (address.digits.front() == '+') {
        address.digits.erase(0, 1);
        address.ton = ton_international;
        address.npi = npi_isdn;
    }
    return address.digits.size() >= 3;
}

bool normalise_source(phone_address& address) {
    if (address.digits.empty()) {
        return true;  // the carrier's own default sender
    }
    std::string number = address.digits;
    if (address.ton != ton_alphanumeric && normalise_number(number)) {
        address.digits = number;
        if (address.digits.front() == '+') {
            address.digits.erase(0, 1);
            address.ton = ton_international;
            address.npi = npi_isdn;
        }
        return true;
    }
    const bool printable = std::all_of(address.digits.begin(), address.digits.end(), [](char c) {
        return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F;
    });
    if (!printable || address.digits.size() > alphanumeric_octets_max) {
        return false;
    }
    address.ton = ton_alphanumeric;
    address.npi = 0;
    return true;
}

bool sender_allowed(const config::account& account, std::string_view source) {
    return account.senders.empty() ||
           std::any_of(account.senders.begin(), account.senders.end(), [&](const auto& pattern) {
               std::string_view wanted = pattern;
               if (wanted.starts_with('+')) {
                   wanted.remove_prefix(1);
               }
               return matches_pattern(wanted, source);
           });
}

plan_refusal check_flags(const submission& message) {
    if (message.priority >= 4) {
        return {refusal::priority_invalid};
    }
    if ((message.registered_delivery & 0xE0) != 0) {
        return {refusal::registered_delivery_invalid};
    }
    // Message types are for deliver_sm; from an application only the default one makes sense, or
    // an acknowledgement (3.4, 5.2.12), which is passed on.
    const auto type = message.esm_class & smpp::esm_class::message_type_mask;
    if (type == smpp::esm_class::receipt || type == smpp::esm_class::intermediate) {
        return {refusal::esm_class_invalid};
    }
    return {};
}

plan_refusal plan_times(const submission& message, const plan_context& context,
                        planned_message& out) {
    const auto now = context.now_ms;
    out.not_before_ms = std::max(now, message.send_at_ms.value_or(now));
    if (out.not_before_ms > now + schedule_ms_max) {
        return {refusal::schedule_invalid};
    }
    const auto default_ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(context.account->validity_default);
    out.expires_ms = message.expires_ms.value_or(out.not_before_ms + default_ms.count());
    if (out.expires_ms <= now || out.expires_ms <= out.not_before_ms) {
        return {refusal::validity_invalid};
    }
    return {};
}

plan_refusal refuse_plan(const smpp::text::plan_failure& failure) {
    const auto detail = static_cast<std::uint32_t>(failure.position);
    return failure.what == smpp::text::plan_error::too_many_parts
               ? plan_refusal{refusal::text_too_long, detail}
               : plan_refusal{refusal::text_invalid, detail};
}

void take_plan(smpp::text::plan&& plan, planned_message& out) {
    out.encoding = plan.enc;
    out.data_coding = plan.data_coding;
    out.units = static_cast<std::uint32_t>(plan.units);
    out.segments = std::move(plan.segments);
    if (plan.udhi) {
        out.esm_class |= smpp::esm_class::udhi;
    }
}

/// Octets that begin with a user data header of the application's own: one segment, unchanged.
plan_refusal plan_with_header(const submission& message, planned_message& out) {
    const auto octets = smpp::text::octets_of(message.octets);
    if (octets.empty() || std::size_t{octets[0]} + 1 > octets.size()) {
        return {refusal::esm_class_invalid};
    }
    out.data_coding = message.binary ? data_coding_binary : message.data_coding;
    out.encoding = smpp::text::encoding_of(out.data_coding);
    // 140 octets on the air, or 160 septets, of which the header takes as many as it has bits for.
    const std::size_t header = std::size_t{octets[0]} + 1;
    const std::size_t septets = (header * 8 + 6) / 7 + octets.size() - header;
    if (out.encoding == smpp::text::encoding::gsm7 ? septets > 160 : octets.size() > 140) {
        return {refusal::text_too_long, 2};
    }
    out.esm_class = message.esm_class;
    out.units = static_cast<std::uint32_t>(octets.size());
    out.segments.assign(1, message.octets);
    return {};
}

bool carries_sar(const submission& message) {
    const auto list = smpp::tlv_list::parse(smpp::text::octets_of(message.tlvs));
    return list && list->find(smpp::tag::sar_total_segments).has_value();
}

/// The text of a submission whose links are to be rewritten; empty if there is nothing to rewrite.
std::optional<std::string> rewritable_text(const submission& message, const plan_context& context) {
    const bool wanted = message.track_links.value_or(context.account->links.track);
    if (!wanted || message.binary || carries_sar(message)) {
        return std::nullopt;  // a part of a text that the application has cut itself stays as it is
    }
    std::string text;
    if (message.text) {
        text = *message.text;
    } else {
        auto decoded = smpp::text::decode_octets(smpp::text::octets_of(message.octets),
                                                 message.data_coding, smpp::text::on_fault::refuse);
        if (!decoded) {
            return std::nullopt;
        }
        text = std::move(*decoded);
    }
    return links::may_contain_url(text) ? std::optional(std::move(text)) : std::nullopt;
}

plan_refusal plan_content(const submission& message, const plan_context& context,
                          planned_message& out) {
    out.esm_class = message.esm_class & static_cast<std::uint8_t>(~smpp::esm_class::udhi);
    const auto account_max = context.account->parts_max;
    smpp::text::plan_options options{
        .choice = message.encoding,
        .parts_max = std::min(account_max, message.parts_max.value_or(account_max)),
        .reference = context.reference};
    if (auto text = rewritable_text(message, context)) {
        const auto& own_url = context.account->links.base_url;
        const links::rewrite_options how{
            .base_url = own_url.empty() ? context.links->base_url : own_url,
            .code_length = context.links->code_length};
        auto rewritten = how.base_url.empty() ? links::rewritten_text{*text, {}}
                                              : links::rewrite(*text, how, context.random);
        if (!rewritten) {
            return {refusal::link_invalid};
        }
        if (!rewritten->links.empty()) {
            const auto own_encoding = smpp::text::encoding_of(message.data_coding);
            if (!message.text && own_encoding == smpp::text::encoding::ucs2) {
                options.choice = smpp::text::encoding_choice::ucs2;  // as the application chose
            }
            auto plan = smpp::text::plan_text(rewritten->text, options);
            if (!plan) {
                return refuse_plan(plan.error());
            }
            take_plan(std::move(*plan), out);
            if (!message.text && out.encoding == own_encoding) {
                out.data_coding = message.data_coding;  // its message class stays
            }
            out.links = std::move(rewritten->links);
            out.final_text = std::move(rewritten->text);
            return {};
        }
    }
    if (message.text) {
        auto plan = smpp::text::plan_text(*message.text, options);
        if (!plan) {
            return refuse_plan(plan.error());
        }
        take_plan(std::move(*plan), out);
        out.final_text = *message.text;
        return {};
    }
    const auto data_coding = message.binary ? data_coding_binary : message.data_coding;
    auto plan =
        smpp::text::plan_octets(smpp::text::octets_of(message.octets), data_coding, options);
    if (!plan) {
        return refuse_plan(plan.error());
    }
    take_plan(std::move(*plan), out);
    if (out.segments.size() > 1 && carries_sar(message)) {
        return {refusal::text_too_long, static_cast<std::uint32_t>(out.segments.size())};
    }
    return {};
}

}  // namespace

planned<planned_message> plan_message(submission& message, const plan_context& context) {
    planned_message out;
    if (!normalise_destination(message.destination)) {
        return plan_refusal{refusal::destination_invalid};
    }
    if (!normalise_source(message.source)) {
        return plan_refusal{refusal::source_invalid};
    }
    if (!sender_allowed(*context.account, message.source.digits)) {
        return plan_refusal{refusal::source_not_allowed};
    }
    if (const auto why = check_flags(message); why.why != refusal::none) {
        return why;
    }
    if (const auto why = plan_times(message, context, out); why.why != refusal::none) {
        return why;
    }
    const bool own_header = smpp::esm_class::has_udh(message.esm_class) && !message.text;
    const auto why =
        own_header ? plan_with_header(message, out) : plan_content(message, context, out);
    if (why.why != refusal::none) {
        return why;
    }
    out.priority = static_cast<std::uint8_t>(
        std::min<std::uint32_t>(message.priority, context.account->priority_max));
    return out;
}

}  // namespace hikyaku::gateway
