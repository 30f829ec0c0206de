#include "gateway/app/hex.hpp"

#include "smpp/text/hex.hpp"

namespace hikyaku::gateway::app {

std::optional<std::vector<std::uint8_t>> from_hex(std::string_view text) {
    if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
    std::string digits(text);
    std::erase_if(digits, [](char c) { return c == ' ' || c == '\t' || c == ':' || c == '\r'; });
    const auto octets = smpp::text::from_hex(digits);
    if (!octets) return std::nullopt;
    return std::vector<std::uint8_t>(octets->begin(), octets->end());
}

}  // namespace hikyaku::gateway::app
