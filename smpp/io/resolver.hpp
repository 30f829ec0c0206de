// From names of hosts to their addresses, for outgoing connections. There is one of these for each
// kind of names, so that names of applications and names of carriers share nothing. Each look-up
// belongs to an owner, who has a limited number of them under way; equal names of one owner share
// one. Nobody waits longer than until its own deadline, and no thread ever blocks. On request the
// last good addresses of a name are kept for the time when its name servers are away. Runs on the
// thread of its executor.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/system/result.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "smpp/io/dns_lookup.hpp"

namespace hikyaku::smpp::io {

struct resolver_settings {
    dns_settings dns;
    std::size_t lookups_per_owner_max = 16;
    /// Keep the last good addresses of a name, at most of this many names. They are used when the
    /// name servers fail, or have not answered after twice dns.timeout; not when they say that
    /// there is no such name.
    std::size_t kept_names_max = 0;
    /// Kept addresses of `name` are used, because of `why`.
    std::function<void(const std::string& name, const boost::system::error_code& why)> on_kept;
};

struct resolver_counters {
    std::uint64_t found = 0;
    std::uint64_t unknown = 0;
    std::uint64_t failed = 0;   // no answer in time, or a failure of the name servers
    std::uint64_t refused = 0;  // the owner had too many look-ups under way
    std::uint64_t kept = 0;     // kept addresses were used
};

class resolver {
public:
    using addresses = std::vector<boost::asio::ip::address>;
    using time_point = std::chrono::steady_clock::time_point;

    resolver(boost::asio::any_io_executor executor, resolver_settings settings);
    /// Ends what is under way, as stop() does.
    ~resolver();
    resolver(const resolver&) = delete;
    resolver& operator=(const resolver&) = delete;

    /// The addresses of `host`, at least one, in the order in which to try them; errors are those
    /// of dns_error. Numeric addresses are given back at once. The resolver may go before the
    /// coroutine does.
    [[nodiscard]] boost::asio::awaitable<boost::system::result<addresses>> resolve(
        std::string owner, std::string host, time_point deadline);
    /// Everybody who waits, and who asks from now on, gets dns_error::stopped.
    void stop();

    /// Look-ups under way.
    [[nodiscard]] std::size_t running() const;
    [[nodiscard]] const resolver_counters& counters() const;

private:
    struct state;
    static boost::asio::awaitable<boost::system::result<addresses>> wait_for(
        std::shared_ptr<state> shared, std::string owner, std::string host, time_point until);
    static boost::asio::awaitable<boost::system::result<addresses>> find(
        std::shared_ptr<state> shared, std::string owner, std::string host, time_point deadline);

    std::shared_ptr<state> state_;
};

/// True for dot-separated labels of letters, digits, "-" and "_", each of at most 63 characters,
/// 253 together (RFC 1035, 2.3.4); a dot may follow the last one.
[[nodiscard]] bool is_host_name(std::string_view text);

}  // namespace hikyaku::smpp::io
