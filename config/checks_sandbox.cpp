// The checks of [sandbox]: a clock that is moved by hand has nothing to do with real phones.
#include <fmt/format.h>

#include "config/checks.hpp"
#include "config/values.hpp"

namespace hikyaku::config {
namespace {

/// By its text alone; no name but localhost is looked up.
bool is_loopback(std::string_view host) {
    if (host == "localhost" || host == "::1") return true;
    return host.starts_with("127.") && is_ip_address(host);
}

}  // namespace

std::vector<sandbox_fault> sandbox_faults(const settings& s) {
    std::vector<sandbox_fault> found;
    if (s.sandbox.clock == clock_kind::system) return found;
    for (std::size_t i = 0; i < s.carriers.size(); ++i) {
        const carrier& each = s.carriers[i];
        const auto add = [&](std::string_view key, const std::string& host) {
            if (host.empty() || is_loopback(host)) return;  // empty: its own fault has been told
            found.push_back(
                {fmt::format("carrier[{}].{}", i, key),
                 fmt::format("carrier '{}' must be on this machine (127.0.0.0/8, ::1 or "
                             "localhost), not at {}: [sandbox] has clock = \"virtual\"",
                             each.name, in_quotes(host))});
        };
        for (const address& where : each.hosts)
            add("hosts", where.host);
        if (each.outbind_listen) add("outbind_listen", each.outbind_listen->host);
    }
    return found;
}

void check_sandbox(const settings& s, reader& r) {
    for (const sandbox_fault& each : sandbox_faults(s))
        r.fault_at(each.path, each.sentence);
}

}  // namespace hikyaku::config
