// Bodies that are never whole in memory: a request's is given to a body_reader as it arrives, a
// response's is asked of a body_source as its client reads. gateway/io/http_pieces drives both;
// each may make the connection wait and wakes it later. The connection owns them, and destroys them
// where the exchange ends, whether it was complete or not. Engine's thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace hikyaku::gateway::api {

/// What both can do: go on after they have made the connection wait.
class wakes_connection {
public:
    wakes_connection() = default;
    wakes_connection(const wakes_connection&) = delete;
    wakes_connection& operator=(const wakes_connection&) = delete;
    virtual ~wakes_connection() = default;

    /// The connection's; it may be called at any time, also from inside take() and next(), and also
    /// in vain.
    void on_wake(std::function<void()> wake) { wake_ = std::move(wake); }

protected:
    void wake() const {
        if (wake_) wake_();
    }

private:
    std::function<void()> wake_;
};

/// Takes the body of one request. Destroyed without finish(): the body was cut.
class body_reader : public wakes_connection {
public:
    /// How many of the octets were taken. Fewer than there are: the reader has no room, and is
    /// asked again, with the rest in front, after it has woken the connection. One that has done
    /// enough for a turn of the loop wakes it at once, and is asked again in another turn.
    [[nodiscard]] virtual std::size_t take(std::string_view octets) = 0;
    /// The body is complete.
    virtual void finish() = 0;
};

/// What next() has to say.
enum class source_state : std::uint8_t {
    more,    // go on asking
    wait,    // not before it wakes the connection, or its time has come
    end,     // the body is complete
    broken,  // it cannot be completed: the connection is cut, so that the client sees that
};

/// Brings the body of one response.
class body_source : public wakes_connection {
public:
    using time_point = std::chrono::steady_clock::time_point;

    /// Appends to `out`: `room` octets and one entry more at most. The head of the response is kept
    /// back until the first octets have come.
    [[nodiscard]] virtual source_state next(std::string& out, std::size_t room, time_point now) = 0;
    /// After `wait`: when it is to be asked again although it has not woken the connection.
    [[nodiscard]] virtual std::optional<time_point> asks_again() const { return {}; }
    /// The server stops: what has no end of its own comes to one, what is long is broken.
    virtual void stop() {}
};

}  // namespace hikyaku::gateway::api
