#include "gateway/io/tls.hpp"

#include <boost/system/error_code.hpp>

namespace hikyaku::gateway::io {
namespace {

namespace ssl = boost::asio::ssl;

std::string sentence(const std::string& what, const std::string& file,
                     const boost::system::error_code& error) {
    return what + " " + file + ": " + error.message();
}

tls_context make(ssl::context::method method) {
    auto context = std::make_unique<ssl::context>(method);
    context->set_options(ssl::context::default_workarounds | ssl::context::no_sslv2 |
                         ssl::context::no_sslv3 | ssl::context::no_tlsv1 |
                         ssl::context::no_tlsv1_1 | ssl::context::single_dh_use);
    return context;
}

}  // namespace

tls_result server_tls(const config::tls_server& files) {
    auto context = make(ssl::context::tls_server);
    boost::system::error_code error;
    context->use_certificate_chain_file(files.certificate, error);
    if (error) return sentence("cannot use the certificate", files.certificate, error);
    context->use_private_key_file(files.private_key, ssl::context::pem, error);
    if (error) return sentence("cannot use the private key", files.private_key, error);
    return context;
}

tls_result client_tls(const std::string& authorities) {
    auto context = make(ssl::context::tls_client);
    boost::system::error_code error;
    if (authorities.empty()) {
        context->set_default_verify_paths(error);
        if (error) return sentence("cannot use the system's", "certificates", error);
    } else {
        context->load_verify_file(authorities, error);
        if (error) return sentence("cannot use the certificates of", authorities, error);
    }
    return context;
}

}  // namespace hikyaku::gateway::io
