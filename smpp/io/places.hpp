// Places for connections at a door that strangers reach. A connection that has not shown who it is,
// by a bind or a token, may lose its place to a younger one: the oldest of its own address where
// that address has used up its share, the oldest of all where the house is full. So a crowd of
// silent connections costs those who made it, and whoever says at once who he is always gets in.
// Used by listeners and the servers behind them, on the one thread that owns them; arriving costs
// no walk.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace hikyaku::smpp::io {

struct place_limits {
    std::uint32_t total_max = 1000;       // connections at the same time
    std::uint32_t strangers_max = 1000;   // of them: those who have not shown who they are
    std::uint32_t per_address_max = 200;  // strangers from one IPv4 address or one IPv6 /64
};

struct place_counters {
    std::uint64_t evicted = 0;  // strangers that made room
    std::uint64_t refused = 0;  // no place, and nobody who could make room
};

/// One IPv4 address, or the /64 of an IPv6 one: what one customer of a provider can change at will.
/// An IPv4 address mapped into IPv6 counts as IPv4.
struct address_key {
    std::uint64_t prefix = 0;
    bool v6 = false;
    bool operator==(const address_key&) const = default;
};
[[nodiscard]] address_key address_key_of(const boost::asio::ip::address& address);

class places;

/// One connection's place; it is free again when this object goes. May outlive `places`.
class place {
public:
    ~place();
    place(const place&) = delete;
    place& operator=(const place&) = delete;

    /// What ends the connection if it has to make room; called at most once, from enter() of
    /// another one. It may close a socket and must not touch any place.
    void on_eviction(std::function<void()> close);
    /// The connection came through a balancer and has named its client. False: that address has
    /// used up its share, and none of its strangers can make room.
    [[nodiscard]] bool move_to(const boost::asio::ip::address& client);
    /// A busy stranger is not asked to make room: its password is being checked, or its request is
    /// being answered. When it falls silent again it counts as the youngest.
    void be_busy(bool busy);
    /// The connection has shown who it is: it keeps its place, and its address has one stranger
    /// less.
    void be_known();

private:
    friend class places;
    struct house;
    struct entry;

    explicit place(std::unique_ptr<entry> own);
    std::unique_ptr<entry> entry_;
};

class places {
public:
    /// From addresses that `has_no_share` names come the connections of many (balancers that hide
    /// whose they are): they count in total only. Empty: there are none.
    explicit places(const place_limits& limits,
                    std::function<bool(const boost::asio::ip::address&)> has_no_share = {});
    ~places();

    /// A stranger's place; null: there is none, and nobody who could make room. Without an address
    /// it has no share until move_to().
    [[nodiscard]] std::shared_ptr<place> enter(const std::optional<boost::asio::ip::address>& from);

    [[nodiscard]] std::uint32_t total() const;
    [[nodiscard]] std::uint32_t strangers() const;
    [[nodiscard]] const place_counters& counters() const;

private:
    std::shared_ptr<place::house> house_;
};

}  // namespace hikyaku::smpp::io
