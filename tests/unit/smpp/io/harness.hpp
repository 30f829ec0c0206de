// What the tests of smpp/io share: an io_context that runs until something is true, handlers that
// write down what they are told, raw sockets, and a certificate made on the spot.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "smpp/io/connection.hpp"
#include "smpp/io/connector.hpp"
#include "smpp/io/listener.hpp"

namespace hikyaku::smpp::io::test {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using octets = std::vector<std::uint8_t>;

/// Counts by kind and remembers tokens; calls `react` for each event, where a test sets it.
class recorder : public connection_handler {
public:
    void on_events(connection& from, std::span<const session_event> events) override;
    void on_closed(connection& from, close_reason reason) override;

    std::function<void(connection&, const session_event&)> react;
    std::map<session_event_kind, int> counts;
    std::map<std::uint64_t, int> answered;  // token to number of responses
    std::map<std::uint64_t, request_failure> failed;
    std::optional<close_reason> closed;

private:
    bool inside_ = false;
};

/// A server on a free port whose handlers accept every bind and answer every request.
class fixture : public ::testing::Test {
protected:
    /// Runs the loop until `done`, which must become true within 20 seconds of real time.
    void run_until(const std::function<bool()>& done);
    /// Runs what is ready, so that whatever should not happen would have happened.
    void settle();
    void listen(listener_settings settings = {});
    /// Connects to the listener; null after a failure, with the error in `connect_error`.
    std::shared_ptr<connection> dial(recorder& handler, const session_settings& session,
                                     connector_settings settings = {});
    /// A plain socket to the listener, non-blocking.
    tcp::socket raw_socket(int receive_buffer_bytes = 0);
    /// Reads until `done` or the end of the stream.
    octets read(tcp::socket& from, const std::function<bool(const octets&)>& done);
    octets read_to_end(tcp::socket& from);
    static session_settings settings_of(session_role role);
    static void answer(connection& from, const session_event& event);
    void bind(connection& client, command_id kind = command_id::bind_transceiver);

    asio::io_context loop;
    std::shared_ptr<listener> door;
    session_settings server_session = settings_of(session_role::server);
    connection_settings server_connection;
    int server_send_buffer_bytes = 0;
    std::function<void(connection&, const session_event&)> server_react = answer;
    std::vector<std::unique_ptr<recorder>> server_handlers;
    std::vector<std::shared_ptr<connection>> server_connections;
    boost::system::error_code connect_error;
    connect_fault connect_fault_seen;  // the same with its stage
    bool raw_ended = false;
};

/// A self-signed certificate for localhost and 127.0.0.1.
struct certificate {
    certificate();
    /// A context that shows it.
    [[nodiscard]] std::unique_ptr<asio::ssl::context> server() const;
    /// A context that trusts it and nothing else.
    [[nodiscard]] std::unique_ptr<asio::ssl::context> client() const;

private:
    struct parts;
    std::shared_ptr<parts> parts_;
};

octets header(command_id id, command_status status, std::uint32_t sequence);
/// Appends a bind_transceiver with sequence number 1.
bool encode_bind(octets& out);
submit_sm a_submit();

}  // namespace hikyaku::smpp::io::test
