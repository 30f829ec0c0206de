#include "gateway/api/event_stream.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace hikyaku::gateway::api {
namespace {

constexpr std::string_view comment = ":\n\n";

void append_field(std::string& out, std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\n");
}

bool is_one_line(std::string_view text) {
    return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

}  // namespace

struct event_channel::state {
    std::string waiting;
    std::size_t waiting_bytes_max = 0;
    bool closed = false;
    bool overrun = false;  // the client has not kept up
    std::function<void()> wake;
};

std::string format_event(const stream_event& what) {
    std::string out;
    if (!what.id.empty() && is_one_line(what.id)) append_field(out, "id", what.id);
    if (!what.event.empty() && is_one_line(what.event)) append_field(out, "event", what.event);
    std::string_view rest = what.data;
    for (;;) {
        const auto end = std::min(rest.find_first_of("\r\n"), rest.size());
        append_field(out, "data", rest.substr(0, end));
        if (end == rest.size()) break;
        rest.remove_prefix(end + (rest.substr(end).starts_with("\r\n") ? 2 : 1));
    }
    return out.append("\n");
}

std::string_view last_event_id(const http_request& request) {
    return request.header("Last-Event-ID");
}

void event_channel::push(const stream_event& what) const {
    const auto open = state_.lock();
    if (!open || open->closed || open->overrun) return;
    const std::string text = format_event(what);
    if (open->waiting.size() + text.size() > open->waiting_bytes_max)
        open->overrun = true;
    else
        open->waiting.append(text);
    open->wake();
}

void event_channel::close() const {
    const auto open = state_.lock();
    if (!open) return;
    open->closed = true;
    open->wake();
}

event_stream::event_stream(const event_stream_limits& limits)
    : state_(std::make_shared<event_channel::state>()), heartbeat_(limits.heartbeat) {
    state_->waiting_bytes_max = limits.waiting_bytes_max;
    state_->waiting = comment;
    state_->wake = [this] { wake(); };
}

event_stream::~event_stream() = default;

event_channel event_stream::channel() const {
    event_channel made;
    made.state_ = state_;
    return made;
}

source_state event_stream::next(std::string& out, std::size_t, time_point now) {
    if (state_->overrun) return source_state::broken;
    if (state_->waiting.empty() && beats_at_ && now >= *beats_at_) state_->waiting = comment;
    if (!state_->waiting.empty() || !beats_at_) beats_at_ = now + heartbeat_;
    out.append(std::exchange(state_->waiting, {}));
    return state_->closed ? source_state::end : source_state::wait;
}

std::optional<body_source::time_point> event_stream::asks_again() const {
    return beats_at_;
}

void event_stream::stop() {
    state_->closed = true;
    wake();
}

http_response event_stream_response(std::unique_ptr<event_stream> stream) {
    http_response response;
    response.content_type = event_stream_type;
    response.headers.emplace_back("Cache-Control", "no-store");
    response.source = std::move(stream);
    return response;
}

}  // namespace hikyaku::gateway::api
