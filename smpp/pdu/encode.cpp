#include "smpp/pdu/encode.hpp"

#include <array>
#include <cassert>
#include <cstring>
#include <optional>

namespace hikyaku::smpp {
namespace {

using fault_or_none = std::optional<encode_error>;

/// Writes into memory that was measured before.
struct octet_writer {
    std::uint8_t* at;

    void put_u8(std::uint8_t value) { *at++ = value; }
    void put_u32(std::uint32_t value) {
        at[0] = static_cast<std::uint8_t>(value >> 24);
        at[1] = static_cast<std::uint8_t>(value >> 16);
        at[2] = static_cast<std::uint8_t>(value >> 8);
        at[3] = static_cast<std::uint8_t>(value);
        at += 4;
    }
    void put(const void* from, std::size_t count) {
        if (count == 0) return;
        std::memcpy(at, from, count);
        at += count;
    }
};

void put_header(octet_writer& to, std::size_t length, const pdu_header& header) {
    to.put_u32(static_cast<std::uint32_t>(length));
    to.put_u32(static_cast<std::uint32_t>(header.command_id));
    to.put_u32(static_cast<std::uint32_t>(header.command_status));
    to.put_u32(header.sequence_number);
}

// Each kind of field: add its octets to `total` or say what is wrong with it; write it.

template <class Body>
fault_or_none measure(const u8_field<Body>&, const Body&, std::size_t& total) {
    total += 1;
    return {};
}
template <class Body>
void put(octet_writer& to, const u8_field<Body>& field, const Body& body) {
    to.put_u8(body.*field.member);
}

template <class Body>
fault_or_none measure(const cstring_field<Body>& field, const Body& body, std::size_t& total) {
    const std::string_view text = body.*field.member;
    if (text.size() + 1 > field.octets_lenient_max)
        return encode_error{encode_fault::too_long, field.name};
    if (!text.empty() && std::memchr(text.data(), 0, text.size()) != nullptr)
        return encode_error{encode_fault::embedded_nul, field.name};
    total += text.size() + 1;
    return {};
}
template <class Body>
void put(octet_writer& to, const cstring_field<Body>& field, const Body& body) {
    const std::string_view text = body.*field.member;
    to.put(text.data(), text.size());
    to.put_u8(0);
}

template <class Body>
fault_or_none measure(const octets_field<Body>& field, const Body& body, std::size_t& total) {
    const octet_view octets = body.*field.member;
    if (octets.size() > field.octets_max) return encode_error{encode_fault::too_long, field.name};
    total += 1 + octets.size();
    return {};
}
template <class Body>
void put(octet_writer& to, const octets_field<Body>& field, const Body& body) {
    const octet_view octets = body.*field.member;
    to.put_u8(static_cast<std::uint8_t>(octets.size()));
    to.put(octets.data(), octets.size());
}

template <class Body, class Item>
fault_or_none measure(const list_field<Body, Item>& field, const Body& body, std::size_t& total) {
    total += 1 + (body.*field.member).raw().size();
    return {};
}
template <class Body, class Item>
void put(octet_writer& to, const list_field<Body, Item>& field, const Body& body) {
    const auto& list = body.*field.member;
    to.put_u8(list.size());
    to.put(list.raw().data(), list.raw().size());
}

template <class Body>
boost::system::result<std::size_t, encode_error> encode_body(std::vector<std::uint8_t>& out,
                                                             const pdu_header& header,
                                                             const Body& body, tlv_list tlvs) {
    assert(is_body_of<Body>(header.command_id));
    std::size_t total = header_octets + tlvs.raw().size();
    fault_or_none fault;
    const auto fits = [&](const auto& field) {
        fault = measure(field, body, total);
        return !fault;
    };
    std::apply([&](const auto&... field) { (void)(fits(field) && ...); }, pdu_table<Body>::fields);
    if (fault) return *fault;

    const std::size_t before = out.size();
    out.resize(before + total);
    octet_writer to{out.data() + before};
    put_header(to, total, header);
    std::apply([&](const auto&... field) { (put(to, field, body), ...); }, pdu_table<Body>::fields);
    to.put(tlvs.raw().data(), tlvs.raw().size());
    assert(to.at == out.data() + out.size());
    return total;
}

/// The smallest body of a response with an error status; see encode_refusal().
octet_view refusal_body(command_id id, std::uint8_t version) {
    static constexpr std::array<std::uint8_t, 1> empty_string{0};
    static constexpr std::array<std::uint8_t, 2> nobody_listed{0, 0};
    // message_id, final_date, message_state, error_code. 0 is no state of 3.4 (5.2.28), and a
    // client may look its name up.
    static constexpr std::array<std::uint8_t, 4> state_unknown{
        0, 0, static_cast<std::uint8_t>(message_state::unknown), 0};
    if (version >= 0x50) return {};
    switch (id) {
        case command_id::submit_sm_resp:
            return version < 0x34 ? octet_view(empty_string) : octet_view{};
        case command_id::bind_transceiver_resp:  // system_id
        case command_id::data_sm_resp:           // message_id, as in the others
        case command_id::deliver_sm_resp:
        case command_id::broadcast_sm_resp:
        case command_id::query_broadcast_sm_resp:
            return empty_string;
        case command_id::submit_multi_resp:  // message_id and no_unsuccess
            return nobody_listed;
        case command_id::query_sm_resp:
            return state_unknown;
        default:
            return {};
    }
}

}  // namespace

boost::system::result<std::size_t, encode_error> encode(std::vector<std::uint8_t>& out,
                                                        const pdu& whole) {
    const pdu_header& header = whole.header;
    if (is_response(header.command_id) && header.command_status != command_status::esme_rok) {
        const std::size_t before = out.size();
        encode_refusal(out, header.command_id, header.command_status, header.sequence_number);
        return out.size() - before;
    }
    if (std::holds_alternative<std::monostate>(whole.body)) {
        encode_header_only(out, header.command_id, header.command_status, header.sequence_number);
        return header_octets;
    }
    return std::visit(
        [&]<class Body>(const Body& body) -> boost::system::result<std::size_t, encode_error> {
            if constexpr (std::is_same_v<Body, std::monostate>)
                return header_octets;  // written above
            else
                return encode_body(out, header, body, whole.tlvs);
        },
        whole.body);
}

void encode_refusal(std::vector<std::uint8_t>& out, command_id id, command_status status,
                    std::uint32_t sequence_number, std::uint8_t version) {
    assert(is_response(id) && status != command_status::esme_rok);
    const octet_view body = refusal_body(id, version);
    const std::size_t before = out.size();
    const std::size_t total = header_octets + body.size();
    out.resize(before + total);
    octet_writer to{out.data() + before};
    put_header(to, total, {0, id, status, sequence_number});
    to.put(body.data(), body.size());
}

void encode_header_only(std::vector<std::uint8_t>& out, command_id id, command_status status,
                        std::uint32_t sequence_number) {
    const std::size_t before = out.size();
    out.resize(before + header_octets);
    octet_writer to{out.data() + before};
    put_header(to, header_octets, {0, id, status, sequence_number});
}

}  // namespace hikyaku::smpp
