#include "gateway/io/names.hpp"

#include <fmt/format.h>

#include "gateway/io/logging.hpp"

namespace hikyaku::gateway::io {
namespace {

// A configuration has a host or a few for each carrier.
constexpr std::size_t kept_names_max = 4096;
constexpr std::size_t lookups_of_carrier_max = 256;

smpp::io::resolver_settings settings_of(const config::dns& wanted) {
    smpp::io::resolver_settings made;
    for (const auto& each : wanted.servers) {
        const bool v6 = each.host.find(':') != std::string::npos;
        made.dns.servers.push_back(v6 ? fmt::format("[{}]:{}", each.host, each.port)
                                      : fmt::format("{}:{}", each.host, each.port));
    }
    made.dns.timeout = wanted.timeout;
    made.dns.tries = static_cast<int>(wanted.tries);
    return made;
}

smpp::io::resolver_settings settings_for_carriers(const config::dns& wanted) {
    auto made = settings_of(wanted);
    made.kept_names_max = kept_names_max;
    made.lookups_per_owner_max = lookups_of_carrier_max;
    made.on_kept = [](const std::string& name, const boost::system::error_code& why) {
        log(log_level::warn, "a carrier's name is not resolved; its last addresses are used",
            {{"host", name}, {"error", why.message()}});
    };
    return made;
}

}  // namespace

names::names(const boost::asio::any_io_executor& executor, const config::dns& settings)
    : carriers(executor, settings_for_carriers(settings)),
      accounts(executor, settings_of(settings)) {}

}  // namespace hikyaku::gateway::io
