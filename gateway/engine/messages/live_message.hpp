// A message while the engine has something to do with it: waiting at the head of a queue, on its
// way to a carrier, or changed by a batch that is not on disk yet. Everything else is only in the
// store. Objects are pooled, so that their buffers are allocated once. Engine's thread only.
#pragma once

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "gateway/engine/sending/carrier_text.hpp"
#include "gateway/engine/told_error.hpp"
#include "gateway/engine/turn.hpp"
#include "gateway/engine/types.hpp"
#include "gateway/model/records.hpp"
#include "gateway/model/tables.hpp"

namespace hikyaku::gateway {

/// What is known of a segment. The store has no names of its own for two of them: `maybe_sent` is
/// there a queued one with attempts and no error, `waiting` a submitted one with attempts and no
/// time of submission.
enum class segment_state : std::uint8_t {
    queued,      // to be sent; no attempt can have reached the phone
    maybe_sent,  // to be sent again, although an attempt without a known outcome may have
    waiting,     // not to be sent again before the outcome of such an attempt is known
    submitted,
    delivered,
    undeliverable,
    expired,
    rejected,
    deleted,
    unknown,
};
[[nodiscard]] State stored_state(segment_state state);
/// One that the store has as `queued` or `submitted` without any of the above; or a final one.
[[nodiscard]] segment_state segment_state_of(State stored);

/// The error is what is known last: of a refusal, or of the receipt.
struct live_segment : told_error {
    segment_state state = segment_state::queued;
    carrier_id carrier{};  // of the last attempt
    std::uint16_t attempts = 0;
    bool in_flight = false;
    bool missed_outcome = false;  // an attempt has ended without a known one, some time
    std::string carrier_message_id;
    std::vector<std::string> earlier_ids;  // "carrier:canonical id"
    std::int64_t submitted_ms = 0;
    std::int64_t done_ms = 0;
    bool told = false;  // its receipt is in the outbox, where each segment has its own

    /// To be sent, or sent again.
    [[nodiscard]] bool is_queued() const {
        return state == segment_state::queued || state == segment_state::maybe_sent;
    }
    [[nodiscard]] bool waiting() const { return state == segment_state::waiting; }
    /// As far as the account is concerned.
    [[nodiscard]] State told_state() const { return stored_state(state); }
    /// An attempt may have reached a carrier and gave no id by which its receipt would be known.
    [[nodiscard]] bool may_get_strange_receipt() const {
        const bool ended_by_another =
            state == segment_state::delivered && submitted_ms == 0 && carrier_message_id.empty();
        const bool unknown = missed_outcome || ended_by_another;
        return unknown && attempts > earlier_ids.size() + (carrier_message_id.empty() ? 0 : 1);
    }
    /// A receipt has ended it that named an id which no response had told.
    [[nodiscard]] bool ended_by_strange_receipt() const {
        return is_final(told_state()) && submitted_ms == 0 && !carrier_message_id.empty();
    }
};

/// What is sent instead of the record's segments, because another carrier cuts texts otherwise.
struct remade_segments {
    std::uint64_t profile = 0;  // fingerprint of that carrier's
    smpp::text::plan plan;
    std::uint8_t esm_class = 0;
};

struct live_message {
    enum class place : std::uint8_t {
        idle,     // not in a queue's memory
        ready,    // in the ready list of its flow
        sending,  // all segments handed out, some without response
        marking,  // nothing of it in flight; goes back to its flow when what must be on disk is
    };

    message_id id{};
    model::queue_position position;  // its key in the queue, as long as `queued` is true
    std::int64_t expires_ms = 0;
    // The gate's, when it last allowed this message; never_ms = without a bound, 0 = it has not.
    std::int64_t deliver_by_ms = 0;
    std::uint64_t allowed_by = 0;  // version of the gate's facts then
    bool counted = false;          // the gate's rows about the hand-off that comes are on disk
    std::int64_t counted_ms = 0;   // when such rows were last written, by this process
    bool recounts = false;         // the rest goes by another answer of the gate than the begin
    bool queued = false;           // has an entry in the queue table
    place where = place::idle;
    bool committed = false;  // the acceptance is on disk
    bool receipted = false;
    bool announced = false;  // its callback knows that the carrier has taken it
    bool failed = false;     // a segment has been refused for good
    // The carrier that the store names, or will, as the one which may have what is queued here
    // (sending/at_most_once.cpp); none = the store says that nobody has it.
    carrier_id marked{};
    bool resting = false;  // only kept because its receipt may come soon
    State state = State::queued;
    std::int64_t done_ms = 0;
    std::uint16_t in_flight = 0;
    std::uint32_t pins = 0;              // batches under way that hold its changes
    std::uint32_t excluded_targets = 0;  // bits of the route's targets that refused it
    std::int64_t retry_at_ms = 0;        // when in_flight reaches 0, wait until then; 0 = no
    std::vector<live_segment> segments;
    std::unique_ptr<remade_segments> remade;  // usually none
    std::vector<std::uint64_t> buffer;        // the Message record, aligned
    std::size_t buffer_bytes = 0;

    [[nodiscard]] const model::record::Message& record() const {
        return *flatbuffers::GetRoot<model::record::Message>(buffer.data());
    }
    void set_record(std::string_view bytes) {
        buffer.resize((bytes.size() + 7) / 8);
        std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(buffer.data()));
        buffer_bytes = bytes.size();
    }

    // What goes on the air: the record's segments, or those that were made anew.
    [[nodiscard]] std::uint64_t profile() const {
        return remade ? remade->profile : record().plan();
    }
    [[nodiscard]] std::uint8_t data_coding() const {
        return remade ? remade->plan.data_coding : record().data_coding();
    }
    [[nodiscard]] std::uint8_t esm_class() const {
        return remade ? remade->esm_class : record().esm_class();
    }
    [[nodiscard]] smpp::text::encoding encoding() const {
        return remade ? remade->plan.enc : static_cast<smpp::text::encoding>(record().encoding());
    }
    [[nodiscard]] smpp::text::segmentation concatenation() const {
        return remade ? remade->plan.method
                      : static_cast<smpp::text::segmentation>(record().concatenation());
    }
    [[nodiscard]] std::uint16_t concat_reference() const {
        return remade ? remade->plan.reference : record().concat_reference();
    }
    [[nodiscard]] smpp::text::octets segment_octets(std::size_t index) const {
        if (remade) return smpp::text::octets_of(remade->plan.segments[index]);
        const auto* bytes =
            record().segments()->Get(static_cast<flatbuffers::uoffset_t>(index))->bytes();
        return {bytes->data(), bytes->size()};
    }
    /// Short messages on the air.
    [[nodiscard]] std::uint32_t parts() const {
        const auto stored = remade ? remade->plan.parts : record().parts();
        return std::max(stored, static_cast<std::uint32_t>(segments.size()));
    }
    /// How many of them one segment stands for: more than one if the carrier cuts the text.
    [[nodiscard]] std::uint32_t parts_of_segment() const {
        return concatenation() == smpp::text::segmentation::payload ? parts() : 1;
    }

    /// The first segment that still has to be handed out; segments.size() when there is none.
    [[nodiscard]] std::size_t next_unsent() const {
        const auto at = std::find_if(segments.begin(), segments.end(), [](const auto& segment) {
            return segment.is_queued() && !segment.in_flight;
        });
        return static_cast<std::size_t>(at - segments.begin());
    }
    [[nodiscard]] bool all_submitted() const {
        return std::none_of(
            segments.begin(), segments.end(),
            [](const auto& segment) { return segment.is_queued(); });
    }
    [[nodiscard]] bool has_waiting() const {
        return std::any_of(
            segments.begin(), segments.end(),
            [](const auto& segment) { return segment.waiting(); });
    }
    /// A segment of it is with a carrier, or waits for the outcome of an attempt. One that is sent
    /// again although an attempt may have reached the phone (maybe_sent) does not count.
    [[nodiscard]] bool begun() const {
        return in_flight > 0 || std::any_of(
                                    segments.begin(), segments.end(),
                                    [](const auto& each) { return !each.is_queued(); });
    }
    /// When the gate wants nothing of it to be sent any more.
    [[nodiscard]] std::int64_t bound_ms() const {
        return deliver_by_ms == 0 ? never_ms : deliver_by_ms;
    }
    /// When what is left of it is not sent any more. What only waits for an outcome does so until
    /// the end of its validity.
    [[nodiscard]] std::int64_t ends_ms() const {
        const bool bounded = bound_ms() < expires_ms && begun() && !all_submitted();
        return bounded ? bound_ms() : expires_ms;
    }
    void reset();
};

inline void live_message::reset() {
    for (auto& segment : segments) {
        segment.carrier_message_id.clear();
        segment.clear_error();
        segment.earlier_ids.clear();
        segment.state = segment_state::queued;
        segment.in_flight = segment.told = segment.missed_outcome = false;
        segment.carrier = {};
        segment.attempts = 0;
        segment.submitted_ms = segment.done_ms = 0;
    }
    position = {};
    expires_ms = done_ms = retry_at_ms = 0;
    deliver_by_ms = 0;
    allowed_by = 0;
    counted = recounts = false;
    counted_ms = 0;
    queued = committed = receipted = announced = failed = resting = false;
    remade.reset();
    where = place::idle;
    state = State::queued;
    in_flight = 0;
    pins = excluded_targets = 0;
    marked = {};
}

/// All live messages by id, and the pool their objects come from.
class live_set {
public:
    [[nodiscard]] live_message* find(message_id id) const {
        const auto at = by_id_.find(static_cast<std::uint64_t>(id));
        return at == by_id_.end() ? nullptr : at->second.get();
    }
    live_message& add(message_id id) {
        std::unique_ptr<live_message> object;
        if (pool_.empty()) {
            object = std::make_unique<live_message>();
        } else {
            object = std::move(pool_.back());
            pool_.pop_back();
            object->reset();
        }
        object->id = id;
        auto& slot = by_id_[static_cast<std::uint64_t>(id)];
        slot = std::move(object);
        return *slot;
    }
    void remove(message_id id) {
        const auto at = by_id_.find(static_cast<std::uint64_t>(id));
        if (at == by_id_.end()) return;
        if (pool_.size() < pool_max) pool_.push_back(std::move(at->second));
        by_id_.erase(at);
    }
    [[nodiscard]] std::size_t size() const { return by_id_.size(); }
    template <class Visit>
    void for_each(Visit&& visit) const {
        for (const auto& [id, live] : by_id_)
            visit(*live);
    }

private:
    static constexpr std::size_t pool_max = 8192;
    boost::unordered_flat_map<std::uint64_t, std::unique_ptr<live_message>> by_id_;
    std::vector<std::unique_ptr<live_message>> pool_;
};

}  // namespace hikyaku::gateway
