#include "config/values.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <limits>
#include <span>

namespace hikyaku::config {
namespace {

struct unit {
    std::string_view name;
    std::uint64_t factor;
};

// The first unit of each factor is the one that formatters write.
constexpr unit duration_units[] = {{"d", 86400000}, {"h", 3600000}, {"m", 60000},
                                   {"min", 60000},  {"s", 1000},    {"ms", 1}};
constexpr unit size_units[] = {
    {"TiB", 1ULL << 40}, {"GiB", 1ULL << 30}, {"MiB", 1ULL << 20}, {"KiB", 1ULL << 10}, {"B", 1}};
constexpr unit rate_units[] = {
    {"d", 86400000}, {"h", 3600000}, {"min", 60000}, {"m", 60000}, {"s", 1000}};

struct number_and_rest {
    std::uint64_t number;
    std::string_view rest;
};

/// The digits at the front, and what follows; empty without digits or when 64 bits are too few.
std::optional<number_and_rest> split_number(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) return std::nullopt;
    return number_and_rest{number, text.substr(static_cast<std::size_t>(end - text.data()))};
}

const unit* find_unit(std::span<const unit> units, std::string_view name) {
    const auto found = std::ranges::find(units, name, &unit::name);
    return found == units.end() ? nullptr : &*found;
}

/// The largest unit that divides the value without a remainder; zero takes `unit_of_zero`.
std::string format_in(std::span<const unit> units, std::uint64_t value,
                      std::string_view unit_of_zero) {
    if (value == 0) return fmt::format("0{}", unit_of_zero);
    for (const unit& each : units)
        if (value % each.factor == 0) return fmt::format("{}{}", value / each.factor, each.name);
    return std::to_string(value);
}

bool parse_ip(std::string_view text, bool v6, std::uint8_t* bytes) {
    const std::string terminated{text};
    if (terminated.find('\0') != std::string::npos) return false;
    return inet_pton(v6 ? AF_INET6 : AF_INET, terminated.c_str(), bytes) == 1;
}

constexpr std::uint8_t mapped_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool is_mapped(const std::uint8_t* v6_bytes) {
    return std::memcmp(v6_bytes, mapped_prefix, sizeof mapped_prefix) == 0;
}

/// Clears all bits from `bits` on; true if one of them was set.
bool clear_behind(std::uint8_t* bytes, std::size_t size, std::size_t bits) {
    bool any = false;
    for (std::size_t i = 0; i < size; ++i) {
        const std::size_t kept = bits > i * 8 ? std::min<std::size_t>(bits - i * 8, 8) : 0;
        const auto mask = static_cast<std::uint8_t>(0xff00U >> kept);
        any = any || (bytes[i] & ~mask & 0xff) != 0;
        bytes[i] &= mask;
    }
    return any;
}

bool is_host_name(std::string_view text) {
    return !text.empty() && text.size() <= 253 &&
           std::ranges::all_of(
               text,
               [](char c) {
                   return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
               });
}

bool is_variable_name(std::string_view text) {
    if (text.empty() || (text[0] >= '0' && text[0] <= '9')) return false;
    return std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_';
    });
}

}  // namespace

parsed<milliseconds> parse_duration(std::string_view text) {
    const auto split = split_number(text);
    const auto wrong = [&] {
        return fmt::format(
            "is not a duration: {}; write it as \"500ms\", \"30s\", \"5m\", "
            "\"2h\" or \"7d\"",
            in_quotes(text));
    };
    if (!split) return wrong();
    const unit* found = find_unit(duration_units, split->rest);
    if (!found) return wrong();
    constexpr auto max = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (split->number > max / found->factor) return wrong();
    return milliseconds{static_cast<std::int64_t>(split->number * found->factor)};
}

std::string format_duration(milliseconds value) {
    return format_in(duration_units, static_cast<std::uint64_t>(value.count()), "s");
}

parsed<std::uint64_t> parse_size(std::string_view text) {
    const auto split = split_number(text);
    const unit* found = split ? find_unit(size_units, split->rest) : nullptr;
    if (!found || split->number > std::numeric_limits<std::uint64_t>::max() / found->factor)
        return fmt::format(
            "is not a size: {}; write it as \"512B\", \"64KiB\", \"64MiB\" or "
            "\"1GiB\"",
            in_quotes(text));
    return split->number * found->factor;
}

std::string format_size(std::uint64_t bytes) {
    return format_in(size_units, bytes, "B");
}

parsed<rate_limit> parse_rate(std::string_view text) {
    if (text == "unlimited") return rate_limit{};
    const auto split = split_number(text);
    const unit* found = split && split->rest.starts_with('/')
                            ? find_unit(rate_units, split->rest.substr(1))
                            : nullptr;
    if (!found || split->number > std::numeric_limits<std::uint32_t>::max())
        return fmt::format(
            "is not a rate: {}; write it as \"100/s\", \"30/min\", \"5000/h\" or "
            "\"unlimited\"",
            in_quotes(text));
    if (split->number == 0)
        return std::string{"must not be zero; write \"unlimited\" for no limit"};
    return rate_limit{rate{static_cast<std::uint32_t>(split->number),
                           milliseconds{static_cast<std::int64_t>(found->factor)}}};
}

std::string format_rate(const rate_limit& value) {
    if (!value) return "unlimited";
    for (const unit& each : rate_units)
        if (value->period == milliseconds{static_cast<std::int64_t>(each.factor)})
            return fmt::format("{}/{}", value->count, each.name);
    return fmt::format("{}/{}", value->count, format_duration(value->period));
}

parsed<address> parse_address(std::string_view text) {
    const auto colon = text.rfind(':');
    const auto wrong = [&](std::string_view hint) {
        return parsed<address>{boost::system::in_place_error,
                               fmt::format("is not an address: {}; {}", in_quotes(text), hint)};
    };
    if (colon == std::string_view::npos)
        return wrong("the port is missing, write it as \"127.0.0.1:2775\"");
    std::string_view host = text.substr(0, colon);
    const auto port = split_number(text.substr(colon + 1));
    if (!port || !port->rest.empty() || port->number > 65535)
        return wrong("the port is a number from 0 to 65535");
    if (host.empty()) return wrong("write \"0.0.0.0\" or \"[::]\" for every interface");
    if (host.front() == '[' && host.back() == ']') {
        host = host.substr(1, host.size() - 2);
        std::uint8_t bytes[16];
        if (!parse_ip(host, true, bytes)) return wrong("brackets hold an IPv6 address");
    } else if (host.find(':') != std::string_view::npos) {
        return wrong("write an IPv6 address in brackets, as \"[::1]:2775\"");
    } else if (!is_host_name(host)) {
        return wrong("the host is a name or an IP address, without \"http://\" or spaces");
    }
    return address{std::string{host}, static_cast<std::uint16_t>(port->number)};
}

std::string format_address(const address& value) {
    const bool v6 = value.host.find(':') != std::string::npos;
    return fmt::format("{}{}{}:{}", v6 ? "[" : "", value.host, v6 ? "]" : "", value.port);
}

parsed<network> parse_network(std::string_view text) {
    const auto slash = text.find('/');
    const std::string_view ip = text.substr(0, slash);
    network result;
    result.v6 = ip.find(':') != std::string_view::npos;
    const std::uint64_t bits_max = result.v6 ? 128 : 32;
    std::uint64_t bits = bits_max;
    if (slash != std::string_view::npos) {
        const auto split = split_number(text.substr(slash + 1));
        bits = split && split->rest.empty() ? split->number : bits_max + 1;
    }
    if (!parse_ip(ip, result.v6, result.bytes.data()) || bits > bits_max)
        return fmt::format(
            "is not a network: {}; write it as \"10.0.0.0/8\", \"192.0.2.7\" or "
            "\"2001:db8::/32\"",
            in_quotes(text));
    result.prefix_bits = static_cast<std::uint8_t>(bits);
    if (clear_behind(result.bytes.data(), bits_max / 8, bits))
        return fmt::format("has bits set behind the prefix: {}; write \"{}\"", in_quotes(text),
                           format_network(result));
    if (result.v6 && bits >= 96 && is_mapped(result.bytes.data())) {
        std::memmove(result.bytes.data(), result.bytes.data() + 12, 4);
        std::fill(result.bytes.begin() + 4, result.bytes.end(), std::uint8_t{0});
        result.v6 = false;
        result.prefix_bits = static_cast<std::uint8_t>(bits - 96);
    }
    return result;
}

std::string format_network(const network& value) {
    char text[INET6_ADDRSTRLEN] = "";
    inet_ntop(value.v6 ? AF_INET6 : AF_INET, value.bytes.data(), text, sizeof text);
    return fmt::format("{}/{}", text, value.prefix_bits);
}

bool network::contains(const std::uint8_t* address_bytes, bool address_is_v6) const {
    if (address_is_v6 && is_mapped(address_bytes)) {
        address_bytes += 12;
        address_is_v6 = false;
    }
    if (address_is_v6 != v6) return false;
    const std::size_t whole = prefix_bits / 8;
    if (std::memcmp(address_bytes, bytes.data(), whole) != 0) return false;
    const unsigned rest = prefix_bits % 8;
    if (rest == 0) return true;
    const auto mask = static_cast<std::uint8_t>(0xff00U >> rest);
    return (address_bytes[whole] & mask) == (bytes[whole] & mask);
}

bool is_ip_address(std::string_view text) {
    std::uint8_t bytes[16];
    return parse_ip(text, false, bytes) || parse_ip(text, true, bytes);
}

parsed<std::int64_t> parse_moment(std::string_view text) {
    using namespace std::chrono;
    const auto wrong = [&] {
        return fmt::format(
            "is not a moment: {}; write it as \"2027-03-31\" or \"2027-03-31T18:00:00+09:00\"",
            in_quotes(text));
    };
    std::string_view rest = text;
    bool sound = true;
    // Exactly so many digits, and the sign behind them.
    const auto take = [&](std::size_t digits, std::string_view behind) {
        const auto split = split_number(rest.substr(0, digits));
        sound = sound && rest.size() >= digits && split && split->rest.empty() &&
                rest.substr(digits).starts_with(behind);
        if (sound) rest.remove_prefix(digits + behind.size());
        return sound ? static_cast<int>(split->number) : 0;
    };
    const year_month_day date{year{take(4, "-")}, month{static_cast<unsigned>(take(2, "-"))},
                              std::chrono::day{static_cast<unsigned>(take(2, ""))}};
    if (!sound || !date.ok() || date.year() < year{1970}) return wrong();
    milliseconds moment = sys_days{date}.time_since_epoch();
    if (rest.empty()) return moment.count();
    if (!rest.starts_with('T')) return wrong();
    rest.remove_prefix(1);
    const int at_hour = take(2, ":"), at_minute = take(2, ":"), at_second = take(2, "");
    if (!sound || at_hour > 23 || at_minute > 59 || at_second > 59) return wrong();
    moment += hours{at_hour} + minutes{at_minute} + seconds{at_second};
    if (rest == "Z") return moment.count();
    if (!rest.starts_with('+') && !rest.starts_with('-')) return wrong();
    const bool east = rest.front() == '+';
    rest.remove_prefix(1);
    const int off_hour = take(2, ":"), off_minute = take(2, "");
    if (!sound || !rest.empty() || off_hour > 23 || off_minute > 59) return wrong();
    const minutes offset = hours{off_hour} + minutes{off_minute};
    return (east ? moment - offset : moment + offset).count();
}

std::string format_moment(std::int64_t wall_ms) {
    using namespace std::chrono;
    const sys_time<milliseconds> moment{milliseconds{wall_ms}};
    const auto midnight = floor<days>(moment);
    const year_month_day date{midnight};
    const hh_mm_ss time{floor<seconds>(moment - midnight)};
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", int{date.year()},
                       unsigned{date.month()}, unsigned{date.day()}, time.hours().count(),
                       time.minutes().count(), time.seconds().count());
}

parsed<std::string> expand(std::string_view text, const environment_lookup& lookup) {
    using result = parsed<std::string>;
    const auto refuse = [](std::string sentence) {
        return result{boost::system::in_place_error, std::move(sentence)};
    };
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        if (text.substr(at).starts_with("$${")) {
            out += "${";
            at += 3;
            continue;
        }
        if (!text.substr(at).starts_with("${")) {
            out += text[at++];
            continue;
        }
        const auto end = text.find('}', at);
        if (end == std::string_view::npos)
            return refuse("has \"${\" without \"}\"; write \"$${\" for a plain \"${\"");
        const std::string_view inside = text.substr(at + 2, end - at - 2);
        const auto separator = inside.find(":-");
        const std::string_view name = inside.substr(0, separator);
        if (!is_variable_name(name))
            return refuse(fmt::format("has {} which is no name of an environment variable",
                                      in_quotes(text.substr(at, end + 1 - at))));
        const auto found = lookup ? lookup(name) : std::nullopt;
        const bool has_default = separator != std::string_view::npos;
        if (!found && !has_default)
            return refuse(fmt::format("needs the environment variable {}, which is not set", name));
        if (has_default && (!found || found->empty()))
            out += inside.substr(separator + 2);
        else
            out += *found;
        at = end + 1;
    }
    return result{boost::system::in_place_value, std::move(out)};
}

std::string in_quotes(std::string_view text) {
    std::string out{'"'};
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\')
            out += {'\\', c};
        else if (c == '\n')
            out += "\\n";
        else if (c == '\t')
            out += "\\t";
        else if (byte < 0x20 || byte == 0x7f)
            out += fmt::format("\\u{:04X}", byte);
        else
            out += c;
    }
    return out + '"';
}

}  // namespace hikyaku::config
