// What the addresses of a receipt say about one message that its id may mean. Carriers use ids
// again, and give one id to two messages: then the phone decides whose receipt it is. They also
// rewrite addresses (a plus, 00, no country code, source and destination swapped, a sender that is
// cut or replaced, none at all), so that only a phone which is certainly another one speaks against
// a message; everything else is no evidence. Pure functions; engine's thread, no allocation.
#pragma once

#include <compare>
#include <cstdint>
#include <span>
#include <string_view>

namespace hikyaku::gateway {

enum class verdict : std::uint8_t {
    differs,  // both are numbers, or both names, and not the same
    nothing,  // one is missing or masked, or they cannot be compared
    agrees,
};

struct address_match {
    verdict what = verdict::nothing;
    std::uint8_t digits = 0;  // how many of the last ones are the same
    bool whole = false;       // one number ends in all of the other
};

/// Two ways of writing a phone number: `agrees` if the last eight digits are the same, or all of
/// the shorter one from seven digits on. A plus, leading zeros and separators do not count. Shorter
/// numbers are short codes: they are compared with each other, and of a longer number they say
/// something only as its last five or six digits.
[[nodiscard]] address_match compare_phones(std::string_view one, std::string_view other);

/// Numbers as phones; names without case, and the beginning of a name is as good as all of it.
[[nodiscard]] verdict compare_senders(std::string_view one, std::string_view other);

/// The addresses of a message, as applications have written them and as the carrier was sent them;
/// those that the carrier's rules do not change stand here once.
struct message_addresses {
    std::string_view phone, phone_sent;
    std::string_view sender, sender_sent;
};

struct address_evidence {
    verdict phone = verdict::nothing;   // `differs`: it is another phone's receipt
    verdict sender = verdict::nothing;  // `differs` says nothing against it
    bool swapped = false;               // the phone stands in the receipt's destination
    bool whole = false;                 // address_match of the phone
    std::uint8_t digits = 0;

    /// Nothing is left to doubt.
    [[nodiscard]] bool certain() const { return exact() && !swapped && sender == verdict::agrees; }
    /// Enough for a message that has the very id of the receipt, wherever the phone stands: another
    /// message whose id is the same number in the other base is not asked.
    [[nodiscard]] bool exact() const {
        return phone == verdict::agrees && whole && sender != verdict::differs;
    }
};

/// The phone of a receipt is its source (SMPP 3.4, 2.11), with some carriers its destination. It is
/// another phone's receipt if neither is the message's phone, and the one that is not the message's
/// sender is a phone number.
[[nodiscard]] address_evidence weigh_addresses(std::string_view source,
                                               std::string_view destination,
                                               const message_addresses& message);

/// All that speaks for one message of several, the weightiest first.
struct receipt_rank {
    bool phone = false;
    bool exact = false;  // the id is the receipt's own, and address_evidence::exact()
    bool unswapped = false;
    std::uint8_t digits = 0;
    bool sender = false;
    std::int8_t likelier_reading = 0;  // of the id: 0, -1, -2
    std::int8_t content = 0;           // text and submit date
    bool open = false;                 // it still waits for this receipt

    friend auto operator<=>(const receipt_rank&, const receipt_rank&) = default;
};

/// One message that is left, as choose_receipt_owner() sees it.
struct ranked_candidate {
    receipt_rank rank;
    std::uint32_t account = 0;
    std::uint64_t message = 0;
    std::uint16_t segment = 0;
};

/// The index of the candidate whose receipt it is, or `no_owner` where it may be another's as well.
/// Of equals of one account, all for the phone of the receipt, or of one message, it is the oldest;
/// of equals that wait for nothing, any.
inline constexpr std::size_t no_owner = static_cast<std::size_t>(-1);
[[nodiscard]] std::size_t choose_receipt_owner(std::span<const ranked_candidate> candidates);

}  // namespace hikyaku::gateway
