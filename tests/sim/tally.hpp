// What was injected into a run, by name: the test prints the sum over all seeds, and a run of many
// seeds in which a fault never came is a defect of the simulation.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace hikyaku::sim {

enum class fault : std::uint8_t {
    delay,               // bytes held back for up to three seconds
    partial_write,       // a PDU in pieces
    half_open,           // nothing gets through any more, and nobody says so
    deaf,                // the peer hears no more and goes on talking
    cut,                 // the connection breaks, torn PDUs included
    hang_up,             // the peer closes
    unbind,              // the peer leaves in peace
    garbage,             // octets that are no PDU
    trailing,            // octets behind the last field of a carrier's PDU
    bind_refused,        // by a carrier
    response_duplicate,  // of a carrier
    response_late,       // after the time-out
    response_never,
    response_reordered,
    response_nack,  // generic_nack instead of a response
    throttled,
    refused_for_now,
    refused_for_good,
    receipt_duplicate,
    receipt_early,  // before its response
    receipt_late,   // minutes to hours
    receipt_reordered,
    receipt_rewritten,    // its addresses are not written as they were sent
    receipt_unaddressed,  // it has none
    receipt_mislabelled,  // its octets are not what data_coding or esm_class says
    receipt_transmitted,  // on a bind that can only transmit
    id_padded,            // with blanks behind it
    id_long,              // 65 characters or more
    id_of_tlv_unknown,    // the text has the right one
    id_of_two_accounts,   // a carrier gives a segment the id of another that waits for its receipt
    id_of_one_account,
    id_used_again,  // after the receipts of those that had it before
    reply_duplicate,
    carrier_down,        // for seconds to minutes
    carrier_away,        // for days, while everybody else is back
    night,               // every carrier and application away, for days
    application_silent,  // to a deliver_sm
    application_full,
    webhook_failed,
    crash_before_commit,
    crash_after_commit,  // it is on disk, but the engine was not told
    crash_half_told,     // the engine was told of some batches of one commit
    crash_any_time,
    graceful_restart,
    commit_failed,
    disk_full,  // for a minute or more
    gate_delayed,
    gate_refused,
    count_
};
inline constexpr std::size_t fault_count = static_cast<std::size_t>(fault::count_);

inline constexpr std::array<std::string_view, fault_count> fault_names{
    "delay",
    "partial write",
    "half-open connection",
    "peer that hears no more",
    "connection cut",
    "peer hangs up",
    "peer unbinds",
    "garbage instead of a PDU",
    "octets behind a carrier's PDU",
    "bind refused by a carrier",
    "response twice",
    "response after its time-out",
    "response never",
    "responses out of order",
    "generic_nack for a response",
    "throttled by a carrier",
    "refused for now by a carrier",
    "refused for good by a carrier",
    "receipt twice",
    "receipt before its response",
    "receipt minutes to hours late",
    "receipts out of order",
    "receipt with rewritten addresses",
    "receipt without addresses",
    "receipt under a wrong label",
    "receipt on a transmitter",
    "id with blanks behind it",
    "id of 65 characters and more",
    "id in a TLV that is nobody's",
    "one id for live messages of two accounts",
    "one id for live messages of one account",
    "id used again after its receipts",
    "reply twice",
    "carrier down",
    "carrier down for days",
    "everybody away for days",
    "application silent",
    "application says full",
    "webhook failed",
    "crash before a commit",
    "crash after a commit nobody was told of",
    "crash between the answers of one commit",
    "crash at any time",
    "restart in peace",
    "failed commit",
    "disk full for a minute or more",
    "delayed by the gate",
    "refused by the gate",
};

struct tally {
    std::array<std::uint64_t, fault_count> of{};
    std::uint64_t messages = 0, segments = 0, receipts = 0, replies = 0, events = 0;
    std::uint64_t resent = 0;       // segments accepted twice after an unknown outcome
    std::uint64_t redelivered = 0;  // receipts and replies that came to an application twice
    std::int64_t virtual_us = 0;

    std::uint64_t& operator[](fault which) { return of[static_cast<std::size_t>(which)]; }
    void add(const tally& more) {
        for (std::size_t i = 0; i < fault_count; ++i)
            of[i] += more.of[i];
        messages += more.messages;
        segments += more.segments;
        receipts += more.receipts;
        replies += more.replies;
        events += more.events;
        resent += more.resent;
        redelivered += more.redelivered;
        virtual_us += more.virtual_us;
    }
};

}  // namespace hikyaku::sim
