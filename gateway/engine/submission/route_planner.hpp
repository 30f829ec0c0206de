// Which route a submission takes, and its text as the carriers of that route want it. Planning
// changes nothing and takes nothing: the reference that ties segments together is 0 until the
// message is taken. So an estimate, and a message that is refused later, leave no trace. Called by
// `submissions`. Engine's thread only.
#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gateway/engine/directory/directory.hpp"
#include "gateway/engine/submission/planner.hpp"

namespace hikyaku::gateway {

/// A submission with everything that was decided before it is stored.
struct prepared_message {
    planned_message planned;
    route_id route{};
    std::uint64_t shown_id = 0;        // submit_multi: of the first message, in the others
    std::vector<std::uint64_t> group;  // submit_multi: the others, in the first message
    std::uint32_t alias = 0;
    std::vector<std::string> earlier_links;  // codes of a text that this one replaces
};

class route_planner {
public:
    /// Both outlive it.
    route_planner(const engine_context& context, const directory& known);

    /// Plans for the carrier that the route would take first, as far as can be said; for another
    /// one if that cannot take the text. `message` is normalised in place.
    [[nodiscard]] boost::system::result<prepared_message, plan_refusal> prepare(
        const config::account& account, submission& message) const;
    /// The plans for every carrier of the route.
    [[nodiscard]] estimate_result estimate(const config::account& account,
                                           submission&& message) const;

private:
    [[nodiscard]] plan_context context_for(const config::account& account) const;
    [[nodiscard]] std::vector<carrier_id> carriers_by_rank(const route_state& route) const;
    [[nodiscard]] static plan_refusal plan_for(const carrier_state& carrier,
                                               const submission& message, plan_context& context,
                                               planned_message& into);
    [[nodiscard]] plan_refusal plan_for_route(const route_state& route, const submission& message,
                                              plan_context& context, planned_message& into) const;
    [[nodiscard]] bool lacks_required_tlv(const route_state& route,
                                          const submission& message) const;
    [[nodiscard]] refusal unwritable(const route_state& route, const submission& message) const;

    const std::shared_ptr<const config::settings>& settings_;
    const std::function<std::uint64_t()>& random_;  // for codes of links
    const instant& now_;
    const directory& directory_;
};

}  // namespace hikyaku::gateway
