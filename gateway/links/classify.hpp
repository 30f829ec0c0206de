// Tells people from programs among those who request a link. Chat programs draw previews, browsers
// fetch ahead, carriers and mail gateways scan what passes through them, and a debtor must not
// count as having seen a message because one of them did. The redirector fills request_facts for
// each hit and stores class and reasons, so that figures can be made anew when the rules change.
// Every signal is looked at, whatever the others say. Pure, any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "gateway/links/agents.hpp"

namespace hikyaku::gateway::links {

/// Stored values: append only.
enum class hit_class : std::uint8_t {
    human_likely = 0,
    preview = 1,    // a preview card
    prefetch = 2,   // a browser fetching ahead of a tap that may never come
    scanner = 3,    // security scanners, search engines and the like
    unknown = 4,    // evidence on neither side, or on both
    automation = 5  // command-line tools, HTTP libraries, remote-controlled browsers
};
inline constexpr std::size_t hit_class_count = 6;

/// Stored bits: append only.
enum class hit_reason : std::uint32_t {
    head_method = 1U << 0,
    other_method = 1U << 1,  // neither GET nor HEAD
    prefetch_header = 1U << 2,
    preview_header = 1U << 3,
    preview_agent = 1U << 4,
    scanner_agent = 1U << 5,
    crawler_agent = 1U << 6,
    automation_agent = 1U << 7,
    app_agent = 1U << 8,
    empty_agent = 1U << 9,
    no_accept = 1U << 10,
    no_accept_language = 1U << 11,
    old_http = 1U << 12,        // HTTP/1.0 or older
    not_navigation = 1U << 13,  // Sec-Fetch-* or X-Requested-With say it is no page being opened
    too_soon = 1U << 14,        // before a person can have read the message
    burst = 1U << 15,           // many other links from the same network
    mobile_browser = 1U << 16,
    feature_phone_browser = 1U << 17,
    desktop_browser = 1U << 18,
    user_activation = 1U << 19,     // Sec-Fetch-User: a tap or click
    in_app_browser = 1U << 20,      // a browser inside an app
    preview_network = 1U << 21,     // the operator's list says so of the address
    scanner_network = 1U << 22,     // likewise
    automation_network = 1U << 23,  // likewise
    no_page_accepted = 1U << 24,    // Accept names no kind of page, as all browsers do
    odd_client_hints = 1U << 25,    // Sec-CH-UA-Platform contradicts the user agent
    outdated_browser = 1U << 26,    // of a desktop, years without updates
    automation_hint = 1U << 27,     // Sec-CH-UA names a browser without a screen
    from_header = 1U << 28          // From: the address of a robot's owner; no browser sends it
};

/// What is known about one request. Header values as received, empty = absent; views into the
/// caller's buffers. Fill headers with add_header().
struct request_facts {
    std::string_view method;  // in upper case, as HTTP has it
    unsigned http_version = 11;
    std::string_view user_agent;
    std::string_view accept;
    std::string_view accept_language;
    std::string_view sec_purpose;
    std::string_view purpose;
    std::string_view x_purpose;
    std::string_view x_moz;
    std::string_view sec_fetch_mode;
    std::string_view sec_fetch_dest;
    std::string_view sec_fetch_user;
    std::string_view sec_ch_ua;
    std::string_view sec_ch_ua_platform;
    std::string_view x_requested_with;
    std::string_view from;
    /// Since the message was handed to the carrier; empty = not known. Negative counts as too soon.
    std::optional<std::chrono::milliseconds> since_sent;
    /// Other codes the same network has opened lately: recent_hits::note().
    std::uint32_t other_codes = 0;
    /// What the operator's list says of the address: network_list::says_of().
    std::uint8_t network_says = 0;
    /// What user_agent says, if that is known already; empty: classify() asks the program's lists.
    std::optional<agent_description> agent;
};

/// Keeps the header if it matters here (name in any case); the first of several wins. Returns
/// whether it does.
bool add_header(request_facts& facts, std::string_view name, std::string_view value);

struct classify_limits {
    /// No short message arrives, is read and is tapped in less.
    std::chrono::milliseconds too_soon{2000};
    /// This many other codes make a burst. Carriers put thousands of phones behind one network, so
    /// it must stay well above what a bulk run brings in a minute; recent_hits counts to 16.
    std::uint32_t burst_codes = 10;
};

struct hit_verdict {
    hit_class kind = hit_class::unknown;
    std::uint32_t reasons = 0;  // hit_reason bits
    [[nodiscard]] bool has(hit_reason reason) const {
        return (reasons & static_cast<std::uint32_t>(reason)) != 0;
    }
    bool operator==(const hit_verdict&) const = default;
};

/// Every rule is evaluated by itself and leaves its reason; then class_of() concludes.
[[nodiscard]] hit_verdict classify(const request_facts& facts, const classify_limits& limits = {});

/// The class that reasons stand for, in this order: fetched ahead -> prefetch; preview program or
/// network -> preview; scanner -> scanner; tool -> automation; crawler, HEAD or another method, no
/// user agent, too soon -> scanner. A burst makes a phone unknown (it may share its network with
/// many) and anything else a scanner. Then missing or odd headers: one -> unknown, two -> scanner,
/// except from feature phones, which send few. What is left is human_likely if it is a browser,
/// unknown if not.
[[nodiscard]] hit_class class_of(std::uint32_t reasons);

/// No program's name or way to ask speaks against a person: the class may rest on what was missing,
/// on the time, on the network, or on being fetched ahead. A page's own asset tells more then.
[[nodiscard]] bool may_be_a_person(std::uint32_t reasons);

/// A stored hit, looked at again by other lists: what its user agent and its network say is made
/// anew, the rest of its reasons stays. Of a user agent that was cut when it was stored, and of a
/// network that is only partly in a list, what was said before stays too.
struct stored_hit {
    std::uint32_t reasons = 0;
    std::string_view network;     // "203.0.113.0/24"
    std::string_view user_agent;  // at most `user_agent_octets_max` of them
    std::size_t user_agent_octets_max = 0;
};
struct hit_lists;
[[nodiscard]] hit_verdict classify_again(const stored_hit& hit, const hit_lists& lists);

/// The reasons that a user agent gives by itself.
[[nodiscard]] std::uint32_t reasons_of(const agent_description& agent);
/// The same of bits as network_list has them.
[[nodiscard]] std::uint32_t reasons_of_network(std::uint8_t says);

/// "human_likely", "preview", ...; "unknown" for a value that is none of the class's.
[[nodiscard]] std::string_view to_string(hit_class kind);

/// The names of the bits that are set ("head_method", ...), lowest bit first; unknown bits are
/// skipped.
[[nodiscard]] std::vector<std::string_view> reason_names(std::uint32_t reasons);

}  // namespace hikyaku::gateway::links
