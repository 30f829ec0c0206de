#include "gateway/links/classify.hpp"

#include <bit>

#include "gateway/links/agents.hpp"
#include "gateway/links/ascii.hpp"

namespace hikyaku::gateway::links {
namespace {

struct known_header {
    std::string_view name;
    std::string_view request_facts::*value;
};
constexpr known_header known_headers[] = {
    {"user-agent", &request_facts::user_agent},
    {"accept", &request_facts::accept},
    {"accept-language", &request_facts::accept_language},
    {"sec-purpose", &request_facts::sec_purpose},
    {"purpose", &request_facts::purpose},
    {"x-purpose", &request_facts::x_purpose},
    {"x-moz", &request_facts::x_moz},
    {"sec-fetch-mode", &request_facts::sec_fetch_mode},
    {"sec-fetch-dest", &request_facts::sec_fetch_dest},
    {"sec-fetch-user", &request_facts::sec_fetch_user},
};

constexpr std::string_view class_names[hit_class_count] = {"human_likely", "preview", "prefetch",
                                                           "scanner", "unknown"};

struct named_reason {
    hit_reason reason;
    std::string_view name;
};
constexpr named_reason named_reasons[] = {
    {hit_reason::head_method, "head_method"},
    {hit_reason::other_method, "other_method"},
    {hit_reason::prefetch_header, "prefetch_header"},
    {hit_reason::preview_header, "preview_header"},
    {hit_reason::preview_agent, "preview_agent"},
    {hit_reason::scanner_agent, "scanner_agent"},
    {hit_reason::crawler_agent, "crawler_agent"},
    {hit_reason::automation_agent, "automation_agent"},
    {hit_reason::app_agent, "app_agent"},
    {hit_reason::empty_agent, "empty_agent"},
    {hit_reason::no_accept, "no_accept"},
    {hit_reason::no_accept_language, "no_accept_language"},
    {hit_reason::old_http, "old_http"},
    {hit_reason::not_navigation, "not_navigation"},
    {hit_reason::too_soon, "too_soon"},
    {hit_reason::burst, "burst"},
    {hit_reason::mobile_browser, "mobile_browser"},
    {hit_reason::feature_phone_browser, "feature_phone_browser"},
    {hit_reason::desktop_browser, "desktop_browser"},
    {hit_reason::user_activation, "user_activation"},
};

template <typename... Reasons>
constexpr std::uint32_t bits(Reasons... reasons) {
    return (static_cast<std::uint32_t>(reasons) | ...);
}

constexpr std::uint32_t preview_evidence =
    bits(hit_reason::preview_header, hit_reason::preview_agent);
constexpr std::uint32_t program_evidence =
    bits(hit_reason::head_method, hit_reason::other_method, hit_reason::scanner_agent,
         hit_reason::crawler_agent, hit_reason::automation_agent, hit_reason::empty_agent,
         hit_reason::too_soon);
constexpr std::uint32_t oddities = bits(hit_reason::no_accept, hit_reason::no_accept_language,
                                        hit_reason::old_http, hit_reason::not_navigation);

/// Sec-Purpose: "prefetch" or "prefetch;prerender" (Fetch standard); the rest are older names of
/// the same.
bool announces_prefetch(const request_facts& facts) {
    for (const std::string_view value :
         {facts.sec_purpose, facts.purpose, facts.x_purpose, facts.x_moz})
        if (ascii::contains(value, "prefetch") || ascii::contains(value, "prerender")) return true;
    return false;
}

bool announces_preview(const request_facts& facts) {
    return ascii::contains(facts.purpose, "preview") || ascii::contains(facts.x_purpose, "preview");
}

/// Opening a page is mode "navigate" with destination "document" (Fetch metadata). Browsers without
/// these headers say nothing.
bool is_no_navigation(const request_facts& facts) {
    return (!facts.sec_fetch_mode.empty() && !ascii::equal(facts.sec_fetch_mode, "navigate")) ||
           (!facts.sec_fetch_dest.empty() && !ascii::equal(facts.sec_fetch_dest, "document"));
}

std::uint32_t agent_reasons(const agent_description& agent) {
    std::uint32_t reasons = 0;
    switch (agent.kind) {
        case agent_kind::none:
            break;
        case agent_kind::preview:
            reasons |= bits(hit_reason::preview_agent);
            break;
        case agent_kind::scanner:
            reasons |= bits(hit_reason::scanner_agent);
            break;
        case agent_kind::crawler:
            reasons |= bits(hit_reason::crawler_agent);
            break;
        case agent_kind::automation:
            reasons |= bits(hit_reason::automation_agent);
            break;
        case agent_kind::app:
            reasons |= bits(hit_reason::app_agent);
            break;
    }
    switch (agent.browser) {
        case browser_kind::none:
            break;
        case browser_kind::mobile:
            reasons |= bits(hit_reason::mobile_browser);
            break;
        case browser_kind::feature_phone:
            reasons |= bits(hit_reason::feature_phone_browser);
            break;
        case browser_kind::desktop:
            reasons |= bits(hit_reason::desktop_browser);
            break;
    }
    return reasons;
}

std::uint32_t gather(const request_facts& facts, const classify_limits& limits) {
    std::uint32_t reasons =
        agent_reasons(facts.agent ? *facts.agent : describe_agent(facts.user_agent));
    const auto add_if = [&](bool holds, hit_reason reason) {
        if (holds) reasons |= bits(reason);
    };
    add_if(facts.method == "HEAD", hit_reason::head_method);
    add_if(facts.method != "HEAD" && facts.method != "GET", hit_reason::other_method);
    add_if(announces_prefetch(facts), hit_reason::prefetch_header);
    add_if(announces_preview(facts), hit_reason::preview_header);
    add_if(facts.user_agent.find_first_not_of(" -") == std::string_view::npos,
           hit_reason::empty_agent);
    add_if(facts.accept.empty(), hit_reason::no_accept);
    add_if(facts.accept_language.empty(), hit_reason::no_accept_language);
    add_if(facts.http_version < 11, hit_reason::old_http);
    add_if(is_no_navigation(facts), hit_reason::not_navigation);
    add_if(facts.since_sent && *facts.since_sent < limits.too_soon, hit_reason::too_soon);
    add_if(facts.other_codes >= limits.burst_codes, hit_reason::burst);
    add_if(facts.sec_fetch_user == "?1", hit_reason::user_activation);
    return reasons;
}

hit_class conclude(const hit_verdict& gathered) {
    const std::uint32_t reasons = gathered.reasons;
    const bool feature_phone = gathered.has(hit_reason::feature_phone_browser);
    const bool phone = feature_phone || gathered.has(hit_reason::mobile_browser);

    if (gathered.has(hit_reason::prefetch_header)) return hit_class::prefetch;
    if ((reasons & preview_evidence) != 0) return hit_class::preview;
    if ((reasons & program_evidence) != 0) return hit_class::scanner;
    if (gathered.has(hit_reason::burst)) return phone ? hit_class::unknown : hit_class::scanner;
    if (gathered.has(hit_reason::app_agent)) {
        const bool silent = gathered.has(hit_reason::no_accept_language);
        return silent ? hit_class::scanner : hit_class::unknown;
    }
    if (feature_phone) return hit_class::human_likely;
    const int odd = std::popcount(reasons & oddities);
    if (odd > 0) return odd == 1 ? hit_class::unknown : hit_class::scanner;
    return phone || gathered.has(hit_reason::desktop_browser) ? hit_class::human_likely
                                                              : hit_class::unknown;
}

}  // namespace

bool add_header(request_facts& facts, std::string_view name, std::string_view value) {
    for (const known_header& header : known_headers) {
        if (!ascii::equal(name, header.name)) continue;
        if ((facts.*header.value).empty()) facts.*header.value = value;
        return true;
    }
    return false;
}

hit_verdict classify(const request_facts& facts, const classify_limits& limits) {
    hit_verdict verdict;
    verdict.reasons = gather(facts, limits);
    verdict.kind = conclude(verdict);
    return verdict;
}

std::string_view to_string(hit_class kind) {
    const auto index = static_cast<std::size_t>(kind);
    return index < hit_class_count ? class_names[index] : "unknown";
}

std::vector<std::string_view> reason_names(std::uint32_t reasons) {
    std::vector<std::string_view> names;
    for (const named_reason& known : named_reasons)
        if ((reasons & bits(known.reason)) != 0) names.push_back(known.name);
    return names;
}

}  // namespace hikyaku::gateway::links
