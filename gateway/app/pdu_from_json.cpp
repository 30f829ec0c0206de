#include <fmt/format.h>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <charconv>
#include <deque>
#include <limits>
#include <optional>
#include <tuple>
#include <utility>

#include "gateway/app/hex.hpp"
#include "gateway/app/pdu_json.hpp"
#include "smpp/pdu/encode.hpp"

namespace hikyaku::gateway::app {
namespace {

namespace json = boost::json;

/// Reads one described PDU. The octets that views of the PDU point to live in it until it dies;
/// the first fault is kept and everything after it is ignored.
class json_reader {
public:
    boost::system::result<std::vector<std::uint8_t>, json_fault> read(const json::object& from) {
        smpp::pdu whole;
        read_header(from, whole.header);
        if (!fault_) read_body(from, whole);
        std::vector<std::uint8_t> tlv_octets;
        if (!fault_) whole.tlvs = read_tlvs(from, tlv_octets);
        if (fault_) return *fault_;
        std::vector<std::uint8_t> octets;
        const auto encoded = smpp::encode(octets, whole);
        if (encoded.has_error()) {
            const bool too_long = encoded.error().fault == smpp::encode_fault::too_long;
            return json_fault{std::string(encoded.error().field),
                              too_long ? "too long for the field" : "a NUL inside the string"};
        }
        return octets;
    }

private:
    void fail(std::string_view field, std::string sentence) {
        if (!fault_) fault_ = json_fault{std::string(field), std::move(sentence)};
    }

    /// A number, or a text in decimal or with 0x.
    std::uint32_t number(const json::value& value, std::string_view field, std::uint64_t max) {
        std::optional<std::uint64_t> read;
        if (value.is_int64() && value.get_int64() >= 0)
            read = static_cast<std::uint64_t>(value.get_int64());
        else if (value.is_uint64())
            read = value.get_uint64();
        else if (value.is_string())
            read = parse_number(std::string_view(value.get_string()));
        if (!read || *read > max) {
            fail(field, fmt::format("must be a number from 0 to {}", max));
            return 0;
        }
        return static_cast<std::uint32_t>(*read);
    }

    static std::optional<std::uint64_t> parse_number(std::string_view text) {
        const bool hex = text.starts_with("0x") || text.starts_with("0X");
        if (hex) text.remove_prefix(2);
        if (text.empty() || text.size() > 10) return std::nullopt;
        std::uint64_t result = 0;
        const char* const end = text.data() + text.size();
        const auto [at, error] = std::from_chars(text.data(), end, result, hex ? 16 : 10);
        if (error != std::errc{} || at != end) return std::nullopt;
        return result;
    }

    /// The octets of a C-octet string; the reverse of what decode prints.
    std::string_view text(const json::value& value, std::string_view field) {
        if (!value.is_string()) {
            fail(field, "must be a text");
            return {};
        }
        const std::string_view utf8 = value.get_string();
        auto& octets = texts_.emplace_back();
        for (std::size_t i = 0; i < utf8.size(); ++i) {
            const auto lead = static_cast<std::uint8_t>(utf8[i]);
            if (lead < 0x80) {
                octets += utf8[i];
            } else if ((lead == 0xC2 || lead == 0xC3) && i + 1 < utf8.size()) {
                const auto next = static_cast<std::uint8_t>(utf8[++i]);
                octets += static_cast<char>(lead << 6 | (next & 0x3F));
            } else {
                fail(field, "must hold characters up to U+00FF only, one for each octet");
                return {};
            }
        }
        return octets;
    }

    smpp::octet_view octets(const json::value& value, std::string_view field) {
        auto read = value.is_string() ? from_hex(std::string_view(value.get_string()))
                                      : std::optional<std::vector<std::uint8_t>>{};
        if (!read) {
            fail(field, "must be octets as hexadecimal digits");
            return {};
        }
        return buffers_.emplace_back(std::move(*read));
    }

    smpp::command_status status(const json::value& value, std::string_view field) {
        if (value.is_string()) {
            if (const auto named = smpp::command_status_from(std::string_view(value.get_string())))
                return *named;
        }
        return static_cast<smpp::command_status>(
            number(value, field, std::numeric_limits<std::uint32_t>::max()));
    }

    void read_header(const json::object& from, smpp::pdu_header& header) {
        const auto* name = from.if_contains("command");
        const auto* id = from.if_contains("command_id");
        if (name != nullptr && name->is_string()) {
            const auto named = smpp::command_id_from(std::string_view(name->get_string()));
            if (!named) return fail("command", "no such command");
            header.command_id = *named;
        } else if (id != nullptr) {
            header.command_id = static_cast<smpp::command_id>(
                number(*id, "command_id", std::numeric_limits<std::uint32_t>::max()));
            if (!fault_ && !smpp::is_known(header.command_id))
                fail("command_id", "no such command");
        } else {
            return fail("command", "is missing");
        }
        if (const auto* value = from.if_contains("command_status"))
            header.command_status = status(*value, "command_status");
        header.sequence_number = 1;
        if (const auto* value = from.if_contains("sequence_number")) {
            header.sequence_number =
                number(*value, "sequence_number", std::numeric_limits<std::uint32_t>::max());
        }
    }

    void read_body(const json::object& from, smpp::pdu& whole) {
        static const json::object nothing;
        const json::object* body = &nothing;
        if (const auto* value = from.if_contains("body")) {
            if (!value->is_object()) return fail("body", "must be an object");
            body = &value->get_object();
        }
        choose_body<1>(*body, whole);
    }

    /// Finds the alternative of the body variant that belongs to the command and fills it.
    template <std::size_t Index>
    void choose_body(const json::object& from, smpp::pdu& whole) {
        if constexpr (Index < std::variant_size_v<smpp::pdu_body>) {
            using body_type = std::variant_alternative_t<Index, smpp::pdu_body>;
            if (smpp::is_body_of<body_type>(whole.header.command_id))
                fill(from, whole.body.emplace<Index>());
            else
                choose_body<Index + 1>(from, whole);
        }
    }

    template <class Body>
    void fill(const json::object& from, Body& body) {
        std::size_t known = 0;
        const auto fill_one = [&](const auto& field) {
            if (const auto* value = from.if_contains(field.name)) {
                ++known;
                fill_field(*value, field, body);
            }
            if constexpr (
                requires { field.length_name; })
                known += from.count(field.length_name);
            if constexpr (
                requires { field.count_name; })
                known += from.count(field.count_name);
        };
        std::apply([&](const auto&... field) { (fill_one(field), ...); },
                   smpp::pdu_table<Body>::fields);
        if (known == from.size()) return;
        for (const auto& pair : from)
            if (!names_field<Body>(pair.key())) fail(pair.key(), "no such field in this command");
    }

    template <class Body>
    static bool names_field(std::string_view name) {
        bool found = false;
        const auto look = [&](const auto& field) {
            if (field.name == name) found = true;
            if constexpr (
                requires { field.length_name; })
                found |= field.length_name == name;
            if constexpr (
                requires { field.count_name; })
                found |= field.count_name == name;
        };
        std::apply([&](const auto&... field) { (look(field), ...); },
                   smpp::pdu_table<Body>::fields);
        return found;
    }

    template <class Field, class Body>
    void fill_field(const json::value& value, const Field& field, Body& body) {
        auto& member = body.*field.member;
        using member_type = std::remove_reference_t<decltype(member)>;
        if constexpr (std::is_same_v<member_type, std::uint8_t>)
            member = static_cast<std::uint8_t>(number(value, field.name, 255));
        else if constexpr (std::is_same_v<member_type, std::string_view>)
            member = text(value, field.name);
        else if constexpr (std::is_same_v<member_type, smpp::octet_view>)
            member = octets(value, field.name);
        else
            fill_list(value, field.name, member);
    }

    template <class Item>
    void fill_list(const json::value& value, std::string_view field,
                   smpp::counted_list<Item>& list) {
        if (!value.is_array()) return fail(field, "must be an array");
        smpp::counted_list_writer<Item> writer(buffers_.emplace_back());
        for (const auto& each : value.get_array()) {
            if (!each.is_object()) return fail(field, "must hold objects");
            if (!writer.add(item(each.get_object(), Item{})))
                return fail(field, "has an item that is too long, or too many of them");
        }
        list = writer.list();
    }

    template <class Item>
    void read_address(const json::object& from, Item& item) {
        if (const auto* ton = from.if_contains("dest_addr_ton"))
            item.dest_addr_ton = static_cast<std::uint8_t>(number(*ton, "dest_addr_ton", 255));
        if (const auto* npi = from.if_contains("dest_addr_npi"))
            item.dest_addr_npi = static_cast<std::uint8_t>(number(*npi, "dest_addr_npi", 255));
        if (const auto* digits = from.if_contains("destination_addr"))
            item.destination_addr = text(*digits, "destination_addr");
    }

    smpp::dest_address item(const json::object& from, smpp::dest_address result) {
        read_address(from, result);
        if (const auto* name = from.if_contains("dl_name")) {
            result.dest_flag = smpp::dest_flag_distribution_list;
            result.destination_addr = text(*name, "dl_name");
        }
        return result;
    }

    smpp::unsuccess_sme item(const json::object& from, smpp::unsuccess_sme result) {
        read_address(from, result);
        if (const auto* code = from.if_contains("error_status_code"))
            result.error_status_code = status(*code, "error_status_code");
        return result;
    }

    smpp::tlv_list read_tlvs(const json::object& from, std::vector<std::uint8_t>& buffer) {
        smpp::tlv_writer writer(buffer);
        const auto* value = from.if_contains("tlvs");
        if (value == nullptr) return {};
        if (!value->is_array()) {
            fail("tlvs", "must be an array");
            return {};
        }
        for (const auto& each : value->get_array()) {
            if (!each.is_object()) {
                fail("tlvs", "must hold objects");
                return {};
            }
            add_tlv(each.get_object(), writer);
        }
        return writer.list();
    }

    void add_tlv(const json::object& from, smpp::tlv_writer& writer) {
        const smpp::tlv_info* info = nullptr;
        std::uint16_t tag = 0;
        const auto* number_of_tag = from.if_contains("tag");
        const auto* name = from.if_contains("name");
        if (number_of_tag != nullptr) {
            tag = static_cast<std::uint16_t>(number(*number_of_tag, "tag", 0xFFFF));
            info = smpp::find_tlv_info(tag);
        } else if (name != nullptr && name->is_string()) {
            info = smpp::find_tlv_info(std::string_view(name->get_string()));
            if (info == nullptr) return fail("name", "no such TLV; give its tag");
            tag = info->tag;
        } else {
            return fail("tlvs", "each needs a tag or a name");
        }
        if (const auto* hex = from.if_contains("hex")) {
            const auto bytes = octets(*hex, "hex");
            if (bytes.size() > 0xFFFF) return fail("hex", "too long for a TLV");
            writer.octets(tag, bytes);
        } else if (const auto* value = from.if_contains("value")) {
            add_typed(tag, info, *value, writer);
        } else {
            fail("tlvs", "each needs hex or value");
        }
    }

    void add_typed(std::uint16_t tag, const smpp::tlv_info* info, const json::value& value,
                   smpp::tlv_writer& writer) {
        const auto kind = info == nullptr ? smpp::tlv_kind::octets : info->kind;
        switch (kind) {
            case smpp::tlv_kind::u8:
                writer.u8(tag, static_cast<std::uint8_t>(number(value, "value", 0xFF)));
                return;
            case smpp::tlv_kind::u16:
                writer.u16(tag, static_cast<std::uint16_t>(number(value, "value", 0xFFFF)));
                return;
            case smpp::tlv_kind::u32:
                writer.u32(tag, number(value, "value", 0xFFFFFFFF));
                return;
            case smpp::tlv_kind::cstring: {
                const auto octets_of_text = text(value, "value");
                if (octets_of_text.size() >= 0xFFFF) return fail("value", "too long for a TLV");
                writer.cstring(tag, octets_of_text);
                return;
            }
            case smpp::tlv_kind::empty:
                writer.octets(tag, {});
                return;
            case smpp::tlv_kind::octets: {
                const auto bytes = octets(value, "value");
                if (bytes.size() > 0xFFFF) return fail("value", "too long for a TLV");
                writer.octets(tag, bytes);
                return;
            }
        }
    }

    std::optional<json_fault> fault_;
    std::deque<std::string> texts_;  // deques: views into their elements stay valid
    std::deque<std::vector<std::uint8_t>> buffers_;
};

}  // namespace

boost::system::result<std::vector<std::uint8_t>, json_fault> encode_from_json(
    const json::object& described) {
    return json_reader{}.read(described);
}

}  // namespace hikyaku::gateway::app
