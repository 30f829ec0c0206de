#include "gateway/api/jasmin/tlvs.hpp"

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/object.hpp>
#include <charconv>
#include <cstdint>
#include <vector>

#include "gateway/api/json/document.hpp"
#include "gateway/api/json/text.hpp"
#include "gateway/api/messages/tlv_reader.hpp"
#include "smpp/pdu/tlv.hpp"
#include "smpp/text/octets.hpp"

namespace hikyaku::gateway::api::jasmin {
namespace {

namespace json = boost::json;

constexpr std::uint64_t tag_min = 0x1400;  // SMPP 3.4, 5.3.2: for vendors of SMSCs
constexpr std::uint64_t tag_max = 0x3FFF;

std::optional<std::uint64_t> number_in(std::string_view digits, int base = 10) {
    std::uint64_t number = 0;
    const auto* const end = digits.data() + digits.size();
    const auto [at, error] = std::from_chars(digits.data(), end, number, base);
    if (error != std::errc{} || at != end) return {};
    return number;
}

/// A number, or a text that is one.
std::optional<std::uint64_t> number_in(const json::value& given) {
    if (given.is_uint64()) return given.get_uint64();
    if (given.is_int64() && given.get_int64() >= 0)
        return static_cast<std::uint64_t>(given.get_int64());
    if (!given.is_string()) return {};
    const auto text = text_of(given);
    const bool hexadecimal = text.starts_with("0x") || text.starts_with("0X");
    return hexadecimal ? number_in(text.substr(2), 16) : number_in(text);
}

std::optional<std::uint16_t> tag_in(const json::value& given) {
    const auto number = number_in(given);
    if (!number || *number < tag_min || *number > tag_max) return {};
    return static_cast<std::uint16_t>(*number);
}

/// Empty: the type is not known, or the value does not fit it.
std::optional<std::string> octets_of(std::string_view type, const json::value& value) {
    if (type == "OctetString" || type == "COctetString") {
        const bool is_text = value.is_string();
        if (!is_text && !value.is_number()) return {};
        std::string octets = is_text ? std::string(text_of(value)) : write_json(value);
        if (type == "COctetString") octets.push_back('\0');
        return octets;
    }
    constexpr std::array<std::string_view, 4> names{"Int1", "Int2", "Int4", "Int8"};
    const auto number = number_in(value);
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (type != names[i] || !number) continue;
        const int bits = 8 << i;
        if (bits < 64 && *number >> bits != 0) return {};
        std::string octets;
        for (int shift = bits - 8; shift >= 0; shift -= 8)
            octets.push_back(static_cast<char>(*number >> shift & 0xFF));
        return octets;
    }
    return {};
}

class collector {
public:
    bool add(std::optional<std::uint16_t> tag, std::string_view type, const json::value& value) {
        const auto octets = octets_of(type, value);
        if (!tag || !octets || ++count_ > tlvs_max) return false;
        std::vector<std::uint8_t> one;
        smpp::tlv_writer(one).octets(*tag, smpp::text::octets_of(*octets));
        all_.append(one.begin(), one.end());
        return all_.size() <= tlv_octets_max;
    }
    std::string take() { return std::move(all_); }

private:
    std::string all_;
    std::size_t count_ = 0;
};

/// "0x1401" or "0x1401:OctetString".
bool add_member(collector& into, std::string_view key, const json::value& value) {
    const auto colon = key.find(':');
    const auto type =
        colon == std::string_view::npos ? std::string_view("OctetString") : key.substr(colon + 1);
    return into.add(tag_in(json::value(key.substr(0, colon))), type, value);
}

bool add_entry(collector& into, const json::value& given) {
    if (const auto* const object = given.if_object()) {
        const auto* const tag = object->if_contains("tag");
        const auto* const value = object->if_contains("value");
        return tag != nullptr && value != nullptr && object->size() == 2 &&
               into.add(tag_in(*tag), "OctetString", *value);
    }
    const auto* const tuple = given.if_array();
    if (tuple == nullptr || tuple->size() != 4) return false;
    const auto& type = (*tuple)[2];
    if (!type.is_string() && !type.is_null()) return false;
    return into.add(tag_in((*tuple)[0]), type.is_null() ? "OctetString" : text_of(type),
                    (*tuple)[3]);
}

}  // namespace

std::optional<std::string> read_custom_tlvs(std::string_view text) {
    if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return std::string{};
    std::array<unsigned char, 4096> memory{};
    std::array<unsigned char, 4096> scratch{};
    json::monotonic_resource values(memory.data(), memory.size());
    const auto document = parse_json(text, &values, scratch);
    if (!document) return {};
    collector made;
    if (const auto* const object = document->if_object()) {
        for (const auto& member : *object)
            if (!add_member(made, member.key(), member.value())) return {};
    } else if (const auto* const list = document->if_array()) {
        for (const auto& each : *list)
            if (!add_entry(made, each)) return {};
    } else {
        return {};
    }
    return made.take();
}

}  // namespace hikyaku::gateway::api::jasmin
