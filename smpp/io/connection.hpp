// Drives one smpp::session over one stream: a reader and a writer coroutine, one timer, and calls
// to a handler. It moves bytes and decides nothing; who the peer is and what its requests mean is
// the handler's business. Everything, the handler's calls included, happens on the thread of the
// stream's io_context. The coroutines keep the connection alive until it has ended; its owner may
// drop his pointer or call detach() at any time.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>

#include "smpp/io/stream.hpp"
#include "smpp/session/session.hpp"

namespace hikyaku::smpp::io {

class connection;

/// Called on the io thread, never from inside a call of the handler's own into the connection.
class connection_handler {
public:
    virtual ~connection_handler() = default;
    /// The session's events, in order; views in them are valid during the call only. The handler
    /// may use session() freely and need not call kick(). It may close() or detach().
    virtual void on_events(connection& from, std::span<const session_event> events) = 0;
    /// The last call, after the request_failed events of all that was unanswered.
    virtual void on_closed(connection& from, close_reason reason) = 0;
};

struct connection_settings {
    // Room offered to each read: little at first, four times as much whenever a read fills it, so
    // that thousands of idle sessions take no more memory than they need.
    std::size_t read_bytes_first = 1024;
    std::size_t read_bytes = 16384;
    /// After the last byte was written: how long to wait for the peer to close its side, so that it
    /// has read the last response (E20).
    std::chrono::milliseconds linger_timeout{2000};
};

class connection : public std::enable_shared_from_this<connection> {
public:
    /// The handler must outlive the connection or be detached first. Null: nobody listens.
    [[nodiscard]] static std::shared_ptr<connection> create(
        stream connected, const session_settings& session, connection_handler* handler,
        const connection_settings& settings = {});
    ~connection();
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;

    /// Starts to read and write. A client may call session().bind() before or after, then kick().
    void start();
    /// The owner has used session() outside of on_events: writes what it queued and hands out the
    /// events it caused, later in this turn of the loop, all of it in one write.
    void kick();
    /// Ends it now, without unbind; on_closed follows from the loop. For a peaceful end call
    /// session().unbind(connection::now()) and kick().
    void close(close_reason reason = close_reason::local);
    /// No calls to the handler from now on. The session goes on until it is closed.
    void detach() { handler_ = nullptr; }

    [[nodiscard]] smpp::session& session() { return session_; }
    [[nodiscard]] const smpp::session& session() const { return session_; }
    [[nodiscard]] const tcp::endpoint& peer() const { return stream_.peer(); }
    [[nodiscard]] bool is_tls() { return stream_.tls() != nullptr; }
    /// OpenSSL's side of it; null: plain.
    [[nodiscard]] const SSL* tls() {
        auto* const secured = stream_.tls();
        return secured == nullptr ? nullptr : secured->native_handle();
    }
    /// The error of the socket or of TLS that ended it; none if something else did.
    [[nodiscard]] const boost::system::error_code& stream_error() const { return stream_error_; }
    /// Its place at the door it came through; null: that door has none.
    [[nodiscard]] io::place* place() const { return stream_.place(); }
    [[nodiscard]] std::uint64_t bytes_read() const { return bytes_read_; }
    [[nodiscard]] std::uint64_t bytes_written() const { return bytes_written_; }
    /// The `now` that the session's functions want.
    [[nodiscard]] static session_time now() { return std::chrono::steady_clock::now(); }

private:
    connection(stream connected, const session_settings& session, connection_handler* handler,
               const connection_settings& settings);

    boost::asio::awaitable<void> read_loop();
    boost::asio::awaitable<void> write_loop();
    boost::asio::awaitable<void> end_stream();
    boost::asio::awaitable<void> discard_input();
    void guarded(void (connection::*step)());
    void on_exception();
    void dispatch();
    void hand_out_events();
    void arm_timer();
    void on_timer();
    void on_stream_error(const boost::system::error_code& error);
    void wake_writer();
    void wake_reader();
    void finish();
    void close_socket();

    stream stream_;
    connection_settings settings_;
    smpp::session session_;
    connection_handler* handler_;
    boost::asio::steady_timer timer_;        // at session().next_deadline(), or of the linger
    boost::asio::steady_timer reader_wake_;  // never expires; cancelled when input is wanted again
    boost::asio::steady_timer writer_wake_;  // never expires; cancelled when there is output
    session_time armed_ = session_time::max();  // when timer_ fires
    session_time linger_until_ = session_time::max();
    std::size_t read_bytes_ = 0;  // offered to the next read
    std::uint64_t bytes_read_ = 0;
    std::uint64_t bytes_written_ = 0;
    boost::system::error_code stream_error_;
    bool started_ = false;
    bool dispatching_ = false;
    bool kicked_ = false;
    bool finished_ = false;  // on_closed is done
    bool socket_closed_ = false;
    bool input_ended_ = false;  // the peer closed its side while we still write
    bool reader_waits_ = false;
    bool writer_waits_ = false;
};

}  // namespace hikyaku::smpp::io
