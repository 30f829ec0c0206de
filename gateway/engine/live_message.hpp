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

#include "gateway/engine/types.hpp"
#include "store/records.hpp"
#include "store/tables.hpp"

namespace hikyaku::gateway {

struct live_segment {
    State state = State::queued;
    std::uint32_t carrier = 0;  // stored number of the last attempt's carrier, 0 = none
    std::uint16_t attempts = 0;
    bool in_flight = false;
    std::string carrier_message_id;
    std::vector<std::string> earlier_ids;  // "carrier:canonical id"
    std::uint32_t error = 0;
    std::string error_text;
    std::int64_t submitted_ms = 0;
    std::int64_t done_ms = 0;
};

struct live_message {
    enum class place : std::uint8_t {
        idle,     // not in a queue's memory
        ready,    // in the ready list of its flow
        sending,  // all segments handed out, some without response
    };

    message_id id{};
    store::queue_position position;  // its key in the queue, as long as `queued` is true
    std::int64_t expires_ms = 0;
    bool queued = false;  // has an entry in the queue table
    place where = place::idle;
    bool committed = false;  // the acceptance is on disk
    bool receipted = false;
    bool failed = false;  // a segment has been refused for good
    State state = State::queued;
    std::int64_t done_ms = 0;
    std::uint16_t in_flight = 0;
    std::uint32_t pins = 0;              // batches under way that hold its changes
    std::uint32_t excluded_targets = 0;  // bits of the route's targets that refused it
    std::int64_t retry_at_ms = 0;        // when in_flight reaches 0, wait until then; 0 = no
    std::vector<live_segment> segments;
    std::vector<std::uint64_t> buffer;  // the Message record, aligned
    std::size_t buffer_bytes = 0;

    [[nodiscard]] const store::record::Message& record() const {
        return *flatbuffers::GetRoot<store::record::Message>(buffer.data());
    }
    void set_record(std::string_view bytes) {
        buffer.resize((bytes.size() + 7) / 8);
        std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(buffer.data()));
        buffer_bytes = bytes.size();
    }
    /// The first segment that still has to be handed out; segments.size() when there is none.
    [[nodiscard]] std::size_t next_unsent() const {
        const auto at = std::find_if(segments.begin(), segments.end(), [](const auto& segment) {
            return segment.state == State::queued && !segment.in_flight;
        });
        return static_cast<std::size_t>(at - segments.begin());
    }
    [[nodiscard]] bool all_submitted() const {
        return std::none_of(segments.begin(), segments.end(),
                            [](const auto& segment) { return segment.state == State::queued; });
    }
    void reset();
};

inline void live_message::reset() {
    for (auto& segment : segments) {
        segment.carrier_message_id.clear();
        segment.error_text.clear();
        segment.earlier_ids.clear();
        segment.state = State::queued;
        segment.in_flight = false;
        segment.carrier = segment.attempts = 0;
        segment.error = 0;
        segment.submitted_ms = segment.done_ms = 0;
    }
    position = {};
    expires_ms = done_ms = retry_at_ms = 0;
    queued = committed = receipted = failed = false;
    where = place::idle;
    state = State::queued;
    in_flight = 0;
    pins = excluded_targets = 0;
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
        if (at == by_id_.end()) {
            return;
        }
        if (pool_.size() < pool_max) {
            pool_.push_back(std::move(at->second));
        }
        by_id_.erase(at);
    }
    [[nodiscard]] std::size_t size() const { return by_id_.size(); }

private:
    static constexpr std::size_t pool_max = 8192;
    boost::unordered_flat_map<std::uint64_t, std::unique_ptr<live_message>> by_id_;
    std::vector<std::unique_ptr<live_message>> pool_;
};

}  // namespace hikyaku::gateway
