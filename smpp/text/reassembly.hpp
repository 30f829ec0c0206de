// Puts segmented messages together: segments may come in any order and more than once, and those of
// a set that never becomes whole are given up after a time. The simulated phone uses it for what it
// shows. A pure machine for one thread: time is an argument, and memory is bounded by the limits.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "smpp/text/data_coding.hpp"
#include "smpp/text/national.hpp"
#include "smpp/text/octets.hpp"
#include "smpp/text/udh.hpp"

namespace hikyaku::smpp::text {

struct reassembly_limits {
    std::size_t sets_max = 1000;   // incomplete messages kept; the oldest makes place for a new one
    std::size_t octets_max = 255;  // of one segment's text; more is refused
    std::chrono::milliseconds timeout{std::chrono::minutes{10}};  // from a set's first segment
};

/// One segment's text, without its header. The segments of a message may differ in data_coding and
/// in the national tables that their headers name.
struct segment_text {
    std::uint8_t data_coding = 0;
    std::string octets;
    national_shift shift{};
};

/// A message put together, or given up incomplete.
struct reassembled {
    std::string from;
    std::string to;
    std::uint8_t total = 0;
    std::vector<std::optional<segment_text>>
        segments;  // `total` of them, by sequence; empty = missing

    [[nodiscard]] bool is_complete() const noexcept;
    /// The text as UTF-8, faulty octets replaced, U+FFFD for each missing or binary segment. A
    /// character torn between two segments of one data_coding and the same tables is whole again;
    /// in UCS-2 half a unit only where both segments have an odd number of octets, so that one
    /// segment that lost an octet does not spoil the others. Each segment of UCS-2 may begin with
    /// a byte order mark of its own.
    /// `alphabet` is what stands behind data_coding 0 at the carrier they came from.
    [[nodiscard]] std::string text(default_alphabet alphabet = default_alphabet::gsm7) const;
};

class reassembler {
public:
    explicit reassembler(const reassembly_limits& limits = {}) : limits_(limits) {}

    enum class outcome : std::uint8_t { kept, duplicate, completed, refused };
    struct added {
        outcome what = outcome::kept;
        std::optional<reassembled> message;  // if completed
        std::optional<reassembled>
            evicted;  // the oldest set, when there was no place for a new one
    };

    /// One segment between two addresses. Refused if the text is too long or `info` is not valid
    /// (total 0, sequence outside 1 to total). `info` comes from the header (concatenation_of) or
    /// from SAR values (concatenation_from_sar), `shift` from the header (shift_of). `now` counts
    /// from any fixed moment; if it goes back, sets only live longer.
    added add(std::string_view from, std::string_view to, const concatenation_info& info,
              std::uint8_t data_coding, octets text, std::chrono::milliseconds now,
              national_shift shift = {});

    /// Takes out the sets whose time is over, oldest first.
    [[nodiscard]] std::vector<reassembled> take_expired(std::chrono::milliseconds now);

    /// Incomplete sets being kept.
    [[nodiscard]] std::size_t size() const noexcept { return sets_.size(); }

private:
    using key = std::tuple<std::string, std::string, std::uint16_t, bool, std::uint8_t>;
    struct set {
        std::chrono::milliseconds since{0};
        std::size_t received = 0;
        reassembled message;
        std::map<key, std::list<set>::iterator>::iterator place;
    };

    reassembled take(std::list<set>::iterator which);

    reassembly_limits limits_;
    std::list<set> sets_;  // oldest first
    std::map<key, std::list<set>::iterator> by_key_;
};

}  // namespace hikyaku::smpp::text
