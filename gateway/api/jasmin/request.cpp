#include "gateway/api/jasmin/request.hpp"

#include <algorithm>
#include <array>
#include <boost/json/monotonic_resource.hpp>
#include <iterator>

#include "gateway/api/form.hpp"
#include "gateway/api/json/document.hpp"
#include "gateway/api/json/text.hpp"
#include "gateway/engine/delivery/callback_url.hpp"
#include "smpp/text/ascii.hpp"

namespace hikyaku::gateway::api::jasmin {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_number(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, is_digit);
}

bool is_destination(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    return is_number(text);
}

bool is_coding(std::string_view text) {
    constexpr std::array<std::string_view, 13> known{"0", "1", "2", "3",  "4",  "5", "6",
                                                     "7", "8", "9", "10", "13", "14"};
    return std::ranges::find(known, text) != known.end();
}

bool is_filled(std::string_view text) {
    return !text.empty();
}

bool is_priority(std::string_view text) {
    return text.size() == 1 && text[0] >= '0' && text[0] <= '3';
}

/// SMPP 3.4, 7.1.1: fifteen digits and a sign.
bool is_time(std::string_view text) {
    constexpr std::size_t digits = 15;
    return text.size() == digits + 1 && is_number(text.substr(0, digits)) &&
           std::string_view("+-R").find(text.back()) != std::string_view::npos;
}

bool is_yes_or_no(std::string_view text) {
    return text == "yes" || text == "no";
}

bool is_url(std::string_view text) {
    return is_callback_url(text) && text.size() <= callback_octets_max;
}

bool is_level(std::string_view text) {
    return text.size() == 1 && text[0] >= '1' && text[0] <= '3';
}

bool is_method(std::string_view text) {
    return equal_ignoring_case(text, "GET") || equal_ignoring_case(text, "POST");
}

/// Jasmin takes several tags with commas between them; a message has one here.
bool is_tag(std::string_view text) {
    constexpr std::size_t octets_max = 64;
    return text.size() <= octets_max && std::ranges::all_of(text, [](char c) {
               const char low = smpp::text::lower_ascii(c);
               return is_digit(c) || (low >= 'a' && low <= 'z') || c == '-';
           });
}

void add_parameters(std::string_view query, request& into) {
    std::ranges::move(decode_parameters(query), std::back_inserter(into.arguments));
}

fault invalid_argument(std::string_view name, std::string value) {
    if (name == "password") value.clear();  // no answer repeats one
    return {error_id::field_invalid, std::string(name), std::move(value)};
}

/// Members of the object take the place of parameters of the query with the same name.
void add_members(std::string_view body, request& into) {
    std::array<unsigned char, 4096> memory{};
    std::array<unsigned char, 4096> scratch{};
    boost::json::monotonic_resource values(memory.data(), memory.size());
    const auto document = parse_json(body, &values, scratch);
    if (!document || !document->is_object()) {
        into.wrong = fault{error_id::json_invalid, {}, {}};
        return;
    }
    std::vector<decoded_parameter> members;
    for (const auto& member : document->get_object()) {
        const auto& value = member.value();
        if (value.is_null()) continue;  // as if it were not there
        auto text = value.is_string() ? std::string(text_of(value)) : write_json(value);
        if (value.is_structured() && member.key() != "custom_tlvs") {
            into.wrong = invalid_argument(member.key(), std::move(text));
            return;
        }
        members.push_back({std::string(member.key()), std::move(text)});
    }
    into.json = true;
    into.arguments.insert(into.arguments.begin(), std::make_move_iterator(members.begin()),
                          std::make_move_iterator(members.end()));
}

/// An argument, and which pages take it.
struct field {
    std::string_view name;
    std::uint8_t pages = 0;  // bits by `page`
    bool required = false;
    bool (*valid)(std::string_view value) = nullptr;  // null: any
};

constexpr std::uint8_t bit_of(page which) {
    return static_cast<std::uint8_t>(1U << static_cast<unsigned>(which));
}
constexpr std::uint8_t by_send = bit_of(page::send), by_both = by_send | bit_of(page::rate),
                       by_all = by_both | bit_of(page::balance);

// In the order in which Jasmin looks at them.
constexpr std::array fields{
    field{"to", by_both, true, is_destination},
    field{"from", by_both},
    field{"coding", by_both, false, is_coding},
    field{"username", by_all, true, is_filled},
    field{"password", by_all, true, is_filled},
    field{"priority", by_both, false, is_priority},
    field{"sdt", by_send, false, is_time},
    field{"validity-period", by_both, false, is_number},
    field{"dlr", by_send, false, is_yes_or_no},
    field{"dlr-url", by_send, false, is_url},
    field{"dlr-level", by_send, false, is_level},
    field{"dlr-method", by_send, false, is_method},
    field{"tags", by_both, false, is_tag},
    field{"content", by_both},
    field{"hex-content", by_both},
    field{"custom_tlvs", by_send},
};

}  // namespace

const std::string* request::find(std::string_view name) const {
    const auto at = std::ranges::find(arguments, name, &decoded_parameter::name);
    return at == arguments.end() ? nullptr : &at->value;
}

std::string_view request::value_of(std::string_view name) const {
    const auto* const found = find(name);
    return found == nullptr ? std::string_view{} : std::string_view(*found);
}

request read_request(const http_request& http) {
    request made;
    add_parameters(split_target(http.target).query, made);
    if (http.method != "POST") return made;
    const auto type = media_type(http.header("Content-Type"));
    if (equal_ignoring_case(type, json_type))
        add_members(http.body, made);
    else if (type.empty() || equal_ignoring_case(type, form_type))
        add_parameters(http.body, made);
    else
        made.wrong = fault{error_id::media_type_unsupported, {}, {}};
    return made;
}

std::optional<fault> check_arguments(const request& what, page asked) {
    const auto takes = [asked](const field& each) { return (each.pages & bit_of(asked)) != 0; };
    const auto is_known = [&takes](const decoded_parameter& each) {
        const auto* const at = std::ranges::find(fields, each.name, &field::name);
        return at != fields.end() && takes(*at);
    };
    // Jasmin looks at the fields when it has seen the first argument, and then at the next one.
    const auto unknown = std::ranges::find_if_not(what.arguments, is_known);
    const bool first_is_unknown = !what.arguments.empty() && unknown == what.arguments.begin();
    if (first_is_unknown) return fault{error_id::field_unknown, unknown->name, {}};
    for (const field& each : fields) {
        if (!takes(each)) continue;
        const auto* const value = what.find(each.name);
        if (value == nullptr) {
            if (each.required) return fault{error_id::field_missing, std::string(each.name), {}};
        } else if (each.valid != nullptr && !each.valid(*value)) {
            return invalid_argument(each.name, *value);
        }
    }
    if (unknown != what.arguments.end()) return fault{error_id::field_unknown, unknown->name, {}};
    return {};
}

}  // namespace hikyaku::gateway::api::jasmin
