#include "gateway/io/smpp_named_fields.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include "gateway/engine/record_values.hpp"
#include "gateway/engine/submission/contact_fields.hpp"
#include "gateway/io/smpp_submission.hpp"
#include "smpp/text/octets.hpp"

namespace hikyaku::gateway::io {
namespace {

/// The value of the TLV, without the NUL at its end; empty if the account has not named the tag or
/// the submission does not have it.
std::optional<std::string_view> value_of(std::uint16_t tag, const smpp::tlv_list& tlvs) {
    if (tag == 0) return {};
    const auto value = tlvs.find(tag);
    if (!value) return {};
    auto text = smpp::text::chars_of(*value);
    if (text.ends_with('\0')) text.remove_suffix(1);
    return text;
}

bool read_label(std::uint16_t tag, const smpp::tlv_list& tlvs, std::string& into) {
    const auto text = value_of(tag, tlvs);
    if (!text) return true;
    into = *text;
    return label_fault(*text).empty();
}

/// Words with commas between them; `add` appends one, or says what is wrong with it.
template <class Add>
bool read_words(std::uint16_t tag, const smpp::tlv_list& tlvs, const Add& add) {
    const auto text = value_of(tag, tlvs);
    if (!text) return true;
    std::string_view rest = *text;
    while (true) {
        const auto comma = rest.find(',');
        if (!add(rest.substr(0, comma)).empty()) return false;
        if (comma == std::string_view::npos) return true;
        rest.remove_prefix(comma + 1);
    }
}

bool read_purpose(const config::account_smpp_fields& names, const smpp::tlv_list& tlvs,
                  submission& into) {
    if (const auto word = value_of(names.purpose_tlv, tlvs)) {
        into.purpose = purpose_named(*word);
        return into.purpose.has_value();
    }
    const auto found = names.service_types.find(into.service_type);
    if (found != names.service_types.end()) into.purpose = purpose_of(found->second);
    return true;
}

}  // namespace

bool read_named_fields(const config::account_smpp_fields& names, const smpp::tlv_list& tlvs,
                       const zone_names& zones, submission& into) {
    // Which of two would count? The peer and we might not agree.
    for (const auto tag : tags_in(names))
        if (tag != 0 && std::ranges::count(tlvs, tag, &smpp::tlv::tag) > 1) return false;
    contact_point& contact = into.contact;
    const auto zone = [&](std::string_view word) { return add_zone(contact, word, zones); };
    const auto tag = [&](std::string_view word) { return add_tag(contact, word); };
    return read_purpose(names, tlvs, into) && read_label(names.contact_tlv, tlvs, contact.id) &&
           read_words(names.zones_tlv, tlvs, zone) && read_words(names.tags_tlv, tlvs, tag) &&
           read_label(names.debtor_tlv, tlvs, into.debtor) &&
           read_label(names.debt_tlv, tlvs, into.debt);
}

std::vector<std::uint16_t> vital_tags_of(const config::account_smpp_fields& names) {
    std::vector<std::uint16_t> tags(submission_vital_tags.begin(), submission_vital_tags.end());
    std::ranges::copy_if(tags_in(names), std::back_inserter(tags),
                         [](std::uint16_t tag) { return tag != 0; });
    return tags;
}

}  // namespace hikyaku::gateway::io
