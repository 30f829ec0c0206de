#include "tests/unit/gateway/io/smsc_fixture.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include "gateway/model/tables.hpp"
#include "smpp/pdu/decode.hpp"
#include "smpp/pdu/encode.hpp"

namespace hikyaku::gateway::io::testing_support {

namespace asio = boost::asio;
using boost::system::error_code;

// smsc_link.

smsc_link::smsc_link(carrier_world& world, tcp::socket socket)
    : world_(world), stream_(std::move(socket)) {
    read_on();
}

smsc_link::smsc_link(carrier_world& world, tls secured)
    : world_(world), stream_(std::move(secured)) {
    read_on();
}

smsc_link::~smsc_link() {
    *alive_ = false;
    close();
    world_.settle();  // the handlers see what is gone while it is still there
}

smsc_link::tcp::socket& smsc_link::socket() {
    if (auto* secured = std::get_if<tls>(&stream_)) return secured->next_layer();
    return std::get<tcp::socket>(stream_);
}

void smsc_link::read_on() {
    auto on_read = [this, alive = alive_](error_code error, std::size_t bytes) {
        if (!*alive) return;
        inbox_.insert(inbox_.end(), room_.begin(),
                      room_.begin() + static_cast<std::ptrdiff_t>(bytes));
        ended_ = ended_ || error;
        if (!ended_ && reading_) read_on();
    };
    std::visit([&](auto& stream) { stream.async_read_some(asio::buffer(room_), on_read); },
               stream_);
}

void smsc_link::send(const std::vector<std::uint8_t>& bytes) {
    error_code ignored;
    std::visit([&](auto& stream) { asio::write(stream, asio::buffer(bytes), ignored); }, stream_);
}

void smsc_link::send(const smpp::pdu& whole) {
    std::vector<std::uint8_t> bytes;
    EXPECT_TRUE(smpp::encode(bytes, whole).has_value());
    send(bytes);
}

void smsc_link::send_raw(command_id command, command_status status, std::uint32_t sequence,
                         const std::vector<std::uint8_t>& body) {
    std::vector<std::uint8_t> bytes;
    for (const std::uint32_t word :
         {static_cast<std::uint32_t>(16 + body.size()), static_cast<std::uint32_t>(command),
          static_cast<std::uint32_t>(status), sequence})
        for (int shift = 24; shift >= 0; shift -= 8)
            bytes.push_back(static_cast<std::uint8_t>(word >> shift));
    bytes.insert(bytes.end(), body.begin(), body.end());
    send(bytes);
}

std::size_t smsc_link::whole_pdu() const {
    if (inbox_.size() < 16) return 0;
    const std::size_t length = std::size_t{inbox_[0]} << 24U | std::size_t{inbox_[1]} << 16U |
                               std::size_t{inbox_[2]} << 8U | inbox_[3];
    return inbox_.size() >= length ? length : 0;
}

smsc_pdu smsc_link::receive() {
    world_.run_until([this] { return has_pdu() || ended_; });
    const auto size = static_cast<std::ptrdiff_t>(whole_pdu());
    smsc_pdu next;
    if (size == 0) {
        ADD_FAILURE() << "the connection has ended";
        return next;
    }
    next.raw = std::make_unique<std::vector<std::uint8_t>>(inbox_.begin(), inbox_.begin() + size);
    inbox_.erase(inbox_.begin(), inbox_.begin() + size);
    const auto decoded = smpp::decode(*next.raw);
    EXPECT_TRUE(decoded.ok());
    next.value = decoded.value;
    return next;
}

smsc_pdu smsc_link::expect(command_id command) {
    auto next = receive();
    EXPECT_EQ(next.command(), command) << smpp::name_of(next.command());
    return next;
}

smsc_pdu smsc_link::accept_bind(std::uint8_t version) {
    auto bind = receive();
    std::vector<std::uint8_t> buffer;
    smpp::tlv_writer tlvs(buffer);
    if (version != 0) tlvs.u8(smpp::tag::sc_interface_version, version);
    std::vector<std::uint8_t> bytes;
    EXPECT_TRUE(smpp::encode(bytes, smpp::response_of(bind.command()), command_status::esme_rok,
                             bind.sequence(), smpp::bind_response{"smsc"}, tlvs.list())
                    .has_value());
    const auto before = world_.binds().counters.binds;
    send(bytes);
    world_.run_until([&] { return world_.binds().counters.binds > before; });
    return bind;
}

void smsc_link::close() {
    error_code ignored;
    socket().close(ignored);
}

std::string smsc_link::server_name() {
    const char* const name =
        SSL_get_servername(std::get<tls>(stream_).native_handle(), TLSEXT_NAMETYPE_host_name);
    return name == nullptr ? "" : name;
}

bool smsc_link::has_client_certificate() {
    X509* const shown = SSL_get1_peer_certificate(std::get<tls>(stream_).native_handle());
    X509_free(shown);
    return shown != nullptr;
}

// carrier_world.

carrier_world::carrier_world() : settings(testing::plain_settings()) {
    acceptor.open(tcp::v4());
    acceptor.bind({asio::ip::address_v4::loopback(), 0});
    acceptor.listen();
    for (auto& one : settings.carriers) {
        one.hosts = {{"127.0.0.1", acceptor.local_endpoint().port()}};
        one.system_id = "us";
        one.password = "secret";
        one.reconnect_min = one.reconnect_max = std::chrono::milliseconds(10);
        one.bind = config::bind_type::transceiver;
    }
    settings.carriers.resize(1);
    store::environment_settings how;
    how.path = folder_.path() + "/store";
    how.map_bytes_initial = 64U << 20;
    how.sync = false;
    auto opened = store::environment::open(std::move(how), {model::domain});
    if (!opened) std::abort();
    store_ = std::move(*opened);
}

carrier_world::~carrier_world() {
    // Nothing of the gateway runs any more when its parts go.
    loop.stop();
}

void carrier_world::start() {
    core_ = std::make_unique<engine>(settings, *store_, *this, testing::seeded_bits{}, now());
    carriers = std::make_unique<smpp_carriers>(*this, settings);
    std::string fault;
    ASSERT_TRUE(carriers->start(fault)) << fault;
    touched();
}

std::string carrier_world::fault_at_start() {
    core_ = std::make_unique<engine>(settings, *store_, *this, testing::seeded_bits{}, now());
    carriers = std::make_unique<smpp_carriers>(*this, settings);
    std::string fault;
    EXPECT_FALSE(carriers->start(fault));
    return fault;
}

instant carrier_world::now() {
    return {std::chrono::steady_clock::now(),
            std::chrono::duration_cast<std::chrono::milliseconds>(
                std::chrono::system_clock::now().time_since_epoch())
                .count()};
}

void carrier_world::touched() {
    if (std::exchange(turn_posted_, true)) return;
    asio::post(loop, [this] { end_turn(); });
}

void carrier_world::end_turn() {
    turn_posted_ = false;
    core_->flush(now());
}

void carrier_world::commit(commit_kind, std::unique_ptr<store::batch> batch, std::uint64_t ticket) {
    const store::batch* one[] = {batch.get()};
    EXPECT_TRUE(store_->apply(one).has_value());
    auto shared = std::make_shared<std::unique_ptr<store::batch>>(std::move(batch));
    asio::post(loop, [this, shared, ticket] {
        core_->on_committed(ticket, true, std::move(*shared), now());
        touched();
    });
}

bool carrier_world::send_segment(bind_id bind, std::uint64_t token, const smpp::submit_sm& request,
                                 const smpp::tlv_list& tlvs) {
    return carriers->send_segment(bind, token, request, tlvs);
}

void carrier_world::acknowledge(bind_id bind, std::uint32_t sequence, command_id request,
                                command_status status) {
    ++acknowledged;
    carriers->acknowledge(bind, sequence, request, status);
}

void carrier_world::run_until(const std::function<bool()>& done) {
    const auto limit = std::chrono::steady_clock::now() + tests::hangs_after;
    while (!done()) {
        ASSERT_LT(std::chrono::steady_clock::now(), limit) << "it did not happen in time";
        loop.restart();
        loop.run_one_for(std::chrono::milliseconds(5));
        if (core_ && core_->next_deadline(now()) <= now().steady) {
            core_->tick(now());
            touched();
        }
    }
}

void carrier_world::settle() {
    loop.restart();
    while (loop.poll_one() > 0) {
    }
}

std::unique_ptr<smsc_link> carrier_world::accept() {
    tcp::socket socket(loop);
    bool done = false;
    acceptor.async_accept(
        socket, [&](error_code error) { done = !error; });
    run_until([&] { return done; });
    return std::make_unique<smsc_link>(*this, std::move(socket));
}

std::unique_ptr<smsc_link> carrier_world::accept_tls(boost::asio::ssl::context& context) {
    tcp::socket socket(loop);
    bool done = false;
    acceptor.async_accept(
        socket, [&](error_code error) { done = !error; });
    run_until([&] { return done; });
    smsc_link::tls secured(std::move(socket), context);
    bool over = false;
    secured.async_handshake(
        asio::ssl::stream_base::server,
        [&](error_code error) {
            tls_error = error;
            over = true;
        });
    run_until([&] { return over; });
    if (tls_error) return nullptr;
    return std::make_unique<smsc_link>(*this, std::move(secured));
}

std::unique_ptr<smsc_link> carrier_world::bound(std::uint8_t version) {
    auto link = accept();
    link->accept_bind(version);
    return link;
}

std::unique_ptr<smsc_link> carrier_world::call() {
    const auto where = carriers->outbind_endpoint("alpha");
    if (!where) {
        ADD_FAILURE() << "nobody listens for outbind";
        return nullptr;
    }
    tcp::socket socket(loop);
    socket.connect(*where);
    return std::make_unique<smsc_link>(*this, std::move(socket));
}

message_id carrier_world::submit(std::string_view text, const std::string& tlvs,
                                 std::string_view to) {
    submission message;
    message.source = {5, 0, "Shop"};
    message.destination = {1, 1, std::string(to)};
    message.octets = std::string(text);
    message.tlvs = tlvs;
    message.registered_delivery = 1;
    const auto result =
        core_->submit(account_id{1}, std::move(message), {session_id{1}, ++ticket_}, now());
    EXPECT_EQ(result.why, refusal::none);
    touched();
    return result.id;
}

message_view carrier_world::view(message_id id) {
    return core_->find(account_id{1}, id).value_or(message_view{});
}

}  // namespace hikyaku::gateway::io::testing_support
