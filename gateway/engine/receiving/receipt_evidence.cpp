#include "gateway/engine/receiving/receipt_evidence.hpp"

#include <algorithm>
#include <array>

#include "smpp/text/ascii.hpp"

namespace hikyaku::gateway {

using smpp::text::is_digit;

namespace {

constexpr std::size_t digits_max = 24;       // E.164 has 15, with a prefix in front of them
constexpr std::size_t phone_digits_min = 7;  // fewer: a short code
constexpr std::size_t digits_compared = 8;
constexpr std::size_t tail_digits_min = 5;  // of a short number that a longer one ends in
constexpr std::size_t name_letters_min = 3;

enum class address_form : std::uint8_t { nothing, short_number, phone_number, name };

/// An address as it is compared.
struct reading {
    address_form is = address_form::nothing;
    std::array<char, digits_max> digits{};
    std::size_t size = 0;

    [[nodiscard]] bool is_number() const {
        return is == address_form::short_number || is == address_form::phone_number;
    }
    [[nodiscard]] std::string_view number() const { return {digits.data(), size}; }
};

bool is_separator(char c) {
    return c == ' ' || c == '-' || c == '.' || c == '/' || c == '(' || c == ')';
}

/// What masked numbers have instead of digits.
bool is_mask(char c) {
    return c == '*' || c == '#' || c == 'x' || c == 'X';
}

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(' ');
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(' ') + 1 - begin);
}

reading read_address(std::string_view text) {
    reading out;
    bool has_digits = false, masked = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (is_digit(c)) {
            has_digits = true;
            if (c == '0' && out.size == 0) continue;  // an international or a trunk prefix
            if (out.size == digits_max) {
                out.is = address_form::name;
                return out;
            }
            out.digits[out.size++] = c;
        } else if (is_mask(c)) {
            masked = true;
        } else if (!is_separator(c) && !(c == '+' && !has_digits)) {
            out.is = address_form::name;
            return out;
        }
    }
    if (masked) {
        out.is = has_digits ? address_form::nothing : address_form::name;
    } else if (out.size > 0) {
        out.is =
            out.size < phone_digits_min ? address_form::short_number : address_form::phone_number;
    }
    return out;
}

address_match compare_numbers(const reading& one, const reading& other) {
    if (!one.is_number() || !other.is_number()) return {};
    const auto a = one.number(), b = other.number();
    const auto shorter = std::min(a.size(), b.size());
    const auto differ =
        std::mismatch(a.rbegin(), a.rbegin() + static_cast<std::ptrdiff_t>(shorter), b.rbegin());
    const auto same = static_cast<std::size_t>(differ.first - a.rbegin());
    address_match out{verdict::differs, static_cast<std::uint8_t>(same), same == shorter};
    if (shorter >= phone_digits_min) {
        if (same >= std::min(shorter, digits_compared)) out.what = verdict::agrees;
    } else if (a.size() == b.size()) {
        if (same == shorter) out.what = verdict::agrees;
    } else if (one.is == other.is) {
        out.what = verdict::differs;  // two short codes
    } else {
        const bool tail = same == shorter && shorter >= tail_digits_min;
        out.what = tail ? verdict::agrees : verdict::nothing;
    }
    return out;
}

bool same_name(std::string_view one, std::string_view other) {
    one = trimmed(one);
    other = trimmed(other);
    const auto lower = [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    };
    const auto shorter = std::min(one.size(), other.size());
    return (one.size() == other.size() || shorter >= name_letters_min) &&
           std::equal(one.begin(), one.begin() + static_cast<std::ptrdiff_t>(shorter),
                      other.begin(), [&](char a, char b) { return lower(a) == lower(b); });
}

verdict compare_read(std::string_view one_text, const reading& one, std::string_view other_text,
                     const reading& other) {
    if (one.is == address_form::nothing || other.is == address_form::nothing)
        return verdict::nothing;
    if (one.is == address_form::name && other.is == address_form::name)
        return same_name(one_text, other_text) ? verdict::agrees : verdict::differs;
    const auto numbers = compare_numbers(one, other).what;
    return numbers == verdict::nothing ? verdict::differs : numbers;
}

/// The better of the comparisons with both ways of writing the message's address.
address_match phone_match(const reading& given, std::string_view phone, std::string_view sent) {
    const auto first = compare_numbers(given, read_address(phone));
    if (sent == phone || sent.empty()) return first;
    const auto second = compare_numbers(given, read_address(sent));
    return second.what > first.what || (second.what == first.what && second.digits > first.digits)
               ? second
               : first;
}

}  // namespace

address_match compare_phones(std::string_view one, std::string_view other) {
    return compare_numbers(read_address(one), read_address(other));
}

verdict compare_senders(std::string_view one, std::string_view other) {
    return compare_read(one, read_address(one), other, read_address(other));
}

address_evidence weigh_addresses(std::string_view source, std::string_view destination,
                                 const message_addresses& message) {
    const auto from = read_address(source), to = read_address(destination);
    const auto sender_match = [&](std::string_view text, const reading& given) {
        const auto first = compare_read(text, given, message.sender, read_address(message.sender));
        if (message.sender_sent == message.sender || message.sender_sent.empty()) return first;
        return std::max(first, compare_read(text, given, message.sender_sent,
                                            read_address(message.sender_sent)));
    };
    // The sender's number may end as the phone does.
    const auto is_rather_sender = [&](const reading& given, const address_match& as_phone) {
        return as_phone.what == verdict::agrees && !as_phone.whole &&
               phone_match(given, message.sender, message.sender_sent).digits > as_phone.digits;
    };
    auto as_told = phone_match(from, message.phone, message.phone_sent);
    if (is_rather_sender(from, as_told)) as_told.what = verdict::differs;
    if (as_told.what == verdict::agrees) {
        return {verdict::agrees, sender_match(destination, to), false, as_told.whole,
                as_told.digits};
    }
    auto swapped = phone_match(to, message.phone, message.phone_sent);
    if (is_rather_sender(to, swapped)) swapped.what = verdict::differs;
    const auto sender_in_source = sender_match(source, from);
    if (swapped.what == verdict::agrees)
        return {verdict::agrees, sender_in_source, true, swapped.whole, swapped.digits};
    const auto sender_in_destination = sender_match(destination, to);
    // Where both agree, the one that agrees in more digits is it.
    const auto in_source = phone_match(from, message.sender, message.sender_sent).digits;
    const auto in_destination = phone_match(to, message.sender, message.sender_sent).digits;
    const bool both =
        sender_in_source == verdict::agrees && sender_in_destination == verdict::agrees;
    const bool source_is_sender =
        sender_in_source == verdict::agrees && (!both || in_source >= in_destination);
    const bool destination_is_sender =
        sender_in_destination == verdict::agrees && (!both || in_destination >= in_source);
    address_evidence out;
    out.sender = std::max(sender_in_source, sender_in_destination);
    if (as_told.what == verdict::differs && !source_is_sender)
        out.phone = verdict::differs;
    else if (from.is != address_form::nothing && swapped.what == verdict::differs &&
             !destination_is_sender)
        out.phone = verdict::differs;  // the source is no phone: the destination has to be it
    return out;
}

std::size_t choose_receipt_owner(std::span<const ranked_candidate> candidates) {
    if (candidates.empty()) return no_owner;
    std::size_t best = 0;
    for (std::size_t i = 1; i < candidates.size(); ++i) {
        const auto& one = candidates[i];
        const auto& so_far = candidates[best];
        const bool older = one.message < so_far.message ||
                           (one.message == so_far.message && one.segment < so_far.segment);
        if (one.rank > so_far.rank || (one.rank == so_far.rank && older)) best = i;
    }
    const auto& chosen = candidates[best];
    const bool alone = std::none_of(candidates.begin(), candidates.end(), [&](const auto& other) {
        const bool as_good = chosen.rank.open && other.rank == chosen.rank;
        const bool told_apart = other.account != chosen.account || !chosen.rank.phone;
        return as_good && other.message != chosen.message && told_apart;
    });
    return alone ? best : no_owner;
}

}  // namespace hikyaku::gateway
