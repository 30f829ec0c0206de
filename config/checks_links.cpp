// What [[account]] says of its links: domains that are hosts and belong to nobody else, targets
// that can be understood, and an announcement that fits a page.
#include <fmt/format.h>

#include <map>

#include "config/checks.hpp"
#include "config/link_domains.hpp"

namespace hikyaku::config {
namespace {

constexpr std::size_t announced_octets_max = 1000;
constexpr std::size_t samples_max = 20;

class link_checker {
public:
    link_checker(const settings& s, reader& r) : s_(s), r_(r) {}

    void run() {
        for (std::size_t i = 0; i < s_.accounts.size(); ++i) {
            const account& a = s_.accounts[i];
            path_ = fmt::format("account[{}]", i);
            name_ = a.name;
            check_domains(a);
            for (const std::string& target : a.links.targets)
                if (!is_target_pattern(target))
                    fault("links.targets",
                          fmt::format("has the target \"{}\": write a host in lower case such as "
                                      "\"shop.example\" or \"*.shop.example\", perhaps with the "
                                      "beginning of a path",
                                      target));
            if (a.announce) check_announce(*a.announce);
        }
        for (std::size_t i = 0; i < s_.accounts.size(); ++i) {
            const account& a = s_.accounts[i];
            const auto owner = owners_.find(host_of_url(a.links.base_url));
            if (owner == owners_.end() || owner->second == a.name) continue;
            path_ = fmt::format("account[{}]", i);
            name_ = a.name;
            fault("links.base_url", fmt::format("has a 'base_url' under the link domain '{}' of "
                                                "account '{}'",
                                                owner->first, owner->second));
        }
    }

private:
    void fault(std::string_view key, const std::string& sentence) {
        r_.fault_at(fmt::format("{}.{}", path_, key),
                    fmt::format("account '{}' {}", name_, sentence));
    }

    void check_domains(const account& a) {
        const std::string general = host_of_url(s_.links.base_url);
        for (const std::string& domain : a.links.domains) {
            if (!is_domain_name(domain)) {
                fault("links.domains", fmt::format("has the link domain \"{}\": write a host in "
                                                   "lower case such as \"pay.example\"",
                                                   domain));
                continue;
            }
            if (domain == general)
                fault("links.domains",
                      fmt::format("has the link domain '{}', which is that of [server.links] and "
                                  "of every account without one",
                                  domain));
            const auto [owner, added] = owners_.emplace(domain, a.name);
            if (!added)
                fault("links.domains", fmt::format("has the link domain '{}', which account '{}' "
                                                   "has already",
                                                   domain, owner->second));
        }
    }

    void check_announce(const account_announce& what) {
        const auto check = [this](std::string_view key, const std::string& text) {
            if (text.size() > announced_octets_max)
                fault(fmt::format("announce.{}", key),
                      fmt::format("announces a text of more than {} octets", announced_octets_max));
        };
        check("name", what.name);
        check("how_to_check", what.how_to_check);
        check("contact", what.contact);
        for (const std::string& sample : what.samples)
            check("samples", sample);
        if (what.samples.size() > samples_max)
            fault("announce.samples", fmt::format("announces more than {} samples", samples_max));
    }

    const settings& s_;
    reader& r_;
    std::string path_, name_;
    std::map<std::string, std::string> owners_;
};

}  // namespace

void check_account_links(const settings& s, reader& r) {
    link_checker{s, r}.run();
}

}  // namespace hikyaku::config
