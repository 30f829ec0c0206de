// A message as its account may see it, made from the store alone: what engine::find() shows, as of
// the last commit, for those who look at many of them on a thread of their own. Pure, any thread.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/engine/types.hpp"
#include "gateway/model/records.hpp"
#include "store/snapshot.hpp"

namespace hikyaku::gateway {

/// Of the carriers and routes that are configured; the others are shown without a name.
struct shown_names {
    boost::unordered_flat_map<std::uint32_t, std::string> carriers, routes;
};

/// Reads messages of one snapshot, most of them in the order of their ids.
class stored_views {
public:
    /// Both outlive it.
    stored_views(const store::snapshot& from, const shown_names& names)
        : snapshot_(from), names_(names) {}

    /// What the store has of the message's end; nullptr: it is queued and untouched. Valid until
    /// the next call.
    [[nodiscard]] const model::record::Outcome* outcome_of(message_id id);
    /// `outcome` is what outcome_of() gave.
    [[nodiscard]] message_view view(message_id id, const model::record::Message& message,
                                    const model::record::Outcome* outcome);

private:
    const store::snapshot& snapshot_;
    const shown_names& names_;
    store::record_reader outcomes_, counts_;
};

}  // namespace hikyaku::gateway
