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
    preview = 1,   // a preview card
    prefetch = 2,  // a browser fetching ahead of a tap that may never come
    scanner = 3,   // security scanners, crawlers, tools and other programs
    unknown = 4    // evidence on neither side, or on both
};
inline constexpr std::size_t hit_class_count = 5;

/// Stored bits: append only. Evidence for a person begins at bit 16.
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
    not_navigation = 1U << 13,  // Sec-Fetch-* say it is no page being opened
    too_soon = 1U << 14,        // before a person can have read the message
    burst = 1U << 15,           // many other links from the same network
    mobile_browser = 1U << 16,
    feature_phone_browser = 1U << 17,
    desktop_browser = 1U << 18,
    user_activation = 1U << 19  // Sec-Fetch-User: a tap or click
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
    /// Since the message was handed to the carrier; empty = not known. Negative counts as too soon.
    std::optional<std::chrono::milliseconds> since_sent;
    /// Other codes the same network has opened lately: recent_hits::note().
    std::uint32_t other_codes = 0;
    /// What user_agent says, if that is known already; empty: classify() looks.
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

/// In this order: fetched ahead -> prefetch; preview program -> preview; HEAD or another method,
/// scanner, crawler, tool, no user agent, too soon -> scanner. A burst makes a phone unknown (it
/// may share its network with many) and anything else a scanner. Then missing or odd headers: one
/// -> unknown, two -> scanner, except from feature phones, which send few. What is left is
/// human_likely if it is a browser, unknown if not.
[[nodiscard]] hit_verdict classify(const request_facts& facts, const classify_limits& limits = {});

/// "human_likely", "preview", ...; "unknown" for a value that is none of the class's.
[[nodiscard]] std::string_view to_string(hit_class kind);

/// The names of the bits that are set ("head_method", ...), lowest bit first; unknown bits are
/// skipped.
[[nodiscard]] std::vector<std::string_view> reason_names(std::uint32_t reasons);

}  // namespace hikyaku::gateway::links
