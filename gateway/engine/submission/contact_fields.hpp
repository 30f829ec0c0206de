// What `purpose`, `contact`, `debtor` and `debt` of a submission may hold: one set of rules for the
// doors of JSON and SMPP. A fault is the end of a sentence that begins with the field's name; over
// SMPP all of them are one status. Pure functions, called by the doors on the engine's thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "gateway/engine/submission/zone_names.hpp"
#include "gateway/engine/types.hpp"

namespace hikyaku::gateway {

/// Of every text that is the application's own: references, tags, ids.
inline constexpr std::size_t label_octets_max = 64;

/// By the names of the store: "transactional", "service", "dunning", "marketing".
[[nodiscard]] std::optional<Purpose> purpose_named(std::string_view word);

/// What is wrong with a text of the application's own; empty if it has 1 to 64 octets and no
/// control characters. Octets that are not UTF-8 are sound.
[[nodiscard]] std::string_view label_fault(std::string_view text);

/// Appends a zone or a tag. What is wrong with it (its form, one too many, the second of its name)
/// if it is not appended; empty if it is. A zone has the form of an IANA name and is among
/// `known`.
[[nodiscard]] std::string_view add_zone(contact_point& to, std::string_view name,
                                        const zone_names& known);
[[nodiscard]] std::string_view add_tag(contact_point& to, std::string_view tag);

/// Whether it says who is written to, so that it can be for one recipient only. Zones and tags may
/// be those of many.
[[nodiscard]] bool names_one_person(const submission& message);

}  // namespace hikyaku::gateway
