// An SMPP server as it runs, with a real engine and a real store behind it and real sockets in
// front: applications are clients that speak PDUs (or octets), the carrier is the test. Everything
// runs on the test's thread: run_until() turns the loop until something is true.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/engine/engine.hpp"
#include "gateway/io/host.hpp"
#include "gateway/io/password_pool.hpp"
#include "gateway/io/smpp_server.hpp"
#include "smpp/io/stream.hpp"
#include "smpp/pdu/encode.hpp"
#include "tests/support/engine_fixture.hpp"
#include "tests/support/waiting.hpp"

namespace hikyaku::gateway::io::testing_support {

using namespace std::chrono_literals;
using octets = std::vector<std::uint8_t>;
using smpp::command_id;
using smpp::command_status;

/// One PDU as it came, with the octets that its views point into.
struct received_pdu {
    received_pdu() = default;
    explicit received_pdu(octets bytes);
    received_pdu(received_pdu&&) = default;
    received_pdu& operator=(received_pdu&&) = default;

    std::unique_ptr<octets> raw;
    smpp::pdu value;

    [[nodiscard]] command_id command() const { return value.header.command_id; }
    [[nodiscard]] command_status status() const { return value.header.command_status; }
    [[nodiscard]] std::uint32_t sequence() const { return value.header.sequence_number; }
    template <class Body>
    [[nodiscard]] const Body& body() const {
        return std::get<Body>(value.body);
    }
    /// Text of a deliver_sm or data_sm.
    [[nodiscard]] std::string text() const;
};

class smpp_world;

/// An application.
class application {
public:
    application(smpp_world& world, smpp::io::stream connected);
    /// Answers no enquire_link any more, as one whose machine has lost power.
    void fall_silent() { silent_ = true; }
    void send(const octets& bytes);
    /// Sends the request with the next sequence number, which is returned.
    template <class Body>
    std::uint32_t send(const Body& body, smpp::tlv_list tlvs = {}) {
        send_pdu(smpp::make_pdu(++sequence_, body, tlvs));
        return sequence_;
    }
    template <class Body>
    void answer(const received_pdu& request, const Body& body,
                command_status status = command_status::esme_rok) {
        auto response = smpp::make_pdu(request.sequence(), body, {});
        response.header.command_status = status;
        send_pdu(response);
    }
    /// The next PDU; fails the test if none comes. enquire_link is answered and not among them.
    received_pdu receive();
    /// The same, which must be this command.
    received_pdu expect(command_id command);
    /// True if a PDU is there now.
    [[nodiscard]] bool has_pdu() const;
    /// True once the server has closed and nothing is left to read.
    [[nodiscard]] bool ended() const { return ended_ && !has_pdu(); }
    void close();

    struct bind_options {
        command_id kind = command_id::bind_transceiver;
        std::string system_id = "shop", password = "secret";
        std::uint8_t version = 0x34;
    };
    void send_bind(const bind_options& options);
    /// Binds and returns the response.
    received_pdu bind(const bind_options& options);
    received_pdu bind() { return bind({}); }
    /// submit_sm to one number; registered_delivery 1.
    std::uint32_t submit(std::string_view text = "hello");
    /// submit() and the id of its response.
    std::string submit_and_read_id(std::string_view text = "hello");
    [[nodiscard]] smpp::io::tcp::endpoint local();

private:
    void send_pdu(const smpp::pdu& one);
    void read_on();
    void write_on();
    void take_pdus();

    smpp_world& world_;
    std::shared_ptr<smpp::io::stream> stream_;
    std::array<std::uint8_t, 4096> room_{};
    octets inbox_, outbox_, writing_;
    std::deque<received_pdu> pdus_;
    std::uint32_t sequence_ = 0;
    bool ended_ = false;
    bool silent_ = false;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);

public:
    ~application();
};

class smpp_world : public ::testing::Test, public host, public engine_outputs {
public:
    smpp_world();
    ~smpp_world() override;

    /// Change these first, then start().
    config::settings settings;
    smpp_server_timing timing{.probe = tests::short_timer, .outbind_look = 5ms};
    std::size_t passwords_waiting_max = 64;
    std::function<void()> before_password_check;

    void start();
    /// Turns the loop until `done`, within 20 seconds of real time.
    void run_until(const std::function<bool()>& done);
    /// Turns the loop as long as there is something to do at once: what should not happen would
    /// have happened.
    void settle();
    [[nodiscard]] std::unique_ptr<application> connect(std::size_t listener = 0);
    /// Over TLS; null after a failed handshake (`tls_error` says why).
    [[nodiscard]] std::unique_ptr<application> connect_tls(boost::asio::ssl::context& context,
                                                           const std::string& server_name = {});
    [[nodiscard]] std::unique_ptr<application> bound(const application::bind_options& options = {});

    // The carrier: takes every segment; answers when told.
    struct segment {
        bind_id bind{};
        std::uint64_t token = 0;
        std::string destination;
    };
    std::vector<segment> segments;
    void carrier_up();
    void carrier_accepts(const segment& one, const std::string& id);
    void carrier_receipt(const std::string& id, const std::string& stat = "DELIVRD");
    void carrier_reply(const std::string& text, const std::string& to = "Shop");

    /// Batches of acceptances stay unwritten while it is true.
    bool hold_commits = false;
    void release_commits();

    boost::asio::io_context loop;
    std::unique_ptr<engine> core_;
    std::unique_ptr<password_pool> passwords;
    std::unique_ptr<smpp_server> server;
    bool is_draining = false;
    boost::system::error_code tls_error;

    // host
    engine& core() override { return *core_; }
    instant now() override;
    void touched() override;
    tasks& running() override { return tasks_; }
    names& lookups() override { return names_; }
    [[nodiscard]] bool draining() const override { return is_draining; }

    // engine_outputs
    void commit(commit_kind kind, std::unique_ptr<store::batch> batch,
                std::uint64_t ticket) override;
    void submission_settled(const settled_submission& what) override;
    void cancellation_settled(reply_ticket, message_id) override {}
    void operation_settled(reply_ticket ticket, command_status status) override;
    bool send_segment(bind_id bind, std::uint64_t token, const smpp::submit_sm& request,
                      const smpp::tlv_list& tlvs) override;
    void acknowledge(bind_id, std::uint32_t, command_id, command_status) override {}
    bool deliver(session_id session, std::uint64_t outbox_sequence,
                 const outbox_event& event) override;
    void alert(session_id session, const smpp::alert_notification& alert,
               const smpp::tlv_list& tlvs) override;
    void post_webhook(account_id, std::uint64_t, std::span<const outbox_item>) override {}
    void request_callback(account_id, std::uint64_t, const callback_request&) override {}

private:
    struct held_commit {
        std::unique_ptr<store::batch> batch;
        std::uint64_t ticket = 0;
    };
    void write(std::unique_ptr<store::batch> batch, std::uint64_t ticket);
    void end_turn();

    temporary_folder folder_;
    tasks tasks_{loop};
    names names_{loop.get_executor(), config::dns{}};
    std::unique_ptr<store::environment> store_;
    std::deque<held_commit> held_;
    boost::asio::steady_timer timer_{loop};
    std::uint32_t carrier_sequence_ = 0;
    bool turn_posted_ = false;
};

}  // namespace hikyaku::gateway::io::testing_support
