#include "bench/load/http_answer.hpp"

namespace hikyaku::bench {

namespace {

constexpr std::uint64_t body_bytes_max = 8 << 20;

}  // namespace

http_answer::http_answer(std::string* body) : body_(body) {
    if (body_ != nullptr) body_->clear();
    body_limit(body_bytes_max);
    eager(true);
}

void http_answer::on_request_impl(boost::beast::http::verb, text, text, int, error_code&) {}

void http_answer::on_response_impl(int status, text, int, error_code&) {
    status_ = static_cast<unsigned>(status);
}

void http_answer::on_field_impl(boost::beast::http::field, text, text, error_code&) {}
void http_answer::on_header_impl(error_code&) {}
void http_answer::on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) {}

std::size_t http_answer::on_body_impl(text piece, error_code&) {
    if (body_ != nullptr) body_->append(piece.data(), piece.size());
    return piece.size();
}

void http_answer::on_chunk_header_impl(std::uint64_t, text, error_code&) {}

std::size_t http_answer::on_chunk_body_impl(std::uint64_t, text piece, error_code& error) {
    return on_body_impl(piece, error);
}

void http_answer::on_finish_impl(error_code&) {}

}  // namespace hikyaku::bench
