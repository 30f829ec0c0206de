#include "smpp/text/reassembly.hpp"

#include <algorithm>
#include <cassert>
#include <span>

#include "smpp/text/data_coding.hpp"
#include "smpp/text/ucs2.hpp"
#include "smpp/text/utf8.hpp"

namespace hikyaku::smpp::text {

namespace {

using segment_run = std::span<const std::optional<segment_text>>;

/// Segments of UCS-2, all there, as one text.
void append_ucs2(segment_run run, std::string& utf8) {
    std::u16string units;
    byte_order order = byte_order::big;
    for (std::size_t i = 0; i < run.size(); ++i) {
        std::string bytes = run[i]->octets;
        const auto is_odd = [&](std::size_t at) { return run[at]->octets.size() % 2 != 0; };
        if (is_odd(i) && i + 1 < run.size() && is_odd(i + 1)) bytes += run[++i]->octets;
        units += utf16_units(octets_of(bytes), order);
        if (bytes.size() % 2 != 0) units.push_back(static_cast<char16_t>(replacement_character));
    }
    append_utf8(utf8, units);
}

}  // namespace

bool reassembled::is_complete() const noexcept {
    return std::ranges::all_of(
        segments, [](const auto& segment) { return segment.has_value(); });
}

std::string reassembled::text(default_alphabet alphabet) const {
    std::string utf8;
    for (std::size_t i = 0; i < segments.size();) {
        if (!segments[i]) {
            append_utf8(utf8, replacement_character);
            ++i;
            continue;
        }
        const std::uint8_t data_coding = segments[i]->data_coding;
        const national_shift shift = segments[i]->shift;
        const auto belongs = [&](const std::optional<segment_text>& segment) {
            return segment && segment->data_coding == data_coding && segment->shift == shift;
        };
        const std::size_t first = i;
        std::string run;
        for (; i < segments.size() && belongs(segments[i]); ++i)
            run += segments[i]->octets;
        if (encoding_of(data_coding, alphabet) == encoding::ucs2) {
            append_ucs2(segment_run(segments).subspan(first, i - first), utf8);
            continue;
        }
        if (const auto decoded = decode_octets(octets_of(run), data_coding, shift, alphabet))
            utf8 += *decoded;
        else
            append_utf8(utf8, replacement_character);
    }
    return utf8;
}

reassembled reassembler::take(std::list<set>::iterator which) {
    reassembled message = std::move(which->message);
    by_key_.erase(which->place);
    sets_.erase(which);
    return message;
}

reassembler::added reassembler::add(std::string_view from, std::string_view to,
                                    const concatenation_info& info, std::uint8_t data_coding,
                                    octets text, std::chrono::milliseconds now,
                                    national_shift shift) {
    const bool valid = info.sequence != 0 && info.sequence <= info.total;
    if (!valid || text.size() > limits_.octets_max) return {.what = outcome::refused};
    added result;
    key wanted(from, to, info.reference, info.wide, info.total);
    auto place = by_key_.find(wanted);
    if (place == by_key_.end()) {
        if (!sets_.empty() && sets_.size() >= limits_.sets_max)
            result.evicted = take(sets_.begin());
        set& created = sets_.emplace_back();
        created.since = now;
        created.message = {std::string(from), std::string(to), info.total, {}};
        created.message.segments.resize(info.total);
        place = by_key_.emplace(std::move(wanted), std::prev(sets_.end())).first;
        created.place = place;
    }
    set& found = *place->second;
    std::optional<segment_text>& slot = found.message.segments[info.sequence - 1u];
    if (slot) {
        result.what = outcome::duplicate;
        return result;
    }
    slot = segment_text{data_coding, std::string(chars_of(text)), shift};
    if (++found.received == info.total) {
        result.what = outcome::completed;
        result.message = take(place->second);
        assert(result.message->is_complete());
    }
    return result;
}

std::vector<reassembled> reassembler::take_expired(std::chrono::milliseconds now) {
    std::vector<reassembled> expired;
    while (!sets_.empty() && now - sets_.front().since >= limits_.timeout)
        expired.push_back(take(sets_.begin()));
    return expired;
}

}  // namespace hikyaku::smpp::text
