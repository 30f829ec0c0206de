// The carriers as the engine sees them: which binds are up, how full their windows are, whether the
// contract rate lets a segment go, pauses after throttling, and the choice among a route's targets.
// Pure; engine's thread only.
#pragma once

#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "config/settings.hpp"
#include "gateway/engine/directory/adaptive_window.hpp"
#include "gateway/engine/directory/numbered.hpp"
#include "gateway/engine/directory/rate.hpp"
#include "gateway/engine/sending/carrier_text.hpp"
#include "gateway/engine/types.hpp"
#include "smpp/pdu/constants.hpp"

namespace hikyaku::gateway {

/// What a carrier's refusal means.
enum class refusal_action : std::uint8_t { throttle, retry, next_carrier, fail };
struct refusal_rule {
    refusal_action then = refusal_action::fail;
    std::chrono::milliseconds delay{30000};
    std::chrono::milliseconds delay_max{3600000};
    std::uint32_t attempts_max = 10;
};
using retry_table = boost::unordered_flat_map<smpp::command_status, refusal_rule>;

/// The rules that the configuration gives by status.
[[nodiscard]] retry_table make_retry_table(const config::carrier& carrier);

struct carrier_bind {
    bind_id id{};
    adaptive_window window{0};
    std::uint32_t in_flight = 0;
    bool can_transmit = false;
    std::uint8_t version = 0x34;   // agreed on at the bind; below 0x34 it takes no TLVs
    std::uint32_t unanswered = 0;  // timed out since its last response in time
};

struct carrier_state {
    /// A process before this one may have sent to it until `sent_before`.
    carrier_state(std::shared_ptr<const config::carrier> configuration, carrier_id known_as,
                  steady_time sent_before)
        : settings(std::move(configuration)),
          id(known_as),
          retries(make_retry_table(*settings)),
          rate(settings->contract_rate, sent_before) {}
    /// Another configuration from `now` on; binds, pauses and what was sent stay.
    void use(std::shared_ptr<const config::carrier> configuration, steady_time now);

    std::shared_ptr<const config::carrier> settings;
    carrier_id id;
    retry_table retries;
    contract_rate rate;
    smpp::text::text_profile text = profile_of(settings->text);
    std::uint64_t text_fingerprint = smpp::text::fingerprint(text);
    std::vector<carrier_bind> binds;
    std::size_t turn_bind = 0;   // which of them this turn sends to; modulo their number
    bool new_turn = true;        // it has not been chosen yet
    steady_time paused_until{};  // after ESME_RTHROTTLED or ESME_RMSGQFUL
    std::chrono::milliseconds next_pause{0};
    bool paused_by_operator = false;
    bool removed = false;  // not in the configuration any more: nothing is sent to it
    /// How its ids were stored before response_id was changed, for messages older than that.
    std::optional<config::message_id_form> former_form;
    std::int64_t form_changed_ms = 0;
    bool replay = false;                   // ids are written otherwise than at the last start
    std::uint8_t congestion = 0;           // the last congestion_state of the carrier...
    steady_time congestion_at{};           // ...and when it came
    steady_time slowed_until{};            // the rate's share of a congested carrier
    std::array<double, 4> virtual_time{};  // by priority; see flow_set::charge()
    std::uint64_t submitted = 0, refused = 0, throttled = 0;
    std::uint64_t delivered_late = 0;  // outside the time that the gate gave
    std::uint64_t cancels_asked = 0, cancels_granted = 0;
    std::uint32_t marking = 0;  // messages for it whose marks are not on disk yet

    /// A congestion_state is believed this long when no other follows.
    static constexpr std::chrono::seconds congestion_lasts{10};

    [[nodiscard]] bool up() const;
    [[nodiscard]] bool can_send(steady_time now) const;
    /// The bind for the next segment; nullptr when all are full. A turn begins with the one that
    /// has the most room, its neighbour where several have as much, and stays there until another
    /// has a quarter of the limit more: one write takes its segments then, instead of one for each
    /// bind. What a bind has left without response counts as if it were in flight.
    [[nodiscard]] carrier_bind* next_bind(steady_time now);
    void begin_turn() {
        ++turn_bind;
        new_turn = true;
    }
    [[nodiscard]] carrier_bind* bind(bind_id wanted);
    /// Segments that may be on the bind: its window, or the share of it that congestion leaves.
    [[nodiscard]] std::uint32_t limit_of(const carrier_bind& bind, steady_time now) const;
    /// How many segments it could be sent in the next moment, at least 1.
    [[nodiscard]] std::uint32_t room(steady_time now) const;
    /// A new bind's window as the configuration wants it, at most `requests`.
    [[nodiscard]] adaptive_window new_window(std::uint32_t requests) const;
    /// A segment goes out, which stands for so many short messages. REQUIRES: can_send(now), and
    /// the rate for all of them.
    void sent(steady_time now, std::uint32_t parts = 1);
    /// When can_send() may become true, as far as the time decides it; may be past.
    [[nodiscard]] steady_time ready_at() const;
    /// A response of 5.0 carried this congestion_state.
    void on_congestion(std::uint8_t state, steady_time now);
    /// The share of window and rate that it leaves, 1 when nothing is known.
    [[nodiscard]] double share(steady_time now) const;
    /// The carrier refuses for now: nothing goes out for a while, twice as long each time.
    void throttle(steady_time now);
    /// A segment was accepted: the next pause is short again.
    void accepted() { next_pause = settings->throttle_pause; }
};

using carrier_set = numbered<carrier_id, carrier_state>;

/// A route's target with what smooth weighted round robin needs to remember.
struct target_state {
    carrier_id carrier{};
    std::uint32_t weight = 1;
    std::uint32_t priority = 0;
    std::int64_t credit = 0;
};

struct route_state {
    route_id id{};
    std::shared_ptr<const config::route> settings;
    std::vector<target_state> targets;
    bool texts_differ = false;  // its carriers do not all cut texts alike
    bool removed = false;       // no rule of the configuration any more: it has no targets
};

/// Whether any target that is not excluded (bit i = target i) is up, and whether one in the first
/// such priority could take a segment now. A removed route is ready: what waits for it is given to
/// another.
enum class availability : std::uint8_t { none_left, all_down, busy, ready };
[[nodiscard]] availability look_at(const route_state& route, std::uint32_t excluded,
                                   const carrier_set& carriers, steady_time now);

/// The target for the next segment: among those of the lowest priority number that has a carrier
/// up, the ones that can send now share by weight. Empty if none can.
[[nodiscard]] std::optional<std::size_t> choose_target(route_state& route, std::uint32_t excluded,
                                                       const carrier_set& carriers,
                                                       steady_time now);

/// The rule in the table for the status, or the built-in one.
/// Built in: throttle for ESME_RTHROTTLED and ESME_RMSGQFUL; retry for ESME_RSYSERR, ESME_RX_T_APPN
/// and ESME_RSUBMITFAIL; the next carrier for ESME_RINVBNDSTS, ESME_RINVCMDID; fail for the rest.
[[nodiscard]] refusal_rule rule_for(const retry_table& table, smpp::command_status status);

/// delay doubled for each attempt before this one, at most delay_max, plus up to a quarter more by
/// `random` (64 random bits).
[[nodiscard]] std::chrono::milliseconds backoff(const refusal_rule& rule, std::uint32_t attempts,
                                                std::uint64_t random);

}  // namespace hikyaku::gateway
