#include "smpp/session/output_queue.hpp"

#include <cassert>

namespace hikyaku::smpp {

namespace {
std::size_t pdu_bytes_at(const std::vector<std::uint8_t>& bytes, std::size_t at) {
    assert(bytes.size() - at >= 16);
    return std::size_t{bytes[at]} << 24 | std::size_t{bytes[at + 1]} << 16 |
           std::size_t{bytes[at + 2]} << 8 | std::size_t{bytes[at + 3]};
}
}  // namespace

std::span<const std::uint8_t> output_queue::stage() {
    if (out_head_ == out_.size()) {
        out_.clear();
        out_head_ = 0;
        std::swap(out_, urgent_);
        out_urgent_ = out_.size();
        stage_bulk();
    }
    return staged();
}

void output_queue::stage_bulk() {
    std::size_t end = bulk_head_;
    while (end < bulk_.size()) {
        const std::size_t next = end + pdu_bytes_at(bulk_, end);
        if (next - bulk_head_ > chunk_bytes_ && end != bulk_head_) break;
        end = next;
    }
    const std::size_t taken = end - bulk_head_;
    if (taken == 0) return;
    bulk_staged_ += taken;
    if (out_.empty() && bulk_head_ == 0 && end == bulk_.size()) {
        std::swap(out_, bulk_);
        return;
    }
    out_.insert(out_.end(), bulk_.begin() + static_cast<std::ptrdiff_t>(bulk_head_),
                bulk_.begin() + static_cast<std::ptrdiff_t>(end));
    bulk_head_ = end;
    if (bulk_head_ == bulk_.size()) {
        bulk_.clear();
        bulk_head_ = 0;
    } else if (bulk_head_ >= bulk_.size() / 2) {
        bulk_.erase(bulk_.begin(), bulk_.begin() + static_cast<std::ptrdiff_t>(bulk_head_));
        bulk_head_ = 0;
    }
}

void output_queue::consume(std::size_t written) {
    assert(written <= out_.size() - out_head_);
    out_head_ += written;
}

void output_queue::prepend_urgent(std::span<const std::uint8_t> pdu) {
    urgent_.insert(urgent_.begin(), pdu.begin(), pdu.end());
}

void output_queue::drop_bulk() {
    bulk_.clear();
    bulk_head_ = 0;
}

request_progress output_queue::progress(std::uint64_t stream_begin) const {
    if (stream_begin >= bulk_staged_) return request_progress::waiting;
    const std::size_t bulk_in_out = out_.size() - out_urgent_;
    const std::uint64_t out_begin = bulk_staged_ - bulk_in_out;
    const std::size_t bulk_written = out_head_ > out_urgent_ ? out_head_ - out_urgent_ : 0;
    return stream_begin < out_begin + bulk_written ? request_progress::written
                                                   : request_progress::staged;
}

}  // namespace hikyaku::smpp
