#include "gateway/api/message_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/kind.hpp>

#include "gateway/api/addresses.hpp"
#include "gateway/api/contact_reader.hpp"
#include "gateway/api/json_text.hpp"
#include "gateway/api/times.hpp"
#include "gateway/api/tlv_reader.hpp"
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
constexpr std::int64_t priority_highest = 3;
constexpr std::int64_t message_class_highest = 3;
constexpr std::int64_t valid_for_max = 366LL * 86400;  // seconds

}  // namespace

problem field_fault(problem_code code, std::string_view base, std::string_view field,
                    std::string detail) {
    problem result;
    result.code = code;
    result.detail = std::move(detail);
    result.pointer.append(base).append("/");
    for (const char c : field)  // RFC 6901: "~" and "/" inside a name
        if (c == '~')
            result.pointer.append("~0");
        else if (c == '/')
            result.pointer.append("~1");
        else
            result.pointer.push_back(c);
    return result;
}

std::optional<std::string> label_fault(const boost::json::value& value) {
    if (!value.is_string()) return "must be a string";
    const auto why = gateway::label_fault(text_of(value));
    return why.empty() ? std::nullopt : std::optional(std::string{why});
}

const message_reader::field_reader message_reader::fields[] = {
    {"from", &message_reader::read_from},
    {"to", &message_reader::read_to},
    {"text", &message_reader::read_text},
    {"data", &message_reader::read_data},
    {"encoding", &message_reader::read_encoding},
    {"class", &message_reader::read_class},
    {"transliterate", &message_reader::read_transliterate},
    {"parts_max", &message_reader::read_parts_max},
    {"valid_for", &message_reader::read_valid_for},
    {"send_at", &message_reader::read_send_at},
    {"priority", &message_reader::read_priority},
    {"receipt", &message_reader::read_receipt},
    {"reference", &message_reader::read_reference},
    {"tag", &message_reader::read_tag},
    {"tlvs", &message_reader::read_tlvs},
    {"track_links", &message_reader::read_track_links},
    {"at_most_once", &message_reader::read_at_most_once},
    {"purpose", &message_reader::read_purpose},
    {"contact", &message_reader::read_contact_point},
    {"debtor", &message_reader::read_debtor},
    {"debt", &message_reader::read_debt},
};

std::optional<problem> message_reader::read(const boost::json::object& object) {
    message_.origin = Origin::http;
    message_.registered_delivery = receipt_final;
    for (const auto& member : object) {
        const std::string_view name{member.key().data(), member.key().size()};
        const auto* const known = std::ranges::find(fields, name, &field_reader::name);
        if (known == std::end(fields))
            return field_fault(problem_code::field_unknown, base_, name, {});
        if (fault found = (this->*known->read)(member.value())) return found;
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

message_reader::fault message_reader::read_integer(const value& given, std::string_view field,
                                                   std::int64_t min, std::int64_t max,
                                                   std::int64_t& into) const {
    if (!given.is_int64() || given.get_int64() < min || given.get_int64() > max)
        return wrong(field, fmt::format("must be an integer from {} to {}", min, max));
    into = given.get_int64();
    return {};
}

message_reader::fault message_reader::read_label(const value& given, std::string_view field,
                                                 std::string& into) const {
    if (auto found = label_fault(given)) return wrong(field, std::move(*found));
    into = text_of(given);
    return {};
}

message_reader::fault message_reader::read_from(const value& given) {
    has_from_ = true;
    if (!given.is_string()) return wrong("from", "must be a string");
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
    if (!given.is_string()) return wrong("text", "must be a string");
    message_.text = std::string{text_of(given)};
    return {};
}

message_reader::fault message_reader::read_data(const value& given) {
    has_data_ = true;
    auto octets = given.is_string() ? smpp::text::from_hex(text_of(given)) : std::nullopt;
    if (!octets || octets->empty())
        return wrong("data", "must be octets in hexadecimal, two digits each");
    message_.octets = std::move(*octets);
    return {};
}

message_reader::fault message_reader::read_encoding(const value& given) {
    const std::string_view name = given.is_string() ? text_of(given) : std::string_view{};
    if (name == "auto") {
        message_.encoding = smpp::text::encoding_choice::automatic;
    } else if (name == "gsm7") {
        message_.encoding = smpp::text::encoding_choice::gsm7;
    } else if (name == "ucs2") {
        message_.encoding = smpp::text::encoding_choice::ucs2;
    } else if (name == "binary") {
        message_.binary = true;
        message_.data_coding = data_coding_binary;
    } else {
        return wrong("encoding", R"(must be "auto", "gsm7", "ucs2" or "binary")");
    }
    return {};
}

message_reader::fault message_reader::read_class(const value& given) {
    std::int64_t number = 0;
    if (fault found = read_integer(given, "class", 0, message_class_highest, number)) return found;
    message_.message_class = static_cast<std::uint8_t>(number);
    return {};
}

message_reader::fault message_reader::read_transliterate(const value& given) {
    using smpp::text::transliteration;
    const std::string_view name = given.is_string() ? text_of(given) : std::string_view{};
    for (const auto each :
         {transliteration::off, transliteration::punctuation, transliteration::full}) {
        if (name == smpp::text::name_of(each)) {
            message_.transliterate = each;
            return {};
        }
    }
    return wrong("transliterate", R"(must be "off", "punctuation" or "full")");
}

message_reader::fault message_reader::read_parts_max(const value& given) {
    std::int64_t number = 0;
    if (fault found = read_integer(given, "parts_max", 1, smpp::text::parts_limit, number))
        return found;
    message_.parts_max = static_cast<std::uint32_t>(number);
    return {};
}

message_reader::fault message_reader::read_valid_for(const value& given) {
    std::int64_t number = 0;
    if (given.is_string()) {
        const auto parsed = parse_duration(text_of(given));
        number = parsed ? parsed->count() : 0;
    } else if (given.is_int64()) {
        number = given.get_int64();
    }
    if (number < 1 || number > valid_for_max) {
        return wrong(
            "valid_for",
            R"(must be seconds, or a text like "90s", "15m", "2h" or "3d", up to 366 days)");
    }
    valid_seconds_ = number;
    return {};
}

message_reader::fault message_reader::read_send_at(const value& given) {
    const auto moment = given.is_string() ? parse_time(text_of(given)) : std::nullopt;
    if (!moment)
        return wrong("send_at", "must be a time with its offset, like 2026-04-01T09:00:00+09:00");
    message_.send_at_ms = *moment;
    return {};
}

message_reader::fault message_reader::read_priority(const value& given) {
    std::int64_t number = 0;
    if (fault found = read_integer(given, "priority", 0, priority_highest, number)) return found;
    message_.priority = static_cast<std::uint8_t>(number);
    return {};
}

message_reader::fault message_reader::read_receipt(const value& given) {
    const std::string_view name = given.is_string() ? text_of(given) : std::string_view{};
    if (name == "final")
        message_.registered_delivery = receipt_final;
    else if (name == "failure")
        message_.registered_delivery = receipt_failure;
    else if (name == "all")
        message_.registered_delivery = receipt_final | receipt_intermediate;
    else if (name == "none")
        message_.registered_delivery = receipt_none;
    else
        return wrong("receipt", R"(must be "final", "failure", "all" or "none")");
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
    if (!given.is_bool()) return wrong("track_links", "must be true or false");
    message_.track_links = given.get_bool();
    return {};
}

message_reader::fault message_reader::read_at_most_once(const value& given) {
    if (!given.is_bool()) return wrong("at_most_once", "must be true or false");
    message_.at_most_once = given.get_bool();
    return {};
}

message_reader::fault message_reader::read_purpose(const value& given) {
    message_.purpose = purpose_named(given.is_string() ? text_of(given) : std::string_view{});
    if (message_.purpose) return {};
    return wrong("purpose", R"(must be "transactional", "service", "dunning" or "marketing")");
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
