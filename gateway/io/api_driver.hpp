// Puts the API and the admin pages behind http_server: keeps the responders of requests that wait
// for the disk and hands the engine's settlements on to the router. The engine reports those from
// inside its own calls, so they are collected and worked off in a turn of their own. One object of
// each kind, on the engine's thread.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "gateway/api/admin/admin.hpp"
#include "gateway/api/api.hpp"
#include "gateway/api/jasmin/door.hpp"
#include "gateway/api/sendsms/door.hpp"
#include "gateway/api/twilio/door.hpp"
#include "gateway/api/twilio/reply_answers.hpp"
#include "gateway/io/http_server.hpp"

namespace hikyaku::gateway::io {

/// What the drivers of this folder need from whoever runs the engine.
struct engine_turn {
    /// Both clocks, now.
    std::function<instant()> now;
    /// Called after each call that may have given the engine something to write or send; must see
    /// to it that engine::flush() runs soon, and must not call it at once.
    std::function<void()> touched;
};

/// Where bodies come from or go that are too long for the memory.
struct long_body_places {
    api::readers* scans = nullptr;  // outlives the driver; null: nothing is listed
    std::string folder;             // for answers of uploads; empty, or no scans: in memory only
};

class api_driver final : public http_handler {
public:
    /// `context`, `gateway` and `settings` outlive the driver.
    api_driver(boost::asio::io_context& context, api::service& gateway,
               const config::http_server& settings, engine_turn turn,
               const long_body_places& places = {});
    ~api_driver() override;

    void handle(const api::http_request& request, http_responder responder) override;
    [[nodiscard]] head_verdict look_at_head(const api::http_request& request) override;

    /// True for the sessions of HTTP requests; all others belong to SMPP. Settlements of these go
    /// to the two functions below, which may be called from inside the engine.
    [[nodiscard]] static bool owns(session_id session) {
        return (static_cast<std::uint64_t>(session) & session_bit) != 0;
    }
    void submission_settled(reply_ticket ticket, message_id id, refusal why);
    void cancellation_settled(reply_ticket ticket, message_id id);
    void rows_kept(reply_ticket ticket);

    /// What an application has answered to a reply (TwiML) becomes messages; `sequence` is that of
    /// the reply's event. `reply_answered` is called once when they are on disk, perhaps at once,
    /// with false if the reply has to be told again.
    using reply_answered =
        std::function<void(account_id account, std::uint64_t sequence, bool is_done)>;
    void answer_reply(account_id account, std::uint64_t sequence,
                      const api::answerable_reply& reply, std::string_view body);
    /// Before the first answer_reply().
    void on_reply_answered(reply_answered told) { reply_answered_ = std::move(told); }

    /// Requests that wait for the disk.
    [[nodiscard]] std::size_t pending() const { return responders_.size(); }
    [[nodiscard]] api::api_counters counters() const { return router_.counters(); }
    [[nodiscard]] const api::door_counters& sendsms() const { return sendsms_.counters(); }
    [[nodiscard]] const api::door_counters& jasmin() const { return jasmin_.counters(); }
    [[nodiscard]] const api::door_counters& twilio() const { return twilio_.counters(); }

private:
    static constexpr std::uint64_t session_bit = 1ULL << 63;
    struct settlement {
        reply_ticket ticket;
        message_id id{};
        refusal why = refusal::none;
        enum class kind : std::uint8_t { submission, cancellation, rows } what{};
    };

    void add(const settlement& settled);
    void work_off();
    [[nodiscard]] api::long_bodies surroundings(const long_body_places& places);
    /// Sees to it that uploads which wait for the store or a rate go on.
    void watch_uploads();
    /// One upload a turn: between two of them everybody else has one.
    void try_uploads();
    /// The door that takes the request; nullptr: it is for the API.
    [[nodiscard]] api::door* door_for(const api::http_request& request) const;
    [[nodiscard]] std::optional<api::http_response> settle(const settlement& each);
    [[nodiscard]] session_id next_session() { return session_id{session_bit | ++last_session_}; }

    boost::asio::io_context& context_;
    engine_turn turn_;
    api::service& service_;
    api::api_router router_;
    api::sendsms_door sendsms_;
    api::jasmin_door jasmin_;
    api::twilio::door twilio_;
    std::array<api::door*, 3> doors_{&sendsms_, &jasmin_, &twilio_};
    api::twilio::reply_answers reply_answers_;
    reply_answered reply_answered_;
    boost::unordered_flat_map<std::uint64_t, http_responder> responders_;  // by session
    std::vector<settlement> settled_;
    std::vector<settlement> working_;
    std::uint64_t last_session_ = 0;
    bool scheduled_ = false;
    bool watching_ = false;
    boost::asio::steady_timer upload_timer_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

class admin_driver final : public http_handler {
public:
    /// `context` and `gateway` outlive the driver.
    admin_driver(boost::asio::io_context& context, api::service& gateway,
                 api::admin_sources sources, engine_turn turn);
    ~admin_driver() override;
    void handle(const api::http_request& request, http_responder responder) override;
    /// May be called from inside the engine.
    void replay_settled(reply_ticket ticket);
    /// The answer to a request that had none yet.
    void answer(reply_ticket ticket, api::http_response response);
    /// Requests that wait for the disk, or for a reload.
    [[nodiscard]] std::size_t pending() const { return waiting_.size(); }

private:
    void send(reply_ticket ticket, std::optional<api::http_response> instead);
    struct waiting_answer {
        api::http_response response;
        http_responder responder;
    };

    boost::asio::io_context& context_;
    engine_turn turn_;
    api::admin_router router_;
    std::unordered_map<std::uint64_t, waiting_answer> waiting_;  // by session
    std::uint64_t last_session_ = 0;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace hikyaku::gateway::io
