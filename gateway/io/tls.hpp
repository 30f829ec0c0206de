// TLS contexts of the listeners and of the connections to carriers: TLS 1.2 and later, the system's
// defaults otherwise. Made once at the start on the main thread; a fault is one sentence for
// people.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <boost/system/result.hpp>
#include <memory>
#include <string>

#include "config/settings.hpp"

namespace hikyaku::gateway::io {

using tls_context = std::unique_ptr<boost::asio::ssl::context>;
using tls_result = boost::system::result<tls_context, std::string>;

/// With the certificate chain and the key of the files, which must belong together.
[[nodiscard]] tls_result server_tls(const config::tls_server& files);

/// `authorities`: PEM file with the certificates to trust; empty = the system's.
[[nodiscard]] tls_result client_tls(const std::string& authorities);

}  // namespace hikyaku::gateway::io
