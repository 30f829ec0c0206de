// A message as the store has it: read into memory, and its outcome written down.
#include <algorithm>

#include "gateway/engine/messages/messages.hpp"
#include "gateway/engine/record_values.hpp"
#include "gateway/model/tables.hpp"

namespace hikyaku::gateway {

namespace table = model::table;
namespace record = model::record;

namespace {

segment_state state_of(const record::SegmentOutcome& stored) {
    if (stored.attempts() > 0 && stored.state() == State::queued && stored.error() == 0)
        return segment_state::maybe_sent;
    if (stored.attempts() > 0 && stored.state() == State::submitted && stored.submitted() == 0)
        return segment_state::waiting;
    return segment_state_of(stored.state());
}

}  // namespace

State stored_state(segment_state state) {
    switch (state) {
        case segment_state::queued:
        case segment_state::maybe_sent:
            return State::queued;
        case segment_state::waiting:
        case segment_state::submitted:
            return State::submitted;
        case segment_state::delivered:
            return State::delivered;
        case segment_state::undeliverable:
            return State::undeliverable;
        case segment_state::expired:
            return State::expired;
        case segment_state::rejected:
            return State::rejected;
        case segment_state::deleted:
            return State::deleted;
        case segment_state::unknown:
            break;
    }
    return State::unknown;
}

segment_state segment_state_of(State stored) {
    switch (stored) {
        case State::queued:
            return segment_state::queued;
        case State::submitted:
            return segment_state::submitted;
        case State::delivered:
            return segment_state::delivered;
        case State::undeliverable:
            return segment_state::undeliverable;
        case State::expired:
            return segment_state::expired;
        case State::rejected:
            return segment_state::rejected;
        case State::deleted:
            return segment_state::deleted;
        case State::unknown:
            break;
    }
    return segment_state::unknown;
}

live_message* messages::load_message(message_id id) {
    const auto key = model::message_key(static_cast<std::uint64_t>(id));
    const auto snapshot = environment_.read();
    const auto value = snapshot.get(table::messages, key);
    store::record_reader reader, outcomes;
    const auto* message = value ? reader.read<record::Message>(*value) : nullptr;
    if (message == nullptr) return nullptr;
    auto& live = live_.add(id);
    live.set_record(*value);
    live.segments.resize(message->segments()->size());
    const auto stored = snapshot.get(table::outcomes, key);
    const auto* outcome = stored ? outcomes.read<record::Outcome>(*stored) : nullptr;
    restore(live, outcome);
    live.position = {message->route(), message->priority(), message->account(),
                     message->not_before(), static_cast<std::uint64_t>(id)};
    if (outcome != nullptr && outcome->not_before() != 0)
        live.position.not_before = outcome->not_before();
    if (outcome != nullptr && outcome->route() != 0) live.position.route = outcome->route();
    live.expires_ms = message->expires();
    live.committed = true;
    live.queued = snapshot.has(table::queue, model::queue_key(live.position));
    if (live.queued) count_touched(live.position);
    return &live;
}

void messages::restore(live_message& live, const record::Outcome* outcome) {
    if (outcome == nullptr) return;
    live.state = outcome->state();
    live.done_ms = done_of(*outcome);
    live.receipted = outcome->receipted();
    live.deliver_by_ms = outcome->deliver_by();
    live.announced = live.state != State::queued;
    if (outcome->plan() != nullptr) restore_plan(live, *outcome->plan());
    if (outcome->segments() == nullptr) return;
    const auto count = std::min<std::size_t>(live.segments.size(), outcome->segments()->size());
    for (std::size_t i = 0; i < count; ++i) {
        const auto* stored = outcome->segments()->Get(static_cast<flatbuffers::uoffset_t>(i));
        auto& segment = live.segments[i];
        segment.carrier = carrier_id{stored->carrier()};
        segment.attempts = stored->attempts();
        segment.carrier_message_id = view_of(stored->carrier_message_id());
        if (stored->earlier_ids() != nullptr)
            for (const auto* earlier : *stored->earlier_ids())
                segment.earlier_ids.push_back(earlier->str());
        segment.error = stored->error();
        segment.error_text = view_of(stored->error_text());
        read_details(stored->details(), segment);
        segment.submitted_ms = stored->submitted();
        segment.done_ms = stored->done();
        segment.state = state_of(*stored);
        // How the attempts before the one that is waited for have ended is not stored; of a message
        // that is sent at most once all were refused.
        const bool earlier = segment.state == segment_state::waiting && segment.attempts > 1 &&
                             !live.record().at_most_once();
        segment.missed_outcome = earlier || segment.state == segment_state::maybe_sent;
        segment.told = is_final(stored->state());  // both were in one batch
    }
}

/// The builder's outcome around the parts. `latest_ms`: the latest end of a segment.
void messages::finish_outcome(const live_message& live, std::int64_t latest_ms) {
    auto& fb = builder_;
    const auto segments = fb.CreateVector(outcome_parts_);
    const auto plan = build_plan(fb, live);
    const auto& message = live.record();
    record::OutcomeBuilder outcome(fb);
    if (live.done_ms != latest_ms || !is_final(live.state)) outcome.add_done(live.done_ms);
    if (live.position.not_before != message.not_before())
        outcome.add_not_before(live.position.not_before);
    outcome.add_deliver_by(live.deliver_by_ms);
    outcome.add_segments(segments);
    if (live.position.route != message.route()) outcome.add_route(live.position.route);
    if (!plan.IsNull()) outcome.add_plan(plan);
    fb.ForceDefaults(true);
    outcome.add_state(live.state);
    outcome.add_receipted(live.receipted);
    fb.ForceDefaults(false);
    fb.Finish(outcome.Finish());
}

void messages::write_outcome(live_message& live) {
    delivery_.emit_part_receipts(live);
    auto& fb = builder_;
    fb.Clear();
    auto& parts = outcome_parts_;
    parts.clear();
    std::int64_t latest_ms = 0;
    const auto text = [&fb](const std::string& value) {
        return value.empty() ? flatbuffers::Offset<flatbuffers::String>{} : fb.CreateString(value);
    };
    for (const auto& segment : live.segments) {
        latest_ms = std::max(latest_ms, segment.done_ms);
        const auto id = text(segment.carrier_message_id);
        const auto error_text = text(segment.error_text);
        flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>> earlier;
        if (!segment.earlier_ids.empty()) earlier = fb.CreateVectorOfStrings(segment.earlier_ids);
        // Of a marked message it says what is true if this process ends now: that nobody knows.
        const bool marked = live.marked != carrier_id{} && segment.is_queued();
        const auto details = marked ? flatbuffers::Offset<record::ErrorDetails>{}
                                    : build_details(fb, segment.view());
        const bool known = !marked || segment.in_flight || !segment.carrier_message_id.empty();
        record::SegmentOutcomeBuilder part(fb);
        // There from the beginning, so that a record keeps its size when its receipt comes: one
        // that grows splits its page, and pages are half empty then.
        fb.ForceDefaults(true);
        part.add_submitted(marked ? 0 : segment.submitted_ms);
        part.add_done(segment.done_ms);
        fb.ForceDefaults(false);
        part.add_error(marked ? 0 : segment.error);
        part.add_carrier(stored(known ? segment.carrier : live.marked));
        part.add_attempts(static_cast<std::uint16_t>(segment.attempts + (marked ? 1 : 0)));
        part.add_state(marked ? State::submitted : segment.told_state());
        if (!id.IsNull()) part.add_carrier_message_id(id);
        if (!earlier.IsNull()) part.add_earlier_ids(earlier);
        if (!error_text.IsNull()) part.add_error_text(error_text);
        if (!details.IsNull()) part.add_details(details);
        parts.push_back(part.Finish());
    }
    finish_outcome(live, latest_ms);
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
    if (!live.remade) return {};
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
