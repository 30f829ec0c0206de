#include "gateway/api/admin/unmatched.hpp"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <charconv>

#include "gateway/api/admin/unmatched_mask.hpp"
#include "gateway/api/answers.hpp"
#include "gateway/api/json/text.hpp"
#include "gateway/api/problems.hpp"
#include "gateway/api/times.hpp"
#include "gateway/engine/submission/numbers.hpp"
#include "smpp/pdu/constants.hpp"
#include "smpp/text/hex.hpp"
#include "smpp/text/octets.hpp"

namespace hikyaku::gateway::api {
namespace {

namespace json = boost::json;
using smpp::text::octets_of;
using smpp::text::to_hex;

constexpr std::size_t tlvs_shown_max = 32;  // of an entry: a PDU has room for thousands

http_response no_such_id() {
    return refuse(problem_code::no_such_resource, "no receipt or reply has this id (any more)");
}

http_response malformed_id() {
    return refuse(problem_code::field_invalid, "the id is not one of those that the list gives");
}

/// The first ones, and how many more there are: the values of those that tell of a receipt, and of
/// the others, where a person's words may stand, the length.
void add_tlvs(json::object& into, const unmatched_view& one) {
    json::array list;
    std::size_t more = 0;
    const auto parsed = smpp::tlv_list::parse(octets_of(one.tlvs));
    for (const auto& tlv : parsed.value_or(smpp::tlv_list{})) {
        if (list.size() == tlvs_shown_max) {
            ++more;
            continue;
        }
        json::object row{{"tag", fmt::format("0x{:04X}", tlv.tag)}};
        const auto octets = smpp::text::chars_of(tlv.value);
        if (!one.is_reply && tlv.tag == smpp::tag::receipted_message_id)
            row["octets"] = to_hex(octets_of(mask_id(octets, one)));
        else if (!one.is_reply &&
                 (tlv.tag == smpp::tag::message_state || tlv.tag == smpp::tag::network_error_code))
            row["octets"] = to_hex(tlv.value);
        else
            row["length"] = tlv.value.size();
        list.push_back(std::move(row));
    }
    into["tlvs"] = std::move(list);
    if (more > 0) into["tlvs_more"] = more;
}

json::object render(const unmatched_view& one) {
    const auto shown = mask_message(one);
    json::object out{{"id", format_unmatched_id(one.id)},
                     {"at", format_time(one.id.at)},
                     {"carrier", one.carrier},
                     {"kind", one.is_reply ? "reply" : "receipt"},
                     {"why", word_of(one.why)},
                     {"source", mask_address(one.source)},
                     {"destination", mask_destination(one)},
                     {"esm_class", one.esm_class},
                     {"data_coding", one.data_coding},
                     {"octets", to_hex(octets_of(shown.octets))},
                     {"text", shown.text}};
    add_tlvs(out, one);
    return out;
}

}  // namespace

std::string format_unmatched_id(const model::unmatched_position& id) {
    return fmt::format("{}-{}-{}", id.carrier, id.at, id.counter);
}

std::optional<model::unmatched_position> parse_unmatched_id(std::string_view text) {
    model::unmatched_position id;
    const char* at = text.data();
    const char* const end = at + text.size();
    const auto number = [&](auto& into, bool more) {
        const auto [behind, error] = std::from_chars(at, end, into);
        const bool sound =
            error == std::errc{} && (more ? behind != end && *behind == '-' : behind == end);
        at = sound && more ? behind + 1 : behind;
        return sound;
    };
    if (!number(id.carrier, true) || !number(id.at, true) || !number(id.counter, false) ||
        format_unmatched_id(id) != text)
        return std::nullopt;
    return id;
}

http_response unmatched_pages::list(const query_values& asked) {
    unmatched_query wanted;
    if (const auto after = asked.text("after")) {
        wanted.after = parse_unmatched_id(*after);
        if (!wanted.after) return malformed_id();
    }
    if (const auto limit = asked.number("limit")) wanted.limit = static_cast<std::size_t>(*limit);
    if (const auto kind = asked.text("kind")) wanted.is_reply = *kind == "reply";
    wanted.carrier = asked.text("carrier").value_or(std::string_view());
    const auto page = service_.unmatched(wanted);
    if (!page.carrier_known) return refuse(problem_code::field_invalid, "no carrier has this name");
    json::array found;
    for (const auto& one : page.found)
        found.push_back(render(one));
    json::object body{{"unmatched", std::move(found)}};
    if (page.next) body["next"] = format_unmatched_id(*page.next);
    return json_answer(body);
}

http_response unmatched_pages::show(std::string_view text) {
    const auto id = parse_unmatched_id(text);
    if (!id) return malformed_id();
    const auto found = service_.find_unmatched(*id);
    return found ? json_answer(render(*found)) : no_such_id();
}

admin_answer unmatched_pages::replay(std::string_view text, reply_ticket ticket, instant now) {
    const auto id = parse_unmatched_id(text);
    if (!id) return {malformed_id()};
    const auto result = service_.replay_unmatched(*id, ticket, now);
    if (result.refused == refusal::not_found) return {no_such_id()};
    if (result.refused != refusal::none) return {problem_response(problem_of(result.refused, 0))};
    if (result.applied)
        return {json_answer(json::object{{"id", text}, {"result", "applied"}}), true};
    return {json_answer(
        json::object{{"id", text}, {"result", "unmatched"}, {"why", word_of(result.why)}})};
}

}  // namespace hikyaku::gateway::api
