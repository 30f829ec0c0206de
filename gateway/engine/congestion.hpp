// How loaded the gateway is for one account, as the number that SMPP 5.0 calls congestion_state
// (5.0, 4.8.4.18): a client of 5.0 reads it in our responses and slows down before it is refused.
// Pure; the engine fills in the loads and the SMPP server writes the number.
#pragma once

#include <algorithm>
#include <cstdint>

namespace hikyaku::gateway {

/// Each is a share of its limit: 0 = idle, 1 = whoever adds to it now is refused.
struct congestion_loads {
    double writer = 0;         // bytes that wait for the disk, of store.pending_bytes_max
    double account_queue = 0;  // messages of the account, of its queued_max
    double all_queues = 0;     // messages of all, of store.queued_messages_max
    double rate = 0;           // of the account's burst, what it has used up
};

/// 0 to 99, by the fullest of them. 99 says that the next submission may be refused; 100 would say
/// that it is, and then there is a status.
[[nodiscard]] constexpr std::uint8_t congestion_state_of(const congestion_loads& loads) {
    const double fullest =
        std::max({loads.writer, loads.account_queue, loads.all_queues, loads.rate, 0.0});
    return static_cast<std::uint8_t>(std::min(fullest * 100.0, 99.0));
}

}  // namespace hikyaku::gateway
