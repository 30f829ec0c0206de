// TLS contexts of the listeners and of the connections to carriers: TLS 1.2 and later, the system's
// defaults otherwise. A listener's certificates come from tls_door, which picks one by the name
// that the client asks for and reads the files again when told, while sessions live on. Made on the
// main thread, used on the io thread; a fault is one sentence for people.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <boost/system/result.hpp>
#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.hpp"

namespace hikyaku::gateway::io {

using tls_context = std::unique_ptr<boost::asio::ssl::context>;
using tls_result = boost::system::result<tls_context, std::string>;

/// With the certificate chains and keys of the files, which must belong together. A client that
/// names a host (SNI) sees the certificate of `hosts` that is made out for it, else the default
/// one. With client_ca, certificates of clients are asked for and checked; with client_required no
/// handshake succeeds without one.
[[nodiscard]] tls_result server_tls(const config::tls_server& files);

/// `authorities`: PEM file with the certificates to trust; empty = the system's. `own` is shown to
/// servers that ask for a certificate; none without its files.
[[nodiscard]] tls_result client_tls(const std::string& authorities,
                                    const config::tls_files& own = {});

/// The context of HTTP clients, which several of them share: reading the system's certificates
/// takes a tenth of a second. A thread of its own does that meanwhile. Used on one thread.
class client_trust {
public:
    /// Throws std::runtime_error if `authorities` cannot be read; empty = the system's.
    explicit client_trust(const std::string& authorities = {});

    /// Waits until the certificates are read. Null, with a sentence in fault(), if there are none.
    [[nodiscard]] boost::asio::ssl::context* context();
    [[nodiscard]] const std::string& fault() const { return fault_; }

private:
    void take(tls_result made);

    std::future<tls_result> being_made_;
    tls_context context_;
    std::string fault_;
};

/// The names a certificate is made out for: the DNS names of subjectAltName, or else the CN.
[[nodiscard]] std::vector<std::string> certificate_names(const X509* certificate);
/// All names of the certificate the other side has shown and proved to own: the DNS names of
/// subjectAltName and the CN. Empty without one. REQUIRES: the handshake is done.
[[nodiscard]] std::vector<std::string> peer_certificate_names(const SSL* session);
/// Whether a certificate made out for `pattern` is one for `host`; "*." stands for one label (RFC
/// 6125, 6.4.3). Letters of either case are equal.
[[nodiscard]] bool name_matches(std::string_view pattern, std::string_view host);

/// The certificates of one server's listeners. Sessions keep those that they began with.
class tls_door {
public:
    using opened = boost::system::result<std::unique_ptr<tls_door>, std::string>;
    [[nodiscard]] static opened open(const config::tls_server& files);

    /// For the next handshake.
    [[nodiscard]] std::shared_ptr<boost::asio::ssl::context> current() const { return current_; }
    /// Reads all files again. On a fault the certificates stay as they are, and it says why.
    [[nodiscard]] std::optional<std::string> reload();
    /// The same with other files.
    [[nodiscard]] std::optional<std::string> reload(const config::tls_server& files);
    [[nodiscard]] std::uint64_t reloads() const { return reloads_; }  // that succeeded

private:
    explicit tls_door(const config::tls_server& files) : files_(files) {}

    config::tls_server files_;
    std::shared_ptr<boost::asio::ssl::context> current_;
    std::uint64_t reloads_ = 0;
};

}  // namespace hikyaku::gateway::io
