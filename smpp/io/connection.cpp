#include "smpp/io/connection.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cassert>

#include "smpp/io/spawn.hpp"
#include "smpp/io/use_tuple.hpp"

namespace hikyaku::smpp::io {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

// The peer has gone, with or without manners; anything else is a fault worth a look.
close_reason reason_of(const error_code& error) {
    const bool gone = error == asio::error::eof || error == asio::error::connection_reset ||
                      error == asio::error::broken_pipe ||
                      error == asio::ssl::error::stream_truncated;
    return gone ? close_reason::peer_closed : close_reason::connection_error;
}
}  // namespace

connection::connection(stream connected, const session_settings& session,
                       connection_handler* handler, const connection_settings& settings)
    : stream_(std::move(connected)),
      settings_(settings),
      session_(session, now()),
      handler_(handler),
      timer_(stream_.socket().get_executor()),
      reader_wake_(stream_.socket().get_executor(), session_time::max()),
      writer_wake_(stream_.socket().get_executor(), session_time::max()) {
    assert(settings_.read_bytes_first > 0);
    read_bytes_ = std::min(settings_.read_bytes_first, settings_.read_bytes);
}

connection::~connection() = default;

std::shared_ptr<connection> connection::create(stream connected, const session_settings& session,
                                               connection_handler* handler,
                                               const connection_settings& settings) {
    return std::shared_ptr<connection>(
        new connection(std::move(connected), session, handler, settings));
}

void connection::start() {
    assert(!started_);
    started_ = true;
    const auto self = shared_from_this();
    if (io::place* const own = place()) {
        own->on_eviction([weak = weak_from_this()] {
            if (const auto alive = weak.lock()) alive->close();
        });
    }
    const auto executor = timer_.get_executor();
    spawn(
        executor, read_loop(), [self] { self->on_exception(); });
    spawn(executor, write_loop(), [self] { self->on_exception(); });
    kick();
}

void connection::kick() {
    if (kicked_) return;
    kicked_ = true;
    asio::post(timer_.get_executor(), [self = shared_from_this()] {
        self->kicked_ = false;
        self->guarded(&connection::dispatch);
    });
}

void connection::close(close_reason reason) {
    session_.abort(reason);
    close_socket();
    kick();
}

// Events.

void connection::hand_out_events() {
    for (;;) {
        const std::span<const session_event> events = session_.take_events();
        if (events.empty()) return;
        if (handler_ != nullptr) handler_->on_events(*this, events);
    }
}

// After everything that may have changed the session: tell the handler, then look what the session
// wants now.
void connection::dispatch() {
    const auto self = shared_from_this();
    assert(!dispatching_);
    struct mark {
        bool& flag;
        explicit mark(bool& set) : flag(set) { flag = true; }
        ~mark() { flag = false; }
    } const dispatching(dispatching_);
    hand_out_events();
    if (session_.is_closed()) {
        finish();
        return;
    }
    if (writer_waits_) wake_writer();
    if (reader_waits_ && session_.wants_input()) wake_reader();
    arm_timer();
}

// For calls from the loop that are not a coroutine's.
void connection::guarded(void (connection::*step)()) {
    try {
        (this->*step)();
    } catch (...) {
        on_exception();
    }
}

// Only a handler that throws, or lack of memory, comes here. It costs this session and no other.
void connection::on_exception() {
    session_.abort(close_reason::internal_error);
    close_socket();
    try {
        dispatch();
    } catch (...) {
        handler_ = nullptr;
        dispatch();
    }
}

void connection::on_stream_error(const error_code& error) {
    if (!session_.is_closed()) stream_error_ = error;
    session_.abort(reason_of(error));
    close_socket();
    dispatch();
}

// The session is closed. The stream gets time to deliver what was written.
void connection::finish() {
    if (finished_) return;
    finished_ = true;
    if (handler_ != nullptr) {
        connection_handler* const last = std::exchange(handler_, nullptr);
        last->on_closed(*this, session_.reason());
    }
    linger_until_ = now() + settings_.linger_timeout;
    wake_writer();
    wake_reader();
    arm_timer();
}

void connection::close_socket() {
    if (socket_closed_) return;
    socket_closed_ = true;
    error_code ignored;
    stream_.socket().close(ignored);
    timer_.cancel();
    wake_writer();
    wake_reader();
}

void connection::wake_writer() {
    if (std::exchange(writer_waits_, false)) writer_wake_.cancel();
}

void connection::wake_reader() {
    if (std::exchange(reader_waits_, false)) reader_wake_.cancel();
}

// Time.

// A deadline that has moved away is left alone: the timer fires too early once and is set again,
// which is cheaper than setting it at every PDU.
void connection::arm_timer() {
    if (socket_closed_) return;
    const session_time next =
        finished_ ? linger_until_ : session_.next_deadline().value_or(session_time::max());
    if (next >= armed_) return;
    armed_ = next;
    timer_.expires_at(next);
    timer_.async_wait([self = shared_from_this()](const error_code& error) {
        if (!error) self->guarded(&connection::on_timer);
    });
}

void connection::on_timer() {
    armed_ = session_time::max();
    if (socket_closed_) return;
    if (finished_ && now() >= linger_until_) {
        close_socket();
        return;
    }
    session_.tick(now());
    dispatch();
}

// The two coroutines.

asio::awaitable<void> connection::read_loop() {
    const auto self = shared_from_this();
    while (session_.state() < session_state::closing) {
        if (!session_.wants_input()) {
            reader_waits_ = true;
            co_await reader_wake_.async_wait(use_tuple);
            continue;
        }
        const std::span<std::uint8_t> room = session_.prepare(read_bytes_);
        const asio::mutable_buffer buffer(room.data(), room.size());
        error_code error;
        std::size_t bytes = 0;
        if (tls_stream* secured = stream_.tls())
            std::tie(error, bytes) = co_await secured->async_read_some(buffer, use_tuple);
        else
            std::tie(error, bytes) = co_await stream_.socket().async_read_some(buffer, use_tuple);
        if (error) {
            on_stream_error(error);
            co_return;
        }
        bytes_read_ += bytes;
        if (bytes == room.size()) read_bytes_ = std::min(read_bytes_ * 4, settings_.read_bytes);
        session_.commit(bytes, now());
        dispatch();
    }
    co_await discard_input();
}

// A socket that is closed with unread input resets the connection, and the peer may lose our last
// response: read until the peer closes, or the linger timer does.
asio::awaitable<void> connection::discard_input() {
    std::array<std::uint8_t, 512> waste{};
    const asio::mutable_buffer buffer(waste.data(), waste.size());
    while (!socket_closed_) {
        error_code error;
        std::size_t bytes = 0;
        if (tls_stream* secured = stream_.tls())
            std::tie(error, bytes) = co_await secured->async_read_some(buffer, use_tuple);
        else
            std::tie(error, bytes) = co_await stream_.socket().async_read_some(buffer, use_tuple);
        bytes_read_ += bytes;
        if (!error) continue;
        // The peer will say no more but may still listen: what is queued is written first.
        input_ended_ = error == asio::error::eof && !session_.is_closed();
        if (input_ended_) co_return;
        on_stream_error(error);
    }
}

asio::awaitable<void> connection::write_loop() {
    const auto self = shared_from_this();
    while (!session_.is_closed()) {
        const std::span<const std::uint8_t> out = session_.output();
        if (out.empty()) {
            writer_waits_ = true;
            co_await writer_wake_.async_wait(use_tuple);
            continue;
        }
        const asio::const_buffer buffer(out.data(), out.size());
        error_code error;
        std::size_t bytes = 0;
        if (tls_stream* secured = stream_.tls())
            std::tie(error, bytes) = co_await secured->async_write_some(buffer, use_tuple);
        else
            std::tie(error, bytes) = co_await stream_.socket().async_write_some(buffer, use_tuple);
        if (error) {
            on_stream_error(error);
            co_return;
        }
        bytes_written_ += bytes;
        session_.consume_output(bytes);
        dispatch();
    }
    co_await end_stream();
}

// Everything is written: say so, in TLS too, and leave the closing to the peer.
asio::awaitable<void> connection::end_stream() {
    if (tls_stream* secured = stream_.tls(); secured != nullptr && !socket_closed_)
        co_await secured->async_shutdown(use_tuple);
    error_code ignored;
    if (!socket_closed_) stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    if (input_ended_) close_socket();
}

}  // namespace hikyaku::smpp::io
