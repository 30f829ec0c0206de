#include "gateway/api/twilio/sids.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

namespace hikyaku::gateway::api::twilio {
namespace {

constexpr std::size_t letters_count = 2, digits_count = 32;
constexpr std::string_view outbound = "0000000000000000", incoming = "0000000000000001";

bool is_hexadecimal(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

}  // namespace

std::string sid_of(message_id id) {
    return fmt::format("SM{}{:016x}", outbound, static_cast<std::uint64_t>(id));
}

std::string incoming_sid_of(std::uint64_t sequence) {
    return fmt::format("SM{}{:016x}", incoming, sequence);
}

bool is_sid(std::string_view text, std::string_view letters) {
    return text.size() == letters_count + digits_count && text.starts_with(letters) &&
           std::ranges::all_of(text.substr(letters_count), is_hexadecimal);
}

std::optional<message_id> parse_message_sid(std::string_view text) {
    if (!is_sid(text, "SM")) return {};
    text.remove_prefix(letters_count);
    if (!text.starts_with(outbound)) return {};
    text.remove_prefix(outbound.size());
    std::uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number, 16);
    if (number == 0 || number > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) return {};
    return message_id{number};
}

}  // namespace hikyaku::gateway::api::twilio
