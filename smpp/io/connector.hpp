// Makes outgoing connections: resolves a host, tries its addresses in order, and does the TLS
// handshake with SNI and verification, all within one time limit. It only makes the stream; when to
// try again is the caller's decision. Runs on the thread of the executor it is given.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/system/result.hpp>
#include <chrono>
#include <cstdint>
#include <string>

#include "smpp/io/resolver.hpp"
#include "smpp/io/stream.hpp"

namespace hikyaku::smpp::io {

struct connector_settings {
    std::string host;  // a name or an address
    std::uint16_t port = 2775;
    boost::asio::ssl::context* tls = nullptr;  // null: plain; must outlive the streams made with it
    bool verify = true;       // the certificate must be trusted by `tls` and made out for the name
    std::string server_name;  // of SNI and of the certificate; empty = `host`
    std::chrono::milliseconds timeout{10000};  // for everything together
    // Null: one made for this call. Else it outlives the call, or has ended it by its stop().
    resolver* names = nullptr;
    std::string owner;  // on whose account the name is looked up
};

enum class connect_stage : std::uint8_t { resolve, connect, tls };

/// How far a connection came, and why no farther.
struct connect_fault {
    connect_stage stage = connect_stage::resolve;
    /// Errors of the system and of OpenSSL as they are, dns_error if the name has no addresses,
    /// boost::asio::error::timed_out when the time is over.
    boost::system::error_code code;
    std::string detail;  // what speaks against the peer's certificate; else empty
    /// For people: the detail behind the text of the code.
    [[nodiscard]] std::string message() const;
};

using connect_result = boost::system::result<stream, connect_fault>;

/// A connected stream or why not.
[[nodiscard]] boost::asio::awaitable<connect_result> connect(boost::asio::any_io_executor executor,
                                                             connector_settings settings);

}  // namespace hikyaku::smpp::io
