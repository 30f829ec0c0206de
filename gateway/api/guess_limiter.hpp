// Keeps strangers from guessing passwords, and from locking out customers that are known. Wrong
// passwords are counted for each pair of address and name, for each address over all names, and for
// each account over all addresses. Who has shown the right password of a name from an address
// before is held up by the first count only: neither by his neighbours behind one address, nor by
// those who guess his name from elsewhere. Memory is fixed, time is an argument. Engine's thread.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "gateway/api/http.hpp"
#include "gateway/engine/types.hpp"
#include "gateway/links/limiter.hpp"
#include "gateway/links/network_table.hpp"

namespace hikyaku::gateway::api {

class guess_limiter {
public:
    using milliseconds = std::chrono::milliseconds;

    /// In a minute at once, then one more each part of it. An IPv6 address counts as its /64.
    static constexpr std::uint32_t pair_failures_max = 10;
    static constexpr std::uint32_t address_failures_max = 100;
    static constexpr std::uint32_t account_failures_max = 100;
    static constexpr milliseconds failures_period{60000};
    static constexpr std::size_t pairs_max = 16384;
    static constexpr std::size_t addresses_max = 4096;
    static constexpr std::size_t accounts_max = 4096;
    /// How long a right password is remembered, from the last one on.
    static constexpr std::chrono::hours known_for{24};

    explicit guess_limiter(links::random_source random = {});

    /// False: refuse unread. `account` is the one with this name, empty if there is none;
    /// `is_listed`: the address lies in the networks that the account names, so that what others
    /// try from elsewhere does not count. `now` is steady time from any origin.
    [[nodiscard]] bool may_try(const peer_address& from, std::string_view name,
                               std::optional<account_id> account, bool is_listed, milliseconds now);
    /// The password was wrong, or there is no such name.
    void failed(const peer_address& from, std::string_view name, std::optional<account_id> account,
                milliseconds now);
    /// The password was right, and the account may be used from this address.
    void succeeded(const peer_address& from, std::string_view name, milliseconds now);

private:
    // Of a pair that has shown the right password.
    struct known_entry {
        milliseconds last = milliseconds::min();
        [[nodiscard]] milliseconds freshness() const { return last; }
    };

    [[nodiscard]] links::network_key pair_of(const peer_address& from, std::string_view name) const;

    std::array<std::uint8_t, 16> key_{};  // of the hashes of pairs: nobody can make two collide
    links::miss_limiter pairs_, addresses_, accounts_;
    links::network_table<known_entry> known_;
};

}  // namespace hikyaku::gateway::api
