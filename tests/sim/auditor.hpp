// The auditor of the simulation. It is told the truth: by the fake applications what they have
// asked, been answered and been told, by the fake carriers what has reached them, by the wires
// which answers came through, and after a restart what lies in the store. It checks after every
// step that nothing is lost, doubled without need, sent against the policy, told to a stranger or
// told wrongly. A broken rule is recorded with seed and virtual time. Limits (rates, windows,
// quotas, shares) are in limits.hpp.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gateway/engine/types.hpp"
#include "tests/sim/tally.hpp"

namespace hikyaku::sim {

using gateway::State;

/// One segment handed to a session on its way to a carrier.
struct audited_attempt {
    enum class state : std::uint8_t {
        open,       // neither answered nor given up
        known_ok,   // its positive response has come through to us
        refused,    // its negative one has
        unknown,    // the connection ended, or its time was over, after it may have been written
        not_sent,   // the session said that it never left
        forgotten,  // what was known of it was not on disk when the process died
    };
    std::size_t message = 0, segment = 0, carrier = 0;
    state what = state::open;
    bool reached = false;   // the carrier has read it
    bool accepted = false;  // and taken it
    bool counts = true;     // not so when the carrier was only too busy
};

struct audited_segment {
    std::vector<std::size_t> attempts;
    std::uint32_t accepted = 0;
    bool delivered = false, failed = false;  // what the carrier's receipts say
    std::size_t counted_from = 0;            // attempts before it may not be known to this process
    bool exhausted = false;  // its last attempt was refused: there must not be another
};

/// What the gate has said of a message last.
struct audited_gate {
    bool asks = false;     // about messages of this account
    bool allowed = false;  // else it must not be sent now
    bool refused = false;  // for ever; a crash may lose that
    bool ever_refused = false;
    bool used = false;  // for an attempt since then
    std::int64_t deliver_by_ms = std::numeric_limits<std::int64_t>::max();
};

/// The life of one message as the outside world has seen it.
struct audited_message {
    // As it was submitted.
    std::size_t account = 0, segments = 1;
    std::string phone;
    std::int64_t expires_ms = 0;
    bool at_most_once = false, receipt_wanted = true, each_part_told = false, fair = false;
    // What the gateway has said.
    std::uint64_t id = 0;     // the engine's
    std::string text_id;      // as the application was told
    bool stored = false;      // on disk: it must come to an end
    bool given_back = false;  // was not written: it must never be sent
    bool answered = false;    // the application has read that it is accepted
    bool cancel_asked = false, cancelled = false;
    std::uint32_t versions = 1;  // bits of the texts that may be sent (replace_sm)
    audited_gate gate;
    // What became of it.
    std::vector<audited_segment> parts;
    bool refusals = false, handed_out = false, expired_at_carrier = false;
    std::map<std::uint16_t, std::vector<State>> told;  // final states by part, 0 = the whole
    std::uint32_t acknowledged = 0;                    // final receipts
};

/// An entry of an outbox: the same receipt or reply, however often it is handed over.
struct audited_delivery {
    enum class state : std::uint8_t { waiting, open, done } what = state::waiting;
    std::size_t account = 0;
    std::uint64_t handed_to = 0;  // the session or post that has it
    std::uint64_t message = 0;    // the engine's id; 0 = a reply
    std::uint16_t part = 0;
    State told = State::queued;
    bool final = true;
    bool read = false, acknowledged = false;  // by the application
    std::uint32_t times = 0;
};

struct audited_reply {
    struct part {
        std::uint32_t sends = 0, told = 0;
        bool acknowledged = false;  // to the carrier: then it must not get lost
    };
    std::size_t account = 0;
    std::vector<part> parts;
};

class auditor {
public:
    auditor(std::uint64_t seed, tally& counts) : seed_(seed), counts_(counts) {}

    void set_now(std::int64_t now_us, std::int64_t wall_ms) {
        now_us_ = now_us, wall_ms_ = wall_ms;
    }
    void fail(const std::string& what);
    [[nodiscard]] const std::vector<std::string>& faults() const { return faults_; }

    // Submissions.
    std::size_t new_message(audited_message&& made);
    void identified(std::size_t number, std::uint64_t id);
    void stored(std::size_t number);
    void given_back(std::size_t number);
    void answered(std::size_t number, const std::string& text_id);
    [[nodiscard]] audited_message& message(std::size_t number) { return messages_[number]; }
    [[nodiscard]] std::size_t count() const { return messages_.size(); }
    [[nodiscard]] const std::size_t* number_of(std::uint64_t id) const {
        const auto at = by_id_.find(id);
        return at == by_id_.end() ? nullptr : &at->second;
    }

    // Segments. `awaits`: the carrier's policy is await_receipt.
    std::size_t attempt_made(std::size_t number, std::size_t segment, std::size_t carrier);
    void attempt_reached(std::size_t attempt);
    void attempt_accepted(std::size_t attempt);
    /// `attempts_max`: what the rule for a refusal's status allows in all, 0 = it is for good;
    /// empty for one that counts no attempt, or comes late.
    void attempt_answered(std::size_t attempt, bool ok,
                          std::optional<std::uint32_t> attempts_max = std::nullopt);
    void attempt_failed(std::size_t attempt, bool may_have_left);
    [[nodiscard]] const audited_attempt& attempt(std::size_t index) const {
        return attempts_[index];
    }
    /// The gate's answer; `refused` is for ever, and neither of both a delay.
    void gate_answered(std::size_t number, bool allowed, bool refused, std::int64_t deliver_by_ms);
    void set_awaiting(std::size_t carrier) { awaiting_.push_back(carrier); }
    void carrier_says(std::size_t number, std::size_t segment, bool delivered);

    // Receipts and replies on their way to the applications.
    void delivery_handed(std::uint64_t sequence, const audited_delivery& what);
    /// The application has read it; false = it was told wrongly.
    bool delivery_read(std::uint64_t sequence, std::size_t account);
    void delivery_ended(std::uint64_t sequence, std::uint64_t handed_to, bool ok);
    [[nodiscard]] audited_delivery* delivery(std::uint64_t sequence);
    std::size_t new_reply(std::size_t account, std::size_t parts);
    [[nodiscard]] audited_reply& reply(std::size_t number) { return replies_[number]; }
    void reply_told(std::size_t number, std::size_t part, std::size_t account);

    /// The process died; what the store knows decides what may be done again. `submitted` says of a
    /// message's segment whether its acceptance by a carrier is on disk, `waits` whether an entry
    /// of an outbox is still there.
    void restarted(const std::function<bool(std::uint64_t id, std::size_t segment)>& submitted,
                   const std::function<bool(std::uint64_t sequence)>& waits);

    /// A final state that nothing explains is a fault.
    void check_state(std::size_t number, State state);
    /// Stored messages, receipts and replies without their end.
    [[nodiscard]] std::size_t unfinished() const;
    /// Everything has drained. `state_of` asks the engine; parts count from 1, 0 = the message.
    void finish(const std::function<State(std::size_t number, std::uint16_t part)>& state_of);

private:
    [[nodiscard]] bool never_again(const audited_message& message,
                                   const audited_attempt& before) const;
    /// Nothing of it has reached a phone, as far as the gateway can know.
    [[nodiscard]] bool not_begun(const audited_message& message) const;
    void check_gate(audited_message& message, const std::string& name);
    [[nodiscard]] static std::int64_t ends_ms(const audited_message& message);
    [[nodiscard]] bool is_explained(const audited_message& message, State state) const;
    [[nodiscard]] std::string parts_of(const audited_message& message) const;
    [[nodiscard]] bool ended(const audited_message& message) const;

    std::uint64_t seed_;
    tally& counts_;
    std::int64_t now_us_ = 0, wall_ms_ = 0;
    std::vector<audited_message> messages_;
    std::vector<audited_attempt> attempts_;
    std::map<std::uint64_t, std::size_t> by_id_;
    std::map<std::uint64_t, audited_delivery> deliveries_;
    std::vector<audited_reply> replies_;
    std::vector<std::size_t> awaiting_;
    std::vector<std::string> faults_;
};

}  // namespace hikyaku::sim
