#include "gateway/io/api_driver.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cassert>
#include <chrono>
#include <utility>

#include "gateway/io/logging.hpp"
#include "gateway/io/spill_queue.hpp"

namespace hikyaku::gateway::io {
namespace {

// For how long uploads wait before they ask again a store that was too busy, or a rate.
constexpr std::chrono::milliseconds upload_pause{20};

file_jobs jobs_on(api::readers& pool) {
    return [&pool](std::function<void()> work, std::function<void()> done) {
        auto elsewhere = [work = std::move(work)](store::environment&) { work(); };
        pool.run(std::move(elsewhere), std::move(done));
    };
}

}  // namespace

api_driver::api_driver(boost::asio::io_context& context, api::service& gateway,
                       const config::http_server& settings, engine_turn turn,
                       const long_body_places& places)
    : context_(context),
      turn_(std::move(turn)),
      service_(gateway),
      router_(gateway, settings, surroundings(places)),
      sendsms_(gateway, settings),
      jasmin_(gateway, settings),
      twilio_(gateway, settings),
      reply_answers_(gateway),
      upload_timer_(context) {
    router_.on_desk_answer([this](session_id session) { rows_kept({session, 0}); });
}

api::long_bodies api_driver::surroundings(const long_body_places& places) {
    api::long_bodies around;
    around.scans = places.scans;
    around.uploads.now = [this] { return turn_.now(); };
    around.uploads.touched = [this] {
        turn_.touched();
        watch_uploads();
    };
    if (!places.folder.empty() && places.scans != nullptr)
        around.uploads.make_queue = [folder = places.folder, jobs = jobs_on(*places.scans),
                                     budget = std::make_shared<spill_budget>()] {
            return std::make_unique<spill_queue>(folder, jobs, spill_limits{}, budget);
        };
    return around;
}

void api_driver::watch_uploads() {
    if (watching_ || !router_.uploads_wait()) return;
    watching_ = true;
    upload_timer_.expires_after(upload_pause);
    upload_timer_.async_wait([this, alive = alive_](boost::system::error_code) {
        if (*alive) try_uploads();
    });
}

void api_driver::try_uploads() {
    if (router_.try_uploads_again()) {
        boost::asio::post(context_, [this, alive = alive_] {
            if (*alive) try_uploads();
        });
        return;
    }
    watching_ = false;
    watch_uploads();
}

api_driver::~api_driver() {
    *alive_ = false;
}

void api_driver::handle(const api::http_request& request, http_responder responder) {
    const auto session = next_session();
    auto* const door = door_for(request);
    std::optional<api::http_response> answer = door != nullptr
                                                   ? door->handle(request, session, turn_.now())
                                                   : router_.handle(request, session, turn_.now());
    turn_.touched();
    if (auto begun = router_.take_reader(); begun.reader) {
        const auto whose = static_cast<body_budget::owner>(begun.account) + 1;
        if (!responder.read_body(std::move(begun.reader), whose)) return;
    }
    if (answer)
        responder.send(std::move(*answer));
    else
        responders_.emplace(static_cast<std::uint64_t>(session), std::move(responder));
}

api::door* api_driver::door_for(const api::http_request& request) const {
    const auto at = std::ranges::find_if(
        doors_, [&request](const api::door* each) { return each->takes(request); });
    return at == doors_.end() ? nullptr : *at;
}

// A door may find the password in the body: until then the client is a stranger.
head_verdict api_driver::look_at_head(const api::http_request& request) {
    head_verdict verdict;
    const auto judge = [&verdict](auto& known) {
        if (known.refusal)
            verdict.refusal = std::move(known.refusal);
        else
            verdict.owner = static_cast<std::uint64_t>(known.account) + 1;  // 0 is nobody
    };
    if (twilio_.takes(request)) {
        auto known = twilio_.look_at_head(request, turn_.now());
        judge(known);
    } else if (door_for(request) == nullptr) {
        auto known = router_.look_at_head(request, turn_.now());
        judge(known);
        verdict.in_pieces = known.in_pieces && !verdict.refusal;
    }
    return verdict;
}

void api_driver::submission_settled(reply_ticket ticket, message_id id, refusal why) {
    add({ticket, id, why, settlement::kind::submission});
}

void api_driver::cancellation_settled(reply_ticket ticket, message_id id) {
    add({ticket, id, refusal::none, settlement::kind::cancellation});
}

void api_driver::rows_kept(reply_ticket ticket) {
    add({ticket, {}, refusal::none, settlement::kind::rows});
}

void api_driver::add(const settlement& settled) {
    assert(owns(settled.ticket.session));
    settled_.push_back(settled);
    if (scheduled_) return;
    scheduled_ = true;
    boost::asio::post(context_, [this, alive = alive_] {
        if (*alive) work_off();
    });
}

std::optional<api::http_response> api_driver::settle(const settlement& each) {
    const auto session = each.ticket.session;
    if (reply_answers_.waits(session)) {
        if (const auto done = reply_answers_.settled(each.ticket, each.why))
            reply_answered_(done->account, done->sequence, !done->is_refused);
        return {};
    }
    if (each.what == settlement::kind::rows) return router_.rows_kept(each.ticket);
    if (each.what == settlement::kind::cancellation)
        return twilio_.waits(session)
                   ? twilio_.cancellation_settled(each.ticket, each.id, turn_.now())
                   : router_.cancellation_settled(each.ticket, each.id);
    for (api::door* const door : doors_)
        if (door->waits(session)) return door->submission_settled(each.ticket, each.why);
    return router_.submission_settled(each.ticket, each.why);
}

void api_driver::answer_reply(account_id account, std::uint64_t sequence,
                              const api::answerable_reply& reply, std::string_view body) {
    const auto begun =
        reply_answers_.begin(account, sequence, reply, body, next_session(), turn_.now());
    for (const std::string& note : begun.notes)
        log(log_level::warn, "an answer to a reply was not followed in full",
            {{"account", service_.settings_of(account).name}, {"why", note}});
    if (!begun.is_pending) reply_answered_(account, sequence, !begun.is_refused);
    turn_.touched();
}

void api_driver::work_off() {
    scheduled_ = false;
    working_.clear();
    working_.swap(settled_);
    for (const settlement& each : working_) {
        std::optional<api::http_response> answer = settle(each);
        if (!answer) continue;
        const auto at = responders_.find(static_cast<std::uint64_t>(each.ticket.session));
        if (at == responders_.end()) continue;  // there was no memory for its body: see handle()
        http_responder responder = std::move(at->second);
        responders_.erase(at);
        responder.send(std::move(*answer));
    }
    turn_.touched();
}

admin_driver::admin_driver(boost::asio::io_context& context, api::service& gateway,
                           api::admin_sources sources, engine_turn turn)
    : context_(context), turn_(std::move(turn)), router_(gateway, std::move(sources)) {}

admin_driver::~admin_driver() {
    *alive_ = false;
}

void admin_driver::handle(const api::http_request& request, http_responder responder) {
    const auto session = ++last_session_;
    auto answer = router_.handle(request, {session_id{session}, 0}, turn_.now());
    turn_.touched();
    if (answer.after_commit)
        waiting_.emplace(session, waiting_answer{std::move(answer.response), std::move(responder)});
    else
        responder.send(std::move(answer.response));
}

void admin_driver::replay_settled(reply_ticket ticket) {
    boost::asio::post(
        context_,
        [this, ticket, alive = alive_] {
            if (*alive) send(ticket, std::nullopt);
        });
}

void admin_driver::answer(reply_ticket ticket, api::http_response response) {
    send(ticket, std::move(response));
}

void admin_driver::send(reply_ticket ticket, std::optional<api::http_response> instead) {
    const auto at = waiting_.find(static_cast<std::uint64_t>(ticket.session));
    if (at == waiting_.end()) return;
    auto done = std::move(at->second);
    waiting_.erase(at);
    done.responder.send(instead ? std::move(*instead) : std::move(done.response));
}

}  // namespace hikyaku::gateway::io
