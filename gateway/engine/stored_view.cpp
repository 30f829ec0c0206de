#include "gateway/engine/stored_view.hpp"

#include <algorithm>

#include "gateway/engine/hits/hit_counter_cache.hpp"
#include "gateway/engine/record_values.hpp"
#include "gateway/model/tables.hpp"
#include "store/ids.hpp"

namespace hikyaku::gateway {

namespace record = model::record;
namespace table = model::table;

namespace {

std::string name_in(const boost::unordered_flat_map<std::uint32_t, std::string>& names,
                    std::uint32_t number) {
    const auto at = names.find(number);
    return at == names.end() ? std::string{} : at->second;
}

// What the message itself says; its outcome may say otherwise.
message_view view_of_message(message_id id, const record::Message& message) {
    message_view out;
    out.id = id;
    out.source = address_of(*message.source());
    out.destination = address_of(*message.destination());
    out.encoding = static_cast<smpp::text::encoding>(message.encoding());
    out.data_coding = message.data_coding();
    out.parts = message.parts();
    if (message.replaced() != nullptr) {
        for (const auto* change : *message.replaced()) {
            out.replaced.push_back({change->position(), std::string(view_of(change->from())),
                                    std::string(view_of(change->to()))});
        }
    }
    out.accepted_ms = store::id_milliseconds(static_cast<std::uint64_t>(id));
    out.not_before_ms = message.not_before();
    out.expires_ms = message.expires();
    out.reference = view_of(message.reference());
    out.tag = view_of(message.tag());
    out.purpose = message.purpose();
    out.contact = contact_of(message);
    out.debtor = view_of(message.debtor());
    out.debt = view_of(message.debt());
    return out;
}

segment_view view_of_segment(const record::SegmentOutcome& stored, const shown_names& names) {
    segment_view segment;
    segment.state = stored.state();
    segment.carrier = name_in(names.carriers, stored.carrier());
    segment.carrier_message_id = view_of(stored.carrier_message_id());
    segment.attempts = stored.attempts();
    segment.error = stored.error();
    segment.error_text = view_of(stored.error_text());
    read_details(stored.details(), segment);
    segment.submitted_ms = stored.submitted();
    segment.done_ms = stored.done();
    return segment;
}

}  // namespace

const record::Outcome* stored_views::outcome_of(message_id id) {
    return snapshot_.get(table::outcomes, model::message_key(static_cast<std::uint64_t>(id)),
                         outcomes_);
}

message_view stored_views::view(message_id id, const record::Message& message,
                                const record::Outcome* outcome) {
    message_view out = view_of_message(id, message);
    std::uint32_t route = message.route();
    std::size_t segments = message.segments()->size();
    if (outcome != nullptr) {
        out.state = outcome->state();
        out.done_ms = done_of(*outcome);
        if (outcome->not_before() != 0) out.not_before_ms = outcome->not_before();
        if (outcome->route() != 0) route = outcome->route();
        if (const auto* plan = outcome->plan()) {
            out.encoding = static_cast<smpp::text::encoding>(plan->encoding());
            out.data_coding = plan->data_coding();
            out.parts = plan->parts();
            segments = plan->segments()->size();
        }
    }
    out.parts = std::max(out.parts, static_cast<std::uint32_t>(segments));
    out.route = name_in(names_.routes, route);
    out.segments.resize(segments);
    if (outcome != nullptr && outcome->segments() != nullptr) {
        const auto known = std::min<std::size_t>(segments, outcome->segments()->size());
        for (std::size_t i = 0; i < known; ++i)
            out.segments[i] = view_of_segment(
                *outcome->segments()->Get(static_cast<flatbuffers::uoffset_t>(i)), names_);
    }
    if (message.links() == nullptr) return out;
    for (const auto* code : *message.links())
        out.links.push_back(code->str());
    out.hits_by_class.resize(hit_counters{}.by_class.size());
    const auto* counts = snapshot_.get(table::hit_counts,
                                       model::message_key(static_cast<std::uint64_t>(id)), counts_);
    if (counts == nullptr) return out;
    hit_counters counters;
    counters.read(*counts);
    out.hits_total = counters.total;
    out.hits_by_class.assign(counters.by_class.begin(), counters.by_class.end());
    out.hits_unique = counters.known_unique();
    out.seen_ms = counters.seen_ms;
    return out;
}

}  // namespace hikyaku::gateway
