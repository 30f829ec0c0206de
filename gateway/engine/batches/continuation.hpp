// What is to happen when a batch is on disk, or will never be: one small struct for each kind of
// event, in the order in which the rooms have asked for it. The engine hands each to the room that
// it is for (engine.cpp).
#pragma once

#include <string>
#include <variant>

#include "gateway/engine/receiving/fresh_keys.hpp"
#include "gateway/engine/types.hpp"
#include "smpp/pdu/constants.hpp"

namespace hikyaku::gateway {

namespace after {

/// A submission can be answered, and its message sent; `due`: not earlier, its account is paced.
struct accepted {
    message_id message;
    reply_ticket ticket;
    steady_time due;
};
/// A message of a submit_multi whose first one is answered.
struct joined {
    message_id message;
};
/// The store knows that the carrier may have the message.
struct marked {
    message_id message;
    carrier_id carrier;
};
/// A carrier is to be asked to forget a message.
struct cancel_kept {
    carrier_id carrier;
};
/// An order to withdraw messages, or its end.
struct withdrawal_kept {};
/// The message has a new text.
struct replaced {
    message_id message;
};
/// The same by a submit_sm, which is answered with the message's id.
struct replaced_by {
    message_id message;
    reply_ticket ticket;
    steady_time due;
};
/// cancel_sm or replace_sm.
struct operated {
    reply_ticket ticket;
    smpp::command_status status;
};
/// What the account had submitted before it asked for a search can be read.
struct scan_ready {
    account_id account;
};
/// The gate's rows about the hand-offs of one turn.
struct gate_stored {
    std::uint64_t turn;
};
/// Rows of another part of the program (engine::keep()).
struct kept {
    reply_ticket ticket;
};
struct unpin {
    message_id message;
};
/// A carrier's deliver_sm or data_sm.
struct acknowledge {
    bind_id bind;
    std::uint32_t sequence;
    smpp::command_id request;
};
struct outbox_added {
    endpoint_id endpoint;
    std::uint64_t sequence;
};
struct outbox_removed {
    endpoint_id endpoint;
    std::uint64_t sequence;
};
struct cancelled {
    message_id message;
    reply_ticket ticket;
};
/// So many hits, the last of them with this sequence in the hit log.
struct hits_stored {
    std::uint64_t count;
    std::uint64_t last;
};
/// The counters of the message's hits.
struct hits_counted {
    message_id message;
};
/// What was said of a link, by its code.
struct seen_stored {
    std::string code;
};
/// A step of old hits that are classified anew.
struct reclassified {};
/// One step; `of_rest`: also of other tables than messages.
struct retention_done {
    bool of_rest;
};
/// An entry that was kept unmatched is erased.
struct unmatched_gone {
    std::uint64_t counter;
};
struct replayed {
    reply_ticket ticket;
};
/// Until then receipts find it in memory only.
struct receipt_key_stored {
    fresh_key key;
};
/// The reply to an idempotent request, by its key in the store.
struct reply_stored {
    std::string key;
};
/// A part of a long reply, by its key in the store.
struct part_stored {
    std::string key;
};

}  // namespace after

using continuation =
    std::variant<after::accepted, after::joined, after::marked, after::cancel_kept,
                 after::withdrawal_kept, after::replaced, after::replaced_by, after::operated,
                 after::scan_ready, after::gate_stored, after::kept, after::unpin,
                 after::acknowledge, after::outbox_added, after::outbox_removed, after::cancelled,
                 after::hits_stored, after::hits_counted, after::seen_stored, after::reclassified,
                 after::retention_done, after::unmatched_gone, after::replayed,
                 after::receipt_key_stored, after::reply_stored, after::part_stored>;

}  // namespace hikyaku::gateway
