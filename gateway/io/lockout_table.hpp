// Addresses whose binds failed: after too many wrong passwords an address is answered without a
// look at its password for a while, so that guessing is slow and costs no hashing. Bounded: the
// address that failed longest ago makes place. Pure, time is an argument; the SMPP server asks it
// on the io thread.
#pragma once

#include <array>
#include <boost/asio/ip/address.hpp>
#include <boost/unordered/unordered_map.hpp>
#include <chrono>
#include <cstdint>
#include <list>
#include <string_view>

#include "config/settings.hpp"

namespace hikyaku::gateway::io {

class lockout_table {
public:
    using time_point = std::chrono::steady_clock::time_point;

    /// `settings` outlives the table, or others come before it goes.
    explicit lockout_table(const config::lockout& settings) : settings_(&settings) {}
    /// Other limits from now on; what has failed is remembered.
    void use(const config::lockout& settings) { settings_ = &settings; }

    /// True while binds from this address are to be refused.
    [[nodiscard]] bool is_locked(const boost::asio::ip::address& from, time_point now) const;
    /// A wrong password. True if the address is locked from now on and was not before.
    bool on_failure(const boost::asio::ip::address& from, time_point now,
                    std::string_view system_id = {});
    /// A right password: forgets the failures if all were of this name. Who has an account must not
    /// clear with it what he tried at those of others.
    void on_success(const boost::asio::ip::address& from, std::string_view system_id = {});

    [[nodiscard]] std::size_t size() const { return by_network_.size(); }
    /// Addresses that are locked now. O(size).
    [[nodiscard]] std::size_t locked(time_point now) const;

private:
    /// IPv4 (mapped into IPv6) by itself; of IPv6 the /64, which one customer has to himself.
    using network_key = std::array<std::uint8_t, 16>;
    struct entry {
        network_key of{};
        std::uint32_t failures = 0;
        time_point last{};
        std::size_t name = 0;     // hash of the system_id of the failures
        bool of_several = false;  // names
    };

    [[nodiscard]] static network_key network_of(const boost::asio::ip::address& address);
    [[nodiscard]] bool is_exempt(const boost::asio::ip::address& address) const;
    [[nodiscard]] bool locks(const entry& one, time_point now) const;

    const config::lockout* settings_;
    std::list<entry> entries_;  // the last failure of the first is the oldest
    boost::unordered_map<network_key, std::list<entry>::iterator> by_network_;
};

}  // namespace hikyaku::gateway::io
