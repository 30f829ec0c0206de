// What the configuration says of tracked links: the redirector's section, and that of an account.
// Part of settings.hpp, which everybody includes.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/network_settings.hpp"

namespace hikyaku::config {

/// What a hit outlives that was answered: the death of the process, or that of the machine.
enum class hits_survive { automatic, process, power };

struct links_server {
    std::optional<address> listen;   // no redirector without it
    std::string base_url;            // "https://pay.example"; links are base_url + "/" + code
    std::uint32_t code_length = 10;  // base58 characters, 10 to 32
    std::chrono::hours expires_after{24 * 90};
    rate_limit misses_per_network = rate{20, milliseconds{60000}};  // unknown codes, per /24 or /64
    rate_limit misses_in_total = rate{1200, milliseconds{60000}};   // likewise, of all networks
    rate_limit reports_per_network = rate{5, milliseconds{3600000}};  // of abuse
    std::uint32_t hits_pending_max = 100000;
    config::hits_survive survive = hits_survive::automatic;  // power, where an account has a policy
    std::vector<network> trusted_proxies;                    // whose X-Forwarded-For is believed
    std::string agents_file;                                 // a list of user agents; empty = none
    std::vector<link_network> networks;
    bool operator==(const links_server&) const = default;
};

struct account_links {
    bool track = false;    // rewrite URLs of every message; a message may still say otherwise
    std::string base_url;  // empty: the first of `domains`, or links_server.base_url
    std::vector<std::string> domains;  // hosts in lower case that answer the account's links
    /// Hosts, perhaps with a path, to which links may lead; empty = anywhere.
    std::vector<std::string> targets;
    bool operator==(const account_links&) const = default;
};

/// What the page says by which people check a message of the account.
struct account_announce {
    std::string name;                  // of the business, as people know it
    std::vector<std::string> samples;  // texts that it sends, without anybody's data
    std::string how_to_check;          // a sentence or a few
    std::string contact;               // a phone number or address that people know already
    bool operator==(const account_announce&) const = default;
};

}  // namespace hikyaku::config
