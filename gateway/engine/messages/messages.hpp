// The messages that the engine has something to do with, from their acceptance to their last
// receipt: in which queue each waits, what has become of each of its segments, when it expires, and
// what of that the store knows. Whoever changes a message (an attempt's end, a receipt, an
// application) tells this room, which moves it on and writes it down. Engine's thread only.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "gateway/engine/delivery/delivery.hpp"
#include "gateway/engine/directory/directory.hpp"
#include "gateway/engine/messages/flows.hpp"
#include "gateway/engine/messages/live_message.hpp"
#include "gateway/engine/room.hpp"
#include "gateway/gate/gate.hpp"

namespace hikyaku::gateway {

/// A submitted message that stays in memory for a while after its changes are on disk, because most
/// receipts come within seconds and would read it again.
struct resting_message {
    message_id id{};
    steady_time since{};
};

class messages : private room {
public:
    messages(engine_context& context, directory& known, delivery& tells, gate_port& asked);

    /// The directory has taken over other settings; these routes have other targets than before.
    void take_directory(const std::vector<route_id>& changed);
    /// At the start, when everything below is there: which queues there are.
    void find_flows();
    /// Ids after this one were given out by this process.
    void set_last_id_before(std::uint64_t id) { sweep_counted_to_ = id; }

    // Messages in memory. A reference holds until release(), and longer while it is pinned.
    [[nodiscard]] live_message* find(message_id id) const { return live_.find(id); }
    /// From memory or from the store; nullptr if there is none.
    [[nodiscard]] live_message* find_or_load(message_id id);
    /// A new one, with a place in the queue of its route; it is in no flow before enqueue().
    [[nodiscard]] live_message& add(message_id id, std::string_view record, std::size_t segments,
                                    const model::queue_position& position, std::int64_t expires_ms);
    /// The batch of a new one was not written.
    void take_back(live_message& live);
    /// The caller has nothing more to do with it: it leaves the memory unless something holds it.
    void release(live_message& live);
    /// A batch that held a change of it is on disk.
    void unpin(message_id id);

    // Queues.
    [[nodiscard]] flow_set& flows() { return flows_; }
    [[nodiscard]] const flow_set& flows() const { return flows_; }
    [[nodiscard]] flow& flow_of(const model::queue_position& position);
    /// Into its flow, or to the end of what is on disk of it.
    void enqueue(live_message& live);
    /// Out of its flow and off the queue's memory, because it gets another text or place.
    void take_out(live_message& live);
    /// It has another place in the store's queue, and is looked at again when its time has come.
    void note_wake(const live_message& live);
    /// Back to the front of its flow, unless something else became of it.
    void back_to_front(live_message& live);
    void retry_later(live_message& live, std::chrono::milliseconds delay);
    /// The front of a flow whose route was removed: another rule takes it, or it ends.
    void reroute(live_message& live);
    /// Whatever it waits for in its flow, it waits for no longer.
    void take_from_flow(live_message& live);
    /// More of the flow is on disk and less than an eighth of it in memory.
    void wake_when_low(const flow& from);
    /// All messages in the queue, in memory or not.
    [[nodiscard]] std::uint64_t queued() const { return queued_total_; }
    /// Those of one account, which must be in the configuration. After a start the number rises
    /// until the first round through the queue has ended.
    [[nodiscard]] std::uint64_t queued(account_id account) const { return queued_of_[account]; }

    // What became of it.
    void note_delivered(const live_message& live, carrier_id carrier);
    void fail_segment(live_message& live, std::size_t segment, const told_error& why);
    /// Nothing more of it is sent. A segment that may have reached the phone ends as unknown, so
    /// that its receipt can still say what became of it, the others as rejected.
    void give_up(live_message& live, const told_error& why);
    /// A receipt has told the end of a segment.
    void settle_segment(live_message& live, live_segment& segment, State state,
                        const told_error& why);
    /// Tells the gate, if that is what a carrier says of the phone.
    void note_opt_out(const live_message& live, carrier_id carrier, const told_error& why);
    /// Nothing of it is in flight, or less than before: it is sent on, waits, or has ended.
    void after_attempt(live_message& live);
    /// It has ended: its state follows from its segments.
    void finish(live_message& live);
    /// Its time is over.
    void expire(live_message& live);
    /// What is known of its segments, into the store; it is pinned until that is on disk.
    void write_outcome(live_message& live);

    // Segments whose attempt has no known outcome, and which are not sent again (waiting.cpp).
    void remember_waiting(const live_message& live, carrier_id carrier);
    void forget_waiting(const live_message& live);
    [[nodiscard]] bool any_waiting() const { return !waiting_.empty(); }
    /// Messages for this phone, of this carrier, that wait: their number, and one of them.
    [[nodiscard]] std::size_t count_waiting(carrier_id carrier, const std::string& phone) const;
    [[nodiscard]] message_id any_waiting_for(carrier_id carrier, const std::string& phone) const;

    // By the clock.
    /// Loads what is due, in queues that have room.
    void wake_flows();
    /// One step of the round through the queue: what has expired.
    void sweep_expired();
    /// The next round begins at the next tick.
    void sweep_now() { next_sweep_ = now_.steady; }
    /// Forgets what has rested long enough (live_message::resting).
    void forget_resting();
    void forget_resting(message_id id);

    void count(memory_view& held) const;

private:
    // outcome.cpp
    void end_unsent(live_message& live, segment_state state) const;

    // queue.cpp
    [[nodiscard]] bool is_orphan(const model::queue_position& position) const;
    void load(flow& into);
    void load_orphans(const std::string& prefix);
    void settle_orphan(live_message& live);
    [[nodiscard]] std::optional<route_id> match(const live_message& live) const;
    void move_to_route(live_message& live, route_id route);
    [[nodiscard]] live_message* load_message(message_id id);
    static void restore(live_message& live, const model::record::Outcome* outcome);
    static void restore_plan(live_message& live, const model::record::Plan& stored);
    void finish_outcome(const live_message& live, std::int64_t latest_ms);
    [[nodiscard]] static flatbuffers::Offset<model::record::Plan> build_plan(
        flatbuffers::FlatBufferBuilder& fb, const live_message& live);
    void count_touched(const model::queue_position& position);
    void forget_queue_entry(live_message& live);
    void move_queue_entry(live_message& live, std::int64_t not_before_ms);
    void rest(live_message& live);

    // waiting.cpp
    void remember_waiting(const live_message& live);
    void keep_waiting(live_message& live);
    [[nodiscard]] bool wait_on(live_message& live);
    void load_waiting(message_id id);

    directory& directory_;
    delivery& delivery_;
    gate_port& gate_;

    live_set live_;
    std::deque<resting_message> resting_;  // oldest first; some are gone already
    std::size_t resting_count_ = 0;        // those that are not
    flow_set flows_{limits_};
    std::set<std::string> orphans_;  // prefixes of the queue whose route or account is gone
    std::uint64_t queued_total_ = 0;
    numbered<account_id, std::uint64_t> queued_of_;  // those of the configuration
    std::vector<flatbuffers::Offset<model::record::SegmentOutcome>> outcome_parts_;

    /// Segments that wait for their outcome, by carrier and destination.
    std::multimap<std::pair<carrier_id, std::string>, message_id> waiting_;
    boost::unordered_flat_map<message_id, std::vector<carrier_id>> waiting_at_;

    std::string sweep_at_;
    bool sweep_counting_ = true;          // the first round counts what each account has queued
    std::uint64_t sweep_counted_to_ = 0;  // ids after this one were counted when accepted
    boost::unordered_flat_set<std::uint64_t> touched_;  // counted before the sweep came to them
    steady_time next_sweep_{};
};

}  // namespace hikyaku::gateway
