#include "smpp/pdu/decode.hpp"

#include <type_traits>
#include <utility>

namespace hikyaku::smpp {
namespace {

constexpr auto rok = command_status::esme_rok;

template <class Body>
command_status take(octet_reader& in, const u8_field<Body>& field, Body& body) {
    return in.take_u8(body.*field.member) ? rok : command_status::esme_rinvmsglen;
}

template <class Body>
command_status take(octet_reader& in, const cstring_field<Body>& field, Body& body) {
    if (in.take_cstring(field.octets_lenient_max, body.*field.member)) return rok;
    octet_view rest;
    if (field.form == cstring_form::nul_optional && in.left() < field.octets_lenient_max &&
        in.take_octets(in.left(), rest)) {
        body.*field.member = {reinterpret_cast<const char*>(rest.data()), rest.size()};
        return rok;
    }
    return command_status::esme_rinvparlen;
}

template <class Body>
command_status take(octet_reader& in, const octets_field<Body>& field, Body& body) {
    std::uint8_t length = 0;
    const bool whole = in.take_u8(length) && length <= field.octets_max &&
                       in.take_octets(length, body.*field.member);
    return whole ? rok : command_status::esme_rinvmsglen;
}

template <class Body, class Item>
command_status take(octet_reader& in, const list_field<Body, Item>& field, Body& body) {
    std::uint8_t count = 0;
    if (!in.take_u8(count)) return command_status::esme_rinvmsglen;
    return counted_list<Item>::take(in, count, body.*field.member);
}

/// Responses whose body tells nothing that the header has not told already.
template <class Body>
constexpr bool body_is_idle =
    std::is_same_v<Body, deliver_sm_resp> || std::is_same_v<Body, enquire_link_resp> ||
    std::is_same_v<Body, unbind_resp> || std::is_same_v<Body, generic_nack> ||
    std::is_same_v<Body, cancel_sm_resp> || std::is_same_v<Body, replace_sm_resp> ||
    std::is_same_v<Body, cancel_broadcast_sm_resp>;

/// Responses exist that are TLVs without a field before them. An id never begins with a control
/// character, which every tag that is in use does.
template <class Body>
void take_bare_tlvs(octet_reader body_at, const decode_limits& limits, decode_result& out) {
    if (body_at.empty() || *body_at.at() >= 0x20) return;
    const bool named = *body_at.at() == 0;  // by an empty string
    if (named && out.trailing == 0) return;
    const tlv_tail tail = tlv_list::parse_sound(body_at.rest(), limits.vital_tags);
    if (tail.list.empty() || (named && tail.octets_left > 0)) return;
    out.value.body.emplace<Body>();
    out.value.tlvs = tail.list;
    out.status = rok;
    out.field = {};
    out.trailing = tail.octets_left;
    out.trailing_nul = tail.only_nul;
    out.vital_lost = tail.vital_lost;
}

template <class Body>
void decode_body(octet_reader in, const decode_limits& limits, decode_result& out) {
    constexpr bool response = is_response(pdu_table<Body>::ids.front());
    Body& body = out.value.body.emplace<Body>();
    const octet_reader body_at = in;
    const auto take_one = [&](const auto& field) {
        if (response && in.empty()) return false;
        out.status = take(in, field, body);
        if (out.status == rok) return true;
        out.field = field.name;
        return false;
    };
    std::apply([&](const auto&... field) { (void)(take_one(field) && ...); },
               pdu_table<Body>::fields);
    if (out.status == rok && !in.empty()) {
        const tlv_tail tail = tlv_list::parse_sound(in.rest(), limits.vital_tags);
        out.value.tlvs = tail.list;
        out.trailing = tail.octets_left;
        out.trailing_nul = tail.only_nul;
        out.vital_lost = tail.vital_lost;
    }
    if constexpr (response) take_bare_tlvs<Body>(body_at, limits, out);
    const bool ignore = response && (body_is_idle<Body> || out.value.header.command_status != rok);
    if (ignore) {
        out.status = rok;
        out.field = {};
        out.trailing = 0;
        out.trailing_nul = true;
        out.vital_lost = false;
    }
}

/// Finds the body that belongs to the command. False if there is none.
template <std::size_t... Index>
bool decode_known(octet_reader in, const decode_limits& limits, decode_result& out,
                  std::index_sequence<Index...>) {
    const command_id id = out.value.header.command_id;
    const auto try_one = [&]<class Body>(std::type_identity<Body>) {
        if (!is_body_of<Body>(id)) return false;
        decode_body<Body>(in, limits, out);
        return true;
    };
    // Alternative 0 is the monostate.
    return (try_one(std::type_identity<std::variant_alternative_t<Index + 1, pdu_body>>{}) || ...);
}

bool take_header(octet_reader& in, pdu_header& header) {
    std::uint32_t id = 0;
    std::uint32_t status = 0;
    if (in.left() < header_octets || !in.take_u32(header.command_length) || !in.take_u32(id) ||
        !in.take_u32(status) || !in.take_u32(header.sequence_number))
        return false;
    header.command_id = static_cast<command_id>(id);
    header.command_status = static_cast<command_status>(status);
    return true;
}

}  // namespace

decode_result decode(octet_view buffer, const decode_limits& limits) {
    decode_result out;
    octet_reader peek(buffer);
    std::uint32_t length = 0;
    if (!peek.take_u32(length)) {
        out.bytes_needed = header_octets;
        return out;
    }
    octet_reader in(buffer);
    pdu_header& header = out.value.header;
    if (length < header_octets || length > limits.pdu_bytes_max) {
        // The length alone decides: a peer that sent it need not send anything more.
        if (!take_header(in, header)) header.command_length = length;
        out.outcome = decode_outcome::unrecoverable;
        out.status = command_status::esme_rinvcmdlen;
        return out;
    }
    if (buffer.size() < length) {
        out.bytes_needed = length;
        return out;
    }
    in = octet_reader(buffer.first(length));
    (void)take_header(in, header);
    out.consumed = length;
    constexpr auto bodies = std::make_index_sequence<std::variant_size_v<pdu_body> - 1>{};
    if (!decode_known(in, limits, out, bodies)) {
        out.status = command_status::esme_rinvcmdid;
        out.field = "command_id";
    }
    out.outcome = out.status == rok ? decode_outcome::ok : decode_outcome::recoverable;
    return out;
}

}  // namespace hikyaku::smpp
