// The binds to a carrier as they run, with a real engine and a real store behind them and a real
// socket in front: the carrier is the test, which reads PDUs and writes octets. Everything runs on
// the test's thread: run_until() turns the loop until something is true.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "gateway/engine/engine.hpp"
#include "gateway/io/host.hpp"
#include "gateway/io/smpp_carriers.hpp"
#include "smpp/pdu/pdu.hpp"
#include "tests/support/engine_fixture.hpp"
#include "tests/support/waiting.hpp"

namespace hikyaku::gateway::io::testing_support {

using smpp::command_id;
using smpp::command_status;

/// One PDU of ours as the carrier read it, with the octets that its views point into.
struct smsc_pdu {
    std::unique_ptr<std::vector<std::uint8_t>> raw;
    smpp::pdu value;

    [[nodiscard]] command_id command() const { return value.header.command_id; }
    [[nodiscard]] command_status status() const { return value.header.command_status; }
    [[nodiscard]] std::uint32_t sequence() const { return value.header.sequence_number; }
    template <class Body>
    [[nodiscard]] const Body& body() const {
        return std::get<Body>(value.body);
    }
};

class carrier_world;

/// One connection, seen from the carrier.
class smsc_link {
public:
    using tcp = boost::asio::ip::tcp;
    using tls = boost::asio::ssl::stream<tcp::socket>;

    smsc_link(carrier_world& world, tcp::socket socket);
    smsc_link(carrier_world& world, tls secured);
    ~smsc_link();
    smsc_link(const smsc_link&) = delete;
    smsc_link& operator=(const smsc_link&) = delete;

    void send(const std::vector<std::uint8_t>& bytes);
    void send(const smpp::pdu& whole);
    template <class Body>
    void send(const Body& body, std::uint32_t sequence,
              command_status status = command_status::esme_rok, smpp::tlv_list tlvs = {}) {
        send(smpp::make_pdu(sequence, body, tlvs, status));
    }
    /// A header and whatever follows it, right or wrong.
    void send_raw(command_id command, command_status status, std::uint32_t sequence,
                  const std::vector<std::uint8_t>& body = {});
    /// The next PDU; fails the test if none comes.
    smsc_pdu receive();
    smsc_pdu expect(command_id command);
    /// Answers the bind and returns it; `version`: of sc_interface_version, 0 = none.
    smsc_pdu accept_bind(std::uint8_t version = 0x34);
    [[nodiscard]] bool has_pdu() const { return whole_pdu() != 0; }
    [[nodiscard]] bool ended() const { return ended_; }
    /// Reads nothing any more until read_again().
    void stop_reading() { reading_ = false; }
    void close();
    /// The name the client asked for in its handshake; empty: none.
    [[nodiscard]] std::string server_name();
    /// Whether the client showed a certificate.
    [[nodiscard]] bool has_client_certificate();

private:
    void read_on();
    [[nodiscard]] std::size_t whole_pdu() const;
    [[nodiscard]] tcp::socket& socket();

    carrier_world& world_;
    std::variant<tcp::socket, tls> stream_;
    std::array<std::uint8_t, 4096> room_{};
    std::vector<std::uint8_t> inbox_;
    bool ended_ = false;
    bool reading_ = true;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

class carrier_world : public ::testing::Test, public host, public engine_outputs {
public:
    using tcp = boost::asio::ip::tcp;

    carrier_world();
    ~carrier_world() override;

    /// The accounts "shop" and "bank", the carrier "alpha", whose host is the test's listener, and
    /// one route to it. Change them, then start().
    config::settings settings;
    [[nodiscard]] config::carrier& alpha() { return settings.carriers[0]; }
    void start();
    /// start(), which must fail; the sentence.
    [[nodiscard]] std::string fault_at_start();

    /// Turns the loop until `done`, within 20 seconds of real time.
    void run_until(const std::function<bool()>& done);
    /// Turns the loop while something is to be done at once.
    void settle();
    /// The next connection that the gateway makes to the carrier.
    std::unique_ptr<smsc_link> accept();
    std::unique_ptr<smsc_link> accept_tls(boost::asio::ssl::context& context);
    /// The error of the last failed handshake.
    boost::system::error_code tls_error;
    /// accept() and accept_bind().
    std::unique_ptr<smsc_link> bound(std::uint8_t version = 0x34);
    /// A connection that the carrier makes to us.
    std::unique_ptr<smsc_link> call();

    message_id submit(std::string_view text = "Hello", const std::string& tlvs = {},
                      std::string_view to = "819012345678");
    /// As if queued before it is on disk.
    [[nodiscard]] message_view view(message_id id);
    [[nodiscard]] State state_of(message_id id) { return view(id).state; }
    [[nodiscard]] carrier_view carrier() { return core_->carriers()[0]; }
    [[nodiscard]] carrier_bind_view binds() { return carriers->views()[0]; }

    boost::asio::io_context loop;
    std::unique_ptr<smpp_carriers> carriers;
    tcp::acceptor acceptor{loop};
    std::size_t acknowledged = 0;

    // host
    engine& core() override { return *core_; }
    instant now() override;
    void touched() override;
    tasks& running() override { return tasks_; }
    names& lookups() override { return names_; }
    [[nodiscard]] bool draining() const override { return false; }

    // engine_outputs
    void commit(commit_kind kind, std::unique_ptr<store::batch> batch,
                std::uint64_t ticket) override;
    void submission_settled(const settled_submission&) override {}
    void cancellation_settled(reply_ticket, message_id) override {}
    void operation_settled(reply_ticket, command_status) override {}
    bool send_segment(bind_id bind, std::uint64_t token, const smpp::submit_sm& request,
                      const smpp::tlv_list& tlvs) override;
    void acknowledge(bind_id bind, std::uint32_t sequence, command_id request,
                     command_status status) override;
    bool deliver(session_id, std::uint64_t, const outbox_event&) override { return false; }
    void alert(session_id, const smpp::alert_notification&, const smpp::tlv_list&) override {}
    void post_webhook(account_id, std::uint64_t, std::span<const outbox_item>) override {}
    void request_callback(account_id, std::uint64_t, const callback_request&) override {}

private:
    void end_turn();

    temporary_folder folder_;
    tasks tasks_{loop};
    names names_{loop.get_executor(), config::dns{}};
    std::unique_ptr<store::environment> store_;
    std::unique_ptr<engine> core_;
    std::uint32_t ticket_ = 0;
    bool turn_posted_ = false;
};

}  // namespace hikyaku::gateway::io::testing_support
