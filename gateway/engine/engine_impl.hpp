// The inside of the engine: its rooms, in the order in which they are made, each knowing only those
// above it in this list. engine.cpp hands each call of the outside, and each thing that a commit
// was waited for, to the room that it is for.
#pragma once

#include "gateway/engine/delivery/delivery.hpp"
#include "gateway/engine/directory/directory.hpp"
#include "gateway/engine/engine.hpp"
#include "gateway/engine/hits/hits.hpp"
#include "gateway/engine/hits/reclassifier.hpp"
#include "gateway/engine/messages/concat_references.hpp"
#include "gateway/engine/messages/messages.hpp"
#include "gateway/engine/receiving/receiving.hpp"
#include "gateway/engine/replay/replay.hpp"
#include "gateway/engine/replies/replies.hpp"
#include "gateway/engine/retention/retention.hpp"
#include "gateway/engine/room.hpp"
#include "gateway/engine/sending/attempts.hpp"
#include "gateway/engine/sending/sending.hpp"
#include "gateway/engine/submission/idempotency.hpp"
#include "gateway/engine/submission/paced_answers.hpp"
#include "gateway/engine/submission/short_ids.hpp"
#include "gateway/engine/submission/submission.hpp"
#include "gateway/engine/unmatched/unmatched.hpp"
#include "gateway/engine/withdrawing/withdrawals.hpp"
#include "store/clock_mark.hpp"

namespace hikyaku::gateway {

struct engine::impl {
    impl(std::shared_ptr<const config::settings> settings, store::environment& environment,
         engine_outputs& outputs, std::function<std::uint64_t()> random, instant now,
         engine_options options);

    void apply(std::shared_ptr<const config::settings> settings);
    [[nodiscard]] std::uint64_t last_id() const;
    void flush();
    void tick();
    void follow(continuation& next, bool ok);
    /// deliver_sm or data_sm of a carrier.
    void on_carrier_message(bind_id bind, std::uint32_t sequence, smpp::command_id command,
                            const carrier_message& message);
    /// The account is told of the hit, if it is to be.
    void tell_hit(const hit_facts& hit, const link_view& link, std::int64_t at_ms, hit_told told);
    /// The account is told that the link was seen.
    void tell_seen(std::string_view code, const link_view& link, std::int64_t at_ms);
    [[nodiscard]] std::optional<message_view> view(account_id account, message_id id);

    engine_context context_;
    store::clock_mark send_mark_;
    directory directory_;
    paced_answers answers_;
    delivery delivery_;
    concat_references references_;
    open_gate open_gate_;
    gate_port& gate_;
    messages messages_;
    attempts attempts_;
    gateway::unmatched unmatched_;
    used_names used_names_;
    receiving receiving_;
    sending sending_;
    short_ids short_ids_;
    withdrawals withdrawals_;
    submissions submissions_;
    idempotency idempotency_;
    hits hits_;
    reclassifier reclassifier_;
    replies replies_;
    retention retention_;
    replay replay_;
};

}  // namespace hikyaku::gateway
