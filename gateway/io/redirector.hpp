// Answers requests for tracked links on a listener of its own, also while every carrier is down.
// A hit is classified and handed to the engine, and answered when that has logged it, at the end of
// the same turn of the loop; the answer waits for no commit. Whatever is not available is answered
// a fixed time after it was asked for: the time tells nobody whether the code has ever existed.
// A request changes nothing but the count of hits: no state of a message, however often and by whom
// it is fetched. One object, engine's thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "config/settings.hpp"
#include "gateway/api/service.hpp"
#include "gateway/io/api_driver.hpp"
#include "gateway/io/http_server.hpp"
#include "gateway/io/redirect_decision.hpp"
#include "gateway/links/agents.hpp"
#include "gateway/links/hit_lists.hpp"
#include "gateway/links/limiter.hpp"
#include "gateway/links/recent_hits.hpp"

namespace hikyaku::gateway::io {

struct redirector_counters {
    std::uint64_t redirected = 0;
    std::uint64_t not_available = 0;  // unknown, expired, malformed
    std::uint64_t limited = 0;        // 429
};

class redirector final : public http_handler {
public:
    /// From the request to the answer "not available". Far more than the work that a code which has
    /// expired makes, and an unknown one does not (classes, the hit log: less than 0.1 ms).
    static constexpr std::chrono::milliseconds not_available_after{2};

    /// `context`, `gateway` and `settings` outlive it.
    redirector(boost::asio::io_context& context, api::service& gateway,
               const config::links_server& settings, engine_turn turn,
               links::random_source random = {});

    /// Other lists to classify by; before: those of the program.
    void use(std::shared_ptr<const links::hit_lists> lists);

    void handle(const api::http_request& request, http_responder responder) override;
    api::http_response refuse(unsigned status) override;
    /// Answers the requests of this turn. Call after engine::flush(), which has written their
    /// hits where the death of the process does not reach them, or counted those it could not.
    void end_turn();

    [[nodiscard]] const redirector_counters& counters() const { return counters_; }

private:
    using time_point = std::chrono::steady_clock::time_point;
    struct waiting_answer {
        http_responder responder;
        api::http_response response;
        time_point due;  // not before this
    };

    void answer_link(const api::http_request& request, const redirect_request& what,
                     http_responder responder);
    void answer_due();
    void record_hit(const api::http_request& request, const api::peer_address& client,
                    const std::string& code, const link_view& link, instant now);

    api::service& service_;
    const config::links_server& settings_;
    engine_turn turn_;
    links::miss_limiter limiter_;
    links::recent_hits recent_;
    std::shared_ptr<const links::hit_lists> lists_ = links::shipped_hit_lists();
    links::agent_memory agents_{lists_->agents};
    redirector_counters counters_;
    // One a connection at most: those of this turn, and those whose time has not come.
    std::vector<waiting_answer> waiting_;
    std::deque<waiting_answer> later_;  // by `due`
    boost::asio::steady_timer timer_;
};

/// The limits of the redirector's listener: links have no bodies, and nobody needs a large header.
[[nodiscard]] http_limits redirector_limits(const config::links_server& settings);

}  // namespace hikyaku::gateway::io
