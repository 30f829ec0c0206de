// What an application is told: receipts, replies and what they say, hits and links that were seen,
// each a struct of views. write_event() is the only writer of the store's table Event and
// read_event() its only reader, so that no one else knows which of the table's fields belong to
// which kind. Written by the engine; read by the engine and, while the views live, by the drivers
// that hand events to applications. Pure.
#pragma once

#include <flatbuffers/flatbuffers.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "gateway/engine/types.hpp"
#include "gateway/model/records.hpp"
#include "smpp/text/octets.hpp"

namespace hikyaku::gateway {

struct address_view {
    std::uint8_t ton = 0;
    std::uint8_t npi = 0;
    std::string_view digits;  // or letters, for an alphanumeric sender
};

/// What a report by a requested URL has beside the receipt.
struct callback_view {
    std::string_view url;                 // as in the message
    std::uint8_t type = 0;                // callback_type of callback_url.hpp
    std::string_view carrier_message_id;  // empty = the carrier gave none
    CallbackForm form = CallbackForm::kannel;
    CallbackMethod method = CallbackMethod::get;
};

/// A final receipt, or what a carrier says on the way (`final` is false).
struct receipt_event {
    static constexpr EventKind kind = EventKind::receipt;

    std::int64_t at_ms = 0;
    message_id message{};
    message_id shown_id{};    // the id that the application knows, if it is another; 0 = none
    std::uint32_t alias = 0;  // the short id that an application of 3.3 knows; 0 = none
    std::string_view reference;
    std::string_view service_type;
    address_view source, destination;  // of the message
    State state = State::queued;
    bool final = false;
    std::int64_t submitted_ms = 0;
    std::int64_t done_ms = 0;
    error_view error;
    std::uint16_t parts = 0, parts_delivered = 0;
    std::uint16_t part = 0;  // the segment, from 1; 0 = the message
    carrier_id carrier{};
    std::optional<callback_view> callback;
};

struct reply_event {
    static constexpr EventKind kind = EventKind::reply;

    std::int64_t at_ms = 0;
    address_view source, destination;  // the phone, and the number that it wrote to
    smpp::text::octets octets;         // as the carrier sent them
    std::uint8_t data_coding = 0;
    std::uint8_t esm_class = 0;
    std::string_view text;    // decoded, UTF-8
    smpp::text::octets tlvs;  // raw
    carrier_id carrier{};
    account_id account{};  // its owner, where it is read; else 0
    // Of a reply that came in parts; all 0 for others.
    std::uint16_t parts = 0, parts_received = 0;
    std::uint16_t part = 0;  // from 1; 0 = the whole
    std::uint16_t concat_reference = 0;
    bool incomplete = false;  // the missing parts never came
};

struct hit_event {
    static constexpr EventKind kind = EventKind::hit;

    std::int64_t at_ms = 0;
    message_id message{};
    std::string_view reference;               // of the message, as long as it is kept
    std::optional<address_view> destination;  // likewise
    std::string_view link;                    // its code
    std::string_view target;
    std::uint8_t hit_class = 0;     // links::hit_class
    std::uint32_t hit_reasons = 0;  // links::hit_reason bits
    std::string_view user_agent;
    bool first_of_visit = false;  // no other hit of the same visit came before
};

/// What a reply says. It follows the reply's own event, and only webhooks are told of it.
struct reply_read_event {
    static constexpr EventKind kind = EventKind::reply_read;

    std::int64_t at_ms = 0;            // of the reply
    std::uint64_t reply = 0;           // the sequence of its own event
    address_view source, destination;  // the phone, and the number that it wrote to
    std::string_view text;             // UTF-8
    std::string_view read;             // JSON, an object
};

/// A target, or a page, says that the link was seen by a person.
struct link_seen_event {
    static constexpr EventKind kind = EventKind::link_seen;

    std::int64_t at_ms = 0;  // when it was
    message_id message{};
    std::string_view reference;               // as in hit_event
    std::optional<address_view> destination;  // likewise
    std::string_view link;                    // its code
    std::string_view target;
};

using outbox_event =
    std::variant<receipt_event, reply_event, hit_event, reply_read_event, link_seen_event>;

[[nodiscard]] inline EventKind kind_of(const outbox_event& event) {
    return std::visit([](const auto& one) { return one.kind; }, event);
}
[[nodiscard]] inline std::int64_t at_of(const outbox_event& event) {
    return std::visit([](const auto& one) { return one.at_ms; }, event);
}

/// An entry of an outbox on its way out. The event's views live until the call that gets it
/// returns.
struct outbox_item {
    std::uint64_t sequence = 0;
    outbox_event event;
};

/// The record of an event, alone and finished in `fb`.
void write_event(flatbuffers::FlatBufferBuilder& fb, const outbox_event& event);

/// Empty: `octets` are no sound record of an event, or of a kind that this version does not know.
/// The views live as long as `octets`, and until `reader` is used again.
[[nodiscard]] std::optional<outbox_event> read_event(store::record_reader& reader,
                                                     std::string_view octets);

}  // namespace hikyaku::gateway
