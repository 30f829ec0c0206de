// One connection of an application: our session, as gateway/io/smpp_server_session.cpp and
// smpp_operations.cpp have it, and at the other end a fake client that reads and writes octets.
// When it submits what is decided in world_applications.cpp.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gateway/io/smpp_event_pdu.hpp"
#include "smpp/pdu/pdu.hpp"
#include "tests/sim/wire.hpp"
#include "tests/sim/world.hpp"

namespace hikyaku::sim {

namespace model = gateway::model;

class application_link final : public wire {
public:
    application_link(world& around, std::size_t account, smpp::command_id kind);

    // Our side.
    [[nodiscard]] bool deliver(std::uint64_t sequence, const gateway::outbox_event& event);
    void settle_submission(const gateway::settled_submission& what);
    void settle_operation(std::uint32_t sequence, smpp::command_status status);
    [[nodiscard]] bool up() const { return up_; }
    [[nodiscard]] std::uint64_t handle() const { return static_cast<std::uint64_t>(id_); }

    // The client's side.
    void start();
    void submit();
    void submit_several();
    void cancel(std::size_t number);
    void replace(std::size_t number);
    void query(std::size_t number);
    void unbind();
    void write_garbage();
    [[nodiscard]] bool serves() const { return bound_ && peer_alive(); }
    [[nodiscard]] std::size_t account() const { return account_; }
    [[nodiscard]] smpp::command_id kind() const { return kind_; }

private:
    friend class world;
    enum class asking : std::uint8_t { submit, multi, cancel, replace, query };
    struct asked {
        asking what = asking::submit;
        std::size_t number = 0;  // of submit_multi: the first
    };
    void on_event(const smpp::session_event& event) override;
    void on_closed(smpp::close_reason reason) override;
    void on_peer_octets(std::span<const std::uint8_t> octets) override;
    void on_peer_closed() override;
    void on_bind(const smpp::session_event& event);
    void on_request(const smpp::session_event& event);
    void on_submit(const smpp::submit_sm& body, const smpp::session_event& event);
    void on_multi(const smpp::submit_multi& body, const smpp::session_event& event);
    void on_query(const smpp::query_sm& body, const smpp::session_event& event);
    void on_cancel(const smpp::cancel_sm& body, const smpp::session_event& event);
    void on_replace(const smpp::replace_sm& body, const smpp::session_event& event);
    void on_answer(std::uint64_t token, smpp::command_status status, bool timed_out);
    void respond(const smpp::peer_request& request, smpp::command_status status);
    [[nodiscard]] std::optional<gateway::message_id> parse_id(std::string_view text) const;
    [[nodiscard]] std::string id_of(const gateway::settled_submission& what) const;

    void on_peer_pdu(const smpp::pdu& got);
    void on_response(const smpp::pdu& got);
    void on_delivery(const smpp::pdu& got);
    void check_receipt(const smpp::pdu& got, const std::string& octets,
                       const audited_delivery& meant);
    void write_pdu(const smpp::pdu& whole);
    [[nodiscard]] std::uint32_t write_request(const smpp::pdu_body& body, asked what,
                                              smpp::tlv_list tlvs = {});

    world& world_;
    std::size_t account_;
    smpp::command_id kind_;

    // Our side.
    session_id id_{};
    bool up_ = false;
    gateway::io::event_pdu_scratch scratch_;
    std::map<std::uint32_t, std::uint64_t> delivery_of_sequence_;
    std::map<std::uint32_t, smpp::command_id> operations_;  // that wait for their commit

    // The client's side.
    std::vector<std::uint8_t> input_;
    bool bound_ = false;
    std::uint32_t next_sequence_ = 1, unread_ = 0;
    std::map<std::uint32_t, asked> asked_;
    std::uint32_t submissions_open_ = 0;
};

/// The text of a message: every segment names it, and which version it is.
[[nodiscard]] std::string text_of_message(std::size_t number, std::size_t segments, char version);
inline constexpr std::size_t mark_octets = 11;  // "#00000017a."

}  // namespace hikyaku::sim
