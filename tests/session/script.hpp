// Scripts for sessions: what the peer sends, what must come back, what the owner is told and does,
// and how time passes. A script is a list of steps that run() plays many times. First with the same
// expectations: every step in one piece, in pieces of 1, 2, 3... bytes, cut once at every byte, and
// with steps that follow each other in one read. Then with the connection lost before every step,
// after every byte that comes in and after every byte that goes out. An auditor (script_audit.hpp)
// watches all of them: each own request has exactly one end, the right one, and nothing is told
// after the end.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "smpp/session/session.hpp"
#include "tests/support/hex.hpp"

namespace hikyaku::smpp::test {

using bytes = std::vector<std::uint8_t>;
using namespace std::chrono_literals;
using std::chrono::milliseconds;

/// "00 0f ..." to bytes; spaces are ignored.
/// As hexadecimal text, four octets a word.
std::string in_words(const bytes& octets);
/// A PDU written by hand, independent of the library's encoder. The length is computed.
bytes raw(command_id id, command_status status, std::uint32_t sequence, std::string_view body = {});
bytes raw(command_id id, std::uint32_t sequence, std::string_view body = {});
bytes operator+(bytes left, const bytes& right);

/// A C-octet string's octets, with its NUL.
std::string cstring(std::string_view text);
/// Body of a bind: "app" / "secret", the given version.
std::string bind_body(char version = 0x34);
/// Body of submit_sm, deliver_sm: from 100 to 200, text "hi".
std::string message_body();
/// Body of data_sm: the same addresses, no text.
std::string data_body();
submit_sm a_submit();
deliver_sm a_deliver();

/// session::submit() that the auditor of the running script knows of. An action that submits in
/// another way fails the script.
boost::system::result<std::uint32_t, submit_error> submit_on(session& s, const pdu& request,
                                                             std::uint64_t token, session_time now);

/// One line for an event: "response submit_sm_resp 7 ESME_ROK token=3 id=abc".
std::string line_of(const session_event& event);

class script {
public:
    explicit script(session_settings settings) : settings_(std::move(settings)) {}

    /// The peer sends this.
    script& expect(bytes from_peer);
    /// This, and nothing else, is written since the last reply_with. An empty one checks silence.
    script& reply_with(bytes to_peer);
    /// These events, and no others, came since the last told().
    script& told(std::vector<std::string> lines);
    script& then(std::function<void(session&, session_time now)> action);
    /// Time passes; tick() is called at every deadline on the way, and at the end.
    script& after(milliseconds passed);
    script& in_state(session_state state);

    /// Server only: a bind and its acceptance, checked by a script of its own.
    script& bound(command_id bind = command_id::bind_transceiver, char version = 0x34);
    /// Client only. With 0x33 the server's answer has no sc_interface_version, as of a 3.3 SMSC:
    /// set assume_tlvs as wanted.
    script& bound_client(command_id bind = command_id::bind_transceiver, char version = 0x34);

    void run() const;

private:
    friend class script_player;
    struct send_step {
        bytes octets;
    };
    struct reply_step {
        bytes octets;
    };
    struct told_step {
        std::vector<std::string> lines;
    };
    struct action_step {
        std::function<void(session&, session_time)> action;
    };
    struct time_step {
        milliseconds passed;
    };
    struct state_step {
        session_state state;
    };
    using step = std::variant<send_step, reply_step, told_step, action_step, time_step, state_step>;

    /// Steps of the peer that follow each other, with nothing of the owner between them, made one.
    [[nodiscard]] std::vector<step> merged() const;

    session_settings settings_;
    std::vector<step> steps_;
};

/// Settings with every timer off and the sizes that the tests count with.
session_settings quiet(session_role role);
inline session_settings client() {
    return quiet(session_role::client);
}
inline session_settings server() {
    return quiet(session_role::server);
}

}  // namespace hikyaku::smpp::test
