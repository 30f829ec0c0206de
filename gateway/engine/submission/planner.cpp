#include "gateway/engine/submission/planner.hpp"

#include <algorithm>

#include "config/link_domains.hpp"
#include "gateway/engine/directory/router.hpp"
#include "gateway/engine/submission/numbers.hpp"
#include "gateway/links/targets.hpp"
#include "smpp/pdu/constants.hpp"
#include "smpp/pdu/tlv.hpp"
#include "smpp/text/ascii.hpp"
#include "smpp/text/packing.hpp"
#include "smpp/text/plan.hpp"
#include "smpp/text/udh.hpp"

namespace hikyaku::gateway {

namespace {

constexpr std::size_t destination_digits_min = 3;
constexpr std::size_t alphanumeric_octets_max = 11;
constexpr std::int64_t schedule_ms_max = std::int64_t{366} * 24 * 3600 * 1000;

template <class Value>
using planned = boost::system::result<Value, plan_refusal>;

/// "+81 90-1234 (5678)" -> "+819012345678"; what is left must be digits.
bool normalise_number(std::string& digits) {
    std::erase_if(digits, [](char c) { return c == ' ' || c == '-' || c == '(' || c == ')'; });
    const std::string_view rest =
        digits.starts_with('+') ? std::string_view(digits).substr(1) : std::string_view(digits);
    return !rest.empty() && smpp::text::all_digits(rest) && rest.size() <= address_octets_max;
}

/// Takes the plus of an international number away. False: no country code begins with 0.
bool take_plus(phone_address& address) {
    if (!address.digits.starts_with('+')) return true;
    if (leads_with_zero(address.digits)) return false;
    address.digits.erase(0, 1);
    address.ton = ton::international;
    address.npi = npi::isdn;
    return true;
}

/// Digits that cannot be international are not called so, whatever the application has called them.
void correct_type(phone_address& address) {
    if (address.ton == ton::international && leads_with_zero(address.digits))
        address.ton = ton::unknown;
}

bool normalise_destination(phone_address& address, const config::account& account) {
    if (address.ton == ton::alphanumeric || !normalise_number(address.digits)) return false;
    if (address.digits.starts_with('+'))
        return take_plus(address) && address.digits.size() >= destination_digits_min;
    if (address.digits.size() < destination_digits_min) return false;
    switch (read_number(account, address.ton, address.digits)) {
        case number_reading::uncertain:
            return false;
        case number_reading::international:
            address.ton = ton::international;
            address.npi = npi::isdn;
            break;
        case number_reading::kept:
            correct_type(address);
            break;
    }
    return true;
}

bool normalise_source(phone_address& address) {
    if (address.digits.empty()) return true;  // the carrier's own default sender
    std::string number = address.digits;
    if (address.ton != ton::alphanumeric && normalise_number(number)) {
        address.digits = number;
        correct_type(address);
        return take_plus(address);
    }
    const bool printable = std::all_of(address.digits.begin(), address.digits.end(), [](char c) {
        return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F;
    });
    if (!printable || address.digits.size() > alphanumeric_octets_max) return false;
    address.ton = ton::alphanumeric;
    address.npi = npi::unknown;
    return true;
}

/// The account's own sender where the application has named none, as over HTTP.
bool find_source(phone_address& address, const config::account& account) {
    const auto* own = address.digits.empty() ? only_sender(account) : nullptr;
    if (own == nullptr) return normalise_source(address);
    address = {ton::unknown, npi::unknown, *own};
    if (!normalise_source(address)) return false;
    if (address.ton == ton::unknown) label_sender(address);
    return true;
}

bool sender_allowed(const config::account& account, const phone_address& source) {
    const bool is_name = source.ton == ton_alphanumeric;
    return account.senders.empty() ||
           std::any_of(account.senders.begin(), account.senders.end(), [&](const auto& pattern) {
               return matches_sender(pattern, source.digits, is_name);
           });
}

plan_refusal check_flags(const submission& message) {
    if (message.priority >= 4) return {refusal::priority_invalid};
    if ((message.registered_delivery & 0xE0) != 0) return {refusal::registered_delivery_invalid};
    // Message types are for deliver_sm; from an application only the default one makes sense, or
    // an acknowledgement (3.4, 5.2.12), which is passed on.
    const auto type = message.esm_class & smpp::esm_class::message_type_mask;
    if (type == smpp::esm_class::receipt || type == smpp::esm_class::intermediate)
        return {refusal::esm_class_invalid};
    return {};
}

plan_refusal plan_times(const submission& message, const plan_context& context,
                        planned_message& out) {
    const auto now = context.now_ms;
    out.not_before_ms = std::max(now, message.send_at_ms.value_or(now));
    if (out.not_before_ms > now + schedule_ms_max) return {refusal::schedule_invalid};
    const auto default_ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(context.account->validity_default);
    out.expires_ms = message.expires_ms.value_or(out.not_before_ms + default_ms.count());
    if (out.expires_ms <= now || out.expires_ms <= out.not_before_ms)
        return {refusal::validity_invalid};
    return {};
}

/// A message is planned for one carrier at a time.
struct planning {
    const submission& message;
    const plan_context& context;
    const smpp::text::text_profile& profile;
    smpp::text::plan_options options;
    planned_message& out;
};

plan_refusal take_plan(planning& of,
                       boost::system::result<smpp::text::plan, smpp::text::plan_failure>&& made,
                       std::uint8_t choice) {
    if (!made) return refusal_of(made.error());
    auto& out = of.out;
    out.encoding = made->enc;
    out.data_coding = made->data_coding;
    out.units = static_cast<std::uint32_t>(made->units);
    out.segments = std::move(made->segments);
    out.concatenation = made->method;
    out.languages = languages_of(made->shift);
    out.parts = made->parts;
    out.billed = made->billed;
    out.choice = choice;
    out.profile = of.context.profile_fingerprint;
    out.replaced = std::move(made->replaced);
    if (made->udhi) out.esm_class |= smpp::esm_class::udhi;
    return {};
}

std::uint8_t stored(smpp::text::encoding_choice choice) {
    return static_cast<std::uint8_t>(choice);
}

/// The data_coding of a submission's octets.
std::uint8_t data_coding_of(const submission& message) {
    if (!message.binary) return message.data_coding;
    return smpp::text::compose_data_coding(smpp::text::encoding::binary, message.message_class, {})
        .value_or(4);
}

/// Octets that begin with a user data header of the application's own: one segment. It passes
/// unchanged, unless it is text for whose data_coding the carrier has another alphabet.
plan_refusal plan_with_header(planning& of) {
    const auto& message = of.message;
    auto& out = of.out;
    const auto octets = smpp::text::octets_of(message.octets);
    const auto parts = smpp::text::split_udh(octets);
    if (!parts || !smpp::text::is_sound_udh(parts->elements)) return {refusal::esm_class_invalid};
    out.esm_class = message.esm_class;
    out.data_coding = data_coding_of(message);
    out.encoding = smpp::text::encoding_of(out.data_coding);
    // 140 octets on the air, or 160 septets, of which the header takes as many as it has bits for.
    const std::size_t header = octets.size() - parts->text.size();
    const std::size_t septets = smpp::text::header_septets(header) + parts->text.size();
    if (out.encoding == smpp::text::encoding::gsm7 ? septets > 160 : octets.size() > 140)
        return {refusal::text_too_long, 2};
    if (needs_recoding(out.data_coding, of.profile)) {
        const auto text = smpp::text::decode_octets(
            parts->text, out.data_coding, smpp::text::shift_of(parts->elements),
            smpp::text::default_alphabet::gsm7, smpp::text::on_fault::refuse);
        if (text) {
            return take_plan(of, plan_behind_header(octets.first(header), *text, of.profile),
                             stored(smpp::text::encoding_choice::automatic));
        }
    }
    // Only what lies behind data_coding 0 is another alphabet at another carrier.
    out.choice =
        out.data_coding == 0 ? stored(smpp::text::encoding_choice::automatic) : keep_octets;
    out.profile = out.data_coding == 0 ? of.context.profile_fingerprint : 0;
    out.units = static_cast<std::uint32_t>(octets.size());
    out.segments.assign(1, message.octets);
    return {};
}

bool carries_sar(const submission& message) {
    const auto list = smpp::tlv_list::parse(smpp::text::octets_of(message.tlvs));
    return list && list->find(smpp::tag::sar_total_segments).has_value();
}

/// The text of a submission's octets; empty if they are none.
std::optional<std::string> read_octets(const submission& message) {
    auto decoded = smpp::text::decode_octets(smpp::text::octets_of(message.octets),
                                             message.data_coding, smpp::text::on_fault::refuse);
    return decoded ? std::optional(std::move(*decoded)) : std::nullopt;
}

/// The text of a submission whose links are to be rewritten; empty if there is nothing to rewrite.
std::optional<std::string> rewritable_text(const submission& message, const plan_context& context) {
    const bool wanted = message.track_links.value_or(context.account->links.track);
    if (!wanted || message.binary || carries_sar(message))
        return std::nullopt;  // a part of a text that the application has cut itself stays as it is
    auto text = message.text ? message.text : read_octets(message);
    return text && links::may_contain_url(*text) ? std::move(text) : std::nullopt;
}

/// The text behind a user data header of the application's own; empty if it cannot be read.
std::optional<std::string> text_behind_header(const submission& message) {
    const auto parts = smpp::text::split_udh(smpp::text::octets_of(message.octets));
    if (!parts) return std::nullopt;
    auto decoded = smpp::text::decode_octets(
        parts->text, data_coding_of(message), smpp::text::shift_of(parts->elements),
        smpp::text::default_alphabet::gsm7, smpp::text::on_fault::refuse);
    return decoded ? std::optional(std::move(*decoded)) : std::nullopt;
}

/// Where the account's URLs may lead, whether they are tracked or not. Its own links lead where
/// they were made for.
plan_refusal check_targets(const submission& message, const plan_context& context) {
    const auto& allowed = context.account->links.targets;
    if (allowed.empty() || message.binary) return {};
    const bool has_header = smpp::esm_class::has_udh(message.esm_class) && !message.text;
    const auto text = message.text ? message.text
                      : has_header ? text_behind_header(message)
                                   : read_octets(message);
    if (!text || !links::may_contain_url(*text)) return {};
    const auto base_url = config::link_base_of(context.account->links, *context.links);
    const auto foreign = links::find_foreign_target(*text, allowed, base_url);
    return foreign ? plan_refusal{refusal::link_target_not_allowed,
                                  static_cast<std::uint32_t>(*foreign)}
                   : plan_refusal{};
}

plan_refusal plan_utf8(planning& of, std::string_view text) {
    const auto why = take_plan(of, smpp::text::plan_text(text, of.options, of.profile),
                               stored(of.options.choice));
    auto& out = of.out;
    if (why.why == refusal::none && !out.replaced.empty())
        out.final_text = with_replacements(text, out.replaced);
    else if (of.context.keep_text)
        out.final_text = text;
    return why;
}

/// A text that came as octets in an encoding of the application's choice, which is left only for
/// what transliteration saves. Its message class stays.
plan_refusal plan_decoded(planning& of, std::string_view text) {
    const auto& message = of.message;
    const auto own = smpp::text::encoding_of(message.data_coding);
    of.options.message_class = smpp::text::message_class_of(message.data_coding);
    if (of.options.transliterate != smpp::text::transliteration::off) {
        const auto why = plan_utf8(of, text);
        if (why.why == refusal::none && !of.out.replaced.empty()) return why;
        of.options.transliterate = smpp::text::transliteration::off;
        of.out.esm_class &= static_cast<std::uint8_t>(~smpp::esm_class::udhi);
    }
    if (own == smpp::text::encoding::ucs2) of.options.choice = smpp::text::encoding_choice::ucs2;
    const auto why = plan_utf8(of, text);
    if (why.why == refusal::none && of.out.encoding == own &&
        !needs_recoding(message.data_coding, of.profile))
        of.out.data_coding = message.data_coding;
    return why;
}

plan_refusal plan_rewritten(planning& of, const std::string& text, bool& done) {
    const auto& context = of.context;
    const auto base_url = config::link_base_of(context.account->links, *context.links);
    const links::rewrite_options how{.base_url = base_url,
                                     .code_length = context.links->code_length};
    if (how.base_url.empty()) return {};
    auto rewritten = links::rewrite(text, how, context.random);
    if (!rewritten) return {refusal::link_invalid};
    if (rewritten->links.empty()) return {};
    done = true;
    const auto why =
        of.message.text ? plan_utf8(of, rewritten->text) : plan_decoded(of, rewritten->text);
    of.out.links = std::move(rewritten->links);
    of.out.link_domain = config::host_of_url(base_url);
    of.out.link_expires_ms = of.message.link_expires_ms;
    of.out.link_max_uses = of.message.link_max_uses;
    if (of.out.replaced.empty()) of.out.final_text = std::move(rewritten->text);
    return why;
}

/// Octets without a header. They pass unchanged, unless the carrier has another alphabet for their
/// data_coding, or transliteration changes their text.
plan_refusal plan_given_octets(planning& of) {
    const auto& message = of.message;
    const auto data_coding = data_coding_of(message);
    const auto encoding = smpp::text::encoding_of(data_coding);
    const bool cut_itself = carries_sar(message);
    const bool recode = needs_recoding(data_coding, of.profile);
    const bool may_change =
        of.options.transliterate != smpp::text::transliteration::off && !cut_itself &&
        (encoding == smpp::text::encoding::ucs2 || encoding == smpp::text::encoding::latin1);
    if (recode || may_change) {
        const auto text = read_octets(message);
        const auto why = text ? plan_decoded(of, *text) : plan_refusal{};
        if (text && (recode || (why.why == refusal::none && !of.out.replaced.empty()))) {
            return cut_itself && why.why == refusal::none && of.out.segments.size() > 1
                       ? plan_refusal{refusal::text_too_long, of.out.parts}
                       : why;
        }
        of.out.esm_class &= static_cast<std::uint8_t>(~smpp::esm_class::udhi);
        of.out.final_text.clear();
    }
    const bool same_everywhere = data_coding != 0;
    const auto why =
        take_plan(of,
                  smpp::text::plan_octets(smpp::text::octets_of(message.octets), data_coding,
                                          of.options, of.profile),
                  same_everywhere ? keep_octets : stored(smpp::text::encoding_choice::automatic));
    if (why.why == refusal::none && cut_itself && of.out.parts > 1)
        return {refusal::text_too_long, of.out.parts};
    return why;
}

}  // namespace

plan_refusal refusal_of(const smpp::text::plan_failure& failure) {
    const auto detail = static_cast<std::uint32_t>(failure.position);
    const bool too_long = failure.what == smpp::text::plan_error::too_many_parts ||
                          failure.what == smpp::text::plan_error::too_many_units;
    return {too_long ? refusal::text_too_long : refusal::text_invalid, detail};
}

plan_refusal plan_content(const submission& message, const plan_context& context,
                          planned_message& out) {
    static constexpr smpp::text::text_profile standard;
    const auto account_max = context.account->parts_max;
    planning of{message, context, context.profile != nullptr ? *context.profile : standard,
                smpp::text::plan_options{
                    .choice = message.encoding,
                    .parts_max = std::min(account_max, message.parts_max.value_or(account_max)),
                    .transliterate = message.transliterate.value_or(
                        transliteration_of(context.account->transliteration)),
                    .message_class = message.message_class},
                out};
    out.esm_class = message.esm_class & static_cast<std::uint8_t>(~smpp::esm_class::udhi);
    out.parts_max = of.options.parts_max;
    out.links.clear();
    out.replaced.clear();
    out.final_text.clear();
    if (const auto why = check_targets(message, context); why.why != refusal::none) return why;
    if (smpp::esm_class::has_udh(message.esm_class) && !message.text) return plan_with_header(of);
    if (const auto text = rewritable_text(message, context)) {
        bool done = false;
        const auto why = plan_rewritten(of, *text, done);
        if (done || why.why != refusal::none) return why;
    }
    return message.text ? plan_utf8(of, *message.text) : plan_given_octets(of);
}

plan_refusal check_message(submission& message, const plan_context& context, planned_message& out) {
    if (!normalise_destination(message.destination, *context.account))
        return {refusal::destination_invalid};
    if (!find_source(message.source, *context.account)) return {refusal::source_invalid};
    if (!sender_allowed(*context.account, message.source)) return {refusal::source_not_allowed};
    if (const auto why = check_flags(message); why.why != refusal::none) return why;
    out.priority = static_cast<std::uint8_t>(
        std::min<std::uint32_t>(message.priority, context.account->priority_max));
    return plan_times(message, context, out);
}

planned<planned_message> plan_message(submission& message, const plan_context& context) {
    planned_message out;
    if (const auto why = check_message(message, context, out); why.why != refusal::none) return why;
    if (const auto why = plan_content(message, context, out); why.why != refusal::none) return why;
    return out;
}

}  // namespace hikyaku::gateway
