#include "gateway/engine/submission/contact_fields.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace hikyaku::gateway {
namespace {

constexpr std::size_t zone_octets_max = 64;

bool is_control(char c) {
    const auto octet = static_cast<unsigned char>(c);
    return octet < 0x20 || octet == 0x7F;
}

bool may_stand_in_zone(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '+' || c == '-' || c == '/';
}

bool has_form_of_zone(std::string_view name) {
    return !name.empty() && name.size() <= zone_octets_max &&
           std::ranges::all_of(name, may_stand_in_zone) && name.front() != '/' &&
           name.back() != '/' && name.find("//") == std::string_view::npos;
}

bool holds(const std::vector<std::string>& words, std::string_view word) {
    return std::ranges::find(words, word) != words.end();
}

}  // namespace

std::optional<Purpose> purpose_named(std::string_view word) {
    for (const Purpose each : model::record::EnumValuesPurpose())
        if (word == model::record::EnumNamePurpose(each)) return each;
    return {};
}

std::string_view label_fault(std::string_view text) {
    static_assert(label_octets_max == 64);
    if (text.empty() || text.size() > label_octets_max) return "must have 1 to 64 octets";
    if (std::ranges::any_of(text, is_control)) return "must not hold control characters";
    return {};
}

std::string_view add_zone(contact_point& to, std::string_view name, const zone_names& known) {
    static_assert(contact_point::zones_max == 8);
    if (!has_form_of_zone(name) || !known.knows(name))
        return "must be the IANA name of a time zone, like Asia/Tokyo";
    if (holds(to.zones, name)) return "must not come twice";
    if (to.zones.size() == contact_point::zones_max) return "must have at most 8 names";
    to.zones.emplace_back(name);
    return {};
}

std::string_view add_tag(contact_point& to, std::string_view tag) {
    static_assert(contact_point::tags_max == 16);
    if (const auto fault = label_fault(tag); !fault.empty()) return fault;
    if (holds(to.tags, tag)) return "must not come twice";
    if (to.tags.size() == contact_point::tags_max) return "must have at most 16 tags";
    to.tags.emplace_back(tag);
    return {};
}

bool names_one_person(const submission& message) {
    return !message.contact.id.empty() || !message.debtor.empty() || !message.debt.empty();
}

}  // namespace hikyaku::gateway
