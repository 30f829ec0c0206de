// The lines of [[carrier]] about what it understands, and the tables inside it: address rules,
// TLV rules, texts and retry rules.
#include <fmt/format.h>

#include "config/reader.hpp"
#include "config/table.hpp"
#include "config/table_units.hpp"

namespace hikyaku::config {
namespace {

constexpr std::string_view carrier_id_words[] = {"auto", "text", "hex", "dec"};
constexpr std::string_view addresses_words[] = {"compare", "ignore"};
constexpr std::string_view unknown_words[] = {"resend", "await_receipt"};
constexpr std::string_view action_words[] = {"retry", "fail", "next_carrier"};
constexpr std::string_view side_words[] = {"source", "destination"};
constexpr std::string_view shape_words[] = {"any", "international", "national", "alphanumeric",
                                            "short_code"};
constexpr std::string_view tlv_words[] = {"pass", "add", "require", "drop"};
constexpr std::string_view tlv_default_words[] = {"pass", "drop"};
constexpr std::string_view profile_words[] = {"docomo", "au", "softbank", "rakuten"};
constexpr std::string_view alphabet_words[] = {"gsm7", "latin1", "ascii"};
constexpr std::string_view language_words[] = {
    "turkish",   "spanish", "portuguese", "bengali", "gujarati", "hindi", "kannada",
    "malayalam", "oriya",   "punjabi",    "tamil",   "telugu",   "urdu"};
// In the order of smpp/text/fixed_charset.cpp, which a test compares.
constexpr std::string_view charset_words[] = {
    "ISO-8859-1",   "ISO-8859-2",   "ISO-8859-3",   "ISO-8859-4",   "ISO-8859-5",   "ISO-8859-6",
    "ISO-8859-7",   "ISO-8859-8",   "ISO-8859-9",   "ISO-8859-13",  "ISO-8859-15",  "windows-1250",
    "windows-1251", "windows-1252", "windows-1253", "windows-1254", "windows-1255", "windows-1256",
    "windows-1257", "windows-1258", "KOI8-R",       "KOI8-U",       "TIS-620",      "US-ASCII",
    "UTF-8",        "UTF-16BE",     "UTF-16LE",     "Shift_JIS",    "EUC-JP",       "EUC-KR",
    "Big5",         "GBK",          "IBM850"};
constexpr std::string_view segmentation_words[] = {"udh8", "udh16", "sar", "payload", "none"};

setting octet(std::string_view key, std::string_view default_text, std::string_view sentence) {
    return make::count(key, "code", default_text, 0, 255, sentence);
}

const section& address_rule_section() {
    using object = address_rule;
    static const section made{
        "address_rules of [[carrier]]",
        "How addresses are written for the carrier. The first rule that matches is used; without "
        "one, the TON and NPI of [[carrier]] are.",
        defaults_of<object>(),
        {
            field<object, &object::of>(make::choice("of", R"("destination")", side_words,
                                                    "Which address of a message it is about")),
            field<object, &object::is>(
                make::choice("is", R"("any")", shape_words, "The shape the address must have")),
            field<object, &object::prefix>(make::text(
                "prefix", R"("")", "Digits it must begin with, without `+`; empty for any")),
            field<object, &object::ton>(
                octet("ton", "",
                      "Type of number to write; not set: as without the rule. Digits behind a "
                      "0 are never written as 1")),
            field<object, &object::npi>(
                octet("npi", "", "Numbering plan to write; not set: as without the rule")),
            field<object, &object::strip>(
                make::text("strip", R"("")", "Removed from the front of the address, if there")),
            field<object, &object::prepend>(
                make::text("prepend", R"("")", "Then put in front of it")),
        }};
    return made;
}

const section& tlv_rule_section() {
    using object = tlv_rule;
    static const section made{
        "tlv_rules of [[carrier]]",
        "What happens to one TLV of a submission on its way to the carrier. `pass` and `drop` let "
        "it through or not; `add` puts it in; `require` puts `value` in when it is missing, and "
        "without a `value` the carrier does not get the message.",
        defaults_of<object>(),
        {
            field<object, &object::tag>({.key = "tag",
                                         .form = kind::tag,
                                         .required = true,
                                         .default_text = R"("0x0000")",
                                         .min = 1,
                                         .max = 0xFFFF,
                                         .sentence = "Number of the TLV; vendors' own are 0x1400 "
                                                     "to 0x3FFF"}),
            field<object, &object::action>({.key = "action",
                                            .form = kind::choice,
                                            .required = true,
                                            .default_text = R"("pass")",
                                            .choices = tlv_words,
                                            .sentence = "What happens to it"}),
            field<object, &object::value>(
                {.key = "value",
                 .form = kind::octets,
                 .default_text = R"("")",
                 .max = 65535,
                 .sentence = "Exactly these octets, no NUL is added; for `add` and `require`"}),
            field<object, &object::replace>(make::flag(
                "replace", "false", "For `add`: put it in place of one that the submission has")),
        }};
    return made;
}

/// Only two of the actions make sense for all tags, so the words are not the whole enum.
setting tlv_default_setting() {
    setting s = make::choice("tlv_default", R"("pass")", tlv_default_words,
                             "What happens to TLVs without a rule");
    s.read = [](reader& r, const value& v, void* object) {
        std::size_t index = 0;
        if (read_choice(r, v, index))
            static_cast<carrier*>(object)->tlv_default =
                index == 0 ? tlv_action::pass : tlv_action::drop;
    };
    s.print = [](const setting& self, const void* object) {
        const auto now = static_cast<const carrier*>(object)->tlv_default;
        return print_choice(self, now == tlv_action::drop ? 1 : 0);
    };
    set_access<carrier, &carrier::tlv_default>(s);
    return s;
}

/// "not set" instead of an empty word that would be no choice.
setting profile_setting() {
    setting s = field<carrier_text, &carrier_text::profile>(
        make::choice("profile", "", profile_words,
                     "A carrier whose lengths are shipped with the program; not set: the "
                     "standard's"));
    s.print = [](const setting&, const void* object) {
        const std::string& name = static_cast<const carrier_text*>(object)->profile;
        return name.empty() ? std::string{} : "\"" + name + "\"";
    };
    return s;
}

const section& fixed_coding_section() {
    using object = fixed_coding;
    static const section made{
        "fixed_coding of text of [[carrier]]",
        "A carrier that takes one alphabet only, with one data_coding. Every text is written in "
        "it, and its replies with that data_coding are read by it. A text with a character that "
        "the alphabet does not have goes to another carrier of the route, or is refused; "
        "`transliteration` of the account replaces what it can. Flash messages lose their class.",
        defaults_of<object>(),
        {
            field<object, &object::data_coding>(
                {.key = "data_coding",
                 .form = kind::count,
                 .required = true,
                 .unit = "code",
                 .default_text = "0",
                 .max = 255,
                 .sentence = "data_coding of every text. It says what a length counts: septets "
                             "where it stands for GSM, UTF-16 units where for UCS-2, else octets"}),
            field<object, &object::charset>({.key = "charset",
                                             .form = kind::choice,
                                             .required = true,
                                             .default_text = R"("")",
                                             .choices = charset_words,
                                             .sentence = "The alphabet behind it"}),
        }};
    return made;
}

/// Nothing is printed where there is none.
setting fixed_coding_setting() {
    setting s = field<carrier_text, &carrier_text::fixed>(
        make::table("fixed_coding", fixed_coding_section,
                    "The one alphabet of a carrier that takes no other, and its data_coding"));
    s.print = [](const setting&, const void* object) {
        const auto& fixed = static_cast<const carrier_text*>(object)->fixed;
        return fixed.charset.empty() ? std::string{} : print_inline(fixed_coding_section(), &fixed);
    };
    return s;
}

const section& text_section() {
    using object = carrier_text;
    static const section made{
        "text of [[carrier]]",
        "How texts are written and cut for the carrier. What is set here wins over the profile.",
        defaults_of<object>(),
        {
            profile_setting(),
            field<object, &object::alphabet>(make::choice("alphabet", R"("gsm7")", alphabet_words,
                                                          "What data_coding 0 means there")),
            field<object, &object::packed>(make::flag(
                "packed", "false", "Eight characters of `gsm7` in seven octets, as in the air")),
            field<object, &object::latin1>(
                make::flag("latin1", "false", "It understands Latin-1, data_coding 3")),
            field<object, &object::ascii>(
                make::flag("ascii", "false", "It understands ASCII, data_coding 1")),
            field<object, &object::ucs2_data_coding>(
                make::count("ucs2_data_coding", "code", "8", 8, 27,
                            "data_coding of UCS-2: 8, or 25 to 27 where it wants a message class "
                            "(1 to 3) with every text")),
            field<object, &object::class_in_f0>(
                make::flag("class_in_f0", "false",
                           "It wants message classes of `gsm7` as data_coding 0xF0 to 0xF3 instead "
                           "of 0x10 to 0x13")),
            fixed_coding_setting(),
            field<object, &object::languages>(
                {.key = "languages",
                 .form = kind::choice,
                 .list = true,
                 .default_text = "[]",
                 .choices = language_words,
                 .sentence = "National language tables it understands; used where they save "
                             "segments"}),
            field<object, &object::segmentation>(
                {.key = "segmentation",
                 .form = kind::choice,
                 .choices = segmentation_words,
                 .sentence = "How segments belong together: user data header with 8- or 16-bit "
                             "reference, SAR TLVs, one PDU with message_payload, or `none` for "
                             "one segment or refused; not set: the profile's, or `udh8`"}),
            field<object, &object::parts_max>(
                make::count("parts_max", "segments", "0", 0, 255,
                            "A message that needs more is refused; 0: the profile's limit, or "
                            "none beside the account's")),
            field<object, &object::single>(
                make::count("single", "septets", "0", 0, 254,
                            "Length of a single segment in data_coding 0, whatever `alphabet` is: "
                            "as GSM counts, with two for each character of its extension table; 0: "
                            "the profile's, or 160. More is for a carrier that cuts by itself")),
            field<object, &object::part>(
                make::count("part", "septets", "0", 0, 254,
                            "Length of one of several segments in data_coding 0; 0: the profile's, "
                            "or 153 (152 with 16-bit references)")),
            field<object, &object::octets_single>(
                make::count("octets_single", "octets", "0", 0, 254,
                            "Length of a single segment in data_coding 3 or 1 and of binary data; "
                            "0: 140")),
            field<object, &object::octets_part>(
                make::count("octets_part", "octets", "0", 0, 254,
                            "Length of one of several segments of them; 0: 134 (133 with 16-bit "
                            "references)")),
            field<object, &object::ucs2_single>(
                make::count("ucs2_single", "UTF-16 units", "0", 0, 127,
                            "Length of a single segment in UCS-2; 0: the profile's, or 70")),
            field<object, &object::ucs2_part>(
                make::count("ucs2_part", "UTF-16 units", "0", 0, 127,
                            "Length of one of several segments; 0: the profile's, or 67 (66 with "
                            "16-bit references)")),
            field<object, &object::units_max>(
                make::count("units_max", "UTF-16 units", "0", 0, 65535,
                            "Length of a whole message in UCS-2; 0: the profile's limit, or "
                            "none")),
        }};
    return made;
}

/// A retry rule as it is written, with the status that is the key of the map in `carrier`.
struct retry_entry : retry_rule {
    std::uint32_t status = 0;
};

const section& retry_section() {
    using object = retry_entry;
    static const section made{
        "retry of [[carrier]]",
        "What happens after a refusal by the carrier, one rule for each status. A status without a "
        "rule is treated as usual: full queues and system errors are temporary, wrong addresses "
        "final.",
        defaults_of<object>(),
        {
            field<object, &object::status>(
                {.key = "status",
                 .form = kind::status,
                 .required = true,
                 .default_text = R"("0x00000000")",
                 .min = 1,
                 .sentence = "Name such as `\"ESME_RSYSERR\"` or number such as `\"0x58\"`"}),
            field<object, &object::then>(
                {.key = "action",
                 .form = kind::choice,
                 .required = true,
                 .default_text = R"("fail")",
                 .choices = action_words,
                 .sentence = "Try again here, make it final, or try the route's next carrier"}),
            field<object, &object::delay>(make::duration("delay", R"("30s")", 100, day,
                                                         "Pause before the second attempt, doubled "
                                                         "at each further one")),
            field<object, &object::delay_max>(make::duration(
                "delay_max", R"("1h")", 100, 7 * day, "The pause grows no longer than this")),
            field<object, &object::attempts_max>(
                make::count("attempts_max", "attempts", "10", 1, 1000,
                            "Attempts of a segment before it has failed")),
        }};
    return made;
}

void read_retries(reader& r, const value& v, void* object) {
    auto& rules = static_cast<carrier*>(object)->retries;
    std::vector<retry_entry> entries;
    read_list(
        r, v,
        [](reader& in, const value& item, void* target) {
            auto& list = *static_cast<std::vector<retry_entry>*>(target);
            read_sub_table(in, item, &list.emplace_back());
        },
        &entries);
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const retry_entry& each = entries[i];
        if (each.status != 0 && !rules.emplace(each.status, each).second)
            r.fault_at(fmt::format("{}[{}].status", v.path, i),
                       fmt::format("two retry rules for status 0x{:08X}", each.status));
    }
}

std::string print_retries(const setting&, const void* object) {
    std::vector<std::string> items;
    for (const auto& [status, rule] : static_cast<const carrier*>(object)->retries) {
        retry_entry entry;
        static_cast<retry_rule&>(entry) = rule;
        entry.status = status;
        items.push_back(print_inline(retry_section(), &entry));
    }
    return print_list(items);
}

}  // namespace

std::vector<setting> carrier_dialect_settings() {
    using object = carrier;
    setting retry{.key = "retry",
                  .form = kind::table,
                  .list = true,
                  .sentence = "Rules by status",
                  .nested = retry_section};
    retry.read = read_retries;
    retry.print = print_retries;
    set_access<carrier, &carrier::retries>(retry);
    return {
        field<object, &object::response_id>(
            make::choice("response_id", R"("auto")", carrier_id_words,
                         "How the carrier writes message ids in its responses")),
        field<object, &object::receipt_id>(
            make::choice("receipt_id", R"("auto")", carrier_id_words,
                         "How it writes the same ids in its receipts")),
        field<object, &object::addresses_of_receipts>(
            make::choice("receipt_addresses", R"("compare")", addresses_words,
                         "Whether a receipt for another phone than the only message with its id is "
                         "kept unmatched. \"ignore\" is for a carrier that writes other numbers "
                         "into its receipts: then that message gets it")),
        field<object, &object::on_unknown>(
            make::choice("on_unknown", R"("resend")", unknown_words,
                         "A segment that was sent but never answered: send it again (it may come "
                         "twice) or wait for its receipt (it may be lost)")),
        field<object, &object::delivery_retry>(
            make::duration("delivery_retry", "", 0, 30 * day,
                           "How long the carrier itself tries to reach a phone, often \"72h\"; "
                           "\"0s\" it tries once. The gate hands over no message that could ring "
                           "after its window; not set: not known")),
        field<object, &object::keeps_validity>(
            make::flag("keeps_validity", "true",
                       "The carrier gives a message up when its validity period is over. If not, "
                       "the gate needs `delivery_retry` of time before the end of the window")),
        field<object, &object::cancels>(
            make::flag("cancels", "true",
                       "Ask the carrier to forget (cancel_sm) what it may still store of somebody "
                       "on whom a hold is placed")),
        field<object, &object::opted_out>(
            make::texts("opted_out",
                        "Words of its own (`err` or `stat` of receipts, numbers of refusals) that "
                        "say that the phone's owner wants no messages: they make a suppression, as "
                        "`opted out` and `unsubscribed` do")),
        field<object, &object::service_type>(
            make::text("service_type", R"("")", "service_type of every submit_sm")),
        field<object, &object::source_ton>(
            octet("source_ton", "", "Type of number of senders; not set: by their shape")),
        field<object, &object::source_npi>(
            octet("source_npi", "", "Numbering plan of senders; not set: by their shape")),
        field<object, &object::destination_ton>(
            octet("destination_ton", "1",
                  "Type of number of destinations; 1 is international, which digits behind "
                  "a 0 are never called: they get the application's, or 0")),
        field<object, &object::destination_npi>(
            octet("destination_npi", "1", "Numbering plan of destinations; 1 is ISDN (E.164)")),
        field<object, &object::address_rules>(make::table(
            "address_rules", address_rule_section,
            "Other ways to write addresses; they come before the TON and NPI above", true)),
        field<object, &object::tlv_rules>(
            make::table("tlv_rules", tlv_rule_section, "Rules by tag", true)),
        tlv_default_setting(),
        field<object, &object::text>(
            make::table("text", text_section, "How texts are written and cut")),
        retry,
    };
}

}  // namespace hikyaku::config
