#include "tests/unit/gateway/io/smpp_server_fixture.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include "gateway/model/tables.hpp"
#include "smpp/pdu/decode.hpp"
#include "smpp/pdu/encode.hpp"

namespace hikyaku::gateway::io::testing_support {

namespace asio = boost::asio;
using boost::system::error_code;
using smpp::io::tcp;

namespace {

/// argon2id at the least price there is: tests check many passwords.
std::string cheap_hash(const std::string& password) {
    std::array<char, crypto_pwhash_STRBYTES> result{};
    if (sodium_init() < 0 ||
        crypto_pwhash_str(result.data(), password.data(), password.size(),
                          crypto_pwhash_OPSLIMIT_MIN, crypto_pwhash_MEMLIMIT_MIN) != 0)
        std::abort();
    return result.data();
}

const std::string& hash_of_secret() {
    static const std::string hash = cheap_hash("secret");
    return hash;
}

}  // namespace

received_pdu::received_pdu(octets bytes) : raw(std::make_unique<octets>(std::move(bytes))) {
    const auto decoded = smpp::decode(*raw);
    EXPECT_TRUE(decoded.ok());
    value = decoded.value;
}

std::string received_pdu::text() const {
    const auto find = [&](const auto& body) {
        const auto octets_of = smpp::message_octets(body, value.tlvs);
        return octets_of ? std::string(octets_of->begin(), octets_of->end()) : std::string();
    };
    if (const auto* one = std::get_if<smpp::deliver_sm>(&value.body)) return find(*one);
    if (const auto* one = std::get_if<smpp::data_sm>(&value.body)) return find(*one);
    return {};
}

// application.

application::application(smpp_world& world, smpp::io::stream connected)
    : world_(world), stream_(std::make_shared<smpp::io::stream>(std::move(connected))) {
    read_on();
}

application::~application() {
    *alive_ = false;
    close();
}

tcp::endpoint application::local() {
    return stream_->socket().local_endpoint();
}

void application::close() {
    error_code ignored;
    stream_->socket().close(ignored);
}

void application::read_on() {
    auto on_read = [this, alive = alive_, keep = stream_](error_code error, std::size_t bytes) {
        if (!*alive) return;
        inbox_.insert(inbox_.end(), room_.begin(),
                      room_.begin() + static_cast<std::ptrdiff_t>(bytes));
        ended_ = ended_ || error;
        take_pdus();
        if (!ended_) read_on();
    };
    const auto room = asio::buffer(room_);
    if (auto* tls = stream_->tls())
        tls->async_read_some(room, std::move(on_read));
    else
        stream_->socket().async_read_some(room, std::move(on_read));
}

void application::write_on() {
    if (!writing_.empty() || outbox_.empty()) return;
    writing_.swap(outbox_);
    auto on_written = [this, alive = alive_, keep = stream_](error_code, std::size_t) {
        if (!*alive) return;
        writing_.clear();
        write_on();
    };
    const auto bytes = asio::buffer(writing_);
    if (auto* tls = stream_->tls())
        asio::async_write(*tls, bytes, std::move(on_written));
    else
        asio::async_write(stream_->socket(), bytes, std::move(on_written));
}

void application::send(const octets& bytes) {
    outbox_.insert(outbox_.end(), bytes.begin(), bytes.end());
    write_on();
}

void application::send_pdu(const smpp::pdu& one) {
    octets bytes;
    EXPECT_TRUE(smpp::encode(bytes, one).has_value());
    send(bytes);
}

void application::take_pdus() {
    while (inbox_.size() >= 16) {
        const std::size_t length = static_cast<std::size_t>(inbox_[0]) << 24U |
                                   static_cast<std::size_t>(inbox_[1]) << 16U |
                                   static_cast<std::size_t>(inbox_[2]) << 8U | inbox_[3];
        if (inbox_.size() < length) return;
        const auto end = inbox_.begin() + static_cast<std::ptrdiff_t>(length);
        received_pdu next(octets(inbox_.begin(), end));
        inbox_.erase(inbox_.begin(), end);
        if (next.command() != command_id::enquire_link)
            pdus_.push_back(std::move(next));
        else if (!silent_)
            answer(next, smpp::enquire_link_resp{});
    }
}

bool application::has_pdu() const {
    return !pdus_.empty();
}

received_pdu application::receive() {
    world_.run_until([&] { return has_pdu() || ended_; });
    if (!has_pdu()) {
        ADD_FAILURE() << "the connection has ended";
        return received_pdu();
    }
    auto next = std::move(pdus_.front());
    pdus_.pop_front();
    return next;
}

received_pdu application::expect(command_id command) {
    auto next = receive();
    EXPECT_EQ(next.command(), command) << smpp::name_of(next.command());
    return next;
}

void application::send_bind(const bind_options& options) {
    smpp::bind_request request;
    request.system_id = options.system_id;
    request.password = options.password;
    request.interface_version = options.version;
    octets bytes;
    EXPECT_TRUE(smpp::encode(bytes, options.kind, command_status::esme_rok, ++sequence_, request)
                    .has_value());
    send(bytes);
}

received_pdu application::bind(const bind_options& options) {
    send_bind(options);
    return expect(smpp::response_of(options.kind));
}

std::uint32_t application::submit(std::string_view text) {
    smpp::submit_sm request;
    request.source_addr_ton = 5;
    request.source_addr = "Shop";
    request.dest_addr_ton = 1;
    request.dest_addr_npi = 1;
    request.destination_addr = "819012345678";
    request.registered_delivery = 1;
    request.short_message = {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
    return send(request);
}

std::string application::submit_and_read_id(std::string_view text) {
    const auto sequence = submit(text);
    const auto response = expect(command_id::submit_sm_resp);
    EXPECT_EQ(response.status(), command_status::esme_rok);
    EXPECT_EQ(response.sequence(), sequence);
    return std::string(response.body<smpp::submit_sm_resp>().message_id);
}

// smpp_world.

smpp_world::smpp_world() {
    settings = testing::plain_settings();
    for (auto& account : settings.accounts)
        account.password_hash = hash_of_secret();
    settings.smpp.listen = {{"127.0.0.1", 0}};
}

smpp_world::~smpp_world() {
    if (passwords) passwords->stop();
    server.reset();
    loop.restart();
    loop.poll();  // coroutines that end with their sockets
}

instant smpp_world::now() {
    using namespace std::chrono;
    return {steady_clock::now(),
            duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count()};
}

void smpp_world::start() {
    store::environment_settings wanted;
    wanted.path = folder_.path();
    wanted.sync = false;
    auto opened = store::environment::open(std::move(wanted), {model::domain});
    ASSERT_TRUE(opened.has_value());
    store_ = std::move(*opened);
    auto bits = [random = testing::seeded_bits{7}]() mutable { return random(); };
    core_ = std::make_unique<engine>(settings, *store_, *this, bits, now());
    password_pool_settings checking;
    checking.decoy_hash = hash_of_secret();
    checking.waiting_max = passwords_waiting_max;
    checking.before_check = before_password_check;
    passwords = std::make_unique<password_pool>(loop, std::move(checking));
    server = std::make_unique<smpp_server>(*this, settings, *passwords, timing);
    std::string fault;
    ASSERT_TRUE(server->open(fault)) << fault;
    touched();
}

void smpp_world::run_until(const std::function<bool()>& done) {
    ASSERT_TRUE(tests::turn_until(loop, done)) << "nothing happened for too long";
}

void smpp_world::settle() {
    loop.restart();
    int quiet = 0;
    for (int turns = 0; quiet < 3 && turns < 1000; ++turns) {  // timers may go on for ever
        quiet = loop.run_one_for(2ms) == 0 ? quiet + 1 : 0;
        loop.restart();
    }
}

std::unique_ptr<application> smpp_world::connect(std::size_t listener) {
    tcp::socket socket(loop);
    socket.connect(server->addresses().at(listener).local);
    return std::make_unique<application>(*this, smpp::io::stream(std::move(socket)));
}

std::unique_ptr<application> smpp_world::connect_tls(asio::ssl::context& context,
                                                     const std::string& server_name) {
    const auto addresses = server->addresses();
    const auto at = std::find_if(addresses.begin(), addresses.end(),
                                 [](const listening_address& one) { return one.tls; });
    smpp::io::tls_stream secured(loop, context);
    secured.next_layer().connect(at->local);
    if (!server_name.empty())
        SSL_set_tlsext_host_name(secured.native_handle(), server_name.c_str());
    bool done = false;
    secured.async_handshake(
        asio::ssl::stream_base::client,
        [&](error_code error) {
            tls_error = error;
            done = true;
        });
    run_until([&] { return done; });
    if (tls_error) return nullptr;
    return std::make_unique<application>(*this, smpp::io::stream(std::move(secured)));
}

std::unique_ptr<application> smpp_world::bound(const application::bind_options& options) {
    auto made = connect();
    EXPECT_EQ(made->bind(options).status(), command_status::esme_rok);
    return made;
}

void smpp_world::touched() {
    if (turn_posted_) return;
    turn_posted_ = true;
    asio::post(loop, [this] { end_turn(); });
}

void smpp_world::end_turn() {
    turn_posted_ = false;
    core_->flush(now());
    timer_.expires_at(core_->next_deadline(now()));
    timer_.async_wait([this](error_code error) {
        if (error) return;
        core_->tick(now());
        touched();
    });
}

void smpp_world::commit(commit_kind kind, std::unique_ptr<store::batch> batch,
                        std::uint64_t ticket) {
    if (hold_commits && kind == commit_kind::acceptance) {
        held_.push_back({std::move(batch), ticket});
        return;
    }
    write(std::move(batch), ticket);
}

void smpp_world::write(std::unique_ptr<store::batch> batch, std::uint64_t ticket) {
    const store::batch* one[] = {batch.get()};
    const bool written = static_cast<bool>(store_->apply(one));
    auto report = [this, written, ticket, kept = std::move(batch)]() mutable {
        core_->on_committed(ticket, written, std::move(kept), now());
        touched();
    };
    asio::post(loop, std::move(report));
}

void smpp_world::release_commits() {
    hold_commits = false;
    for (auto& one : std::exchange(held_, {}))
        write(std::move(one.batch), one.ticket);
}

void smpp_world::submission_settled(const settled_submission& what) {
    server->submission_settled(what);
}

void smpp_world::operation_settled(reply_ticket ticket, command_status status) {
    server->operation_settled(ticket, status);
}

bool smpp_world::send_segment(bind_id bind, std::uint64_t token, const smpp::submit_sm& request,
                              const smpp::tlv_list&) {
    segments.push_back({bind, token, std::string(request.destination_addr)});
    return true;
}

bool smpp_world::deliver(session_id session, std::uint64_t outbox_sequence,
                         const outbox_event& event) {
    return server->deliver(session, outbox_sequence, event);
}

void smpp_world::alert(session_id session, const smpp::alert_notification& alert,
                       const smpp::tlv_list& tlvs) {
    server->alert(session, alert, tlvs);
}

void smpp_world::carrier_up() {
    core_->on_bind_up(bind_id{1}, {carrier_id{1}, 1000, true, true}, now());
    touched();
}

void smpp_world::carrier_accepts(const segment& one, const std::string& id) {
    core_->on_response(one.bind, one.token, command_status::esme_rok, id, now());
    touched();
}

void smpp_world::carrier_receipt(const std::string& id, const std::string& stat) {
    const auto text =
        "id:" + id + " sub:001 dlvrd:001 submit date:2601010000 done date:2601010001 stat:" + stat +
        " err:000 text:";
    smpp::deliver_sm request;
    request.source_addr = "819012345678";
    request.destination_addr = "Shop";
    request.esm_class = smpp::esm_class::receipt;
    request.short_message = {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
    core_->on_deliver_sm(bind_id{1}, ++carrier_sequence_, request, {}, now());
    touched();
}

void smpp_world::carrier_reply(const std::string& text, const std::string& to) {
    smpp::deliver_sm request;
    request.source_addr = "819012345678";
    request.destination_addr = to;
    request.short_message = {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
    core_->on_deliver_sm(bind_id{1}, ++carrier_sequence_, request, {}, now());
    touched();
}

}  // namespace hikyaku::gateway::io::testing_support
