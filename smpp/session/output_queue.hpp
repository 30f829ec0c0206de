// What a session wants to write, in whole PDUs: an urgent part (responses, enquire_link, unbind)
// that overtakes a bulk part (own requests), and the bytes handed to the driver, which do not move
// until they are written. It also knows how far the bulk part has got, so that a request can be
// called waiting (safe to send elsewhere), staged or written. Only smpp::session uses it, on its
// thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace hikyaku::smpp {

/// How far a request has got: still ours, in the driver's hands, or at least begun on the wire.
enum class request_progress : std::uint8_t { waiting, staged, written };

class output_queue {
public:
    /// `chunk_bytes` bounds the bulk part of one stage(), at PDU boundaries: the most that an
    /// urgent PDU can find in front of it.
    explicit output_queue(std::size_t chunk_bytes) : chunk_bytes_(chunk_bytes) {}

    /// Append whole encoded PDUs to these, and nothing else.
    [[nodiscard]] std::vector<std::uint8_t>& urgent() { return urgent_; }
    [[nodiscard]] std::vector<std::uint8_t>& bulk() { return bulk_; }
    /// Offset in the bulk stream of the next byte appended; what progress() takes.
    [[nodiscard]] std::uint64_t bulk_position() const {
        return bulk_staged_ + (bulk_.size() - bulk_head_);
    }

    /// The bytes to write next, contiguous, valid until they are consumed. Takes in what is queued
    /// only when everything staged before was consumed.
    [[nodiscard]] std::span<const std::uint8_t> stage();
    /// What is left of the last stage(), taking in nothing.
    [[nodiscard]] std::span<const std::uint8_t> staged() const {
        return {out_.data() + out_head_, out_.size() - out_head_};
    }
    /// `written` bytes of stage() are on the wire. REQUIRES: not more than stage() gave.
    void consume(std::size_t written);

    /// Puts one PDU before every urgent one that is not staged yet (bind_resp comes first, E3).
    void prepend_urgent(std::span<const std::uint8_t> pdu);
    /// Forgets what is not staged of the bulk part: those requests will never be sent.
    void drop_bulk();

    [[nodiscard]] request_progress progress(std::uint64_t stream_begin) const;
    [[nodiscard]] bool empty() const { return pending_bytes() == 0; }
    [[nodiscard]] std::size_t pending_bytes() const {
        return out_.size() - out_head_ + urgent_.size() + bulk_.size() - bulk_head_;
    }

private:
    void stage_bulk();

    std::size_t chunk_bytes_;
    std::vector<std::uint8_t> urgent_;
    std::vector<std::uint8_t> bulk_;
    std::vector<std::uint8_t> out_;
    std::size_t bulk_head_ = 0;      // bytes of bulk_ already staged
    std::size_t out_head_ = 0;       // bytes of out_ already written
    std::size_t out_urgent_ = 0;     // bytes of out_ that are urgent; they come first
    std::uint64_t bulk_staged_ = 0;  // bulk bytes ever staged
};

}  // namespace hikyaku::smpp
