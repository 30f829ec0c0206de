#include "gateway/io/http_connection.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>
#include <cassert>
#include <optional>
#include <utility>

#include "gateway/api/times.hpp"
#include "smpp/io/use_tuple.hpp"

namespace hikyaku::gateway::io {
namespace {

namespace asio = boost::asio;
using smpp::io::use_tuple;

constexpr std::size_t read_bytes = 16 << 10;
constexpr std::size_t buffer_kept_max = 32 << 10;
constexpr std::size_t response_kept_max = 16 << 10;
// What each request may have before the budget is asked: most bodies come with their header.
constexpr std::size_t body_free_bytes = 16 << 10;
constexpr std::size_t stranger_body_bytes_max = 64 << 10;
constexpr std::size_t joined_bytes_max = 16 << 10;  // a body up to this goes out with its head
constexpr std::size_t linger_bytes_max = 8 << 20;
constexpr std::chrono::milliseconds linger_timeout{1000};

api::peer_address address_of(const asio::ip::tcp::endpoint& endpoint) {
    api::peer_address result;
    const asio::ip::address address = endpoint.address();
    if (address.is_v4() || address.to_v6().is_v4_mapped()) {
        const auto bytes =
            address.is_v4()
                ? address.to_v4().to_bytes()
                : asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_bytes();
        std::ranges::copy(bytes, result.bytes.begin());
    } else {
        result.v6 = true;
        std::ranges::copy(address.to_v6().to_bytes(), result.bytes.begin());
    }
    return result;
}

}  // namespace

const std::string& http_shared::date() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const std::int64_t second = std::chrono::duration_cast<std::chrono::seconds>(now).count();
    if (second != date_second_) {
        date_second_ = second;
        date_ = api::format_http_date(second);
        if (!limits.also.empty()) date_.append("\r\n").append(limits.also);
    }
    return date_;
}

http_connection::http_connection(std::shared_ptr<http_shared> shared, smpp::io::stream stream)
    : shared_(std::move(shared)),
      stream_(std::move(stream)),
      peer_(address_of(stream_.peer())),
      wake_(shared_->background.context()) {
    boost::system::error_code ignored;
    stream_.socket().non_blocking(true, ignored);  // for write_at_once()
    shared_->connections.insert(this);
    enter(phase::idle);
}

http_connection::~http_connection() {
    drop_request();
    shared_->buffers_freed_bytes +=
        buffer_.capacity() + storage_.capacity_bytes() + response_.body.capacity();
    shared_->connections.erase(this);
}

void http_connection::enter(phase next) {
    phase_ = next;
    const auto now = std::chrono::steady_clock::now();
    switch (next) {
        case phase::idle:
            deadline_ = now + shared_->limits.idle_timeout;
            break;
        case phase::reading:
        case phase::writing:
            deadline_ = now + shared_->limits.request_timeout;
            break;
        case phase::handling:
            deadline_ = time_point::max();
            break;
        case phase::lingering:
            deadline_ = now + linger_timeout;
            break;
    }
}

asio::awaitable<void> http_connection::run(std::shared_ptr<http_connection> self) {
    http_connection& me = *self;
    while (me.stream_.socket().is_open()) {
        outcome read = co_await me.read_request();
        if (read == outcome::complete && !me.in_pieces_) me.hand_over_request();
        if (me.pieces_) read = co_await me.end_reading(read);
        if (read == outcome::closed) break;
        if (read == outcome::faulty) {
            me.drop_request();
            me.begin_response(false, !me.without_body_);
            const bool written = co_await me.write_rest();
            if (written) co_await me.linger();
            break;
        }
        while (!me.answered_) {
            me.wake_.expires_at(time_point::max());
            co_await me.wake_.async_wait(use_tuple);
        }
        if (me.pieces_) {
            const bool complete = co_await me.end_writing();
            if (!complete) break;
        }
        if (!me.is_written()) {
            const bool written = co_await me.write_rest();
            if (!written) break;
        }
        if (read == outcome::stopped) {
            co_await me.linger();
            break;
        }
        if (me.keep_alive_ && me.buffer_.size() > 0)  // pipelined: everybody else has his turn
            co_await asio::post(me.stream_.socket().get_executor(), asio::use_awaitable);
        if (!me.keep_alive_ || me.finishing_) {
            co_await me.say_goodbye();
            break;
        }
    }
    me.abort();
}

http_connection::outcome http_connection::give_up(unsigned status) {
    if (status == 408)
        ++shared_->counters.timeouts;
    else
        ++shared_->counters.bad_requests;
    response_ = shared_->handler.refuse(status);
    return outcome::faulty;
}

asio::awaitable<http_connection::outcome> http_connection::read_request() {
    if (buffer_.capacity() > buffer_kept_max && buffer_.size() == 0) buffer_.shrink_to_fit();
    if (response_.body.capacity() > response_kept_max) response_ = {};
    if (auto* const place = stream_.place()) place->be_busy(false);
    drop_request();
    head_seen_ = without_body_ = in_pieces_ = false;
    http_request_parser parser(storage_, shared_->limits.message);
    bool continued = false;
    enter(buffer_.size() == 0 ? phase::idle : phase::reading);
    for (;;) {
        if (buffer_.size() > 0) {
            boost::system::error_code error;
            buffer_.consume(parser.read(buffer_.data(), error));
            if (error && error != boost::beast::http::error::need_more)
                co_return give_up(http_request_parser::status_of(error));
            if (parser.is_done() && !parser.is_over_limit() && !in_pieces_) break;
            // Header lines, trailers and chunk extensions that are not complete yet; a body is
            // taken at once.
            if (!parser.is_done() && buffer_.size() > parser.header_bytes_left())
                co_return give_up(431);
            if (parser.is_header_done() && !may_go_on(parser)) co_return outcome::faulty;
        }
        if (parser.is_header_done() && parser.expects_continue() && !continued) {
            continued = true;
            out_ = "HTTP/1.1 100 Continue\r\n\r\n";
            unwritten_ = out_;
            body_unwritten_ = {};
            const bool sent = co_await write_rest();
            if (!sent) co_return outcome::closed;
        }
        if (in_pieces_) {
            const bool wanted = co_await pass_on();
            if (!wanted) co_return stream_.socket().is_open() ? outcome::stopped : outcome::closed;
            if (parser.is_done()) break;
        }
        const auto space = buffer_.prepare(read_bytes);
        boost::system::error_code error;
        std::size_t size = 0;
        if (smpp::io::tls_stream* tls = stream_.tls())
            std::tie(error, size) = co_await tls->async_read_some(space, use_tuple);
        else
            std::tie(error, size) = co_await stream_.socket().async_read_some(space, use_tuple);
        buffer_.commit(size);
        if (timed_out_) co_return give_up(408);
        if (in_pieces_ && !pieces_->is_reading()) co_return outcome::stopped;
        if (error) co_return outcome::closed;
        if (phase_ == phase::idle || in_pieces_) enter(phase::reading);
    }
    if (!in_pieces_) keep_alive_ = parser.keep_alive();
    co_return outcome::complete;
}

bool http_connection::may_go_on(const http_request_parser& parser) {
    if (!std::exchange(head_seen_, true)) {
        const api::http_request head = storage_.view(peer_);
        without_body_ = head.method == "HEAD";
        head_verdict verdict = shared_->handler.look_at_head(head);
        if (parser.is_over_limit() && !verdict.in_pieces) {
            (void)give_up(413);
            return false;
        }
        if (verdict.refusal) {
            ++shared_->counters.heads_refused;
            response_ = std::move(*verdict.refusal);
            return false;
        }
        body_owner_ = verdict.owner;
        in_pieces_ = verdict.in_pieces;
        keep_alive_ = parser.keep_alive();
        const bool is_known = verdict.owner != body_budget::stranger;
        if (auto* const place = stream_.place(); place != nullptr && is_known) place->be_known();
    }
    if (parser.is_over_limit() && !in_pieces_) {
        (void)give_up(413);
        return false;
    }
    return pay_for_body();
}

bool http_connection::pay_for_body() {
    const std::size_t bytes =
        in_pieces_ ? body_free_bytes + pieces_bytes_max : storage_.body_bytes();
    if (body_owner_ == body_budget::stranger && bytes > stranger_body_bytes_max) {
        (void)give_up(413);
        return false;
    }
    if (bytes <= body_free_bytes + body_paid_) return true;
    return pay(bytes - body_free_bytes - body_paid_);
}

bool http_connection::pay(std::uint64_t bytes) {
    if (!shared_->bodies.try_take(body_owner_, bytes)) {
        ++shared_->counters.bodies_refused;
        response_ = shared_->handler.refuse(503);
        return false;
    }
    body_paid_ += bytes;
    return true;
}

void http_connection::drop_request() {
    shared_->bodies.give_back(body_owner_, std::exchange(body_paid_, 0));
    body_owner_ = body_budget::stranger;
    pieces_.reset();
    const std::size_t before = storage_.capacity_bytes();
    storage_.clear();
    shared_->buffers_freed_bytes += before - storage_.capacity_bytes();
}

void http_connection::hand_over_request() {
    enter(phase::handling);
    if (auto* const place = stream_.place()) place->be_busy(true);
    ++shared_->counters.requests;
    answered_ = false;
    ++request_;
    api::http_request request = storage_.view(peer_);
    if (in_pieces_) request.body = {};
    without_body_ = request.method == "HEAD";
    shared_->handler.handle(request, http_responder{weak_from_this(), request_});
}

void http_connection::deliver(std::uint64_t request, api::http_response&& response) {
    if (request != request_ || answered_) return;
    response_ = std::move(response);
    // Answered: whoever does not read the answer is a silent stranger again.
    if (auto* const place = stream_.place()) {
        place->be_busy(false);
        if (response_.is_identified) place->be_known();
    }
    answered_ = true;
    keep_alive_ = keep_alive_ && !finishing_;
    if (response_.source != nullptr) {
        begin_pieces();
        return;
    }
    if (in_pieces_ || pieces_) stop_reading();
    begin_response(keep_alive_, !without_body_);
    write_at_once();
    wake_.cancel();
}

void http_connection::begin_response(bool keep_alive, bool with_body) {
    enter(phase::writing);
    out_.clear();
    // HTTP/1.0 clients close unless they are told; later ones stay unless they are told.
    const std::string_view connection = !keep_alive               ? "close"
                                        : storage_.version() < 11 ? "keep-alive"
                                                                  : "";
    append_response_head(out_, response_, shared_->date(), connection, false);
    body_unwritten_ = {};
    if (with_body && response_.body.size() <= joined_bytes_max)
        out_.append(response_.body);
    else if (with_body)
        body_unwritten_ = response_.body;
    unwritten_ = out_;
}

// Most responses fit into the socket's buffer: then the coroutine has nothing to wait for. What
// does not fit, or fails, is left to it.
void http_connection::write_at_once() {
    if (stream_.tls() != nullptr || !body_unwritten_.empty()) return;
    boost::system::error_code error;
    const std::size_t size = stream_.socket().write_some(asio::buffer(unwritten_), error);
    unwritten_.remove_prefix(error ? 0 : size);
}

asio::awaitable<bool> http_connection::write_rest() {
    const std::array<asio::const_buffer, 2> buffers{asio::buffer(unwritten_),
                                                    asio::buffer(body_unwritten_)};
    unwritten_ = body_unwritten_ = {};
    boost::system::error_code error;
    std::size_t size = 0;
    if (smpp::io::tls_stream* tls = stream_.tls())
        std::tie(error, size) = co_await asio::async_write(*tls, buffers, use_tuple);
    else
        std::tie(error, size) = co_await asio::async_write(stream_.socket(), buffers, use_tuple);
    co_return !error;
}

// TLS tells the end apart from a cut; plain TCP needs nothing. Pipelined requests that are not
// answered any more count as unread data.
asio::awaitable<void> http_connection::say_goodbye() {
    if (buffer_.size() > 0) {
        co_await linger();
    } else if (smpp::io::tls_stream* tls = stream_.tls()) {
        enter(phase::lingering);
        co_await tls->async_shutdown(use_tuple);
    }
}

// Closing while the client still sends would reset the connection and could take the response with
// it, so the rest is read and thrown away for a moment (RFC 9112, 9.6).
asio::awaitable<void> http_connection::linger() {
    enter(phase::lingering);
    boost::system::error_code error;
    if (smpp::io::tls_stream* tls = stream_.tls())
        std::tie(error) = co_await tls->async_shutdown(use_tuple);
    stream_.socket().shutdown(asio::socket_base::shutdown_send, error);
    std::size_t total = 0;
    while (total < linger_bytes_max) {
        buffer_.clear();
        const auto space = buffer_.prepare(read_bytes);
        std::size_t size = 0;
        std::tie(error, size) = co_await stream_.socket().async_read_some(space, use_tuple);
        if (error) break;
        total += size;
    }
}

void http_connection::check_time(time_point now) {
    if (pieces_ && pieces_->is_stalled(now)) {
        ++shared_->counters.timeouts;
        abort();
        return;
    }
    if (now < deadline_) return;
    deadline_ = time_point::max();
    boost::system::error_code ignored;
    switch (phase_) {
        case phase::handling:
            break;
        case phase::reading:
            timed_out_ = true;
            stream_.socket().cancel(ignored);
            break;
        case phase::idle:
            ++shared_->counters.idle_closed;
            abort();
            break;
        case phase::writing:
            ++shared_->counters.timeouts;
            abort();
            break;
        case phase::lingering:
            abort();
            break;
    }
}

void http_connection::finish() {
    finishing_ = true;
    if (pieces_) pieces_->stop(std::chrono::steady_clock::now());
    if (phase_ == phase::idle) abort();
}

void http_connection::abort() {
    boost::system::error_code ignored;
    if (pieces_ && pieces_->looks_whole_if_cut())
        stream_.socket().set_option(asio::socket_base::linger(true, 0), ignored);
    stream_.socket().close(ignored);
    if (pieces_) pieces_->give_up();
}

}  // namespace hikyaku::gateway::io
