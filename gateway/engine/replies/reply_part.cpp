#include "gateway/engine/replies/reply_part.hpp"

#include "smpp/pdu/constants.hpp"
#include "smpp/text/data_coding.hpp"
#include "smpp/text/fixed_charset.hpp"
#include "smpp/text/gsm.hpp"
#include "smpp/text/national.hpp"
#include "smpp/text/octets.hpp"
#include "smpp/text/packing.hpp"
#include "smpp/text/received_text.hpp"
#include "smpp/text/ucs2.hpp"
#include "store/fnv1a.hpp"

namespace hikyaku::gateway {

namespace record = model::record;
namespace text = smpp::text;
using store::fnv1a;

namespace {

/// The octets of a reply in the carrier's fixed alphabet as applications know texts: in GSM, or in
/// UCS-2, which is the data_coding of `own` then. Empty for octets that are no such text.
std::string rewrite_fixed(const carrier_message& message, text::encoding charset,
                          carrier_message& own) {
    const text::octets all(message.octets);
    const auto header = split_header(message);
    const auto body = header ? header->text : all;
    const auto read = text::decode_fixed_charset(body, charset);
    if (!read) return {};
    std::string octets(text::chars_of(all.first(all.size() - body.size())));
    const auto header_octets = octets.size();
    own.data_coding = 0;
    if (text::encode_gsm(*read, octets).fault != text::gsm_fault::none) {
        octets.resize(header_octets);
        std::u16string units;
        (void)text::append_utf16(*read, units);
        text::append_utf16be(units, octets);
        own.data_coding = data_coding_ucs2;
    }
    return octets;
}

}  // namespace

std::uint64_t content_hash(const carrier_message& message) {
    const char coding = static_cast<char>(message.data_coding);
    const auto hash = fnv1a({&coding, 1}, fnv1a(text::chars_of(message.octets)));
    return hash == 0 ? 1 : hash;
}

std::optional<text::udh_split> split_header(const carrier_message& message) {
    return smpp::esm_class::has_udh(message.esm_class)
               ? text::split_udh(text::octets(message.octets))
               : std::nullopt;
}

std::optional<model::reply_part_position> reply_part_position_of(std::uint32_t carrier,
                                                                 const carrier_message& message) {
    model::reply_part_position out;
    out.carrier = carrier;
    out.addresses =
        fnv1a(message.destination, fnv1a(std::string_view("\0", 1), fnv1a(message.source)));
    std::optional<text::concatenation_info> by_header, by_sar;
    if (smpp::esm_class::has_udh(message.esm_class)) {
        const auto parts = split_header(message);
        if (!parts || !text::is_sound_udh(parts->elements)) return std::nullopt;
        by_header = text::concatenation_of(parts->elements);
    }
    const auto reference = message.tlvs.u16(smpp::tag::sar_msg_ref_num);
    const auto total = message.tlvs.u8(smpp::tag::sar_total_segments);
    const auto sequence = message.tlvs.u8(smpp::tag::sar_segment_seqnum);
    if (reference && total && sequence)
        by_sar = text::concatenation_from_sar(*reference, *total, *sequence);
    const auto& info = by_header ? by_header : by_sar;
    const bool contradicts = by_header && by_sar && !text::is_same_part(*by_header, *by_sar);
    if (!info || contradicts || info->total < 2 || message.octets.size() > reply_part_octets_max)
        return std::nullopt;
    out.reference = info->reference;
    out.kind = !by_header ? reply_part_sar : by_header->wide ? reply_part_wide : 0;
    out.total = info->total;
    out.sequence = info->sequence;
    return out;
}

std::vector<std::uint8_t> tlvs_of_whole(const smpp::tlv_list& tlvs) {
    std::vector<std::uint8_t> out;
    smpp::tlv_writer writer(out);
    for (const auto& each : tlvs)
        if (each.tag != smpp::tag::sar_msg_ref_num && each.tag != smpp::tag::sar_total_segments &&
            each.tag != smpp::tag::sar_segment_seqnum && each.tag != smpp::tag::message_payload)
            writer.octets(each.tag, each.value);
    return out;
}

std::vector<std::uint8_t> write_hashes(const std::vector<reply_set::part>& parts) {
    std::vector<std::uint8_t> out;
    for (const auto& part : parts) {
        const auto entry = store::key{}.u8(part.sequence).u64(part.content_hash);
        out.insert(out.end(), entry.view().begin(), entry.view().end());
    }
    return out;
}

std::vector<reply_set::part> read_hashes(std::span<const std::uint8_t> octets) {
    std::vector<reply_set::part> out;
    store::key_reader reader(text::chars_of(octets));
    while (reader.ok() && reader.remaining() > 0) {
        reply_set::part part;
        part.sequence = reader.u8();
        part.content_hash = reader.u64();
        if (reader.ok()) out.push_back(part);
    }
    return out;
}

std::string reply_text(const carrier_message& message) {
    const auto parts = split_header(message);
    return text::read_received(parts ? parts->text : text::octets(message.octets),
                               message.data_coding,
                               parts ? text::shift_of(parts->elements) : text::national_shift{})
        .value_or(std::string());
}

bool kept_part::read() {
    const auto* part = reader.read<record::ReplyPart>(bytes);
    if (part == nullptr) return false;
    message.source_ton = part->source()->ton();
    message.source_npi = part->source()->npi();
    message.source = part->source()->digits()->string_view();
    message.destination_ton = part->destination()->ton();
    message.destination_npi = part->destination()->npi();
    message.destination = part->destination()->digits()->string_view();
    message.esm_class = part->esm_class();
    message.data_coding = part->data_coding();
    if (const auto* octets = part->short_message())
        message.octets = {octets->data(), octets->size()};
    if (const auto* raw = part->tlvs())
        message.tlvs = smpp::tlv_list::parse({raw->data(), raw->size()}).value_or(smpp::tlv_list{});
    return true;
}

bool kept_part::read_unmatched() {
    const auto* entry = reader.read<record::Unmatched>(bytes);
    if (entry == nullptr) return false;
    message = message_of(*entry);
    return true;
}

carrier_message in_our_form(const config::carrier_text& dialect, const carrier_message& message,
                            std::string& unpacked) {
    auto own = message;
    const auto encoding = text::encoding_of(message.data_coding);
    const bool has_udh = smpp::esm_class::has_udh(message.esm_class);
    const bool torn = has_udh && !split_header(message);
    if (dialect.packed && encoding == text::encoding::gsm7 && !torn) {
        unpacked = text::unpack_segment(text::octets(message.octets), has_udh);
        own.octets = text::octets_of(unpacked);
    }
    const auto charset = text::find_charset(dialect.fixed.charset);
    if (charset && message.data_coding == dialect.fixed.data_coding && !torn) {
        unpacked = rewrite_fixed(message, *charset, own);
        own.octets = unpacked.empty() ? own.octets : text::octets_of(unpacked);
    } else if (message.data_coding == 0 && dialect.alphabet != config::default_alphabet::gsm7) {
        own.data_coding = dialect.alphabet == config::default_alphabet::latin1 ? 3 : 1;
    }
    return own;
}

text::reassembled whole_reply(const std::vector<std::unique_ptr<kept_part>>& parts) {
    text::reassembled whole;
    whole.total = static_cast<std::uint8_t>(parts.size());
    for (const auto& part : parts) {
        auto& segment = whole.segments.emplace_back();
        if (part) {
            const auto header = split_header(part->message);
            const auto body = header ? header->text : text::octets(part->message.octets);
            segment =
                text::segment_text{part->message.data_coding, std::string(text::chars_of(body))};
            segment->shift = header ? text::shift_of(header->elements) : text::national_shift{};
        }
    }
    return whole;
}

}  // namespace hikyaku::gateway
