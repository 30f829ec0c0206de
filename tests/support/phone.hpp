// What a phone shows of the segments that an engine has handed to its carriers: headers and SAR
// TLVs read, packed text unpacked, message_payload taken, segments put together. Used by the
// engine's tests of texts.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "gateway/engine/sending/carrier_text.hpp"
#include "smpp/text/packing.hpp"
#include "smpp/text/profile.hpp"
#include "smpp/text/reassembly.hpp"
#include "smpp/text/udh.hpp"
#include "tests/support/engine_fixture.hpp"

namespace hikyaku::gateway::testing {

class phone {
public:
    /// One segment as the carrier with this profile reads it; true when a message is complete,
    /// which is then the last of `shown`.
    bool receive(const sent_segment& sent, const smpp::text::text_profile& profile) {
        using namespace smpp::text;
        const auto tlvs = smpp::tlv_list::parse(octets_of(sent.tlvs)).value_or(smpp::tlv_list{});
        std::string all = sent.octets;
        if (const auto payload = tlvs.find(smpp::tag::message_payload)) {
            EXPECT_TRUE(sent.octets.empty());
            all = chars_of(*payload);
        }
        const bool udhi = (sent.esm_class & 0x40) != 0;
        const bool gsm = encoding_of(sent.data_coding, profile.alphabet) == encoding::gsm7;
        if (profile.packed && gsm) all = unpack_segment(octets_of(all), udhi);
        concatenation_info info{0, 1, 1, false};
        national_shift shift;
        octets body = octets_of(all);
        if (udhi) {
            const auto split = split_udh(body);
            if (!split) {
                ADD_FAILURE() << "a header that does not fit";
                return false;
            }
            body = split->text;
            shift = shift_of(split->elements);
            info = concatenation_of(split->elements).value_or(info);
        }
        if (const auto total = tlvs.u8(smpp::tag::sar_total_segments)) {
            const auto sar =
                concatenation_from_sar(tlvs.u16(smpp::tag::sar_msg_ref_num).value_or(0), *total,
                                       tlvs.u8(smpp::tag::sar_segment_seqnum).value_or(0));
            EXPECT_TRUE(sar.has_value());
            if (sar) info = *sar;
        }
        references.push_back(info.reference);
        if (info.total == 1) {
            reassembled whole{
                {}, {}, 1, {segment_text{sent.data_coding, std::string(chars_of(body)), shift}}};
            shown.push_back(whole.text(profile.alphabet));
            return true;
        }
        const auto added = parts_.add(sent.source, sent.destination, info, sent.data_coding, body,
                                      milliseconds{0}, shift);
        EXPECT_NE(added.what, reassembler::outcome::refused);
        if (!added.message) return false;
        shown.push_back(added.message->text(profile.alphabet));
        return true;
    }

    std::vector<std::string> shown;
    std::vector<std::uint16_t> references;  // of every segment

private:
    smpp::text::reassembler parts_{{.octets_max = 4096}};
};

}  // namespace hikyaku::gateway::testing
