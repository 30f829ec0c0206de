// A message as the store has it: read into memory, and its outcome written down.
#include <algorithm>

#include "gateway/engine/messages/messages.hpp"
#include "gateway/engine/record_values.hpp"
#include "gateway/model/tables.hpp"

namespace hikyaku::gateway {

namespace table = model::table;
namespace record = model::record;

live_message* messages::load_message(message_id id) {
    const auto key = model::message_key(static_cast<std::uint64_t>(id));
    const auto snapshot = environment_.read();
    const auto value = snapshot.get(table::messages, key);
    store::record_reader reader, outcomes;
    const auto* message = value ? reader.read<record::Message>(*value) : nullptr;
    if (message == nullptr) {
        return nullptr;
    }
    auto& live = live_.add(id);
    live.set_record(*value);
    live.segments.resize(message->segments()->size());
    const auto stored = snapshot.get(table::outcomes, key);
    const auto* outcome = stored ? outcomes.read<record::Outcome>(*stored) : nullptr;
    restore(live, outcome);
    live.position = {message->route(), message->priority(), message->account(),
                     message->not_before(), static_cast<std::uint64_t>(id)};
    if (outcome != nullptr && outcome->not_before() != 0) {
        live.position.not_before = outcome->not_before();
    }
    if (outcome != nullptr && outcome->route() != 0) {
        live.position.route = outcome->route();
    }
    live.expires_ms = message->expires();
    live.committed = true;
    live.queued = snapshot.has(table::queue, model::queue_key(live.position));
    if (live.queued) {
        count_touched(live.position);
    }
    return &live;
}

void messages::restore(live_message& live, const record::Outcome* outcome) {
    if (outcome == nullptr) {
        return;
    }
    live.state = outcome->state();
    live.done_ms = outcome->done();
    live.receipted = outcome->receipted();
    live.announced = live.state != State::queued;
    if (outcome->plan() != nullptr) {
        restore_plan(live, *outcome->plan());
    }
    if (outcome->segments() == nullptr) {
        return;
    }
    const auto count = std::min<std::size_t>(live.segments.size(), outcome->segments()->size());
    for (std::size_t i = 0; i < count; ++i) {
        const auto* stored = outcome->segments()->Get(static_cast<flatbuffers::uoffset_t>(i));
        auto& segment = live.segments[i];
        segment.state = stored->state();
        segment.carrier = carrier_id{stored->carrier()};
        segment.attempts = stored->attempts();
        segment.carrier_message_id = view_of(stored->carrier_message_id());
        if (stored->earlier_ids() != nullptr) {
            for (const auto* earlier : *stored->earlier_ids()) {
                segment.earlier_ids.push_back(earlier->str());
            }
        }
        segment.error = stored->error();
        segment.error_text = view_of(stored->error_text());
        read_details(stored->details(), segment);
        segment.maybe_sent =
            segment.state == State::queued && segment.attempts > 0 && segment.error == 0;
        segment.submitted_ms = stored->submitted();
        segment.done_ms = stored->done();
        segment.told = is_final(segment.state);  // both were in one batch
    }
}

void messages::write_outcome(live_message& live) {
    delivery_.emit_part_receipts(live);
    auto& fb = builder_;
    fb.Clear();
    auto& parts = outcome_parts_;
    parts.clear();
    const auto text = [&fb](const std::string& value) {
        return value.empty() ? flatbuffers::Offset<flatbuffers::String>{} : fb.CreateString(value);
    };
    for (const auto& segment : live.segments) {
        const auto id = text(segment.carrier_message_id);
        const auto error_text = text(segment.error_text);
        flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>> earlier;
        if (!segment.earlier_ids.empty()) {
            earlier = fb.CreateVectorOfStrings(segment.earlier_ids);
        }
        // Of a marked message it says what is true if this process ends now: that nobody knows.
        const bool marked = live.marked != carrier_id{} && segment.state == State::queued;
        const auto details = marked ? flatbuffers::Offset<record::ErrorDetails>{}
                                    : build_details(fb, segment.view());
        const bool known = !marked || segment.in_flight || !segment.carrier_message_id.empty();
        parts.push_back(record::CreateSegmentOutcome(
            fb, marked ? State::submitted : segment.state,
            stored(known ? segment.carrier : live.marked),
            static_cast<std::uint16_t>(segment.attempts + (marked ? 1 : 0)), id, earlier,
            marked ? 0 : segment.error, error_text, marked ? 0 : segment.submitted_ms,
            segment.done_ms, details));
    }
    const auto& message = live.record();
    const auto moved = live.position.not_before != message.not_before();
    const auto rerouted = live.position.route != message.route();
    fb.Finish(record::CreateOutcome(fb, live.state, live.done_ms, fb.CreateVector(parts),
                                    live.receipted, moved ? live.position.not_before : 0,
                                    rerouted ? live.position.route : 0, build_plan(fb, live)));
    must_keep().rows().put(table::outcomes, model::message_key(static_cast<std::uint64_t>(live.id)),
                           built());
    ++live.pins;
    must_keep().then(after::unpin{live.id});
}

void messages::restore_plan(live_message& live, const record::Plan& stored) {
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

flatbuffers::Offset<record::Plan> messages::build_plan(flatbuffers::FlatBufferBuilder& fb,
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
