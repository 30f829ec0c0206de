// submit_multi: one request, one message for each destination, one acceptance for all of them.
#include "gateway/engine/submission/submission.hpp"

namespace hikyaku::gateway {

namespace {

/// The message for one destination.
struct single {
    submission message;
    prepared_message prepared;
};

std::vector<std::uint64_t> all_but_the_first(const std::vector<message_id>& ids) {
    std::vector<std::uint64_t> others;
    for (std::size_t i = 1; i < ids.size(); ++i)
        others.push_back(static_cast<std::uint64_t>(ids[i]));
    return others;
}

}  // namespace

multi_result submissions::submit_multi(account_id id, submission&& message,
                                       std::span<const phone_address> destinations,
                                       reply_ticket ticket) {
    const auto& account = directory_[id];
    multi_result result;
    const auto refuse_all = [&](refusal why, std::uint32_t detail) {
        (void)refuse(why, detail);
        result.why = why;
        result.detail = detail;
        result.refused.clear();
        return result;
    };
    if (const auto refused = refuse_early(account))
        return refuse_all(refused->why, refused->detail);
    fill_from_account(*account.settings, message);
    std::vector<single> singles;
    std::uint32_t segments = 0;
    for (std::size_t i = 0; i < destinations.size(); ++i) {
        single one{message, {}};
        one.message.destination = destinations[i];
        auto prepared = planner_.prepare(*account.settings, one.message);
        if (!prepared) {
            result.refused.push_back({i, prepared.error().why});
            continue;
        }
        one.prepared = std::move(*prepared);
        segments += one.prepared.planned.parts;
        singles.push_back(std::move(one));
    }
    // Every destination counts, and what does not fit as a whole is refused as a whole.
    if (messages_.queued(id) + singles.size() > account.settings->queued_max ||
        messages_.queued() + singles.size() > settings_->store.queued_messages_max)
        return refuse_all(refusal::queue_full, 10000);
    std::chrono::microseconds pace{0};
    if (!singles.empty()) {
        if (const auto why = take_rate(account, segments, pace); why.why != refusal::none)
            return refuse_all(why.why, why.detail);
    }
    for (const auto& refused : result.refused)
        ++count_.refused[static_cast<std::size_t>(refused.why)];
    if (singles.empty()) return result;

    std::vector<message_id> ids;
    for (std::size_t i = 0; i < singles.size(); ++i)
        ids.push_back(message_id{ids_.next(now_.wall_ms)});
    result.id = ids.front();
    const auto alias = message.short_id ? short_ids_.give(result.id, may_refuse().rows()) : 0;
    for (std::size_t i = 0; i < singles.size(); ++i) {
        auto& prepared = singles[i].prepared;
        prepared.alias = alias;
        if (i == 0)
            prepared.group = all_but_the_first(ids);
        else
            prepared.shown_id = static_cast<std::uint64_t>(result.id);
        accept(account, singles[i].message, prepared, ids[i]);
        if (i == 0)
            may_refuse().then(after::accepted{ids[i], ticket, now_.steady + pace});
        else
            may_refuse().then(after::joined{ids[i]});
    }
    return result;
}

}  // namespace hikyaku::gateway
