// The admin pages of tracked links: whether codes are guessed, and how near the budgets are; and
// hits that are classified anew: one begins that, and tells how far it is. No sockets; engine's
// thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "gateway/api/http.hpp"
#include "gateway/api/service.hpp"

namespace hikyaku::gateway::api {

class links_page {
public:
    /// `gateway` outlives it.
    explicit links_page(service& gateway) : service_(gateway) {}

    [[nodiscard]] http_response show();
    /// Also while it is under way: then nothing begins anew.
    [[nodiscard]] http_response reclassify(instant now);

private:
    service& service_;
};

/// The budget for unknown codes of all networks together, and its alarm.
struct guessing_view {
    bool is_raised = false;
    std::uint64_t times_raised = 0;            // since the start
    std::int64_t raised_ms = 0, ended_ms = 0;  // of the last alarm; 0: never, or not yet
    std::uint64_t misses = 0;                  // during the last alarm
    double used = 0;                           // share of the budget, 0 to 1
    std::size_t networks = 0;                  // remembered with a miss
};

/// Unset: there is no redirector.
using guessing_source = std::function<guessing_view()>;

[[nodiscard]] http_response links_answer(const guessing_source& look);

}  // namespace hikyaku::gateway::api
