// How a simulated carrier behaves, and what it does with each message by these options: refuse it,
// lose its receipt, report it failed. The decision is a pure function of the seed and the message's
// number, so that a run can be repeated and a test can know beforehand what will happen.
#pragma once

#include <boost/system/result.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "smpp/pdu/constants.hpp"

namespace hikyaku::bench {

/// How a carrier writes its message ids. Real ones often answer with one and write another into the
/// receipt.
enum class id_form : std::uint8_t { decimal, hex, uuid };
[[nodiscard]] std::optional<id_form> id_form_from(std::string_view name);

/// What stands in the body of a submit_sm_resp: real carriers leave it out, or the id in it.
enum class response_body : std::uint8_t { id, empty_id, none };
[[nodiscard]] std::optional<response_body> response_body_from(std::string_view name);

/// Where a receipt says what it says.
enum class receipt_form : std::uint8_t { both, text, tlvs };
[[nodiscard]] std::optional<receipt_form> receipt_form_from(std::string_view name);

/// From `after` on, counted from the first submission, something is `value`.
template <class Value>
struct step {
    std::chrono::microseconds after{0};
    Value value{};
};
/// "10s:200ms": ten seconds after the first submission responses begin to take 200 ms.
[[nodiscard]] boost::system::result<step<std::chrono::microseconds>, std::string> parse_delay_step(
    std::string_view text);
/// "10s:95": from then on the congestion_state is 95.
[[nodiscard]] boost::system::result<step<std::uint8_t>, std::string> parse_congestion_step(
    std::string_view text);

/// The value of the last step that has begun, in whatever order they stand; else `otherwise`.
template <class Value>
[[nodiscard]] Value value_at(const std::vector<step<Value>>& steps, std::chrono::microseconds since,
                             Value otherwise) {
    std::chrono::microseconds latest{-1};
    for (const auto& one : steps) {
        if (one.after > since || one.after < latest) continue;
        latest = one.after;
        otherwise = one.value;
    }
    return otherwise;
}

/// Where the carrier calls its customer, who then binds as receiver.
struct outbind_call {
    std::string host;
    std::uint16_t port = 0;
    std::string system_id = "simulated";
    std::string password;
    std::chrono::microseconds interval{1'000'000};  // between two tries, and after a lost call
};

struct refusal {
    smpp::command_status status = smpp::command_status::esme_rsyserr;
    double fraction = 0;  // of all messages, 0 to 1
};
/// "ESME_RSYSERR:0.1", "RTHROTTLED:5%", "0x58:0.1"; the error is a sentence for people.
[[nodiscard]] boost::system::result<refusal, std::string> parse_refusal(std::string_view text);

struct carrier_options {
    std::string system_id;        // empty: any is accepted
    std::string password;         // empty: any is accepted
    std::uint8_t version = 0x50;  // the highest interface_version: 0x33, 0x34 or 0x50
    id_form response_ids = id_form::decimal;
    id_form receipt_ids = id_form::decimal;
    std::uint64_t first_id = 0;  // 0: from the clock, so that ids of two runs never meet
    response_body body = response_body::id;
    std::chrono::microseconds response_delay{0};
    std::vector<step<std::chrono::microseconds>> delay_steps;  // instead of response_delay
    std::vector<step<std::uint8_t>> congestion_steps;  // congestion_state in responses of 5.0
    std::chrono::microseconds receipt_delay{500'000};
    std::chrono::microseconds receipt_jitter{0};       // up to this much more
    std::chrono::microseconds retry_delay{1'000'000};  // after a temporary refusal of a deliver_sm
    double receipt_before_response = 0;
    double fail = 0;                // receipts that say UNDELIV
    double no_receipt = 0;          // receipts never sent
    double duplicate_receipts = 0;  // receipts sent twice
    receipt_form receipts = receipt_form::both;
    bool receipts_in_data_sm = false;
    std::optional<outbind_call> outbind;
    std::vector<refusal> refuse;
    double phone_off = 0;  // of phones that are on: switched off as a text comes
    std::chrono::microseconds phone_off_for{std::chrono::hours(12)};  // at most, at random
    std::chrono::microseconds retry_for{std::chrono::hours(72)};      // to a phone that is off
    bool ignores_validity = false;                  // tries on when the validity period is over
    std::string phone_zone;                         // IANA name; empty: by the number
    std::uint32_t throttle_per_second = 0;          // 0: no limit
    std::uint64_t disconnect_after = 0;             // submissions on one connection; 0: never
    std::chrono::microseconds disconnect_every{0};  // 0: never
    std::uint64_t seed = 1;
    bool phone = true;
    std::uint32_t window = 50;            // own deliver_sm without response on one session
    std::uint32_t peer_window = 100'000;  // submissions without response on one session
    std::size_t pending_max = 1'000'000;  // receipts and replies not acknowledged yet
    std::uint32_t sessions_max = 1000;
};

/// What cannot work together, as a sentence; empty if all is well.
[[nodiscard]] std::optional<std::string> fault_of(const carrier_options& options);

/// What happens to one message.
struct message_fate {
    std::optional<smpp::command_status> refused;
    bool receipt_first = false;  // before the response
    bool fails = false;
    bool no_receipt = false;
    bool twice = false;
    std::chrono::microseconds receipt_delay{0};
};
/// For how long the phone is off to which submission `number` is; 0: it is on.
[[nodiscard]] std::chrono::microseconds phone_off_of(const carrier_options& options,
                                                     std::uint64_t number);
/// `number` counts the submissions of the run from 1.
[[nodiscard]] message_fate fate_of(const carrier_options& options, std::uint64_t number);

}  // namespace hikyaku::bench
