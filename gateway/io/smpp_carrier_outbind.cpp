#include "gateway/io/smpp_carrier_outbind.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <utility>

#include "gateway/io/logging.hpp"

namespace hikyaku::gateway::io {

carrier_outbind::carrier_outbind(host& around, carrier_bind_owner& owner,
                                 std::shared_ptr<const config::carrier> settings,
                                 carrier_id carrier)
    : host_(around), owner_(owner), settings_(std::move(settings)), carrier_(carrier) {}

carrier_outbind::~carrier_outbind() {
    if (listener_) listener_->close();
}

bool carrier_outbind::open(std::string& fault) {
    const auto& at = *settings_->outbind_listen;
    const auto because = [&](const std::string& why) {
        fault = "carrier " + settings_->name + " cannot listen for outbind on " + at.host + ":" +
                std::to_string(at.port) + ": " + why;
        return false;
    };
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(at.host, error);
    if (error) return because("not an IP address");
    if (settings_->outbind_tls) {
        config::tls_server own;
        own.certificate = settings_->tls_certificate;
        own.private_key = settings_->tls_private_key;
        auto made = server_tls(own);
        if (made.has_error()) return because(made.error());
        tls_ = std::move(*made);
    }
    smpp::io::listener_settings settings;
    settings.endpoint = {address, at.port};
    settings.tls = tls_.get();
    settings.places = std::make_shared<smpp::io::places>(
        smpp::io::place_limits{.total_max = connections_max,
                               .strangers_max = connections_max,
                               .per_address_max = unbound_per_address_max});
    settings.on_handshake_failed = [this](const tcp::endpoint& client, const std::string& why) {
        bind_end what{bind_stage::tls, client.address().to_string(), 0, why, {}};
        owner_.ends_of(carrier_).failed({smpp::command_id::bind_receiver, 0}, std::move(what),
                                        host_.now());
    };
    auto opened = smpp::io::listener::open(
        host_.running().context().get_executor(), settings,
        [this](smpp::io::stream connected) { on_stream(std::move(connected)); });
    if (opened.has_error()) return because(opened.error().message());
    listener_ = std::move(*opened);
    listener_->start();
    log(log_level::info, "listening for outbind",
        {{"carrier", settings_->name}, {"host", at.host}, {"port", local().port()}});
    return true;
}

void carrier_outbind::on_stream(smpp::io::stream connected) {
    // The connections that have ended since make place here, not in their own last call.
    std::erase_if(calls_, [this](const auto& call) {
        if (!call->stopped()) return false;
        past_ += call->counters();
        return true;
    });
    auto call =
        std::make_unique<carrier_bind>(host_, owner_, carrier_setup{settings_, nullptr}, carrier_,
                                       smpp::command_id::bind_receiver, ++number_);
    call->serve(std::move(connected));
    calls_.push_back(std::move(call));
}

void carrier_outbind::stop() {
    if (listener_) listener_->close();
    leave();
}

void carrier_outbind::leave() {
    for (auto& call : calls_)
        call->leave();
}

void carrier_outbind::use(const std::shared_ptr<const config::carrier>& settings) {
    settings_ = settings;
    for (auto& call : calls_)
        call->use({settings, nullptr});
}

bool carrier_outbind::quiet() const {
    return std::none_of(
        calls_.begin(), calls_.end(), [](const auto& call) { return call->connected(); });
}

void carrier_outbind::settle_faults() {
    for (auto& call : calls_)
        call->settle_faults();
}

std::uint32_t carrier_outbind::in_flight() const {
    std::uint32_t sum = 0;
    for (const auto& call : calls_)
        sum += call->in_flight();
    return sum;
}

carrier_bind_counters carrier_outbind::counters() const {
    auto sum = past_;
    for (const auto& call : calls_)
        sum += call->counters();
    return sum;
}

}  // namespace hikyaku::gateway::io
