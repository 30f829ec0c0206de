// What is written to a carrier for a segment: addresses, octets and TLVs as the carrier wants them,
// and the text cut anew where it cuts texts otherwise.
#include <algorithm>

#include "gateway/engine/record_values.hpp"
#include "gateway/engine/sending/sending.hpp"
#include "smpp/text/packing.hpp"

namespace hikyaku::gateway {

using config::address_rule;
namespace record = model::record;

namespace {

/// How long a carrier may try. The format counts in seconds and is rounded up, which the gate's
/// time must not be. A message that is half sent outlives its own validity, never the gate's.
std::int64_t validity_left_ms(const live_message& live, std::int64_t now_ms) {
    if (live.bound_ms() == never_ms) return live.expires_ms - now_ms;
    const auto end_ms =
        live.expires_ms <= now_ms ? live.bound_ms() : std::min(live.bound_ms(), live.expires_ms);
    return (end_ms - now_ms) / 1000 * 1000;
}

cut_message cut_of(const live_message& live) {
    const auto& message = live.record();
    cut_message cut{
        .encoding = live.encoding(),
        .data_coding = live.data_coding(),
        .udhi = smpp::esm_class::has_udh(live.esm_class()),
        .method = live.concatenation(),
        .shift = live.remade ? live.remade->plan.shift : shift_from(message.languages()),
        .choice = message.choice(),
        .parts_max = message.parts_max()};
    if (cut.parts_max == 0) cut.parts_max = smpp::text::parts_limit;
    for (std::size_t i = 0; i < live.segments.size(); ++i)
        cut.segments.push_back(live.segment_octets(i));
    return cut;
}

bool is_same(const smpp::text::plan& made, const cut_message& cut) {
    return made.enc == cut.encoding && made.data_coding == cut.data_coding &&
           made.udhi == cut.udhi && made.method == cut.method &&
           std::equal(
               made.segments.begin(), made.segments.end(), cut.segments.begin(), cut.segments.end(),
               [](const std::string& a, smpp::text::octets b) {
                   return a == smpp::text::chars_of(b);
               });
}

/// Whether the service_type is the account's word for a purpose, which is no carrier's business.
bool says_purpose(const record::Message& message, const directory& accounts) {
    if (message.service_type() == nullptr || message.origin() != Origin::smpp) return false;
    const auto* account = accounts.find(account_id{message.account()});
    return account != nullptr &&
           account->settings->smpp_fields.service_types.contains(message.service_type()->str());
}

}  // namespace

void sending::build_request(const live_message& live, std::size_t segment,
                            const carrier_state& carrier, smpp::submit_sm& request,
                            smpp::time_text& validity) {
    const auto& message = live.record();
    const auto& settings = *carrier.settings;
    if (!settings.service_type.empty())
        request.service_type = settings.service_type;
    else if (!says_purpose(message, directory_))
        request.service_type = view_of(message.service_type());
    write_addresses(carrier, message, request);
    request.esm_class = live.esm_class();
    request.protocol_id = message.protocol_id();
    request.priority_flag = message.priority();
    // The final state is ours to know in any case; what carriers tell on the way, if it is wanted.
    request.registered_delivery = static_cast<std::uint8_t>(
        smpp::registered_delivery::final |
        (message.registered_delivery() & smpp::registered_delivery::intermediate));
    request.data_coding = live.data_coding();
    // A validity that the application has asked for, or the gate, binds the carrier too; the
    // default does not, because carriers refuse periods that are longer than their own.
    auto* const account = directory_.find(account_id{message.account()});
    if (account != nullptr) {
        const std::chrono::milliseconds otherwise = account->settings->validity_default;
        const bool gated = live.bound_ms() != never_ms;
        const auto left_ms = validity_left_ms(live, now_.wall_ms);
        const auto text = smpp::format_relative_time(std::chrono::milliseconds(left_ms));
        if ((gated || live.expires_ms - message.not_before() != otherwise.count()) && text) {
            validity = *text;
            request.validity_period = validity.view();
        }
    }
    if (live.concatenation() != smpp::text::segmentation::payload)  // else tlvs_of() has it
        request.short_message = octets_on_air(live, segment, carrier);
}

void sending::write_addresses(const carrier_state& carrier, const record::Message& message,
                              smpp::submit_sm& request) {
    const auto& settings = *carrier.settings;
    const auto source = write_address(settings, address_rule::side::source,
                                      view_of(*message.source()), source_text_);
    request.source_addr_ton = source.ton;
    request.source_addr_npi = source.npi;
    request.source_addr = source.digits;
    const auto destination = write_address(settings, address_rule::side::destination,
                                           view_of(*message.destination()), destination_text_);
    request.dest_addr_ton = destination.ton;
    request.dest_addr_npi = destination.npi;
    request.destination_addr = destination.digits;
}

/// The octets of a segment as the carrier wants them.
smpp::text::octets sending::octets_on_air(const live_message& live, std::size_t segment,
                                          const carrier_state& carrier) {
    const auto octets = live.segment_octets(segment);
    if (!carrier.text.packed || live.encoding() != smpp::text::encoding::gsm7) return octets;
    packed_ = smpp::text::pack_segment(octets, smpp::esm_class::has_udh(live.esm_class()));
    return smpp::text::octets_of(packed_);
}

/// The TLVs of a segment before the carrier's rules: the application's, and those that hold the
/// text together.
smpp::tlv_list sending::tlvs_of(const live_message& live, std::size_t segment,
                                const carrier_state& carrier) {
    smpp::tlv_list given;
    if (const auto* raw = live.record().tlvs())
        given = smpp::tlv_list::parse({raw->data(), raw->size()}).value_or(smpp::tlv_list{});
    const auto method = live.concatenation();
    const bool sar = method == smpp::text::segmentation::sar && live.segments.size() > 1;
    if (!sar && method != smpp::text::segmentation::payload) return given;
    smpp::tlv_writer writer(text_tlvs_);
    for (const auto& one : given)
        writer.octets(one.tag, one.value);
    if (sar) {
        writer.u16(smpp::tag::sar_msg_ref_num, live.concat_reference())
            .u8(smpp::tag::sar_total_segments, static_cast<std::uint8_t>(live.segments.size()))
            .u8(smpp::tag::sar_segment_seqnum, static_cast<std::uint8_t>(segment + 1));
    } else {
        writer.octets(smpp::tag::message_payload, octets_on_air(live, segment, carrier));
    }
    return writer.list();
}

/// Whether the carrier can have the message. Its text is cut anew if that is needed and nothing of
/// it can have reached the phone yet.
bool sending::fit_to(live_message& live, const carrier_state& carrier) {
    const auto cut = cut_of(live);
    const bool untouched =
        live.in_flight == 0 &&
        std::all_of(live.segments.begin(), live.segments.end(),
                    [](const auto& segment) { return segment.state == segment_state::queued; });
    if (!untouched) return can_carry(cut, carrier.text);
    const auto destination = live.record().destination()->digits()->string_view();
    auto made = cut_anew(cut, carrier.text, references_.next(destination));
    if (!made) return false;
    if (is_same(*made, cut)) return true;
    if (smpp::text::names_reference(made->method))
        references_.take(destination, made->reference, must_keep().rows());
    constexpr auto udhi = smpp::esm_class::udhi;
    const auto esm_class =
        static_cast<std::uint8_t>((live.record().esm_class() & ~udhi) | (made->udhi ? udhi : 0));
    live.segments.resize(made->segments.size());
    live.remade = std::make_unique<remade_segments>(
        remade_segments{carrier.text_fingerprint, std::move(*made), esm_class});
    return true;
}

/// No carrier of the route is left for a text that does not fit, or the next one is tried.
void sending::refuse_by_text(live_message& live, carrier_id carrier) {
    if (exclude(live, carrier) == availability::none_left) {
        messages_.fail_segment(live, live.next_unsent(),
                               own_error(smpp::command_status::esme_rinvmsglen));
        messages_.after_attempt(live);
    }
}

/// The carrier cannot be given this segment; others of the route may be. The segment is at the
/// front of its flow or on its way there. Nothing in its outcome names the carrier, which was not
/// asked.
void sending::refuse_by_dialect(live_message& live, std::size_t segment, carrier_id carrier,
                                smpp::command_status why) {
    live.segments[segment].set_error(own_error(why));
    if (exclude(live, carrier) == availability::none_left) {
        messages_.fail_segment(live, segment, own_error(why));
        messages_.after_attempt(live);
    }
    // Else the next turn of pump() finds another carrier, or waits for one.
}

}  // namespace hikyaku::gateway
