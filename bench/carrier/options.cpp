#include "bench/carrier/options.hpp"

#include <fmt/format.h>

#include <charconv>

#include "bench/values/values.hpp"

namespace hikyaku::bench {

namespace {

// What a draw is for: each has its own stream of numbers, so that one option never changes what
// another one decides.
enum class draw : std::uint64_t { refuse = 1, first, fail, lost, twice, jitter, off, off_for };

// Steele, Lea and Flood's SplitMix64 finaliser: every bit of the input changes half of the output.
std::uint64_t mixed(std::uint64_t value) {
    value += 0x9E3779B97F4A7C15;
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
    return value ^ (value >> 31);
}

// Even in [0, 1).
double drawn(const carrier_options& options, draw purpose, std::uint64_t number) {
    const std::uint64_t stream = mixed(options.seed ^ (static_cast<std::uint64_t>(purpose) << 56));
    return static_cast<double>(mixed(stream ^ number) >> 11) * 0x1.0p-53;
}

std::optional<smpp::command_status> status_from(std::string_view name) {
    if (!name.starts_with("0x")) return smpp::command_status_from(name);
    std::uint32_t value = 0;
    const auto [end, error] =
        std::from_chars(name.data() + 2, name.data() + name.size(), value, 16);
    if (error != std::errc() || end != name.data() + name.size()) return std::nullopt;
    return static_cast<smpp::command_status>(value);
}

}  // namespace

std::optional<id_form> id_form_from(std::string_view name) {
    if (name == "decimal") return id_form::decimal;
    if (name == "hex") return id_form::hex;
    if (name == "uuid") return id_form::uuid;
    return std::nullopt;
}

std::optional<response_body> response_body_from(std::string_view name) {
    if (name == "id") return response_body::id;
    if (name == "empty") return response_body::empty_id;
    if (name == "none") return response_body::none;
    return std::nullopt;
}

std::optional<receipt_form> receipt_form_from(std::string_view name) {
    if (name == "both") return receipt_form::both;
    if (name == "text") return receipt_form::text;
    if (name == "tlvs") return receipt_form::tlvs;
    return std::nullopt;
}

namespace {

// "TIME:REST"; the rest is left to the caller.
boost::system::result<std::pair<std::chrono::microseconds, std::string_view>, std::string>
split_step(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos)
        return fmt::format("'{}' needs a time and a value, like 10s:200ms", text);
    const auto after = parse_span(text.substr(0, colon));
    if (!after) return after.error();
    return std::pair{*after, text.substr(colon + 1)};
}

}  // namespace

boost::system::result<step<std::chrono::microseconds>, std::string> parse_delay_step(
    std::string_view text) {
    const auto parts = split_step(text);
    if (!parts) return parts.error();
    const auto delay = parse_span(parts->second);
    if (!delay) return delay.error();
    return step<std::chrono::microseconds>{parts->first, *delay};
}

boost::system::result<step<std::uint8_t>, std::string> parse_congestion_step(
    std::string_view text) {
    const auto parts = split_step(text);
    if (!parts) return parts.error();
    const std::string_view digits = parts->second;
    unsigned value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size() || value > 100)
        return fmt::format("'{}' is no congestion_state, 0 to 100", digits);
    return step<std::uint8_t>{parts->first, static_cast<std::uint8_t>(value)};
}

boost::system::result<refusal, std::string> parse_refusal(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos)
        return fmt::format("'{}' needs a status and a fraction, like ESME_RSYSERR:0.1", text);
    const auto status = status_from(text.substr(0, colon));
    if (!status || *status == smpp::command_status::esme_rok)
        return fmt::format("'{}' is no status to refuse with", text.substr(0, colon));
    const auto fraction = parse_fraction(text.substr(colon + 1));
    if (!fraction) return fraction.error();
    return refusal{*status, *fraction};
}

std::optional<std::string> fault_of(const carrier_options& options) {
    const bool uuid_response = options.response_ids == id_form::uuid;
    if (uuid_response != (options.receipt_ids == id_form::uuid)) {
        return "uuid ids need uuid in both --id-form and --receipt-id-form: no other form of the "
               "same id exists";
    }
    double sum = 0;
    for (const refusal& one : options.refuse)
        sum += one.fraction;
    if (sum > 1) return "the fractions of all --refuse together are more than 1";
    if (options.version < 0x34 && options.receipts == receipt_form::tlvs)
        return "receipts in TLVs only need --version 3.4 or 5.0";
    if (options.version < 0x34 && options.receipts_in_data_sm)
        return "data_sm needs --version 3.4 or 5.0";
    if (options.version < 0x50 && !options.congestion_steps.empty())
        return "congestion_state needs --version 5.0";
    if (options.window == 0) return "--window must be at least 1";
    return std::nullopt;
}

std::chrono::microseconds phone_off_of(const carrier_options& options, std::uint64_t number) {
    if (options.phone_off <= 0 || drawn(options, draw::off, number) >= options.phone_off) return {};
    const double share = drawn(options, draw::off_for, number);
    return std::chrono::microseconds(static_cast<std::int64_t>(
        static_cast<double>(options.phone_off_for.count()) * (1 - share)));
}

message_fate fate_of(const carrier_options& options, std::uint64_t number) {
    const auto happens = [&](draw purpose, double fraction) {
        return fraction > 0 && drawn(options, purpose, number) < fraction;
    };
    message_fate fate;
    if (!options.refuse.empty()) {
        double left = drawn(options, draw::refuse, number);
        for (const refusal& one : options.refuse) {
            if (left < one.fraction) {
                fate.refused = one.status;
                return fate;
            }
            left -= one.fraction;
        }
    }
    fate.receipt_first = happens(draw::first, options.receipt_before_response);
    fate.fails = happens(draw::fail, options.fail);
    fate.no_receipt = happens(draw::lost, options.no_receipt);
    fate.twice = happens(draw::twice, options.duplicate_receipts);
    fate.receipt_delay = options.receipt_delay;
    if (options.receipt_jitter.count() > 0) {
        const double more = static_cast<double>(options.receipt_jitter.count()) *
                            drawn(options, draw::jitter, number);
        fate.receipt_delay += std::chrono::microseconds(static_cast<std::int64_t>(more));
    }
    return fate;
}

}  // namespace hikyaku::bench
