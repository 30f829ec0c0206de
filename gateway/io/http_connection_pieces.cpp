// Bodies in pieces: when a connection begins with them, and how they end.
#include <utility>

#include "gateway/io/http_connection.hpp"

namespace hikyaku::gateway::io {

namespace asio = boost::asio;

http_pieces& http_connection::pieces() {
    if (!pieces_) {
        ++shared_->counters.in_pieces;
        pieces_ = std::make_unique<http_pieces>(shared_->background.context(), stream_,
                                                shared_->limits.request_timeout);
    }
    return *pieces_;
}

// A reader or source of an earlier request is gone before the next one is read.
std::function<void()> http_connection::waker(void (http_pieces::*wake)()) {
    return [weak = weak_from_this(), wake] {
        const auto alive = weak.lock();
        if (alive && alive->pieces_) (alive->pieces_.get()->*wake)();
    };
}

// A request that came whole, with its body, has not paid: nobody knew whose it is.
bool http_connection::read_body(std::uint64_t request, std::unique_ptr<api::body_reader> reader,
                                body_budget::owner whose) {
    if (request != request_ || answered_) return true;
    if (body_paid_ == 0) {
        body_owner_ = whose;
        if (!pay(pieces_bytes_max)) {
            deliver(request, api::http_response(std::move(response_)));
            return false;
        }
    }
    pieces().read_by(std::move(reader), waker(&http_pieces::wake_reader));
    return true;
}

asio::awaitable<bool> http_connection::pass_on() {
    if (!pieces_) {
        hand_over_request();
        if (!pieces_) co_return false;
    }
    enter(phase::handling);  // what takes long now is not the client
    const bool wanted = co_await pieces_->feed(storage_);
    enter(phase::reading);
    co_return wanted;
}

// A request that is at fault, or has stopped arriving, is told so as long as nothing of its
// response has gone out.
asio::awaitable<http_connection::outcome> http_connection::end_reading(outcome read) {
    enter(phase::handling);
    if (read == outcome::complete && pieces_->is_reading()) {
        const bool wanted = co_await pieces_->feed(storage_);
        if (wanted) pieces_->finish_reading();
    }
    if (read == outcome::faulty) {
        answered_ = true;
        pieces_->give_up();
        if (pieces_->has_source()) (void)co_await pieces_->written();
        if (pieces_->has_begun()) read = outcome::closed;
    }
    co_return read;
}

// The rest of a body that is still arriving cannot be told from the next request.
void http_connection::stop_reading() {
    if (pieces_) {
        if (!pieces_->is_reading()) return;
        pieces_->stop_reading();
    }
    if (!in_pieces_) return;
    keep_alive_ = false;
    boost::system::error_code ignored;
    stream_.socket().cancel(ignored);
}

void http_connection::begin_pieces() {
    const bool chunked = storage_.version() >= 11;
    keep_alive_ = keep_alive_ && chunked;
    std::string head;
    append_response_head(head, response_, shared_->date(), keep_alive_ ? "" : "close", chunked);
    const auto framing = without_body_ ? body_framing::none
                         : chunked     ? body_framing::chunked
                                       : body_framing::until_close;
    pieces().write_from(std::exchange(response_.source, nullptr), std::move(head), framing,
                        waker(&http_pieces::wake_writer));
    unwritten_ = body_unwritten_ = {};
    shared_->background.spawn(shared_->name, write_pieces(shared_from_this()));
    wake_.cancel();
}

asio::awaitable<void> http_connection::write_pieces(std::shared_ptr<http_connection> self) {
    co_await self->pieces_->write();
    if (self->pieces_->is_complete())
        self->stop_reading();
    else if (!self->pieces_->is_given_up())
        self->abort();
}

asio::awaitable<bool> http_connection::end_writing() {
    if (!pieces_->has_source()) co_return true;
    const bool complete = co_await pieces_->written();
    co_return complete;
}

}  // namespace hikyaku::gateway::io
