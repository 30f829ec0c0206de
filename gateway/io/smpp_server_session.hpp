// One connection of an application: its bind, what it is told, and through session_operations each
// of its requests turned into a call of the engine and back into a response. Made by smpp_server
// for every connection and destroyed when that has closed. Everything happens on the io thread; the
// answers to submissions come later, through the server, when they are on disk.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gateway/io/smpp_operations.hpp"
#include "gateway/io/smpp_server.hpp"
#include "smpp/io/connection.hpp"

namespace hikyaku::gateway::io {

class smpp_server_session final : public smpp::io::connection_handler {
public:
    /// `called`: the account whose application we have called to let it bind (outbind).
    smpp_server_session(smpp_server& server, session_id id, smpp::io::stream connected,
                        std::optional<account_id> called = std::nullopt);
    ~smpp_server_session() override;

    void start() { connection_->start(); }
    /// Asks the application on the other side to bind. False: `password` does not fit.
    [[nodiscard]] bool send_outbind(std::string_view password);

    // From the server.
    void on_password(password_verdict verdict);
    /// A bind with the right password that waited for a place gets one, or is refused.
    void end_waiting(bool admitted);
    [[nodiscard]] bool awaits_decision() const;
    [[nodiscard]] session_operations& operations() { return operations_; }
    void alert(const smpp::alert_notification& alert, const smpp::tlv_list& tlvs);
    [[nodiscard]] bool deliver(std::uint64_t outbox_sequence, const outbox_event& event,
                               event_pdu_scratch& scratch);
    void unbind();
    /// Its account's settings may be others, or gone: then it is unbound.
    void settings_changed();
    /// Finds out within a few seconds whether the peer is still there; if not, this session ends.
    void probe();
    /// Nothing has come from the peer since probe().
    [[nodiscard]] bool is_silent() const;
    /// Adds the faulty PDUs that came since the last call to those of its account.
    void settle_faults();
    /// For clients of 5.0: how loaded the gateway is now.
    void tell_congestion();

    [[nodiscard]] std::optional<account_id> account() const { return account_; }
    [[nodiscard]] bool is_bound() const { return up_; }
    [[nodiscard]] std::optional<account_id> called() const { return called_; }
    [[nodiscard]] smpp::command_id kind() const { return kind_; }
    [[nodiscard]] const smpp::io::connection& connection() const { return *connection_; }
    [[nodiscard]] smpp_session_view view() const;

    // smpp::io::connection_handler
    void on_events(smpp::io::connection& from,
                   std::span<const smpp::session_event> events) override;
    void on_closed(smpp::io::connection& from, smpp::close_reason reason) override;

private:
    void on_event(const smpp::session_event& event, instant now);
    /// Empty until it has bound: before that anybody may name an account.
    [[nodiscard]] std::optional<account_id> known_account() const;
    void on_bind(const smpp::session_event& event);
    void on_wrong_credentials(std::string_view why);
    void decide_bind();
    [[nodiscard]] bool shows_wanted_certificate() const;
    void accept_bind();
    void use(const config::account& settings);
    void refuse_bind(smpp::command_status status, std::string_view why);
    void on_request(const smpp::session_event& event, instant now);
    void on_answer(std::uint64_t token, smpp::command_status status, bool timed_out, instant now);
    [[nodiscard]] bool deliver_in_parts(std::uint64_t outbox_sequence, const reply_event& reply);
    bool give_up(std::uint64_t outbox_sequence, std::string_view why);

    /// In the token of a deliver_sm that is a part of a long reply; numbers in the outbox have 63
    /// bits.
    static constexpr std::uint64_t part_bit = 1ULL << 63;
    /// A long reply that this client gets in parts: it is told when all of them are.
    struct cut_delivery {
        std::size_t unanswered = 0;
        smpp::command_status status = smpp::command_status::esme_rok;  // the first that is not OK
        bool timed_out = false;
    };

    smpp_server& server_;
    host& host_;
    session_id id_;
    std::shared_ptr<smpp::io::connection> connection_;
    session_operations operations_;
    std::string peer_;
    std::vector<std::string> certificate_names_;  // of the one that the client has shown
    std::optional<account_id> called_;
    std::optional<std::uint64_t> probed_at_;  // bytes read until then
    fault_meter meter_;
    bool bind_trails_ = false;           // octets stood behind the last field of the bind
    std::string system_id_;              // as the last bind said
    std::optional<account_id> account_;  // known from the last bind on, trusted when up_
    smpp::command_id kind_ = smpp::command_id::generic_nack;
    std::map<std::uint64_t, cut_delivery> cut_;  // by number in the outbox; within the window
    bool up_ = false;                            // bound, and the engine knows
    bool was_bound_ = false;                     // at any time
};

}  // namespace hikyaku::gateway::io
