// TLS at the door for applications: which certificate a client sees, which it must show, and what
// happens when the files change. Real handshakes of OpenSSL on both sides.
#include <algorithm>
#include <string>

#include "tests/unit/gateway/io/certificates.hpp"
#include "tests/unit/gateway/io/smpp_server_fixture.hpp"

namespace hikyaku::gateway::io::testing_support {
namespace {

namespace ssl = boost::asio::ssl;

TEST(tls_names, wildcards_stand_for_one_label) {
    struct name_case {
        std::string pattern, host;
        bool matches;
    };
    for (const auto& one :
         {name_case{"a.example", "a.example", true}, name_case{"A.Example", "a.eXample", true},
          name_case{"a.example", "b.example", false},
          name_case{"a.example", "a.example.org", false}, name_case{"*.example", "a.example", true},
          name_case{"*.Example", "A.example", true}, name_case{"*.example", "example", false},
          name_case{"*.example", ".example", false}, name_case{"*.example", "a.b.example", false},
          name_case{"*", "a", false}, name_case{"a*.example", "ab.example", false}}) {
        EXPECT_EQ(name_matches(one.pattern, one.host), one.matches)
            << one.pattern << " " << one.host;
    }
}

TEST(tls_names, come_from_the_alternative_names_or_the_common_name) {
    using names = std::vector<std::string>;
    EXPECT_EQ(certificate_names(make_identity("cn.example").certificate.get()),
              names{"cn.example"});
    EXPECT_EQ(
        certificate_names(make_identity("cn.example", "DNS:a.example,IP:127.0.0.1,DNS:*.b.example")
                              .certificate.get()),
        (names{"a.example", "*.b.example"}));
}

class smpp_server_tls : public smpp_world {
protected:
    smpp_server_tls() {
        settings.smpp.tls_listen = {{"127.0.0.1", 0}};
        const auto own = files.write("server", make_identity("default.example"));
        settings.smpp.tls.emplace();
        settings.smpp.tls->certificate = own.certificate;
        settings.smpp.tls->private_key = own.private_key;
    }
    /// The name in the certificate that a client sees who asks for `asked`.
    std::string shown_to(const std::string& asked) {
        std::string name;
        ssl::context context(ssl::context::tls_client);
        context.set_verify_mode(ssl::verify_peer);
        context.set_verify_callback([&](bool, ssl::verify_context& at) {
            X509* const shown = X509_STORE_CTX_get0_cert(at.native_handle());
            name = certificate_names(shown).at(0);
            return true;
        });
        EXPECT_NE(connect_tls(context, asked), nullptr) << tls_error.message();
        return name;
    }
    /// A client that shows this certificate; nobody is verified.
    static std::unique_ptr<ssl::context> showing(const config::tls_files& own) {
        auto context = std::make_unique<ssl::context>(ssl::context::tls_client);
        context->use_certificate_chain_file(own.certificate);
        context->use_private_key_file(own.private_key, ssl::context::pem);
        return context;
    }
    /// With client certificates of an authority of our own asked for.
    void ask_for_certificates(bool required) {
        settings.smpp.tls->client_ca = files.write("ca", authority).certificate;
        settings.smpp.tls->client_required = required;
    }
    /// The status of a bind over TLS with this context.
    std::optional<command_status> bind_over(ssl::context& context,
                                            const application::bind_options& options = {}) {
        const auto client = connect_tls(context);
        if (!client) return std::nullopt;
        client->send_bind(options);
        run_until([&] { return client->has_pdu() || client->ended(); });
        if (client->ended()) return std::nullopt;  // TLS 1.3: the server refuses after our part
        return client->expect(command_id::bind_transceiver_resp).status();
    }

    pem_folder files;
    identity authority = make_identity("authority", {}, nullptr, true);
};

TEST_F(smpp_server_tls, binds_and_submits) {
    start();
    ssl::context context(ssl::context::tls_client);
    const auto client = connect_tls(context);
    ASSERT_TRUE(client);
    EXPECT_EQ(client->bind().status(), command_status::esme_rok);
    EXPECT_FALSE(client->submit_and_read_id().empty());
    EXPECT_TRUE(server->sessions().at(0).tls);
}

TEST_F(smpp_server_tls, tls_1_2_and_1_3_and_nothing_older) {
    start();
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        ssl::context context(ssl::context::tls_client);
        SSL_CTX_set_min_proto_version(context.native_handle(), version);
        SSL_CTX_set_max_proto_version(context.native_handle(), version);
        EXPECT_TRUE(connect_tls(context)) << version << tls_error.message();
    }
    ssl::context old(ssl::context::tls_client);
    SSL_CTX_set_security_level(old.native_handle(), 0);
    SSL_CTX_set_min_proto_version(old.native_handle(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(old.native_handle(), TLS1_1_VERSION);
    EXPECT_FALSE(connect_tls(old));
    run_until([&] { return server->listener_counters().handshake_errors == 1; });
}

TEST_F(smpp_server_tls, the_name_asked_for_picks_the_certificate) {
    settings.smpp.tls->hosts = {
        files.write("one", make_identity("x", "DNS:one.example,DNS:uno.example")),
        files.write("wild", make_identity("x", "DNS:*.wild.example")),
        files.write("plain", make_identity("cn.example"))};
    start();
    EXPECT_EQ(shown_to("one.example"), "one.example");
    EXPECT_EQ(shown_to("UNO.example"), "one.example");
    EXPECT_EQ(shown_to("a.wild.example"), "*.wild.example");
    EXPECT_EQ(shown_to("cn.example"), "cn.example");
    EXPECT_EQ(shown_to("a.b.wild.example"), "default.example");
    EXPECT_EQ(shown_to("other.example"), "default.example");
    EXPECT_EQ(shown_to(""), "default.example");
}

TEST_F(smpp_server_tls, a_required_client_certificate) {
    ask_for_certificates(true);
    settings.smpp.tls->hosts = {files.write("one", make_identity("one.example"))};
    start();
    const auto good = make_identity("app.example", {}, &authority);
    const auto stranger = make_identity("app.example");
    const auto with = showing(files.write("good", good));
    EXPECT_EQ(bind_over(*with), command_status::esme_rok);
    ssl::context without(ssl::context::tls_client);
    EXPECT_EQ(bind_over(without), std::nullopt);
    const auto foreign = showing(files.write("stranger", stranger));
    EXPECT_EQ(bind_over(*foreign), std::nullopt);
    // With another certificate of ours shown, the rules are the same.
    EXPECT_TRUE(connect_tls(*with, "one.example"));
    const auto refused = connect_tls(without, "one.example");
    if (refused) run_until([&] { return refused->ended(); });
    EXPECT_EQ(server->listener_counters().handshake_errors, 3U);
}

TEST_F(smpp_server_tls, an_account_may_want_a_certificate_with_its_name) {
    ask_for_certificates(false);
    settings.accounts[0].certificate_names = {"app.example", "spare.example"};
    start();
    const auto named = make_identity("whatever", "DNS:x.example,DNS:App.example", &authority);
    const auto by_cn = make_identity("spare.example", "DNS:x.example", &authority);
    const auto other = make_identity("other.example", {}, &authority);
    EXPECT_EQ(bind_over(*showing(files.write("named", named))), command_status::esme_rok);
    EXPECT_EQ(bind_over(*showing(files.write("cn", by_cn))), command_status::esme_rok);
    // A credential error, after the password was looked at.
    EXPECT_EQ(bind_over(*showing(files.write("other", other))), command_status::esme_rinvpaswd);
    ssl::context without(ssl::context::tls_client);
    EXPECT_EQ(bind_over(without), command_status::esme_rinvpaswd);
    EXPECT_EQ(connect()->bind().status(), command_status::esme_rinvpaswd);  // not over TLS
    EXPECT_EQ(bind_over(without, {.system_id = "bank"}), command_status::esme_rok);
    EXPECT_EQ(server->counters().binds_wrong_password, 3U);
}

TEST_F(smpp_server_tls, reloaded_certificates_are_for_new_handshakes_and_sessions_stay) {
    settings.smpp.tls->hosts = {files.write("host", make_identity("host-1", "DNS:host.example"))};
    start();
    ssl::context context(ssl::context::tls_client);
    const auto old = connect_tls(context);
    ASSERT_TRUE(old);
    EXPECT_EQ(old->bind().status(), command_status::esme_rok);
    const auto old_host = connect_tls(context, "host.example");
    ASSERT_TRUE(old_host);
    EXPECT_EQ(shown_to(""), "default.example");
    files.write("server", make_identity("renewed.example"));
    files.write("host", make_identity("host-2", "DNS:host.example,DNS:more.example"));
    EXPECT_EQ(shown_to(""), "default.example");  // not before it is told
    EXPECT_TRUE(server->reload_tls());
    EXPECT_EQ(shown_to(""), "renewed.example");
    EXPECT_EQ(shown_to("more.example"), "host.example");
    EXPECT_FALSE(old->submit_and_read_id().empty());
    EXPECT_EQ(old_host->bind().status(), command_status::esme_rok);
    EXPECT_EQ(server->counters().tls_reloads, 1U);
}

TEST_F(smpp_server_tls, a_faulty_new_file_keeps_the_earlier_certificates) {
    start();
    files.spoil(settings.smpp.tls->certificate);
    EXPECT_FALSE(server->reload_tls());
    EXPECT_EQ(shown_to(""), "default.example");
    // A key that does not belong to the certificate.
    const auto one = make_identity("new.example");
    files.write("server", {make_identity("x").key, one.certificate});
    EXPECT_FALSE(server->reload_tls());
    EXPECT_EQ(shown_to(""), "default.example");
    EXPECT_EQ(server->counters().tls_reloads_failed, 2U);
    files.write("server", one);
    EXPECT_TRUE(server->reload_tls());
    EXPECT_EQ(shown_to(""), "new.example");
}

TEST_F(smpp_server_tls, faults_at_the_start_are_sentences) {
    struct fault_case {
        std::function<void(config::tls_server&)> spoil;
        std::string part;
    };
    const std::vector<fault_case> cases{
        {[](auto& tls) { tls.certificate = "/nonexistent.crt"; }, "cannot use the certificate"},
        {[](auto& tls) { tls.private_key = "/nonexistent.key"; }, "cannot use the private key"},
        {[](auto& tls) { tls.client_ca = "/nonexistent.pem"; }, "cannot use the certificates of"},
        {[](auto& tls) {
             tls.hosts = {{"/nonexistent.crt", "/nonexistent.key"}};
         },
         "cannot use the certificate /nonexistent.crt"}};
    for (const auto& one : cases) {
        auto spoilt = *settings.smpp.tls;
        one.spoil(spoilt);
        const auto opened = tls_door::open(spoilt);
        ASSERT_TRUE(opened.has_error()) << one.part;
        EXPECT_NE(opened.error().find(one.part), std::string::npos) << opened.error();
    }
}

}  // namespace
}  // namespace hikyaku::gateway::io::testing_support
