// What one decision of the gate sees: the message's purpose, the contact point and the zones in
// which its person may be, the debtor, the holds, suppressions and contacts that are known, and
// what the carrier does on its own. Whoever asks collects them (the engine from its store, the two
// doors from a question), and everything here is a view of the caller's: `decide` copies nothing
// and allocates nothing. Times are milliseconds since 1970 UTC.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>

#include "gateway/model/records_generated.h"

namespace hikyaku::gateway::gate {

using purpose = model::record::Purpose;

/// A set of purposes: one bit each, by their numbers.
using purpose_set = std::uint8_t;
[[nodiscard]] constexpr purpose_set set_of(purpose what) {
    return static_cast<purpose_set>(1U << static_cast<unsigned>(what));
}

/// Earlier and later than every moment.
inline constexpr std::int64_t always_ms = std::numeric_limits<std::int64_t>::min();
inline constexpr std::int64_t never_ms = std::numeric_limits<std::int64_t>::max();

/// Why a person is not to be contacted. The values are stored: append only.
enum class hold_kind : std::uint8_t {
    promise,
    dispute,
    representation,
    insolvency,
    death,
    hardship,
    wrong_person,
    ownership_doubt,
    opt_out,
    cease,
    breathing_space,
    disaster,
    manual,
    complaint,
    service_issue,
    vulnerability,
};
inline constexpr std::size_t hold_kinds = 16;

/// What a hold stands on. The values are stored: append only.
enum class hold_scope : std::uint8_t { contact, debtor, debt, account };

/// A hold that concerns this message, over or not begun yet included.
struct hold_fact {
    hold_kind kind = hold_kind::manual;
    hold_scope scope = hold_scope::contact;
    std::int64_t from_ms = always_ms;
    std::int64_t until_ms = never_ms;  // the first moment without it
};

/// A message that was handed to a carrier before. Transactional ones are never asked about and do
/// not count. One that says neither is none.
struct contact_fact {
    std::int64_t at_ms = 0;
    purpose why = purpose::dunning;
    bool to_contact = true;  // to the contact point of this message
    bool to_debtor = true;   // to its debtor, by whichever contact point
};

/// How the person agreed to be written to, or how the number is known to be theirs still.
enum class consent_kind : std::uint8_t {
    direct,          // given to the account itself
    texted,          // the person has written from this number
    number_checked,  // against a database of reassigned numbers
};
inline constexpr std::size_t consent_kinds = 3;

struct consent_fact {
    consent_kind kind = consent_kind::direct;
    std::int64_t at_ms = 0;
    std::string_view source;  // where it is written down; empty = nowhere, which is no consent
};

struct facts {
    purpose why = purpose::dunning;
    std::int64_t now_ms = 0;
    std::int64_t expires_ms =
        never_ms;  // the message's own end; a delay beyond it is a delay still

    std::string_view number;  // E.164 with or without "+"; else it is not known
    /// False: the digits may be a number of the account's country as well.
    bool number_is_sure = true;
    std::span<const std::string_view> zones;  // IANA names; empty = not known
    std::span<const std::string_view> tags;   // of the contact point: "work", "third_party"
    std::string_view debtor;                  // empty = the contact point is taken for a debtor

    std::span<const hold_fact> holds;
    std::span<const contact_fact> history;
    std::span<const consent_fact> consents;
    /// False: nobody has looked, and rules about consent say nothing. Only for questions about
    /// messages that are not sent.
    bool consents_known = true;
    purpose_set suppressed = 0;  // purposes that the contact point must not be used for
    bool stopped = false;        // an emergency stop covers the message
    /// The rule that keeps back whatever asks, until an operator has confirmed the store:
    /// "store_unconfirmed", "clock_jumped"; empty = there is none.
    std::string_view unconfirmed{};

    /// For how long the carrier tries on its own when a phone cannot be reached. Empty = not known.
    std::optional<std::int64_t> carrier_retry_ms;
    /// The carrier gives up when the validity period is over, as SMPP demands.
    bool carrier_keeps_validity = true;
};

/// "promise", "wrong_person".
[[nodiscard]] std::string_view name_of(hold_kind what);
[[nodiscard]] std::optional<hold_kind> hold_kind_from(std::string_view name);
/// "contact", "debtor", "debt", "account".
[[nodiscard]] std::string_view name_of(hold_scope what);
[[nodiscard]] std::optional<hold_scope> hold_scope_from(std::string_view name);
/// "direct", "texted", "number_checked".
[[nodiscard]] std::string_view name_of(consent_kind what);
[[nodiscard]] std::optional<consent_kind> consent_kind_from(std::string_view name);
/// "transactional", "service", "dunning", "marketing".
[[nodiscard]] std::string_view name_of(purpose what);
[[nodiscard]] std::optional<purpose> purpose_from(std::string_view name);

}  // namespace hikyaku::gateway::gate
