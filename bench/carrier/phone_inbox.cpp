#include "bench/carrier/phone_inbox.hpp"

#include <fmt/format.h>

#include <cassert>

#include "smpp/text/data_coding.hpp"
#include "smpp/text/udh.hpp"
#include "smpp/text/utf8.hpp"

namespace hikyaku::bench {

namespace text = smpp::text;

namespace {

std::string shown(text::octets octets, std::uint8_t data_coding, text::national_shift shift) {
    auto decoded = text::decode_octets(octets, data_coding, shift, text::default_alphabet::gsm7);
    if (decoded) return std::move(*decoded);
    return fmt::format("[{} octets of data that is no text]", octets.size());
}

}  // namespace

phone_inbox::phone_inbox(const phone_limits& limits)
    : limits_(limits), reassembler_(limits.reassembly) {
    assert(limits.numbers_max > 0 && limits.messages_max > 0);
}

const phone_inbox::phone* phone_inbox::find(std::string_view number) const {
    const auto found = by_number_.find(number);
    return found == by_number_.end() ? nullptr : &*found->second;
}

phone_inbox::phone& phone_inbox::phone_of(std::string_view number) {
    if (const auto found = by_number_.find(number); found != by_number_.end()) {
        phones_.splice(phones_.begin(), phones_, found->second);
        return phones_.front();
    }
    if (phones_.size() >= limits_.numbers_max) {
        by_number_.erase(phones_.back().number);
        phones_.pop_back();
    }
    phones_.emplace_front().number = number;
    by_number_.emplace(phones_.front().number, phones_.begin());
    return phones_.front();
}

void phone_inbox::add(std::string_view number, phone_message message) {
    message.text.resize(text::cut_utf8(message.text, limits_.text_bytes_max).size());
    message.id = next_id_++;
    phone& owner = phone_of(number);
    ++owner.messages_ever;
    if (owner.messages.size() >= limits_.messages_max) owner.messages.pop_front();
    owner.messages.push_back(std::move(message));
}

/// `last`: the segment that completed it; null if none did.
void phone_inbox::add(text::reassembled whole, std::int64_t now_ms, const phone_segment* last) {
    phone_message message;
    message.with = whole.from;
    message.text = whole.text();
    message.time_ms = now_ms;
    message.segments = whole.total;
    message.complete = whole.is_complete();
    if (last != nullptr) {
        message.rang = last->rang;
        message.would_ms = last->would_ms;
    }
    for (const auto& segment : whole.segments) {
        if (!segment) continue;
        message.encoding = text::name_of(text::encoding_of(segment->data_coding));
        break;
    }
    add(whole.to, std::move(message));
}

void phone_inbox::receive(const phone_segment& segment, std::int64_t now_ms) {
    phone_of(segment.to).account = segment.account;
    text::octets body = segment.octets;
    std::optional<text::concatenation_info> part = segment.sar;
    text::national_shift shift;
    if (segment.has_udh) {
        if (const auto split = text::split_udh(segment.octets)) {
            body = split->text;
            shift = text::shift_of(split->elements);
            if (const auto info = text::concatenation_of(split->elements)) part = info;
        }
    }
    if (part && part->total > 1) {
        text::reassembler::added result =
            reassembler_.add(segment.from, segment.to, *part, segment.data_coding, body,
                             std::chrono::milliseconds(now_ms), shift);
        if (result.evicted) add(std::move(*result.evicted), now_ms, nullptr);
        if (result.message) add(std::move(*result.message), now_ms, &segment);
        if (result.what != text::reassembler::outcome::refused) return;
    }
    phone_message message;
    message.with = segment.from;
    message.text = shown(body, segment.data_coding, shift);
    message.time_ms = now_ms;
    message.encoding = text::name_of(text::encoding_of(segment.data_coding));
    message.rang = segment.rang;
    message.would_ms = segment.would_ms;
    add(segment.to, std::move(message));
}

void phone_inbox::answered(std::string_view number, phone_message message) {
    message.outgoing = true;
    add(number, std::move(message));
}

void phone_inbox::tick(std::int64_t now_ms) {
    for (text::reassembled& part : reassembler_.take_expired(std::chrono::milliseconds(now_ms)))
        add(std::move(part), now_ms, nullptr);
}

}  // namespace hikyaku::bench
