// Scripts for sessions: what the peer sends, what must come back, what the owner is told and does,
// and how time passes. A script is a list of steps that run() plays several times: with every step
// in one piece, in pieces of 1, 2, 3... bytes, and cut once at every byte, always with the same
// expectations.
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

namespace hikyaku::smpp::test {

using bytes = std::vector<std::uint8_t>;
using namespace std::chrono_literals;
using std::chrono::milliseconds;

/// "00 0f ..." to bytes; spaces are ignored.
bytes from_hex(std::string_view hex);
std::string to_hex(const bytes& octets);
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
submit_sm a_submit();
deliver_sm a_deliver();

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
    /// Client only.
    script& bound_client(command_id bind = command_id::bind_transceiver);

    void run() const;

private:
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

    class play;
    session_settings settings_;
    std::vector<step> steps_;
};

/// Settings with every timer off and the sizes that the tests count with.
session_settings quiet(session_role role);

}  // namespace hikyaku::smpp::test
