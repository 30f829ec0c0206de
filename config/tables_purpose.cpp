// The lines of [[account]] about why and to whom a message goes: the purpose of messages that name
// none, and where an SMPP application says it.
#include <fmt/format.h>

#include <algorithm>

#include "config/own_tags.hpp"
#include "config/reader.hpp"
#include "config/table.hpp"

namespace hikyaku::config {
namespace {

constexpr std::string_view purpose_words[] = {"transactional", "service", "dunning", "marketing"};
constexpr std::size_t service_type_chars_max = 5;  // SMPP 3.4, 5.2.11: 6 octets with the NUL

/// One entry of the map in `account_smpp_fields` as it is written.
struct service_type_entry {
    std::string service_type;
    config::purpose purpose = config::purpose::transactional;
};

const section& service_type_section() {
    using object = service_type_entry;
    static const section made{
        "service_types in smpp_fields of [[account]]",
        "A service_type that says the purpose of a message. Carriers do not get it.",
        defaults_of<object>(),
        {
            field<object, &object::service_type>(make::required_text(
                "service_type", "As the application writes it, 1 to 5 characters")),
            field<object, &object::purpose>({.key = "purpose",
                                             .form = kind::choice,
                                             .required = true,
                                             .default_text = R"("transactional")",
                                             .choices = purpose_words,
                                             .sentence = "Purpose of messages with it"}),
        }};
    return made;
}

void read_service_types(reader& r, const value& v, void* object) {
    auto& known = static_cast<account_smpp_fields*>(object)->service_types;
    std::vector<service_type_entry> entries;
    read_list(
        r, v,
        [](reader& in, const value& item, void* target) {
            auto& list = *static_cast<std::vector<service_type_entry>*>(target);
            read_sub_table(in, item, &list.emplace_back());
        },
        &entries);
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const auto& [text, purpose] = entries[i];
        const auto wrong = [&](std::string sentence) {
            r.fault_at(fmt::format("{}[{}].service_type", v.path, i), std::move(sentence));
        };
        if (text.empty()) continue;  // missing or wrong, and said so
        if (text.size() > service_type_chars_max ||
            std::ranges::any_of(text, [](char c) { return c <= ' ' || c > '~'; }))
            wrong(
                fmt::format("the service_type '{}' does not have 1 to 5 characters of ASCII "
                            "without blanks",
                            text));
        else if (!known.emplace(text, purpose).second)
            wrong(fmt::format("the service_type '{}' has two purposes", text));
    }
}

std::string print_service_types(const setting&, const void* object) {
    std::vector<std::string> items;
    for (const auto& [text, purpose] :
         static_cast<const account_smpp_fields*>(object)->service_types) {
        const service_type_entry entry{text, purpose};
        items.push_back(print_inline(service_type_section(), &entry));
    }
    return items.empty() ? std::string{} : print_list(items);
}

/// "not set" instead of the tag 0.
template <auto Member>
setting tag_field(std::string_view key, std::string_view sentence) {
    setting s = field<account_smpp_fields, Member>({.key = key,
                                                    .form = kind::tag,
                                                    .min = vendor_tag_min,
                                                    .max = vendor_tag_max,
                                                    .sentence = sentence});
    s.print = [](const setting& self, const void* object) {
        const std::uint16_t tag = static_cast<const account_smpp_fields*>(object)->*Member;
        return tag == 0 ? std::string{} : print_value(self, std::uint64_t{tag});
    };
    return s;
}

const section& smpp_fields_section() {
    using object = account_smpp_fields;
    static const section made = [] {
        setting service_types =
            make::table("service_types", service_type_section, "Purposes by service_type", true);
        service_types.read = read_service_types;
        service_types.print = print_service_types;
        return section{
            "smpp_fields of [[account]]",
            "Where an SMPP application says why and to whom a message goes: by service_type, or in "
            "TLVs of vendors' tags (0x1400 to 0x3FFF), which win over it. Carriers do not get "
            "these "
            "TLVs. Over HTTP the fields have names of their own.",
            defaults_of<object>(),
            {
                service_types,
                tag_field<&object::purpose_tlv>(
                    "purpose_tlv", "TLV with `transactional`, `service`, `dunning` or `marketing`"),
                tag_field<&object::contact_tlv>(
                    "contact_tlv",
                    "TLV with the application's name for the number, 1 to 64 octets"),
                tag_field<&object::zones_tlv>(
                    "zones_tlv",
                    "TLV with the time zones in which the person may be: at most 8 IANA names, "
                    "with commas and no blanks between them"),
                tag_field<&object::tags_tlv>(
                    "tags_tlv",
                    "TLV with the tags of the number: at most 16, of 1 to 64 octets, with commas "
                    "between them"),
                tag_field<&object::debtor_tlv>(
                    "debtor_tlv", "TLV with the application's name for the debtor, 1 to 64 octets"),
                tag_field<&object::debt_tlv>(
                    "debt_tlv", "TLV with the application's name for the debt, 1 to 64 octets"),
            }};
    }();
    return made;
}

/// Nothing is printed where nothing is set.
setting smpp_fields_setting() {
    setting s = field<account, &account::smpp_fields>(
        make::table("smpp_fields", smpp_fields_section,
                    "Where an SMPP application says why and to whom a message goes"));
    s.print = [](const setting& self, const void* object) {
        const auto& fields = static_cast<const account*>(object)->smpp_fields;
        const auto is_set = [&](const setting& each) { return !each.print(each, &fields).empty(); };
        return std::ranges::any_of(smpp_fields_section().settings, is_set) ? print_any(self, fields)
                                                                           : std::string{};
    };
    return s;
}

}  // namespace

std::vector<setting> account_purpose_settings() {
    return {
        field<account, &account::purpose_default>(
            make::choice("purpose_default", R"("transactional")", purpose_words,
                         "Purpose of messages that name none")),
        smpp_fields_setting(),
    };
}

}  // namespace hikyaku::config
