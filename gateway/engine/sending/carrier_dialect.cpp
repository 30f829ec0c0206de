#include "gateway/engine/sending/carrier_dialect.hpp"

#include <algorithm>

#include "gateway/engine/submission/numbers.hpp"
#include "smpp/text/ascii.hpp"

namespace hikyaku::gateway {

using config::address_rule;
using config::tlv_action;
using smpp::text::is_digit;
using shape = address_rule::shape;

namespace {

constexpr std::uint8_t version_with_tlvs = 0x34;
constexpr std::size_t short_code_digits_max = 8;

bool fits(const address_rule& rule, address_rule::side side, std::uint8_t ton,
          std::string_view digits) {
    if (rule.of != side || (rule.is != shape::any && rule.is != shape_of(ton, digits)))
        return false;
    const bool plus = digits.starts_with('+') && !rule.prefix.starts_with('+');
    return digits.substr(plus ? 1 : 0).starts_with(rule.prefix);
}

const address_rule* rule_for(const config::carrier& carrier, address_rule::side side,
                             std::uint8_t ton, std::string_view digits) {
    const auto at = std::find_if(carrier.address_rules.begin(), carrier.address_rules.end(),
                                 [&](const auto& rule) { return fits(rule, side, ton, digits); });
    return at == carrier.address_rules.end() ? nullptr : &*at;
}

std::string_view rewrite(const address_rule& rule, std::string_view digits, std::string& scratch) {
    if (rule.strip.empty() && rule.prepend.empty()) return digits;
    if (digits.starts_with('+') && !rule.strip.starts_with('+')) digits.remove_prefix(1);
    if (!rule.strip.empty() && digits.starts_with(rule.strip))
        digits.remove_prefix(rule.strip.size());
    if (rule.prepend.empty()) return digits;
    scratch.assign(rule.prepend).append(digits);
    return scratch;
}

/// Whether `candidate`, with whatever TON an application may give it, is written as `wanted` by
/// `rule`.
bool is_written_so(const config::carrier& carrier, const address_rule& rule,
                   std::string_view candidate, std::string_view wanted) {
    constexpr std::uint8_t tons[] = {1, 0, 2, 3, 5};
    return !candidate.empty() && std::any_of(std::begin(tons), std::end(tons), [&](auto ton) {
        if (rule_for(carrier, rule.of, ton, candidate) != &rule) return false;
        std::string written;
        return rewrite(rule, candidate, written) == wanted;
    });
}

const config::tlv_rule* rule_for(const config::carrier& carrier, std::uint16_t tag) {
    const auto at = std::find_if(carrier.tlv_rules.begin(), carrier.tlv_rules.end(),
                                 [tag](const auto& rule) { return rule.tag == tag; });
    return at == carrier.tlv_rules.end() ? nullptr : &*at;
}

bool passes(const config::carrier& carrier, std::uint16_t tag) {
    const auto* rule = rule_for(carrier, tag);
    if (rule == nullptr) return carrier.tlv_default != tlv_action::drop || smpp::is_text_tag(tag);
    return rule->action != tlv_action::drop && !(rule->action == tlv_action::add && rule->replace);
}

bool is_wanting(const config::tlv_rule& rule, const smpp::tlv_list& given) {
    return rule.action == tlv_action::require && rule.value.empty() && !given.find(rule.tag);
}

}  // namespace

shape shape_of(std::uint8_t ton, std::string_view digits) {
    switch (ton) {
        case 1:
            return shape::international;
        case 2:
        case 4:
            return shape::national;
        case 3:
        case 6:
            return shape::short_code;
        case 5:
            return shape::alphanumeric;
        default:
            break;
    }
    if (digits.starts_with('+')) return shape::international;
    if (!std::all_of(digits.begin(), digits.end(), is_digit)) return shape::alphanumeric;
    if (digits.size() <= short_code_digits_max) return shape::short_code;
    return digits.starts_with('0') ? shape::national : shape::international;
}

carrier_address write_address(const config::carrier& carrier, address_rule::side side,
                              const carrier_address& address, std::string& scratch) {
    carrier_address out = address;
    if (side == address_rule::side::source) {
        out.ton = carrier.source_ton.value_or(address.ton);
        out.npi = carrier.source_npi.value_or(address.npi);
    } else {
        out.ton = carrier.destination_ton;
        out.npi = carrier.destination_npi;
    }
    if (address.digits.empty()) return out;
    if (const auto* rule = rule_for(carrier, side, address.ton, address.digits)) {
        out.digits = rewrite(*rule, address.digits, scratch);
        out.ton = rule->ton.value_or(out.ton);
        out.npi = rule->npi.value_or(out.npi);
    }
    if (out.ton == ton::international && leads_with_zero(out.digits))
        out.ton = address.ton != ton::international ? address.ton : ton::unknown;
    return out;
}

refusal unwritable(const config::carrier& carrier, const phone_address& source,
                   const phone_address& destination, std::string& scratch) {
    if (carrier.address_rules.empty()) return refusal::none;
    const auto from = write_address(carrier, address_rule::side::source,
                                    {source.ton, source.npi, source.digits}, scratch);
    if (from.digits.size() > address_octets_max) return refusal::source_unwritable;
    const auto to = write_address(carrier, address_rule::side::destination,
                                  {destination.ton, destination.npi, destination.digits}, scratch);
    const bool fits = !to.digits.empty() && to.digits.size() <= address_octets_max;
    return fits ? refusal::none : refusal::destination_unwritable;
}

smpp::command_status address_status(const smpp::submit_sm& request) {
    if (request.source_addr.size() > address_octets_max)
        return smpp::command_status::esme_rinvsrcadr;
    const auto to = request.destination_addr;
    return to.empty() || to.size() > address_octets_max ? smpp::command_status::esme_rinvdstadr
                                                        : smpp::command_status::esme_rok;
}

std::string_view restore_address(const config::carrier& carrier, address_rule::side side,
                                 std::uint8_t ton, std::string_view digits, std::string& scratch) {
    if (shape_of(ton, digits) == shape::alphanumeric) return digits;
    for (const auto& rule : carrier.address_rules) {
        if (rule.of != side || (rule.strip.empty() && rule.prepend.empty()) ||
            !digits.starts_with(rule.prepend) || rule.strip.starts_with('0'))
            continue;
        const auto rest = digits.substr(rule.prepend.size());
        const bool stripped =
            !rule.strip.empty() && (!rule.prepend.empty() || rule.prefix.starts_with(rule.strip));
        if (stripped) {
            scratch.assign(rule.strip).append(rest);
            if (is_written_so(carrier, rule, scratch, digits)) return scratch;
        }
        if (!rule.prepend.empty() && is_written_so(carrier, rule, rest, digits)) return rest;
    }
    return digits;
}

smpp::command_status status_of(tlv_fault fault) {
    switch (fault) {
        case tlv_fault::missing:
            return smpp::command_status::esme_rmissingtlv;
        case tlv_fault::forbidden:
            return smpp::command_status::esme_rtlvnotallwd;
        case tlv_fault::none:
            break;
    }
    return smpp::command_status::esme_rok;
}

tlv_fault write_tlvs(const config::carrier& carrier, const smpp::tlv_list& given,
                     std::uint8_t version, std::vector<std::uint8_t>& out, smpp::tlv_list& list) {
    list = {};
    if (version < version_with_tlvs) {
        const bool needed =
            given.find(smpp::tag::message_payload) || given.find(smpp::tag::sar_total_segments);
        return needed ? tlv_fault::forbidden : tlv_fault::none;
    }
    if (lacks_tlv(carrier, given)) return tlv_fault::missing;
    if (carrier.tlv_rules.empty() && carrier.tlv_default != tlv_action::drop) {
        list = given;
        return tlv_fault::none;
    }
    smpp::tlv_writer writer(out);
    for (const auto& each : given)
        if (passes(carrier, each.tag)) writer.octets(each.tag, each.value);
    for (const auto& rule : carrier.tlv_rules) {
        const bool puts_in =
            (rule.action == tlv_action::add && (rule.replace || !given.find(rule.tag))) ||
            (rule.action == tlv_action::require && !given.find(rule.tag));
        if (puts_in) {
            writer.octets(rule.tag, {reinterpret_cast<const std::uint8_t*>(rule.value.data()),
                                     rule.value.size()});
        }
    }
    list = writer.list();
    return tlv_fault::none;
}

bool lacks_tlv(const config::carrier& carrier, const smpp::tlv_list& given) {
    return std::any_of(
        carrier.tlv_rules.begin(), carrier.tlv_rules.end(),
        [&](const auto& rule) { return is_wanting(rule, given); });
}

std::optional<std::string> dialect_fault(const config::carrier& carrier) {
    if (carrier.version >= version_with_tlvs) return std::nullopt;
    const auto segmentation = carrier.text.segmentation;
    if (segmentation == config::segmentation::sar ||
        segmentation == config::segmentation::payload) {
        return "text.segmentation needs TLVs, which a carrier of version 3.3 does not take: use "
               "udh8 or udh16";
    }
    const bool adds =
        std::any_of(carrier.tlv_rules.begin(), carrier.tlv_rules.end(), [](const auto& rule) {
            return rule.action == tlv_action::add || rule.action == tlv_action::require;
        });
    if (adds) return "tlv_rules add or require TLVs, which a carrier of version 3.3 does not take";
    return std::nullopt;
}

}  // namespace hikyaku::gateway
