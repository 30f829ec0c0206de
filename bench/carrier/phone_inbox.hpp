// The simulated phones: what each number has received, put together and decoded as a phone would
// show it, and what was answered from it. Only the carrier's submissions and the web page use it,
// on the carrier's thread. Bounded: the numbers heard of last, and the last messages of each; time
// is an argument.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "smpp/text/reassembly.hpp"

namespace hikyaku::bench {

struct phone_limits {
    std::size_t numbers_max = 1000;      // the one silent for longest makes place
    std::size_t messages_max = 50;       // of one number; the oldest makes place
    std::size_t text_bytes_max = 16384;  // of one message; the rest is not shown
    smpp::text::reassembly_limits reassembly{};
};

/// One message as a phone shows it.
struct phone_message {
    std::uint64_t id = 0;      // rises from message to message
    bool outgoing = false;     // written on this phone
    std::string with;          // the other side
    std::string text;          // UTF-8
    std::int64_t time_ms = 0;  // since 1970 UTC; of the last segment
    std::uint32_t segments = 1;
    std::string_view encoding;  // "gsm7", "ucs2", ...
    bool complete = true;       // false: segments never came
    bool rang = true;           // false: the carrier has given up, the phone was off
    std::int64_t would_ms = 0;  // it was on again then, and would have rung; 0: later than tried
};

/// One segment as it arrives; views are valid during the call.
struct phone_segment {
    std::string_view from;
    std::string_view to;
    bool has_udh = false;
    std::uint8_t data_coding = 0;
    smpp::text::octets octets;
    std::optional<smpp::text::concatenation_info> sar;  // from sar_* TLVs, if any
    std::uint32_t account = 0;  // whose connection brought it: where an answer goes
    bool rang = true;           // as in phone_message
    std::int64_t would_ms = 0;
};

class phone_inbox {
public:
    explicit phone_inbox(const phone_limits& limits = {});

    struct phone {
        std::string number;
        std::uint32_t account = 0;  // of the last segment received
        std::uint64_t messages_ever = 0;
        std::deque<phone_message> messages;  // oldest first
    };

    void receive(const phone_segment& segment, std::int64_t now_ms);
    /// Something was sent from `number`.
    void answered(std::string_view number, phone_message message);
    /// Shows what segments there are of messages that never became whole.
    void tick(std::int64_t now_ms);

    /// Most recent first.
    [[nodiscard]] const std::list<phone>& phones() const { return phones_; }
    /// Null if nothing is known of the number.
    [[nodiscard]] const phone* find(std::string_view number) const;
    /// Grows with every change: a reader that has seen this value has seen all.
    [[nodiscard]] std::uint64_t version() const { return next_id_; }

private:
    phone& phone_of(std::string_view number);
    void add(std::string_view number, phone_message message);
    void add(smpp::text::reassembled whole, std::int64_t now_ms, const phone_segment* last);

    phone_limits limits_;
    smpp::text::reassembler reassembler_;
    std::list<phone> phones_;
    std::unordered_map<std::string_view, std::list<phone>::iterator> by_number_;  // keys in phones_
    std::uint64_t next_id_ = 1;
};

}  // namespace hikyaku::bench
