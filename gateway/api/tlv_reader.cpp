#include "gateway/api/tlv_reader.hpp"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <charconv>
#include <optional>
#include <string_view>
#include <vector>

#include "gateway/api/json_text.hpp"
#include "smpp/pdu/constants.hpp"
#include "smpp/pdu/tlv.hpp"
#include "smpp/text/hex.hpp"

namespace hikyaku::gateway::api {
namespace {

std::optional<std::uint16_t> tag_from(const boost::json::value& given) {
    if (given.is_int64()) {
        const auto number = given.get_int64();
        return number > 0 && number <= 0xFFFF ? std::optional(static_cast<std::uint16_t>(number))
                                              : std::nullopt;
    }
    if (!given.is_string()) return std::nullopt;
    auto name = text_of(given);
    if (const auto* known = smpp::find_tlv_info(name)) return known->tag;
    if (!name.starts_with("0x") && !name.starts_with("0X")) return std::nullopt;
    name.remove_prefix(2);
    std::uint16_t number = 0;
    const auto* const end = name.data() + name.size();
    const auto [at, error] = std::from_chars(name.data(), end, number, 16);
    return error == std::errc{} && at == end && number > 0 ? std::optional(number) : std::nullopt;
}

struct entry {
    std::uint16_t tag = 0;
    std::string octets;
};

boost::system::result<entry, std::string> read_entry(const boost::json::value& given) {
    using failed = boost::system::result<entry, std::string>;
    if (!given.is_object()) return failed(boost::system::in_place_error, "must hold objects");
    const auto& object = given.get_object();
    const auto* const number = object.if_contains("tag");
    const auto* const value = object.if_contains("value");
    const auto* const text = object.if_contains("text");
    if (number == nullptr || (value == nullptr) == (text == nullptr) || object.size() != 2) {
        return failed(boost::system::in_place_error,
                      R"(each needs "tag" and either "value" or "text", and nothing else)");
    }
    const auto known = tag_from(*number);
    if (!known) {
        return failed(boost::system::in_place_error,
                      R"("tag" must be 1 to 65535, like "0x1400", or the name of a TLV)");
    }
    if (smpp::is_text_tag(*known)) {
        return failed(boost::system::in_place_error,
                      fmt::format("the gateway itself writes the TLV 0x{:04x}", *known));
    }
    entry made{*known, {}};
    if (text != nullptr) {
        if (!text->is_string())
            return failed(boost::system::in_place_error, R"("text" must be a string)");
        made.octets = text_of(*text);
        return made;
    }
    auto octets = value->is_string() ? smpp::text::from_hex(text_of(*value)) : std::nullopt;
    if (!octets) {
        return failed(boost::system::in_place_error,
                      R"("value" must be octets in hexadecimal, two digits each)");
    }
    made.octets = std::move(*octets);
    return made;
}

}  // namespace

boost::system::result<std::string, std::string> tlvs_from_json(const boost::json::value& given) {
    using result = boost::system::result<std::string, std::string>;
    const auto failed = [](std::string why) {
        return result(boost::system::in_place_error, std::move(why));
    };
    if (!given.is_array()) return failed("must be a list");
    const auto& list = given.get_array();
    if (list.size() > tlvs_max) return failed(fmt::format("must have at most {}", tlvs_max));
    std::vector<std::uint8_t> buffer, one;
    for (const auto& each : list) {
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
