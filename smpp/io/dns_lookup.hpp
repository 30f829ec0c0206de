// One look-up of one name by c-ares, on the thread of its executor and without any blocking wait:
// /etc/hosts first, then the name servers, for IPv4 and IPv6. Each look-up has a channel of its
// own: so it can be cancelled by itself, shares no socket and no queue with another, comes from a
// fresh port, and reads /etc/resolv.conf as it is now. Made by resolver.hpp.
#pragma once

#include <ares.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace hikyaku::smpp::io {

struct dns_settings {
    std::vector<std::string> servers;  // "192.0.2.1:53", "[::1]:53"; empty = of /etc/resolv.conf
    std::chrono::milliseconds timeout{2000};  // of one question to one server; doubles each round
    int tries = 2;                            // rounds over all servers
};

/// Why a name has no addresses.
enum class dns_error {
    not_a_name = 1,  // not written like the name of a host
    unknown_name,    // a name server says that there is none, or none with addresses
    no_answer,       // no name server answered in time
    server_failed,   // they answered with a failure, or with what is no answer
    too_many,        // the owner has as many look-ups under way as it may
    stopped,         // the program ends
};
[[nodiscard]] boost::system::error_code make_error_code(dns_error error);

class dns_lookup : public std::enable_shared_from_this<dns_lookup> {
public:
    using completion =
        std::function<void(boost::system::error_code, std::vector<boost::asio::ip::address>)>;
    /// More addresses of one name than these are left out.
    static constexpr std::size_t addresses_max = 16;

    /// `done` is called once, in a later turn of the loop, unless cancel() is called before.
    [[nodiscard]] static std::shared_ptr<dns_lookup> start(boost::asio::any_io_executor executor,
                                                           const dns_settings& settings,
                                                           const std::string& name,
                                                           completion done);
    ~dns_lookup();
    dns_lookup(const dns_lookup&) = delete;
    dns_lookup& operator=(const dns_lookup&) = delete;

    /// Closes its sockets. `done` is not called any more. Never call it from inside `done`.
    void cancel();

private:
    struct socket {
        explicit socket(const boost::asio::any_io_executor& executor) : descriptor(executor) {}
        boost::asio::posix::stream_descriptor descriptor;  // c-ares opens and closes it
        bool wants_reading = false, wants_writing = false;
        bool reading = false, writing = false;  // a wait is under way
    };

    dns_lookup(boost::asio::any_io_executor executor, completion done);
    [[nodiscard]] bool open(const dns_settings& settings);
    void ask(const std::string& name);
    void on_answer(int status, const ares_addrinfo* found);
    void on_socket(int number, bool reads, bool writes);
    void watch(int number, const std::shared_ptr<socket>& one);
    void go_on();
    void end();
    void close_channel();

    boost::asio::any_io_executor executor_;
    completion done_;
    boost::asio::steady_timer timer_;
    ares_channel channel_ = nullptr;
    boost::unordered_flat_map<int, std::shared_ptr<socket>> sockets_;
    bool answered_ = false;
    bool over_ = false;
    boost::system::error_code error_;
    std::vector<boost::asio::ip::address> addresses_;
};

}  // namespace hikyaku::smpp::io

template <>
struct boost::system::is_error_code_enum<hikyaku::smpp::io::dns_error> : std::true_type {};
