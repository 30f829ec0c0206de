// Server-sent events (WHATWG HTML, 9.2): a response that does not end and tells a page or a program
// what happens. event_stream is its body; whoever has news keeps an event_channel of it and pushes.
// Silent streams get a comment now and then, so that proxies and dead clients are noticed. A client
// that does not keep up is cut, and comes back with Last-Event-ID. Engine's thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/api/http.hpp"

namespace hikyaku::gateway::api {

inline constexpr std::string_view event_stream_type = "text/event-stream";

/// One event. Lines of `data` may end with CR LF, LF or CR; `id` and `event` are one line each.
struct stream_event {
    std::string_view id;     // what Last-Event-ID will say; empty = none
    std::string_view event;  // empty = "message"
    std::string_view data;
};

/// As it goes to the client: "id: ...\nevent: ...\ndata: ...\n\n". What cannot stand in one line of
/// `id` and `event` is left out.
[[nodiscard]] std::string format_event(const stream_event& what);

/// Where the client wants to go on; empty: from now.
[[nodiscard]] std::string_view last_event_id(const http_request& request);

struct event_stream_limits {
    std::chrono::milliseconds heartbeat{15000};
    std::size_t waiting_bytes_max = 256 << 10;  // of events that the client has not taken
};

/// The end that speaks. Outlives its stream: then is_open() is false and push() does nothing.
class event_channel {
public:
    [[nodiscard]] bool is_open() const { return !state_.expired(); }
    void push(const stream_event& what) const;
    /// No more will come.
    void close() const;

private:
    friend class event_stream;
    struct state;
    std::weak_ptr<state> state_;
};

/// The body. Its first octets are a comment, so that the client sees at once that it is connected.
class event_stream final : public body_source {
public:
    explicit event_stream(const event_stream_limits& limits = {});
    ~event_stream() override;
    [[nodiscard]] event_channel channel() const;

    [[nodiscard]] source_state next(std::string& out, std::size_t room, time_point now) override;
    [[nodiscard]] std::optional<time_point> asks_again() const override;
    void stop() override;

private:
    std::shared_ptr<event_channel::state> state_;
    std::chrono::milliseconds heartbeat_;
    std::optional<time_point> beats_at_;
};

/// 200 with this body, which no cache keeps.
[[nodiscard]] http_response event_stream_response(std::unique_ptr<event_stream> stream);

}  // namespace hikyaku::gateway::api
