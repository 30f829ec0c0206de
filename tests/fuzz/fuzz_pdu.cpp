// The codec on arbitrary bytes: decode() tells its four cases apart consistently, everything in a
// decoded PDU can be looked at, and what was decoded encodes to octets that decode to the same.
// The input is tried twice: as a stream, and as what follows the length of one PDU.
#include <cassert>
#include <string>
#include <type_traits>
#include <vector>

#include "smpp/pdu/decode.hpp"
#include "smpp/pdu/encode.hpp"
#include "tests/fuzz/fuzz_input.hpp"

namespace hikyaku::smpp {
namespace {

/// Every field of the body and every TLV, lists item by item, as one text to compare.
struct field_text {
    std::string out;

    void number(std::uint64_t value) { out += std::to_string(value) + ' '; }
    void text(std::string_view value) {
        out.append(value);
        out += '|';
    }
    void operator()(std::string_view name, std::uint8_t value) {
        text(name);
        number(value);
    }
    void operator()(std::string_view name, std::string_view value) {
        text(name);
        text(value);
    }
    void operator()(std::string_view name, octet_view value) {
        text(name);
        text({reinterpret_cast<const char*>(value.data()), value.size()});
    }
    void operator()(std::string_view name, const dest_address_list& list) {
        text(name);
        for (const dest_address& item : list) {
            number(item.dest_flag);
            number(item.dest_addr_ton);
            number(item.dest_addr_npi);
            text(item.destination_addr);
        }
    }
    void operator()(std::string_view name, const unsuccess_sme_list& list) {
        text(name);
        for (const unsuccess_sme& item : list) {
            number(item.dest_addr_ton);
            number(item.dest_addr_npi);
            text(item.destination_addr);
            number(static_cast<std::uint32_t>(item.error_status_code));
        }
    }
};

std::string describe(const pdu& whole) {
    field_text text;
    text.number(whole.body.index());
    for_each_field(whole, text);
    for (const tlv& one : whole.tlvs) {
        text.number(one.tag);
        text("tlv", one.value);
        // Typed reading never fails in another way than by saying so.
        text.number(whole.tlvs.u8(one.tag).value_or(0));
        text.number(whole.tlvs.u16(one.tag).value_or(0));
        text.number(whole.tlvs.u32(one.tag).value_or(0));
        text.text(whole.tlvs.cstring(one.tag).value_or(""));
        assert(whole.tlvs.find(one.tag));
    }
    return text.out;
}

void read_message(const pdu& whole) {
    std::visit(
        [&]<class Body>(const Body& body) {
            if constexpr (
                requires { body.esm_class; }) {
                const auto octets = message_octets(body, whole.tlvs);
                if (!octets) return;
                const auto header = udh_octets(body.esm_class, *octets);
                assert(!header || *header <= octets->size());
            }
        },
        whole.body);
}

void check_round_trip(const decode_result& first) {
    pdu whole = first.value;
    // With an error status a response is written without what it held; its body is tried too.
    const bool response = is_response(whole.header.command_id);
    if (response) whole.header.command_status = command_status::esme_rok;
    std::vector<std::uint8_t> out{0xEE};
    const auto written = encode(out, whole);
    assert(written.has_value());
    assert(out.size() == *written + 1);
    // Of a request nothing is lost but what is told to be.
    assert(response || *written + first.trailing == first.consumed);
    const decode_result again = decode(octet_view(out).subspan(1), {1 << 20});
    assert(again.ok() && again.trailing == 0);
    assert(again.consumed == *written && again.value.header.command_length == *written);
    assert(again.value.header.command_id == whole.header.command_id);
    assert(again.value.header.command_status == whole.header.command_status);
    assert(again.value.header.sequence_number == whole.header.sequence_number);
    assert(describe(again.value) == describe(whole));
}

/// Octets handled; 0: no more can be.
std::size_t try_one(octet_view bytes) {
    const decode_limits limits{4096};
    const decode_result result = decode(bytes, limits);
    assert((result.status == command_status::esme_rok) ==
           (result.outcome == decode_outcome::ok || result.outcome == decode_outcome::incomplete));
    switch (result.outcome) {
        case decode_outcome::incomplete:
            assert(result.consumed == 0 && result.bytes_needed > bytes.size());
            assert(result.bytes_needed <= limits.pdu_bytes_max);
            return 0;
        case decode_outcome::unrecoverable:
            assert(result.consumed == 0);
            return 0;
        case decode_outcome::recoverable:
            assert(!result.field.empty());
            (void)describe(result.value);
            break;
        case decode_outcome::ok:
            assert(result.field.empty());
            read_message(result.value);
            assert(result.trailing > 0 || (result.trailing_nul && !result.vital_lost));
            check_round_trip(result);
            break;
    }
    assert(result.consumed >= header_octets && result.consumed <= bytes.size());
    assert(result.consumed == result.value.header.command_length);
    return result.consumed;
}

}  // namespace
}  // namespace hikyaku::smpp

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hikyaku::smpp;
    octet_view stream(data, size);
    while (const std::size_t taken = try_one(stream))
        stream = stream.subspan(taken);

    std::vector<std::uint8_t> one(4);
    one.insert(one.end(), data, data + size);
    for (std::size_t i = 0; i < 4; ++i)
        one[i] = static_cast<std::uint8_t>(one.size() >> (24 - 8 * i));
    one.shrink_to_fit();
    (void)try_one(one);
    return 0;
}
