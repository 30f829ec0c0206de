#include "gateway/io/smpp_outbind.hpp"

#include <algorithm>
#include <utility>

#include "gateway/io/logging.hpp"
#include "gateway/io/smpp_server_session.hpp"
#include "smpp/io/connector.hpp"

namespace hikyaku::gateway::io {
std::chrono::seconds outbind_pause(std::chrono::seconds interval, std::uint32_t failures) {
    constexpr std::chrono::seconds longest{3600};
    const auto grown = interval * (1 << std::min<std::uint32_t>(failures, 4));
    return std::max(interval, std::min<std::chrono::seconds>(grown, longest));
}

smpp_outbind::smpp_outbind(host& around, smpp_server& server)
    : host_(around), server_(server), timer_(around.running().context()) {}

bool smpp_outbind::start(const config::settings& settings, std::string& fault) {
    if (!make_tls(settings, fault)) return false;
    apply(settings);
    return true;
}

/// Whoever checks the certificates of applications that come, checks those that are called.
bool smpp_outbind::make_tls(const config::settings& settings, std::string& fault) {
    const auto& own = settings.smpp.tls;
    const auto authorities = own ? own->client_ca : std::string{};
    const bool secured = std::ranges::any_of(settings.accounts, [](const auto& account) {
        return account.outbind && account.outbind->tls;
    });
    if (!secured || (tls_ != nullptr && authorities == authorities_)) return true;
    auto made = client_tls(authorities);
    if (made.has_error()) {
        fault = made.error();
        return false;
    }
    tls_ = std::move(*made);
    authorities_ = authorities;
    return true;
}

void smpp_outbind::apply(const config::settings& settings) {
    std::string fault;
    if (!make_tls(settings, fault))
        log(log_level::error, "applications cannot be called over TLS", {{"why", fault}});
    const auto before = std::exchange(callees_, {});
    for (const auto& account : settings.accounts) {
        if (!account.outbind) continue;
        const auto id = host_.core().account_by_system_id(account.system_id);
        if (!id) continue;  // nobody could bind
        const auto known = std::ranges::find(before, *id, &callee::account);
        callees_.push_back(known == before.end() ? callee{*id, {}, {}, 0, false} : *known);
        callees_.back().settings = *account.outbind;
    }
    arm();
}

void smpp_outbind::stop() {
    *alive_ = false;
    callees_.clear();
    timer_.cancel();
}

void smpp_outbind::arm() {
    if (callees_.empty() || armed_) return;
    armed_ = true;
    timer_.expires_after(server_.timing_.outbind_look);
    timer_.async_wait([this, alive = alive_](boost::system::error_code error) {
        if (error || !*alive) return;
        armed_ = false;
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
        one.next = now + outbind_pause(one.settings.interval, one.failures);
        const auto& name = host_.core().settings_of(one.account).name;
        host_.running().spawn("outbind " + name, call(alive_, one.account));
    }
}

/// nullptr: a reload has ended that.
smpp_outbind::callee* smpp_outbind::find(account_id account) {
    const auto found = std::ranges::find(callees_, account, &callee::account);
    return found == callees_.end() ? nullptr : &*found;
}

void smpp_outbind::on_failure(callee& whom, std::string_view why) {
    ++whom.failures;
    ++server_.counters_.outbinds_failed;
    whom.next =
        std::chrono::steady_clock::now() + outbind_pause(whom.settings.interval, whom.failures);
    log(log_level::warn, "an application that was called did not bind",
        {{"account", host_.core().settings_of(whom.account).name},
         {"host", whom.settings.host.host},
         {"port", whom.settings.host.port},
         {"why", why}});
}

void smpp_outbind::on_ended(account_id account, bool was_bound) {
    if (!*alive_) return;
    auto* const whom = find(account);
    if (whom == nullptr) return;
    if (!was_bound) return on_failure(*whom, "the connection ended without a bind");
    whom->failures = 0;
}

boost::asio::awaitable<void> smpp_outbind::call(std::shared_ptr<bool> alive, account_id account) {
    smpp::io::connector_settings wanted;
    const auto* const called = find(account);
    if (called == nullptr) co_return;
    const auto settings = called->settings;
    const auto tls = tls_;  // while it connects
    wanted.host = settings.host.host;
    wanted.port = settings.host.port;
    wanted.tls = settings.tls ? tls.get() : nullptr;
    wanted.names = &host_.lookups().accounts;
    wanted.owner = host_.core().settings_of(account).name;
    auto connected = co_await smpp::io::connect(host_.running().context().get_executor(), wanted);
    if (!*alive) co_return;
    auto* const whom = find(account);
    if (whom == nullptr) co_return;
    whom->connecting = false;
    if (connected.has_error()) {
        on_failure(*whom, connected.error().message());
        co_return;
    }
    auto& session = server_.on_stream(std::move(*connected), account);
    if (session.send_outbind(settings.password)) ++server_.counters_.outbinds;
}

}  // namespace hikyaku::gateway::io
