#include "gateway/io/smpp_outbind.hpp"

#include <algorithm>
#include <cassert>

#include "gateway/io/logging.hpp"
#include "gateway/io/smpp_server_session.hpp"
#include "smpp/io/connector.hpp"

namespace hikyaku::gateway::io {
std::chrono::seconds outbind_pause(std::chrono::seconds interval, std::uint32_t failures) {
    constexpr std::chrono::seconds longest{3600};
    const auto grown = interval * (1 << std::min<std::uint32_t>(failures, 4));
    return std::max(interval, std::min<std::chrono::seconds>(grown, longest));
}

smpp_outbind::smpp_outbind(host& around, const config::settings& settings, smpp_server& server)
    : host_(around), settings_(settings), server_(server), timer_(around.running().context()) {}

bool smpp_outbind::start(std::string& fault) {
    bool secured = false;
    for (const auto& account : settings_.accounts) {
        if (!account.outbind) continue;
        const auto id = host_.core().account_by_system_id(account.system_id);
        if (!id) continue;  // nobody could bind
        callees_.push_back({*id, &*account.outbind, {}, 0, false});
        secured = secured || account.outbind->tls;
    }
    if (secured) {
        // Whoever checks the certificates of applications that come, checks those that are called.
        const auto& own = settings_.smpp.tls;
        auto made = client_tls(own ? own->client_ca : std::string{});
        if (made.has_error()) {
            fault = made.error();
            return false;
        }
        tls_ = std::move(*made);
    }
    arm();
    return true;
}

void smpp_outbind::stop() {
    *alive_ = false;
    callees_.clear();
    timer_.cancel();
}

void smpp_outbind::arm() {
    if (callees_.empty()) return;
    timer_.expires_after(server_.timing_.outbind_look);
    timer_.async_wait([this, alive = alive_](boost::system::error_code error) {
        if (error || !*alive) return;
        look();
        arm();
    });
}

void smpp_outbind::look() {
    const auto now = std::chrono::steady_clock::now();
    for (auto& one : callees_) {
        if (one.connecting || now < one.next || server_.has_called(one.account) ||
            !host_.core().wants_receiver(one.account))
            continue;
        one.connecting = true;
        one.next = now + outbind_pause(one.settings->interval, one.failures);
        const auto& name = host_.core().settings_of(one.account).name;
        host_.running().spawn("outbind " + name, call(alive_, one.account));
    }
}

smpp_outbind::callee& smpp_outbind::find(account_id account) {
    const auto found = std::find_if(callees_.begin(), callees_.end(),
                                    [&](const callee& one) { return one.account == account; });
    assert(found != callees_.end());
    return *found;
}

void smpp_outbind::on_failure(callee& whom, std::string_view why) {
    ++whom.failures;
    ++server_.counters_.outbinds_failed;
    whom.next =
        std::chrono::steady_clock::now() + outbind_pause(whom.settings->interval, whom.failures);
    log(log_level::warn, "an application that was called did not bind",
        {{"account", host_.core().settings_of(whom.account).name},
         {"host", whom.settings->host.host},
         {"port", whom.settings->host.port},
         {"why", why}});
}

void smpp_outbind::on_ended(account_id account, bool was_bound) {
    if (!*alive_) return;
    auto& whom = find(account);
    if (!was_bound) return on_failure(whom, "the connection ended without a bind");
    whom.failures = 0;
}

boost::asio::awaitable<void> smpp_outbind::call(std::shared_ptr<bool> alive, account_id account) {
    smpp::io::connector_settings wanted;
    const auto* const settings = find(account).settings;
    wanted.host = settings->host.host;
    wanted.port = settings->host.port;
    wanted.tls = settings->tls ? tls_.get() : nullptr;
    wanted.names = &host_.lookups().accounts;
    wanted.owner = host_.core().settings_of(account).name;
    auto connected = co_await smpp::io::connect(host_.running().context().get_executor(), wanted);
    if (!*alive) co_return;
    auto& whom = find(account);
    whom.connecting = false;
    if (connected.has_error()) {
        on_failure(whom, connected.error().message());
        co_return;
    }
    auto& session = server_.on_stream(std::move(*connected), account);
    if (session.send_outbind(settings->password)) ++server_.counters_.outbinds;
}

}  // namespace hikyaku::gateway::io
