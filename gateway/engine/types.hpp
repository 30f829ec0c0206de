// The vocabulary of the engine: what is handed to it, what it hands out, and the strong ids in
// between. Plain data, no behaviour; used by the drivers, the HTTP handlers and the tests.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "config/settings.hpp"
#include "gateway/engine/told_error.hpp"
#include "gateway/model/keys.hpp"
#include "gateway/model/records_generated.h"
#include "smpp/text/plan.hpp"

namespace hikyaku::gateway {

/// One reading of both clocks, passed into every call of the engine. `steady` drives rates, pauses
/// and time-outs and never goes back; `wall` is milliseconds since 1970 UTC, stamps what is stored,
/// and never goes back either (gateway/app/clock.hpp sees to it). A sandbox moves it by hand.
struct instant {
    std::chrono::steady_clock::time_point steady{};
    std::int64_t wall_ms = 0;
    std::int64_t moved_ms = 0;  // of it, what a sandbox has added; docs/decisions/016

    /// What other programs mean by now: for tokens and signatures.
    [[nodiscard]] std::int64_t system_ms() const { return wall_ms - moved_ms; }
};

using steady_time = std::chrono::steady_clock::time_point;

enum class message_id : std::uint64_t {};

// The number that an account, carrier, route or outbox has in the store's table `names`: given when
// its name is met for the first time, the same after every restart and after every change of the
// configuration, and never given to another. 0 = none.
enum class account_id : std::uint32_t {};
enum class carrier_id : std::uint32_t {};
enum class route_id : std::uint32_t {};
enum class endpoint_id : std::uint32_t {};

template <class Id>
concept named_id = std::is_same_v<Id, account_id> || std::is_same_v<Id, carrier_id> ||
    std::is_same_v<Id, route_id> || std::is_same_v<Id, endpoint_id>;

/// The id as keys and records of the store have it.
template <named_id Id>
[[nodiscard]] constexpr std::uint32_t stored(Id id) {
    return static_cast<std::uint32_t>(id);
}

/// One bind to a carrier that is up; never used again after it went down.
enum class bind_id : std::uint64_t {};
/// One bound session of an account (or one HTTP request) that waits for answers.
enum class session_id : std::uint64_t {};
/// An application inside the process that takes events: its place in the list that the engine got.
enum class consumer_id : std::uint32_t {};

using model::record::CallbackForm;
using model::record::CallbackMethod;
using model::record::EventKind;
using model::record::Origin;
using model::record::Purpose;
using model::record::State;

/// Whether a message or segment in this state will not change any more.
[[nodiscard]] constexpr bool is_final(State state) {
    return state != State::queued && state != State::submitted;
}

/// The TON of a sender that is a name (SMPP 3.4, 5.2.5).
inline constexpr std::uint8_t ton_alphanumeric = 5;

struct phone_address {
    std::uint8_t ton = 0;
    std::uint8_t npi = 0;
    std::string digits;  // or letters, for an alphanumeric sender
};

/// The way to a person as the application knows it; the gate reads it. `id` and each tag have 1 to
/// 64 octets, where they are there; each zone is the IANA name of one in which the person may be.
struct contact_point {
    static constexpr std::size_t zones_max = 8, tags_max = 16;
    std::string id;
    std::vector<std::string> zones, tags;

    [[nodiscard]] bool empty() const { return id.empty() && zones.empty() && tags.empty(); }
};

/// An API token. `settings` says what it may, until when and from where; null: one of api_tokens,
/// which may submit and read. Valid until the configuration changes.
struct known_token {
    account_id account{};
    const config::account_token* settings = nullptr;
};

/// Every reason for which a submission, a cancellation or a look-up is refused. Each has one
/// command_status and one stable HTTP problem code (gateway/engine/errors.hpp).
enum class refusal : std::uint8_t {
    none,
    source_invalid,
    source_not_allowed,
    destination_invalid,
    text_invalid,   // not in the alphabet that was asked for, or malformed octets
    text_too_long,  // more than parts_max segments
    data_coding_invalid,
    esm_class_invalid,
    schedule_invalid,
    validity_invalid,
    priority_invalid,
    registered_delivery_invalid,
    link_invalid,  // too many links, or a target that is too long
    no_route,
    rate_exceeded,
    queue_full,
    store_busy,     // too much is waiting for the disk
    store_failing,  // the disk refuses writes
    shutting_down,
    not_found,
    not_cancellable,
    tlv_missing,             // one that every carrier of the route requires
    source_unwritable,       // by the address_rules of every carrier of the route it is too long,
    destination_unwritable,  // or nothing is left of it
    unsupported,
    link_target_not_allowed,  // none of the account's `links.targets`
};

/// What an application is told of a message by requests for a URL of its own, instead of receipts.
struct message_callback {
    std::string url;  // empty = none; of the form kannel with its escapes
    CallbackForm form = CallbackForm::kannel;
    CallbackMethod method = CallbackMethod::get;
    std::uint8_t mask = 0;  // which types are told: bits of callback_type (callback_url.hpp)
};

/// A message as an application hands it in, before it is planned. Views are copied when accepted.
struct submission {
    Origin origin = Origin::smpp;
    phone_address source;
    phone_address destination;
    /// Exactly one of the two forms: UTF-8 text (HTTP) or octets with a data_coding (SMPP).
    std::optional<std::string> text;
    std::string octets;
    std::uint8_t data_coding = 0;
    smpp::text::encoding_choice encoding = smpp::text::encoding_choice::automatic;
    bool binary = false;                                       // HTTP: octets are 8-bit data
    std::optional<std::uint8_t> message_class;                 // HTTP: 0 to 3, 0 for flash
    std::optional<smpp::text::transliteration> transliterate;  // empty = the account's
    std::uint8_t esm_class = 0;
    std::uint8_t protocol_id = 0;
    std::uint8_t priority = 0;
    std::uint8_t registered_delivery = 0;  // SMPP's bits
    std::string service_type;
    std::string tlvs;                             // raw TLVs to pass on
    std::optional<std::int64_t> send_at_ms;       // wall clock; empty = now
    std::optional<std::int64_t> expires_ms;       // wall clock; empty = the account's default
    std::optional<std::uint32_t> parts_max;       // empty = the account's
    std::optional<bool> track_links;              // empty = the account's choice
    std::optional<std::int64_t> link_expires_ms;  // wall clock; empty = as the settings say
    std::uint32_t link_max_uses = 0;              // by people; 0 = no limit
    std::string reference;                        // the application's own, at most 64 octets
    std::string tag;                              // for routing, at most 64 octets
    message_callback callback;
    std::optional<Purpose> purpose;  // empty = the account's purpose_default
    contact_point contact;
    std::string debtor, debt;         // the application's own references, at most 64 octets each
    bool at_most_once = false;        // never sent again after an attempt without a known outcome
    bool replace_if_present = false;  // SMPP: instead of a queued one with the same addresses
    bool short_id = false;            // SMPP 3.3: wants an alias of eight hexadecimal digits
    bool confirms_stop = false;       // the one confirmation of a stop; only the desk says so
};

/// Answer to one submission. `id` and the rest are set when `why` is refusal::none.
struct submit_result {
    refusal why = refusal::none;
    std::uint32_t detail = 0;    // text_too_long: parts needed; text_invalid: octet position;
                                 // rate_exceeded and queue_full: milliseconds until worth trying
    message_id id{};             // 0 while a replace_if_present looks for what it replaces
    std::uint32_t segments = 0;  // short messages on the air
    smpp::text::encoding encoding = smpp::text::encoding::gsm7;
    std::vector<smpp::text::replacement> replaced;  // what transliteration changed
};

/// One destination of a submit_multi that was not taken; `index` is its place in the request.
struct refused_destination {
    std::size_t index = 0;
    refusal why = refusal::none;
};

/// Whose messages engine::withdraw() is about. Those with purposes that are not in the mask (bits
/// of Purpose: 1 << purpose) go on.
struct withdrawn_party {
    account_id account{};
    model::party_scope scope = model::party_scope::contact;
    std::string_view reference;
    std::uint8_t purposes = 0;
};
/// What engine::withdraw() has found at once.
struct withdrawal {
    std::size_t withdrawn = 0;              // messages that have ended
    std::vector<message_id> maybe_sent;     // of these, some that a carrier may have all the same
    std::vector<message_id> with_carriers;  // handed out, at least in part, and not ended
};

/// Answer to submit_multi. `id` is the first accepted message's, 0 when none was; `why` is set when
/// the request as a whole was refused, and then `refused` is empty.
struct multi_result {
    refusal why = refusal::none;
    std::uint32_t detail = 0;  // as submit_result::detail
    message_id id{};
    std::vector<refused_destination> refused;
};

/// The message, or messages, that query_sm, cancel_sm and replace_sm speak of. Without an id
/// (cancel_sm only): all that are queued between these addresses.
struct operation_target {
    message_id id{};
    phone_address source;
    phone_address destination;  // empty = any, when there is an id
    std::string service_type;   // empty = any
    // Filled by read_addresses() of message_match.hpp: other forms in which they may be stored.
    std::string default_source, international_destination;
};

/// What replace_sm changes.
struct replacement {
    std::string octets;                      // in the data_coding of the message
    std::optional<std::int64_t> send_at_ms;  // empty = unchanged
    std::optional<std::int64_t> expires_ms;  // empty = unchanged
    std::uint8_t registered_delivery = 0;
};

/// What query_sm tells of a message, or of all messages of a submit_multi together.
struct query_view {
    State state = State::queued;
    bool scheduled = false;    // queued, and its time of sending has not come
    std::int64_t done_ms = 0;  // when the last of them became final; 0 = not yet
    std::uint32_t error = 0;   // of the first segment that failed
};

/// What a submission would take at one carrier of its route; the rest is set if `why` is none.
struct carrier_estimate {
    std::string carrier;
    refusal why = refusal::none;
    std::uint32_t detail = 0;  // as submit_result::detail
    smpp::text::encoding encoding = smpp::text::encoding::gsm7;
    std::uint32_t units = 0;
    std::uint32_t segments = 0;
    std::uint32_t billed = 0;
};

/// What `estimate` answers: the plan of a submission without accepting it.
struct estimate_result {
    refusal why = refusal::none;
    std::uint32_t detail = 0;
    smpp::text::encoding encoding = smpp::text::encoding::gsm7;
    std::uint8_t data_coding = 0;
    std::uint32_t units = 0;
    std::uint32_t segments = 0;  // short messages on the air
    std::uint32_t billed = 0;    // in the first carrier's units
    std::vector<std::uint32_t> segment_octets;
    std::vector<smpp::text::replacement> replaced;  // what transliteration changed
    std::vector<carrier_estimate> plans;  // for each carrier, if they cut or bill texts differently
    smpp::text::planned_range range;      // over `plans`
    std::string final_text;               // with links rewritten (codes are placeholders)
    std::vector<std::string> forcing;     // characters that force UCS-2, a few of them
    std::string route;                    // empty = none matches
    std::vector<std::string> carriers;    // in the order in which they would be tried
};

struct segment_view : told_error {
    State state = State::queued;
    std::string carrier;
    std::string carrier_message_id;
    std::uint32_t attempts = 0;
    std::int64_t submitted_ms = 0;
    std::int64_t done_ms = 0;
};

/// One message as its account may see it.
struct message_view {
    message_id id{};
    State state = State::queued;
    phone_address source, destination;
    smpp::text::encoding encoding = smpp::text::encoding::gsm7;
    std::uint8_t data_coding = 0;
    std::uint32_t parts = 0;  // short messages on the air
    std::vector<smpp::text::replacement> replaced;
    std::int64_t accepted_ms = 0, not_before_ms = 0, expires_ms = 0, done_ms = 0;
    std::string reference, tag, route;
    Purpose purpose = Purpose::transactional;
    contact_point contact;
    std::string debtor, debt;
    std::vector<segment_view> segments;
    std::vector<std::string> links;
    std::uint32_t hits_total = 0;
    std::vector<std::uint32_t> hits_by_class;
    std::optional<std::uint32_t> hits_unique = 0;  // empty: not known, from before visits were
    std::int64_t seen_ms = 0;                      // 0: nobody has said that a link was seen
};

/// Which messages of an account a page of a list is to have.
struct message_range {
    std::int64_t from_ms = 0,
                 to_ms = std::numeric_limits<std::int64_t>::max();  // accepted; inclusive
    std::optional<std::string> source, destination;  // digits or letters, without "+"
    std::optional<message_id> beyond;                // older than this one, or newer
    bool newest_first = true;
    std::size_t limit = 50;
    std::size_t looked_at_max = 10'000;
};

struct message_page {
    std::vector<message_view> messages;
    /// The last that was looked at, where there may be more; 0: the range has ended.
    message_id looked_to{};
};

/// One bound SMPP session or HTTP request as the engine sees it; the driver keeps the rest.
struct reply_ticket {
    session_id session{};
    std::uint32_t sequence = 0;  // SMPP: sequence_number; HTTP: index in the batch
};

/// What a new session of an application brings. Only those that can receive get deliver_sm.
struct session_facts {
    account_id account{};
    bool can_transmit = true;
    bool can_receive = true;
    std::uint32_t receipt_window = 10;
    std::uint8_t version = 0x34;  // spoken: 0x33 gets short ids, 0x34, 0x50
};

/// What the server of a webhook or callback answered. `status` 0: no answer (connection, TLS,
/// time-out).
struct http_answer {
    std::uint32_t status = 0;
    std::optional<std::chrono::seconds> retry_after;
    std::string error;
    std::string body;  // as much of it as was read
    /// The body takes back what the status says; only a callback's form may ask for that.
    bool is_refused = false;
};

}  // namespace hikyaku::gateway
