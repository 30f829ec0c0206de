// The requests of one bound application that speak of messages (submit_sm, data_sm, submit_multi,
// query_sm, cancel_sm, replace_sm and 5.0's broadcasts): each becomes a call of the engine, and the
// engine's answer a response. Part of smpp_server_session, which hands it every request of a bound
// session and the answers that come later. Io thread only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/engine/submission/message_id_text.hpp"
#include "gateway/io/host.hpp"
#include "smpp/io/connection.hpp"

namespace hikyaku::gateway::io {

class session_operations {
public:
    /// All of it outlives this object. `id` is what the engine calls the session.
    session_operations(host& around, smpp::io::connection& connection, session_id id)
        : host_(around), connection_(connection), id_(id) {}

    /// REQUIRES: the session is bound for this account. A command that it does not know, and a
    /// broadcast on a session that is not of 5.0, is answered with generic_nack.
    void on_request(account_id account, const smpp::session_event& event, instant now);

    // From the engine, by the server.
    void settle_submission(const settled_submission& what);
    void settle_operation(std::uint32_t sequence, smpp::command_status status);

private:
    /// A destination of a submit_multi that was refused.
    struct unsuccess {
        std::uint8_t ton = 0, npi = 0;
        std::string address;  // or the name of a distribution list
        smpp::command_status status{};
    };
    /// What waits for its commit and is no submit_sm. Clients may use a sequence number twice; then
    /// the older request is answered first.
    struct waiting {
        std::uint32_t sequence = 0;
        smpp::command_id command{};
        std::vector<unsuccess> refused;  // of a submit_multi
    };

    template <class Body>
    void on_submission(const Body& body, const smpp::session_event& event, instant now);
    void on_multi(const smpp::submit_multi& body, const smpp::session_event& event, instant now);
    void on_query(const smpp::query_sm& body, const smpp::session_event& event, instant now);
    void on_cancel(const smpp::cancel_sm& body, const smpp::session_event& event, instant now);
    void on_replace(const smpp::replace_sm& body, const smpp::session_event& event, instant now);
    void on_broadcast(const smpp::session_event& event);

    [[nodiscard]] bool speaks_3_3() const;
    [[nodiscard]] std::optional<message_id> parse_id(std::string_view text) const;
    [[nodiscard]] message_id_text id_of(const settled_submission& what) const;
    [[nodiscard]] waiting take_waiting(std::vector<waiting>& from, std::uint32_t sequence,
                                       smpp::command_id otherwise) const;
    void respond(const smpp::peer_request& request, smpp::command_status status);
    void respond(const smpp::peer_request& request, const smpp::pdu_body& body);

    host& host_;
    smpp::io::connection& connection_;
    session_id id_;
    account_id account_{};
    std::vector<waiting> submissions_;  // without those by submit_sm
    std::vector<waiting> operations_;
};

}  // namespace hikyaku::gateway::io
