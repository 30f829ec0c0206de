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
#include <map>
#include <memory>
#include <vector>

#include "config/settings.hpp"
#include "gateway/api/admin/links_page.hpp"
#include "gateway/api/service.hpp"
#include "gateway/io/api_driver.hpp"
#include "gateway/io/http_server.hpp"
#include "gateway/io/redirect_decision.hpp"
#include "gateway/links/agents.hpp"
#include "gateway/links/guess_alarm.hpp"
#include "gateway/links/hit_lists.hpp"
#include "gateway/links/limiter.hpp"
#include "gateway/links/recent_hits.hpp"

namespace hikyaku::gateway::io {

struct redirector_counters {
    std::uint64_t redirected = 0;
    std::uint64_t not_available = 0;  // unknown, expired, malformed
    std::uint64_t limited = 0;        // 429: the network has used up its misses
    std::uint64_t held_back = 0;      // 429: all networks together have
    std::uint64_t fixed = 0;          // robots.txt and the like
    std::uint64_t unsafe = 0;         // redirected before the hit was safe
    std::uint64_t reports = 0;        // of abuse, that became tasks
};

class redirector final : public http_handler {
public:
    /// From the request to the answer "not available". Far more than the work that a code which has
    /// expired makes, and an unknown one does not (classes, the hit log: less than 0.1 ms).
    static constexpr std::chrono::milliseconds not_available_after{2};  // and up to 1 ms
    /// A redirect waits no longer for a disk that keeps its hit: people go before figures.
    static constexpr std::chrono::seconds unsafe_after{10};

    /// `context`, `gateway` and `settings` outlive it.
    redirector(boost::asio::io_context& context, api::service& gateway,
               const config::links_server& settings, engine_turn turn,
               links::random_source random = {});

    /// Other lists to classify by; before: those of the program.
    void use(std::shared_ptr<const links::hit_lists> lists);

    void handle(const api::http_request& request, http_responder responder) override;
    api::http_response refuse(unsigned status) override;
    /// Answers the requests of this turn. Call after engine::flush(), which has written their
    /// hits where the death of the process does not reach them, or counted those it could not; and
    /// when engine::hits_safe() has moved on.
    void end_turn();
    /// Those whose hits have become safe.
    void answer_safe();

    [[nodiscard]] const redirector_counters& counters() const { return counters_; }
    /// A report of abuse, or what the operator was told, is on disk.
    void task_kept(reply_ticket ticket);
    [[nodiscard]] static bool owns(session_id session) { return session == own_session; }

    /// Of the budgets for unknown codes, for an operator.
    [[nodiscard]] api::guessing_view guessing();

private:
    using time_point = std::chrono::steady_clock::time_point;
    static constexpr session_id own_session{1ULL << 61};  // in tickets; no request has it
    static constexpr std::size_t reporting_max = 100;     // that wait for the disk
    struct waiting_answer {
        http_responder responder;
        api::http_response response;
        time_point due;         // not before this
        std::uint64_t hit = 0;  // nor before this hit is safe; 0: there is none
    };

    [[nodiscard]] std::chrono::microseconds some_more() const;
    void answer_link(const api::http_request& request, const redirect_request& what,
                     http_responder responder);
    void answer_abuse(const api::http_request& request, const redirect_request& what,
                      http_responder responder);
    void answer_due();
    /// Counts a code that is not available. Its answer: unless it is to be held back, `otherwise`.
    [[nodiscard]] api::http_response on_miss(const links::network_key& network, instant now,
                                             api::http_response otherwise);
    void note(links::guess_alarm::news what, instant now);
    void record_hit(const api::http_request& request, const api::peer_address& client,
                    const std::string& code, const link_view& link, instant now);

    api::service& service_;
    const config::links_server& settings_;
    engine_turn turn_;
    links::miss_limiter limiter_;
    links::guess_alarm alarm_;
    links::miss_limiter reports_;
    std::map<std::uint32_t, http_responder> reporting_;  // by the number of their ticket
    std::uint32_t last_report_ = 0;
    std::int64_t raised_ms_ = 0, ended_ms_ = 0;  // wall clock; 0: never
    links::recent_hits recent_;
    std::shared_ptr<const links::hit_lists> lists_ = links::shipped_hit_lists();
    links::agent_memory agents_{lists_->agents};
    redirector_counters counters_;
    // One a connection at most: those of this turn, and those whose time has not come.
    std::vector<waiting_answer> waiting_;
    std::deque<waiting_answer> later_;   // by `due`
    std::deque<waiting_answer> unsafe_;  // by `hit`
    boost::asio::steady_timer timer_;
};

/// The limits of the redirector's listener: links have no bodies, and nobody needs a large header.
[[nodiscard]] http_limits redirector_limits(const config::links_server& settings);

}  // namespace hikyaku::gateway::io
