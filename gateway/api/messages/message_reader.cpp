#include "gateway/api/messages/message_reader.hpp"

#include <algorithm>
#include <iterator>

#include "gateway/api/addresses.hpp"
#include "gateway/api/json/field_faults.hpp"
#include "gateway/api/json/text.hpp"
#include "gateway/api/messages/contact_reader.hpp"
#include "gateway/api/messages/link_reader.hpp"
#include "gateway/api/messages/recipient_reader.hpp"
#include "gateway/api/messages/tlv_reader.hpp"
#include "gateway/api/times.hpp"
#include "gateway/engine/submission/contact_fields.hpp"
#include "gateway/engine/submission/numbers.hpp"
#include "smpp/text/hex.hpp"
#include "smpp/text/plan.hpp"

namespace hikyaku::gateway::api {
namespace {

// registered_delivery (SMPP 3.4, 5.2.17).
constexpr std::uint8_t receipt_none = 0x00;
constexpr std::uint8_t receipt_final = 0x01;
constexpr std::uint8_t receipt_failure = 0x02;
constexpr std::uint8_t receipt_intermediate = 0x10;

constexpr std::uint8_t data_coding_binary = 0x04;
constexpr std::int64_t valid_for_max = 366LL * 86400;  // seconds

constexpr shape any_text_shape = text_shape();
constexpr shape data_shape{
    .is = shape::kind::text,
    .min = 2,
    .pattern = "^([0-9a-fA-F]{2})+$",
    .says = "must be octets in hexadecimal, two digits each",
};
constexpr std::string_view encodings[] = {"auto", "gsm7", "ucs2", "binary"};
constexpr shape encoding_shape = word_shape(encodings);
constexpr shape zero_to_three_shape = integer_shape(0, 3);
constexpr std::string_view transliterations[] = {"off", "punctuation", "full"};
constexpr shape way_shape = word_shape(transliterations);
constexpr shape parts_shape = integer_shape(1, smpp::text::parts_limit);
constexpr shape seconds_shape = integer_shape(1, valid_for_max);
constexpr shape duration_shape{.is = shape::kind::text, .min = 2, .pattern = "^[0-9]+[smhd]$"};
constexpr const shape* valid_for_forms[] = {&seconds_shape, &duration_shape};
constexpr shape valid_for_shape{
    .is = shape::kind::either,
    .forms = valid_for_forms,
    .says = R"(must be seconds, or a text like "90s", "15m", "2h" or "3d", up to 366 days)",
};
constexpr shape send_at_shape{
    .is = shape::kind::text,
    .format = "date-time",
    .says = "must be a time with its offset, like 2026-04-01T09:00:00+09:00",
};
constexpr std::string_view receipts[] = {"final", "failure", "all", "none"};
constexpr shape receipt_shape = word_shape(receipts);
constexpr std::string_view purposes[] = {"transactional", "service", "dunning", "marketing"};
constexpr shape purpose_shape = word_shape(purposes);

}  // namespace

struct message_reader::line : member {
    fault (message_reader::*read)(const value&) = nullptr;
};

/// The table. docs/http-api.md tells more of each field.
struct message_fields {
    using reader = message_reader;
    static constexpr message_reader::line lines[] = {
        {{"to", &to_shape, true, "the recipient, or a list of them"}, &reader::read_to},
        {{"from", &any_text_shape, false,
          "the sender; may be left out if the account has exactly one"},
         &reader::read_from},
        {{"text", &any_text_shape, false,
          "the message; required but for `\"encoding\": \"binary\"`"},
         &reader::read_text},
        {{"encoding", &encoding_shape, false,
          "`auto` (default) is what takes the fewest segments; `gsm7` is refused when a character "
          "does not fit"},
         &reader::read_encoding},
        {{"data", &data_shape, false,
          "octets in hexadecimal, instead of `text`, with `\"encoding\": \"binary\"`"},
         &reader::read_data},
        {{"class", &zero_to_three_shape, false,
          "message class; 0 is a flash message, which the phone shows at once and does not keep"},
         &reader::read_class},
        {{"transliterate", &way_shape, false,
          "which characters are replaced where that saves segments; default: the account's"},
         &reader::read_transliterate},
        {{"parts_max", &parts_shape, false,
          "most segments the text may need; more is refused, never cut. Default: the account's"},
         &reader::read_parts_max},
        {{"send_at", &send_at_shape, false, "when, with its offset; default now"},
         &reader::read_send_at},
        {{"valid_for", &valid_for_shape, false,
          "seconds, or a number with a unit: after this time, counted from `send_at`, it is no "
          "longer sent. At most 366 days. Default: the account's"},
         &reader::read_valid_for},
        {{"priority", &zero_to_three_shape, false, "3 is the most urgent; default 0"},
         &reader::read_priority},
        {{"receipt", &receipt_shape, false,
          "which receipts you want: `final` (default), `failure` (only when it was not delivered), "
          "`all` (also intermediate ones), `none`"},
         &reader::read_receipt},
        {{"reference", &label_shape, false, "your own name for it; comes back in receipts"},
         &reader::read_reference},
        {{"tag", &label_shape, false, "for routing rules"}, &reader::read_tag},
        {{"tlvs", &tlvs_shape, false, "SMPP TLVs for the carrier"}, &reader::read_tlvs},
        {{"at_most_once", &flag_shape, false,
          "never send it a second time, even when a carrier took a segment and did not answer"},
         &reader::read_at_most_once},
        {{"purpose", &purpose_shape, false, "why you send it. Default: the account's"},
         &reader::read_purpose},
        {{"contact", &contact_shape, false, "the way to the person as you know it"},
         &reader::read_contact_point},
        {{"debtor", &label_shape, false, "your own name for who owes"}, &reader::read_debtor},
        {{"debt", &label_shape, false, "your own name for what is owed"}, &reader::read_debt},
        {{"track_links", &flag_shape, false,
          "replace `http` and `https` URLs in the text by tracked links. Default: the account's"},
         &reader::read_track_links},
        {{"links", &links_shape, false, "how long and how often its tracked links may be used"},
         &reader::read_link_limits},
    };
    static constexpr auto members = members_of(lines);
};

constinit const shape message_shape{
    .is = shape::kind::object,
    .members = message_fields::members,
    .name = "NewMessage",
    .meaning = "A message to send",
};

std::optional<problem> message_reader::read(const boost::json::object& object) {
    message_.origin = Origin::http;
    message_.registered_delivery = receipt_final;
    for (const auto& given : object) {
        const std::string_view name = given.key();
        const auto* const known = std::ranges::find(message_fields::lines, name, &member::name);
        if (known == std::end(message_fields::lines))
            return field_fault(problem_code::field_unknown, base_, name, {});
        if (!fits(*known->is, given.value())) return wrong(name, sentence_of(*known->is));
        if (fault found = (this->*known->read)(given.value())) return found;
    }
    if (to_ == nullptr) return missing("to", "who is to receive the message?");
    if (fault found = check_sender()) return found;
    if (fault found = check_content()) return found;
    if (valid_seconds_)
        message_.expires_ms = message_.send_at_ms.value_or(now_ms_) + *valid_seconds_ * 1000;
    return {};
}

problem message_reader::wrong(std::string_view field, std::string detail) const {
    return field_fault(problem_code::field_invalid, base_, field, std::move(detail));
}

problem message_reader::missing(std::string_view field, std::string detail) const {
    return field_fault(problem_code::field_missing, base_, field, std::move(detail));
}

message_reader::fault message_reader::read_label(const value& given, std::string_view name,
                                                 std::string& into) const {
    if (auto found = label_fault(given, base_, name)) return found;
    into = text_of(given);
    return {};
}

message_reader::fault message_reader::read_from(const value& given) {
    has_from_ = true;
    auto parsed = parse_sender(text_of(given));
    if (!parsed) {
        return field_fault(problem_code::source_invalid, base_, "from",
                           std::string{explain(parsed.error())});
    }
    message_.source = std::move(*parsed);
    return {};
}

message_reader::fault message_reader::read_to(const value& given) {
    to_ = &given;
    return {};
}

message_reader::fault message_reader::read_text(const value& given) {
    message_.text = std::string{text_of(given)};
    return {};
}

message_reader::fault message_reader::read_data(const value& given) {
    has_data_ = true;
    auto octets = smpp::text::from_hex(text_of(given));
    if (!octets) return wrong("data", sentence_of(data_shape));
    message_.octets = std::move(*octets);
    return {};
}

message_reader::fault message_reader::read_encoding(const value& given) {
    using smpp::text::encoding_choice;
    constexpr encoding_choice choices[] = {encoding_choice::automatic, encoding_choice::gsm7,
                                           encoding_choice::ucs2};
    static_assert(std::size(choices) + 1 == std::size(encodings));
    const auto index = index_of(encodings, text_of(given));
    if (index < std::size(choices)) {
        message_.encoding = choices[index];
    } else {
        message_.binary = true;
        message_.data_coding = data_coding_binary;
    }
    return {};
}

message_reader::fault message_reader::read_class(const value& given) {
    message_.message_class = static_cast<std::uint8_t>(given.get_int64());
    return {};
}

message_reader::fault message_reader::read_transliterate(const value& given) {
    using smpp::text::transliteration;
    constexpr transliteration choices[] = {transliteration::off, transliteration::punctuation,
                                           transliteration::full};
    static_assert(std::size(choices) == std::size(transliterations));
    message_.transliterate = choices[index_of(transliterations, text_of(given))];
    return {};
}

message_reader::fault message_reader::read_parts_max(const value& given) {
    message_.parts_max = static_cast<std::uint32_t>(given.get_int64());
    return {};
}

message_reader::fault message_reader::read_valid_for(const value& given) {
    std::int64_t number = 0;
    if (given.is_string()) {
        const auto parsed = parse_duration(text_of(given));
        number = parsed ? parsed->count() : 0;
    } else {
        number = given.get_int64();
    }
    if (number < 1 || number > valid_for_max)
        return wrong("valid_for", sentence_of(valid_for_shape));
    valid_seconds_ = number;
    return {};
}

message_reader::fault message_reader::read_send_at(const value& given) {
    const auto moment = parse_time(text_of(given));
    if (!moment) return wrong("send_at", sentence_of(send_at_shape));
    message_.send_at_ms = *moment;
    return {};
}

message_reader::fault message_reader::read_priority(const value& given) {
    message_.priority = static_cast<std::uint8_t>(given.get_int64());
    return {};
}

message_reader::fault message_reader::read_receipt(const value& given) {
    constexpr std::uint8_t choices[] = {receipt_final, receipt_failure,
                                        receipt_final | receipt_intermediate, receipt_none};
    static_assert(std::size(choices) == std::size(receipts));
    message_.registered_delivery = choices[index_of(receipts, text_of(given))];
    return {};
}

message_reader::fault message_reader::read_reference(const value& given) {
    return read_label(given, "reference", message_.reference);
}

message_reader::fault message_reader::read_tag(const value& given) {
    return read_label(given, "tag", message_.tag);
}

message_reader::fault message_reader::read_tlvs(const value& given) {
    auto octets = tlvs_from_json(given);
    if (!octets) return wrong("tlvs", octets.error());
    message_.tlvs = std::move(*octets);
    return {};
}

message_reader::fault message_reader::read_track_links(const value& given) {
    message_.track_links = given.get_bool();
    return {};
}

message_reader::fault message_reader::read_link_limits(const value& given) {
    return read_links(given, base_, now_ms_, message_);
}

message_reader::fault message_reader::read_at_most_once(const value& given) {
    message_.at_most_once = given.get_bool();
    return {};
}

message_reader::fault message_reader::read_purpose(const value& given) {
    message_.purpose = purpose_named(text_of(given));
    return {};
}

message_reader::fault message_reader::read_contact_point(const value& given) {
    return read_contact(given, base_, zones_, message_.contact);
}

message_reader::fault message_reader::read_debtor(const value& given) {
    return read_label(given, "debtor", message_.debtor);
}

message_reader::fault message_reader::read_debt(const value& given) {
    return read_label(given, "debt", message_.debt);
}

message_reader::fault message_reader::check_content() {
    if (message_.binary) {
        if (message_.text) return wrong("text", R"(must be absent when encoding is "binary")");
        if (!has_data_) return missing("data", R"(is required when encoding is "binary")");
        return {};
    }
    if (has_data_) return wrong("data", R"(is allowed only when encoding is "binary")");
    if (!message_.text) return missing("text", "what is the message to say?");
    return {};
}

message_reader::fault message_reader::check_sender() {
    if (has_from_) return {};
    const std::string* sender = only_sender(account_);
    if (sender == nullptr)
        return missing("from", "is required unless the account has exactly one sender");
    auto parsed = parse_sender(*sender);
    if (!parsed) return missing("from", "the account's sender is no valid address");
    message_.source = std::move(*parsed);
    return {};
}

}  // namespace hikyaku::gateway::api
