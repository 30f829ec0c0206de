// What a connection of http_server has besides, while a body comes or goes in pieces: the reader of
// a request's body, the source of a response's, and who of them waits. Both directions may be under
// way at once, each in a coroutine of its own. Memory stays the same however long the bodies are.
// Used by http_connection.cpp only; its thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "gateway/api/body_stream.hpp"
#include "gateway/io/http_message.hpp"
#include "smpp/io/stream.hpp"

namespace hikyaku::gateway::io {

/// How a client sees where a body ends whose length nobody knows.
enum class body_framing : std::uint8_t {
    chunked,
    until_close,  // HTTP/1.0
    none,         // HEAD: there is no body
};

/// Of the budget of bodies, for what a reader holds of one.
inline constexpr std::size_t pieces_bytes_max = 2 << 20;

class http_pieces {
public:
    using time_point = std::chrono::steady_clock::time_point;

    /// `stream` outlives it. `write_timeout` is for one piece.
    http_pieces(boost::asio::io_context& context, smpp::io::stream& stream,
                std::chrono::milliseconds write_timeout);

    // The request.
    /// `wake` is for reader and source: it must end in wake_reader() or wake_writer(), or do
    /// nothing once this is gone.
    void read_by(std::unique_ptr<api::body_reader> reader, std::function<void()> wake);
    /// Gives the reader what is in the storage and removes what it takes, until nothing is left. A
    /// reader that wakes itself goes on in another turn. False: nobody wants the rest.
    boost::asio::awaitable<bool> feed(http_storage& from);
    /// The request is complete: its reader finishes.
    void finish_reading();
    /// The rest of the body is not wanted.
    void stop_reading();
    [[nodiscard]] bool is_reading() const { return reader_ != nullptr && !stopped_; }
    void wake_reader();

    // The response.
    /// `head` goes out with the first piece.
    void write_from(std::unique_ptr<api::body_source> source, std::string head,
                    body_framing framing, std::function<void()> wake);
    /// Writes until the source has ended, or the client or the source has failed.
    boost::asio::awaitable<void> write();
    /// Waits for the end of write(). False: the body is not complete.
    boost::asio::awaitable<bool> written();
    /// There is a source, whether or not it has ended.
    [[nodiscard]] bool has_source() const { return has_source_; }
    /// Octets of the response have gone out, or are going.
    [[nodiscard]] bool has_begun() const { return begun_; }
    /// The body was written to its end.
    [[nodiscard]] bool is_complete() const { return complete_; }
    void wake_writer();
    /// See body_source::stop(). From now on the client has a second to read a piece.
    void stop(time_point now);
    /// Octets of the body have gone out, more were to come, and nothing but an error tells the
    /// client so.
    [[nodiscard]] bool looks_whole_if_cut() const {
        return begun_ && !complete_ && framing_ == body_framing::until_close;
    }

    /// The client has taken too long to read one piece.
    [[nodiscard]] bool is_stalled(time_point now) const { return now >= write_deadline_; }
    /// The connection is closed, or its response is given up: nobody waits any longer.
    void give_up();
    [[nodiscard]] bool is_given_up() const { return given_up_; }

private:
    boost::asio::awaitable<bool> write_piece(std::string_view piece, bool last);
    boost::asio::awaitable<void> wait_for_source();

    smpp::io::stream& stream_;
    std::chrono::milliseconds write_timeout_;

    std::unique_ptr<api::body_reader> reader_;
    boost::asio::steady_timer reader_wake_;
    bool reader_woken_ = false;
    bool stopped_ = false;

    std::unique_ptr<api::body_source> source_;
    std::string head_;
    std::string piece_;
    body_framing framing_ = body_framing::chunked;
    boost::asio::steady_timer writer_wake_;
    boost::asio::steady_timer writer_ended_;
    time_point write_deadline_ = time_point::max();
    bool has_source_ = false;
    bool writer_woken_ = false;
    bool begun_ = false;
    bool ended_ = false;     // write() has
    bool complete_ = false;  // and the body is
    bool given_up_ = false;
};

}  // namespace hikyaku::gateway::io
