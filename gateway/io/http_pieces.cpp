#include "gateway/io/http_pieces.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <utility>

#include "smpp/io/use_tuple.hpp"

namespace hikyaku::gateway::io {
namespace {

namespace asio = boost::asio;
using smpp::io::use_tuple;

constexpr std::size_t piece_bytes = 64 << 10;
constexpr std::chrono::milliseconds last_write_timeout{1000};  // once the server stops

}  // namespace

http_pieces::http_pieces(asio::io_context& context, smpp::io::stream& stream,
                         std::chrono::milliseconds write_timeout)
    : stream_(stream),
      write_timeout_(write_timeout),
      reader_wake_(context),
      writer_wake_(context),
      writer_ended_(context) {}

void http_pieces::read_by(std::unique_ptr<api::body_reader> reader, std::function<void()> wake) {
    reader_ = std::move(reader);
    reader_->on_wake(std::move(wake));
}

asio::awaitable<bool> http_pieces::feed(http_storage& from) {
    while (is_reading() && !given_up_ && from.body_bytes() > 0) {
        reader_woken_ = false;
        const std::size_t taken = reader_->take(from.body());
        from.drop_body(taken);
        if (from.body_bytes() > 0 && reader_woken_)  // everybody else has his turn
            co_await asio::post(reader_wake_.get_executor(), asio::use_awaitable);
        while (from.body_bytes() > 0 && is_reading() && !reader_woken_ && !given_up_) {
            reader_wake_.expires_at(time_point::max());
            co_await reader_wake_.async_wait(use_tuple);
        }
    }
    co_return is_reading() && !given_up_;
}

void http_pieces::finish_reading() {
    const auto reader = std::move(reader_);
    if (reader) reader->finish();
}

void http_pieces::stop_reading() {
    stopped_ = true;  // and it is kept: this may be called from inside of it
    reader_wake_.cancel();
}

void http_pieces::wake_reader() {
    reader_woken_ = true;
    reader_wake_.cancel();
}

void http_pieces::write_from(std::unique_ptr<api::body_source> source, std::string head,
                             body_framing framing, std::function<void()> wake) {
    source_ = std::move(source);
    source_->on_wake(std::move(wake));
    head_ = std::move(head);
    framing_ = framing;
    has_source_ = true;
}

asio::awaitable<void> http_pieces::write() {
    bool last = framing_ == body_framing::none;
    if (last) complete_ = co_await write_piece({}, true);
    while (!last && !given_up_) {
        piece_.clear();
        writer_woken_ = false;
        const auto state = source_->next(piece_, piece_bytes, std::chrono::steady_clock::now());
        last = state == api::source_state::end;
        if (state == api::source_state::broken) break;
        if (!piece_.empty() || last) {
            const bool sent = co_await write_piece(piece_, last);
            if (!sent) break;
            complete_ = last;
        }
        if (state == api::source_state::wait) co_await wait_for_source();
    }
    source_.reset();
    ended_ = true;
    writer_ended_.cancel();
}

asio::awaitable<bool> http_pieces::write_piece(std::string_view piece, bool last) {
    begun_ = true;
    std::string frame;
    std::string_view tail;
    if (framing_ == body_framing::chunked) {
        if (!piece.empty()) frame = fmt::format("{:x}\r\n", piece.size());
        tail = piece.empty() ? "0\r\n\r\n" : last ? "\r\n0\r\n\r\n" : "\r\n";
    }
    const std::array<asio::const_buffer, 4> buffers{asio::buffer(head_), asio::buffer(frame),
                                                    asio::buffer(piece), asio::buffer(tail)};
    boost::system::error_code error;
    std::size_t size = 0;
    write_deadline_ = std::chrono::steady_clock::now() + write_timeout_;
    if (smpp::io::tls_stream* tls = stream_.tls())
        std::tie(error, size) = co_await asio::async_write(*tls, buffers, use_tuple);
    else
        std::tie(error, size) = co_await asio::async_write(stream_.socket(), buffers, use_tuple);
    write_deadline_ = time_point::max();
    head_.clear();
    co_return !error;
}

asio::awaitable<void> http_pieces::wait_for_source() {
    const auto until = source_->asks_again().value_or(time_point::max());
    while (!writer_woken_ && !given_up_ && std::chrono::steady_clock::now() < until) {
        writer_wake_.expires_at(until);
        co_await writer_wake_.async_wait(use_tuple);
    }
}

asio::awaitable<bool> http_pieces::written() {
    while (!ended_) {
        writer_ended_.expires_at(time_point::max());
        co_await writer_ended_.async_wait(use_tuple);
    }
    co_return complete_;
}

void http_pieces::wake_writer() {
    writer_woken_ = true;
    writer_wake_.cancel();
}

void http_pieces::stop(time_point now) {
    write_timeout_ = std::min(write_timeout_, last_write_timeout);
    if (write_deadline_ != time_point::max())
        write_deadline_ = std::min(write_deadline_, now + write_timeout_);
    if (source_) source_->stop();
}

void http_pieces::give_up() {
    given_up_ = true;
    reader_wake_.cancel();
    writer_wake_.cancel();
}

}  // namespace hikyaku::gateway::io
