#include "gateway/engine/message_records.hpp"

#include "smpp/pdu/constants.hpp"

namespace hikyaku::gateway {

flatbuffers::Offset<model::record::Address> record_address(flatbuffers::FlatBufferBuilder& into,
                                                           std::uint8_t ton, std::uint8_t npi,
                                                           std::string_view digits) {
    return model::record::CreateAddress(into, ton, npi,
                                        into.CreateString(digits.data(), digits.size()));
}

std::vector<std::uint8_t> tlvs_to_keep(const smpp::tlv_list& tlvs, std::size_t bytes_max) {
    constexpr std::size_t head_bytes = 4;
    std::vector<std::uint8_t> out;
    smpp::tlv_writer writer(out);
    for (const auto& each : tlvs)
        if (each.tag != smpp::tag::message_payload &&
            out.size() + head_bytes + each.value.size() <= bytes_max)
            writer.octets(each.tag, each.value);
    return out;
}

}  // namespace hikyaku::gateway
