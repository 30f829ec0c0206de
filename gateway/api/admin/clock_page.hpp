// The admin pages of the clock: what it says, and a sandbox's is moved. A move takes its time: the
// answer comes when the moment is reached. Pure but for the functions that it calls; engine's
// thread.
#pragma once

#include <cstdint>
#include <functional>

#include "gateway/api/admin/unmatched.hpp"
#include "gateway/api/http.hpp"
#include "gateway/api/request_context.hpp"

namespace hikyaku::gateway::api {

struct clock_view {
    bool is_virtual = false;
    bool stands = false;
    bool moves = false;
    std::int64_t now_ms = 0, system_ms = 0;
};

struct clock_source {
    std::function<clock_view()> look;
    /// Moves it there, where it `stands` then or runs on; clock_answer() follows for the ticket.
    /// False: a move is under way. Unset: the clock is the system's.
    std::function<bool(std::int64_t to_ms, bool stands, reply_ticket ticket)> move;
};

[[nodiscard]] http_response clock_answer(const clock_view& clock);

class clock_page {
public:
    static constexpr std::int64_t move_max_ms = std::int64_t{400} * 24 * 3600 * 1000;

    explicit clock_page(clock_source source) : source_(std::move(source)) {}

    [[nodiscard]] http_response show() const;
    [[nodiscard]] admin_answer advance(const request_context& request) const;

private:
    clock_source source_;
};

}  // namespace hikyaku::gateway::api
