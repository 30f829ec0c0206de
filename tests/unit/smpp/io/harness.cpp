#include "tests/unit/smpp/io/harness.hpp"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/write.hpp>

#include "smpp/pdu/encode.hpp"
#include "tests/support/waiting.hpp"

namespace hikyaku::smpp::io::test {

void recorder::on_events(connection& from, std::span<const session_event> events) {
    EXPECT_FALSE(inside_) << "called from inside its own call";
    EXPECT_FALSE(closed) << "called after on_closed";
    inside_ = true;
    for (const session_event& event : events) {
        ++counts[event.kind];
        if (event.kind == session_event_kind::response) ++answered[event.token];
        if (event.kind == session_event_kind::request_failed) failed[event.token] = event.failure;
        // Cleared here and not at the end: `react` may throw.
        inside_ = false;
        if (react) react(from, event);
        inside_ = true;
    }
    inside_ = false;
}

void recorder::on_closed(connection&, close_reason reason) {
    EXPECT_FALSE(inside_) << "called from inside its own call";
    EXPECT_FALSE(closed) << "told twice";
    closed = reason;
}

void fixture::run_until(const std::function<bool()>& done) {
    ASSERT_TRUE(tests::turn_until(loop, done)) << "nothing more happens";
}

void fixture::settle() {
    loop.restart();
    for (int i = 0; i < 10; ++i) {
        loop.poll();
        loop.restart();
    }
}

session_settings fixture::settings_of(session_role role) {
    session_settings out;
    out.role = role;
    out.system_id = "smsc";
    out.window_max = 100;
    out.peer_window_max = 1000;
    return out;
}

void fixture::answer(connection& from, const session_event& event) {
    if (event.kind == session_event_kind::bind_requested)
        from.session().accept_bind(connection::now());
    if (event.kind == session_event_kind::request) {
        EXPECT_TRUE(
            from.session().respond(event.request(), submit_sm_resp{"id"}, {}, connection::now()));
    }
}

void fixture::listen(listener_settings settings) {
    settings.endpoint = {asio::ip::make_address("127.0.0.1"), 0};
    auto opened = listener::open(loop.get_executor(), settings, [this](stream incoming) {
        if (server_send_buffer_bytes > 0)
            incoming.socket().set_option(
                asio::socket_base::send_buffer_size(server_send_buffer_bytes));
        server_handlers.push_back(std::make_unique<recorder>());
        server_handlers.back()->react = server_react;
        server_connections.push_back(connection::create(
            std::move(incoming), server_session, server_handlers.back().get(), server_connection));
        server_connections.back()->start();
    });
    ASSERT_TRUE(opened.has_value()) << opened.error().message();
    door = *opened;
    door->start();
}

std::shared_ptr<connection> fixture::dial(recorder& handler, const session_settings& session,
                                          connector_settings settings) {
    if (settings.host.empty()) settings.host = "127.0.0.1";
    if (door) settings.port = door->local().port();
    std::optional<connect_result> result;
    const auto work = [](auto executor, auto wanted, auto& into) -> asio::awaitable<void> {
        into.emplace(co_await connect(executor, wanted));
    };
    asio::co_spawn(
        loop, work(loop.get_executor(), settings, result),
        [](std::exception_ptr thrown) { EXPECT_FALSE(thrown); });
    run_until([&] { return result.has_value(); });
    connect_fault_seen = *result ? connect_fault{} : result->error();
    connect_error = connect_fault_seen.code;
    std::shared_ptr<connection> made;
    if (*result) made = connection::create(std::move(**result), session, &handler);
    if (made) made->start();
    return made;
}

void fixture::bind(connection& client, command_id kind) {
    bind_request request;
    request.system_id = "app";
    ASSERT_TRUE(client.session().bind(kind, request, connection::now()).has_value());
    client.kick();
    run_until([&] { return client.session().is_bound() || client.session().is_closed(); });
    ASSERT_TRUE(client.session().is_bound());
}

tcp::socket fixture::raw_socket(int receive_buffer_bytes) {
    tcp::socket out(loop);
    out.open(tcp::v4());
    if (receive_buffer_bytes > 0)
        out.set_option(asio::socket_base::receive_buffer_size(receive_buffer_bytes));
    out.connect(door->local());
    out.non_blocking(true);
    return out;
}

octets fixture::read(tcp::socket& from, const std::function<bool(const octets&)>& done) {
    octets out;
    raw_ended = false;
    run_until([&] {
        for (;;) {
            std::array<std::uint8_t, 4096> piece{};
            boost::system::error_code error;
            const std::size_t count = from.read_some(asio::buffer(piece), error);
            out.insert(out.end(), piece.begin(),
                       piece.begin() + static_cast<std::ptrdiff_t>(count));
            if (error && error != asio::error::would_block) raw_ended = true;
            if (error || count == 0) break;
        }
        return raw_ended || done(out);
    });
    return out;
}

octets fixture::read_to_end(tcp::socket& from) {
    return read(
        from, [](const octets&) { return false; });
}

// Certificate.

struct certificate::parts {
    EVP_PKEY* key = nullptr;
    X509* x509 = nullptr;
    parts() = default;
    parts(const parts&) = delete;
    parts& operator=(const parts&) = delete;
    ~parts() {
        X509_free(x509);
        EVP_PKEY_free(key);
    }
};

certificate::certificate() : parts_(std::make_shared<parts>()) {
    parts_->key = EVP_EC_gen("P-256");
    parts_->x509 = X509_new();
    X509* const made = parts_->x509;
    X509_set_version(made, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made), 1);
    X509_gmtime_adj(X509_getm_notBefore(made), -3600);
    X509_gmtime_adj(X509_getm_notAfter(made), 3600);
    X509_set_pubkey(made, parts_->key);
    X509_NAME* const name = X509_get_subject_name(made);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
    X509_set_issuer_name(made, name);
    X509_EXTENSION* const alternatives =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
    X509_add_ext(made, alternatives, -1);
    X509_EXTENSION_free(alternatives);
    EXPECT_GT(X509_sign(made, parts_->key, EVP_sha256()), 0);
}

std::unique_ptr<asio::ssl::context> certificate::server() const {
    auto out = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
    EXPECT_EQ(SSL_CTX_use_certificate(out->native_handle(), parts_->x509), 1);
    EXPECT_EQ(SSL_CTX_use_PrivateKey(out->native_handle(), parts_->key), 1);
    return out;
}

std::unique_ptr<asio::ssl::context> certificate::client() const {
    auto out = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_client);
    X509_STORE* const store = SSL_CTX_get_cert_store(out->native_handle());
    EXPECT_EQ(X509_STORE_add_cert(store, parts_->x509), 1);
    return out;
}

octets header(command_id id, command_status status, std::uint32_t sequence) {
    octets out;
    encode_header_only(out, id, status, sequence);
    return out;
}

bool encode_bind(octets& out) {
    bind_request request;
    request.system_id = "app";
    return encode(out, command_id::bind_transceiver, command_status::esme_rok, 1, request)
        .has_value();
}

submit_sm a_submit() {
    static constexpr std::uint8_t text[] = {'h', 'e', 'l', 'l', 'o'};
    submit_sm out;
    out.source_addr = "100";
    out.destination_addr = "491701234567";
    out.short_message = octet_view(text);
    return out;
}

}  // namespace hikyaku::smpp::io::test
