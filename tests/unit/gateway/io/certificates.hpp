// Certificates made for the moment and written as PEM files, as an operator has them: self-signed
// ones, and those of an authority of the test's own. Everything is removed with the folder.
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "config/settings.hpp"
#include "tests/support/temporary_folder.hpp"

namespace hikyaku::gateway::io::testing_support {

struct identity {
    std::shared_ptr<EVP_PKEY> key;
    std::shared_ptr<X509> certificate;
};

/// `dns` is what subjectAltName holds ("DNS:a.example,DNS:*.b.example"), empty for none. Signed by
/// `authority`, or by itself without one. Valid for an hour.
inline identity make_identity(const std::string& common_name, const std::string& dns = {},
                              const identity* authority = nullptr, bool is_authority = false) {
    static long serial = 0;
    identity made{{EVP_EC_gen("P-256"), EVP_PKEY_free}, {X509_new(), X509_free}};
    X509* const of = made.certificate.get();
    X509_set_version(of, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(of), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(of), -60);
    X509_gmtime_adj(X509_getm_notAfter(of), 3600);
    X509_set_pubkey(of, made.key.get());
    X509_NAME_add_entry_by_txt(X509_get_subject_name(of), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1,
                               0);
    const identity& issuer = authority == nullptr ? made : *authority;
    X509_set_issuer_name(of, X509_get_subject_name(issuer.certificate.get()));
    const auto extend = [&](int what, const std::string& value) {
        X509_EXTENSION* const made_of = X509V3_EXT_conf_nid(nullptr, nullptr, what, value.c_str());
        X509_add_ext(of, made_of, -1);
        X509_EXTENSION_free(made_of);
    };
    if (!dns.empty()) extend(NID_subject_alt_name, dns);
    if (is_authority) extend(NID_basic_constraints, "critical,CA:TRUE");
    X509_sign(of, issuer.key.get(), EVP_sha256());
    return made;
}

/// A folder with PEM files.
class pem_folder {
public:
    [[nodiscard]] std::string path(const std::string& name) const { return folder_ / name; }

    /// Writes NAME.crt and NAME.key, over what was there.
    config::tls_files write(const std::string& name, const identity& of) const {
        config::tls_files files{path(name + ".crt"), path(name + ".key")};
        put(
            files.certificate, [&](FILE* to) { PEM_write_X509(to, of.certificate.get()); });
        put(files.private_key, [&](FILE* to) {
            PEM_write_PrivateKey(to, of.key.get(), nullptr, nullptr, 0, nullptr, nullptr);
        });
        return files;
    }
    void spoil(const std::string& file) const {
        put(
            file, [](FILE* to) { std::fputs("not a certificate\n", to); });
    }

private:
    template <class Write>
    static void put(const std::string& file, Write write) {
        FILE* const to = std::fopen(file.c_str(), "w");
        if (to == nullptr) std::abort();
        write(to);
        std::fclose(to);
    }
    temporary_folder folder_;
};

}  // namespace hikyaku::gateway::io::testing_support
