// How texts are cut: for the first carrier of the route when a message is accepted, anew when
// another one takes it, and the references that tie segments together.
#include <algorithm>

#include "gateway/engine/engine_impl.hpp"
#include "smpp/text/packing.hpp"
#include "store/environment.hpp"
#include "store/fnv1a.hpp"

namespace hikyaku::gateway {

using store::table;
namespace record = store::record;

namespace {

/// The slots of the store depend on it: it must stay as it is.
std::uint32_t slot_of(std::string_view destination) {
    const auto hash = store::fnv1a(destination);
    return static_cast<std::uint32_t>((hash ^ hash >> 32) % store::concat_slot_count);
}

bool names_reference(smpp::text::segmentation method) {
    return method != smpp::text::segmentation::none && method != smpp::text::segmentation::payload;
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
    if (cut.parts_max == 0) {
        cut.parts_max = smpp::text::parts_limit;
    }
    for (std::size_t i = 0; i < live.segments.size(); ++i) {
        cut.segments.push_back(live.segment_octets(i));
    }
    return cut;
}

bool is_same(const smpp::text::plan& made, const cut_message& cut) {
    return made.enc == cut.encoding && made.data_coding == cut.data_coding &&
           made.udhi == cut.udhi && made.method == cut.method &&
           std::equal(made.segments.begin(), made.segments.end(), cut.segments.begin(),
                      cut.segments.end(), [](const std::string& a, smpp::text::octets b) {
                          return a == smpp::text::chars_of(b);
                      });
}

}  // namespace

/// Slots that are not in the store begin anywhere, so that a store that was lost does not begin
/// with references that phones have just seen.
void engine::impl::load_references() {
    concat_slots_.resize(store::concat_slot_count);
    auto bits = random_();
    for (auto& slot : concat_slots_) {
        bits = bits * 6364136223846793005ULL + 1442695040888963407ULL;
        slot = static_cast<std::uint16_t>(bits >> 48);
    }
    const auto snapshot = environment_.read();
    snapshot.for_each(table::concat_slots, "", [&](std::string_view key, std::string_view value) {
        store::key_reader reader(key);
        const auto slot = reader.u32();
        const auto last = store::parse_concat_slot_value(value);
        if (reader.ok() && slot < concat_slots_.size() && last) {
            concat_slots_[slot] = *last;
        }
        return true;
    });
}

std::uint16_t engine::impl::next_reference(std::string_view destination) const {
    return static_cast<std::uint16_t>(concat_slots_[slot_of(destination)] + 1);
}

void engine::impl::take_reference(std::string_view destination, std::uint16_t reference,
                                  store::batch& into) {
    const auto slot = slot_of(destination);
    concat_slots_[slot] = reference;
    into.put(table::concat_slots, store::concat_slot_key(slot),
             store::concat_slot_value(reference));
}

std::vector<carrier_id> engine::impl::carriers_by_rank(const route_state& route) const {
    auto targets = route.targets;
    std::stable_sort(targets.begin(), targets.end(), [&](const auto& a, const auto& b) {
        const auto down = [&](const target_state& target) {
            return !directory_[target.carrier].up();
        };
        return std::pair(down(a), a.priority) < std::pair(down(b), b.priority);
    });
    std::vector<carrier_id> ranked;
    for (const auto& target : targets) {
        ranked.push_back(target.carrier);
    }
    return ranked;
}

plan_refusal engine::impl::plan_for(const carrier_state& carrier, const submission& message,
                                    plan_context& context, planned_message& into) {
    context.profile = &carrier.text;
    context.profile_fingerprint = carrier.text_fingerprint;
    return plan_content(message, context, into);
}

/// For the carrier that the route would take first, as far as can be said; for another one if that
/// cannot take the text.
plan_refusal engine::impl::plan_for_route(const route_state& route, const submission& message,
                                          plan_context& context, planned_message& into) {
    context.reference = next_reference(message.destination.digits);
    plan_refusal first;
    if (route.targets.empty()) {
        first = plan_content(message, context, into);
    } else if (!route.texts_differ) {
        first = plan_for(directory_[route.targets.front().carrier], message, context, into);
    } else {
        std::vector<std::uint64_t> tried;
        for (const auto index : carriers_by_rank(route)) {
            const auto& carrier = directory_[index];
            if (std::find(tried.begin(), tried.end(), carrier.text_fingerprint) != tried.end()) {
                continue;
            }
            const auto why = plan_for(carrier, message, context, into);
            if (why.why == refusal::none) {
                first = {};
                break;
            }
            first = tried.empty() ? why : first;
            tried.push_back(carrier.text_fingerprint);
        }
    }
    if (first.why == refusal::none && into.has_reference()) {
        take_reference(message.destination.digits, into.reference, may_refuse().rows());
    }
    return first;
}

/// Whether the carrier can have the message. Its text is cut anew if that is needed and nothing of
/// it can have reached the phone yet.
bool engine::impl::fit_to(live_message& live, const carrier_state& carrier) {
    const auto cut = cut_of(live);
    const bool untouched =
        live.in_flight == 0 &&
        std::all_of(live.segments.begin(), live.segments.end(), [](const auto& segment) {
            return segment.state == State::queued && !segment.maybe_sent;
        });
    if (!untouched) {
        return can_carry(cut, carrier.text);
    }
    const auto destination = live.record().destination()->digits()->string_view();
    auto made = cut_anew(cut, carrier.text, next_reference(destination));
    if (!made) {
        return false;
    }
    if (is_same(*made, cut)) {
        return true;
    }
    if (names_reference(made->method)) {
        take_reference(destination, made->reference, must_keep().rows());
    }
    constexpr auto udhi = smpp::esm_class::udhi;
    const auto esm_class =
        static_cast<std::uint8_t>((live.record().esm_class() & ~udhi) | (made->udhi ? udhi : 0));
    live.segments.resize(made->segments.size());
    live.remade = std::make_unique<remade_segments>(
        remade_segments{carrier.text_fingerprint, std::move(*made), esm_class});
    return true;
}

/// No carrier of the route is left for a text that does not fit, or the next one is tried.
void engine::impl::refuse_by_text(live_message& live, carrier_id carrier) {
    if (exclude(live, carrier) == availability::none_left) {
        fail_segment(live, live.next_unsent(), own_error(smpp::command_status::esme_rinvmsglen));
        after_attempt(live);
    }
}

/// The octets of a segment as the carrier wants them.
smpp::text::octets engine::impl::octets_on_air(const live_message& live, std::size_t segment,
                                               const carrier_state& carrier) {
    const auto octets = live.segment_octets(segment);
    if (!carrier.text.packed || live.encoding() != smpp::text::encoding::gsm7) {
        return octets;
    }
    packed_ = smpp::text::pack_segment(octets, smpp::esm_class::has_udh(live.esm_class()));
    return smpp::text::octets_of(packed_);
}

/// The TLVs of a segment before the carrier's rules: the application's, and those that hold the
/// text together.
smpp::tlv_list engine::impl::tlvs_of(const live_message& live, std::size_t segment,
                                     const carrier_state& carrier) {
    smpp::tlv_list given;
    if (const auto* raw = live.record().tlvs()) {
        given = smpp::tlv_list::parse({raw->data(), raw->size()}).value_or(smpp::tlv_list{});
    }
    const auto method = live.concatenation();
    const bool sar = method == smpp::text::segmentation::sar && live.segments.size() > 1;
    if (!sar && method != smpp::text::segmentation::payload) {
        return given;
    }
    smpp::tlv_writer writer(text_tlvs_);
    for (const auto& one : given) {
        writer.octets(one.tag, one.value);
    }
    if (sar) {
        writer.u16(smpp::tag::sar_msg_ref_num, live.concat_reference())
            .u8(smpp::tag::sar_total_segments, static_cast<std::uint8_t>(live.segments.size()))
            .u8(smpp::tag::sar_segment_seqnum, static_cast<std::uint8_t>(segment + 1));
    } else {
        writer.octets(smpp::tag::message_payload, octets_on_air(live, segment, carrier));
    }
    return writer.list();
}

void engine::impl::restore_plan(live_message& live, const record::Plan& stored) {
    live.remade = std::make_unique<remade_segments>();
    live.remade->profile = stored.profile();
    live.remade->esm_class = stored.esm_class();
    auto& plan = live.remade->plan;
    plan.enc = static_cast<smpp::text::encoding>(stored.encoding());
    plan.data_coding = stored.data_coding();
    plan.udhi = smpp::esm_class::has_udh(stored.esm_class());
    plan.method = static_cast<smpp::text::segmentation>(stored.concatenation());
    plan.reference = stored.concat_reference();
    plan.shift = shift_from(stored.languages());
    plan.parts = stored.parts();
    for (const auto* segment : *stored.segments()) {
        const auto* bytes = segment->bytes();
        plan.segments.emplace_back(bytes->begin(), bytes->end());
    }
    live.segments.resize(plan.segments.size());
}

flatbuffers::Offset<record::Plan> engine::impl::build_plan(flatbuffers::FlatBufferBuilder& fb,
                                                           const live_message& live) {
    if (!live.remade) {
        return {};
    }
    const auto& plan = live.remade->plan;
    std::vector<flatbuffers::Offset<record::Octets>> parts;
    for (const auto& segment : plan.segments) {
        const auto octets = smpp::text::octets_of(segment);
        parts.push_back(record::CreateOctets(fb, fb.CreateVector(octets.data(), octets.size())));
    }
    return record::CreatePlan(
        fb, live.remade->profile, fb.CreateVector(parts), static_cast<std::uint8_t>(plan.enc),
        plan.data_coding, live.remade->esm_class, static_cast<std::uint8_t>(plan.method),
        plan.reference, languages_of(plan.shift), static_cast<std::uint16_t>(plan.parts));
}

}  // namespace hikyaku::gateway
