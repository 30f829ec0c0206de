#include "gateway/api/messages/tlv_reader.hpp"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <charconv>
#include <optional>
#include <string_view>
#include <vector>

#include "gateway/api/json/field_faults.hpp"
#include "gateway/api/json/text.hpp"
#include "smpp/pdu/constants.hpp"
#include "smpp/pdu/tlv.hpp"
#include "smpp/text/hex.hpp"

namespace hikyaku::gateway::api {
namespace {

/// Of a value that has tag_shape.
std::optional<std::uint16_t> tag_from(const boost::json::value& given) {
    if (given.is_int64()) return static_cast<std::uint16_t>(given.get_int64());
    auto name = text_of(given);
    if (const auto* known = smpp::find_tlv_info(name)) return known->tag;
    if (!name.starts_with("0x") && !name.starts_with("0X")) return std::nullopt;
    name.remove_prefix(2);
    std::uint16_t number = 0;
    const auto* const end = name.data() + name.size();
    const auto [at, error] = std::from_chars(name.data(), end, number, 16);
    return error == std::errc{} && at == end && number > 0 ? std::optional(number) : std::nullopt;
}

constexpr shape tag_number = integer_shape(1, 0xFFFF);
constexpr shape tag_name = text_shape(1);
constexpr const shape* tag_forms[] = {&tag_number, &tag_name};
constexpr shape tag_shape{
    .is = shape::kind::either,
    .forms = tag_forms,
    .says = R"(must be 1 to 65535, like "0x1400", or the name of a TLV)",
};
constexpr shape octets_shape{
    .is = shape::kind::text,
    .pattern = "^([0-9a-fA-F]{2})*$",
    .says = "must be octets in hexadecimal, two digits each",
};
constexpr shape words_shape = text_shape();
constexpr member tlv_members[] = {
    {"tag", &tag_shape, true,
     "a number, hexadecimal digits behind `0x`, or a name such as `user_message_reference`"},
    {"value", &octets_shape, false, "octets in hexadecimal"},
    {"text", &words_shape, false, "instead of `value`: UTF-8, as it is"},
};
constexpr shape tlv_shape{
    .is = shape::kind::object,
    .min = 2,
    .members = tlv_members,
    .name = "Tlv",
    .meaning = "An optional parameter of SMPP: `tag`, and either `value` or `text`",
    .says = R"(each needs "tag" and either "value" or "text", and nothing else)",
};

struct entry {
    std::uint16_t tag = 0;
    std::string octets;
};

boost::system::result<entry, std::string> read_entry(const boost::json::value& given) {
    using failed = boost::system::result<entry, std::string>;
    const auto refuse = [](std::string why) {
        return failed(boost::system::in_place_error, std::move(why));
    };
    if (auto why = misfit(tlv_shape, given)) return refuse(std::move(*why));
    const auto& object = given.get_object();
    if (auto wrong = object_fault(tlv_shape, object, {})) {
        if (wrong->code != problem_code::field_invalid) return refuse(sentence_of(tlv_shape));
        return refuse(fmt::format("\"{}\" {}", wrong->pointer.substr(1), wrong->detail));
    }
    const auto* const value = object.if_contains("value");
    const auto* const text = object.if_contains("text");
    if ((value == nullptr) == (text == nullptr)) return refuse(sentence_of(tlv_shape));
    const auto known = tag_from(object.at("tag"));
    if (!known) return refuse(fmt::format("\"tag\" {}", sentence_of(tag_shape)));
    if (smpp::is_text_tag(*known))
        return refuse(fmt::format("the gateway itself writes the TLV 0x{:04x}", *known));
    if (text != nullptr) return entry{*known, std::string(text_of(*text))};
    auto octets = smpp::text::from_hex(text_of(*value));
    if (!octets) return refuse(fmt::format("\"value\" {}", sentence_of(octets_shape)));
    return entry{*known, std::move(*octets)};
}

}  // namespace

constinit const shape tlvs_shape = list_shape(tlv_shape, 0, tlvs_max);

boost::system::result<std::string, std::string> tlvs_from_json(const boost::json::value& given) {
    using result = boost::system::result<std::string, std::string>;
    const auto failed = [](std::string why) {
        return result(boost::system::in_place_error, std::move(why));
    };
    std::vector<std::uint8_t> buffer, one;
    for (const auto& each : given.get_array()) {
        const auto read = read_entry(each);
        if (!read) return failed(read.error());
        if (buffer.size() + 4 + read->octets.size() > tlv_octets_max)
            return failed(fmt::format("must have at most {} octets together", tlv_octets_max));
        smpp::tlv_writer(one).octets(read->tag, smpp::text::octets_of(read->octets));
        buffer.insert(buffer.end(), one.begin(), one.end());
    }
    return result(boost::system::in_place_value, buffer.begin(), buffer.end());
}

}  // namespace hikyaku::gateway::api
