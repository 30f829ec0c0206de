// One connection of an application: its bind, and each of its requests turned into a call of the
// engine and back into a response. Made by smpp_server for every connection and destroyed when that
// has closed. Everything happens on the io thread; the answers to submissions come later, through
// the server, when they are on disk.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gateway/io/smpp_server.hpp"
#include "smpp/io/connection.hpp"

namespace hikyaku::gateway::io {

class smpp_server_session final : public smpp::io::connection_handler {
public:
    smpp_server_session(smpp_server& server, session_id id, smpp::io::stream connected);
    ~smpp_server_session() override;

    void start() { connection_->start(); }

    // From the server.
    void on_password(password_verdict verdict);
    void settle_submission(std::uint32_t sequence, message_id id, refusal why);
    void settle_cancellation(std::uint32_t sequence);
    [[nodiscard]] bool deliver(std::uint64_t outbox_sequence, const store::record::Event& event,
                               event_pdu_scratch& scratch);
    void unbind();
    /// Finds out within a few seconds whether the peer is still there.
    void probe();

    [[nodiscard]] std::optional<account_id> account() const { return account_; }
    [[nodiscard]] bool is_bound() const { return up_; }
    [[nodiscard]] smpp::command_id kind() const { return kind_; }
    [[nodiscard]] const smpp::io::connection& connection() const { return *connection_; }
    [[nodiscard]] smpp_session_view view() const;

    // smpp::io::connection_handler
    void on_events(smpp::io::connection& from,
                   std::span<const smpp::session_event> events) override;
    void on_closed(smpp::io::connection& from, smpp::close_reason reason) override;

private:
    void on_event(const smpp::session_event& event, instant now);
    void on_bind(const smpp::session_event& event);
    void accept_bind();
    void refuse_bind(smpp::command_status status, std::string_view why);
    void on_request(const smpp::session_event& event, instant now);
    template <class Body>
    void on_submission(const Body& body, const smpp::session_event& event, instant now);
    void on_query(const smpp::query_sm& body, const smpp::session_event& event);
    void on_cancel(const smpp::cancel_sm& body, const smpp::session_event& event, instant now);
    void respond(const smpp::peer_request& request, smpp::command_status status);
    [[nodiscard]] smpp::command_id take_command_of(std::uint32_t sequence);

    smpp_server& server_;
    host& host_;
    session_id id_;
    std::shared_ptr<smpp::io::connection> connection_;
    std::string peer_;
    std::string system_id_;              // as the last bind said
    std::optional<account_id> account_;  // known from the last bind on, trusted when up_
    smpp::command_id kind_ = smpp::command_id::generic_nack;
    bool up_ = false;                             // bound, and the engine knows
    std::vector<std::uint32_t> data_sm_waiting_;  // sequence numbers; all others are submit_sm
};

}  // namespace hikyaku::gateway::io
