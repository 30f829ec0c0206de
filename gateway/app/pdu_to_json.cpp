#include <fmt/format.h>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <type_traits>

#include "gateway/app/pdu_json.hpp"
#include "smpp/text/hex.hpp"

namespace hikyaku::gateway::app {
namespace json = boost::json;

json::string text_of_octets(std::string_view octets) {
    json::string text;
    for (const char character : octets) {
        const auto octet = static_cast<std::uint8_t>(character);
        if (octet < 0x80) {
            text.push_back(character);
        } else {
            text.push_back(static_cast<char>(0xC0 | octet >> 6));
            text.push_back(static_cast<char>(0x80 | (octet & 0x3F)));
        }
    }
    return text;
}

namespace {

json::value status_value(smpp::command_status status) {
    const auto name = smpp::name_of(status);
    if (!name.empty()) return json::string(name);
    return json::string(fmt::format("0x{:08x}", static_cast<std::uint32_t>(status)));
}

json::object address_object(std::uint8_t ton, std::uint8_t npi, std::string_view digits) {
    json::object object;
    object["dest_addr_ton"] = ton;
    object["dest_addr_npi"] = npi;
    object["destination_addr"] = text_of_octets(digits);
    return object;
}

json::value field_value(std::uint8_t value) {
    return value;
}
json::value field_value(std::string_view value) {
    return text_of_octets(value);
}
json::value field_value(smpp::octet_view value) {
    return json::string(smpp::text::to_hex(value));
}
json::value field_value(const smpp::dest_address_list& list) {
    json::array items;
    for (const auto& item : list) {
        json::object object;
        object["dest_flag"] = item.dest_flag;
        if (item.dest_flag == smpp::dest_flag_distribution_list)
            object["dl_name"] = text_of_octets(item.destination_addr);
        else
            for (auto& pair :
                 address_object(item.dest_addr_ton, item.dest_addr_npi, item.destination_addr))
                object.insert(pair);
        items.push_back(std::move(object));
    }
    return items;
}
json::value field_value(const smpp::unsuccess_sme_list& list) {
    json::array items;
    for (const auto& item : list) {
        auto object = address_object(item.dest_addr_ton, item.dest_addr_npi, item.destination_addr);
        object["error_status_code"] = status_value(item.error_status_code);
        items.push_back(std::move(object));
    }
    return items;
}

json::value tlv_value(const smpp::tlv_info* info, smpp::octet_view octets) {
    const auto as_hex = [&] { return json::value(json::string(smpp::text::to_hex(octets))); };
    if (info == nullptr) return as_hex();
    std::size_t width = 0;
    switch (info->kind) {
        case smpp::tlv_kind::u8:
            width = 1;
            break;
        case smpp::tlv_kind::u16:
            width = 2;
            break;
        case smpp::tlv_kind::u32:
            width = 4;
            break;
        case smpp::tlv_kind::empty:
            return octets.empty() ? json::value(true) : as_hex();
        case smpp::tlv_kind::octets:
            return as_hex();
        case smpp::tlv_kind::cstring: {
            std::string_view text(reinterpret_cast<const char*>(octets.data()), octets.size());
            if (text.ends_with('\0')) text.remove_suffix(1);
            return text_of_octets(text);
        }
    }
    if (octets.size() != width) return as_hex();
    std::uint64_t number = 0;
    for (const auto octet : octets)
        number = number << 8 | octet;
    return number;
}

json::array tlv_array(const smpp::tlv_list& tlvs) {
    json::array items;
    for (const auto& item : tlvs) {
        const auto* info = smpp::find_tlv_info(item.tag);
        json::object object;
        object["tag"] = item.tag;
        object["name"] = info == nullptr ? json::value(nullptr) : json::string(info->name);
        object["hex"] = smpp::text::to_hex(item.value);
        object["value"] = tlv_value(info, item.value);
        items.push_back(std::move(object));
    }
    return items;
}

void put_header(json::object& into, const smpp::pdu_header& header) {
    const auto name = smpp::name_of(header.command_id);
    into["command"] = name.empty() ? json::value(nullptr) : json::string(name);
    into["command_id"] = static_cast<std::uint32_t>(header.command_id);
    into["command_status"] = status_value(header.command_status);
    into["sequence_number"] = header.sequence_number;
}

json::object error_object(const smpp::decode_result& result) {
    json::object error;
    const bool incomplete = result.outcome == smpp::decode_outcome::incomplete;
    switch (result.outcome) {
        case smpp::decode_outcome::incomplete:
            error["kind"] = "incomplete";
            break;
        case smpp::decode_outcome::unrecoverable:
            error["kind"] = "unrecoverable";
            break;
        default:
            error["kind"] = "recoverable";
            break;
    }
    error["status"] = incomplete ? json::value(nullptr) : status_value(result.status);
    error["field"] = result.field.empty() ? json::value(nullptr) : json::string(result.field);
    if (incomplete) error["octets_needed"] = result.bytes_needed;
    json::object object;
    object["error"] = std::move(error);
    if (result.outcome == smpp::decode_outcome::recoverable)
        put_header(object, result.value.header);
    return object;
}

}  // namespace

json::object decode_to_json(std::span<const std::uint8_t> octets) {
    const auto result = smpp::decode(octets);
    if (!result.ok()) return error_object(result);
    json::object object;
    put_header(object, result.value.header);
    json::object body;
    smpp::for_each_field(result.value, [&](std::string_view name, const auto& value) {
        body[name] = field_value(value);
    });
    object["body"] = std::move(body);
    object["tlvs"] = tlv_array(result.value.tlvs);
    if (result.trailing > 0) object["trailing_octets"] = result.trailing;
    if (result.consumed < octets.size()) object["octets_left"] = octets.size() - result.consumed;
    return object;
}

}  // namespace hikyaku::gateway::app
