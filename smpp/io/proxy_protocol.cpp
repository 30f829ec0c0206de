#include "smpp/io/proxy_protocol.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>
#include <charconv>
#include <string>
#include <string_view>

namespace hikyaku::smpp::io {
namespace {

namespace ip = boost::asio::ip;
using progress_or_fault = boost::system::result<proxy_progress, proxy_fault>;

constexpr std::string_view v1_begin = "PROXY ";
constexpr std::string_view v1_shortest = "PROXY UNKNOWN\r\n";
constexpr std::array<std::uint8_t, 12> v2_begin{0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D,
                                                0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A};
constexpr std::size_t v2_fixed = 16;  // signature, version and command, family, length

std::uint16_t u16_at(std::span<const std::uint8_t> octets, std::size_t at) {
    return static_cast<std::uint16_t>(octets[at] << 8U | octets[at + 1]);
}

/// The text up to the next space, taken off together with it; everything if there is none.
std::string_view take_word(std::string_view& line) {
    const auto end = line.find(' ');
    const auto word = line.substr(0, end);
    line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
    return word;
}

std::optional<std::uint16_t> port_of(std::string_view digits) {
    if (digits.empty() || (digits.size() > 1 && digits.front() == '0')) return std::nullopt;
    std::uint16_t port = 0;
    const auto* const end = digits.data() + digits.size();
    const auto done = std::from_chars(digits.data(), end, port);
    if (done.ec != std::errc{} || done.ptr != end) return std::nullopt;
    return port;
}

std::optional<ip::address> address_of(std::string_view text, bool v6) {
    boost::system::error_code error;
    const std::string copy(text);
    const auto address = v6 ? ip::address(ip::make_address_v6(copy, error))
                            : ip::address(ip::make_address_v4(copy, error));
    if (error) return std::nullopt;
    return address;
}

/// `line` is what stands between "PROXY " and CR LF.
boost::system::result<proxy_header, proxy_fault> parse_v1_line(std::string_view line) {
    const auto family = take_word(line);
    if (family == "UNKNOWN") return proxy_header{};  // the rest is to be ignored
    const bool v6 = family == "TCP6";
    if (!v6 && family != "TCP4") return proxy_fault::malformed;
    const auto source = address_of(take_word(line), v6);
    const auto destination = address_of(take_word(line), v6);
    const auto source_port = port_of(take_word(line));
    const auto destination_port = port_of(line);
    if (!source || !destination || !source_port || !destination_port) return proxy_fault::malformed;
    proxy_header header;
    header.source.emplace(*source, *source_port);
    return header;
}

progress_or_fault parse_v1(std::string_view text) {
    const auto line_end = text.find("\r\n");
    if (line_end == std::string_view::npos) {
        if (text.size() >= proxy_v1_octets_max) return proxy_fault::too_long;
        const auto stray = text.find_first_of("\r\n");
        if (stray != std::string_view::npos && stray + 1 != text.size())
            return proxy_fault::malformed;  // a CR or LF by itself
        if (text.ends_with('\n')) return proxy_fault::malformed;
        if (text.size() < v1_shortest.size())
            return proxy_progress{v1_shortest.size() - text.size(), {}};
        const bool half = text.ends_with('\r');
        return proxy_progress{
            std::min<std::size_t>(half ? 1 : 2, proxy_v1_octets_max - text.size()), {}};
    }
    const auto header = parse_v1_line(text.substr(v1_begin.size(), line_end - v1_begin.size()));
    if (header.has_error()) return header.error();
    return proxy_progress{0, *header};
}

/// `family` is the octet of address family and transport; addresses begin at v2_fixed.
boost::system::result<proxy_header, proxy_fault> parse_v2_addresses(
    std::uint8_t family, std::span<const std::uint8_t> octets) {
    constexpr std::size_t inet = 12, inet6 = 36, unix = 216;
    const std::size_t length = octets.size() - v2_fixed;
    const auto* const first = octets.data() + v2_fixed;
    proxy_header header;
    switch (family) {
        case 0x00:  // UNSPEC
            return header;
        case 0x11:  // TCP and UDP over IPv4
        case 0x12: {
            if (length < inet) return proxy_fault::malformed;
            ip::address_v4::bytes_type bytes;
            std::copy_n(first, bytes.size(), bytes.begin());
            header.source.emplace(ip::address_v4(bytes), u16_at(octets, v2_fixed + 8));
            return header;
        }
        case 0x21:  // over IPv6
        case 0x22: {
            if (length < inet6) return proxy_fault::malformed;
            ip::address_v6::bytes_type bytes;
            std::copy_n(first, bytes.size(), bytes.begin());
            header.source.emplace(ip::address_v6(bytes), u16_at(octets, v2_fixed + 32));
            return header;
        }
        case 0x31:  // UNIX stream and datagram: it has no address that would mean something here
        case 0x32:
            if (length < unix) return proxy_fault::malformed;
            return header;
        default:
            return proxy_fault::malformed;
    }
}

progress_or_fault parse_v2(std::span<const std::uint8_t> octets) {
    if (octets.size() < v2_fixed) return proxy_progress{v2_fixed - octets.size(), {}};
    const std::uint8_t version = octets[12] >> 4U, command = octets[12] & 0x0FU;
    if (version != 2 || command > 1) return proxy_fault::malformed;
    const std::size_t total = v2_fixed + u16_at(octets, 14);
    if (total > proxy_v2_octets_max) return proxy_fault::too_long;
    if (octets.size() < total) return proxy_progress{total - octets.size(), {}};
    if (command == 0) return proxy_progress{0, {.local = true, .source = {}}};
    const auto header = parse_v2_addresses(octets[13], octets.first(total));
    if (header.has_error()) return header.error();
    return proxy_progress{0, *header};
}

/// Whether `octets` may still become something that begins with `begin`.
bool fits(std::span<const std::uint8_t> octets, const auto& begin) {
    const auto compared = std::min(octets.size(), begin.size());
    return std::equal(octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(compared),
                      begin.begin());
}

}  // namespace

progress_or_fault parse_proxy_header(std::span<const std::uint8_t> octets) {
    if (octets.empty()) return proxy_progress{v1_shortest.size(), {}};
    if (fits(octets, v2_begin)) return parse_v2(octets);
    if (!fits(octets, v1_begin)) return proxy_fault::no_header;
    return parse_v1({reinterpret_cast<const char*>(octets.data()), octets.size()});
}

}  // namespace hikyaku::smpp::io
