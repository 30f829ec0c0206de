// The auditor of the simulation: it is told the truth by the models of applications and carriers
// and checks after every step that the engine has not lost, duplicated or misdirected anything. A
// broken rule is recorded with the virtual time; the test prints it with the seed.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

namespace hikyaku::sim {

/// The life of one message as the outside world has seen it. Numbers are the simulation's own.
struct audited_message {
    std::size_t account = 0;
    std::size_t segments = 0;
    bool answered = false;  // the application has a positive answer
    bool cancelled = false;
    std::uint64_t id = 0;
    std::vector<std::uint32_t> accepted_by_carrier;  // times, per segment
    std::vector<std::uint32_t> excuses;  // times a segment may have been sent again, per segment
    std::uint32_t final_receipts = 0;    // acknowledged by the application
    std::uint32_t receipts_handed = 0;   // including those that were not acknowledged
    bool receipt_wanted = true;
    bool refused_for_good = false;  // a carrier has refused a segment permanently
    bool told_delivered = false;
};

class auditor {
public:
    explicit auditor(std::uint64_t seed) : seed_(seed) {}

    std::size_t new_message(std::size_t account, std::size_t segments, bool receipt_wanted);
    void answered(std::size_t number, std::uint64_t id);
    /// A carrier has accepted a segment; more often than excused is a certain duplicate.
    void accepted_by_carrier(std::size_t number, std::size_t segment);
    /// The outcome of an attempt got lost (connection, time-out, restart): it may be sent again.
    void excuse(std::size_t number, std::size_t segment);
    void refused_for_good(std::size_t number) { messages_[number].refused_for_good = true; }
    /// An application was handed a receipt for the message id.
    void receipt_handed(std::size_t account, std::uint64_t id, bool delivered, bool acknowledged);
    /// A carrier was sent a segment: the contract rate in every sliding second.
    void sent_to_carrier(std::size_t carrier, std::int64_t now_us, std::uint32_t rate);
    void window_used(std::size_t carrier, std::uint32_t in_flight, std::uint32_t window);
    /// Everything has drained: every answered message must have come to its end.
    void finish();

    void fail(const std::string& what);
    void set_now(std::int64_t now_us) { now_us_ = now_us; }
    [[nodiscard]] const std::vector<std::string>& faults() const { return faults_; }
    [[nodiscard]] audited_message& message(std::size_t number) { return messages_[number]; }
    [[nodiscard]] std::size_t count() const { return messages_.size(); }
    [[nodiscard]] std::size_t answered_count() const { return by_id_.size(); }
    [[nodiscard]] std::size_t unfinished() const;
    [[nodiscard]] std::uint64_t duplicates() const { return duplicates_; }

private:
    std::uint64_t seed_;
    std::int64_t now_us_ = 0;
    std::deque<audited_message> messages_;
    std::map<std::uint64_t, std::size_t> by_id_;
    std::map<std::size_t, std::deque<std::int64_t>> sent_;
    std::vector<std::string> faults_;
    std::uint64_t duplicates_ = 0;
};

}  // namespace hikyaku::sim
