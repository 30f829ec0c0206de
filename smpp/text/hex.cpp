#include "smpp/text/hex.hpp"

#include <boost/algorithm/hex.hpp>
#include <iterator>

namespace hikyaku::smpp::text {

std::string to_hex(octets bytes) {
    std::string text;
    text.reserve(bytes.size() * 2);
    boost::algorithm::hex_lower(bytes.begin(), bytes.end(), std::back_inserter(text));
    return text;
}

std::optional<std::string> from_hex(std::string_view text) {
    // Looked at before, because unhex() throws, and such texts come from applications.
    constexpr std::string_view digits = "0123456789abcdefABCDEF";
    if (text.size() % 2 != 0 || text.find_first_not_of(digits) != std::string_view::npos) return {};
    std::string bytes;
    bytes.reserve(text.size() / 2);
    boost::algorithm::unhex(text, std::back_inserter(bytes));
    return bytes;
}

}  // namespace hikyaku::smpp::text
