#include "gateway/engine/submission/message_id_text.hpp"

#include <cassert>
#include <charconv>
#include <limits>

namespace hikyaku::gateway {
namespace {

message_id_text print(std::uint64_t number, int base) {
    message_id_text text;
    auto& into = text.characters;
    const auto done = std::to_chars(into.data(), into.data() + into.size(), number, base);
    assert(done.ec == std::errc{});
    text.size = static_cast<std::size_t>(done.ptr - into.data());
    return text;
}

template <class Number>
std::optional<Number> parse(std::string_view text, int base, std::size_t digits_max) {
    if (text.empty() || text.size() > digits_max || text.front() == '-') return std::nullopt;
    Number number = 0;
    const auto* const end = text.data() + text.size();
    const auto done = std::from_chars(text.data(), end, number, base);
    if (done.ec != std::errc{} || done.ptr != end || number == 0) return std::nullopt;
    return number;
}

}  // namespace

message_id_text format_message_id(message_id id, config::id_form form) {
    assert(id != message_id{});
    return print(static_cast<std::uint64_t>(id), form == config::id_form::decimal ? 10 : 16);
}

std::optional<message_id> parse_message_id(std::string_view text, config::id_form form) {
    constexpr std::uint64_t id_max = std::numeric_limits<std::int64_t>::max();
    const bool decimal = form == config::id_form::decimal;
    if (decimal && text.starts_with('0')) return std::nullopt;
    const auto number = parse<std::uint64_t>(text, decimal ? 10 : 16, decimal ? 19 : 16);
    if (!number || *number > id_max) return std::nullopt;
    return message_id{*number};
}

message_id_text format_alias(std::uint32_t alias) {
    assert(alias != 0);
    return print(alias, 16);
}

std::optional<std::uint32_t> parse_alias(std::string_view text) {
    return parse<std::uint32_t>(text, 16, 8);
}

}  // namespace hikyaku::gateway
