#include "gateway/io/tls.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <boost/system/error_code.hpp>
#include <cassert>
#include <stdexcept>
#include <utility>

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

/// A sentence about the fault, or nothing.
std::optional<std::string> use_files(ssl::context& context, const config::tls_files& files) {
    boost::system::error_code error;
    context.use_certificate_chain_file(files.certificate, error);
    if (error) return sentence("cannot use the certificate", files.certificate, error);
    context.use_private_key_file(files.private_key, ssl::context::pem, error);
    if (error) return sentence("cannot use the private key", files.private_key, error);
    return std::nullopt;
}

std::optional<std::string> ask_for_certificates(ssl::context& context,
                                                const config::tls_server& wanted) {
    // Tickets of clients with a certificate are refused without a context id (SSL_CTX_set_verify).
    constexpr std::string_view id = "hikyaku";
    SSL_CTX_set_session_id_context(context.native_handle(),
                                   reinterpret_cast<const unsigned char*>(id.data()), id.size());
    if (wanted.client_ca.empty()) return std::nullopt;
    boost::system::error_code error;
    context.load_verify_file(wanted.client_ca, error);
    if (error) return sentence("cannot use the certificates of", wanted.client_ca, error);
    auto* const names = SSL_load_client_CA_file(wanted.client_ca.c_str());
    if (names == nullptr) return "no certificate in " + wanted.client_ca;
    SSL_CTX_set_client_CA_list(context.native_handle(), names);  // takes the list
    auto mode = ssl::verify_peer;
    if (wanted.client_required) mode |= ssl::verify_fail_if_no_peer_cert;
    context.set_verify_mode(mode, error);
    if (error) return "cannot ask for client certificates: " + error.message();
    return std::nullopt;
}

// One of several certificates by the name that the client asks for.

struct named_context {
    std::vector<std::string> names;
    tls_context context;
};
using host_table = std::vector<named_context>;

void free_table(void*, void* table, CRYPTO_EX_DATA*, int, long, void*) {
    delete static_cast<host_table*>(table);
}

/// The table lives as long as OpenSSL's context, that is, as long as a session made with it.
int table_index() {
    static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, free_table);
    return index;
}

// The handshake goes on with another context: certificate, key and the authorities of clients are
// that one's, while the wish for a client certificate was taken from the first.
int choose_host(SSL* session, int*, void* argument) {
    const char* const asked = SSL_get_servername(session, TLSEXT_NAMETYPE_host_name);
    if (asked == nullptr) return SSL_TLSEXT_ERR_NOACK;
    for (const auto& host : *static_cast<host_table*>(argument)) {
        const bool named =
            std::any_of(host.names.begin(), host.names.end(),
                        [&](const std::string& name) { return name_matches(name, asked); });
        if (!named) continue;
        SSL_set_SSL_CTX(session, host.context->native_handle());
        return SSL_TLSEXT_ERR_OK;
    }
    return SSL_TLSEXT_ERR_NOACK;  // the default certificate
}

std::optional<std::string> add_hosts(ssl::context& context, const config::tls_server& wanted) {
    if (wanted.hosts.empty()) return std::nullopt;
    auto table = std::make_unique<host_table>();
    for (const auto& files : wanted.hosts) {
        named_context host{{}, make(ssl::context::tls_server)};
        if (auto fault = use_files(*host.context, files)) return fault;
        if (auto fault = ask_for_certificates(*host.context, wanted)) return fault;
        host.names = certificate_names(SSL_CTX_get0_certificate(host.context->native_handle()));
        if (host.names.empty()) return "the certificate " + files.certificate + " has no name";
        table->push_back(std::move(host));
    }
    SSL_CTX* const native = context.native_handle();
    SSL_CTX_set_tlsext_servername_callback(native, choose_host);
    SSL_CTX_set_tlsext_servername_arg(native, table.get());
    if (SSL_CTX_set_ex_data(native, table_index(), table.get()) != 1) return "out of memory";
    (void)table.release();  // free_table() has it now
    return std::nullopt;
}

// Names.

std::string text_of(const ASN1_STRING* string) {
    return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
            static_cast<std::size_t>(ASN1_STRING_length(string))};
}

std::vector<std::string> dns_names(const X509* certificate) {
    std::vector<std::string> names;
    auto* const found = static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
    for (int i = 0; i < sk_GENERAL_NAME_num(found); ++i) {
        const auto* const name = sk_GENERAL_NAME_value(found, i);
        if (name->type == GEN_DNS) names.push_back(text_of(name->d.dNSName));
    }
    GENERAL_NAMES_free(found);
    return names;
}

std::vector<std::string> common_names(const X509* certificate) {
    std::vector<std::string> names;
    const auto* const subject = X509_get_subject_name(certificate);
    for (int at = -1; (at = X509_NAME_get_index_by_NID(subject, NID_commonName, at)) >= 0;) {
        const auto* const entry = X509_NAME_get_entry(subject, at);
        unsigned char* utf8 = nullptr;
        const int size = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(entry));
        if (size < 0) continue;
        names.emplace_back(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(size));
        OPENSSL_free(utf8);
    }
    return names;
}

bool equal_letters(std::string_view one, std::string_view other) {
    const auto lower = [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    };
    return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                      [&](char a, char b) { return lower(a) == lower(b); });
}

}  // namespace

bool name_matches(std::string_view pattern, std::string_view host) {
    if (!pattern.starts_with("*.")) return equal_letters(pattern, host);
    const auto label_end = host.find('.');
    if (label_end == 0 || label_end == std::string_view::npos) return false;
    return equal_letters(pattern.substr(1), host.substr(label_end));
}

std::vector<std::string> certificate_names(const X509* certificate) {
    auto names = dns_names(certificate);
    return names.empty() ? common_names(certificate) : names;
}

std::vector<std::string> peer_certificate_names(const SSL* session) {
    const std::unique_ptr<X509, void (*)(X509*)> shown(SSL_get1_peer_certificate(session),
                                                       X509_free);
    if (!shown || SSL_get_verify_result(session) != X509_V_OK) return {};
    auto names = dns_names(shown.get());
    for (auto& name : common_names(shown.get()))
        names.push_back(std::move(name));
    return names;
}

tls_result server_tls(const config::tls_server& files) {
    auto context = make(ssl::context::tls_server);
    auto fault = use_files(*context, {files.certificate, files.private_key});
    if (!fault) fault = ask_for_certificates(*context, files);
    if (!fault) fault = add_hosts(*context, files);
    if (fault) return std::move(*fault);
    return context;
}

tls_result client_tls(const std::string& authorities, const config::tls_files& own) {
    auto context = make(ssl::context::tls_client);
    boost::system::error_code error;
    if (authorities.empty()) {
        context->set_default_verify_paths(error);
        if (error) return sentence("cannot use the system's", "certificates", error);
    } else {
        context->load_verify_file(authorities, error);
        if (error) return sentence("cannot use the certificates of", authorities, error);
    }
    if (own.certificate.empty()) return context;
    if (auto fault = use_files(*context, own)) return std::move(*fault);
    return context;
}

client_trust::client_trust(const std::string& authorities) {
    if (authorities.empty()) {
        being_made_ = std::async(std::launch::async, [] { return client_tls({}); });
        return;
    }
    take(client_tls(authorities));
    if (context_ == nullptr) throw std::runtime_error(fault_);
}

void client_trust::take(tls_result made) {
    if (made.has_error())
        fault_ = made.error();
    else
        context_ = std::move(*made);
}

ssl::context* client_trust::context() {
    if (being_made_.valid()) take(being_made_.get());
    return context_.get();
}

tls_door::opened tls_door::open(const config::tls_server& files) {
    std::unique_ptr<tls_door> door(new tls_door(files));
    if (auto fault = door->reload()) return std::move(*fault);
    door->reloads_ = 0;
    return door;
}

std::optional<std::string> tls_door::reload() {
    return reload(files_);
}

std::optional<std::string> tls_door::reload(const config::tls_server& files) {
    auto made = server_tls(files);
    if (made.has_error()) return made.error();
    if (&files != &files_) files_ = files;
    current_ = std::move(*made);
    ++reloads_;
    return std::nullopt;
}

}  // namespace hikyaku::gateway::io
